import { useId } from 'react';
import type { RateLimitRule, Settings, SettingsPatch } from '@/api';
import { Button, Icon, IconButton, SelectField, StateView, Switch, TextArea, TextField } from '@/components';
import { messages } from '@/messages.en';
import { problemOfList, wholeNumber, type Problems } from './fieldErrors';
import { linesOf } from './networks';
import { describeLabel, suggestedLabels } from './ruleWords';
import { Section, SettingsFrame } from './SettingsFrame';
import { SettingsForm } from './SettingsForm';
import { useSettingsDraft } from './useSettingsDraft';

const words = messages.settings.limits;
const problemWords = messages.settings.problems;

/** A rule as it is typed. */
type Row = { label: string; audience: RateLimitRule['audience']; maxRequests: string; duration: string };

type Draft = { enabled: boolean; rules: Row[]; excluded: string };

const read = ({ rateLimits }: Settings): Draft => ({
  enabled: rateLimits.enabled,
  rules: rateLimits.rules.map((rule) => ({
    label: rule.label,
    audience: rule.audience,
    maxRequests: String(rule.maxRequests),
    duration: String(rule.duration),
  })),
  excluded: rateLimits.excludedIPs.join('\n'),
});

const write = (
  { enabled, rules, excluded }: Draft,
  changed: ReadonlySet<keyof Draft>,
): { patch: SettingsPatch } | { problems: Problems } => {
  const problems: Record<string, string> = {};
  const number = (text: string, path: string): number => {
    const value = wholeNumber(text);
    if (value === null) problems[path] = problemWords.number;
    return value ?? 0;
  };
  const sent = rules.map(({ label, audience, maxRequests, duration }, index) => ({
    label: label.trim(),
    audience,
    maxRequests: number(maxRequests, `rateLimits.rules.${index}.maxRequests`),
    duration: number(duration, `rateLimits.rules.${index}.duration`),
  }));
  if (Object.keys(problems).length > 0) return { problems };
  return {
    patch: {
      rateLimits: {
        ...(changed.has('enabled') ? { enabled } : {}),
        ...(changed.has('rules') ? { rules: sent } : {}),
        ...(changed.has('excluded') ? { excludedIPs: linesOf(excluded) } : {}),
      },
    },
  };
};

const audiences: readonly { value: RateLimitRule['audience']; label: string }[] = [
  { value: '', label: words.audiences.everyone },
  { value: '@guest', label: words.audiences.guest },
  { value: '@auth', label: words.audiences.auth },
];

type RuleRowProps = {
  row: Row;
  index: number;
  listId: string;
  problems: Problems;
  onChange: (row: Row) => void;
  onRemove: () => void;
  onMoveUp: (() => void) | undefined;
};

const RuleRow = ({ row, index, listId, problems, onChange, onRemove, onMoveUp }: RuleRowProps) => {
  const problem = (key: keyof Row) => problems[`rateLimits.rules.${index}.${key}`];
  return (
    <li className="border-b border-line p-4 pb-2 last:border-b-0">
      <fieldset className="grid min-w-0 grid-cols-[minmax(0,1fr)_minmax(0,1fr)_auto] gap-x-3 gap-y-1 lg:grid-cols-[minmax(0,1fr)_9rem_6rem_6rem_auto]">
        <legend className="sr-only">{words.rule(index + 1)}</legend>
        <div className="col-span-3 lg:col-span-1">
          <TextField
            label={words.label}
            list={listId}
            autoFocus={row.label === ''}
            autoCapitalize="none"
            spellCheck={false}
            value={row.label}
            error={problem('label')}
            hint={describeLabel(row.label.trim())}
            onChange={(event) => onChange({ ...row, label: event.target.value })}
          />
        </div>
        <div className="col-span-3 lg:col-span-1">
          <SelectField
            label={words.audience}
            value={row.audience}
            options={audiences}
            error={problem('audience')}
            onChange={(audience) => onChange({ ...row, audience })}
          />
        </div>
        <TextField
          label={words.maxRequests}
          inputMode="numeric"
          value={row.maxRequests}
          error={problem('maxRequests')}
          onChange={(event) => onChange({ ...row, maxRequests: event.target.value })}
        />
        <TextField
          label={words.duration}
          inputMode="numeric"
          value={row.duration}
          error={problem('duration')}
          onChange={(event) => onChange({ ...row, duration: event.target.value })}
        />
        <div className="flex justify-end pt-6">
          {onMoveUp ? (
            <IconButton
              id={`${listId}-up-${index}`}
              icon="arrowUp"
              label={words.moveUp(index + 1)}
              onClick={onMoveUp}
            />
          ) : (
            <span className="size-8 coarse:size-11" />
          )}
          <IconButton icon="close" label={words.remove(index + 1)} onClick={onRemove} />
        </div>
      </fieldset>
    </li>
  );
};

