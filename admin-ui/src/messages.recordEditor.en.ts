import { formatCount, plural } from './locale';

// The words of the record editor, a part of the one catalogue.

const changes = { one: '# change', other: '# changes' };

export const recordEditorMessages = {
  newTitle: (collection: string) => `New record in ${collection}`,
  newRecord: 'New record',
  create: 'Create record',
  creating: 'Creating',
  save: 'Save',
  saveShortcut: 'Save (Ctrl S)',
  saving: 'Saving',
  uploading: (percent: number) => `Uploading ${percent} %`,
  stopUpload: 'Stop the upload',
  undo: 'Undo',
  changes: (count: number) => plural(count, changes),
  required: 'required',
  actions: 'More acts on this record',
  duplicate: 'Duplicate',
  copyId: 'Copy the id',
  copyJson: 'Copy JSON',
  delete: 'Delete…',
  id: 'Id',
  idHint: (most: number) =>
    most > 0 ? `Left empty, the server makes one. ${most} characters.` : 'Left empty, the server makes one.',
  setByServer: 'Set by the server.',
  copyMissing: 'The record to copy is no longer there. This form starts empty.',
  filesNotCopied: 'Files and passwords stay with the original record.',

  fieldsWrong: (count: number) =>
    plural(count, {
      one: 'Nothing was saved: # field is not right.',
      other: 'Nothing was saved: # fields are not right:',
    }),
  offline: 'The server does not answer. Your changes are still here; try again.',
  refused: 'The server refused this. Your account may not change this record.',
  missing: 'The record is no longer there. Someone may have deleted it meanwhile.',
  failed: 'The server could not save this. Its log says why.',
  notAccepted: (message: string) => message || 'The server does not accept this.',
  stopped: 'The upload was stopped. Nothing was saved.',

  leave: {
    title: 'Leave without saving?',
    body: (fields: readonly string[]) => `Not saved yet: ${fields.join(', ')}.`,
    stay: 'Keep editing',
    discard: (count: number) => plural(count, { one: 'Discard # change', other: 'Discard # changes' }),
  },

  problems: {
    required: 'Fill this in.',
    number: 'Use a number, such as 12.5.',
    whole: 'Use a whole number.',
    date: (text: string) => `“${text}” is no date. Use one like 2026-03-14 11:00, today or +3d.`,
    json: ({ line, column }: { line: number; column: number }) =>
      `Not JSON: look at line ${formatCount(line)}, column ${formatCount(column)}.`,
    latitude: 'Use a latitude from −90 to 90.',
    longitude: 'Use a longitude from −180 to 180.',
    email: 'Use an e-mail address, like ana@example.org.',
    url: 'Use a web address, like https://example.org.',
    atLeast: (least: string) => `Use ${least} or more.`,
    atMost: (most: string) => `Use ${most} or less.`,
    notUnique: 'Another record has this value already.',
    fileTooLarge: (size: string) => `Larger than ${size}, the most this field takes.`,
    fileType: (types: readonly string[]) => `This field takes ${types.join(', ')} only.`,
  },

  numberRange: (least: string | null, most: string | null, onlyInt: boolean) => {
    const kind = onlyInt ? 'A whole number' : 'A number';
    if (least !== null && most !== null) return `${kind} from ${least} to ${most}.`;
    if (least !== null) return `${kind}, ${least} or more.`;
    if (most !== null) return `${kind}, ${most} or less.`;
    return onlyInt ? `${kind}.` : '';
  },
  clearedNumber: 'Empty is saved as 0.',
  ofCharacters: (length: number, most: number) => `${formatCount(length)} of ${formatCount(most)} characters`,
  charactersAtLeast: (least: number) =>
    plural(least, { one: '# character or more.', other: '# characters or more.' }),
  pattern: (pattern: string) => `Has to match ${pattern}`,
  openAddress: 'Open in a new tab',
  on: 'yes',
  off: 'no',

  date: {
    pick: (field: string) => `Choose ${field} from a calendar`,
    clear: (field: string) => `Clear ${field}`,
    hint: (zone: string) => `Your time, ${zone}. Also today, +3d.`,
    stored: (utc: string, zone: string) => `${zone}. Stored as ${utc}.`,
    notSet: 'not set yet',
  },

  choice: {
    none: 'Nothing chosen',
    chosen: (count: number, most: number) => `${formatCount(count)} of ${formatCount(most)}`,
    unknown: 'no longer one of the values',
    remove: (name: string) => `Remove ${name}`,
    add: (field: string) => `Add to ${field}`,
    choose: (field: string) => `Choose ${field}`,
    search: 'Type to search',
    noMatch: 'Nothing matches.',
    full: (most: number) => plural(most, { one: 'Holds # value at most.', other: 'Holds # values at most.' }),
    searchFailed: 'The records could not be searched.',
    showing: (count: number) =>
      plural(count, { one: '# record', other: '# records' }) + '; type to see others.',
    earlier: (name: string) => `Move ${name} up`,
    later: (name: string) => `Move ${name} down`,
    open: (name: string) => `Open ${name}`,
  },

  files: {
    drop: (many: boolean) => (many ? 'Drop files here, or' : 'Drop a file here, or'),
    choose: (many: boolean) => (many ? 'choose files' : 'choose a file'),
    chooseFor: (field: string) => `Choose files for ${field}`,
    limits: (most: number, size: string | null, types: readonly string[]) =>
      [
        plural(most, { one: '# file at most', other: '# files at most' }),
        ...(size === null ? [] : [`${size} each`]),
        ...(types.length > 0 ? [types.join(', ')] : []),
      ].join(' · '),
    remove: (name: string) => `Remove ${name}`,
    keep: (name: string) => `Keep ${name}`,
    keepShort: 'Keep',
    removed: 'removed when you save',
    added: (size: string) => `${size} · sent when you save`,
    replaced: 'replaced when you save',
    full: (most: number) => plural(most, { one: 'Holds # file at most.', other: 'Holds # files at most.' }),
    progress: (name: string) => `Upload of ${name}`,
    earlier: (name: string) => `Move ${name} up`,
    later: (name: string) => `Move ${name} down`,
  },

  json: {
    format: 'Format',
    hint: 'Empty is saved as null.',
    good: 'Good JSON.',
  },

  point: {
    latitude: 'Latitude',
    longitude: 'Longitude',
    hint: 'Paste “52.5, 13.4” into either. Empty is saved as 0, 0: never set.',
    map: 'Show on a map',
    here: 'Use my place',
    hereFailed: 'The browser did not tell where you are.',
  },

  password: {
    leave: 'Not shown. It stays as it is unless you set a new one.',
    set: 'Set a new password',
    label: (field: string) => `New ${field}`,
    generate: 'Generate',
    keep: 'Leave as it is',
    signsOut: 'A new password signs this account out everywhere.',
  },

  rich: {
    toolbar: (field: string) => `Format ${field}`,
    acts: {
      bold: 'Bold',
      italic: 'Italic',
      heading: 'Heading',
      subheading: 'Smaller heading',
      bullets: 'Bulleted list',
      numbers: 'Numbered list',
      quote: 'Quotation',
      code: 'Code',
      link: 'Link',
      paragraph: 'Paragraph',
    },
    signs: {
      bold: 'B',
      italic: 'I',
      heading: 'H2',
      subheading: 'H3',
      bullets: '•',
      numbers: '1.',
      quote: '“',
      code: '<>',
      link: '↗',
      paragraph: '¶',
    },
    view: (field: string) => `${field}: source or preview`,
    source: 'Source',
    preview: 'Preview',
    previewOf: (field: string) => `Preview of ${field}`,
    emptyPreview: 'Nothing to preview yet.',
  },

  remove: {
    title: (title: string) => `Delete ${title}?`,
    titleMany: (count: number, collection: string) => `Delete ${formatCount(count)} ${collection}?`,
    body: 'This cannot be undone. Its files are deleted with it.',
    bodyMany: (count: number) =>
      `${plural(count, { one: '# record is', other: '# records are' })} deleted for good, with their files. This cannot be undone.`,
    cascade: (names: readonly string[]) => `Deletes what points here as well: ${names.join(', ')}.`,
    emptied: (names: readonly string[]) => `Stays, but loses what it points to: ${names.join(', ')}.`,
    pointing: (collection: string, field: string) => `those of ${collection} (${field})`,
    pointingCounted: (count: number, collection: string, field: string) =>
      `${formatCount(count)} of ${collection} (${field})`,
    counting: 'Counting what points here',
    failed: (count: number) =>
      plural(count, {
        one: '# record could not be deleted. It stays selected.',
        other: '# records could not be deleted. They stay selected.',
      }),
    typeCount: (count: string) => `Type ${count} to go on`,
    act: (title: string) => `Delete ${title}`,
    thisRecord: 'this record',
    actMany: (count: number, collection: string) => `Delete ${formatCount(count)} ${collection}`,
    cancel: 'Cancel',
    deleting: 'Deleting',
    progress: (done: number, total: number) => `${formatCount(done)} of ${formatCount(total)}`,
    stop: 'Stop',
    countWrong: 'The number is not right.',
  },
};
