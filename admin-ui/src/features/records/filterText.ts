import type { Collection, Field } from '@/api';
import { joinConditions, splitConditions } from './filterRead';

/** A text as it stands in a filter. */
export const quoted = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')}"`;

/** A text to be found inside of others: its own % would make it a pattern. */
const contained = (text: string): string => quoted(text).replaceAll('%', '\\%');

const searched = new Set<Field['type']>(['text', 'editor', 'email', 'url', 'select', 'number', 'json']);

const isSearched = (field: Field): boolean => searched.has(field.type) && field.name !== 'tokenKey';

// What a filter has room for: words times fields are its comparisons, of which there may be 200.
const mostFields = 12;
const mostWords = 8;

/** Records in which each of the words stands in one of the fields. */
export const wordsFilter = (fields: readonly Field[], text: string): string => {
  const names = fields.map(({ name }) => name);
  return text
    .split(/\s+/)
    .filter((word) => word !== '')
    .slice(0, mostWords)
    .map((word) => {
      const places = names.map((name) => `${name} ~ ${contained(word)}`);
      return places.length === 1 ? places.join('') : `(${places.join(' || ')})`;
    })
    .join(' && ');
};

/** The records with one of these ids. */
export const idsFilter = (ids: readonly string[]): string =>
  ids.map((id) => `id = ${quoted(id)}`).join(' || ');

/** The filter of a list: what is filtered by, and the words that are looked for in its texts. */
export const listFilter = (collection: Collection, filter: string, words: string): string => {
  if (words === '') return filter;
  const fields = collection.fields.filter(isSearched).slice(0, mostFields);
  return joinConditions([...splitConditions(filter), wordsFilter(fields, words)]);
};