type RulesProps = { rules: Row[]; problems: Problems; onChange: (rules: Row[], isMoved: boolean) => void };

const Rules = ({ rules, problems, onChange }: RulesProps) => {
  const listId = useId();
  // The focus goes along with the rule, or to where the next one is added.
  const focus = (id: string) => document.getElementById(`${listId}-${id}`)?.focus();
  const moveUp = (index: number) => {
    const [row] = rules.slice(index, index + 1);
    if (!row) return;
    onChange([...rules.slice(0, index).toSpliced(index - 1, 0, row), ...rules.slice(index + 1)], true);
    focus(`up-${index - 1}`);
  };
  const remove = (index: number) => {
    onChange(rules.toSpliced(index, 1), true);
    if (index === rules.length - 1) focus('add');
  };
  return (
    <div className="flex flex-col items-start gap-3">
      <datalist id={listId}>
        {suggestedLabels.map((label) => (
          <option key={label} value={label}>
            {describeLabel(label)}
          </option>
        ))}
      </datalist>
      <div className="w-full overflow-hidden rounded-panel border border-line bg-surface">
        {rules.length === 0 ? (
          <StateView picture="empty" heading="h3" {...words.empty} />
        ) : (
          <ol>
            {rules.map((row, index) => (
              <RuleRow
                key={index}
                row={row}
                index={index}
                listId={listId}
                problems={problems}
                onChange={(next) => onChange(rules.with(index, next), false)}
                onRemove={() => remove(index)}
                onMoveUp={index === 0 ? undefined : () => moveUp(index)}
              />
            ))}
          </ol>
        )}
      </div>
      <Button
        id={`${listId}-add`}
        onClick={() =>
          onChange([...rules, { label: '', audience: '', maxRequests: '', duration: '' }], false)
        }
      >
        <Icon name="plus" />
        {words.add}
      </Button>
    </div>
  );
};

const LimitsForm = ({ settings }: { settings: Settings }) => {
  const { draft, set, problems, forgetProblems, form, save } = useSettingsDraft({ settings, read, write });
  const setRules = (rules: Row[], isMoved: boolean) => {
    set({ rules });
    if (isMoved) forgetProblems();
  };
  return (
    <SettingsForm {...form} onSave={() => void save()}>
      <Section title={words.title}>
        <Switch
          label={words.enabled}
          hint={words.enabledHint}
          checked={draft.enabled}
          onChange={(enabled) => set({ enabled })}
        />
      </Section>
      <Section title={words.rulesTitle} intro={words.rulesIntro}>
        {problems['rateLimits.rules'] === undefined ? null : (
          <p className="text-grid text-danger">{words.rulesMissing}</p>
        )}
        <Rules rules={draft.rules} problems={problems} onChange={setRules} />
      </Section>
      <Section title={words.excludedTitle} intro={words.excludedIntro}>
        <div className="max-w-160">
          <TextArea
            label={words.excluded}
            rows={3}
            spellCheck={false}
            autoCapitalize="none"
            value={draft.excluded}
            hint={messages.settings.oneALine}
            error={problemOfList('rateLimits.excludedIPs', linesOf(draft.excluded), problems)}
            onChange={(event) => set({ excluded: event.target.value })}
          />
        </div>
      </Section>
    </SettingsForm>
  );
};

/** How many requests a client may make. */
export const LimitsPage = () => (
  <SettingsFrame title={words.title}>{(settings) => <LimitsForm settings={settings} />}</SettingsFrame>
);
