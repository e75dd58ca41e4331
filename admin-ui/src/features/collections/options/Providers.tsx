import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, keys } from '@/api';
import { Button, Icon, SecretField, SelectField, TextArea, TextField } from '@/components';
import { messages } from '@/messages.en';
import { useEditing } from '../shape/useDraft';
import { Card } from './Card';
import { useOptions } from './useOptions';

const words = messages.options.providers;

/** As it is sent: a secret that is not replaced is left out, and the server keeps it by the name. */
type Provider = {
  name: string;
  clientId: string;
  clientSecret?: string;
  authURL: string;
  tokenURL: string;
  userInfoURL: string;
  displayName: string;
  pkce: boolean | null;
  extra: Readonly<Record<string, unknown>> | null;
};

const isProvider = (value: unknown): value is Provider =>
  typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string';

const providersOf = (value: unknown): Provider[] => (Array.isArray(value) ? value.filter(isProvider) : []);

const newProvider = (name: string): Provider => ({
  name,
  clientId: '',
  authURL: '',
  tokenURL: '',
  userInfoURL: '',
  displayName: '',
  pkce: null,
  extra: null,
});

const initialsOf = (name: string): string =>
  Array.from(name.replaceAll(/[^\p{L}\d]/gu, ''))
    .slice(0, 2)
    .join('');

const pkceChoices = [
  { value: 'default', label: words.pkceDefault },
  { value: 'on', label: words.pkceOn },
  { value: 'off', label: words.pkceOff },
] as const;

type ExtraInputProps = {
  value: Provider['extra'];
  error: string | undefined;
  onChange: (value: Provider['extra']) => void;
};

/** What only some providers need, such as the team of Apple: as JSON. */
const ExtraInput = ({ value, error, onChange }: ExtraInputProps) => {
  const [text, setText] = useState(value === null ? '' : JSON.stringify(value, null, 2));
  const [isWrong, setWrong] = useState(false);
  const change = (typed: string) => {
    setText(typed);
    try {
      const parsed: unknown = typed.trim() === '' ? null : JSON.parse(typed);
      if (typeof parsed !== 'object' || Array.isArray(parsed)) throw new SyntaxError();
      setWrong(false);
      onChange(parsed as Provider['extra']);
    } catch {
      setWrong(true);
    }
  };
  return (
    <TextArea
      label={words.extra}
      hint={words.extraHint}
      value={text}
      rows={2}
      spellCheck={false}
      error={isWrong ? words.extraWrong : error}
      onChange={({ target }) => change(target.value)}
    />
  );
};

type ProviderFormProps = {
  provider: Provider;
  path: string;
  hasSecret: boolean;
  onChange: (values: Partial<Provider>) => void;
  onRemove: () => void;
};

const ProviderForm = ({ provider, path, hasSecret, onChange, onRemove }: ProviderFormProps) => {
  const { problems } = useOptions();
  const text = (key: 'clientId' | 'authURL' | 'tokenURL' | 'userInfoURL' | 'displayName', hint?: string) => ({
    label: words[key],
    value: provider[key],
    error: problems[`${path}.${key}`],
    hint,
    autoComplete: 'off',
    autoCapitalize: 'none',
    spellCheck: false,
    onChange: ({ target }: { target: { value: string } }) => onChange({ [key]: target.value }),
  });
  const pkce = provider.pkce === null ? 'default' : provider.pkce ? 'on' : 'off';
  return (
    <div className="flex flex-col gap-2 border-t border-line p-4">
      <div className="grid gap-x-4 gap-y-2 sm:grid-cols-2">
        <TextField {...text('clientId')} />
        <SecretField
          label={words.clientSecret}
          isSet={hasSecret}
          value={provider.clientSecret ?? null}
          error={problems[`${path}.clientSecret`]}
          onChange={(clientSecret) => {
            if (clientSecret !== null) onChange({ clientSecret });
            else onChange({ clientSecret: undefined as never });
          }}
        />
        <TextField {...text('displayName', words.displayNameHint)} />
        <SelectField
          label={words.pkce}
          value={pkce}
          options={pkceChoices}
          onChange={(choice) => onChange({ pkce: choice === 'default' ? null : choice === 'on' })}
        />
        <TextField {...text('authURL', words.urlHint)} type="url" />
        <TextField {...text('tokenURL', words.urlHint)} type="url" />
        <TextField {...text('userInfoURL', words.urlHint)} type="url" />
      </div>
      <ExtraInput
        value={provider.extra}
        error={problems[`${path}.extra`]}
        onChange={(extra) => onChange({ extra })}
      />
      <div>
        <Button look="dangerOutline" onClick={onRemove}>
          {words.remove}
        </Button>
      </div>
    </div>
  );
};

