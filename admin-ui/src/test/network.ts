import { vi } from 'vitest';

export type Call = {
  method: string;
  path: string;
  query: URLSearchParams;
  token: string | null;
  body: unknown;
};

export type Reply = { status?: number; json?: unknown; headers?: Record<string, string> };

/** Answers by `METHOD /path`; a function sees the call and may answer with undefined for "no answer at all". */
export type Network = Record<string, Reply | ((call: Call) => Reply | undefined)>;

/** Stands for the server: every call of the page is answered from the table, and kept for the test to look at. */
export const mockNetwork = (network: Network): Call[] => {
  const calls: Call[] = [];
  vi.stubGlobal('fetch', (input: URL, init: RequestInit) => {
    const call: Call = {
      method: init.method ?? 'GET',
      path: input.pathname,
      query: input.searchParams,
      token: new Headers(init.headers).get('Authorization'),
      body: typeof init.body === 'string' ? (JSON.parse(init.body) as unknown) : undefined,
    };
    calls.push(call);
    const entry = network[`${call.method} ${call.path}`];
    const reply = typeof entry === 'function' ? entry(call) : (entry ?? { status: 404, json: failure(404) });
    if (reply === undefined) return Promise.reject(new TypeError('Failed to fetch'));
    return Promise.resolve(
      new Response(reply.status === 204 ? null : JSON.stringify(reply.json), {
        status: reply.status ?? 200,
        headers: {
          'Content-Type': 'application/json',
          'X-Request-Id': `request-${calls.length}`,
          ...reply.headers,
        },
      }),
    );
  });
  return calls;
};

export const failure = (status: number, message = '', data: unknown = {}) => ({ status, message, data });

export const page = <T>(items: T[], totalItems = items.length) => ({
  items,
  page: 1,
  perPage: 100,
  totalItems,
  totalPages: Math.max(1, Math.ceil(totalItems / 100)),
});

/** A token with the given end, in seconds from now. */
export const tokenFor = (seconds: number, more: Record<string, unknown> = {}): string => {
  const claims = { id: 'ana', type: 'auth', exp: Math.floor(Date.now() / 1000) + seconds, ...more };
  const bytes = new TextEncoder().encode(JSON.stringify(claims));
  return `e30.${btoa(String.fromCharCode(...bytes))}.signature`;
};
