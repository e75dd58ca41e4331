import { Link } from '@tanstack/react-router';
import { useRef, useState, type SubmitEvent } from 'react';
import { api, session, toApiError } from '@/api';
import { Button, Callout, TextField } from '@/components';
import { messages } from '@/messages.en';
import { problemOf, type Problem } from './signInProblem';

const words = messages.auth;

type Attempt =
  | { state: 'rest' }
  | { state: 'sending' }
  | { state: 'incomplete'; email: boolean; password: boolean }
  | { state: 'refused'; problem: Problem };

type PasswordStepProps = {
  email: string;
  /** Why the person is back at this step. */
  notice: string | undefined;
  onSignedIn: () => void;
  onSecondFactor: (email: string, mfaId: string) => Promise<void>;
};

/** The first factor: address and password. */
export const PasswordStep = ({ email: typed, notice, onSignedIn, onSecondFactor }: PasswordStepProps) => {
  const [attempt, setAttempt] = useState<Attempt>({ state: 'rest' });
  const [address, setAddress] = useState(typed);
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
        await onSecondFactor(identity, result.mfaId);
        return;
      }
      session.start(result.answer);
      onSignedIn();
    } catch (error) {
      setAttempt({ state: 'refused', problem: problemOf(toApiError(error), words) });
      password.current?.select();
    }
  };

  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    if (attempt.state !== 'sending') void submit();
  };

  const missing = attempt.state === 'incomplete' ? attempt : { email: false, password: false };
  return (
    <>
      <h1 className="text-first font-semibold">{words.signInTitle}</h1>
      {notice !== undefined && attempt.state === 'rest' ? <Callout tone="note">{notice}</Callout> : null}
      <form noValidate onSubmit={onSubmit} className="flex flex-col gap-2">
        <TextField
          ref={email}
          label={words.email}
          type="email"
          name="email"
          autoComplete="username"
          autoFocus={typed === ''}
          defaultValue={typed}
          onChange={(event) => setAddress(event.target.value.trim())}
          error={missing.email ? words.emailMissing : undefined}
        />
        <TextField
          ref={password}
          label={words.password}
          type="password"
          name="password"
          autoComplete="current-password"
          autoFocus={typed !== ''}
          error={missing.password ? words.passwordMissing : undefined}
        />
        {attempt.state === 'refused' ? (
          <div className="pb-3">
            <Callout tone="danger" detail={attempt.problem.detail}>
              {attempt.problem.text}
            </Callout>
          </div>
        ) : null}
        <Button type="submit" look="accent" wide busy={attempt.state === 'sending'}>
          {attempt.state === 'sending' ? words.signingIn : words.signIn}
        </Button>
      </form>
      <div className="flex flex-col gap-2 text-grid text-muted">
        <p>
          <Link
            to="/forgotten-password"
            state={{ email: address }}
            className="rounded-control text-accent underline underline-offset-2"
          >
            {words.forgotten}
          </Link>
        </p>
        <p>
          {words.firstTime}{' '}
          <Link to="/setup" className="rounded-control text-accent underline underline-offset-2">
            {words.firstTimeLink}
          </Link>
        </p>
      </div>
    </>
  );
};
