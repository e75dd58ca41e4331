import type { Collection, Field, RecordData, RecordWrite } from '@/api';
import { formatBytes, formatNumber, parseDate } from '@/locale';
import { messages } from '@/messages.en';
import { jsonProblem } from './jsonProblem';
import { dateText, parseTypedDate, wireDate } from './typedDate';
import { asList, asPoint, asText } from './values';

const words = messages.recordEditor.problems;

/** A file of the record, or one that waits to be sent. */
export type FileEntry =
  { kind: 'stored'; name: string; isRemoved: boolean } | { kind: 'new'; key: string; file: File };

/** What a control holds while a person edits: mostly text as typed, which need not be a value yet. */
export type FieldDraft =
  | { kind: 'text'; text: string }
  | { kind: 'flag'; on: boolean }
  | { kind: 'list'; values: string[] }
  | { kind: 'files'; files: FileEntry[] }
  | { kind: 'point'; lat: string; lon: string };

export type Drafts = Readonly<Record<string, FieldDraft>>;

/** Text that holds a value as it is stored, and can be read back. */
const storedText = (field: Field, value: unknown): string => {
  switch (field.type) {
    case 'number':
      return typeof value === 'number' ? String(value) : '';
    case 'date': {
      const date = parseDate(value);
      return date ? dateText(date) : asText(value);
    }
    case 'json':
      return value === undefined || value === null ? '' : JSON.stringify(value, null, 2);
    case 'password':
      return '';
    default:
      return asText(value);
  }
};

/** The control's content for a stored value; for a value that is not there, the empty control. */
export const draftOf = (field: Field, value: unknown): FieldDraft => {
  switch (field.type) {
    case 'bool':
      return { kind: 'flag', on: value === true };
    case 'select':
    case 'relation':
      return { kind: 'list', values: asList(value) };
    case 'file':
      return {
        kind: 'files',
        files: asList(value).map((name) => ({ kind: 'stored', name, isRemoved: false })),
      };
    case 'geoPoint': {
      const point = asPoint(value);
      return { kind: 'point', lat: point ? String(point.lat) : '', lon: point ? String(point.lon) : '' };
    }
    default:
      return { kind: 'text', text: storedText(field, value) };
  }
};

// A type that only a newer server knows is shown, but what it takes is not known.
const editableTypes: ReadonlySet<string> = new Set<Field['type']>([
  'text',
  'editor',
  'number',
  'bool',
  'email',
  'url',
  'date',
  'select',
  'file',
  'relation',
  'json',
  'geoPoint',
  'password',
]);

/** Whether people set this field: keys and times are the server's. */
export const isEditable = (field: Field, collection: Collection): boolean =>
  collection.type !== 'view' &&
  editableTypes.has(field.type) &&
  field.name !== 'tokenKey' &&
  !('primaryKey' in field && field.primaryKey);

type Reading = { value: unknown } | { problem: string };

/** Reads a number with a point or a comma before its decimals; null for what is none. */
export const parseTypedNumber = (text: string): number | null => {
  const typed = text.trim().replaceAll(/[\s\u00a0\u202f_]/g, '');
  if (!/^[+-]?(?:\d+[.,]?\d*|[.,]\d+)(?:e[+-]?\d+)?$/i.test(typed)) return null;
  const value = Number(typed.replace(',', '.'));
  return Number.isFinite(value) ? value : null;
};

const readText = (field: Field, text: string): Reading => {
  switch (field.type) {
    case 'number': {
      // There is no empty number on the wire.
      if (text.trim() === '') return { value: 0 };
      const value = parseTypedNumber(text);
      return value === null ? { problem: words.number } : { value };
    }
    case 'date': {
      if (text.trim() === '') return { value: '' };
      const date = parseTypedDate(text);
      return date ? { value: wireDate(date) } : { problem: words.date(text.trim()) };
    }
    case 'json': {
      if (text.trim() === '') return { value: null };
      const problem = jsonProblem(text);
      return problem ? { problem: words.json(problem) } : { value: JSON.parse(text) as unknown };
    }
    default:
      return { value: text };
  }
};

