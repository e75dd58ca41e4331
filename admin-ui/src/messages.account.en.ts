import { formatCount, formatSpan, plural } from './locale';

// The words of the pages for the app's own users. They are apart from the catalogue of the dashboard, because these
// pages are loaded without it.

export const accountMessages = {
  retry: 'Try again',
  show: 'Show',
  hide: 'Hide',
  showLabel: (label: string) => `Show: ${label}`,
  hideLabel: (label: string) => `Hide: ${label}`,
  details: 'Details',
  detail: (status: number, message: string, requestId: string) =>
    [
      status === 0 ? message || 'No answer' : `Status ${status}${message ? `: ${message}` : ''}`,
      ...(requestId ? [`Request ${requestId}`] : []),
    ].join(' · '),
  close: 'Close this window',

  incomplete: {
    title: 'This link is not complete',
    body: 'Some mail programs cut long links. Copy the whole address from the mail into the address bar.',
  },
  unknown: {
    title: 'This link leads nowhere',
    body: 'Open the link in the mail again. If it leads here again, ask the app for a new one.',
  },
  offline: {
    title: 'The server does not answer',
    body: 'Check your connection, then try again.',
  },
  failed: {
    title: 'The server could not do this',
    body: 'Something went wrong on the server. Try again in a few minutes.',
  },
  refused: {
    title: 'The server refused this',
    body: 'The app does not allow this at the moment. Ask the people who run it.',
  },
  tooMany: {
    title: 'Too many attempts',
    body: (seconds: number | null) =>
      seconds === null ? 'Wait a minute, then try again.' : `Wait ${formatSpan(seconds)}, then try again.`,
  },

  verification: {
    title: 'Confirm your e-mail address',
    working: 'Confirming your e-mail address',
    done: {
      title: 'E-mail address confirmed',
      body: 'You can close this window and go back to the app.',
    },
    unusable: {
      title: 'This link no longer works',
      body: 'It has run out, or the e-mail address of the account has changed. Ask the app to send a new link.',
    },
  },

  passwordReset: {
    title: 'Set a new password',
    account: (email: string) => `For ${email}`,
    password: 'New password',
    again: 'New password again',
    act: 'Set password',
    working: 'Setting password',
    missing: 'Enter a new password.',
    againMissing: 'Enter the new password once more.',
    differ: 'The two passwords differ.',
    length: (min: number, max: number) =>
      `Use ${formatCount(min)} to ${plural(max, { one: '# character', other: '# characters' })}.`,
    tooShort: (min: number) =>
      plural(min, { one: 'Use # character or more.', other: 'Use # characters or more.' }),
    tooLong: (max: number) =>
      plural(max, { one: 'Use # character at most.', other: 'Use # characters at most.' }),
    notAccepted: 'The app does not accept this password. Choose another one.',
    done: {
      title: 'New password set',
      body: 'Go back to the app and sign in with it. Every device that was signed in has been signed out.',
    },
    doneSuperuser: {
      body: 'Every device that was signed in has been signed out.',
      act: 'Sign in',
    },
    unusable: {
      title: 'This link no longer works',
      body: 'A link works once, and only for a short time. Ask for a new one where you asked for this. If you have set a new password already, sign in with it.',
    },
  },

  emailChange: {
    title: 'Confirm your new e-mail address',
    to: (email: string) => `The address of your account becomes ${email}.`,
    password: 'Current password',
    hint: 'The password you sign in to the app with.',
    act: 'Confirm address',
    working: 'Confirming address',
    missing: 'Enter your current password.',
    wrong: 'This is not the password of the account.',
    done: {
      title: 'E-mail address changed',
      body: 'Go back to the app and sign in again. Every device that was signed in has been signed out.',
    },
    taken: {
      title: 'Another account uses this address',
      body: 'Your address stays as it was. Ask the app to change it to another one.',
    },
    unusable: {
      title: 'This link no longer works',
      body: 'A link works once, and only for a short time. If your address has not changed yet, ask the app for a new link.',
    },
  },

  oauth2: {
    success: {
      title: 'You are signed in',
      body: 'Go back to the app. You can close this window.',
    },
    failure: {
      title: 'Signing in did not work',
      body: 'Close this window, go back to the app and try again. If it fails again, try another way to sign in, or ask the people who run the app.',
    },
  },
};
