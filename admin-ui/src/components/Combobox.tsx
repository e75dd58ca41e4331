import { useId, useRef, useState, type KeyboardEvent } from 'react';
import { messages } from '@/messages.en';
import { Icon } from './icons';

export type ComboOption = { value: string; label: string; detail?: string; isChosen?: boolean };

type ComboboxProps = {
  id: string;
  label: string;
  placeholder: string;
  text: string;
  options: readonly ComboOption[];
  /** What stands in the list when there are no options, and below them when there are. */
  note?: string | undefined;
  isBusy?: boolean;
  isInvalid?: boolean;
  describedBy: string;
  onText: (text: string) => void;
  onPick: (value: string) => void;
  /** The list was opened: options that cost something are worth getting now. */
  onOpen?: () => void;
};

/** A text box with a list of what it could mean; picking leaves it open for the next. */
export const Combobox = (props: ComboboxProps) => {
  const { id, label, placeholder, text, options, note, isBusy = false, isInvalid = false } = props;
  const { describedBy, onText, onPick, onOpen } = props;
  const listId = useId();
  const list = useRef<HTMLUListElement>(null);
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const current = Math.min(active, options.length - 1);

  const open = () => {
    if (isOpen) return;
    setOpen(true);
    setActive(0);
    onOpen?.();
  };
  const move = (step: number) => {
    open();
    if (!isOpen || options.length === 0) return;
    const next = (current + step + options.length) % options.length;
    setActive(next);
    list.current?.children[next]?.scrollIntoView({ block: 'nearest' });
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const picked = options[current];
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      move(event.key === 'ArrowDown' ? 1 : -1);
    } else if (event.key === 'Enter' && isOpen) {
      event.preventDefault();
      if (picked) onPick(picked.value);
    } else if (event.key === 'Escape' && isOpen) {
      event.preventDefault();
      setOpen(false);
    }
  };

  return (
    <div
      className="relative min-w-0"
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false);
      }}
    >
      <div
        className={`flex items-center rounded-control border bg-surface ps-3 has-[input:focus-visible]:outline-2 has-[input:focus-visible]:outline-offset-2 has-[input:focus-visible]:outline-focus ${
          isInvalid ? 'border-danger' : 'border-control'
        }`}
      >
        <span className="text-muted">
          <Icon name="search" />
        </span>
        <input
          id={id}
          role="combobox"
          aria-label={label}
          aria-expanded={isOpen}
          aria-controls={isOpen ? listId : undefined}
          aria-autocomplete="list"
          aria-activedescendant={isOpen && options[current] ? `${listId}-${current}` : undefined}
          aria-invalid={isInvalid}
          aria-describedby={describedBy}
          autoComplete="off"
          placeholder={placeholder}
          value={text}
          onChange={(event) => {
            open();
            setActive(0);
            onText(event.target.value);
          }}
          onFocus={open}
          onClick={open}
          onKeyDown={onKeyDown}
          className="h-9 min-w-0 flex-1 bg-transparent px-2 outline-none coarse:h-11 coarse:text-title"
        />
      </div>
      {isOpen ? (
        <div className="absolute inset-x-0 top-full z-30 mt-1 max-h-72 overflow-y-auto rounded-panel border border-line bg-surface p-1 shadow-1">
          <ul ref={list} id={listId} role="listbox" aria-label={label} aria-busy={isBusy}>
            {options.map((option, index) => (
              <li
                key={option.value}
                id={`${listId}-${index}`}
                role="option"
                aria-selected={option.isChosen === true}
                // A press must not take the focus from the text box.
                onPointerDown={(event) => event.preventDefault()}
                onClick={() => onPick(option.value)}
                onPointerMove={() => setActive(index)}
                className={`flex min-h-8 cursor-pointer items-center gap-2 rounded-control px-3 py-1 coarse:min-h-11 ${
                  index === current ? 'bg-sunken' : ''
                }`}
              >
                <span className="flex min-w-0 flex-1 flex-col">
                  <span className="truncate text-grid">{option.label}</span>
                  {option.detail === undefined || option.detail === '' ? null : (
                    <span className="truncate text-meta text-muted">{option.detail}</span>
                  )}
                </span>
                {option.isChosen === true ? (
                  <span className="text-accent">
                    <Icon name="tick" />
                  </span>
                ) : null}
              </li>
            ))}
          </ul>
          <p role="status" className="px-3 py-1 text-meta text-muted empty:hidden">
            {isBusy && options.length === 0 ? messages.common.loading : note}
          </p>
        </div>
      ) : null}
    </div>
  );
};
