import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useRef, useState, type SubmitEvent } from 'react';
import { api, isExpired, keys, session, toApiError } from '@/api';
import { Button, buttonClass, Callout, ErrorState, Gate, TextField, useTitle } from '@/components';
import { messages } from '@/messages.en';
import { CommandHelp } from './SetupGuide';

const words = messages.setup;
const passwordMin = 8;
const looksLikeEmail = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** Counts as the server does: one for each code point. */
const characters = (text: string): number => Array.from(text).length;

type Problems = { email?: string; password?: string; form?: string };

type FormProps = { token: string; onDone: () => void; onUnusable: () => void };

const SetupForm = ({ token, onDone, onUnusable }: FormProps) => {
  const [problems, setProblems] = useState<Problems>({});
  const [sending, setSending] = useState(false);
  const [created, setCreated] = useState(false);
  const [length, setLength] = useState(0);
  const email = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);

  const report = (found: Problems) => {
    setProblems(found);
    if (found.email !== undefined) email.current?.focus();
    else if (found.password !== undefined) password.current?.focus();
  };

  const signIn = async (identity: string, secret: string) => {
    try {
      const result = await api.superusers.signIn(identity, secret);
      if (result.kind === 'done') {
        session.start(result.answer);
        onDone();
        return;
      }
    } catch {
      // Told below: the account exists, so the way on is the sign-in page.
    }
    setCreated(true);
  };

  const submit = async () => {
    const identity = email.current?.value.trim() ?? '';
    const secret = password.current?.value ?? '';
    const found: Problems = {};
    if (!looksLikeEmail.test(identity)) found.email = words.emailInvalid;
    if (characters(secret) < passwordMin) found.password = words.passwordShort(passwordMin);
    report(found);
    if (found.email !== undefined || found.password !== undefined) return;

    setSending(true);
    try {
      await api.superusers.create(token, identity, secret);
      await signIn(identity, secret);
    } catch (error) {
      const failure = toApiError(error);
      const { kind, fields } = failure;
      if (kind === 'signedOut' || kind === 'refused') {
        onUnusable();
        return;
      }
      report({
        ...(fields.email ? { email: fields.email.message } : {}),
        ...(fields.password ? { password: fields.password.message } : {}),
        ...(fields.email || fields.password
          ? {}
          : { form: kind === 'offline' ? messages.auth.offline : messages.errors.detail(failure) }),
      });
    } finally {
      setSending(false);
    }
  };

  if (created) {
    return (
      <>
        <Callout tone="warn">{words.created}</Callout>
        <Link to="/login" className={buttonClass('accent', true)}>
          {words.toSignIn}
        </Link>
      </>
    );
  }

  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!sending) void submit();
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
          error={problems.email}
        />
        <TextField
          ref={password}
          label={messages.auth.password}
          type="password"
          name="password"
          autoComplete="new-password"
          error={problems.password}
          hint={length >= passwordMin ? words.passwordLength(length) : words.passwordHint(passwordMin)}
          onChange={(event) => setLength(characters(event.target.value))}
        />
        {problems.form === undefined ? null : (
          <div className="pb-3">
            <Callout tone="danger">{problems.form}</Callout>
          </div>
        )}
        <Button type="submit" look="accent" wide busy={sending}>
          {sending ? words.creating : words.create}
        </Button>
      </form>
    </>
  );
};

const Unusable = () => (
  <>
    <div role="alert" className="flex flex-col gap-2">
      <h1 className="text-first font-semibold">{words.unusable.title}</h1>
      <p className="text-muted">{words.unusable.body}</p>
    </div>
    <section className="flex flex-col gap-2">
      <h2 className="font-semibold">{words.newLink}</h2>
      <p className="text-muted">{words.newLinkBody}</p>
    </section>
    <CommandHelp />
    <Link to="/login" className={buttonClass('outline', true)}>
      {words.toSignIn}
    </Link>
  </>
);

const useTokenCheck = (token: string) =>
  useQuery({
    queryKey: keys.setupToken(token),
    queryFn: ({ signal }) => api.superusers.checkSetupToken(token, { signal }),
    enabled: !isExpired(token),
    staleTime: Infinity,
    retry: false,
  });

type SetupPageProps = { token: string; onDone: () => void };

/** Where the one-time link of the server's start leads: makes the first superuser and signs in. */
export const SetupPage = ({ token, onDone }: SetupPageProps) => {
  useTitle(words.title);
  const check = useTokenCheck(token);
  const [usedUp, setUsedUp] = useState(false);

  const error = check.error ? toApiError(check.error) : null;
  const noAnswer =
    error !== null && (error.kind === 'offline' || error.kind === 'failed' || error.kind === 'tooMany');
  const unusable = usedUp || isExpired(token) || (error !== null && !noAnswer);

  const body = () => {
    if (unusable) return <Unusable />;
    if (noAnswer) return <ErrorState heading="h1" error={error} onRetry={() => void check.refetch()} />;
    if (check.isPending) {
      return (
        <p role="status" className="appear-late text-muted">
          {words.checking}
        </p>
      );
    }
    return <SetupForm token={token} onDone={onDone} onUnusable={() => setUsedUp(true)} />;
  };
  return <Gate>{body()}</Gate>;
};
