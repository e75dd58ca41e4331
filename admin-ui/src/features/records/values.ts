import type { Field, RecordData } from '@/api';
import { formatAge, formatDay, formatNumber, parseDate } from '@/locale';
import { messages } from '@/messages.en';

// A record's values are whatever the server, a view query or a later version sends: nothing here trusts their type.

/** The values of a field that may hold one or several. */
export const asList = (value: unknown): string[] => {
  const all: unknown[] = Array.isArray(value) ? value : [value];
  return all.filter((one): one is string => typeof one === 'string' && one !== '');
};

export type Point = { lat: number; lon: number };

/** A point; null when it was never set, which the wire says as 0, 0. */
export const asPoint = (value: unknown): Point | null => {
  if (typeof value !== 'object' || value === null || !('lat' in value) || !('lon' in value)) return null;
  const { lat, lon } = value;
  if (typeof lat !== 'number' || typeof lon !== 'number') return null;
  return lat === 0 && lon === 0 ? null : { lat, lon };
};

export const formatPoint = ({ lat, lon }: Point): string => `${lat.toFixed(2)}, ${lon.toFixed(2)}`;

const tag = /<(\/?)([a-z][a-z0-9]*)?[^<>]*>/gi;
const silentTags = new Set(['script', 'style', 'template', 'title']);
const inlineTags = new Set([
  'a',
  'b',
  'code',
  'del',
  'em',
  'i',
  'ins',
  'mark',
  's',
  'small',
  'span',
  'strong',
  'sub',
  'sup',
  'u',
]);

const withoutTags = (html: string): string => {
  let text = '';
  let past = 0;
  let silent: string | null = null;
  for (const match of html.matchAll(tag)) {
    const [whole, slash, rawName = ''] = match;
    const name = rawName.toLowerCase();
    if (silent === null) text += html.slice(past, match.index) + (inlineTags.has(name) ? '' : '\n');
    past = match.index + whole.length;
    if (slash === '/' && name === silent) silent = null;
    else if (slash === '' && silent === null && silentTags.has(name)) silent = name;
  }
  return silent === null ? text + html.slice(past) : text;
};

/**
 * The words of an HTML text. Its tags are cut out before anything parses it: even a parsed document that is never
 * shown makes the browser report each handler in it to the content security policy.
 */
export const plainText = (html: string): string => {
  const entities = withoutTags(html).replaceAll('<', '&lt;');
  const { body } = new DOMParser().parseFromString(entities, 'text/html');
  return body.textContent
    .replaceAll(/[^\S\n]+/g, ' ')
    .replaceAll(/ ?\n[\n ]*/g, '\n')
    .trim();
};

/** What a browser may follow: anything else, such as `javascript:`, stays text. */
export const safeUrl = (value: string): string | null => {
  try {
    const url = new URL(value);
    return ['http:', 'https:', 'ftp:', 'ws:', 'wss:'].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
};

export const isImage = (name: string): boolean => /\.(?:png|jpe?g|gif|webp)$/i.test(name);

export const asText = (value: unknown): string => {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
};

/** The value as one line of text; empty when there is nothing to show. */
export const valueText = (field: Field, value: unknown): string => {
  switch (field.type) {
    case 'number':
      return typeof value === 'number' ? formatNumber(value, field.onlyInt) : asText(value);
    case 'bool':
      return value === true ? messages.common.yes : messages.common.no;
    case 'date': {
      const date = parseDate(value);
      return date ? formatDay(date) : asText(value);
    }
    case 'autodate': {
      const date = parseDate(value);
      return date ? formatAge(date) : asText(value);
    }
    case 'select':
    case 'relation':
    case 'file':
      return asList(value).join(', ');
    case 'geoPoint': {
      const point = asPoint(value);
      return point ? formatPoint(point) : '';
    }
    case 'json':
      // Nothing, `null` and an empty object are three different things here.
      return value === undefined ? '' : JSON.stringify(value);
    case 'password':
      return messages.records.passwordDots;
    default:
      return asText(value);
  }
};

/** The fields by which people know a record, joined; its id when they are all empty. */
export const recordTitle = (record: RecordData, titleFields: readonly Field[]): string => {
  const parts = titleFields
    .map((field) => valueText(field, record[field.name]))
    .filter((text) => text !== '');
  return parts.length === 0 ? record.id : parts.join(' · ');
};