const readCoordinate = (text: string, most: number): number | null => {
  const value = parseTypedNumber(text);
  return value === null || Math.abs(value) > most ? null : value;
};

/** What to send for a control; or why it cannot be sent. Files travel beside this. */
export const readDraft = (field: Field, draft: FieldDraft): Reading => {
  switch (draft.kind) {
    case 'text':
      return readText(field, draft.text);
    case 'flag':
      return { value: draft.on };
    case 'list':
      return { value: 'maxSelect' in field && field.maxSelect > 1 ? draft.values : (draft.values[0] ?? '') };
    case 'files': {
      const most = field.type === 'file' ? (field.maxSize ?? 0) : 0;
      const isTooLarge = draft.files.some((entry) => entry.kind === 'new' && entry.file.size > most);
      if (most > 0 && isTooLarge) return { problem: words.fileTooLarge(formatBytes(most)) };
      const kept = draft.files.flatMap((entry) =>
        entry.kind === 'stored' && !entry.isRemoved ? [entry.name] : [],
      );
      return { value: 'maxSelect' in field && field.maxSelect > 1 ? kept : (kept[0] ?? '') };
    }
    case 'point': {
      if (draft.lat.trim() === '' && draft.lon.trim() === '') return { value: { lat: 0, lon: 0 } };
      const lat = readCoordinate(draft.lat, 90);
      const lon = readCoordinate(draft.lon, 180);
      if (lat === null) return { problem: words.latitude };
      return lon === null ? { problem: words.longitude } : { value: { lat, lon } };
    }
  }
};

/** Whether saving would change anything: another way to write the same value does not. */
export const isChanged = (field: Field, before: FieldDraft, now: FieldDraft): boolean => {
  if (JSON.stringify(before) === JSON.stringify(now)) return false;
  if (now.kind === 'files' && now.files.some(({ kind }) => kind === 'new')) return true;
  return JSON.stringify(readDraft(field, before)) !== JSON.stringify(readDraft(field, now));
};

/** A new record that begins as a copy: files and passwords stay with the original. */
export const copyDrafts = (collection: Collection, source: RecordData): Drafts =>
  Object.fromEntries(
    collection.fields
      .filter((field) => isEditable(field, collection) && field.type !== 'file' && field.type !== 'password')
      .map((field) => [field.name, draftOf(field, source[field.name])]),
  );

export type Problems = Readonly<Record<string, string>>;

/** The call that saves the changed fields; or what is wrong with them, by field. */
export const writeOf = (
  collection: Collection,
  drafts: Drafts,
): { write: RecordWrite } | { problems: Problems } => {
  const values: Record<string, unknown> = {};
  const files: { key: string; file: File }[] = [];
  const problems: Record<string, string> = {};
  for (const field of collection.fields) {
    const draft = drafts[field.name];
    if (!draft) continue;
    const reading = readDraft(field, draft);
    if ('problem' in reading) {
      problems[field.name] = reading.problem;
      continue;
    }
    const added = draft.kind === 'files' ? draft.files.filter(({ kind }) => kind === 'new') : [];
    const isMany = 'maxSelect' in field && field.maxSelect > 1;
    // One file takes the place of another; several are added to those that stay.
    if (added.length === 0 || isMany) values[field.name] = reading.value;
    for (const entry of added) {
      if (entry.kind === 'new') files.push({ key: isMany ? `${field.name}+` : field.name, file: entry.file });
    }
    if (collection.type === 'auth' && field.type === 'password' && field.name === 'password') {
      values.passwordConfirm = reading.value;
    }
  }
  return Object.keys(problems).length > 0 ? { problems } : { write: { values, files } };
};

/** What a number field accepts, in words; undefined when that is everything. */
export const numberHint = (field: Field): string | undefined => {
  if (field.type !== 'number') return undefined;
  const of = (limit: number | null | undefined) =>
    typeof limit === 'number' ? formatNumber(limit, false) : null;
  return messages.recordEditor.numberRange(of(field.min), of(field.max), field.onlyInt) || undefined;
};
