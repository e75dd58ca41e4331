import { expect, test } from 'vitest';
import { columnLabel, columnName, formatIndex, parseIndex } from './indexSql';

test.each([
  ['CREATE INDEX `a` ON `t` (`x`)', { unique: false, name: 'a', columns: ['`x`'], where: '' }],
  [
    'create unique index if not exists main.[a b] on "t" (\n  x,\n  lower(y, 1) desc\n) where x != \'(,\';',
    { unique: true, name: 'a b', columns: ['x', 'lower(y, 1) desc'], where: "x != '(,'" },
  ],
  [
    "CREATE UNIQUE INDEX `idx_email__pb_users_auth_` ON `users` (`email`) WHERE `email` != ''",
    { unique: true, name: 'idx_email__pb_users_auth_', columns: ['`email`'], where: "`email` != ''" },
  ],
  ['drop table x', { unique: false, name: '', columns: [], where: '' }],
])('%s is taken apart', (sql, parts) => {
  expect(parseIndex(sql)).toEqual(parts);
});

test('what was taken apart is put together again', () => {
  const sql = 'CREATE UNIQUE INDEX `a` ON `t` (`x` COLLATE NOCASE DESC, `y`) WHERE y > 1';
  expect(formatIndex(parseIndex(sql), 't')).toBe(sql);
});

test.each([
  ['`title` COLLATE NOCASE DESC', 'title', 'title COLLATE NOCASE DESC'],
  ['title', 'title', 'title'],
  ['[my title] asc', 'my title', 'my title asc'],
  ['lower(title)', 'lower(title)', 'lower(title)'],
])('the column %s is made of %s', (column, name, label) => {
  expect(columnName(column)).toBe(name);
  expect(columnLabel(column)).toBe(label);
});
