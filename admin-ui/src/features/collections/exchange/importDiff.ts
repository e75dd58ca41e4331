import type { Collection } from '@/api';
import { changesOf, type Change } from '../shape/changes';
import { isSame, nextKey, readDraft, type Draft } from '../shape/draft';

// What an import would do, worked out as the server does it: collections are matched by id, or by name where none is
// given; fields by id, or by name and type; what the file lacks stays, unless it is to be deleted.

export type Incoming = Partial<Collection> & { name: string };

export type CollectionDiff = {
  name: string;
  kind: 'added' | 'changed' | 'same' | 'removed';
  changes: Change[];
  /** What is sent for it. */
  item: Incoming | null;
  stored: Collection | null;
  /** Names of fields whose values are lost. */
  lostFields: string[];
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isIncoming = (value: unknown): value is Incoming =>
  isObject(value) &&
  typeof value.name === 'string' &&
  value.name !== '' &&
  (value.fields === undefined ||
    (Array.isArray(value.fields) &&
      value.fields.every(
        (field) => isObject(field) && typeof field.name === 'string' && typeof field.type === 'string',
      )));

/** Reads a file of collections: a list of them, or an object with the list in `collections`; null when it is neither. */
export const readImport = (text: string): Incoming[] | null => {
  try {
    const parsed: unknown = JSON.parse(text);
    const list: unknown = isObject(parsed) && 'collections' in parsed ? parsed.collections : parsed;
    return Array.isArray(list) && list.length > 0 && list.every(isIncoming) ? list : null;
  } catch {
    return null;
  }
};

const merged = (stored: unknown, given: unknown): unknown =>
  isObject(stored) && isObject(given)
    ? Object.fromEntries(
        [...new Set([...Object.keys(stored), ...Object.keys(given)])].map((key) => [
          key,
          key in given ? merged(stored[key], given[key]) : stored[key],
        ]),
      )
    : given;

const draftOf = (stored: Collection, item: Incoming, deletesMissing: boolean): Draft => {
  const before = readDraft(stored);
  const given = item.fields ?? (deletesMissing ? [] : stored.fields);
  const fields = given.map((field) => {
    const twin = stored.fields.find(({ name, type }) => name === field.name && type === field.type);
    const same = stored.fields.find(({ id }) => id === field.id) ?? twin;
    return {
      key: same?.id ?? nextKey(),
      data: { ...field, id: same?.id ?? '' },
      isNew: !same,
      isRemoved: false,
    };
  });
  const missing = before.fields
    .filter(({ key }) => !fields.some((field) => field.key === key))
    .map((field) => ({ ...field, isRemoved: deletesMissing && !field.data.system }));
  const indexes = readDraft({ ...stored, indexes: item.indexes ?? stored.indexes }).indexes.map((index) => {
    const same = before.indexes.find(({ stored: sql }) => sql === index.stored);
    return same ?? { ...index, key: nextKey() };
  });
  const options = Object.fromEntries(
    Object.entries(before.options).map(([key, value]) => [
      key,
      key in item ? merged(value, item[key]) : value,
    ]),
  );
  const viewQuery = item.viewQuery ?? before.viewQuery;
  // The fields of a view come from its query.
  return {
    name: item.name,
    fields: stored.type === 'view' ? before.fields : [...fields, ...missing],
    indexes,
    viewQuery,
    options,
  };
};

const diffOf = (stored: Collection, item: Incoming, deletesMissing: boolean): CollectionDiff => {
  const draft = draftOf(stored, item, deletesMissing);
  const changes = changesOf(draft, readDraft(stored));
  return {
    name: stored.name,
    kind: changes.length === 0 ? 'same' : 'changed',
    changes,
    item,
    stored,
    lostFields: draft.fields.filter(({ isRemoved }) => isRemoved).map(({ data }) => data.name),
  };
};

/** What an import would change, collection by collection. */
export const diffImport = (
  items: readonly Incoming[],
  collections: readonly Collection[],
  deletesMissing: boolean,
): CollectionDiff[] => {
  const matched = new Map(
    items.map((item) => [
      item,
      collections.find(({ id, name }) =>
        item.id === undefined || item.id === ''
          ? name.toLowerCase() === item.name.toLowerCase()
          : id === item.id,
      ),
    ]),
  );
  const given = items.map((item): CollectionDiff => {
    const stored = matched.get(item);
    if (stored) return diffOf(stored, item, deletesMissing);
    return { name: item.name, kind: 'added', changes: [], item, stored: null, lostFields: [] };
  });
  const kept = [...matched.values()];
  const removed = deletesMissing
    ? collections
        .filter((one) => !one.system && !kept.some((other) => other && isSame(other.id, one.id)))
        .map((one): CollectionDiff => ({
          name: one.name,
          kind: 'removed',
          changes: [],
          item: null,
          stored: one,
          lostFields: [],
        }))
    : [];
  return [...given, ...removed];
};
