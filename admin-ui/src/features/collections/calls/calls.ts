import type { Collection, Field } from '@/api';
import { exampleBody, shellQuote } from '../callExample';

// How each call is written in the languages people use, with the fields of the collection at hand.

export const languages = ['js', 'dart', 'curl'] as const;
export type Language = (typeof languages)[number];

export const recordCalls = ['list', 'view', 'create', 'update', 'delete', 'realtime'] as const;
export const authCalls = ['password', 'otp', 'oauth2', 'refresh', 'reset', 'verify'] as const;
export type CallName = (typeof recordCalls)[number] | (typeof authCalls)[number];

/** The calls that lead somewhere: of a view nothing is written, and people sign in only as it is set up. */
export const callsOf = (collection: Collection): CallName[] => {
  if (collection.type === 'view') return ['list', 'view'];
  if (collection.type === 'base') return [...recordCalls];
  const isOn = (key: string) => {
    const option = collection[key];
    return typeof option === 'object' && option !== null && 'enabled' in option && option.enabled === true;
  };
  const offered: Partial<Record<CallName, boolean>> = {
    password: isOn('passwordAuth'),
    otp: isOn('otp'),
    oauth2: isOn('oauth2'),
  };
  return [...recordCalls, ...authCalls.filter((name) => offered[name] ?? true)];
};

const id = 'RECORD_ID';

const sortable = (collection: Collection): string => {
  const date = collection.fields.find(({ type }) => type === 'autodate');
  return date ? `-${date.name}` : 'id';
};

/** A filter that means something for the first field it can be written for. */
export const exampleFilter = ({ fields }: Collection): string => {
  const filters: Partial<Record<Field['type'], (field: Field) => string>> = {
    select: (field) => (field.type === 'select' ? `${field.name} = "${field.values[0] ?? ''}"` : ''),
    bool: ({ name }) => `${name} = true`,
    number: ({ name }) => `${name} > 0`,
    text: ({ name }) => `${name} ~ "a"`,
    email: ({ name }) => `${name} ~ "example"`,
    date: ({ name }) => `${name} >= @todayStart`,
  };
  for (const [type, write] of Object.entries(filters)) {
    const field = fields.find((one) => one.type === type && !one.hidden && one.name !== 'id');
    if (field) return write(field);
  }
  return 'id != ""';
};

/** A change of one field. */
const exampleChange = (collection: Collection): Record<string, unknown> => {
  const entries = Object.entries(exampleBody(collection));
  const own = entries.filter(([name]) => !['email', 'password', 'passwordConfirm'].includes(name));
  return Object.fromEntries(own.slice(0, 1));
};

const indent = (text: string, by: string): string => text.replaceAll('\n', `\n${by}`);
const json = (value: unknown): string => JSON.stringify(value, null, 2);
const single = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
// Dart reads a dollar sign in a text as the start of a variable.
const dart = (text: string): string => single(text).replaceAll('$', '\\$');
const dartJson = (value: unknown): string => json(value).replaceAll('$', '\\$');

type Parts = { collection: Collection; base: string };

const js = ({ collection, base }: Parts, call: CallName): string => {
  const it = `pb.collection(${single(collection.name)})`;
  const lines: Record<CallName, string> = {
    list: `const page = await ${it}.getList(1, 50, {\n  filter: ${single(exampleFilter(collection))},\n  sort: ${single(sortable(collection))},\n});`,
    view: `const record = await ${it}.getOne('${id}');`,
    create: `const record = await ${it}.create(${json(exampleBody(collection))});`,
    update: `const record = await ${it}.update('${id}', ${json(exampleChange(collection))});`,
    delete: `await ${it}.delete('${id}');`,
    realtime: `await ${it}.subscribe('*', (event) => {\n  console.log(event.action, event.record);\n});`,
    password: `const { token, record } = await ${it}.authWithPassword('ana@example.org', 'a-long-password');`,
    otp: `const { otpId } = await ${it}.requestOTP('ana@example.org');\nconst { token, record } = await ${it}.authWithOTP(otpId, 'CODE_OF_THE_MAIL');`,
    oauth2: `const { token, record } = await ${it}.authWithOAuth2({ provider: ${single(providerOf(collection))} });`,
    refresh: `const { token, record } = await ${it}.authRefresh();`,
    reset: `await ${it}.requestPasswordReset('ana@example.org');`,
    verify: `await ${it}.requestVerification('ana@example.org');`,
  };
  return `import PocketBase from 'pocketbase';\n\nconst pb = new PocketBase(${single(base)});\n\n${lines[call]}`;
};

