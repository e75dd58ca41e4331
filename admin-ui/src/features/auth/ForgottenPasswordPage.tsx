import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState, type SubmitEvent } from 'react';
import { api, toApiError } from '@/api';
import { Button, buttonClass, Callout, CodeBlock, Gate, TextField, useTitle } from '@/components';
import { messages } from '@/messages.en';
import { problemOf, type Problem } from './signInProblem';

const words = messages.forgottenPassword;

const NoMail = () => (
  <section className="flex flex-col gap-2">
    <h2 className="font-semibold">{words.noMailTitle}</h2>
    <p className="text-muted">{words.noMail}</p>
    <CodeBlock label={words.commandLabel} code={words.command} />
  </section>
);

/** The same whether the address is known or not: the server does not tell, so that nobody can try addresses. */
const Sent = ({ email }: { email: string }) => {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div role="status" className="flex flex-col gap-2">
      <h1 ref={heading} tabIndex={-1} className="text-first font-semibold">
        {words.sentTitle}
      </h1>
      <p className="break-words text-muted">{words.sent(email)}</p>
    </div>
  );
};

type Attempt =
  | { state: 'rest' }
  | { state: 'sending' }
  | { state: 'incomplete' }
  | { state: 'sent'; email: string }
  | { state: 'refused'; problem: Problem };

type RequestFormProps = { email: string; attempt: Attempt; onSend: (email: string) => void };

const RequestForm = ({ email: typed, attempt, onSend }: RequestFormProps) => {
  const email = useRef<HTMLInputElement>(null);
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    if (attempt.state !== 'sending') onSend(email.current?.value.trim() ?? '');
    email.current?.focus();
  };
  return (
    <>
      <div className="flex flex-col gap-2">
        <h1 className="text-first font-semibold">{words.title}</h1>
        <p className="text-muted">{words.intro}</p>
      </div>
      <form noValidate onSubmit={onSubmit} className="flex flex-col gap-2">
        <TextField
          ref={email}
          label={messages.auth.email}
          type="email"
          name="email"
          autoComplete="username"
          autoFocus
          defaultValue={typed}
          error={attempt.state === 'incomplete' ? messages.setup.emailInvalid : undefined}
        />
        {attempt.state === 'refused' ? (
          <div className="pb-3">
            <Callout tone="danger" detail={attempt.problem.detail}>
              {attempt.problem.text}
            </Callout>
          </div>
        ) : null}
        <Button type="submit" look="accent" wide busy={attempt.state === 'sending'}>
          {attempt.state === 'sending' ? words.sending : words.send}
        </Button>
      </form>
    </>
  );
};

/** Asks for a mail with a link to set a new password. */
export const ForgottenPasswordPage = ({ email: typed }: { email: string }) => {
  useTitle(words.title);
  const [attempt, setAttempt] = useState<Attempt>({ state: 'rest' });

  const send = async (email: string) => {
    if (!email.includes('@')) {
      setAttempt({ state: 'incomplete' });
      return;
    }
    setAttempt({ state: 'sending' });
    try {
      await api.superusers.requestPasswordReset(email);
      setAttempt({ state: 'sent', email });
    } catch (error) {
      const failure = toApiError(error);
      if (failure.fields.email) {
        setAttempt({ state: 'incomplete' });
        return;
      }
      const { failed } = words;
      const { tooMany } = messages.auth;
      setAttempt({ state: 'refused', problem: problemOf(failure, { wrong: failed, failed, tooMany }) });
    }
  };

  return (
    <Gate>
      {attempt.state === 'sent' ? (
        <Sent email={attempt.email} />
      ) : (
        <RequestForm email={typed} attempt={attempt} onSend={(email) => void send(email)} />
      )}
      <NoMail />
      <Link to="/login" className={buttonClass('outline', true)}>
        {words.back}
      </Link>
    </Gate>
  );
};
