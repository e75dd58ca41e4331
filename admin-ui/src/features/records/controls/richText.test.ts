import { expect, test } from 'vitest';
import { applyRich } from './richText';

const marked = (text: string) => {
  const start = text.indexOf('[');
  return { text: text.replace('[', '').replace(']', ''), start, end: text.indexOf(']') - 1 };
};

test.each([
  ['bold', 'a [b] c', 'a <strong>[b]</strong> c'],
  ['bold', 'a <strong>[b]</strong> c', 'a [b] c'],
  ['heading', '[]', '<h2>[]</h2>'],
  ['bullets', '[one\ntwo]', '<ul>\n[  <li>one</li>\n  <li>two</li>]\n</ul>'],
  [
    'link',
    '[https://a.org/?x=1&y="]',
    '<a href="https://a.org/?x=1&amp;y=&quot;">[https://a.org/?x=1&y="]</a>',
  ],
  ['link', '[here]', '<a href="[https://]">here</a>'],
] as const)('%s of %j', (act, before, after) => {
  expect(applyRich(act, marked(before))).toEqual(marked(after));
});
