import { apiBase, type Collection, type Rule } from '@/api';
import { CodeBlock, Icon, Segments, SelectField, useForm } from '@/components';
import { messages } from '@/messages.en';
import { readRule } from '../rules/RulesPage';
import { stateOf } from '../rules/RuleEditor';
import { useEditing } from '../shape/useDraft';
import { callsOf, languages, recordCalls, writeCall, type CallName, type Language } from './calls';

const words = messages.calls;

/** Which rule decides about a call; the others are open to whoever has an account. */
const ruleOfCall = (collection: Collection, call: CallName): Rule | undefined => {
  const rules: Partial<Record<CallName, unknown>> = {
    list: collection.listRule,
    view: collection.viewRule,
    create: collection.createRule,
    update: collection.updateRule,
    delete: collection.deleteRule,
    realtime: collection.listRule,
  };
  return call in rules ? readRule(rules[call]) : undefined;
};

const Allowed = ({ rule }: { rule: Rule }) => {
  const state = stateOf(rule);
  return (
    <p className="flex min-w-0 flex-wrap items-center gap-2 text-grid text-muted">
      <Icon name={state === 'superusers' ? 'lock' : 'people'} />
      {words.allowed[state]}
      {state === 'custom' ? <code className="font-mono text-meta break-all">{rule}</code> : null}
    </p>
  );
};

const FieldTable = ({ collection }: { collection: Collection }) => (
  <section className="flex flex-col gap-2">
    <h3 className="font-medium">{messages.fields.list}</h3>
    <ul className="overflow-hidden rounded-panel border border-line bg-surface">
      {collection.fields
        .filter(({ hidden }) => !hidden)
        .map((field) => (
          <li
            key={field.id}
            className="flex min-h-9 items-center justify-between gap-4 border-b border-line px-3 text-grid last:border-b-0"
          >
            <code className="min-w-0 truncate font-mono">{field.name}</code>
            <span className="truncate text-muted">
              {field.type === 'select' ? field.values.join(' | ') : messages.fields.types[field.type]}
              {field.required === true ? ` · ${messages.fields.badges.required}` : null}
            </span>
          </li>
        ))}
    </ul>
  </section>
);

type ApiPageProps = {
  call: string | undefined;
  language: string | undefined;
  onChoose: (call: CallName, language: Language) => void;
};

/** How apps call the collection: as it is saved, with its own fields. */
export const ApiPage = (props: ApiPageProps) => {
  const { collection } = useEditing();
  const isPhone = useForm() === 'phone';
  const names = callsOf(collection);
  const call = names.find((name) => name === props.call) ?? 'list';
  const language = languages.find((name) => name === props.language) ?? 'js';
  const base = apiBase().href.replace(/\/api\/$/, '');
  const rule = ruleOfCall(collection, call);
  return (
    <div className="grid w-full max-w-232 items-start gap-6 p-4 sm:grid-cols-[11rem_minmax(0,1fr)] sm:p-5 lg:p-6">
      {isPhone ? (
        <SelectField
          label={words.calls}
          value={call}
          options={names.map((value) => ({ value, label: words.names[value] }))}
          onChange={(next) => props.onChoose(next, language)}
        />
      ) : (
        <nav aria-label={words.calls} className="flex flex-col gap-0.5">
          {names.map((name) => (
            <button
              key={name}
              type="button"
              aria-current={name === call ? 'true' : undefined}
              onClick={() => props.onChoose(name, language)}
              className={`flex h-8 items-center rounded-control px-3 text-start text-grid hover:bg-sunken aria-[current=true]:bg-accent-soft aria-[current=true]:font-medium coarse:h-11 ${
                recordCalls.length === names.indexOf(name) ? 'mt-3' : ''
              }`}
            >
              {words.names[name]}
            </button>
          ))}
        </nav>
      )}
      <div className="flex min-w-0 flex-col gap-4">
        <div className="flex flex-wrap items-center justify-between gap-3">
          <h2 className="text-title font-semibold">{words.names[call]}</h2>
          <Segments
            label={words.language}
            labelHidden
            value={language}
            options={languages.map((value) => ({ value, label: words.languages[value] }))}
            onChange={(next) => props.onChoose(call, next)}
          />
        </div>
        {rule === undefined ? null : <Allowed rule={rule} />}
        <CodeBlock code={writeCall(collection, call, language, base)} label={words.languages[language]} />
        <p className="text-meta text-muted">
          {language === 'curl' ? words.tokenHint : words.libraryHints[language]}
        </p>
        <FieldTable collection={collection} />
      </div>
    </div>
  );
};
