import { expect, test } from 'vitest';
import { collection } from '@/test/collections';
import { nextSort, parseSort, serverSort } from './sort';

test('a heading goes from unsorted over ascending and descending back to unsorted', () => {
  expect(nextSort('', 'total')).toBe('total');
  expect(nextSort('total', 'total')).toBe('-total');
  expect(nextSort('-total', 'total')).toBe('');
  expect(nextSort('-total', 'number')).toBe('number');
});

test('a sort of several fields has no single heading', () => {
  expect(parseSort('-created,number')).toBeNull();
  expect(parseSort('-created')).toEqual({ field: 'created', direction: 'descending' });
});

test('no order is left undecided', () => {
  const base = collection('orders', []);
  expect(serverSort(base, '')).toBe('-@rowid');
  expect(serverSort(base, 'total')).toBe('total,-@rowid');
  const view = collection('totals', [], { type: 'view' });
  expect(serverSort(view, '')).toBe('');
  expect(serverSort(view, 'total')).toBe('total,id');
  expect(serverSort(view, '-id')).toBe('-id');
});
