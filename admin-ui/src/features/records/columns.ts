import type { Collection, Field, FieldType } from '@/api';

type Width = { rem: number; grows: boolean };

const widths: Record<FieldType, Width> = {
  text: { rem: 11, grows: true },
  editor: { rem: 14, grows: true },
  number: { rem: 7, grows: false },
  bool: { rem: 5, grows: false },
  email: { rem: 13, grows: true },
  url: { rem: 13, grows: true },
  date: { rem: 8, grows: false },
  autodate: { rem: 8.5, grows: false },
  select: { rem: 10, grows: true },
  file: { rem: 8, grows: false },
  relation: { rem: 11, grows: true },
  json: { rem: 12, grows: true },
  geoPoint: { rem: 9, grows: false },
  password: { rem: 6.5, grows: false },
};

const titleTypes: ReadonlySet<FieldType> = new Set([
  'text',
  'email',
  'url',
  'number',
  'date',
  'select',
  'editor',
]);
const titleNames = ['title', 'name', 'label', 'subject', 'username', 'number', 'slug', 'code', 'email'];

/** The fields by which people know a record: those marked presentable, else the likeliest by name. */
export const titleFields = (collection: Collection): Field[] => {
  const usable = collection.fields.filter((field) => titleTypes.has(field.type) && field.name !== 'id');
  const marked = usable.filter(({ presentable }) => presentable);
  if (marked.length > 0) return marked;
  const names = collection.type === 'auth' ? ['email', ...titleNames] : titleNames;
  const named = names.map((name) => usable.find((field) => field.name.toLowerCase() === name));
  return named.filter((field) => field !== undefined).slice(0, 1);
};

// What has an order people would ask for, and one value for each record.
const isSortable = (field: Field): boolean => {
  switch (field.type) {
    case 'select':
      return field.maxSelect <= 1;
    case 'file':
    case 'relation':
    case 'json':
    case 'geoPoint':
    case 'password':
      return false;
    default:
      return true;
  }
};

/** The width of the column with the boxes that select. */
export const selectRem = 2.25;

// What one value of can be asked for; of a file or a password there is nothing to compare.
const isFilterable = (field: Field): boolean =>
  !['file', 'password', 'json', 'geoPoint', 'editor'].includes(field.type);

export type Column = {
  field: Field;
  sortable: boolean;
  /** Whether the list can be narrowed to one of its values. */
  filterable: boolean;
  end: boolean;
  mono: boolean;
  track: string;
  rem: number;
};

const toColumn = (field: Field): Column => {
  const isId = field.name === 'id';
  // A field type of a newer server has no width of its own yet.
  const known: Partial<Record<string, Width>> = widths;
  const { rem, grows } = isId ? { rem: 10, grows: false } : (known[field.type] ?? widths.text);
  // The heading, a sort arrow and the padding have to fit too.
  const wide = Math.min(Math.max(rem, field.name.length * 0.5 + 2.75), 15);
  return {
    field,
    sortable: isSortable(field),
    filterable: isFilterable(field),
    end: field.type === 'number',
    mono: isId || field.type === 'json',
    track: grows ? `minmax(${wide}rem, ${wide}fr)` : `${wide}rem`,
    rem: wide,
  };
};

/** Fields that never reach a browser or say nothing in a list: keys, and the password of an account. */
const isSilent = (field: Field): boolean =>
  field.system && (field.name === 'tokenKey' || field.type === 'password');

/** The columns of the grid: what names the record first, then the rest in their order; the id only as a last name. */
export const columnsOf = (collection: Collection): Column[] => {
  const titles = titleFields(collection);
  const rest = collection.fields.filter(
    (field) => !titles.includes(field) && !isSilent(field) && (titles.length === 0 || field.name !== 'id'),
  );
  return [...titles, ...rest].map(toColumn);
};

/** The longest text a cell could show. */
const excerpt = 160;

/** The `fields` parameter: only what the grid shows, long texts cut by the server. */
export const fieldsParam = (columns: readonly Column[], collections: readonly Collection[]): string => {
  const names = ['id'];
  for (const { field } of columns) {
    if (field.name === 'id') continue;
    names.push(field.type === 'editor' ? `${field.name}:excerpt(${excerpt})` : field.name);
    if (field.type !== 'relation') continue;
    const target = collections.find(({ id }) => id === field.collectionId);
    names.push(`expand.${field.name}.id`);
    for (const title of target ? titleFields(target) : []) names.push(`expand.${field.name}.${title.name}`);
  }
  return names.join(',');
};

/** The `expand` parameter: every relation, so that names can stand where ids are stored. */
export const expandParam = (collection: Collection): string =>
  collection.fields
    .filter(({ type }) => type === 'relation')
    .map(({ name }) => name)
    .join(',');
