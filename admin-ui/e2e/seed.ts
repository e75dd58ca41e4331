import { superuser } from './server';

// Fills a server with collections that hold every field type, and texts that try to be more than text.

type Json = Record<string, unknown>;

export class ApiClient {
  private constructor(
    readonly base: string,
    readonly token: string,
  ) {}

  static async signIn(base: string): Promise<ApiClient> {
    const anonymous = new ApiClient(base, '');
    const { token } = await anonymous.post('collections/_superusers/auth-with-password', {
      identity: superuser.email,
      password: superuser.password,
    });
    return new ApiClient(base, String(token));
  }

  async post(path: string, body: Json): Promise<Json> {
    return this.send('POST', path, body);
  }

  async get(path: string): Promise<Json> {
    return this.send('GET', path);
  }

  async patch(path: string, body: Json): Promise<Json> {
    return this.send('PATCH', path, body);
  }

  /** The same server, called by someone else. */
  as(token: string): ApiClient {
    return new ApiClient(this.base, token);
  }

  async delete(path: string): Promise<void> {
    await this.send('DELETE', path);
  }

  private async send(method: string, path: string, body?: Json): Promise<Json> {
    const answer = await fetch(`${this.base}/api/${path}`, {
      method,
      headers: {
        ...(this.token ? { Authorization: this.token } : {}),
        ...(body ? { 'Content-Type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? {} : (JSON.parse(text) as Json);
  }
}

export const orderCount = 250;

const statuses = ['new', 'paid', 'shipped', 'refunded'];
const tags = ['rush', 'gift', 'vip', 'fragile'];
const people = ['Hana Moreau', 'Ada Novak', 'Ivo Okafor', 'Mila Santos', 'Noor Haddad'];

const orderFields = (customers: string): Json[] => [
  { name: 'number', type: 'text', required: true, presentable: true, max: 200 },
  { name: 'customer', type: 'relation', collectionId: customers, maxSelect: 1 },
  { name: 'status', type: 'select', values: statuses, maxSelect: 1 },
  { name: 'total', type: 'number' },
  { name: 'paid', type: 'bool' },
  { name: 'due', type: 'date' },
  { name: 'tags', type: 'select', values: tags, maxSelect: 4 },
  { name: 'contact', type: 'email' },
  { name: 'tracking', type: 'url' },
  { name: 'note', type: 'editor' },
  { name: 'meta', type: 'json' },
  { name: 'place', type: 'geoPoint' },
  { name: 'photos', type: 'file', maxSelect: 5, thumbs: ['100x100'] },
  { name: 'invoice', type: 'file', maxSelect: 1, protected: true },
  { name: 'watchers', type: 'relation', collectionId: customers, maxSelect: 9 },
  // The cheapest hash, or filling the collection takes longer than all the tests.
  { name: 'pin', type: 'password', cost: 4 },
  { name: 'created', type: 'autodate', onCreate: true },
  { name: 'updated', type: 'autodate', onCreate: true, onUpdate: true },
];

const pick = <T>(list: readonly T[], index: number): T => {
  const value = list[index % list.length];
  if (value === undefined) throw new Error('empty list');
  return value;
};

export const orderNumber = (index: number): string => `L-${String(index).padStart(5, '0')}`;

const orderOf = (index: number, customers: string[]): Json => ({
  number: orderNumber(index),
  customer: pick(customers, index),
  status: pick(statuses, index),
  total: Math.round((index * 7919) % 25_000) / 100 + (index % 9 === 0 ? 1200 : 0),
  paid: index % 3 === 0,
  due: `2026-0${(index % 9) + 1}-14 10:00:00.000Z`,
  tags: tags.slice(0, index % 5),
  contact: `buyer${index}@example.org`,
  tracking: index % 2 === 0 ? `https://post.example.org/t/${index}` : '',
  note: `<p>Ring <b>twice</b>, leave at door ${index}.</p><p>No hurry.</p>`,
  meta: index % 4 === 0 ? null : index % 4 === 1 ? {} : { weight: index / 4, parts: [1, 2, index] },
  place: index % 3 === 0 ? { lon: 13.4, lat: 52.5 } : { lon: 0, lat: 0 },
  pin: 'four-digits',
});

/** The record the tests look at in full. */
export const fullOrder = {
  number: 'L-99999',
  note: '<p>Ring <b>twice</b></p><script>window.attacked = true</script><img src="x" onerror="window.attacked = true">',
  tracking: 'https://post.example.org/t/99999',
  contact: 'hana@example.org',
};

/** `orders` and `customers` with every field type, a view on them, an empty collection and hostile content. */
export const seed = async (base: string): Promise<void> => {
  const client = await ApiClient.signIn(base);
  const customers = await client.post('collections', {
    name: 'customers',
    type: 'base',
    fields: [{ name: 'name', type: 'text', presentable: true }],
  });
  const customerIds: string[] = [];
  for (const name of people) {
    const { id } = await client.post('collections/customers/records', { name });
    customerIds.push(String(id));
  }

  await client.post('collections', {
    name: 'orders',
    type: 'base',
    fields: orderFields(String(customers.id)),
  });
  for (let from = 1; from <= orderCount - 2; from += 16) {
    const indexes = Array.from({ length: Math.min(16, orderCount - 1 - from) }, (_, step) => from + step);
    // In order, because the grid shows the newest first.
    for (const index of indexes) await client.post('collections/orders/records', orderOf(index, customerIds));
  }
  await client.post('collections/orders/records', {
    ...orderOf(3, customerIds),
    ...fullOrder,
    total: 1234.5,
    status: 'paid',
    tags,
    watchers: customerIds.slice(0, 3),
    meta: { weight: 2.5, parts: [1, 2, 3], to: { city: 'Berlin' } },
  });
  await client.post('collections/orders/records', {
    number:
      '<img src=x onerror="window.attacked = true"> a number that is far longer than any column of the grid',
    tracking: 'https://post.example.org/t/1',
    status: 'new',
  });

  await client.post('collections', {
    name: 'order_totals',
    type: 'view',
    viewQuery: 'select id, number, total, status from orders where total > 1200',
  });
  await client.post('collections', {
    name: 'drafts',
    type: 'base',
    fields: [
      { name: 'title', type: 'text', presentable: true },
      { name: 'ready', type: 'bool' },
    ],
  });
};
