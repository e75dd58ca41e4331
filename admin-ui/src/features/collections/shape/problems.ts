import type { ApiError, FieldError } from '@/api';
import { messages } from '@/messages.en';
import type { Draft, Outgoing } from './draft';

const words = messages.fields.problems;

/** What is wrong, by the place in the draft: `name`, `fields.<key>.max`, `indexes.<key>`, `oauth2.providers.0.clientId`. */
export type Problems = Readonly<Record<string, string>>;

const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** In our words where we have them; the server's own sentence otherwise, which often names a place or a value. */
export const problemOf = ({ code, message, params }: FieldError): string => {
  const known: Partial<Record<string, string>> = words.codes;
  const threshold = number(params.threshold) ?? number(params.min);
  if (code === 'validation_min_greater_equal_than_required' && threshold !== null)
    return words.atLeast(threshold);
  if (code === 'validation_max_less_equal_than_required' && threshold !== null)
    return words.atMost(threshold);
  return known[code] ?? message;
};

/** Puts the errors of an answer where the person sees what they are about. */
export const placeProblems = (error: ApiError, { fieldKeys, indexKeys }: Outgoing): Problems =>
  Object.fromEntries(
    Object.entries(error.fields).map(([path, problem]) => {
      const [first = '', position = '', ...rest] = path.split('.');
      const keys = first === 'fields' ? fieldKeys : first === 'indexes' ? indexKeys : null;
      const key = keys?.[Number(position)];
      return [key === undefined ? path : [first, key, ...rest].join('.'), problemOf(problem)];
    }),
  );

/** The places of numbers that are none. */
const notNumbers = (value: unknown, path: string): string[] => {
  if (Number.isNaN(value)) return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, below]) =>
    notNumbers(below, path === '' ? key : `${path}.${key}`),
  );
};

/** What can be told to be wrong before anything is sent. */
export const checkDraft = (draft: Draft): Problems => {
  const problems: Record<string, string> = {};
  if (draft.name.trim() === '') problems.name = words.codes.validation_required;
  for (const { key, data, isRemoved } of draft.fields) {
    if (isRemoved) continue;
    for (const [option, value] of Object.entries(data)) {
      if (Number.isNaN(value)) problems[`fields.${key}.${option}`] = words.notANumber;
    }
  }
  for (const path of notNumbers(draft.options, '')) problems[path] = words.notANumber;
  for (const name of [
    'listRule',
    'viewRule',
    'createRule',
    'updateRule',
    'deleteRule',
    'manageRule',
    'authRule',
  ]) {
    const rule = draft.options[name];
    if (typeof rule === 'string' && rule !== '' && rule.trim() === '') problems[name] = words.emptyRule;
  }
  return problems;
};

/** The problem of a field's list of values or the like, which may stand at one of its entries. */
export const problemBelow = (problems: Problems, path: string): string | undefined =>
  problems[path] ?? Object.entries(problems).find(([place]) => place.startsWith(`${path}.`))?.[1];
