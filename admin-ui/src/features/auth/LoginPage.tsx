import { Link } from '@tanstack/react-router';
import { useRef, useState, type SubmitEvent } from 'react';
import { api, session, toApiError, type ApiError } from '@/api';
import { Button, Callout, Gate, TextField, useTitle } from '@/components';
import { messages } from '@/messages.en';

const words = messages.auth;

const sentence = (error: ApiError): string => {
  switch (error.kind) {
    case 'offline':
      return words.offline;
    case 'tooMany':
      return words.tooMany;
    case 'failed':
      return words.failed;
    case 'refused':
      return words.refused(error.message);
    default:
      return words.wrong;
  }
};

type Attempt =
  | { state: 'rest' }
  | { state: 'sending' }
  | { state: 'incomplete'; email: boolean; password: boolean }
  | { state: 'refused'; text: string };

type LoginPageProps = { onSignedIn: () => void };

export const LoginPage = ({ onSignedIn }: LoginPageProps) => {
  useTitle(words.signInTitle);
  const [attempt, setAttempt] = useState<Attempt>({ state: 'rest' });
  const email = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);

  const submit = async () => {
    const identity = email.current?.value.trim() ?? '';
    const secret = password.current?.value ?? '';
    if (identity === '' || secret === '') {
      setAttempt({ state: 'incomplete', email: identity === '', password: secret === '' });
      (identity === '' ? email : password).current?.focus();
      return;
    }
    setAttempt({ state: 'sending' });
    try {
      const result = await api.superusers.signIn(identity, secret);
      if (result.kind === 'secondFactor') {
        setAttempt({ state: 'refused', text: words.secondFactor });
        return;
      }
      session.start(result.answer);
      onSignedIn();
    } catch (error) {
      setAttempt({ state: 'refused', text: sentence(toApiError(error)) });
      password.current?.select();
    }
  };

  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    if (attempt.state !== 'sending') void submit();
  };

  const missing = attempt.state === 'incomplete' ? attempt : { email: false, password: false };
  return (
    <Gate>
      <h1 className="text-first font-semibold">{words.signInTitle}</h1>
      {session.reason() === 'expired' && attempt.state === 'rest' ? (
        <Callout tone="note">{words.expired}</Callout>
      ) : null}
      <form noValidate onSubmit={onSubmit} className="flex flex-col gap-2">
        <TextField
          ref={email}
          label={words.email}
          type="email"
          name="email"
          autoComplete="username"
          autoFocus
          error={missing.email ? words.emailMissing : undefined}
        />
        <TextField
          ref={password}
          label={words.password}
          type="password"
          name="password"
          autoComplete="current-password"
          error={missing.password ? words.passwordMissing : undefined}
        />
        {attempt.state === 'refused' ? (
          <div className="pb-3">
            <Callout tone="danger">{attempt.text}</Callout>
          </div>
        ) : null}
        <Button type="submit" look="accent" wide busy={attempt.state === 'sending'}>
          {attempt.state === 'sending' ? words.signingIn : words.signIn}
        </Button>
      </form>
      <p className="text-grid text-muted">
        {words.firstTime}{' '}
        <Link to="/setup" className="rounded-control text-accent underline underline-offset-2">
          {words.firstTimeLink}
        </Link>
      </p>
    </Gate>
  );
};
