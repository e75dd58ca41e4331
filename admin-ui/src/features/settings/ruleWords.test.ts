import { expect, test } from 'vitest';
import { describeLabel, suggestedLabels } from './ruleWords';

test.each([
  ['*:auth', 'Sign-ins, each collection on its own'],
  ['users:list', 'Lists of records of users'],
  ['users:other', 'other of users'],
  ['/api/', 'All requests to /api/ and below'],
  ['POST /api/batch', 'POST requests to /api/batch'],
  ['', undefined],
  ['a b', undefined],
])('%j in words', (label, words) => expect(describeLabel(label)).toBe(words));

test('what is offered can be told in words', () => {
  expect(suggestedLabels.filter((label) => describeLabel(label) === undefined)).toEqual([]);
});
