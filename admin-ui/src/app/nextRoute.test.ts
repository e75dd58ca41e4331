import { expect, test } from 'vitest';
import { safeNext } from './nextRoute';

test.each(['/c', '/c/orders', '/c/orders?sort=-created', '/c/orders/r/abc', '/settings/mail'])(
  '%s is a screen to return to',
  (next) => {
    expect(safeNext(next)).toBe(next);
  },
);

test.each([
  'https://example.org',
  '//example.org',
  '/\\example.org',
  '/c/\\example.org',
  '/collections',
  '/settingsx',
  '/login?next=/c',
  '/c//\n',
  'javascript:alert(1)',
  '',
  undefined,
])('%j is not', (next) => {
  expect(safeNext(next)).toBe('/c');
});
