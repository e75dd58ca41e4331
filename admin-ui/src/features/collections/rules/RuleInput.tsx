import { useEffect, useId, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';
import { messages } from '@/messages.en';
import { complete, type Completion, type CompletionContext } from './completion';
import { isInText, tokenize, type Token, type TokenKind } from './tokens';

const words = messages.rules;

const colours: Record<TokenKind, string> = {
  name: 'text-text',
  request: 'text-accent',
  text: 'text-ok',
  number: 'text-warn',
  sign: 'text-muted',
  join: 'font-semibold text-text',
  comment: 'text-muted italic',
  blank: '',
  other: 'text-danger',
};

// The coloured text lies under the one that is typed, so both have to break their lines alike.
const layout = 'px-3 py-2 font-mono text-body leading-6 break-words whitespace-pre-wrap coarse:text-title';

const none: Completion = { suggestions: [], replaces: '' };

type RuleInputProps = {
  label: string;
  value: string;
  onChange: (value: string) => void;
  context: CompletionContext;
  error: string | undefined;
  wrong: Token | undefined;
};

/** A rule as text: coloured, completed while it is typed, with the wrong part underlined. */
export const RuleInput = ({ label, value, onChange, context, error, wrong }: RuleInputProps) => {
  const id = useId();
  const input = useRef<HTMLTextAreaElement>(null);
  const caret = useRef<number | null>(null);
  const [completion, setCompletion] = useState(none);
  const [chosen, setChosen] = useState(0);
  const { suggestions, replaces } = completion;
  const isOpen = suggestions.length > 0;

  useLayoutEffect(() => {
    if (caret.current === null) return;
    input.current?.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  }, [value]);

  useEffect(() => {
    const element = input.current;
    if (!element) return;
    element.style.height = '0';
    element.style.height = `${element.scrollHeight + 2}px`;
  }, [value]);

  const suggest = (text: string, at: number, isAsked: boolean) => {
    const found = isInText(text, at) ? none : complete(text, at, context);
    setChosen(0);
    setCompletion(isAsked || /[@\w.:]/.test(text.charAt(at - 1)) ? found : none);
  };
  const accept = (text: string) => {
    const at = input.current?.selectionStart ?? value.length;
    const start = at - replaces.length;
    const next = value.slice(0, start) + text + value.slice(at);
    caret.current = start + text.length;
    onChange(next);
    if (text.endsWith('.')) suggest(next, start + text.length, true);
    else setCompletion(none);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.ctrlKey && event.key === ' ') {
      event.preventDefault();
      suggest(value, event.currentTarget.selectionStart, true);
      return;
    }
    if (!isOpen) return;
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const suggestion = suggestions[chosen];
    if (step !== 0) setChosen((chosen + step + suggestions.length) % suggestions.length);
    else if ((event.key === 'Enter' || event.key === 'Tab') && suggestion) accept(suggestion.text);
    else if (event.key === 'Escape') setCompletion(none);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="sr-only">
        {label}
      </label>
      <div
        className={`relative rounded-control border bg-surface has-[textarea:focus-visible]:outline-2 has-[textarea:focus-visible]:outline-offset-2 has-[textarea:focus-visible]:outline-focus ${
          error === undefined ? 'border-control' : 'border-danger'
        }`}
      >
        <pre aria-hidden="true" className={`pointer-events-none absolute inset-0 overflow-hidden ${layout}`}>
          {tokenize(value).map(({ kind, text, start }) => (
            <span
              key={start}
              className={`${colours[kind]} ${wrong?.start === start ? 'underline decoration-danger decoration-wavy decoration-2 underline-offset-4' : ''}`}
            >
              {text}
            </span>
          ))}
        </pre>
        <textarea
          ref={input}
          id={id}
          value={value}
          rows={2}
          spellCheck={false}
          autoCapitalize="none"
          autoComplete="off"
          placeholder={words.placeholder}
          aria-invalid={error !== undefined}
          aria-describedby={`${id}-note`}
          aria-autocomplete="list"
          aria-controls={isOpen ? `${id}-list` : undefined}
          aria-activedescendant={isOpen ? `${id}-${chosen}` : undefined}
          onKeyDown={onKeyDown}
          onBlur={() => setCompletion(none)}
          onChange={({ target }) => {
            onChange(target.value);
            suggest(target.value, target.selectionStart, false);
          }}
          className={`relative block min-h-16 w-full resize-none bg-transparent caret-text text-transparent outline-none ${layout}`}
        />
        {isOpen ? (
          <ul
            id={`${id}-list`}
            role="listbox"
            aria-label={words.suggestions}
            className="absolute inset-x-0 top-full z-30 mt-1 overflow-hidden rounded-control border border-line bg-surface shadow-1"
          >
            {suggestions.map(({ text, hint }, index) => (
              <li
                key={text}
                id={`${id}-${index}`}
                role="option"
                aria-selected={index === chosen}
                onPointerDown={(event) => {
                  event.preventDefault();
                  accept(text);
                }}
                className={`flex h-8 cursor-pointer items-center justify-between gap-4 px-3 font-mono text-grid coarse:h-11 ${
                  index === chosen ? 'bg-accent-soft' : ''
                }`}
              >
                <span className="truncate">{text}</span>
                <span className="text-meta text-muted">{hint}</span>
              </li>
            ))}
          </ul>
        ) : null}
      </div>
      <p
        id={`${id}-note`}
        aria-live="polite"
        className={`min-h-4 text-meta break-words ${error === undefined ? 'text-muted' : 'text-danger'}`}
      >
        {error ?? words.inputHint}
      </p>
    </div>
  );
};
