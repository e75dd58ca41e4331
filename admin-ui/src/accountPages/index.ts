import { accountMessages as words } from '@/messages.account.en';
import './accountPages.css';
import { button, showOutcome } from './dom';
import { openEmailChange } from './emailChange';
import { parseLink, type Act, type Target } from './link';
import { openPasswordReset } from './passwordReset';
import { openVerification } from './verification';

type Page = { open: (target: Target) => void; unusable: { title: string; body: string } };

const pages: Record<Act, Page> = {
  'confirm-verification': {
    open: (target) => void openVerification(target),
    unusable: words.verification.unusable,
  },
  'confirm-password-reset': { open: openPasswordReset, unusable: words.passwordReset.unusable },
  'confirm-email-change': { open: openEmailChange, unusable: words.emailChange.unusable },
};

const openOAuth2 = (succeeded: boolean) => {
  if (succeeded) {
    showOutcome('ok', words.oauth2.success);
    // Only a window that a script opened can be closed by one; in any other this does nothing.
    window.close();
    return;
  }
  const canClose = Boolean(window.opener);
  showOutcome('bad', {
    ...words.oauth2.failure,
    act: canClose ? button(words.close, () => window.close()) : undefined,
  });
};

const open = () => {
  const link = parseLink(window.location.hash);
  switch (link.kind) {
    case 'confirm':
      pages[link.act].open(link.target);
      return;
    case 'expired':
      showOutcome('bad', pages[link.act].unusable);
      return;
    case 'oauth2':
      openOAuth2(link.succeeded);
      return;
    case 'incomplete':
      showOutcome('bad', words.incomplete);
      return;
    case 'unknown':
      showOutcome('bad', words.unknown);
  }
};

/** Shows the page of the link in the address, and of any link that replaces it there. */
export const start = (): void => {
  window.addEventListener('hashchange', () => {
    if (window.location.hash.startsWith('#/auth/')) open();
  });
  open();
};
