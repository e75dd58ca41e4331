import type { FieldError } from '@/api';
import { messages } from '@/messages.en';

const words = messages.settings.problems;

/** What is wrong with a setting, in our words; the server's codes are the contract. */
export const problemOfField = ({ code, params: { threshold, max } }: FieldError): string => {
  switch (code) {
    case 'validation_required':
      return words.required;
    case 'validation_is_host':
      return words.host;
    case 'validation_is_email':
      return words.email;
    case 'validation_is_url':
      return words.url;
    case 'validation_length_out_of_range':
      return typeof max === 'number' ? words.tooLong(max) : words.notAccepted;
    case 'validation_min_greater_equal_than_required':
      return typeof threshold === 'number' ? words.atLeast(threshold) : words.notAccepted;
    case 'validation_match_invalid':
      return words.label;
    case 'validation_conflicting_rate_limit_rule':
      return words.conflict;
    case 'validation_invalid_auth_collection':
      return words.collection;
    default:
      return words.notAccepted;
  }
};

/** Problems by the path of the setting. */
export type Problems = Readonly<Record<string, string>>;

/** A list stands in one text, so what is wrong with its entries is told in one sentence. */
export const problemOfList = (
  path: string,
  list: readonly string[],
  problems: Problems,
): string | undefined => {
  const wrong = list.filter((_, index) => problems[`${path}.${index}`] !== undefined);
  return wrong.length === 0 ? undefined : words.networks(wrong);
};

/** A whole number of a text; null when it is none. Nothing typed is 0, which the server asks to fill in. */
export const wholeNumber = (text: string): number | null => {
  const trimmed = text.trim();
  if (trimmed === '') return 0;
  return /^\d{1,9}$/.test(trimmed) ? Number(trimmed) : null;
};
