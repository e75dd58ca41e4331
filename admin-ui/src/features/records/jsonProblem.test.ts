import { expect, test } from 'vitest';
import { jsonProblem } from './jsonProblem';

test.each([
  ['{', 1, 2],
  ['{"a": }', 1, 7],
  ['[1 2]', 1, 4],
  ['{"weight": 2,\n "parts": [1 2]}', 2, 14],
  ['{"a": 1,}', 1, 9],
  ["{'a': 1}", 1, 2],
  ['tru', 1, 1],
  ['01', 1, 2],
  ['"open', 1, 1],
  ['"a\nb"', 1, 1],
  ['{} {}', 1, 4],
  ['', 1, 1],
])('%j stops being JSON at line %d, column %d', (text, line, column) => {
  expect(jsonProblem(text)).toEqual({ line, column });
});

test.each(['{}', 'null', '""', ' [1, -2.5e3, "\\u00e9", {"a": [true, false]}] ', '0'])(
  '%j is good JSON',
  (text) => {
    expect(jsonProblem(text)).toBeNull();
  },
);
