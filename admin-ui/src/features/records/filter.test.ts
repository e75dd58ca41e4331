import { describe, expect, test } from 'vitest';
import { collection, field, textField } from '@/test/collections';
import { cellFilter } from './cellFilter';
import { columnsOf } from './columns';
import { completionsAt } from './filterComplete';
import {
  joinConditions,
  looksLikeFilter,
  nearestName,
  readFilterProblem,
  splitConditions,
} from './filterRead';
import { listFilter, quoted } from './filterText';

test.each([
  ['status = "paid"', true],
  ['customer.name ~ "x"', true],
  ['tags:each ?= "x"', true],
  ['@request.auth.id != ""', true],
  ['(total>=5)', true],
  ['paid', false],
  ['hana moreau', false],
  ['L-0001', false],
  ['what is 5 > 3', false],
])('%j reads like a filter: %j', (text, expected) => {
  expect(looksLikeFilter(text)).toBe(expected);
});

describe('conditions', () => {
  test.each([
    ['', []],
    ['a = 1', ['a = 1']],
    ['a = 1 && b = "x && y" && (c = 1 && d = 2)', ['a = 1', 'b = "x && y"', '(c = 1 && d = 2)']],
    ['a = "\\" && " && b = 1', ['a = "\\" && "', 'b = 1']],
    ['a = 1 && b = 1 || c = 1', ['a = 1 && b = 1 || c = 1']],
  ])('of %j', (filter, parts) => {
    expect(splitConditions(filter)).toEqual(parts);
  });

  test('keep an "or" among others together', () => {
    expect(joinConditions(['a = 1 || b = 1', 'c = 1'])).toBe('(a = 1 || b = 1) && c = 1');
    expect(joinConditions(['a = 1 || b = 1'])).toBe('a = 1 || b = 1');
  });
});

test('the place of a problem is read from what the server says', () => {
  expect(
    readFilterProblem(
      "The request's query parameters cannot be used: unknown field in `titel` at position 14.",
    ),
  ).toEqual({ start: 13, end: 18, unknown: 'titel', message: 'unknown field in `titel` at position 14.' });
  expect(readFilterProblem('Something else.')).toMatchObject({ start: null, unknown: null });
  expect(nearestName('custmer', ['status', 'customer'])).toBe('customer');
  expect(nearestName('zzz', ['status', 'customer'])).toBeNull();
});

const customers = collection('customers', [textField('name')]);
const orders = collection('orders', [
  textField('number'),
  field('select', 'status', { maxSelect: 1, values: ['new', 'paid'] }),
  field('select', 'tags', { maxSelect: 3, values: ['a', 'b'] }),
  field('number', 'total'),
  field('bool', 'paid'),
  field('relation', 'customer', { maxSelect: 1, collectionId: customers.id }),
]);

test.each([
  ['sta', ['status ']],
  ['total > 1 && pa', ['paid ']],
  ['status ', ['= ', '!= ', '~ ', '!~ ']],
  ['status = "p', ['"paid"']],
  ['paid = ', ['true', 'false']],
  ['customer.na', ['name ']],
  ['cust', ['customer.', 'customer ']],
  ['', []],
  ['nothing.', []],
])('after %j could stand %j', (text, expected) => {
  expect(completionsAt(text, text.length, orders, [orders, customers]).map((one) => one.text)).toEqual(
    expected,
  );
});

test('a text in a filter stays a text', () => {
  expect(quoted('a "b" \\ c\n')).toBe('"a \\"b\\" \\\\ c\\n"');
  expect(listFilter(customers, '', '100% "x"')).toBe(
    '(id ~ "100\\%" || name ~ "100\\%") && (id ~ "\\"x\\"" || name ~ "\\"x\\"")',
  );
  expect(listFilter(customers, 'a = 1 || b = 2', 'x')).toBe('(a = 1 || b = 2) && (id ~ "x" || name ~ "x")');
});

test.each([
  ['number', false, 'number = "L-1"'],
  ['status', true, 'status != "paid"'],
  ['tags', false, '(tags:each ?= "a" && tags:each ?= "b")'],
  ['tags', true, '(tags:each != "a" && tags:each != "b")'],
  ['total', false, 'total = 7'],
  ['paid', true, 'paid != false'],
])('the cell %s, excluded: %j, filters by %s', (name, isExcluded, expected) => {
  const column = columnsOf(orders).find((one) => one.field.name === name);
  if (!column) throw new Error(name);
  const record = {
    id: 'r1',
    collectionId: '',
    collectionName: '',
    number: 'L-1',
    status: 'paid',
    tags: ['a', 'b'],
    total: 7,
    paid: false,
  };
  expect(cellFilter(column, record, isExcluded)).toBe(expected);
});
