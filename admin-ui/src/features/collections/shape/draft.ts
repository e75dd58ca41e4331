import type { Collection, CollectionPatch, FieldType } from '@/api';
import { columnName, formatIndex, parseIndex, quoteName, type IndexParts } from './indexSql';

/** A field with whatever options its type has; which ones is told by `fieldOptions.ts`. */
export type FieldData = {
  id: string;
  name: string;
  type: FieldType;
  system: boolean;
  hidden: boolean;
  presentable: boolean;
  required?: boolean;
  help?: string;
  [option: string]: unknown;
};

export type DraftField = {
  /** Stays the same while the field is renamed and moved. */
  key: string;
  data: FieldData;
  isNew: boolean;
  /** Deleted by the next save; kept in the list until then, so that it can be taken back. */
  isRemoved: boolean;
};

export type DraftIndex = IndexParts & {
  key: string;
  /** As the server has it; sent as it is while nothing of it changes. */
  stored: string | null;
};

/** A collection as it is being shaped. */
export type Draft = {
  name: string;
  fields: readonly DraftField[];
  indexes: readonly DraftIndex[];
  viewQuery: string;
  /** Rules and options by their keys of the API. */
  options: Readonly<Record<string, unknown>>;
};

const ownKeys = new Set([
  'id',
  'name',
  'type',
  'system',
  'fields',
  'indexes',
  'created',
  'updated',
  'viewQuery',
]);

export const readDraft = (collection: Collection): Draft => ({
  name: collection.name,
  fields: collection.fields.map((field) => ({
    key: field.id,
    data: { ...field },
    isNew: false,
    isRemoved: false,
  })),
  indexes: collection.indexes.map((sql, position) => ({
    ...parseIndex(sql),
    key: `stored ${position}`,
    stored: sql,
  })),
  viewQuery: collection.viewQuery ?? '',
  options: Object.fromEntries(Object.entries(collection).filter(([key]) => !ownKeys.has(key))),
});

export const isSame = (one: unknown, two: unknown): boolean => JSON.stringify(one) === JSON.stringify(two);

export const indexSql = (index: DraftIndex, table: string): string => {
  const { unique, name, columns, where, stored } = index;
  if (stored !== null && isSame({ unique, name, columns, where }, parseIndex(stored))) return stored;
  return formatIndex(index, table);
};

const newId = (type: string): string => `${type}${crypto.getRandomValues(new Uint32Array(1))[0] ?? 0}`;

const toWire = ({ data, isNew }: DraftField, all: readonly DraftField[]): Record<string, unknown> => {
  if (!isNew) return data;
  const { id, ...rest } = data;
  if (id !== '') return data;
  // Without an id of its own, a new field of the name and type of a deleted one would inherit its values.
  const inherits = all.some((other) => other.isRemoved && other.data.type === data.type);
  return inherits ? { ...rest, id: newId(data.type) } : rest;
};

/** What is sent, and which field and index of the draft stands at which position of it. */
export type Outgoing = { patch: CollectionPatch; fieldKeys: string[]; indexKeys: string[] };

const outgoing = (draft: Draft, kept: readonly DraftField[], wanted: (key: keyof Draft) => boolean) => {
  const patch: Record<string, unknown> = {};
  if (wanted('name')) patch.name = draft.name.trim();
  if (wanted('fields')) patch.fields = kept.map((field) => toWire(field, draft.fields));
  if (wanted('indexes')) patch.indexes = draft.indexes.map((index) => indexSql(index, draft.name.trim()));
  if (wanted('viewQuery')) patch.viewQuery = draft.viewQuery;
  return patch;
};

const keysOf = (draft: Draft, kept: readonly DraftField[]) => ({
  fieldKeys: kept.map(({ key }) => key),
  indexKeys: draft.indexes.map(({ key }) => key),
});

/** Only what differs from what is stored. */
export const toPatch = (draft: Draft, stored: Draft): Outgoing => {
  const kept = draft.fields.filter(({ isRemoved }) => !isRemoved);
  const patch = outgoing(draft, kept, (key) => !isSame(draft[key], stored[key]));
  for (const [key, value] of Object.entries(draft.options)) {
    if (!isSame(value, stored.options[key])) patch[key] = value;
  }
  return { patch, ...keysOf(draft, kept) };
};

