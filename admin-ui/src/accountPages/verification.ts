import { confirm } from '@/api/confirm';
import { toApiError } from '@/api/error';
import { accountMessages } from '@/messages.account.en';
import { button, element, show, showOutcome } from './dom';
import { failureOf } from './failure';
import type { Target } from './link';

const words = accountMessages.verification;

/**
 * Confirms at once: opening the link is the act, and the token counts until it runs out, so that a mail scanner that
 * runs scripts takes nothing away from the person.
 */
export const openVerification = async (target: Target): Promise<void> => {
  show(
    words.title,
    element('div', { class: 'card' }, element('p', { role: 'status', class: 'late' }, words.working)),
  );
  try {
    await confirm.verification(target.collection, target.token);
    showOutcome('ok', words.done);
  } catch (error) {
    const failure = failureOf(toApiError(error));
    const retry = () => void openVerification(target);
    showOutcome('bad', {
      ...(failure ?? words.unusable),
      act: failure?.canRetry === true ? button(accountMessages.retry, retry) : undefined,
    });
  }
};
