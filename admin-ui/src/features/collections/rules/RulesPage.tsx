import { useState } from 'react';
import type { Rule } from '@/api';
import { Icon } from '@/components';
import { messages } from '@/messages.en';
import { isSame } from '../shape/draft';
import { useEditing } from '../shape/useDraft';
import { useCollections } from '../useCollections';
import type { CompletionContext } from './completion';
import { readyMadeFor, RuleEditor, stateOf } from './RuleEditor';
import { RuleTester } from './RuleTester';

const words = messages.rules;

export const ruleOf = {
  list: 'listRule',
  view: 'viewRule',
  create: 'createRule',
  update: 'updateRule',
  delete: 'deleteRule',
} as const;
export type Action = keyof typeof ruleOf;

const actionsOfTables: readonly Action[] = ['list', 'view', 'create', 'update', 'delete'];
const actionsOfViews: readonly Action[] = ['list', 'view'];

export const readRule = (value: unknown): Rule => (typeof value === 'string' ? value : null);

const stateIcons = { superusers: 'lock', everyone: 'warning', custom: 'people' } as const;

const StateLine = ({ rule }: { rule: Rule }) => {
  const state = stateOf(rule);
  return (
    <span
      className={`flex min-w-0 items-center gap-2 text-grid ${state === 'everyone' ? 'text-warn' : 'text-muted'}`}
    >
      <Icon name={stateIcons[state]} />
      {state === 'custom' ? (
        <code className="truncate font-mono text-meta">{rule?.trim() === '' ? words.unwritten : rule}</code>
      ) : (
        words.states[state]
      )}
    </span>
  );
};

/** The five rules of a collection, one open at a time, with its test beside it. */
export const RulesPage = () => {
  const { collection, stored, draft, problems, revision, update } = useEditing();
  const { data: collections = [] } = useCollections();
  const actions = collection.type === 'view' ? actionsOfViews : actionsOfTables;
  const wrong = actions.find((action) => problems[ruleOf[action]] !== undefined);
  const [chosen, setChosen] = useState<Action>('list');
  const open = problems[ruleOf[chosen]] === undefined && wrong !== undefined ? wrong : chosen;
  const ruleFor = (action: Action) => readRule(draft.options[ruleOf[action]]);
  const fields = draft.fields.filter(({ isRemoved }) => !isRemoved).map(({ data }) => data);
  const context: CompletionContext = { collection, shape: { fields }, collections };
  const readyMade = readyMadeFor(collection, collections);
  const set = (action: Action, rule: Rule) =>
    update((before) => ({ ...before, options: { ...before.options, [ruleOf[action]]: rule } }));
  const sameAs = (action: Action) =>
    actions
      .filter(
        (other) => other !== action && stateOf(ruleFor(other)) === 'custom' && ruleFor(other)?.trim() !== '',
      )
      .filter((other, index, all) => all.findIndex((one) => ruleFor(one) === ruleFor(other)) === index)
      .map((other) => ({ name: words.ready.same(words.actions[other]), rule: ruleFor(other) ?? '' }))
      .filter(({ rule }) => !readyMade.some((ready) => ready.rule === rule));

  return (
    <div className="grid w-full max-w-320 items-start gap-6 p-4 sm:p-5 lg:grid-cols-[minmax(0,1fr)_22rem] lg:p-6">
      <section className="flex min-w-0 flex-col gap-3">
        <div>
          <h2 className="text-title font-semibold">{words.title}</h2>
          <p className="text-muted">{collection.system ? words.system : words.intro}</p>
          {collection.type === 'view' ? <p className="text-muted">{words.viewNote}</p> : null}
        </div>
        <ul aria-label={words.title} className="rounded-panel border border-line bg-surface">
          {actions.map((action) => (
            <li key={`${action} ${revision}`} className="border-b border-line last:border-b-0">
              <button
                type="button"
                aria-expanded={open === action}
                onClick={() => setChosen(action)}
                className="flex min-h-11 w-full items-center gap-4 rounded-control px-4 py-1 text-start -outline-offset-2 hover:bg-sunken"
              >
                <span className="w-16 shrink-0 font-medium">{words.actions[action]}</span>
                <StateLine rule={ruleFor(action)} />
                {problems[ruleOf[action]] === undefined ? null : (
                  <span className="text-danger">
                    <Icon name="warning" />
                    <span className="sr-only">{messages.fields.tabs.hasProblems}</span>
                  </span>
                )}
                <span className="ms-auto text-muted">
                  <Icon name={open === action ? 'chevronUp' : 'chevronDown'} />
                </span>
              </button>
              {open === action && !collection.system ? (
                <div className="border-t border-line p-4">
                  <RuleEditor
                    label={words.questions[action]}
                    rule={ruleFor(action)}
                    context={context}
                    readyMade={[...readyMade, ...sameAs(action)]}
                    problem={problems[ruleOf[action]]}
                    openWarning={words.openWarnings[action]}
                    onChange={(rule) => set(action, rule)}
                  />
                </div>
              ) : null}
            </li>
          ))}
        </ul>
      </section>
      <RuleTester
        key={open}
        collection={collection}
        collections={collections}
        action={open}
        rule={ruleFor(open)}
        hasUnsavedFields={!isSame(draft.fields, stored.fields)}
      />
    </div>
  );
};
