import { useState } from 'react';
import type { Collection, Rule } from '@/api';
import { Button, Callout, Segments } from '@/components';
import { messages } from '@/messages.en';
import type { CompletionContext } from './completion';
import { RuleInput } from './RuleInput';
import { errorToken } from './tokens';
import { useRuleCheck } from './useRuleCheck';

const words = messages.rules;

export type RuleState = 'superusers' | 'everyone' | 'custom';

/** A custom rule nothing was written into yet. It is never saved: an empty rule would mean everyone. */
export const unwritten = ' ';

export const stateOf = (rule: Rule): RuleState =>
  rule === null ? 'superusers' : rule === '' ? 'everyone' : 'custom';

export type ReadyMade = { name: string; rule: string };

const signedIn = '@request.auth.id != ""';

/** Rules that fit many collections, made of the fields of this one. */
export const readyMadeFor = (collection: Collection, collections: readonly Collection[]): ReadyMade[] => {
  const auths = collections.filter(({ type, system }) => type === 'auth' && !system);
  const owner = collection.fields.find(
    (field) => field.type === 'relation' && auths.some(({ id }) => id === field.collectionId),
  );
  const isAccount = collection.type === 'auth';
  return [
    { name: words.ready.signedIn, rule: signedIn },
    ...(isAccount ? [{ name: words.ready.self, rule: 'id = @request.auth.id' }] : []),
    ...(owner
      ? [{ name: words.ready.owner(owner.name), rule: `${signedIn} && ${owner.name} = @request.auth.id` }]
      : []),
    ...(auths.length > 0
      ? [{ name: words.ready.verified, rule: `${signedIn} && @request.auth.verified = true` }]
      : []),
  ];
};

type RuleEditorProps = {
  label: string;
  rule: Rule;
  onChange: (rule: Rule) => void;
  context: CompletionContext;
  readyMade: readonly ReadyMade[];
  problem: string | undefined;
  /** Which states make sense, and what they are called. */
  states?: Partial<Record<RuleState, string>>;
  openWarning?: string;
};

/** Who may do something: superusers, everyone, or those a rule lets through. Never one of them by accident. */
export const RuleEditor = (props: RuleEditorProps) => {
  const { label, rule, onChange, context, readyMade, problem, openWarning } = props;
  const states: Partial<Record<RuleState, string>> = props.states ?? words.states;
  const state = stateOf(rule);
  // Going to another state and back does not lose what was written.
  const [written, setWritten] = useState(state === 'custom' ? (rule ?? unwritten) : unwritten);
  const error = useRuleCheck(context.collection, rule);
  const text = state === 'custom' ? (rule ?? '').trimStart() : '';
  const token = error === undefined ? undefined : errorToken(text, error);
  const choose = (next: RuleState) => {
    if (next === 'custom') onChange(written);
    else onChange(next === 'everyone' ? '' : null);
  };
  const write = (next: string) => {
    const value = next === '' ? unwritten : next;
    setWritten(value);
    onChange(value);
  };
  const options = (['superusers', 'everyone', 'custom'] as const).flatMap((value) => {
    const name = states[value];
    return name === undefined ? [] : [{ value, label: name }];
  });
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <div className="max-w-100">
        <Segments label={label} labelHidden value={state} options={options} onChange={choose} />
      </div>
      {state === 'everyone' && openWarning !== undefined ? (
        <Callout tone="warn">{openWarning}</Callout>
      ) : null}
      {state === 'custom' ? (
        <RuleInput
          label={label}
          value={text}
          onChange={write}
          context={context}
          error={(error === undefined ? undefined : words.wrong(error)) ?? problem}
          wrong={token}
        />
      ) : problem === undefined ? null : (
        <p className="text-meta text-danger">{problem}</p>
      )}
      {readyMade.length === 0 ? null : (
        <div role="group" aria-label={words.ready.title} className="flex flex-wrap items-center gap-2">
          <span className="text-meta text-muted">{words.ready.title}</span>
          {readyMade.map((ready) => (
            <Button key={ready.name} aria-pressed={rule === ready.rule} onClick={() => write(ready.rule)}>
              {ready.name}
            </Button>
          ))}
        </div>
      )}
    </div>
  );
};
