import {
  createHashHistory,
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Link,
  Outlet,
  redirect,
  useLocation,
  useNavigate,
  useParams,
} from '@tanstack/react-router';
import { isExpired, session, type CollectionType } from '@/api';
import { buttonClass, StateView } from '@/components';
import { ForgottenPasswordPage, LoginPage } from '@/features/auth';
import { DataPage } from '@/features/collections';
import { RecordsPage } from '@/features/records';
import { LimitsPage, MailPage, SuperusersPage } from '@/features/settings';
import { SetupGuide, SetupPage } from '@/features/setup';
import { messages } from '@/messages.en';
import { Crash } from './Crash';
import { safeNext } from './nextRoute';
import { parseSearch, stringifySearch } from './search';
import { Shell } from './Shell';

const words = messages.notFound;

const NotFound = () => (
  <main className="h-full overflow-y-auto">
    <StateView heading="h1" picture="missing" title={words.title} body={words.body}>
      <Link to="/c" className={buttonClass()}>
        {words.act}
      </Link>
    </StateView>
  </main>
);

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

type RecordsSearch = { sort?: string; q?: string; filter?: string; from?: string };

/** Without what is empty, so that it does not stand in the address. */
const filled = (search: { [K in keyof RecordsSearch]: string | undefined }): RecordsSearch =>
  Object.fromEntries(Object.entries(search).filter(([, value]) => text(value) !== undefined));

// Shaping collections is not part of the first screen, so its script comes when it is asked for.
const shaping = () => import('@/features/collections/pages');
const NewCollectionPage = lazyRouteComponent(shaping, 'NewCollectionPage');

const rootRoute = createRootRouteWithContext()({
  component: Outlet,
  notFoundComponent: NotFound,
  errorComponent: Crash,
});

const homeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/c', replace: true });
  },
});

const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/login',
  validateSearch: ({ next }: Record<string, unknown>): { next?: string } => {
    const route = text(next);
    return route === undefined ? {} : { next: route };
  },
  beforeLoad: ({ search: { next } }) => {
    const token = session.get()?.token;
    if (token !== undefined && !isExpired(token)) throw redirect({ href: safeNext(next), replace: true });
  },
  component: function Login() {
    const { next } = loginRoute.useSearch();
    const navigate = useNavigate();
    return <LoginPage onSignedIn={() => void navigate({ href: safeNext(next), replace: true })} />;
  },
});

const forgottenPasswordRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/forgotten-password',
  component: function ForgottenPassword() {
    // In the state of the history, so that the address never stands in the address bar.
    const { email = '' } = useLocation().state;
    return <ForgottenPasswordPage email={email} />;
  },
});

const guideRoute = createRoute({ getParentRoute: () => rootRoute, path: '/setup', component: SetupGuide });

const setupRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/pbinstall/$token',
  component: function Setup() {
    const { token } = setupRoute.useParams();
    const navigate = useNavigate();
    return <SetupPage key={token} token={token} onDone={() => void navigate({ to: '/c', replace: true })} />;
  },
});

// Links of older dashboards: `#/collections?collection=orders`.
const oldCollectionsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/collections',
  beforeLoad: ({ search }) => {
    const { collection } = search as Record<string, unknown>;
    const name = text(collection);
    if (name === undefined) throw redirect({ to: '/c', replace: true });
    throw redirect({ to: '/c/$collection', params: { collection: name }, replace: true });
  },
});

const signedInRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'signedIn',
  beforeLoad: ({ location }) => {
    const token = session.get()?.token;
    if (token !== undefined && !isExpired(token)) return;
    session.expire();
    throw redirect({ to: '/login', search: { next: location.href }, replace: true });
  },
  component: Shell,
});

const dataRoute = createRoute({ getParentRoute: () => signedInRoute, path: '/c', component: DataPage });

const recordsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/c/$collection',
  validateSearch: ({ sort, q, filter, from }: Record<string, unknown>): RecordsSearch =>
    filled({ sort: text(sort), q: text(q), filter: text(filter), from: text(from) }),
  // The record stands over the same grid, so one component shows both routes.
  component: function Records() {
    const { collection } = recordsRoute.useParams();
    const { id } = useParams({ strict: false });
    const { from, ...query } = recordsRoute.useSearch();
    const navigate = useNavigate();
    return (
      <RecordsPage
        nameOrId={collection}
        recordId={id}
        from={from}
        query={query}
        onQuery={(next, replace = false) =>
          void navigate({ to: '.', search: filled({ ...next, from }), replace })
        }
        onOpen={(next, { from: source, replace = false } = {}) =>
          void (next === undefined
            ? navigate({ to: '/c/$collection', params: { collection }, search: query })
            : navigate({
                to: '/c/$collection/r/$id',
                params: { collection, id: next },
                search: filled({ ...query, from: source }),
                replace,
              }))
        }
      />
    );
  },
});

