/** What kept the server's answer from being a good one; screens choose their picture and words by it. */
export type ErrorKind = 'offline' | 'signedOut' | 'refused' | 'missing' | 'tooMany' | 'invalid' | 'failed';

export type FieldError = {
  code: string;
  message: string;
  /** What the message speaks of, such as `min` and `max`; empty when the server did not say. */
  params: Readonly<Record<string, unknown>>;
};

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
    /** Errors of single fields, by the field's name; inside objects and lists by a path such as `smtp.host`. */
    readonly fields: Readonly<Record<string, FieldError>> = {},
    /** By which the log of the server knows the call; empty when it did not say. */
    readonly requestId = '',
    /** Seconds to wait before asking again, when the server says so. */
    readonly retryAfter: number | null = null,
  ) {
    super(message);
    this.kind = kindOf(status);
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is beside the body of an answer. */
export type AnswerFacts = { requestId?: string; retryAfter?: number | null };

const collect = (data: Record<string, unknown>, path: string, into: Record<string, FieldError>) => {
  for (const [name, error] of Object.entries(data)) {
    if (!isObject(error)) continue;
    if (typeof error.message === 'string') {
      into[path + name] = {
        code: typeof error.code === 'string' ? error.code : '',
        message: error.message,
        params: isObject(error.params) ? error.params : {},
      };
    } else collect(error, `${path}${name}.`, into);
  }
};

/** Reads the server's error envelope; an answer of another shape (a proxy's page) keeps its status alone. */
export const errorFromBody = (
  status: number,
  body: unknown,
  { requestId = '', retryAfter = null }: AnswerFacts = {},
): ApiError => {
  if (!isObject(body)) return new ApiError(status, '', {}, requestId, retryAfter);
  const fields: Record<string, FieldError> = {};
  if (isObject(body.data)) collect(body.data, '', fields);
  const message = typeof body.message === 'string' ? body.message : '';
  return new ApiError(status, message, fields, requestId, retryAfter);
};

export const toApiError = (error: unknown): ApiError =>
  error instanceof ApiError ? error : new ApiError(0, error instanceof Error ? error.message : String(error));
