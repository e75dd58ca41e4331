import { formatCount, plural } from './locale';

// The words of the settings, a part of the one catalogue.

const changes = { one: '# change', other: '# changes' };

export const settingsMessages = {
  title: 'Settings',
  pageTitle: (page: string) => `${page}, settings`,
  changes: (count: number) => plural(count, changes),
  undo: 'Undo',
  save: 'Save',
  saveShortcut: 'Save (Ctrl S)',
  saving: 'Saving',
  oneALine: 'One a line: an address, or a network such as 10.0.0.0/8.',
  fieldsWrong: (count: number) =>
    plural(count, {
      one: 'Nothing was saved: # setting is not right.',
      other: 'Nothing was saved: # settings are not right.',
    }),
  offline: 'The server does not answer. Your changes are still here; try again.',
  refused: 'The server refused this. Your account may not change the settings from here.',
  failed: 'The server could not save this. Its log says why.',

  leave: {
    title: 'Leave without saving?',
    body: (count: number) =>
      plural(count, {
        one: '# change on this page has not been saved.',
        other: '# changes on this page have not been saved.',
      }),
    stay: 'Keep editing',
    discard: (count: number) => plural(count, { one: 'Discard # change', other: 'Discard # changes' }),
  },

  problems: {
    required: 'Fill this in.',
    host: 'Use a host name or an address, such as smtp.example.org.',
    email: 'Use an e-mail address, like ana@example.org.',
    url: 'Use a web address, like https://app.example.org.',
    number: 'Use a whole number.',
    port: 'Use a number from 1 to 65535.',
    tooLong: (max: number) => plural(max, { one: 'Use # byte at most.', other: 'Use # bytes at most.' }),
    atLeast: (least: number) => `Use ${formatCount(least)} or more.`,
    label: 'Use a tag such as *:auth, a path such as /api/, or a method and a path.',
    conflict: 'Another rule is about the same requests.',
    collection: 'Choose a collection with accounts.',
    notAccepted: 'The server does not accept this.',
    networks: (wrong: readonly string[]) =>
      wrong.length === 1
        ? `“${wrong.join('')}” is neither an address nor a network.`
        : `These are neither addresses nor networks: ${wrong.join(', ')}.`,
  },

  mail: {
    title: 'Mail',
    serverTitle: 'Mail server',
    enabled: 'Send mails through an SMTP server',
    enabledHint:
      'Confirming addresses, new passwords, one-time codes and alerts need it. Changes act at once.',
    host: 'Host',
    port: 'Port',
    portStarttls: 'Usually 587.',
    portTls: 'Usually 465.',
    encryption: 'Encryption',
    starttls: 'STARTTLS',
    tls: 'TLS from the start',
    username: 'User name',
    password: 'Password',
    passwordReplaceLabel: 'Replace the password of the mail server',
    passwordNew: 'New password of the mail server',
    passwordHint: 'Left empty, the stored one is removed.',
    more: 'More about the connection',
    authMethod: 'How the password is sent',
    localName: 'Name of this server',
    localNameHint: 'What the mail server is greeted with. Empty stands for localhost.',
    mailsTitle: 'In the mails',
    mailsIntro: 'What templates say in place of {APP_NAME} and {APP_URL}, and who the mails come from.',
    senderName: 'Name of the sender',
    senderAddress: 'Address of the sender',
    appName: 'Name of the app',
    appURL: 'Address of the app',
    appURLHint: 'Links in mails begin with it.',

    status: {
      none: 'No mail can be sent: no mail server is switched on.',
      log: 'Mails are written to the log of the server instead of being sent, because it runs for development.',
      sent: 'Sent since the start',
      queued: 'Waiting',
      failed: 'Given up',
      count: (count: number) => formatCount(count),
      lastError: (age: string, message: string) =>
        `Latest failure${age === '' ? '' : `, ${age}`}: ${message}`,
    },

    test: {
      title: 'Test mail',
      intro: 'Sends one mail now, with made-up contents, and waits for what the mail server says.',
      to: 'To',
      toMissing: 'Enter the address the mail goes to.',
      template: 'Which mail',
      templates: {
        verification: 'Confirm an address',
        'password-reset': 'New password',
        'email-change': 'Change of address',
        otp: 'One-time code',
        'login-alert': 'Sign-in from a new place',
      },
      collection: 'Template of',
      send: 'Send a test mail',
      sending: 'Sending',
      unsaved: 'The test uses what is saved, not your changes.',
      sent: (email: string) =>
        `The mail server took the mail to ${email}. Look into that mailbox, also under spam.`,
      notSent: 'The mail was not sent.',
      answer: (message: string) => `What the server says: ${message}`,
    },
  },

  limits: {
    title: 'Limits',
    enabled: 'Limit how often clients may ask',
    enabledHint: 'Counted for each address. Superusers are never limited. Changes act at once.',
    rulesTitle: 'Rules',
    rulesIntro:
      'One rule applies to a request: the one that names it most exactly; of two paths that fit alike, the upper one. Tags of one collection count before those of all, tags before paths.',
    rulesMissing: 'Add a rule, or switch the limits off.',
    rule: (number: number) => `Rule ${formatCount(number)}`,
    label: 'Requests',
    audience: 'From',
    audiences: { everyone: 'Everyone', guest: 'Guests', auth: 'Signed in' },
    maxRequests: 'At most',
    duration: 'In seconds',
    add: 'Add a rule',
    moveUp: (number: number) => `Move rule ${formatCount(number)} up`,
    remove: (number: number) => `Remove rule ${formatCount(number)}`,
    empty: { title: 'No rules', body: 'Without a rule, nothing is limited.' },
    excludedTitle: 'Without limits',
    excludedIntro: 'Servers of your own that ask a lot, for example.',
    excluded: 'Addresses',
    tags: {
      auth: 'Sign-ins',
      authWithPassword: 'Sign-ins with a password',
      authWithOTP: 'Sign-ins with a one-time code',
      authWithOAuth2: 'Sign-ins through a provider',
      authRefresh: 'Renewed sign-ins',
      requestOTP: 'One-time codes asked for',
      requestPasswordReset: 'New passwords asked for',
      requestVerification: 'Confirmations of addresses asked for',
      list: 'Lists of records',
      view: 'Single records',
      create: 'New records',
      update: 'Changed records',
      delete: 'Deleted records',
      file: 'Downloads of files',
    },
    ofCollection: (what: string, collection: string | null) =>
      collection === null ? `${what}, each collection on its own` : `${what} of ${collection}`,
    below: (method: string, path: string) =>
      `${method === '' ? 'All' : method} requests to ${path} and below`,
    exact: (method: string, path: string) => `${method === '' ? 'All' : method} requests to ${path}`,
  },

  superusers: {
    title: 'Superusers',
    addressesTitle: 'Where superusers may come from',
    addressesIntro:
      'From anywhere else the server refuses superusers, even with the right password. Changes act at once.',
    addresses: 'Allowed addresses',
    emptyHint: 'Empty allows all.',
    own: (address: string) => `The server sees you at ${address}.`,
    addOwn: 'Add my address',
    notIn: 'Your own address is not in the list. Saving it shuts you out.',
    commandLabel: 'Command',
    command: 'larder superuser ips',
    confirm: {
      title: 'Shut yourself out?',
      body: (address: string) =>
        `Your address, ${address}, is not in the list. As soon as it is saved, the server refuses superusers from this browser.`,
      unknown:
        'Your own address is not known here. If it is not in the list, the server refuses superusers from this browser as soon as it is saved.',
      wayBack:
        'The way back in is this command on the machine of the server. It empties the list; addresses after it make a new one:',
      cancel: 'Cancel',
      act: 'Save and shut me out',
      actUnknown: 'Save the list',
    },
    accountsTitle: 'Accounts',
    accountsIntro: 'Superusers are records of a collection of their own.',
    accountsLink: 'Show the superusers',
  },
};
