import { ApiError, errorFromBody } from './error';
import { apiUrl, fail, readSeconds, tokenFor, type CallOptions } from './http';

export type UploadOptions = CallOptions & {
  /** Hears the bytes that have left the browser. */
  onProgress?: (sent: number) => void;
};

type Upload = UploadOptions & {
  method: 'POST' | 'PATCH';
  form: FormData;
  query: Record<string, string>;
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
};

/** Sends files. Not by `fetch`, which does not tell how far an upload has come. */
export const upload = <T>(path: string, { method, form, query, onProgress, signal }: Upload): Promise<T> =>
  new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    const abort = () => call.abort();
    call.open(method, apiUrl(path, query));
    call.setRequestHeader('Authorization', tokenFor('session') ?? '');
    call.upload.onprogress = ({ loaded }) => onProgress?.(loaded);
    call.onerror = () => reject(new ApiError(0, ''));
    call.onabort = () => reject(new DOMException('', 'AbortError'));
    call.onloadend = () => signal?.removeEventListener('abort', abort);
    call.onload = () => {
      const body = parse(call.responseText);
      const isGood = call.status >= 200 && call.status < 300;
      if (isGood && typeof body === 'object' && body !== null) {
        resolve(body as T);
        return;
      }
      const facts = {
        requestId: call.getResponseHeader('X-Request-Id') ?? '',
        retryAfter: readSeconds(call.getResponseHeader('Retry-After')),
      };
      try {
        fail(errorFromBody(isGood ? 502 : call.status, body, facts), 'session');
      } catch (error) {
        reject(error instanceof Error ? error : new ApiError(0, ''));
      }
    };
    signal?.addEventListener('abort', abort);
    call.send(form);
  });
