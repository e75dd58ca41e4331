import { expect, test } from 'vitest';
import { pagesFor } from './useRecords';
import { rowOffset, rowWindow, scrollTopFor } from './useRowWindow';

const rowHeight = 36;
const viewport = 720;

test('rows in sight and a few more are mounted', () => {
  expect(rowWindow({ count: 3000, rowHeight, viewport, scrollTop: 3600 })).toEqual({
    start: 92,
    end: 128,
    firstVisible: 100,
    lastVisible: 119,
    height: 108_000,
  });
});

test('a short list is mounted whole', () => {
  expect(rowWindow({ count: 3, rowHeight, viewport, scrollTop: 0 })).toMatchObject({
    start: 0,
    end: 3,
    lastVisible: 2,
  });
});

test('a list taller than a browser allows is scaled, and its ends can be reached', () => {
  const count = 5_000_000;
  const bottom = rowWindow({ count, rowHeight, viewport, scrollTop: 8_000_000 - viewport });
  expect(bottom.height).toBe(8_000_000);
  expect(bottom.end).toBe(count);
  expect(bottom.lastVisible).toBe(count - 1);
  const measures = { count, rowHeight, viewport, scrollTop: 4_000_000 };
  const { firstVisible } = rowWindow(measures);
  expect(Math.abs(rowOffset(measures, firstVisible) - 4_000_000)).toBeLessThan(rowHeight);
});

test('a row is brought into sight with as little movement as possible', () => {
  const measures = { count: 3000, rowHeight, viewport, scrollTop: 3600 };
  expect(scrollTopFor(measures, 110)).toBe(3600);
  expect(scrollTopFor(measures, 99)).toBe(99 * rowHeight);
  expect(scrollTopFor(measures, 120)).toBe(121 * rowHeight - viewport);
});

test('the pages around the rows in sight are loaded', () => {
  expect(pagesFor(0, 28, 3000)).toEqual([1]);
  expect(pagesFor(60, 96, 3000)).toEqual([1, 2]);
  expect(pagesFor(1500, 1536, 3000)).toEqual([15, 16]);
  expect(pagesFor(2964, 3000, 3000)).toEqual([30]);
  expect(pagesFor(0, 0, 0)).toEqual([1]);
});
