import type { Collection, Rule } from '@/api';
import { ConfirmSheet } from '@/components';
import { messages } from '@/messages.en';
import type { Draft } from '../shape/draft';
import { useRecordCount } from '../useCollections';
import { readRule, ruleOf, type Action } from './RulesPage';
import { stateOf } from './RuleEditor';
import { useSample, useVerdicts } from './useSample';

const words = messages.rules.widen;
const fieldsInSight = 5;

export type Widening = { action: Action; rule: Rule };

/** Rules that let more people through than before, as far as it can be told from the rule alone. */
export const wideningsOf = (draft: Draft, stored: Draft): Widening[] =>
  (Object.keys(ruleOf) as Action[]).flatMap((action) => {
    const rule = readRule(draft.options[ruleOf[action]]);
    const before = readRule(stored.options[ruleOf[action]]);
    const isWider = rule !== before && (rule === '' || (before === null && rule !== null));
    return isWider ? [{ action, rule }] : [];
  });

const everyoneLine = (action: Action, collection: Collection, count: number | undefined): string => {
  const shown = collection.fields
    .filter(({ hidden, name }) => !hidden && name !== 'id')
    .map(({ name }) => name);
  const fields = words.fields(shown.slice(0, fieldsInSight), Math.max(0, shown.length - fieldsInSight));
  return words.everyone[action](collection.name, count, fields);
};

type LineProps = { collection: Collection; widening: Widening; count: number | undefined };

const Line = ({ collection, widening: { action, rule }, count }: LineProps) => {
  const isCustom = stateOf(rule) === 'custom';
  const { data: records = [] } = useSample(collection, isCustom && action !== 'create');
  const tests = isCustom ? records.map(({ id }) => ({ action, rule, caller: null, record: id })) : [];
  const answers = useVerdicts(collection, tests);
  if (!isCustom) return <li>{everyoneLine(action, collection, count)}</li>;
  const isDone = records.length > 0 && answers.every(({ data }) => data !== undefined);
  const passed = answers.filter(({ data }) => data?.allowed).length;
  const name = messages.rules.actions[action];
  return <li>{isDone ? words.guests(name, passed, records.length) : words.custom(name)}</li>;
};

type WidenSheetProps = {
  collection: Collection;
  widenings: readonly Widening[];
  onCancel: () => void;
  onSave: () => void;
};

/** Says in numbers who gets to see and do what, before rules that open something are saved. */
export const WidenSheet = ({ collection, widenings, onCancel, onSave }: WidenSheetProps) => {
  const { data: count } = useRecordCount(collection);
  return (
    <ConfirmSheet
      title={words.title}
      cancel={words.cancel}
      act={words.act}
      onCancel={onCancel}
      onConfirm={onSave}
    >
      <ul className="flex list-disc flex-col gap-2 ps-5 break-words">
        {widenings.map((widening) => (
          <Line key={widening.action} collection={collection} widening={widening} count={count} />
        ))}
      </ul>
    </ConfirmSheet>
  );
};
