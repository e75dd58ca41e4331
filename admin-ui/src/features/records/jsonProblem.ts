export type JsonProblem = { line: number; column: number };

const blank = /[\t\n\r ]*/y;
// eslint-disable-next-line no-control-regex -- control characters are what JSON forbids in texts
const text = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const word = /true|false|null/y;

/** Where a text stops being JSON; browsers do not all tell. -1 when it never does. */
const failsAt = (source: string): number => {
  let at = 0;
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (!match) return false;
    at += match[0].length;
    return true;
  };
  const sign = (wanted: string): boolean => {
    skip(blank);
    if (source[at] !== wanted) return false;
    at += 1;
    return true;
  };
  /** Reads `one` between `open` and `close`, with commas; false with `at` where it went wrong. */
  const many = (close: string, one: () => boolean): boolean => {
    at += 1;
    if (sign(close)) return true;
    do {
      if (!one()) return false;
    } while (sign(','));
    return sign(close);
  };
  const value = (): boolean => {
    skip(blank);
    if (source[at] === '[') return many(']', value);
    if (source[at] === '{') return many('}', () => (skip(blank), skip(text)) && sign(':') && value());
    return skip(text) || skip(number) || skip(word);
  };
  if (!value()) return at;
  skip(blank);
  return at === source.length ? -1 : at;
};

/** The first place, from 1, at which a text is not JSON; null for good JSON. */
export const jsonProblem = (source: string): JsonProblem | null => {
  try {
    JSON.parse(source);
    return null;
  } catch {
    const at = failsAt(source);
    const before = source.slice(0, at < 0 ? source.length : at).split('\n');
    return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  }
};
