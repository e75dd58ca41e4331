// Indexes are kept as SQL. What the editor shows of one is taken apart here and put together again.

export type IndexParts = {
  unique: boolean;
  name: string;
  /** As written, with collation and direction: `` `title` COLLATE NOCASE ``, `lower(name)`. */
  columns: readonly string[];
  where: string;
};

const head =
  /^\s*create\s+(unique\s+)?index\s+(?:if\s+not\s+exists\s+)?(?:(?:`[^`]*`|"[^"]*"|\[[^\]]*\]|\w+)\s*\.\s*)?(`[^`]*`|"[^"]*"|'[^']*'|\[[^\]]*\]|[^\s(]+)\s+on\s+(?:`[^`]*`|"[^"]*"|'[^']*'|\[[^\]]*\]|[^\s(]+)\s*\(/i;

const bare = (name: string): string => name.trim().replaceAll(/^[`"'[]+|[`"'\]]+$/g, '');

const closes: Readonly<Record<string, string>> = { '`': '`', '"': '"', "'": "'", '[': ']' };

/** Splits a list at its own commas; `rest` is what follows the parenthesis that ends it. */
const splitList = (text: string): { items: string[]; rest: string } => {
  const items: string[] = [];
  let item = '';
  let depth = 0;
  let quote: string | null = null;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (quote !== null) {
      if (char === quote) quote = null;
      item += char;
    } else if (char === ')' && depth === 0) {
      items.push(item);
      return { items, rest: text.slice(at + 1) };
    } else if (char === ',' && depth === 0) {
      items.push(item);
      item = '';
    } else {
      quote = closes[char] ?? null;
      depth += char === '(' ? 1 : char === ')' ? -1 : 0;
      item += char;
    }
  }
  return { items: [], rest: '' };
};

/** Takes an index apart; what cannot be read has no columns. */
export const parseIndex = (sql: string): IndexParts => {
  const match = head.exec(sql);
  if (!match) return { unique: false, name: '', columns: [], where: '' };
  const [whole, unique, name = ''] = match;
  const { items, rest } = splitList(sql.slice(whole.length));
  const where = /^\s*where\s+([\s\S]*?)[;\s]*$/i.exec(rest)?.[1] ?? '';
  return {
    unique: unique !== undefined,
    name: bare(name),
    columns: items.map((item) => item.trim()).filter((item) => item !== ''),
    where,
  };
};

export const quoteName = (name: string): string => `\`${name}\``;

export const formatIndex = ({ unique, name, columns, where }: IndexParts, table: string): string =>
  `CREATE ${unique ? 'UNIQUE ' : ''}INDEX ${quoteName(name)} ON ${quoteName(table)} (${columns.join(', ')})${
    where.trim() === '' ? '' : ` WHERE ${where.trim()}`
  }`;

/** The field a column of an index is made of; of an expression the expression itself. */
export const columnName = (column: string): string => {
  const match = /^(`[^`]*`|"[^"]*"|\[[^\]]*\]|\w+)(?:\s+collate\s+\w+)?(?:\s+(?:asc|desc))?$/i.exec(
    column.trim(),
  );
  return match?.[1] === undefined ? column : bare(match[1]);
};

/** A column without the quotes people need not read. */
export const columnLabel = (column: string): string =>
  columnName(column) === column ? column : column.replace(/^[`"[]([^`"\]]*)[`"\]]/, '$1');
