// What is typed into the search box, as far as it has to be understood before the server sees it.

const comparison = /^[\s(]*(@?[\w.:]+)\s*\??(?:!?[=~]|[<>]=?)/;

/** Whether a text reads like a filter rather than words: a name, and a sign that compares. */
export const looksLikeFilter = (text: string): boolean => comparison.test(text);

/** Walks a filter and hands over each character that is not inside of a text, with the depth of parentheses. */
const walk = (filter: string, see: (at: number, depth: number) => void): void => {
  let quote = '';
  let depth = 0;
  for (let at = 0; at < filter.length; at++) {
    const sign = filter[at] ?? '';
    if (quote !== '') {
      if (sign === '\\') at++;
      else if (sign === quote) quote = '';
      continue;
    }
    if (sign === '"' || sign === "'") quote = sign;
    if (sign === ')') depth--;
    see(at, depth);
    if (sign === '(') depth++;
  }
};

/** The places outside of texts and parentheses where a sign stands. */
const placesOf = (filter: string, sign: string): number[] => {
  const places: number[] = [];
  walk(filter, (at, depth) => {
    if (depth === 0 && filter.startsWith(sign, at)) places.push(at);
  });
  return places;
};

/** The conditions that all have to hold. One filter that is an "or", or has comments, is one condition. */
export const splitConditions = (filter: string): string[] => {
  if (filter.trim() === '') return [];
  if (placesOf(filter, '||').length > 0 || placesOf(filter, '//').length > 0) return [filter.trim()];
  const cuts = placesOf(filter, '&&');
  return [0, ...cuts.map((cut) => cut + 2)]
    .map((start, index) => filter.slice(start, cuts[index] ?? filter.length).trim())
    .filter((part) => part !== '');
};

export const joinConditions = (conditions: readonly string[]): string => {
  if (conditions.length < 2) return conditions.join('');
  // An "or" among others would swallow them.
  return conditions.map((one) => (placesOf(one, '||').length > 0 ? `(${one})` : one)).join(' && ');
};

export type FilterProblem = {
  /** Where it is wrong, in characters from 0; null when the server did not say. */
  start: number | null;
  end: number | null;
  /** The name that is none, if that is what is wrong. */
  unknown: string | null;
  /** The server's own words. */
  message: string;
};

const place = /unknown field in `(.*?)` at position (\d+)|at position (\d+)/;

/** Reads where a filter is wrong from what the server says about it. */
export const readFilterProblem = (message: string): FilterProblem => {
  const said = message.replace(/^.*?cannot be used: /, '').trim();
  const match = place.exec(message);
  if (!match) return { start: null, end: null, unknown: null, message: said };
  const start = Number(match[2] ?? match[3]) - 1;
  const unknown = match[1] ?? null;
  return { start, end: start + (unknown?.length ?? 1), unknown, message: said };
};

/** How many letters have to change to make one word the other. */
const distance = (one: string, other: string): number => {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [at, letter] of Array.from(one).entries()) {
    const next = [at + 1];
    for (let column = 1; column <= other.length; column++) {
      const change = (row[column - 1] ?? 0) + (letter === other[column - 1] ? 0 : 1);
      next.push(Math.min(change, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
};

/** The name that was probably meant; null when none is near. */
export const nearestName = (name: string, names: readonly string[]): string | null => {
  const near = names
    .map((one) => ({ one, far: distance(name.toLowerCase(), one.toLowerCase()) }))
    .sort((a, b) => a.far - b.far)[0];
  return near && near.far <= Math.max(1, Math.floor(name.length / 3)) ? near.one : null;
};