const recordRoute = createRoute({ getParentRoute: () => recordsRoute, path: '/r/$id' });

const isCollectionType = (value: unknown): value is CollectionType =>
  value === 'base' || value === 'auth' || value === 'view';

const newCollectionRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/new',
  validateSearch: ({ type, from }: Record<string, unknown>): { type?: CollectionType; from?: string } => {
    const source = text(from);
    return {
      ...(isCollectionType(type) ? { type } : {}),
      ...(source === undefined ? {} : { from: source }),
    };
  },
  component: function NewCollection() {
    const { type = 'base', from } = newCollectionRoute.useSearch();
    const navigate = useNavigate();
    return (
      <NewCollectionPage
        type={type}
        from={from}
        onType={(next) => void navigate({ to: '/new', search: { type: next }, replace: true })}
        onCreated={({ name }) => void navigate({ to: '/c/$collection', params: { collection: name } })}
      />
    );
  },
});

// The tabs that shape a collection share one draft, which lives as long as this route.
const shapeRoute = createRoute({
  getParentRoute: () => signedInRoute,
  id: 'shape',
  component: lazyRouteComponent(shaping, 'CollectionFrame'),
});

const ApiPage = lazyRouteComponent(shaping, 'ApiPage');
const SchemaPage = lazyRouteComponent(shaping, 'SchemaPage');

const schemaRoutes = [
  createRoute({
    getParentRoute: () => signedInRoute,
    path: '/schema/export',
    component: () => <SchemaPage part="export" />,
  }),
  createRoute({
    getParentRoute: () => signedInRoute,
    path: '/schema/import',
    component: () => <SchemaPage part="import" />,
  }),
] as const;

const apiRoute = createRoute({
  getParentRoute: () => shapeRoute,
  path: '/c/$collection/api',
  validateSearch: ({ call, lang }: Record<string, unknown>): { call?: string; lang?: string } => ({
    ...(typeof call === 'string' ? { call } : {}),
    ...(typeof lang === 'string' ? { lang } : {}),
  }),
  component: function Api() {
    const { call, lang } = apiRoute.useSearch();
    const navigate = useNavigate();
    return (
      <ApiPage
        call={call}
        language={lang}
        onChoose={(next, language) =>
          void navigate({ to: '.', search: { call: next, lang: language }, replace: true })
        }
      />
    );
  },
});

const shapeRoutes = [
  apiRoute,
  createRoute({
    getParentRoute: () => shapeRoute,
    path: '/c/$collection/fields',
    component: lazyRouteComponent(shaping, 'FieldsPage'),
  }),
  createRoute({
    getParentRoute: () => shapeRoute,
    path: '/c/$collection/rules',
    component: lazyRouteComponent(shaping, 'RulesPage'),
  }),
  createRoute({
    getParentRoute: () => shapeRoute,
    path: '/c/$collection/options',
    component: lazyRouteComponent(shaping, 'OptionsPage'),
  }),
] as const;

const settingsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/settings',
  beforeLoad: ({ location }) => {
    if (location.pathname === '/settings') throw redirect({ to: '/settings/mail', replace: true });
  },
});

const settingsRoutes = [
  createRoute({ getParentRoute: () => settingsRoute, path: '/mail', component: MailPage }),
  createRoute({ getParentRoute: () => settingsRoute, path: '/limits', component: LimitsPage }),
  createRoute({ getParentRoute: () => settingsRoute, path: '/superusers', component: SuperusersPage }),
] as const;

const routeTree = rootRoute.addChildren([
  homeRoute,
  loginRoute,
  forgottenPasswordRoute,
  guideRoute,
  setupRoute,
  oldCollectionsRoute,
  signedInRoute.addChildren([
    dataRoute,
    recordsRoute.addChildren([recordRoute]),
    newCollectionRoute,
    ...schemaRoutes,
    shapeRoute.addChildren(shapeRoutes),
    settingsRoute.addChildren(settingsRoutes),
  ]),
]);

export const createAppRouter = () =>
  createRouter({
    routeTree,
    history: createHashHistory(),
    parseSearch,
    stringifySearch,
    defaultPreload: false,
    defaultErrorComponent: Crash,
  });

export type AppRouter = ReturnType<typeof createAppRouter>;

declare module '@tanstack/react-router' {
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- merged into the router's own
  interface Register {
    router: AppRouter;
  }
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- merged into the router's own
  interface HistoryState {
    /** What was typed into the sign-in, for the page of the forgotten password. */
    email?: string;
  }
}
