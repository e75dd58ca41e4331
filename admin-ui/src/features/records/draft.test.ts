import { describe, expect, test } from 'vitest';
import { collection, field, textField } from '@/test/collections';
import { copyDrafts, draftOf, isChanged, isEditable, parseTypedNumber, readDraft, writeOf } from './draft';

const file = (name: string) => new File(['x'], name);

describe('a draft', () => {
  test.each([
    [field('number', 'total'), 12.5],
    [field('bool', 'paid'), true],
    [textField('name'), 'Ana'],
    [field('editor', 'note'), '<p>x</p>'],
    [field('select', 'status', { maxSelect: 1, values: ['a'] }), 'a'],
    [field('select', 'tags', { maxSelect: 3, values: ['a', 'b'] }), ['a', 'b']],
    [field('relation', 'by', { maxSelect: 1, collectionId: 'x' }), 'r1'],
    [field('date', 'due'), '2026-03-14 10:00:00.123Z'],
    [field('geoPoint', 'place'), { lat: 52.5, lon: 13.4 }],
    [field('file', 'photos', { maxSelect: 3 }), ['a.png', 'b.png']],
    [field('json', 'meta'), { a: [1, null, 'x'] }],
    [field('json', 'meta'), ''],
    [field('json', 'meta'), null],
  ])('gives back what is stored: %j', (of, value) => {
    expect(readDraft(of, draftOf(of, value))).toEqual({ value });
  });

  test('that says the same in other words is no change', () => {
    const total = field('number', 'total');
    expect(isChanged(total, draftOf(total, 12.5), { kind: 'text', text: ' 12,50' })).toBe(false);
    expect(isChanged(total, draftOf(total, 12.5), { kind: 'text', text: '12.6' })).toBe(true);
    expect(isChanged(total, draftOf(total, 12.5), { kind: 'text', text: 'many' })).toBe(true);
    const meta = field('json', 'meta');
    expect(isChanged(meta, draftOf(meta, { a: 1 }), { kind: 'text', text: '{"a":1}' })).toBe(false);
    expect(isChanged(meta, draftOf(meta, null), { kind: 'text', text: '{}' })).toBe(true);
  });

  test('of a file that waits is a change', () => {
    const photos = field('file', 'photos', { maxSelect: 3 });
    const before = draftOf(photos, ['a.png']);
    const added = { kind: 'new', key: 'k', file: file('b.png') } as const;
    expect(before).toEqual({ kind: 'files', files: [{ kind: 'stored', name: 'a.png', isRemoved: false }] });
    expect(isChanged(photos, before, { kind: 'files', files: [added] })).toBe(true);
  });
});

test.each([
  ['12', 12],
  ['-1,5', -1.5],
  ['1e3', 1000],
  ['.5', 0.5],
  ['1 000', 1000],
  ['', null],
  ['12,x', null],
  ['1.2.3', null],
  ['0x10', null],
  ['Infinity', null],
])('%j is read as the number %j', (text, value) => {
  expect(parseTypedNumber(text)).toBe(value);
});

describe('what is sent', () => {
  const orders = collection('orders', [
    field('file', 'photos', { maxSelect: 3 }),
    field('file', 'cover', { maxSelect: 1 }),
    field('date', 'due'),
    field('json', 'meta'),
  ]);

  test('adds files to several, and puts one in the place of another', () => {
    const [more, cover] = [file('more.png'), file('cover.png')];
    const result = writeOf(orders, {
      photos: {
        kind: 'files',
        files: [
          { kind: 'stored', name: 'a.png', isRemoved: true },
          { kind: 'stored', name: 'b.png', isRemoved: false },
          { kind: 'new', key: 'k', file: more },
        ],
      },
      cover: {
        kind: 'files',
        files: [
          { kind: 'stored', name: 'old.png', isRemoved: false },
          { kind: 'new', key: 'l', file: cover },
        ],
      },
    });
    expect(result).toEqual({
      write: {
        values: { photos: ['b.png'] },
        files: [
          { key: 'photos+', file: more },
          { key: 'cover', file: cover },
        ],
      },
    });
  });

  test('is nothing while something cannot be read', () => {
    const result = writeOf(orders, {
      due: { kind: 'text', text: '31 February' },
      meta: { kind: 'text', text: '{' },
    });
    expect('problems' in result ? Object.keys(result.problems) : []).toEqual(['due', 'meta']);
  });

  test('repeats the password of an account', () => {
    const users = collection('users', [field('password', 'password', { min: 8 })], { type: 'auth' });
    expect(writeOf(users, { password: { kind: 'text', text: 'secret-1' } })).toEqual({
      write: { values: { password: 'secret-1', passwordConfirm: 'secret-1' }, files: [] },
    });
  });
});

test('a copy leaves out files, passwords and what the server sets', () => {
  const users = collection('users', [
    textField('name'),
    field('password', 'pin'),
    field('file', 'photo', { maxSelect: 1 }),
    field('autodate', 'created'),
  ]);
  const source = { id: 'r1', collectionId: '', collectionName: '', name: 'Ana', pin: '', photo: 'a.png' };
  expect(copyDrafts(users, source)).toEqual({ name: { kind: 'text', text: 'Ana' } });
  expect(isEditable(textField('name'), { ...users, type: 'view' })).toBe(false);
});
