import { messages } from '@/messages.en';

const words = messages.settings.limits;

/** Labels worth offering: of every collection, then paths. */
export const suggestedLabels: readonly string[] = [
  ...Object.keys(words.tags).map((tag) => `*:${tag}`),
  '/api/',
  '/api/batch',
];

/** What a label stands for, in words; undefined while it is none. */
export const describeLabel = (label: string): string | undefined => {
  const tagged = /^(\*|\w+):(\w+)$/.exec(label);
  if (tagged) {
    const [, collection = '', tag = ''] = tagged;
    const known = Object.entries(words.tags).find(([name]) => name === tag);
    return words.ofCollection(known?.[1] ?? tag, collection === '*' ? null : collection);
  }
  const path = /^(?:(\w+) )?(\/[\w/-]*)$/.exec(label);
  if (!path) return undefined;
  const [, method, start = ''] = path;
  return start.endsWith('/') ? words.below(method ?? '', start) : words.exact(method ?? '', start);
};