const inDart = ({ collection, base }: Parts, call: CallName): string => {
  const it = `pb.collection(${dart(collection.name)})`;
  const body = (value: unknown) => `body: <String, dynamic>${indent(dartJson(value), '  ')}`;
  const lines: Record<CallName, string> = {
    list: `final page = await ${it}.getList(\n  page: 1,\n  perPage: 50,\n  filter: ${dart(exampleFilter(collection))},\n  sort: ${dart(sortable(collection))},\n);`,
    view: `final record = await ${it}.getOne('${id}');`,
    create: `final record = await ${it}.create(\n  ${body(exampleBody(collection))},\n);`,
    update: `final record = await ${it}.update('${id}',\n  ${body(exampleChange(collection))},\n);`,
    delete: `await ${it}.delete('${id}');`,
    realtime: `await ${it}.subscribe('*', (event) {\n  print('\${event.action} \${event.record}');\n});`,
    password: `final auth = await ${it}.authWithPassword('ana@example.org', 'a-long-password');`,
    otp: `final request = await ${it}.requestOTP('ana@example.org');\nfinal auth = await ${it}.authWithOTP(request.otpId, 'CODE_OF_THE_MAIL');`,
    oauth2: `final auth = await ${it}.authWithOAuth2(${dart(providerOf(collection))}, (url) async {\n  await launchUrl(url);\n});`,
    refresh: `final auth = await ${it}.authRefresh();`,
    reset: `await ${it}.requestPasswordReset('ana@example.org');`,
    verify: `await ${it}.requestVerification('ana@example.org');`,
  };
  const imports = [
    "import 'package:pocketbase/pocketbase.dart';",
    ...(call === 'oauth2' ? ["import 'package:url_launcher/url_launcher.dart';"] : []),
  ].join('\n');
  return `${imports}\n\nfinal pb = PocketBase(${dart(base)});\n\n${lines[call]}`;
};

const providerOf = ({ oauth2 }: Collection): string => {
  const providers: unknown =
    typeof oauth2 === 'object' && oauth2 !== null && 'providers' in oauth2 ? oauth2.providers : [];
  const first: unknown = Array.isArray(providers) ? providers[0] : undefined;
  return typeof first === 'object' && first !== null && 'name' in first && typeof first.name === 'string'
    ? first.name
    : 'google';
};

const curl = ({ collection, base }: Parts, call: CallName): string => {
  const root = `${base}/api/collections/${encodeURIComponent(collection.name)}`;
  const token = '-H "Authorization: $TOKEN"';
  const lines = (...parts: string[]) => parts.join(' \\\n  ');
  const send = (method: string, url: string, body: unknown, isSigned = true) =>
    lines(
      `curl -X ${method} ${url}`,
      ...(isSigned ? [token] : []),
      '-H "Content-Type: application/json"',
      `-d ${shellQuote(json(body))}`,
    );
  const mail = { email: 'ana@example.org' };
  const written: Record<CallName, () => string> = {
    list: () =>
      lines(
        `curl -G ${root}/records`,
        token,
        `--data-urlencode ${shellQuote(`filter=${exampleFilter(collection)}`)}`,
        `-d sort=${sortable(collection)} -d perPage=50`,
      ),
    view: () => lines(`curl ${root}/records/${id}`, token),
    create: () => send('POST', `${root}/records`, exampleBody(collection)),
    update: () => send('PATCH', `${root}/records/${id}`, exampleChange(collection)),
    delete: () => lines(`curl -X DELETE ${root}/records/${id}`, token),
    realtime: () =>
      [
        '# The first event tells the id of the connection.',
        `curl -N ${base}/api/realtime`,
        '',
        '# From another terminal:',
        send('POST', `${base}/api/realtime`, {
          clientId: 'CLIENT_ID',
          subscriptions: [`${collection.name}/*`],
        }),
      ].join('\n'),
    password: () =>
      send(
        'POST',
        `${root}/auth-with-password`,
        { identity: mail.email, password: 'a-long-password' },
        false,
      ),
    otp: () =>
      [
        send('POST', `${root}/request-otp`, mail, false),
        '',
        send('POST', `${root}/auth-with-otp`, { otpId: 'OTP_ID', password: 'CODE_OF_THE_MAIL' }, false),
      ].join('\n'),
    oauth2: () =>
      [
        '# Tells the address to sign in at, and the code verifier.',
        `curl ${root}/auth-methods`,
        '',
        send(
          'POST',
          `${root}/auth-with-oauth2`,
          {
            provider: providerOf(collection),
            code: 'CODE',
            codeVerifier: 'CODE_VERIFIER',
            redirectURL: 'https://app.example.org/signed-in',
          },
          false,
        ),
      ].join('\n'),
    refresh: () => lines(`curl -X POST ${root}/auth-refresh`, token),
    reset: () => send('POST', `${root}/request-password-reset`, mail, false),
    verify: () => send('POST', `${root}/request-verification`, mail, false),
  };
  return written[call]();
};

/** A call as it is copied; `base` is the address of the server, without a slash at its end. */
export const writeCall = (
  collection: Collection,
  call: CallName,
  language: Language,
  base: string,
): string => {
  const parts = { collection, base };
  if (language === 'js') return js(parts, call);
  return language === 'dart' ? inDart(parts, call) : curl(parts, call);
};
