import type { Collection } from '@/api';

export type Sort = { field: string; direction: 'ascending' | 'descending' };

/** Reads the `sort` of the address; null when it is empty or more than one plain field. */
export const parseSort = (text: string): Sort | null => {
  const match = /^([+-]?)(\w+)$/.exec(text.trim());
  const field = match?.[2];
  if (field === undefined) return null;
  return { field, direction: match?.[1] === '-' ? 'descending' : 'ascending' };
};

/** Unsorted, ascending, descending, unsorted again. */
export const nextSort = (current: string, field: string): string => {
  const sort = parseSort(current);
  if (sort?.field !== field) return field;
  return sort.direction === 'ascending' ? `-${field}` : '';
};

/**
 * What the server is asked to sort by. Newest first unless chosen otherwise, and never without a tie-breaker:
 * two pages of an undecided order could show a record twice. A view has no order of insertion; it keeps its own.
 */
export const serverSort = (collection: Collection, sort: string): string => {
  if (collection.type === 'view') return sort === '' || parseSort(sort)?.field === 'id' ? sort : `${sort},id`;
  return sort === '' ? '-@rowid' : `${sort},-@rowid`;
};
