import { useRef, useState, type SubmitEvent } from 'react';
import { mailTemplates, session, toApiError, type ApiError, type MailTemplate } from '@/api';
import { Button, Callout, SelectField, TextField } from '@/components';
import { useCollections } from '@/features/collections';
import { messages } from '@/messages.en';
import { problemOfField } from './fieldErrors';
import { Section } from './SettingsFrame';
import { useTestMail } from './useSettings';

const words = messages.settings.mail.test;

const sentence = (error: ApiError): string => {
  switch (error.kind) {
    case 'offline':
      return messages.settings.offline;
    case 'tooMany':
      return messages.auth.tooMany(error.retryAfter);
    default:
      return words.notSent;
  }
};

/** The server's answer without the beginning that says what our own sentence says. */
const reasonOf = (message: string): string => message.replace(/^[^:]*\btest e?mail\b[^:]*:\s*/i, '');

/** What the server answered is the point of a test, so it stands in sight; on a line of its own, after our sentence. */
const Failed = ({ error }: { error: ApiError }) => {
  const isAnswer = error.kind === 'invalid' && Object.keys(error.fields).length === 0 && error.message !== '';
  return (
    <Callout tone="danger" detail={isAnswer ? undefined : messages.errors.detail(error)}>
      <p className="font-medium">{sentence(error)}</p>
      {isAnswer ? <p className="mt-1 whitespace-pre-line">{words.answer(reasonOf(error.message))}</p> : null}
    </Callout>
  );
};

const templates = mailTemplates.map((value) => ({ value, label: words.templates[value] }));

/** Sends one mail with the stored settings, and says how it went. */
export const MailTest = ({ hasChanges }: { hasChanges: boolean }) => {
  const [email, setEmail] = useState(session.get()?.email ?? '');
  const [template, setTemplate] = useState<MailTemplate>('verification');
  const [collection, setCollection] = useState<string | null>(null);
  const [isMissing, setMissing] = useState(false);
  const { data: collections = [] } = useCollections();
  const test = useTestMail();
  const input = useRef<HTMLInputElement>(null);

  const auth = collections.filter(({ type }) => type === 'auth');
  const chosen =
    auth.find(({ name }) => name === collection) ?? auth.find(({ system }) => !system) ?? auth[0];
  const error = test.error ? toApiError(test.error) : null;
  const fields = error?.fields ?? {};

  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    if (test.isPending) return;
    const isEmpty = email.trim() === '';
    setMissing(isEmpty);
    if (isEmpty) input.current?.focus();
    else test.mutate({ email: email.trim(), template, collection: chosen?.name ?? '' });
  };

  const emailProblem = fields.email ? problemOfField(fields.email) : undefined;
  return (
    <Section title={words.title} intro={words.intro}>
      <form noValidate onSubmit={onSubmit} className="flex max-w-160 flex-col gap-2">
        <div className="grid gap-x-4 gap-y-2 sm:grid-cols-3">
          <TextField
            ref={input}
            label={words.to}
            type="email"
            value={email}
            error={isMissing ? words.toMissing : emailProblem}
            onChange={(event) => setEmail(event.target.value)}
          />
          <SelectField label={words.template} value={template} options={templates} onChange={setTemplate} />
          {chosen ? (
            <SelectField
              label={words.collection}
              value={chosen.name}
              options={auth.map(({ name }) => ({ value: name, label: name }))}
              error={fields.collection ? problemOfField(fields.collection) : undefined}
              onChange={setCollection}
            />
          ) : null}
        </div>
        <div className="flex flex-wrap items-center gap-3">
          <Button type="submit" busy={test.isPending}>
            {test.isPending ? words.sending : words.send}
          </Button>
          {hasChanges ? <p className="text-grid text-muted">{words.unsaved}</p> : null}
        </div>
        {error && !test.isPending ? <Failed error={error} /> : null}
        {test.isSuccess ? <Callout tone="ok">{words.sent(test.variables.email)}</Callout> : null}
      </form>
    </Section>
  );
};
