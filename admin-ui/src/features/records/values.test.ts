import { describe, expect, test } from 'vitest';
import { formatAge, decimalsOf } from '@/locale';
import { collection, field, textField } from '@/test/collections';
import { titleFields } from './columns';
import { asList, asPoint, plainText, recordTitle, safeUrl, valueText } from './values';

describe('the text of a value', () => {
  test.each([
    ['text', '', ''],
    ['text', 'abc', 'abc'],
    ['bool', true, 'yes'],
    ['bool', 0, 'no'],
    ['json', null, 'null'],
    ['json', {}, '{}'],
    ['json', undefined, ''],
    ['select', ['a', 'b'], 'a, b'],
    ['relation', 'abc', 'abc'],
    ['file', [], ''],
    ['geoPoint', { lat: 52.5, lon: 13.404 }, '52.50, 13.40'],
    ['geoPoint', { lat: 0, lon: 0 }, ''],
    ['number', 'not a number', 'not a number'],
    ['date', '', ''],
    ['date', 'someday', 'someday'],
    ['email', { odd: true }, '{"odd":true}'],
  ] as const)('%s %j is %j', (type, value, text) => {
    expect(valueText(field(type, 'x', { onlyInt: false }), value)).toBe(text);
  });
});

test('odd values are not taken for a list or a point', () => {
  expect(asList(7)).toEqual([]);
  expect(asList(['a', '', 3])).toEqual(['a']);
  expect(asPoint('52.5,13.4')).toBeNull();
  expect(asPoint({ lat: '1', lon: 2 })).toBeNull();
});

test('HTML becomes its words, and nothing in it runs', () => {
  expect(plainText('<p>Ring <b>twice</b></p><p>then&nbsp;wait</p><script>x()</script>')).toBe(
    'Ring twice\nthen wait',
  );
  expect(plainText('<img src=x onerror="x()">')).toBe('');
  expect(plainText('1 < 2 &lt;b&gt; &amp; <unclosed')).toBe('1 < 2 <b> & <unclosed');
  expect(plainText('a<style>b{}</style><script>if (1<2) c()</script>d')).toBe('a\nd');
});

test('only links that a browser may follow are links', () => {
  expect(safeUrl('https://example.org/a')).toBe('https://example.org/a');
  expect(safeUrl('javascript:alert(1)')).toBeNull();
  expect(safeUrl('data:text/html,x')).toBeNull();
  expect(safeUrl('example.org')).toBeNull();
});

test('a record is called by its title fields, and by its id when they are empty', () => {
  const titles = titleFields(
    collection('orders', [
      textField('number', { presentable: true }),
      textField('customer', { presentable: true }),
    ]),
  );
  const base = { id: 'r1', collectionId: 'c', collectionName: 'orders' };
  expect(recordTitle({ ...base, number: 'L-1', customer: 'Ada' }, titles)).toBe('L-1 · Ada');
  expect(recordTitle({ ...base, number: '', customer: 'Ada' }, titles)).toBe('Ada');
  expect(recordTitle({ ...base, number: '', customer: '' }, titles)).toBe('r1');
});

test('ages are told for a week', () => {
  const now = Date.parse('2026-03-14T12:00:00Z');
  expect(formatAge(new Date('2026-03-14T11:59:30Z'), now)).toBe('30 seconds ago');
  expect(formatAge(new Date('2026-03-14T09:00:00Z'), now)).toBe('3 hours ago');
  expect(formatAge(new Date('2026-03-13T12:00:00Z'), now)).toBe('yesterday');
  expect(formatAge(new Date('2026-03-01T12:00:00Z'), now)).toMatch(/2026/);
});

test('numbers of a column share their decimals unless one has very many', () => {
  expect(decimalsOf([1, 2.5, 3.25])).toBe(2);
  expect(decimalsOf([1, 2])).toBe(0);
  expect(decimalsOf([0.1234567, 2.5])).toBe(0);
  expect(decimalsOf([])).toBe(0);
});
