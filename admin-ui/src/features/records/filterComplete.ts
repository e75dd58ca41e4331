import type { Collection, Field } from '@/api';
import { quoted } from './filterText';

/** What could stand at the caret: the text in its place, and what it replaces. */
export type Completion = { text: string; detail: string; start: number; end: number };

const mostShown = 12;

const macros = [
  '@now',
  '@todayStart',
  '@todayEnd',
  '@yesterday',
  '@tomorrow',
  '@monthStart',
  '@monthEnd',
  '@yearStart',
  '@yearEnd',
];

const signsOf = (field: Field): string[] => {
  switch (field.type) {
    case 'bool':
      return ['=', '!='];
    case 'number':
    case 'date':
    case 'autodate':
      return ['=', '!=', '>', '>=', '<', '<='];
    case 'select':
    case 'relation':
    case 'file':
      return field.maxSelect > 1 ? ['?=', '?!=', '~', '!~'] : ['=', '!=', '~', '!~'];
    default:
      return ['=', '!=', '~', '!~'];
  }
};

const valuesOf = (field: Field): string[] => {
  switch (field.type) {
    case 'bool':
      return ['true', 'false'];
    case 'select':
      return field.values.map(quoted);
    case 'date':
    case 'autodate':
      return macros;
    default:
      return [];
  }
};

const isListed = ({ name, type }: Field): boolean => name !== 'tokenKey' && type !== 'password';

/** The field a path such as `customer.name` ends at, and the collection its last part belongs to. */
const follow = (
  path: readonly string[],
  collection: Collection,
  collections: readonly Collection[],
): { owner: Collection; field: Field | undefined } | null => {
  let owner = collection;
  let field: Field | undefined;
  for (const [index, part] of path.entries()) {
    field = owner.fields.find(({ name }) => name === part);
    if (index === path.length - 1) break;
    if (field?.type !== 'relation') return null;
    const target = field.collectionId;
    const next = collections.find(({ id }) => id === target);
    if (!next) return null;
    owner = next;
  }
  return { owner, field };
};

/** Names, signs and values that fit where the caret stands in a filter. */
export const completionsAt = (
  text: string,
  caret: number,
  collection: Collection,
  collections: readonly Collection[],
): Completion[] => {
  const before = text.slice(0, caret);
  const value = /([\w.]+)(?::\w+)?\s*\??(?:!?[=~]|[<>]=?)\s*("?[^"\s&|()]*)$/.exec(before);
  if (value) {
    const [, path = '', typed = ''] = value;
    const field = follow(path.split('.'), collection, collections)?.field;
    return (field ? valuesOf(field) : [])
      .filter((one) => one.toLowerCase().startsWith(typed.toLowerCase()) && one !== typed)
      .slice(0, mostShown)
      .map((one) => ({ text: one, detail: field?.name ?? '', start: caret - typed.length, end: caret }));
  }
  const sign = /([\w.]+)(?::\w+)?\s+$/.exec(before);
  const named = sign ? follow((sign[1] ?? '').split('.'), collection, collections)?.field : undefined;
  if (named) {
    return signsOf(named).map((one) => ({ text: `${one} `, detail: named.name, start: caret, end: caret }));
  }
  const name = /(?:^|[\s(&|])([\w.]*)$/.exec(before);
  if (!name || (name[1] === '' && before.trim() === '')) return [];
  const path = (name[1] ?? '').split('.');
  const last = path.at(-1) ?? '';
  const at = follow(path, collection, collections);
  return (
    (at?.owner.fields ?? [])
      .filter((field) => isListed(field) && field.name.toLowerCase().startsWith(last.toLowerCase()))
      // A relation stands for its id, or leads on to a field of what it points to.
      .flatMap((field) =>
        (field.type === 'relation' ? ['.', ' '] : [' ']).map((after) => ({
          text: `${field.name}${after}`,
          detail: field.type,
          start: caret - last.length,
          end: caret,
        })),
      )
      .slice(0, mostShown)
  );
};
