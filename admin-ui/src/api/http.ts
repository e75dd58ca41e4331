import { ApiError, errorFromBody } from './error';
import { session } from './session';
import { isExpired } from './token';

/** The dashboard lives beside the API (`/_/` and `/api/`), below whatever a proxy puts before both. */
export const apiBase = (): URL =>
  new URL('../api/', new URL(window.location.pathname, window.location.origin));

export type CallOptions = { signal?: AbortSignal };

type Call = CallOptions & {
  method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  /** `session` (the default) signs the call as the person signed in; a string is another token; null is nobody. */
  auth?: 'session' | { token: string } | null;
};

const readJson = async (response: Response): Promise<unknown> => {
  try {
    return await response.json();
  } catch {
    return null;
  }
};

/** The other form of the header, a date, is not sent by servers of this protocol. */
export const readSeconds = (header: string | null): number | null =>
  header !== null && /^\d{1,6}$/.test(header.trim()) ? Number(header) : null;

const sessionToken = (): string => {
  const token = session.get()?.token;
  if (token !== undefined && !isExpired(token)) return token;
  // The server answers an expired token as it answers a guest: a public collection would look complete and not be.
  session.expire();
  throw new ApiError(401, '');
};

export const tokenFor = (auth: Call['auth']): string | null => {
  if (auth === null) return null;
  return auth === undefined || auth === 'session' ? sessionToken() : auth.token;
};

export const apiUrl = (path: string, query: NonNullable<Call['query']> = {}): URL => {
  const url = new URL(path, apiBase());
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') url.searchParams.set(name, String(value));
  }
  return url;
};

/** Sends one call and returns the status with the parsed body, whatever the status. */
export const send = async (path: string, { method = 'GET', query = {}, body, auth, signal }: Call) => {
  const url = apiUrl(path, query);
  const headers = new Headers();
  const token = tokenFor(auth);
  if (token !== null) headers.set('Authorization', token);
  if (body !== undefined) headers.set('Content-Type', 'application/json');

  let response: Response;
  try {
    response = await fetch(url, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, error instanceof Error ? error.message : '');
  }
  const facts = {
    requestId: response.headers.get('X-Request-Id') ?? '',
    retryAfter: readSeconds(response.headers.get('Retry-After')),
  };
  return { response, body: await readJson(response), facts };
};

export const fail = (error: ApiError, auth: Call['auth']): never => {
  if (error.kind === 'signedOut' && (auth === undefined || auth === 'session')) session.expire();
  throw error;
};

/** Sends one call; anything but a good answer becomes an `ApiError`. */
export const request = async <T>(path: string, call: Call = {}): Promise<T> => {
  const { response, body, facts } = await send(path, call);
  // A path the server does not know may be answered with a page of the public folder, so status 200 is not enough.
  if (response.ok && typeof body === 'object' && body !== null) return body as T;
  return fail(errorFromBody(response.ok ? 502 : response.status, body, facts), call.auth);
};

/** Sends a call whose good answer has no body (204); anything else becomes an `ApiError`. */
export const command = async (path: string, call: Call = {}): Promise<void> => {
  const { response, body, facts } = await send(path, { method: 'POST', ...call });
  if (response.status !== 204)
    fail(errorFromBody(response.ok ? 502 : response.status, body, facts), call.auth);
};
