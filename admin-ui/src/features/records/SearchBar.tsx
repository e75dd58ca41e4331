import { useId, useRef, useState, type KeyboardEvent } from 'react';
import type { Collection } from '@/api';
import { Icon, IconButton, Segments } from '@/components';
import { messages } from '@/messages.en';
import { completionsAt, type Completion } from './filterComplete';
import { nearestName } from './filterRead';
import type { ListSearch, SearchProblem } from './useListSearch';

const words = messages.recordGrid.search;

const Problem = ({ problem, collection }: { problem: SearchProblem; collection: Collection }) => {
  const { text, start, end, unknown, message, isRefused } = problem;
  const meant =
    unknown === null
      ? null
      : nearestName(
          unknown,
          collection.fields.map(({ name }) => name),
        );
  const said = () => {
    if (!isRefused) return words.notChecked;
    return unknown === null ? words.notAccepted(message) : words.unknownField(unknown);
  };
  return (
    <div
      role="alert"
      className="flex flex-wrap items-baseline gap-x-3 gap-y-1 bg-danger-soft px-3 py-1.5 text-grid"
    >
      {start === null ? null : (
        <code className="min-w-0 font-mono text-meta break-all">
          {text.slice(0, start)}
          <mark className="bg-transparent text-danger underline decoration-wavy decoration-2 underline-offset-4">
            {text.slice(start, end ?? start + 1) || '␣'}
          </mark>
          {text.slice(end ?? start + 1)}
        </code>
      )}
      <span>
        {said()} {meant === null ? null : words.didYouMean(meant)}
      </span>
      <span className="text-muted">{words.lastGood}</span>
    </div>
  );
};

type SearchBarProps = {
  search: ListSearch;
  collection: Collection;
  collections: readonly Collection[];
};

/** One box for words and filters, with completion; the filters that were taken stand beside it. */
export const SearchBar = ({ search, collection, collections }: SearchBarProps) => {
  const box = useRef<HTMLInputElement>(null);
  const listId = useId();
  const [completions, setCompletions] = useState<readonly Completion[]>([]);
  const [active, setActive] = useState(-1);
  const { text, reading, conditions, problem } = search;

  const close = () => {
    setCompletions([]);
    setActive(-1);
  };
  const complete = (value: string, caret: number) => {
    setCompletions(completionsAt(value, caret, collection, collections));
    setActive(-1);
  };
  const pick = (completion: Completion) => {
    const next = text.slice(0, completion.start) + completion.text + text.slice(completion.end);
    const caret = completion.start + completion.text.length;
    search.setText(next);
    complete(next, caret);
    // The box has the new text only after this render.
    requestAnimationFrame(() => box.current?.setSelectionRange(caret, caret));
  };

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const { key } = event;
    const isOpen = completions.length > 0;
    const picked = completions[active];
    if (key === ' ' && event.ctrlKey) complete(text, event.currentTarget.selectionStart ?? text.length);
    else if (isOpen && key === 'ArrowDown') setActive((active + 1) % completions.length);
    else if (isOpen && key === 'ArrowUp') setActive(active <= 0 ? completions.length - 1 : active - 1);
    else if (picked && (key === 'Enter' || key === 'Tab')) pick(picked);
    else if (key === 'Escape' && isOpen) close();
    else if (key === 'Escape' && text !== '') search.setText('');
    else if (key === 'Escape') event.currentTarget.blur();
    else if (key === 'Enter') {
      close();
      search.submit();
    } else return;
    event.preventDefault();
  };

  return (
    <div className="shrink-0 border-b border-line bg-surface">
      <div className="flex min-h-10 flex-wrap items-center gap-x-2 gap-y-1 px-3 py-1">
        <div
          className="relative flex h-8 min-w-48 flex-1 items-center rounded-control border border-control bg-surface ps-2 has-[input:focus-visible]:outline-2 has-[input:focus-visible]:outline-focus coarse:h-11"
          onBlur={(event) => {
            if (!event.currentTarget.contains(event.relatedTarget)) close();
          }}
        >
          <span className="text-muted">
            <Icon name="search" />
          </span>
          <input
            ref={box}
            data-page-search
            type="text"
            role="combobox"
            aria-label={words.label(collection.name)}
            aria-keyshortcuts="/"
            aria-expanded={completions.length > 0}
            aria-controls={completions.length > 0 ? listId : undefined}
            aria-activedescendant={active >= 0 ? `${listId}-${active}` : undefined}
            aria-autocomplete="list"
            aria-invalid={problem !== null}
            autoComplete="off"
            spellCheck={false}
            placeholder={words.placeholder}
            value={text}
            onChange={(event) => {
              search.setText(event.target.value);
              complete(event.target.value, event.target.selectionStart ?? event.target.value.length);
            }}
            onKeyDown={onKeyDown}
            className={`h-full min-w-0 flex-1 bg-transparent px-2 text-grid outline-none coarse:text-title ${
              reading === 'filter' ? 'font-mono' : ''
            }`}
          />
          {reading === 'filter' ? (
            <span className="hidden shrink-0 px-2 text-meta text-muted sm:inline">{words.pressEnter}</span>
          ) : null}
          {text === '' ? null : (
            <IconButton
              icon="close"
              label={words.clear}
              onClick={() => {
                search.setText('');
                box.current?.focus();
              }}
            />
          )}
          {completions.length > 0 ? (
            <ul
              id={listId}
              role="listbox"
              aria-label={words.complete}
              className="absolute start-0 top-full z-50 mt-1 flex max-h-72 w-72 max-w-full flex-col overflow-y-auto rounded-panel border border-line bg-surface p-1 shadow-1"
            >
              {completions.map((completion, index) => (
                <li
                  key={completion.text}
                  id={`${listId}-${index}`}
                  role="option"
                  aria-selected={index === active}
                  // A press must not take the focus from the box.
                  onPointerDown={(event) => event.preventDefault()}
                  onClick={() => pick(completion)}
                  className={`flex min-h-8 cursor-pointer items-center gap-3 rounded-control px-2 text-grid hover:bg-sunken coarse:min-h-11 ${
                    index === active ? 'bg-sunken' : ''
                  }`}
                >
                  <span className="min-w-0 flex-1 truncate font-mono">{completion.text}</span>
                  <span className="text-meta text-muted">{completion.detail}</span>
                </li>
              ))}
            </ul>
          ) : null}
        </div>
        {search.isAmbiguous ? (
          <Segments
            label={words.readAs}
            labelHidden
            value={reading}
            options={[
              { value: 'words', label: words.asWords },
              { value: 'filter', label: words.asFilter },
            ]}
            onChange={search.setReading}
          />
        ) : null}
        {conditions.length === 0 ? null : (
          <ul aria-label={words.filters} className="flex max-w-full min-w-0 flex-wrap items-center gap-1">
            {conditions.map((condition) => (
              <li
                key={condition}
                className="flex h-8 max-w-80 min-w-0 items-center rounded-chip border border-line bg-accent-soft coarse:h-11"
              >
                <button
                  type="button"
                  title={condition}
                  aria-label={words.editFilter(condition)}
                  onClick={() => {
                    search.editCondition(condition);
                    box.current?.focus();
                  }}
                  className="h-full min-w-0 truncate rounded-chip ps-2 font-mono text-meta hover:underline"
                >
                  {condition}
                </button>
                <IconButton
                  icon="close"
                  label={words.removeFilter(condition)}
                  onClick={() => search.removeCondition(condition)}
                />
              </li>
            ))}
          </ul>
        )}
      </div>
      {problem === null ? null : <Problem problem={problem} collection={collection} />}
    </div>
  );
};
