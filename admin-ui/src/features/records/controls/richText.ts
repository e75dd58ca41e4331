// Acts of the toolbar on HTML as text: what is marked is wrapped, lines become list entries.

export type RichAct =
  | 'bold'
  | 'italic'
  | 'heading'
  | 'subheading'
  | 'paragraph'
  | 'bullets'
  | 'numbers'
  | 'quote'
  | 'code'
  | 'link';

export type Marked = { text: string; start: number; end: number };

const tags = {
  bold: 'strong',
  italic: 'em',
  heading: 'h2',
  subheading: 'h3',
  paragraph: 'p',
  quote: 'blockquote',
  code: 'code',
} as const;

const escapeAttribute = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');

const replace = ({ text, start, end }: Marked, before: string, inner: string, after: string): Marked => ({
  text: text.slice(0, start) + before + inner + after + text.slice(end),
  start: start + before.length,
  end: start + before.length + inner.length,
});

/** The text after an act, and what is marked then. */
export const applyRich = (act: RichAct, marked: Marked): Marked => {
  const inner = marked.text.slice(marked.start, marked.end);
  switch (act) {
    case 'link': {
      // A marked address becomes its own words; other words wait for theirs.
      const isAddress = /^https?:\/\/\S+$/.test(inner);
      const href = isAddress ? escapeAttribute(inner) : 'https://';
      const before = `<a href="${href}">`;
      if (isAddress || inner !== '') {
        const next = replace(marked, before, inner, '</a>');
        if (isAddress) return next;
        const end = marked.start + before.length - 2;
        return { ...next, start: end - href.length, end };
      }
      return replace(marked, before, '', '</a>');
    }
    case 'bullets':
    case 'numbers': {
      const tag = act === 'bullets' ? 'ul' : 'ol';
      const lines = inner.split('\n').map((line) => `  <li>${line.trim()}</li>`);
      const list = lines.join('\n');
      const next = replace(marked, `<${tag}>\n`, list, `\n</${tag}>`);
      // An empty list waits for its first entry.
      return inner === '' ? { ...next, start: next.start + 6, end: next.start + 6 } : next;
    }
    default: {
      const tag = tags[act];
      const before = `<${tag}>`;
      const after = `</${tag}>`;
      const { text, start, end } = marked;
      if (text.slice(0, start).endsWith(before) && text.slice(end).startsWith(after)) {
        return {
          text: text.slice(0, start - before.length) + inner + text.slice(end + after.length),
          start: start - before.length,
          end: end - before.length,
        };
      }
      return replace(marked, before, inner, after);
    }
  }
};
