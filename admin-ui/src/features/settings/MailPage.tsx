import type { Settings, SettingsPatch } from '@/api';
import { SecretField, Segments, Switch, TextField } from '@/components';
import { messages } from '@/messages.en';
import { wholeNumber } from './fieldErrors';
import { MailStatusLine } from './MailStatusLine';
import { MailTest } from './MailTest';
import { Section, SettingsFrame } from './SettingsFrame';
import { SettingsForm } from './SettingsForm';
import { useSettingsDraft } from './useSettingsDraft';

const words = messages.settings.mail;

type Draft = {
  enabled: boolean;
  host: string;
  port: string;
  username: string;
  /** Null leaves the stored one as it is. */
  password: string | null;
  authMethod: 'PLAIN' | 'LOGIN';
  encryption: 'starttls' | 'tls';
  localName: string;
  senderName: string;
  senderAddress: string;
  appName: string;
  appURL: string;
};

const read = ({ smtp, meta }: Settings): Draft => ({
  enabled: smtp.enabled,
  host: smtp.host,
  port: String(smtp.port),
  username: smtp.username,
  password: null,
  authMethod: smtp.authMethod === 'LOGIN' ? 'LOGIN' : 'PLAIN',
  encryption: smtp.tls ? 'tls' : 'starttls',
  localName: smtp.localName,
  senderName: meta.senderName,
  senderAddress: meta.senderAddress,
  appName: meta.appName,
  appURL: meta.appURL,
});

/** Sends what was changed alone, so that nobody else's change is undone. */
const write = (
  draft: Draft,
  changed: ReadonlySet<keyof Draft>,
): { patch: SettingsPatch } | { problems: Record<string, string> } => {
  const port = wholeNumber(draft.port);
  if (port === null || port > 65_535) return { problems: { 'smtp.port': messages.settings.problems.port } };
  const pick = <T extends object>(values: T): Partial<T> =>
    Object.fromEntries(
      Object.entries(values).filter(([key]) => changed.has(key as keyof Draft)),
    ) as Partial<T>;
  const { enabled, authMethod } = draft;
  const trimmed = (
    key: 'host' | 'username' | 'localName' | 'senderName' | 'senderAddress' | 'appName' | 'appURL',
  ) => draft[key].trim();
  return {
    patch: {
      smtp: {
        ...pick({ enabled, port, authMethod, host: trimmed('host'), username: trimmed('username') }),
        ...pick({ localName: trimmed('localName') }),
        ...(changed.has('encryption') ? { tls: draft.encryption === 'tls' } : {}),
        ...(draft.password === null ? {} : { password: draft.password }),
      },
      meta: pick({
        senderName: trimmed('senderName'),
        senderAddress: trimmed('senderAddress'),
        appName: trimmed('appName'),
        appURL: trimmed('appURL'),
      }),
    },
  };
};

const columns = 'grid gap-x-4 gap-y-2 sm:grid-cols-2';

const MailForm = ({ settings }: { settings: Settings }) => {
  const { draft, set, problems, form, save } = useSettingsDraft({ settings, read, write });
  const isShown = draft.enabled || Object.keys(problems).some((path) => path.startsWith('smtp.'));
  const text = (key: 'host' | 'port' | 'username' | 'localName', path: string) => ({
    label: words[key],
    name: path,
    value: draft[key],
    error: problems[path],
    onChange: (event: { target: { value: string } }) => set({ [key]: event.target.value }),
  });
  const meta = (key: 'senderName' | 'senderAddress' | 'appName' | 'appURL') => ({
    label: words[key],
    name: key,
    value: draft[key],
    error: problems[`meta.${key}`],
    onChange: (event: { target: { value: string } }) => set({ [key]: event.target.value }),
  });
  return (
    <SettingsForm {...form} onSave={() => void save()} below={<MailTest hasChanges={form.changes > 0} />}>
      <Section title={words.serverTitle}>
        <MailStatusLine />
        <Switch
          label={words.enabled}
          hint={words.enabledHint}
          checked={draft.enabled}
          onChange={(enabled) => set({ enabled })}
        />
        {isShown ? (
          <div className="flex max-w-160 flex-col gap-2">
            <div className="grid gap-x-4 gap-y-2 sm:grid-cols-[minmax(0,1fr)_8rem]">
              <TextField {...text('host', 'smtp.host')} autoCapitalize="none" spellCheck={false} />
              <TextField
                {...text('port', 'smtp.port')}
                inputMode="numeric"
                hint={draft.encryption === 'tls' ? words.portTls : words.portStarttls}
              />
            </div>
            <div className="max-w-80 pt-1 pb-3">
              <Segments
                label={words.encryption}
                value={draft.encryption}
                options={[
                  { value: 'starttls', label: words.starttls },
                  { value: 'tls', label: words.tls },
                ]}
                onChange={(encryption) => set({ encryption })}
              />
            </div>
            <div className={columns}>
              <TextField {...text('username', 'smtp.username')} autoComplete="off" />
              <SecretField
                label={words.password}
                replaceLabel={words.passwordReplaceLabel}
                newLabel={words.passwordNew}
                name="smtp-password"
                hint={words.passwordHint}
                isSet
                value={draft.password}
                onChange={(password) => set({ password })}
              />
            </div>
            <details open={problems['smtp.localName'] !== undefined}>
              <summary className="flex min-h-8 w-fit items-center rounded-control text-grid text-accent underline underline-offset-2 coarse:min-h-11">
                {words.more}
              </summary>
              <div className="flex flex-col gap-4 pt-2">
                <div className="max-w-80">
                  <Segments
                    label={words.authMethod}
                    value={draft.authMethod}
                    options={[
                      { value: 'PLAIN', label: 'PLAIN' },
                      { value: 'LOGIN', label: 'LOGIN' },
                    ]}
                    onChange={(authMethod) => set({ authMethod })}
                  />
                </div>
                <TextField {...text('localName', 'smtp.localName')} hint={words.localNameHint} />
              </div>
            </details>
          </div>
        ) : null}
      </Section>
      <Section title={words.mailsTitle} intro={words.mailsIntro}>
        <div className={`max-w-160 ${columns}`}>
          <TextField {...meta('senderName')} />
          <TextField {...meta('senderAddress')} type="email" autoComplete="off" />
          <TextField {...meta('appName')} />
          <TextField {...meta('appURL')} type="url" hint={words.appURLHint} />
        </div>
      </Section>
    </SettingsForm>
  );
};

/** How the server sends mails, and a test. */
export const MailPage = () => (
  <SettingsFrame title={words.title}>{(settings) => <MailForm settings={settings} />}</SettingsFrame>
);