/** All of a collection that does not exist yet. */
export const toNewCollection = (draft: Draft, type: Collection['type']): Outgoing => {
  const kept = draft.fields.filter(({ isRemoved }) => !isRemoved);
  const isView = type === 'view';
  const patch = outgoing(draft, kept, (key) => key === 'name' || isView === (key === 'viewQuery'));
  return { patch: { type, ...patch, ...draft.options }, ...keysOf(draft, kept) };
};

/** The index that lets a value of the field stand once in the collection, if there is one. */
export const uniqueIndexOf = (draft: Draft, name: string): DraftIndex | undefined =>
  draft.indexes.find(
    ({ unique, columns }) => unique && columns.length === 1 && columnName(columns[0] ?? '') === name,
  );

let made = 0;
/** A key for something that the server does not know yet. */
export const nextKey = (): string => `new ${++made}`;

const randomPart = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(10)), (byte) => (byte % 36).toString(36)).join('');

export const newIndex = (columns: readonly string[], unique: boolean): DraftIndex => ({
  key: nextKey(),
  stored: null,
  unique,
  name: `idx_${randomPart()}`,
  columns: columns.map(quoteName),
  where: '',
});

/** Turns the rule that no two records have the same value on or off. */
export const withUnique = (draft: Draft, name: string, unique: boolean): Draft => {
  const index = uniqueIndexOf(draft, name);
  if (unique === (index !== undefined)) return draft;
  const indexes = index
    ? draft.indexes.filter((one) => one !== index)
    : [...draft.indexes, newIndex([name], true)];
  return { ...draft, indexes };
};

/** Renames a field, also in the indexes that are made of it. */
export const withRenamed = (draft: Draft, key: string, name: string): Draft => {
  const field = draft.fields.find((one) => one.key === key);
  if (!field || field.data.name === name) return draft;
  const old = field.data.name;
  return {
    ...draft,
    fields: draft.fields.map((one) => (one.key === key ? { ...one, data: { ...one.data, name } } : one)),
    indexes: draft.indexes.map((index) => ({
      ...index,
      columns: index.columns.map((column) =>
        columnName(column) === old
          ? column.replace(/^(`[^`]*`|"[^"]*"|\[[^\]]*\]|\w+)/, quoteName(name))
          : column,
      ),
    })),
  };
};

/** Deletes a field, and the indexes that cannot be without it. */
export const withRemoved = (draft: Draft, key: string): Draft => {
  const field = draft.fields.find((one) => one.key === key);
  if (!field) return draft;
  const { name } = field.data;
  return {
    ...draft,
    fields: field.isNew
      ? draft.fields.filter((one) => one.key !== key)
      : draft.fields.map((one) => (one.key === key ? { ...one, isRemoved: true } : one)),
    indexes: draft.indexes.filter(({ columns }) => !columns.some((column) => columnName(column) === name)),
  };
};

/** Takes the deletion of a field back, with the indexes that went along. */
export const withKept = (draft: Draft, stored: Draft, key: string): Draft => {
  const field = draft.fields.find((one) => one.key === key);
  if (!field) return draft;
  const fields = draft.fields.map((one) => (one.key === key ? { ...one, isRemoved: false } : one));
  const names = new Set(fields.filter(({ isRemoved }) => !isRemoved).map(({ data }) => data.name));
  const old = stored.fields.find((one) => one.key === key)?.data.name ?? field.data.name;
  const back = stored.indexes.filter(
    (index) =>
      !draft.indexes.some((one) => one.key === index.key) &&
      index.columns.some((column) => columnName(column) === old) &&
      index.columns.every((column) => names.has(columnName(column))),
  );
  return { ...draft, fields, indexes: [...draft.indexes, ...back] };
};

/** Moves a field to another place in the list. */
export const withMoved = (draft: Draft, from: number, to: number): Draft => {
  const field = draft.fields[from];
  if (!field || to < 0 || to >= draft.fields.length || from === to) return draft;
  return { ...draft, fields: draft.fields.toSpliced(from, 1).toSpliced(to, 0, field) };
};
