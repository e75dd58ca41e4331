import { formatCount, plural } from './locale';

// The words of the rules and their tester, a part of the one catalogue.

const records = { one: '# record', other: '# records' };

export const rulesMessages = {
  title: 'Rules',
  intro: 'Who may do what with the records through the API. Superusers may always.',
  actions: { list: 'List', view: 'View', create: 'Create', update: 'Update', delete: 'Delete' },
  questions: {
    list: 'Who may list records?',
    view: 'Who may view a record?',
    create: 'Who may create a record?',
    update: 'Who may change a record?',
    delete: 'Who may delete a record?',
  },
  states: { superusers: 'Superusers', everyone: 'Everyone', custom: 'Custom' },
  unwritten: 'not written yet',
  openWarnings: {
    list: 'Anyone on the internet can list all records.',
    view: 'Anyone on the internet can view every record.',
    create: 'Anyone on the internet can create records.',
    update: 'Anyone on the internet can change every record.',
    delete: 'Anyone on the internet can delete every record.',
  },
  viewNote: 'The records of a view are only read, so there are no other rules.',
  system: 'The rules of system collections cannot be changed.',

  placeholder: '@request.auth.id != ""',
  inputHint: 'Fields, @request.auth, @collection. Ctrl Space suggests.',
  suggestions: 'Suggestions',
  wrong: (error: string) => `${error.charAt(0).toUpperCase()}${error.slice(1)}.`,
  ready: {
    title: 'Ready-made',
    signedIn: 'Signed in',
    self: 'Own account',
    owner: (field: string) => `Owner (${field})`,
    verified: 'Verified',
    same: (action: string) => `Same as ${action.toLowerCase()}`,
  },

  tester: {
    title: 'Test',
    onDraft: 'Nothing is written. The rule is tested as it stands here, saved or not.',
    oldFields: 'Fields that are not saved yet are unknown to the test.',
    as: 'As',
    guest: 'A guest',
    account: (collection: string, name: string) => `${name} (${collection})`,
    superusers: 'Only superusers pass.',
    everyone: 'Everyone passes.',
    unwritten: 'Write the rule to test it.',
    noRecords: 'There are no records to test with.',
    passes: (passed: number, of: number) =>
      `Lets ${formatCount(passed)} of the ${plural(of, { one: 'newest record', other: '# newest records' })} through`,
    createPasses: 'A record without any values may be created.',
    createFails: 'A record without any values may not be created.',
    yes: 'yes',
    no: 'no',
    error: 'cannot be told',
    testing: 'Testing',
    values: (values: readonly string[]) => values.join(', '),
    isNull: 'nothing',
    more: 'and more',
    why: (title: string) => `Why: ${title}`,
    deciding: 'decides',
    notes: { row: 'No single related record satisfies all of these.' },
    or: 'any of',
    and: 'all of',
    invalid: 'The rule is not right yet, so it lets nobody through.',
    failed: 'The server could not test the rule.',
  },

  widen: {
    title: 'Open this up?',
    everyone: {
      list: (collection: string, count: number | undefined, fields: string) =>
        `Anyone on the internet can list ${count === undefined ? 'all records' : plural(count, records)} of ${collection}, including ${fields}.`,
      view: (collection: string, count: number | undefined, fields: string) =>
        `Anyone on the internet can view ${count === undefined ? 'every record' : `each of ${plural(count, records)}`} of ${collection}, including ${fields}.`,
      create: (collection: string) => `Anyone on the internet can create records in ${collection}.`,
      update: (collection: string, count: number | undefined) =>
        `Anyone on the internet can change ${count === undefined ? 'all records' : plural(count, records)} of ${collection}.`,
      delete: (collection: string, count: number | undefined) =>
        `Anyone on the internet can delete ${count === undefined ? 'all records' : plural(count, records)} of ${collection}.`,
    },
    custom: (action: string) =>
      `${action}: until now superusers only, from now on whoever the rule lets through.`,
    guests: (action: string, passed: number, of: number) =>
      passed === 0
        ? `${action}: a guest gets none of the ${plural(of, { one: 'newest record', other: '# newest records' })}.`
        : `${action}: a guest, who is anyone on the internet, gets ${formatCount(passed)} of the ${plural(of, { one: 'newest record', other: '# newest records' })}.`,
    fields: (names: readonly string[], more: number) =>
      more > 0 ? `${names.join(', ')} and ${formatCount(more)} more` : names.join(', '),
    cancel: 'Keep editing',
    act: 'Save and open',
  },
};
