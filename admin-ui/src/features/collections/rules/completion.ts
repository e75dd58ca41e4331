import type { Collection } from '@/api';
import { wordBefore } from './tokens';

export type Suggestion = { text: string; hint: string };

type Shape = { fields: readonly { name: string; type: string; collectionId?: unknown }[] };

const macros = [
  '@now',
  '@yesterday',
  '@tomorrow',
  '@todayStart',
  '@todayEnd',
  '@monthStart',
  '@monthEnd',
  '@yearStart',
  '@yearEnd',
  '@second',
  '@minute',
  '@hour',
  '@day',
  '@month',
  '@year',
  '@weekday',
];
const modifiers = ['isset', 'changed', 'length', 'each', 'lower'];
const most = 8;

const fieldsOf = ({ fields }: Shape): Suggestion[] =>
  fields
    // Of a secret nothing can be told, so it is no use in a rule.
    .filter(({ name, type }) => type !== 'password' && name !== 'tokenKey')
    .map(({ name, type }) => ({ text: name, hint: type }));

const plain = (...texts: string[]): Suggestion[] => texts.map((text) => ({ text, hint: '' }));

/** Relations of other collections that lead to this one, by the name they have here. */
const backRelations = (collection: Collection, collections: readonly Collection[]): Suggestion[] =>
  collections
    .filter(({ type }) => type !== 'view')
    .flatMap(({ name, fields }) =>
      fields
        .filter((field) => field.type === 'relation' && field.collectionId === collection.id)
        .map((field) => ({ text: `${name}_via_${field.name}`, hint: name })),
    );

const follow = (from: Shape, path: readonly string[], collections: readonly Collection[]): Shape | null => {
  let current: Shape | null = from;
  for (const step of path) {
    const via: string | undefined = /^(.+)_via_/.exec(step)?.[1];
    const field: { collectionId?: unknown } | undefined = current.fields.find(({ name }) => name === step);
    const next: Collection | undefined =
      via === undefined
        ? collections.find(({ id }) => id === field?.collectionId)
        : collections.find(({ name }) => name === via);
    if (!next) return null;
    current = next;
  }
  return current;
};

const accounts = (collections: readonly Collection[]): Shape => {
  const all = collections
    .filter(({ type, system }) => type === 'auth' && !system)
    .flatMap(({ fields }) => fields);
  const seen = new Set<string>();
  return { fields: all.filter(({ name }) => !seen.has(name) && seen.add(name)) };
};

export type CompletionContext = {
  collection: Collection;
  /** The fields as they are being shaped. */
  shape: Shape;
  collections: readonly Collection[];
};

const candidates = (path: readonly string[], context: CompletionContext): Suggestion[] => {
  const { collection, shape, collections } = context;
  const [first, second, ...rest] = path;
  if (first === undefined) {
    return [
      ...fieldsOf(shape),
      ...plain('@request.auth.', '@request.body.', '@request.query.', '@request.headers.'),
      ...plain('@request.method', '@request.context', '@collection.'),
      ...backRelations(collection, collections),
      ...plain(...macros, 'true', 'false', 'null'),
    ];
  }
  if (first === '@request') {
    if (second === undefined) return plain('auth.', 'body.', 'query.', 'headers.', 'method', 'context');
    const start = second === 'auth' ? accounts(collections) : second === 'body' ? shape : null;
    const target = start && follow(start, rest, collections);
    return target ? fieldsOf(target) : [];
  }
  if (first === '@collection') {
    if (second === undefined) return collections.map(({ name }) => ({ text: `${name}.`, hint: '' }));
    const start = collections.find(({ name }) => name === second.split(':')[0]);
    const target = start && follow(start, rest, collections);
    return target ? fieldsOf(target) : [];
  }
  const target = follow(shape, path, collections);
  return target ? fieldsOf(target) : [];
};

export type Completion = {
  suggestions: Suggestion[];
  /** The letters before the caret that a suggestion takes the place of. */
  replaces: string;
};

/** What may stand at the caret. */
export const complete = (rule: string, caret: number, context: CompletionContext): Completion => {
  const word = wordBefore(rule, caret);
  const modifier = /:(\w*)$/.exec(word);
  if (modifier && !word.startsWith('@collection.')) {
    const typed = modifier[1] ?? '';
    return { suggestions: plain(...modifiers).filter(({ text }) => text.startsWith(typed)), replaces: typed };
  }
  const steps = word.split('.');
  const last = steps.pop() ?? '';
  const wanted = last.toLowerCase();
  const found = candidates(steps, context).filter(
    ({ text }) => text.toLowerCase().startsWith(wanted) && text !== last,
  );
  return { suggestions: found.slice(0, most), replaces: last };
};
