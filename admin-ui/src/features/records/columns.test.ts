import { expect, test } from 'vitest';
import type { RelationField } from '@/api';
import { collection, field, textField } from '@/test/collections';
import { columnsOf, expandParam, fieldsParam, titleFields } from './columns';

const customers = collection('customers', [textField('name')]);
const orders = collection('orders', [
  field('number', 'total', { onlyInt: false }),
  textField('number', { presentable: true }),
  field('relation', 'customer', {
    collectionId: customers.id,
    maxSelect: 1,
  } satisfies Partial<RelationField>),
  field('editor', 'note'),
  field('json', 'meta'),
]);

test('the presentable field comes first and the id is left out', () => {
  expect(columnsOf(orders).map((column) => column.field.name)).toEqual([
    'number',
    'total',
    'customer',
    'note',
    'meta',
  ]);
});

test('without a name of any kind the id names the record', () => {
  const bare = collection('bare', [field('bool', 'ready')]);
  expect(titleFields(bare)).toEqual([]);
  expect(columnsOf(bare).map((column) => column.field.name)).toEqual(['id', 'ready']);
});

test('a likely name stands in for a presentable field', () => {
  expect(titleFields(customers).map(({ name }) => name)).toEqual(['name']);
});

test('accounts are known by their e-mail, and their keys are not shown', () => {
  const users = collection(
    'users',
    [
      field('password', 'password', { system: true }),
      textField('tokenKey', { system: true }),
      field('email', 'email', { system: true }),
      textField('name'),
    ],
    { type: 'auth' },
  );
  expect(columnsOf(users).map((column) => column.field.name)).toEqual(['email', 'name']);
});

test('only what has one value with an order can be sorted', () => {
  const sortable = columnsOf(orders).filter((column) => column.sortable);
  expect(sortable.map((column) => column.field.name)).toEqual(['number', 'total', 'note']);
});

test('only what the grid shows is asked for', () => {
  expect(fieldsParam(columnsOf(orders), [customers, orders])).toBe(
    'id,number,total,customer,expand.customer.id,expand.customer.name,note:excerpt(160),meta',
  );
  expect(expandParam(orders)).toBe('customer');
});
