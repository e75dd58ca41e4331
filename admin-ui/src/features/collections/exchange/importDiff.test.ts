import { expect, test } from 'vitest';
import { collection, field, textField } from '@/test/collections';
import { diffImport, readImport } from './importDiff';

const posts = collection('posts', [textField('title'), field('number', 'views')], {
  indexes: ['CREATE INDEX `a` ON `posts` (`title`)'],
});
const all = [posts, collection('notes', []), collection('_system', [], { system: true })];
const told = (items: unknown, deletesMissing: boolean) =>
  diffImport(readImport(JSON.stringify(items)) ?? [], all, deletesMissing).map(({ name, kind, changes }) =>
    `${name} ${kind} ${changes.map(({ sign, text }) => sign + text).join()}`.trim(),
  );

test('an export changes nothing', () => {
  expect(told(all, true)).toEqual(['posts same', 'notes same', '_system same']);
});

test('collections are matched by name without an id, fields by name and type', () => {
  const item = {
    name: 'Posts',
    fields: [
      { name: 'title', type: 'text' },
      { name: 'stars', type: 'number' },
    ],
  };
  const [diff] = diffImport([item as never], all, false);
  expect(diff?.changes.map(({ sign, text }) => sign + text)).toContain('+stars (number)');
  expect(diff?.lostFields).toEqual([]);
});

test('what the file lacks is deleted only when that is wanted', () => {
  const items = [{ ...posts, fields: posts.fields.slice(0, 2) }, { name: 'new_one' }];
  expect(told(items, false)).toEqual(['posts same', 'new_one added']);
  expect(told(items, true)).toEqual(['posts changed −views', 'new_one added', 'notes removed']);
});

test.each(['', '{}', '[]', '[1]', '[{"name":""}]', '{"collections":[{"name":"a","fields":[1]}]}'])(
  '%j is no file of collections',
  (text) => {
    expect(readImport(text)).toBeNull();
  },
);
