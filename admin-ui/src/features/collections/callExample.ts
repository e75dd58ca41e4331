import { apiBase, type Collection, type Field } from '@/api';

export const shellQuote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const call = (path: string, body: unknown): string =>
  [
    `curl ${apiBase().href}${path} \\`,
    `  -H "Authorization: $TOKEN" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d ${shellQuote(JSON.stringify(body, null, 2))}`,
  ].join('\n');

/** A call that makes a small collection. */
export const createCollectionCall = (): string =>
  call('collections', {
    name: 'notes',
    type: 'base',
    fields: [
      { name: 'title', type: 'text', required: true, presentable: true },
      { name: 'done', type: 'bool' },
      { name: 'created', type: 'autodate', onCreate: true },
    ],
  });

const exampleValue = (field: Field): unknown => {
  switch (field.type) {
    case 'text':
      return `A ${field.name}`;
    case 'editor':
      return `<p>A ${field.name}</p>`;
    case 'number':
      return 1;
    case 'bool':
      return true;
    case 'email':
      return 'ana@example.org';
    case 'url':
      return 'https://example.org';
    case 'date':
      return '2026-01-02 10:00:00.000Z';
    case 'select':
      return field.maxSelect > 1 ? field.values.slice(0, 1) : (field.values[0] ?? '');
    case 'json':
      return {};
    case 'geoPoint':
      return { lon: 13.4, lat: 52.5 };
    case 'password':
      return 'a-long-password';
    default:
      // Set by the server, or in need of something that has to exist first.
      return undefined;
  }
};

const setByServer = (field: Field): boolean =>
  (field.type === 'text' && (field.primaryKey || field.hidden)) ||
  (field.system && field.name !== 'email' && field.name !== 'password');

/** A record as it is sent, with the collection's own fields. */
export const exampleBody = (collection: Collection): Record<string, unknown> => {
  const body: Record<string, unknown> = {};
  for (const field of collection.fields) {
    const value = setByServer(field) ? undefined : exampleValue(field);
    if (value !== undefined) body[field.name] = value;
  }
  if (collection.type === 'auth') body.passwordConfirm = body.password;
  return body;
};

/** A call that makes a record, with the collection's own fields. */
export const createRecordCall = (collection: Collection): string =>
  call(`collections/${encodeURIComponent(collection.name)}/records`, exampleBody(collection));
