import { formatCount, formatSpan, plural } from './locale';
import { callsMessages } from './messages.calls.en';
import { fieldsMessages } from './messages.fields.en';
import { recordEditorMessages } from './messages.recordEditor.en';
import { recordGridMessages } from './messages.recordGrid.en';
import { optionsMessages } from './messages.options.en';
import { rulesMessages } from './messages.rules.en';
import { schemaMessages } from './messages.schema.en';
import { settingsMessages } from './messages.settings.en';

const records = { one: '# record', other: '# records' };
const collections = { one: '# collection', other: '# collections' };

type ErrorDetail = { status: number; message: string; requestId: string };

/** Every word the dashboard says. */
export const messages = {
  product: 'Larder',
  productMark: 'larder',
  pageTitle: (page: string) => `${page} · Larder`,

  common: {
    retry: 'Try again',
    close: 'Close',
    copy: 'Copy',
    copied: 'Copied',
    details: 'Details',
    show: 'Show',
    hide: 'Hide',
    empty: 'empty',
    dash: '–',
    yes: 'yes',
    no: 'no',
    more: (count: number) => `+${formatCount(count)}`,
    moreSpoken: (count: number) => `and ${formatCount(count)} more`,
    loading: 'Loading',
    opensInNewTab: 'opens in a new tab',
    back: 'Back',
    cancel: 'Cancel',
    secret: {
      set: 'Set. Never shown',
      replace: 'Replace',
      replaceLabel: (name: string) => `Replace ${name.toLowerCase()}`,
      keep: 'Keep the stored one',
    },
    typeName: (name: string) => `Type ${name} to go on`,
    typeNameWrong: 'This is something else.',
  },

  errors: {
    offline: { title: 'The server does not answer', body: 'It may be restarting, or the network is down.' },
    refused: {
      title: 'The server refused this',
      body: 'Your account is signed in, but it may not read this. If superusers are limited to certain addresses, yours may not be one of them: the command “larder superuser ips” on the machine of the server lets them come from everywhere again.',
    },
    failed: {
      title: 'The server could not answer',
      body: 'Something went wrong on the server. Its log says what.',
    },
    tooMany: {
      title: 'Too many requests',
      body: 'The server limits how often it may be asked. Wait a minute.',
    },
    detail: ({ status, message, requestId }: ErrorDetail) =>
      [
        status === 0 ? message || 'No answer' : `Status ${status}${message ? `: ${message}` : ''}`,
        ...(requestId ? [`Request ${requestId}`] : []),
      ].join(' · '),
    offlineLine: 'The server does not answer. Trying again every few seconds.',
    crash: {
      title: 'The dashboard stopped',
      body: 'This is a fault in the dashboard, not in your data. Reload the page to go on.',
      reload: 'Reload',
    },
  },

  auth: {
    signInTitle: 'Sign in',
    email: 'E-mail',
    password: 'Password',
    signIn: 'Sign in',
    signingIn: 'Signing in',
    expired: 'Your session has ended. Sign in to go back to where you were.',
    wrong: 'E-mail or password is wrong.',
    emailMissing: 'Enter your e-mail address.',
    passwordMissing: 'Enter your password.',
    refused:
      'The server does not let you sign in from here. If superusers are limited to certain addresses, the command “larder superuser ips” on the machine of the server lets them come from everywhere again.',
    offline: 'The server does not answer. Check that it runs, then try again.',
    tooMany: (seconds: number | null) =>
      `Too many attempts. Wait ${seconds === null ? 'a minute' : formatSpan(seconds)}, then try again.`,
    failed: 'The server could not check your password. Its log says why.',
    forgotten: 'Forgotten your password?',
    firstTime: 'No superuser yet?',
    firstTimeLink: 'How to make the first one',
  },

  secondFactor: {
    title: 'Enter the one-time code',
    sent: (email: string) => `The password is right. A mail with a code is on its way to ${email}.`,
    sentAgain: 'Another mail with a new code is on its way. Use the code of the latest mail.',
    counts: (seconds: number) => `It counts for ${formatSpan(seconds)}.`,
    notSent: 'The password is right, but no code could be asked for.',
    noneSent: 'No code has been sent yet. Send a new one, or use one from the command line.',
    off: 'The server asks for a second factor, but one-time codes are switched off for superusers.',
    code: 'One-time code',
    codeMissing: 'Enter the code.',
    signIn: 'Sign in',
    signingIn: 'Signing in',
    resend: 'Send a new code',
    resending: 'Sending a new code',
    back: 'Back to the password',
    wrong: 'The code is wrong or has run out. Check it, or send a new one.',
    tooMany: (seconds: number | null) =>
      `Too many wrong codes. Wait ${seconds === null ? 'a few minutes' : formatSpan(seconds)}, then use a new code.`,
    failed: 'The server could not check the code. Its log says why.',
    tookTooLong: 'That took too long. Enter the password once more.',
    byCommand: 'I have a code from the command line',
    byCommandBody:
      'Without a mail server, this command on the machine of the server prints an id and a code:',
    commandLabel: 'Command',
    command: (email: string) => `larder superuser otp ${email}`,
    id: 'Id of the code',
    idMissing: 'Enter the id that the command printed, or close this part to use the code from the mail.',
  },

  forgottenPassword: {
    title: 'Set a new password',
    intro: 'A mail with a link to set a new password goes to the address of your superuser account.',
    send: 'Send the link',
    sending: 'Sending',
    sentTitle: 'Look into your mail',
    sent: (email: string) =>
      `If ${email} belongs to a superuser, a mail with a link is on its way. The link works once and only for a short time.`,
    failed: 'The server could not do this. Its log says why.',
    noMailTitle: 'No mail?',
    noMail:
      'Without a mail server, none is sent. On the machine of the server, in its folder, this command sets a new password:',
    commandLabel: 'Command',
    command: 'larder superuser update EMAIL PASSWORD',
    back: 'Back to the sign-in',
  },

  setup: {
    title: 'Make the first superuser',
    intro: 'A superuser sees and changes everything on this server. You can add more later.',
    create: 'Create and sign in',
    creating: 'Creating',
    passwordHint: (min: number) => plural(min, { one: '# character or more', other: '# characters or more' }),
    passwordLength: (length: number) => plural(length, { one: '# character', other: '# characters' }),
    passwordShort: (min: number) => `Use ${formatCount(min)} characters or more.`,
    emailInvalid: 'Enter an e-mail address, like ana@example.org.',
    checking: 'Checking the link',
    unusable: {
      title: 'This set-up link no longer works',
      body: 'A link works once, for 30 minutes. It has run out, or the first superuser has been made already.',
    },
    created: 'The superuser was created, but signing in failed. Sign in with the new e-mail and password.',
    toSignIn: 'Sign in',
    newLink: 'A new link',
    newLinkBody: 'Restart the server. As long as there is no superuser, it prints a new link when it starts.',
    commandLabel: 'Command',
    commandTitle: 'Without a link',
    commandBody: 'On the machine of the server, in its folder:',
    guideTitle: 'Set up the first superuser',
    guideIntro: 'There are two ways. Both need access to the machine the server runs on.',
    linkTitle: 'With the one-time link',
    linkBody:
      'When the server starts without a superuser, it prints a link that ends in /_/#/pbinstall/ and a long token. Open it within 30 minutes; it works once.',
    command: 'larder superuser create EMAIL PASS',
    afterCommand: 'A running server notices the new account at once.',
  },

  shell: {
    skip: 'Skip to content',
    navigation: 'Main',
    data: 'Data',
    settings: 'Settings',
    more: 'More',
    collections: 'Collections',
    allCollections: 'All collections',
    system: 'System',
    filter: 'Filter collections',
    noMatch: (words: string) => `No collection matches “${words}”.`,
    noCollections: 'No collections yet.',
    account: 'Account',
    signedInAs: 'Signed in as',
    signOut: 'Sign out',
    theme: 'Appearance',
    themes: { system: 'System', light: 'Light', dark: 'Dark' },
    fold: 'Fold the sidebar',
    unfold: 'Unfold the sidebar',
    resize: 'Width of the sidebar',
    keys: 'Keyboard',
    keysTitle: 'Keyboard',
    keyList: [
      { keys: ['['], act: 'Fold or unfold the sidebar' },
      { keys: ['/'], act: 'Search records, or filter collections' },
      { keys: ['g', 'd'], act: 'Go to Data' },
      { keys: ['g', ','], act: 'Go to Settings' },
      { keys: ['Ctrl', 'S'], act: 'Save the record or the settings' },
      { keys: ['↑', '↓', '←', '→'], act: 'Move in the grid' },
      { keys: ['Home', 'End'], act: 'First or last column' },
      { keys: ['Ctrl', 'Home / End'], act: 'First or last record' },
      { keys: ['PgUp', 'PgDn'], act: 'One screen up or down' },
      { keys: ['Enter'], act: 'Edit the cell; on a heading, sort' },
      { keys: ['Tab'], act: 'Save the cell and go right' },
      { keys: ['o'], act: 'Open the record' },
      { keys: ['Space'], act: 'Select the record' },
      { keys: ['Shift', 'Space'], act: 'Select up to here' },
      { keys: ['Ctrl', 'A'], act: 'Select all loaded records' },
      { keys: ['n', 'd'], act: 'New record; duplicate' },
      { keys: ['e', 'Del'], act: 'Edit or delete what is selected' },
      { keys: ['c'], act: 'Filter by the value of the cell' },
      { keys: ['Ctrl', 'C'], act: 'Copy the cell' },
      { keys: ['Shift', 'F10'], act: 'Menu of the cell or heading' },
      { keys: ['j', 'k'], act: 'Next or previous record, when one is open' },
      { keys: ['f'], act: 'Record on the full page, and back' },
      { keys: ['Esc'], act: 'Close the topmost' },
      { keys: ['?'], act: 'This list' },
    ],
    singleKeys: 'Single-key shortcuts',
    on: 'On',
    off: 'Off',
  },

  collections: {
    title: 'Data',
    types: { base: 'Base', auth: 'Auth', view: 'View' },
    columns: {
      name: 'Collection',
      type: 'Type',
      records: 'Records',
      fields: 'Fields',
      changed: 'Schema changed',
    },
    count: (count: number) => plural(count, collections),
    fields: (count: number) => plural(count, { one: '# field', other: '# fields' }),
    records: (count: number) => plural(count, records),
    countUnknown: 'not counted',
    systemTitle: (count: number) =>
      plural(count, { one: '# system collection', other: '# system collections' }),
    empty: {
      title: 'No collections yet',
      body: 'A collection is a table with an API. Name one, type its fields, and it is ready.',
    },
    exampleTitle: 'Make one through the API',
    exampleLabel: 'Call',
    exampleBody: 'The same from a terminal or a script:',
    exampleRefresh: 'Look again',
    notFound: {
      title: 'No such collection',
      body: (name: string) => `There is no collection “${name}”. It may have been renamed or deleted.`,
      act: 'All collections',
    },
    tokenHint: '$TOKEN is the token of a superuser, as auth-with-password answers it.',
  },

  records: {
    count: (count: number) => plural(count, records),
    range: (from: number, to: number, total: number) =>
      to - from + 1 >= total
        ? plural(total, records)
        : `${formatCount(from)}–${formatCount(to)} of ${plural(total, records)}`,
    reload: 'Reload records',
    grid: (collection: string) => `Records of ${collection}`,
    list: (collection: string) => `Records of ${collection}`,
    sortBy: 'Sort',
    sortNewest: 'Newest first',
    sortDefault: 'As the view orders them',
    sortCustom: (sort: string) => `As in the address: ${sort}`,
    sortAscending: (field: string) => `${field}, ascending`,
    sortDescending: (field: string) => `${field}, descending`,
    open: (title: string) => `Open ${title}`,
    partial: 'Some records could not be loaded.',
    empty: {
      title: (collection: string) => `No records in ${collection} yet`,
      body: 'Make the first one here, or with this call:',
      viewBody: 'The query of this view finds nothing at the moment.',
      label: 'Call',
      look: 'Look again',
    },
    badSort: {
      title: 'These records cannot be sorted like that',
      body: (sort: string) => `The address asks to sort by “${sort}”, and the server does not accept it.`,
      act: 'Clear the sort',
    },
    panel: (title: string) => `Record ${title}`,
    next: 'Next record',
    previous: 'Previous record',
    expand: 'Full page',
    shrink: 'Beside the grid',
    closePanel: 'Close the record',
    backTo: (collection: string) => `Back to ${collection}`,
    viewAs: 'Show as',
    asFields: 'Fields',
    asJson: 'JSON',
    copyId: 'Copy the id',
    copyJson: 'Copy JSON',
    copyValue: 'Copy',
    openLink: 'Open',
    sendMail: 'Write',
    hiddenField: 'hidden from the API',
    passwordSet: 'Never shown',
    passwordDots: '••••••••',
    source: 'Source',
    notFound: {
      title: 'No such record',
      body: (id: string, collection: string) =>
        `There is no record “${id}” in ${collection}. It may have been deleted.`,
    },
    missingRecord: 'missing record',
    neverSet: 'never set',
    latitude: 'Latitude',
    longitude: 'Longitude',
    file: (name: string) => `File ${name}`,
    unsupported: 'This field has a type that this dashboard does not know.',
  },

  recordEditor: recordEditorMessages,

  recordGrid: recordGridMessages,

  fields: fieldsMessages,

  calls: callsMessages,

  rules: rulesMessages,

  options: optionsMessages,

  schema: schemaMessages,

  settings: settingsMessages,

  notFound: {
    title: 'No such page',
    body: 'The address leads nowhere in this dashboard.',
    act: 'Go to Data',
  },
};
