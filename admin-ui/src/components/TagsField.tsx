import { useId, useRef, useState, type KeyboardEvent } from 'react';
import { messages } from '@/messages.en';
import { Button } from './Button';
import { Icon } from './icons';

type TagsFieldProps = {
  label: string;
  values: readonly string[];
  onChange: (values: string[]) => void;
  error?: string | undefined;
  hint?: string | undefined;
  /** Offered while typing. */
  suggestions?: readonly string[];
  disabled?: boolean;
  /** How a value is shown, where it is not its own words. */
  labelOf?: (value: string) => string;
};

const split = (text: string): string[] =>
  text
    .split(/[,\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** Several short texts: typed one after the other, each removed with its cross. */
export const TagsField = (props: TagsFieldProps) => {
  const { label, values, onChange, error, hint, suggestions = [], disabled = false, labelOf } = props;
  const id = useId();
  const [typed, setTyped] = useState('');
  const input = useRef<HTMLInputElement>(null);
  const add = (text: string) => {
    const added = split(text).filter((part) => !values.includes(part));
    setTyped('');
    if (added.length > 0) onChange([...values, ...new Set(added)]);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') {
      event.preventDefault();
      add(typed);
    } else if (event.key === 'Backspace' && typed === '' && values.length > 0) {
      onChange(values.slice(0, -1));
    }
  };
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="text-grid font-medium">
        {label}
      </label>
      <div
        className={`flex flex-wrap items-center gap-1 rounded-control border bg-surface p-1 has-[input:focus-visible]:outline-2 has-[input:focus-visible]:outline-offset-2 has-[input:focus-visible]:outline-focus ${
          error === undefined ? 'border-control' : 'border-danger'
        }`}
      >
        {values.map((value, index) => (
          <span
            key={`${index} ${value}`}
            className="inline-flex h-7 max-w-full items-center gap-1 rounded-chip border border-line bg-sunken ps-2 text-grid coarse:h-9"
          >
            <span className="truncate">{labelOf?.(value) ?? value}</span>
            <button
              type="button"
              aria-label={messages.fields.tags.remove(labelOf?.(value) ?? value)}
              onClick={() => {
                onChange(values.filter((_, at) => at !== index));
                input.current?.focus();
              }}
              className="grid size-6 shrink-0 place-items-center rounded-control text-muted hover:text-text coarse:size-9"
            >
              <Icon name="close" className="size-3" />
            </button>
          </span>
        ))}
        <input
          ref={input}
          id={id}
          list={suggestions.length > 0 ? `${id}-list` : undefined}
          value={typed}
          disabled={disabled}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          aria-invalid={error !== undefined}
          aria-describedby={`${id}-note`}
          onKeyDown={onKeyDown}
          onBlur={() => add(typed)}
          onChange={({ target: { value } }) => {
            const isChosen = suggestions.includes(value) && !values.includes(value);
            if (value.includes(',') || isChosen) add(value);
            else setTyped(value);
          }}
          className="h-7 min-w-24 flex-1 bg-transparent px-2 text-grid outline-none coarse:h-9 coarse:text-title"
        />
        {typed.trim() === '' ? null : (
          <Button look="plain" onClick={() => add(typed)}>
            {messages.fields.tags.add}
          </Button>
        )}
        {suggestions.length > 0 ? (
          <datalist id={`${id}-list`}>
            {suggestions
              .filter((value) => !values.includes(value))
              .map((value) => (
                <option key={value} value={value}>
                  {labelOf?.(value) ?? value}
                </option>
              ))}
          </datalist>
        ) : null}
      </div>
      <p
        id={`${id}-note`}
        aria-live="polite"
        className={`min-h-4 text-meta ${error === undefined ? 'text-muted' : 'text-danger'}`}
      >
        {error ?? hint}
      </p>
    </div>
  );
};
