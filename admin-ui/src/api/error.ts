/** What kept the server's answer from being a good one; screens choose their picture and words by it. */
export type ErrorKind = 'offline' | 'signedOut' | 'refused' | 'missing' | 'tooMany' | 'invalid' | 'failed';

export type FieldError = { code: string; message: string };

const kindOf = (status: number): ErrorKind => {
  if (status === 0) return 'offline';
  if (status === 401) return 'signedOut';
  if (status === 403) return 'refused';
  if (status === 404) return 'missing';
  if (status === 429) return 'tooMany';
  return status < 500 ? 'invalid' : 'failed';
};

/** The one error of the client. `status` is 0 when there was no answer at all. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly kind: ErrorKind;

  constructor(
    readonly status: number,
    message: string,
    /** Errors of single fields, by the field's name. */
    readonly fields: Readonly<Record<string, FieldError>> = {},
    /** By which the log of the server knows the call; empty when it did not say. */
    readonly requestId = '',
  ) {
    super(message);
    this.kind = kindOf(status);
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads the server's error envelope; an answer of another shape (a proxy's page) keeps its status alone. */
export const errorFromBody = (status: number, body: unknown, requestId = ''): ApiError => {
  if (!isObject(body)) return new ApiError(status, '', {}, requestId);
  const fields: Record<string, FieldError> = {};
  for (const [name, error] of Object.entries(isObject(body.data) ? body.data : {})) {
    if (isObject(error) && typeof error.message === 'string') {
      fields[name] = { code: typeof error.code === 'string' ? error.code : '', message: error.message };
    }
  }
  return new ApiError(status, typeof body.message === 'string' ? body.message : '', fields, requestId);
};

export const toApiError = (error: unknown): ApiError =>
  error instanceof ApiError ? error : new ApiError(0, error instanceof Error ? error.message : String(error));
