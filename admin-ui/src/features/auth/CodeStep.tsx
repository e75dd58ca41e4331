import { useQuery } from '@tanstack/react-query';
import { useRef, useState, type SubmitEvent } from 'react';
import { api, keys, session, toApiError, type ApiError } from '@/api';
import { Button, Callout, CodeBlock, TextField } from '@/components';
import { messages } from '@/messages.en';
import { problemOf, type Problem } from './signInProblem';

const words = messages.secondFactor;

/** The first factor was right: what the second one has to be sent with. */
export type Challenge = { email: string; mfaId: string; since: number };

/** Whether a code is on its way. */
export type Delivery = { kind: 'sent'; otpId: string; again: boolean } | { kind: 'failed'; problem: Problem };

const notSent = (error: ApiError): Problem =>
  error.kind === 'refused'
    ? { text: words.off, detail: messages.errors.detail(error) }
    : problemOf(error, {
        wrong: words.notSent,
        failed: words.notSent,
        tooMany: (seconds) => `${words.notSent} ${messages.auth.tooMany(seconds)}`,
      });

export const sendCode = async (email: string, again: boolean): Promise<Delivery> => {
  try {
    const { otpId } = await api.superusers.requestOtp(email);
    return { kind: 'sent', otpId, again };
  } catch (error) {
    return { kind: 'failed', problem: notSent(toApiError(error)) };
  }
};

type Attempt =
  | { state: 'rest' }
  | { state: 'sending' }
  | { state: 'resending' }
  | { state: 'incomplete'; code: boolean; id: boolean }
  | { state: 'refused'; problem: Problem };

type CodeStepProps = {
  challenge: Challenge;
  delivery: Delivery;
  onSignedIn: () => void;
  onBack: (notice?: string) => void;
};

/** The second factor: a code from a mail, or from the command line of the server. */
export const CodeStep = ({ challenge, delivery: first, onSignedIn, onBack }: CodeStepProps) => {
  const { email, mfaId, since } = challenge;
  const [delivery, setDelivery] = useState(first);
  const [attempt, setAttempt] = useState<Attempt>({ state: 'rest' });
  const [byCommand, setByCommand] = useState(false);
  const code = useRef<HTMLInputElement>(null);
  const id = useRef<HTMLInputElement>(null);
  const { data: methods } = useQuery({
    queryKey: keys.authMethods(),
    queryFn: ({ signal }) => api.superusers.authMethods({ signal }),
  });

  const isBusy = attempt.state === 'sending' || attempt.state === 'resending';
  const isOver = () => methods !== undefined && Date.now() - since >= methods.mfa.duration * 1000;

  const submit = async () => {
    const typed = (code.current?.value ?? '').replaceAll(/\s/g, '');
    const sentId = delivery.kind === 'sent' ? delivery.otpId : '';
    const otpId = byCommand ? (id.current?.value ?? '').trim() : sentId;
    if (typed === '' || (byCommand && otpId === '')) {
      setAttempt({ state: 'incomplete', code: typed === '', id: byCommand && otpId === '' });
      (typed === '' ? code : id).current?.focus();
      return;
    }
    if (otpId === '') {
      setAttempt({ state: 'refused', problem: { text: words.noneSent } });
      return;
    }
    setAttempt({ state: 'sending' });
    try {
      session.start(await api.superusers.signInWithOtp(otpId, typed, mfaId));
      onSignedIn();
    } catch (error) {
      const failure = toApiError(error);
      // The server tells a wrong code and an old first factor apart by its wording alone; time tells it too.
      if (failure.kind === 'invalid' && isOver()) {
        onBack(words.tookTooLong);
        return;
      }
      setAttempt({ state: 'refused', problem: problemOf(failure, words) });
      code.current?.select();
    }
  };

  const resend = async () => {
    setAttempt({ state: 'resending' });
    setDelivery(await sendCode(email, true));
    setAttempt({ state: 'rest' });
    code.current?.focus();
  };

  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!isBusy) void submit();
  };

  const missing = attempt.state === 'incomplete' ? attempt : { code: false, id: false };
  const duration = methods?.otp.duration ?? 0;
  return (
    <>
      <div className="flex flex-col gap-2">
        <h1 className="text-first font-semibold">{words.title}</h1>
        {delivery.kind === 'sent' ? (
          <p role="status" className="break-words text-muted">
            {delivery.again ? words.sentAgain : words.sent(email)}{' '}
            {duration > 0 ? words.counts(duration) : null}
          </p>
        ) : (
          <Callout tone="danger" detail={delivery.problem.detail}>
            {delivery.problem.text}
          </Callout>
        )}
      </div>
      <form noValidate onSubmit={onSubmit} className="flex flex-col gap-2">
        <TextField
          ref={code}
          label={words.code}
          name="code"
          inputMode="numeric"
          autoComplete="one-time-code"
          autoFocus
          error={missing.code ? words.codeMissing : undefined}
        />
        <details
          open={byCommand}
          onToggle={(event) => setByCommand(event.currentTarget.open)}
          className="pb-3"
        >
          <summary className="flex min-h-8 w-fit items-center rounded-control text-grid text-accent underline underline-offset-2 coarse:min-h-11">
            {words.byCommand}
          </summary>
          <div className="flex flex-col gap-3 pt-2">
            <p className="text-grid text-muted">{words.byCommandBody}</p>
            <CodeBlock label={words.commandLabel} code={words.command(email)} />
            <TextField
              ref={id}
              label={words.id}
              name="otpId"
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              error={missing.id ? words.idMissing : undefined}
            />
          </div>
        </details>
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
      <div className="flex flex-col gap-2">
        <Button
          wide
          busy={attempt.state === 'resending'}
          onClick={() => {
            if (!isBusy) void resend();
          }}
        >
          {attempt.state === 'resending' ? words.resending : words.resend}
        </Button>
        <Button look="plain" wide onClick={() => onBack()}>
          {words.back}
        </Button>
      </div>
    </>
  );
};
