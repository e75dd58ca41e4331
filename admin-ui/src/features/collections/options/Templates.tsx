import { useState } from 'react';
import { Icon, TextArea, TextField } from '@/components';
import { messages } from '@/messages.en';
import { useEditing } from '../shape/useDraft';
import { Card } from './Card';
import { useOptions } from './useOptions';

const words = messages.options.templates;

const templates = [
  { path: 'verificationTemplate', name: words.names.verification },
  { path: 'resetPasswordTemplate', name: words.names.resetPassword },
  { path: 'confirmEmailChangeTemplate', name: words.names.confirmEmailChange },
  { path: 'otp.emailTemplate', name: words.names.otp },
  { path: 'authAlert.emailTemplate', name: words.names.authAlert },
] as const;

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const fill = (text: string): string =>
  text
    .replaceAll('{APP_NAME}', words.samples.appName)
    .replaceAll('{APP_URL}', 'https://app.example.org')
    .replaceAll('{TOKEN}', 'TOKEN')
    .replaceAll('{OTP}', '12345678')
    .replaceAll('{OTP_ID}', 'otp-id')
    .replaceAll('{ALERT_INFO}', words.samples.alertInfo)
    .replaceAll(/\{RECORD:(\w+)\}/g, (_, field: string) => escape(words.samples.record(field)));

// Nothing in the frame may run, load or leave: the sandbox is empty, and the policy allows styles alone.
const documentOf = (body: string): string =>
  `<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><style>body{font:14px/1.5 sans-serif;margin:16px;color:#222;background:#fff}.btn{display:inline-block;padding:8px 16px;border-radius:4px;background:#116474;color:#fff;text-decoration:none}</style>${fill(body)}`;

const TemplateForm = ({ path, name }: { path: string; name: string }) => {
  const { text, set, problems } = useOptions();
  const body = text(`${path}.body`);
  return (
    <div className="grid gap-4 border-t border-line p-4 lg:grid-cols-2">
      <div className="flex min-w-0 flex-col gap-2">
        <TextField
          label={words.subject}
          value={text(`${path}.subject`)}
          error={problems[`${path}.subject`]}
          autoComplete="off"
          onChange={({ target }) => set(`${path}.subject`, target.value)}
        />
        <TextArea
          label={words.body}
          value={body}
          rows={12}
          spellCheck={false}
          hint={words.placeholders}
          error={problems[`${path}.body`]}
          onChange={({ target }) => set(`${path}.body`, target.value)}
        />
      </div>
      <div className="flex min-w-0 flex-col gap-1">
        <p className="text-grid font-medium">{words.preview}</p>
        <p className="truncate text-grid text-muted">{fill(text(`${path}.subject`))}</p>
        <iframe
          title={words.previewOf(name)}
          sandbox=""
          srcDoc={documentOf(body)}
          className="h-72 w-full rounded-control border border-line"
        />
      </div>
    </div>
  );
};

/** The mails the server writes to the accounts of the collection. */
export const Templates = () => {
  const { flag, set, problems } = useOptions();
  const { collection } = useEditing();
  const [open, setOpen] = useState<string | null>(null);
  return (
    <>
      <Card
        title={words.alert}
        hint={words.alertHint}
        isOn={flag('authAlert.enabled')}
        onSwitch={(on) => set('authAlert.enabled', on)}
      />
      <Card title={words.card} hint={words.hint(collection.name)}>
        <ul aria-label={words.title} className="overflow-hidden rounded-panel border border-line">
          {templates.map(({ path, name }) => {
            const isOpen = open === path || Object.keys(problems).some((key) => key.startsWith(`${path}.`));
            return (
              <li key={path} className="border-b border-line last:border-b-0">
                <button
                  type="button"
                  aria-expanded={isOpen}
                  onClick={() => setOpen(isOpen ? null : path)}
                  className="flex min-h-11 w-full items-center justify-between gap-3 rounded-control px-4 text-start font-medium -outline-offset-2 hover:bg-sunken"
                >
                  {name}
                  <span className="text-muted">
                    <Icon name={isOpen ? 'chevronUp' : 'chevronDown'} />
                  </span>
                </button>
                {isOpen ? <TemplateForm path={path} name={name} /> : null}
              </li>
            );
          })}
        </ul>
      </Card>
    </>
  );
};
