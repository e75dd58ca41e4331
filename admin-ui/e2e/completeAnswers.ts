import type { Page } from '@playwright/test';
import { deflateSync } from 'node:zlib';
import { fullOrder } from './seed';

// Answers are completed on their way to the page, so that these tests ask nothing of uploads.

const crc = (bytes: Buffer): number => {
  let value = ~0;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return ~value >>> 0;
};

const chunk = (type: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(type), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc(body));
  return Buffer.concat([length, body, sum]);
};

/** A square PNG of one colour. */
const png = (red: number, green: number, blue: number, size = 120): Buffer => {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const line = Buffer.concat([Buffer.from([0]), Buffer.alloc(size * 3, Buffer.from([red, green, blue]))]);
  const pixels = Buffer.concat(Array.from({ length: size }, () => line));
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(pixels)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
};

const fileToken = 'file-token';

type Item = Record<string, unknown>;

const isItem = (value: unknown): value is Item => typeof value === 'object' && value !== null;

const withFiles = (item: Item): Item =>
  item.number === fullOrder.number
    ? { ...item, photos: ['red.png', 'green.png', 'notes.txt'], invoice: 'invoice.png' }
    : item;

/** Fills in what answers lack until there are uploads: the full order gets three photos and a protected invoice. */
export const completeAnswers = async (page: Page): Promise<void> => {
  await page.route('**/api/collections/orders/records**', async (route) => {
    const response = await route.fetch();
    const body: unknown = await response.json();
    if (!isItem(body) || !response.ok()) return route.fulfill({ response });
    const json = Array.isArray(body.items)
      ? { ...body, items: body.items.filter(isItem).map(withFiles) }
      : withFiles(body);
    return route.fulfill({ response, json });
  });
  await page.route('**/api/files/token', (route) => route.fulfill({ json: { token: fileToken } }));
  await page.route('**/api/files/*/*/*', (route) => {
    const { pathname, searchParams } = new URL(route.request().url());
    if (pathname.endsWith('/invoice.png') && searchParams.get('token') !== fileToken) {
      return route.fulfill({ status: 404, json: { status: 404, message: 'Not found.', data: {} } });
    }
    const body = pathname.endsWith('/red.png') ? png(185, 34, 41, 100) : png(39, 113, 61, 100);
    return route.fulfill({ body, contentType: 'image/png' });
  });
};
