import { useId, useState } from 'react';
import { Button, CodeBlock, Icon, Switch, TagsField, TextField } from '@/components';
import { messages } from '@/messages.en';
import { indexSql, newIndex, type Draft, type DraftIndex } from '../shape/draft';
import { columnLabel, columnName, quoteName } from '../shape/indexSql';
import type { Problems } from '../shape/problems';

const words = messages.fields.indexes;

type IndexFormProps = {
  index: DraftIndex;
  draft: Draft;
  problem: string | undefined;
  onChange: (values: Partial<DraftIndex>) => void;
  onRemove: () => void;
};

/** One index as a form, with the SQL it makes beside it. */
const IndexForm = ({ index, draft, problem, onChange, onRemove }: IndexFormProps) => {
  const names = draft.fields.filter(({ isRemoved }) => !isRemoved).map(({ data }) => data.name);
  // A plain name is quoted; what has signs in it, such as lower(name), is meant as it stands.
  const toColumn = (text: string) => (/^\w+$/.test(text) ? quoteName(text) : text);
  return (
    <div className="grid gap-x-6 gap-y-4 border-t border-line px-4 py-4 lg:grid-cols-2">
      <div className="flex min-w-0 flex-col gap-2">
        <TagsField
          label={words.columns}
          values={index.columns}
          suggestions={names}
          labelOf={columnLabel}
          error={problem ?? (index.columns.length === 0 ? words.columnMissing : undefined)}
          onChange={(columns) => onChange({ columns: columns.map(toColumn) })}
        />
        <Switch
          label={words.uniqueSwitch}
          hint={words.uniqueHint}
          checked={index.unique}
          onChange={(unique) => onChange({ unique })}
        />
        <TextField
          label={words.whereLabel}
          hint={words.whereHint}
          value={index.where}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          onChange={({ target }) => onChange({ where: target.value })}
        />
        <TextField
          label={words.name}
          value={index.name}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          onChange={({ target }) => onChange({ name: target.value })}
        />
      </div>
      <div className="flex min-w-0 flex-col items-start gap-3">
        <CodeBlock code={indexSql(index, draft.name).replace(/ (ON|WHERE) /g, '\n$1 ')} label={words.sql} />
        <Button look="dangerOutline" onClick={onRemove}>
          {words.remove}
        </Button>
      </div>
    </div>
  );
};

type IndexListProps = {
  draft: Draft;
  problems: Problems;
  onUpdate: (edit: (before: Draft) => Draft) => void;
};

/** The indexes of a collection, one a line. */
export const IndexList = ({ draft, problems, onUpdate }: IndexListProps) => {
  const id = useId();
  const [open, setOpen] = useState<string | null>(null);
  const change = (key: string, values: Partial<DraftIndex>) =>
    onUpdate((before) => ({
      ...before,
      indexes: before.indexes.map((one) => (one.key === key ? { ...one, ...values } : one)),
    }));
  const remove = (key: string) => {
    onUpdate((before) => ({ ...before, indexes: before.indexes.filter((one) => one.key !== key) }));
    document.getElementById(`${id}-add`)?.focus();
  };
  const add = () => {
    const index = newIndex([], false);
    onUpdate((before) => ({ ...before, indexes: [...before.indexes, index] }));
    setOpen(index.key);
  };
  return (
    <section className="flex flex-col items-start gap-3">
      <div>
        <h2 className="text-title font-semibold">{words.title}</h2>
        <p className="text-muted">{words.intro}</p>
      </div>
      {problems.indexes === undefined ? null : <p className="text-grid text-danger">{problems.indexes}</p>}
      {draft.indexes.length === 0 ? (
        <p className="text-grid text-muted">{words.none}</p>
      ) : (
        <ul
          aria-label={words.title}
          className="w-full overflow-hidden rounded-panel border border-line bg-surface"
        >
          {draft.indexes.map((index) => {
            const problem = problems[`indexes.${index.key}`];
            const isOpen = open === index.key || problem !== undefined;
            return (
              <li key={index.key} className="border-b border-line last:border-b-0">
                <button
                  type="button"
                  aria-expanded={isOpen}
                  onClick={() => setOpen(isOpen ? null : index.key)}
                  className="flex min-h-11 w-full items-center gap-3 rounded-control px-4 py-1 text-start -outline-offset-2 hover:bg-sunken"
                >
                  <span className="min-w-0 truncate font-medium">
                    {index.columns.map(columnLabel).join(', ') || words.columnMissing}
                  </span>
                  {[
                    ...(index.unique ? [words.unique] : []),
                    ...(index.where === '' ? [] : [words.where]),
                  ].map((badge) => (
                    <span
                      key={badge}
                      className="inline-flex h-5 shrink-0 items-center rounded-chip border border-line px-1.5 text-meta text-muted"
                    >
                      {badge}
                    </span>
                  ))}
                  <span className="ms-auto min-w-0 truncate font-mono text-meta text-muted">
                    {index.name}
                  </span>
                  <span className="text-muted">
                    <Icon name={isOpen ? 'chevronUp' : 'chevronDown'} />
                  </span>
                </button>
                {isOpen ? (
                  <IndexForm
                    index={index}
                    draft={draft}
                    problem={problem}
                    onChange={(values) => change(index.key, values)}
                    onRemove={() => remove(index.key)}
                  />
                ) : null}
              </li>
            );
          })}
        </ul>
      )}
      <Button id={`${id}-add`} onClick={add}>
        <Icon name="plus" />
        {words.add}
      </Button>
    </section>
  );
};

/** Whether an index is made of the field. */
export const isIndexOf = (index: DraftIndex, name: string): boolean =>
  index.columns.some((column) => columnName(column) === name);
