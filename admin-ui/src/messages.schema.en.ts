import { formatCount, plural } from './locale';

// The words of collections as a file, a part of the one catalogue.

const collections = { one: '# collection', other: '# collections' };

export const schemaMessages = {
  label: 'Collections as a file',
  titles: { export: 'Export collections', import: 'Import collections' },
  export: 'Export',
  import: 'Import',
  link: 'Export and import',
  chosen: 'Collections that take part',
  file: 'collections.json',
  exportIntro: 'Fields, rules, indexes and options, without records and without secrets.',
  download: (count: number) => `Download ${plural(count, collections)}`,
  importIntro: 'Nothing is changed before you have seen what would change. All of it happens, or nothing.',
  choose: 'Choose a file',
  paste: 'Or paste its text',
  unreadable: 'This is no list of collections as JSON.',
  deletesMissing: 'Delete what the file lacks',
  deletesMissingHint: 'Collections and fields that are not in the file go, with all their values.',
  would: (count: number) =>
    count === 0 ? 'Nothing would change' : `Would change ${plural(count, collections)}`,
  diff: 'What would change',
  kinds: { added: 'new', changed: 'changed', same: 'stays as it is', removed: 'deleted' },
  lost: (count: number) => `, with ${plural(count, { one: '# record', other: '# records' })}`,
  lostUnknown: ', with all records',
  act: (count: number) => `Change ${plural(count, collections)}`,
  ask: 'Delete what the file lacks?',
  askBody: (lost: readonly string[]) =>
    `Lost with all their values: ${lost.slice(0, 12).join(', ')}${lost.length > 12 ? ` and ${formatCount(lost.length - 12)} more` : ''}. This cannot be undone.`,
  failed: 'Nothing was changed. The server did not accept the collections.',
  done: 'The collections are as the file says.',
};
