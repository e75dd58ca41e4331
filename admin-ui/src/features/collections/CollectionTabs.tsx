import { Link, useParams } from '@tanstack/react-router';
import type { Collection } from '@/api';
import { Icon } from '@/components';
import { messages } from '@/messages.en';
import type { Problems } from './shape/problems';

const words = messages.fields.tabs;

const tab =
  'flex h-12 shrink-0 items-center gap-1.5 border-b-2 border-transparent px-3 text-grid text-muted -outline-offset-2 hover:text-text aria-[current=page]:border-accent aria-[current=page]:font-medium aria-[current=page]:text-text sm:coarse:h-14';

const ruleKeys = new Set(['listRule', 'viewRule', 'createRule', 'updateRule', 'deleteRule']);
const fieldKeys = new Set(['name', 'fields', 'indexes', 'viewQuery', 'id', 'type']);

export type TabName = 'fields' | 'rules' | 'options';

/** The tab on which a person sees what a problem is about. */
export const tabOf = (path: string): TabName => {
  const [first = ''] = path.split('.');
  if (ruleKeys.has(first)) return 'rules';
  return fieldKeys.has(first) ? 'fields' : 'options';
};

const Mark = ({ problems, name }: { problems: Problems; name: TabName }) =>
  Object.keys(problems).some((path) => tabOf(path) === name) ? (
    <span className="text-danger">
      <Icon name="warning" className="size-3.5" />
      <span className="sr-only">{words.hasProblems}</span>
    </span>
  ) : null;

type CollectionTabsProps = { collection: Collection; problems?: Problems };

/** The ways to look at a collection. */
export const CollectionTabs = ({ collection, problems = {} }: CollectionTabsProps) => {
  // A record stands over the grid, so its address is that tab's as well.
  const isRecord = useParams({ strict: false }).id !== undefined;
  const common = {
    params: { collection: collection.name },
    className: tab,
    activeProps: { 'aria-current': 'page' },
  } as const;
  return (
    <nav aria-label={words.label(collection.name)} className="-mb-px flex min-w-0 overflow-x-auto">
      <Link
        to="/c/$collection"
        activeOptions={{ exact: true, includeSearch: false }}
        {...common}
        {...(isRecord ? { 'aria-current': 'page' } : {})}
      >
        {words.records}
      </Link>
      <Link to="/c/$collection/fields" {...common}>
        {collection.type === 'view' ? words.query : words.fields}
        <Mark problems={problems} name="fields" />
      </Link>
      <Link to="/c/$collection/rules" {...common}>
        {words.rules}
        <Mark problems={problems} name="rules" />
      </Link>
      {collection.type === 'auth' ? (
        <Link to="/c/$collection/options" {...common}>
          {words.options}
          <Mark problems={problems} name="options" />
        </Link>
      ) : null}
      <Link to="/c/$collection/api" activeOptions={{ includeSearch: false }} {...common}>
        {words.api}
      </Link>
    </nav>
  );
};
