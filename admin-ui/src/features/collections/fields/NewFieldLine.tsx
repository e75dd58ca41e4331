import { useImperativeHandle, useRef, useState, type KeyboardEvent, type Ref } from 'react';
import type { FieldType } from '@/api';
import { Button, Icon } from '@/components';
import { messages } from '@/messages.en';
import { fieldTypes } from '../shape/fieldOptions';

const words = messages.fields;

export type NewFieldHandle = {
  /** Hands over what was typed, so that a save does not leave it behind; `wrong` when it cannot be added as it is. */
  take: () => { name: string; type: FieldType } | 'nothing' | 'wrong';
  focus: () => void;
};

type NewFieldLineProps = {
  /** Names that are in use. */
  taken: readonly string[];
  onAdd: (name: string, type: FieldType) => void;
  handle?: Ref<NewFieldHandle>;
};

/** The last line of the fields: always open, so that a field is typed rather than clicked together. */
export const NewFieldLine = ({ taken, onAdd, handle }: NewFieldLineProps) => {
  const [name, setName] = useState('');
  const [type, setType] = useState<FieldType>('text');
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const input = useRef<HTMLInputElement>(null);

  const problemOf = (text: string): string | undefined => {
    if (text === '') return words.add.missing;
    if (!/^\w+$/.test(text)) return words.add.bad;
    return taken.some((one) => one.toLowerCase() === text.toLowerCase()) ? words.add.taken(text) : undefined;
  };
  const check = (): { name: string; type: FieldType } | null => {
    const wrong = problemOf(name.trim());
    setProblem(wrong);
    if (wrong !== undefined) {
      input.current?.focus();
      return null;
    }
    setName('');
    setType('text');
    return { name: name.trim(), type };
  };
  const add = () => {
    const checked = check();
    if (!checked) return;
    input.current?.focus();
    onAdd(checked.name, checked.type);
  };
  useImperativeHandle(handle, () => ({
    take: () => (name.trim() === '' ? 'nothing' : (check() ?? 'wrong')),
    focus: () => input.current?.focus(),
  }));
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    add();
  };
  const note = problem ?? words.add.hint;
  return (
    <div role="group" aria-label={words.add.title} className="border-t border-line bg-surface">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-2 sm:flex-nowrap sm:ps-11 sm:pe-3">
        <span className="hidden size-6 shrink-0 place-items-center text-muted sm:grid">
          <Icon name="plus" />
        </span>
        <input
          ref={input}
          aria-label={words.add.name}
          aria-invalid={problem !== undefined}
          aria-describedby="new-field-note"
          placeholder={words.add.placeholder}
          value={name}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          onKeyDown={onKeyDown}
          onChange={({ target }) => {
            setName(target.value);
            setProblem(undefined);
          }}
          className={`h-9 w-full min-w-0 rounded-control border bg-surface px-3 sm:w-60 coarse:h-11 coarse:text-title ${
            problem === undefined ? 'border-control' : 'border-danger'
          }`}
        />
        <select
          aria-label={words.add.type}
          value={type}
          onKeyDown={onKeyDown}
          onChange={({ target }) => {
            const chosen = fieldTypes.find((one) => one === target.value);
            if (chosen) setType(chosen);
          }}
          className="h-9 w-32 min-w-0 flex-1 rounded-control border border-control bg-surface px-2 sm:max-w-36 coarse:h-11 coarse:text-title"
        >
          {fieldTypes.map((one) => (
            <option key={one} value={one}>
              {words.types[one]}
            </option>
          ))}
        </select>
        <Button onClick={add}>{words.add.act}</Button>
      </div>
      <p
        id="new-field-note"
        aria-live="polite"
        className={`px-4 pb-2 text-meta sm:ps-20 ${problem === undefined ? 'text-muted' : 'text-danger'}`}
      >
        {note}
      </p>
    </div>
  );
};
