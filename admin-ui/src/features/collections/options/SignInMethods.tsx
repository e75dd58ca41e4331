import { TagsField } from '@/components';
import { formatDuration } from '@/locale';
import { messages } from '@/messages.en';
import { NumberInput } from '../fields/NumberInput';
import { RuleInput } from '../rules/RuleInput';
import type { CompletionContext } from '../rules/completion';
import { errorToken } from '../rules/tokens';
import { useRuleCheck } from '../rules/useRuleCheck';
import { uniqueIndexOf } from '../shape/draft';
import { textsOf } from '../shape/fieldOptions';
import { problemBelow } from '../shape/problems';
import { useEditing } from '../shape/useDraft';
import { Card } from './Card';
import { useOptions } from './useOptions';

const words = messages.options;

type SecondsProps = { path: string; label: string };

/** A time in seconds, said in words beside it. */
export const Seconds = ({ path, label }: SecondsProps) => {
  const { number, set, problems } = useOptions();
  const value = number(path);
  return (
    <NumberInput
      whole
      label={label}
      value={value}
      error={problems[path]}
      hint={value === null || Number.isNaN(value) ? undefined : formatDuration(value)}
      onChange={(seconds) => set(path, seconds ?? 0)}
    />
  );
};

const MfaRule = ({ context }: { context: CompletionContext }) => {
  const { text, set, problems } = useOptions();
  const rule = text('mfa.rule');
  const error = useRuleCheck(context.collection, rule);
  return (
    <div className="flex flex-col gap-1">
      <p className="text-grid font-medium">{words.mfa.rule}</p>
      <p className="text-meta text-muted">{words.mfa.ruleHint}</p>
      <RuleInput
        label={words.mfa.rule}
        value={rule}
        context={context}
        error={(error === undefined ? undefined : messages.rules.wrong(error)) ?? problems['mfa.rule']}
        wrong={error === undefined ? undefined : errorToken(rule, error)}
        onChange={(next) => set('mfa.rule', next)}
      />
    </div>
  );
};

/** Password, one-time code and second factor. */
export const SignInMethods = ({ context }: { context: CompletionContext }) => {
  const { draft } = useEditing();
  const { get, flag, number, set, problems } = useOptions();
  const unique = draft.fields.map(({ data }) => data.name).filter((name) => uniqueIndexOf(draft, name));
  return (
    <>
      <Card
        title={words.password.title}
        hint={words.password.hint}
        isOn={flag('passwordAuth.enabled')}
        onSwitch={(on) => set('passwordAuth.enabled', on)}
      >
        <TagsField
          label={words.password.identityFields}
          hint={words.password.identityFieldsHint}
          values={textsOf(get('passwordAuth.identityFields'))}
          suggestions={unique.filter((name) => name !== 'tokenKey')}
          error={problemBelow(problems, 'passwordAuth.identityFields')}
          onChange={(names) => set('passwordAuth.identityFields', names)}
        />
      </Card>
      <Card
        title={words.otp.title}
        hint={words.otp.hint}
        isOn={flag('otp.enabled')}
        onSwitch={(on) => set('otp.enabled', on)}
      >
        <div className="grid gap-x-4 gap-y-2 sm:grid-cols-2">
          <Seconds path="otp.duration" label={words.otp.duration} />
          <NumberInput
            whole
            label={words.otp.length}
            value={number('otp.length')}
            error={problems['otp.length']}
            onChange={(length) => set('otp.length', length ?? 0)}
          />
        </div>
      </Card>
      <Card
        title={words.mfa.title}
        hint={words.mfa.hint}
        isOn={flag('mfa.enabled')}
        onSwitch={(on) => set('mfa.enabled', on)}
        problem={problems['mfa.enabled']}
      >
        <div className="sm:max-w-1/2">
          <Seconds path="mfa.duration" label={words.mfa.duration} />
        </div>
        <MfaRule context={context} />
      </Card>
    </>
  );
};
