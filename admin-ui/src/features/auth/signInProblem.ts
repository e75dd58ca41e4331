import type { ApiError } from '@/api';
import { messages } from '@/messages.en';

/** Why an attempt was not accepted: a sentence, and what the server said itself where that helps. */
export type Problem = { text: string; detail?: string };

/** The sentences that differ from step to step; a refused address and silence are the same in all. */
type Words = { wrong: string; failed: string; tooMany: (seconds: number | null) => string };

export const problemOf = (error: ApiError, words: Words): Problem => {
  const detail = messages.errors.detail(error);
  switch (error.kind) {
    case 'offline':
      return { text: messages.auth.offline };
    case 'tooMany':
      return { text: words.tooMany(error.retryAfter) };
    case 'failed':
      return { text: words.failed, detail };
    case 'refused':
      return { text: messages.auth.refused, detail };
    case 'signedOut':
    case 'missing':
    case 'invalid':
      return { text: words.wrong };
  }
};
