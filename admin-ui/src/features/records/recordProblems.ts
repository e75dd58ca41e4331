import type { ApiError, Collection, Field, FieldError } from '@/api';
import { formatNumber } from '@/locale';
import { messages } from '@/messages.en';
import type { Problems } from './draft';

const { problems: words, notAccepted } = messages.recordEditor;

const limit = (field: Field, which: 'min' | 'max'): string | null => {
  if (field.type !== 'number') return null;
  const value = field[which];
  return typeof value === 'number' ? formatNumber(value, false) : null;
};

/** What is wrong with a value, in our words where we know better ones; the server's codes are the contract. */
const problemOf = (field: Field | undefined, { code, message }: FieldError): string => {
  const least = field ? limit(field, 'min') : null;
  const most = field ? limit(field, 'max') : null;
  switch (code) {
    case 'validation_required':
      return words.required;
    case 'validation_not_unique':
      return words.notUnique;
    case 'validation_only_int_constraint':
      return words.whole;
    case 'validation_is_email':
      return words.email;
    case 'validation_is_url':
    case 'validation_invalid_url':
      return words.url;
    case 'validation_min_number_constraint':
      return least === null ? notAccepted(message) : words.atLeast(least);
    case 'validation_max_number_constraint':
      return most === null ? notAccepted(message) : words.atMost(most);
    default:
      return notAccepted(message);
  }
};

/** The problems a save was refused for, by field; those of one value in a list count for its field. */
export const problemsOf = (collection: Collection, error: ApiError): Problems => {
  const problems: Record<string, string> = {};
  for (const [path, fault] of Object.entries(error.fields)) {
    const written = path.split('.')[0] ?? path;
    const name = written === 'passwordConfirm' ? 'password' : written.replace(/\+$/, '');
    problems[name] ??= problemOf(
      collection.fields.find((field) => field.name === name),
      fault,
    );
  }
  return problems;
};
