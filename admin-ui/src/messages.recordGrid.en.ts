import { formatCount, plural } from './locale';

// The words of the grid of records, a part of the one catalogue.

const records = { one: '# record', other: '# records' };

export const recordGridMessages = {
  newRecord: 'New record',
  newRecordShort: 'New',

  selection: {
    select: (title: string) => `Select ${title}`,
    all: 'Select all loaded records',
    none: 'Select none',
    count: (count: number, total: number) => `${formatCount(count)} of ${formatCount(total)} selected`,
    everything: (total: number) => `Select all ${plural(total, records)}`,
    edit: 'Edit…',
    export: 'Export JSON',
    copyIds: 'Copy ids',
    delete: 'Delete…',
    clear: 'Clear the selection',
    failed: 'The records could not be selected. Try again.',
    exported: (collection: string) => `${collection}.json`,
    exportFailed: 'The records could not be exported. Try again.',
  },

  bulk: {
    title: (count: number) => `Edit ${plural(count, records)}`,
    intro: 'Choose the fields to set. The others stay as they are.',
    field: 'Field',
    addField: 'Add a field…',
    remove: (field: string) => `Leave ${field} as it is`,
    alreadySo: (already: number, known: number) =>
      `${formatCount(already)} of ${plural(known, records)} in the list have this already.`,
    apply: (count: number) => `Apply to ${plural(count, records)}`,
    applying: 'Applying',
    progress: (done: number, total: number) => `${formatCount(done)} of ${formatCount(total)}`,
    stop: 'Stop',
    cancel: 'Cancel',
    nothing: 'Choose at least one field.',
    failed: (count: number) =>
      plural(count, {
        one: '# record was not changed. It stays selected.',
        other: '# records were not changed. They stay selected.',
      }),
    reason: (field: string, problem: string) => `${field}: ${problem}`,
  },

  edit: {
    cell: (field: string, title: string) => `${field} of ${title}`,
    toggle: (field: string, isOn: boolean) => `${field}: ${isOn ? 'yes' : 'no'}. Press to change.`,
    nothing: 'nothing',
    saving: 'Saving',
    saved: 'Saved',
    offline: 'Not saved: the server does not answer. Enter tries again.',
    refused: 'Not saved: the server refused this.',
    missing: 'Not saved: the record is no longer there.',
    failed: 'Not saved: the server could not do this.',
  },

  columns: {
    title: 'Columns',
    button: 'Columns',
    intro: 'Kept in this browser, for this collection.',
    show: (field: string) => `Show ${field}`,
    earlier: (field: string) => `Move ${field} before the one before it`,
    later: (field: string) => `Move ${field} after the next`,
    reset: 'Reset the columns',
    menu: (field: string) => `Acts on the column ${field}`,
    ascending: 'Sort ascending',
    descending: 'Sort descending',
    unsorted: 'Do not sort',
    hide: 'Hide',
    left: 'Move left',
    right: 'Move right',
    wider: 'Wider',
    narrower: 'Narrower',
    resetWidth: 'Usual width',
    resize: (field: string) => `Width of ${field}`,
    atLeastOne: 'One column has to stay.',
  },

  cell: {
    menu: (field: string) => `Acts on this ${field}`,
    open: 'Open the record',
    edit: 'Edit',
    filter: 'Filter by this',
    exclude: 'Exclude this',
    copy: 'Copy',
    duplicate: 'Duplicate the record',
    delete: 'Delete the record…',
  },

  search: {
    label: (collection: string) => `Search ${collection}`,
    placeholder: 'Search, or filter: status = "paid"',
    clear: 'Clear the search',
    clearAll: 'Clear search and filter',
    readAs: 'Read as',
    asWords: 'Words',
    asFilter: 'Filter',
    pressEnter: 'Enter filters by this.',
    filters: 'Filters',
    removeFilter: (text: string) => `Remove the filter ${text}`,
    editFilter: (text: string) => `Edit the filter ${text}`,
    unknownField: (name: string) => `No field “${name}”.`,
    didYouMean: (name: string) => `Did you mean ${name}?`,
    notAccepted: (message: string) =>
      message === '' ? 'This is no filter.' : `This is no filter: ${message}`,
    notChecked: 'The server could not check this filter.',
    lastGood: 'Shown is what was found before.',
    noMatch: {
      title: 'No record matches',
      body: (collection: string, words: string, filter: string) =>
        `Nothing in ${collection} fits ${[words === '' ? '' : `“${words}”`, filter].filter((one) => one !== '').join(' and ')}.`,
    },
    badFilter: {
      title: 'These records cannot be filtered like that',
      body: 'The address asks for a filter that the server does not accept.',
      act: 'Clear the filter',
    },
    complete: 'What could stand here',
  },
};