const mapped = ['id', 'name', 'username', 'avatarURL'] as const;

const MappedFields = () => {
  const { draft } = useEditing();
  const { text, set } = useOptions();
  const names = draft.fields
    .filter(
      ({ data, isRemoved }) =>
        !isRemoved && !data.system && ['text', 'url', 'file', 'email'].includes(data.type),
    )
    .map(({ data }) => data.name);
  return (
    <div className="flex flex-col gap-1">
      <h3 className="text-grid font-medium">{words.mapped}</h3>
      <p className="pb-2 text-meta text-muted">{words.mappedHint}</p>
      <div className="grid gap-x-4 gap-y-1 sm:grid-cols-2">
        {mapped.map((key) => (
          <SelectField
            key={key}
            label={words.mappedNames[key]}
            value={text(`oauth2.mappedFields.${key}`)}
            options={[
              { value: '', label: words.notKept },
              ...names.map((value) => ({ value, label: value })),
            ]}
            onChange={(name) => set(`oauth2.mappedFields.${key}`, name)}
          />
        ))}
      </div>
    </div>
  );
};

/** The services people may sign in through. */
export const Providers = () => {
  const { get, stored, flag, set, problems } = useOptions();
  const { data: known = [] } = useQuery({
    queryKey: keys.providers(),
    queryFn: ({ signal }) => api.collections.providers({ signal }),
    staleTime: Infinity,
  });
  const [open, setOpen] = useState<string | null>(null);
  const providers = providersOf(get('oauth2.providers'));
  const before = providersOf(stored('oauth2.providers'));
  const change = (next: Provider[]) => set('oauth2.providers', next);
  const nameOf = (provider: Provider) =>
    provider.displayName || (known.find(({ name }) => name === provider.name)?.displayName ?? provider.name);
  const free = known.filter(({ name }) => !providers.some((provider) => provider.name === name));
  const label = (one: { name: string; displayName: string }) =>
    known.filter(({ displayName }) => displayName === one.displayName).length > 1
      ? `${one.displayName} (${one.name})`
      : one.displayName;
  return (
    <Card
      title={words.title}
      hint={words.hint}
      isOn={flag('oauth2.enabled')}
      onSwitch={(on) => set('oauth2.enabled', on)}
      problem={problems['oauth2.providers']}
    >
      {providers.length === 0 ? (
        <p className="text-grid text-muted">{words.none}</p>
      ) : (
        <ul aria-label={words.list} className="overflow-hidden rounded-panel border border-line">
          {providers.map((provider, index) => {
            const path = `oauth2.providers.${index}`;
            const isOpen =
              open === provider.name || Object.keys(problems).some((key) => key.startsWith(`${path}.`));
            return (
              <li key={provider.name} className="border-b border-line last:border-b-0">
                <button
                  type="button"
                  aria-expanded={isOpen}
                  onClick={() => setOpen(isOpen ? null : provider.name)}
                  className="flex min-h-11 w-full items-center gap-3 rounded-control px-4 text-start -outline-offset-2 hover:bg-sunken"
                >
                  <span
                    aria-hidden="true"
                    className="grid size-7 shrink-0 place-items-center rounded-control bg-sunken text-meta font-semibold"
                  >
                    {initialsOf(nameOf(provider))}
                  </span>
                  <span className="min-w-0 truncate font-medium">{nameOf(provider)}</span>
                  <span className="ms-auto min-w-0 truncate font-mono text-meta text-muted">
                    {provider.clientId}
                  </span>
                  <span className="text-muted">
                    <Icon name={isOpen ? 'chevronUp' : 'chevronDown'} />
                  </span>
                </button>
                {isOpen ? (
                  <ProviderForm
                    provider={provider}
                    path={path}
                    hasSecret={before.some(({ name }) => name === provider.name)}
                    onChange={(values) => change(providers.with(index, { ...provider, ...values }))}
                    onRemove={() => change(providers.toSpliced(index, 1))}
                  />
                ) : null}
              </li>
            );
          })}
        </ul>
      )}
      <div className="sm:max-w-1/2">
        <SelectField
          label={words.add}
          value=""
          options={[
            { value: '', label: words.choose },
            ...free.map((one) => ({ value: one.name, label: label(one) })),
          ]}
          onChange={(name) => {
            if (name === '') return;
            change([...providers, newProvider(name)]);
            setOpen(name);
          }}
        />
      </div>
      <MappedFields />
    </Card>
  );
};
