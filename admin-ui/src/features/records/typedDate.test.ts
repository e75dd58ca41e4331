import { describe, expect, test } from 'vitest';
import { dateText, parseTypedDate, wireDate } from './typedDate';

const now = new Date(2026, 0, 31, 15, 42, 10);

describe('a typed date', () => {
  test.each([
    ['2026-03-14', new Date(2026, 2, 14)],
    ['2026-3-4', new Date(2026, 2, 4)],
    ['2026-03-14 11:00', new Date(2026, 2, 14, 11)],
    ['2026-03-14T11:00:05', new Date(2026, 2, 14, 11, 0, 5)],
    ['2026-03-14 11:00:05.25', new Date(2026, 2, 14, 11, 0, 5, 250)],
    ['2026-03-14 10:00:00.000Z', new Date(Date.UTC(2026, 2, 14, 10))],
    [' Today ', new Date(2026, 0, 31)],
    ['tomorrow', new Date(2026, 1, 1)],
    ['now', new Date(2026, 0, 31, 15, 42)],
    ['+3d', new Date(2026, 1, 3, 15, 42)],
    ['-2w', new Date(2026, 0, 17, 15, 42)],
    ['+1m', new Date(2026, 1, 28, 15, 42)],
    ['+12h', new Date(2026, 1, 1, 3, 42)],
  ])('%j is understood', (text, date) => {
    expect(parseTypedDate(text, now)).toEqual(date);
  });

  test.each([
    '',
    'soon',
    '2026-02-31',
    '2026-13-01',
    '2026-01-01 24:00',
    '2026-01-01 10:60',
    '+3x',
    '14.3.26',
  ])('%j is none', (text) => {
    expect(parseTypedDate(text, now)).toBeNull();
  });

  test('comes back as it was stored', () => {
    for (const date of [now, new Date(2026, 5, 1), new Date(2026, 5, 1, 0, 0, 0, 7)]) {
      expect(parseTypedDate(dateText(date), now)).toEqual(date);
    }
    expect(wireDate(new Date(Date.UTC(2026, 2, 14, 10)))).toBe('2026-03-14 10:00:00.000Z');
  });
});
