import { expect, test } from 'vitest';
import { ApiError } from '@/api';
import { collection, field, textField } from '@/test/collections';
import { withAdded } from './addField';
import { changesOf } from './changes';
import {
  readDraft,
  toPatch,
  uniqueIndexOf,
  withKept,
  withMoved,
  withRemoved,
  withRenamed,
  withUnique,
  type Draft,
} from './draft';
import { checkDraft, placeProblems } from './problems';

const stored = readDraft(
  collection(
    'posts',
    [
      textField('title'),
      field('number', 'views', { min: null, max: null, onlyInt: false }),
      field('autodate', 'created'),
    ],
    {
      indexes: [
        'CREATE INDEX `one` ON `posts` (`title`, `views`)',
        'CREATE UNIQUE INDEX two ON posts (views)',
      ],
    },
  ),
);
const texts = (draft: Draft) => changesOf(draft, stored).map(({ sign, text }) => `${sign} ${text}`);
const namesOf = ({ fields }: Draft) => fields.map(({ data }) => data.name);

test('nothing changed is nothing to send', () => {
  expect(toPatch(stored, stored).patch).toEqual({});
  expect(texts(stored)).toEqual([]);
});

test('a renamed field keeps its id, and its indexes follow', () => {
  const draft = withRenamed(stored, 'f_title', 'headline');
  const { patch } = toPatch(draft, stored);
  expect(patch.fields).toContainEqual(expect.objectContaining({ id: 'f_title', name: 'headline' }));
  expect(patch.indexes).toEqual([
    'CREATE INDEX `one` ON `posts` (`headline`, `views`)',
    'CREATE UNIQUE INDEX two ON posts (views)',
  ]);
  expect(texts(draft)).toEqual(['~ title is now headline', '~ index on headline, views']);
});

test('a deleted field takes its indexes along, and brings them back', () => {
  const draft = withRemoved(stored, 'f_views');
  expect(toPatch(draft, stored).patch).toMatchObject({ indexes: [] });
  expect(texts(draft)).toEqual(['− views', '− index on title, views', '− index on views']);
  expect(texts(withKept(draft, stored, 'f_views'))).toEqual([]);
});

test('a new field stands before the dates, and never inherits the values of a deleted one', () => {
  const added = withAdded(stored, 'total', 'number');
  expect(namesOf(added)).toEqual(['id', 'title', 'views', 'total', 'created']);
  expect(texts(added)).toEqual(['+ total (number)']);
  expect(toPatch(added, stored).patch.fields).toContainEqual(
    expect.not.objectContaining({ id: expect.anything() as unknown }),
  );

  const replaced = withAdded(withRemoved(stored, 'f_views'), 'views', 'number');
  const sent = (toPatch(replaced, stored).patch.fields as { id: string; name: string }[]).find(
    ({ name }) => name === 'views',
  );
  expect(sent?.id).toMatch(/^number\d+$/);
});

test('moves are told once, unique makes an index', () => {
  const moved = withMoved(stored, 1, 2);
  expect(namesOf(moved)).toEqual(['id', 'views', 'title', 'created']);
  expect(texts(moved)).toEqual(['~ order of the fields']);
  const unique = withUnique(stored, 'title', true);
  expect(uniqueIndexOf(unique, 'title')?.columns).toEqual(['`title`']);
  expect(uniqueIndexOf(withUnique(unique, 'title', false), 'title')).toBeUndefined();
});

test('errors of the server are told at the field, also when others were deleted before it', () => {
  const outgoing = toPatch(withRemoved(stored, 'f_title'), stored);
  const problem = { code: 'validation_min_number_constraint', message: 'no', params: {} };
  const error = new ApiError(400, '', { 'fields.1.max': problem, name: { ...problem, code: 'odd' } });
  expect(placeProblems(error, outgoing)).toEqual({
    'fields.f_views.max': 'The most cannot be below the least.',
    name: 'no',
  });
});

test('what is no number, and a rule of blanks, are refused before anything is sent', () => {
  const fields = stored.fields.map((one) =>
    one.key === 'f_views' ? { ...one, data: { ...one.data, min: Number.NaN } } : one,
  );
  const draft = { ...stored, fields, options: { ...stored.options, listRule: ' ' } };
  expect(Object.keys(checkDraft(draft))).toEqual(['fields.f_views.min', 'listRule']);
});
