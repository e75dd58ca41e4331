import type { ApiError } from '@/api/error';
import { accountMessages as words } from '@/messages.account.en';

export type Sentence = { title: string; body: string };

/** What went wrong, in words, with the server's own answer folded away behind them. */
export type Failure = Sentence & { detail: string; canRetry: boolean };

const sentenceOf = (error: ApiError): Sentence | null => {
  switch (error.kind) {
    case 'offline':
      return words.offline;
    case 'tooMany':
      return { title: words.tooMany.title, body: words.tooMany.body(error.retryAfter) };
    case 'refused':
      return words.refused;
    case 'failed':
      return words.failed;
    case 'signedOut':
    case 'missing':
    case 'invalid':
      return null;
  }
};

/** What kept the server from answering; null when it did answer, and the link itself is what no longer counts. */
export const failureOf = (error: ApiError): Failure | null => {
  const sentence = sentenceOf(error);
  if (sentence === null) return null;
  const { status, message, requestId, kind } = error;
  return { ...sentence, detail: words.detail(status, message, requestId), canRetry: kind !== 'refused' };
};
