import { messages } from '@/messages.en';
import { isSame, type Draft, type DraftField } from './draft';
import { columnLabel } from './indexSql';

const words = messages.fields.changes;

export type Change = { sign: '+' | '−' | '~'; text: string };

const optionWord = (key: string): string => {
  const known: Partial<Record<string, string>> = messages.fields.optionNames;
  return known[key] ?? key;
};

const fieldChanges = (field: DraftField, stored: DraftField | undefined): Change[] => {
  const { data } = field;
  if (!stored) return [{ sign: '+', text: words.field(data.name, messages.fields.types[data.type]) }];
  if (field.isRemoved) return [{ sign: '−', text: stored.data.name }];
  const old = stored.data;
  const changes: Change[] = [];
  if (old.name !== data.name) changes.push({ sign: '~', text: words.renamed(old.name, data.name) });
  for (const key of Object.keys({ ...old, ...data })) {
    if (key === 'name' || isSame(data[key], old[key])) continue;
    changes.push({ sign: '~', text: words.option(data.name, optionWord(key)) });
  }
  return changes;
};

const orderOf = (fields: readonly DraftField[], among: ReadonlySet<string>): string[] =>
  fields.map(({ key }) => key).filter((key) => among.has(key));

const indexChanges = (draft: Draft, stored: Draft): Change[] => {
  const added = draft.indexes.filter(({ key }) => !stored.indexes.some((old) => old.key === key));
  const removed = stored.indexes.filter(({ key }) => !draft.indexes.some((now) => now.key === key));
  const changed = draft.indexes.filter((index) =>
    stored.indexes.some((old) => old.key === index.key && !isSame(old, index)),
  );
  const name = (index: Draft['indexes'][number]) => words.index(index.columns.map(columnLabel).join(', '));
  return [
    ...added.map((index): Change => ({ sign: '+', text: name(index) })),
    ...changed.map((index): Change => ({ sign: '~', text: name(index) })),
    ...removed.map((index): Change => ({ sign: '−', text: name(index) })),
  ];
};

/** What a save would change, in the words of the change bar. */
export const changesOf = (draft: Draft, stored: Draft): Change[] => {
  const changes: Change[] = [];
  if (draft.name !== stored.name) changes.push({ sign: '~', text: words.renamed(stored.name, draft.name) });
  if (draft.viewQuery !== stored.viewQuery) changes.push({ sign: '~', text: words.query });
  for (const field of draft.fields) {
    changes.push(
      ...fieldChanges(
        field,
        stored.fields.find(({ key }) => key === field.key),
      ),
    );
  }
  const both = new Set(
    stored.fields.map(({ key }) => key).filter((key) => draft.fields.some((field) => field.key === key)),
  );
  if (!isSame(orderOf(draft.fields, both), orderOf(stored.fields, both))) {
    changes.push({ sign: '~', text: words.order });
  }
  changes.push(...indexChanges(draft, stored));
  for (const [key, value] of Object.entries(draft.options)) {
    if (!isSame(value, stored.options[key])) changes.push({ sign: '~', text: optionWord(key) });
  }
  return changes;
};
