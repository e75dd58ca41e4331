// The words of the page that shows how a collection is called, a part of the one catalogue.

export const callsMessages = {
  calls: 'Calls',
  language: 'Language',
  languages: { js: 'JavaScript', dart: 'Dart', curl: 'curl' },
  names: {
    list: 'List records',
    view: 'View a record',
    create: 'Create a record',
    update: 'Update a record',
    delete: 'Delete a record',
    realtime: 'Hear of changes',
    password: 'Sign in by password',
    otp: 'Sign in by code',
    oauth2: 'Sign in by provider',
    refresh: 'Renew a sign-in',
    reset: 'Forgotten password',
    verify: 'Confirm an address',
  },
  allowed: {
    superusers: 'Only superusers may.',
    everyone: 'Everyone may.',
    custom: 'Those may whom the rule lets through:',
  },
  tokenHint: '$TOKEN is the token that a sign-in answers. Guests leave it out.',
  libraryHints: {
    js: 'With the npm package pocketbase. It keeps the token of a sign-in by itself.',
    dart: 'With the package pocketbase of pub.dev. It keeps the token of a sign-in by itself.',
  },
};
