// The language of rules, taken apart for the eye: colours, completion and the place of an error.
// What a rule means is the server's to say.

export type TokenKind =
  'name' | 'request' | 'text' | 'number' | 'sign' | 'join' | 'comment' | 'blank' | 'other';

export type Token = { kind: TokenKind; text: string; start: number };

const shapes: readonly [TokenKind, RegExp][] = [
  ['blank', /\s+/y],
  ['comment', /\/\/[^\n]*/y],
  ['text', /'(?:\\.|[^'\\])*'?|"(?:\\.|[^"\\])*"?/sy],
  ['request', /@[\w.:]*/y],
  ['number', /-?\d+(?:\.\d+)?(?![\w.])/y],
  ['name', /[A-Za-z_][\w.:]*/y],
  ['join', /&&|\|\||[()]/y],
  ['sign', /\??(?:!=|>=|<=|!~|=|>|<|~)/y],
  ['other', /./sy],
];

export const tokenize = (rule: string): Token[] => {
  const tokens: Token[] = [];
  let at = 0;
  while (at < rule.length) {
    for (const [kind, shape] of shapes) {
      shape.lastIndex = at;
      const text = shape.exec(rule)?.[0];
      if (text === undefined || text === '') continue;
      tokens.push({ kind, text, start: at });
      at += text.length;
      break;
    }
  }
  return tokens;
};

/** The place an error speaks of: the server counts characters from 1, and says so at the end of its sentence. */
export const errorToken = (rule: string, error: string): Token | undefined => {
  const position = Number(/at position (\d+)/.exec(error)?.[1] ?? Number.NaN);
  if (Number.isNaN(position)) return undefined;
  const at = Array.from(rule)
    .slice(0, position - 1)
    .join('').length;
  const tokens = tokenize(rule).filter(({ kind }) => kind !== 'blank');
  // Something that is missing at the end is shown at the last thing that is there.
  return tokens.find(({ start, text }) => at >= start && at < start + text.length) ?? tokens.at(-1);
};

/** What is being typed at the caret: letters of a path, without what stands behind the caret. */
export const wordBefore = (rule: string, caret: number): string =>
  /[@\w.:]*$/.exec(rule.slice(0, caret))?.[0] ?? '';

/** Whether the caret stands in a text or a comment, where nothing is to be completed. */
export const isInText = (rule: string, caret: number): boolean => {
  const token = tokenize(rule).find(({ start, text }) => caret > start && caret <= start + text.length);
  if (token?.kind === 'comment') return true;
  if (token?.kind !== 'text') return false;
  const isClosed = token.text.length > 1 && token.text.endsWith(token.text.charAt(0));
  return !isClosed || caret < token.start + token.text.length;
};
