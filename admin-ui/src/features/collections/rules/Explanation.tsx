import type { RulePart } from '@/api';
import { Icon } from '@/components';
import { messages } from '@/messages.en';

const words = messages.rules.tester;

const textOf = (value: unknown): string => {
  if (value === null || value === undefined) return words.isNull;
  return typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
};

/** The values that were compared; what is written in the rule itself says nothing new. */
const operandTexts = ({ operands }: RulePart): string[] =>
  operands.map(({ text, value, values, hasMore }) => {
    const all = values === undefined ? textOf(value) : words.values(values.map(textOf));
    return `${text} = ${all || words.isNull}${hasMore ? ` ${words.more}` : ''}`;
  });

const Sign = ({ result }: { result: RulePart['result'] }) => {
  const isTrue = result === true;
  return (
    <span className={isTrue ? 'text-ok' : 'text-danger'}>
      <Icon name={isTrue ? 'tick' : 'close'} className="size-3.5" />
      <span className="sr-only">{isTrue ? words.yes : result === 'error' ? words.error : words.no}</span>
    </span>
  );
};

/** A rule as a tree: what each part came to, with which values, and which parts decided. */
export const Explanation = ({ part }: { part: RulePart }) => (
  <div className="flex flex-col gap-1">
    <div className="flex items-start gap-2">
      <span className="pt-1">
        <Sign result={part.result} />
      </span>
      <div className="min-w-0 flex-1">
        {part.kind === 'comparison' ? (
          <code
            className={`font-mono text-meta break-words ${part.decisive ? 'font-semibold' : 'text-muted'}`}
          >
            {part.text}
          </code>
        ) : (
          <span className="text-meta text-muted">{part.kind === 'or' ? words.or : words.and}</span>
        )}
        {part.kind === 'comparison' && part.decisive ? (
          <span className="ms-2 inline-flex h-5 items-center rounded-chip border border-line px-1.5 text-meta text-muted">
            {words.deciding}
          </span>
        ) : null}
        {operandTexts(part).map((text) => (
          <p key={text} className="font-mono text-meta break-words text-muted">
            {text}
          </p>
        ))}
        {part.note === undefined ? null : <p className="text-meta text-warn">{words.notes.row}</p>}
        {part.error === undefined ? null : <p className="text-meta text-danger">{part.error}</p>}
      </div>
    </div>
    {part.children.length === 0 ? null : (
      <ul className="flex flex-col gap-1 border-s border-line ps-3">
        {part.children.map((child) => (
          <li key={child.start}>
            <Explanation part={child} />
          </li>
        ))}
      </ul>
    )}
  </div>
);
