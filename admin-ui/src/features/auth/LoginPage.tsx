import { useState } from 'react';
import { session } from '@/api';
import { Gate, useTitle } from '@/components';
import { messages } from '@/messages.en';
import { CodeStep, sendCode, type Challenge, type Delivery } from './CodeStep';
import { PasswordStep } from './PasswordStep';

const words = messages.auth;

type Step =
  | { kind: 'password'; email: string; notice: string | undefined }
  | { kind: 'code'; challenge: Challenge; delivery: Delivery };

type LoginPageProps = { onSignedIn: () => void };

/** The sign-in of superusers: a password and, where the server asks for it, a one-time code. */
export const LoginPage = ({ onSignedIn }: LoginPageProps) => {
  const [step, setStep] = useState<Step>(() => ({
    kind: 'password',
    email: '',
    notice: session.reason() === 'expired' ? words.expired : undefined,
  }));
  useTitle(step.kind === 'password' ? words.signInTitle : messages.secondFactor.title);

  const onSecondFactor = async (email: string, mfaId: string) => {
    const challenge = { email, mfaId, since: Date.now() };
    setStep({ kind: 'code', challenge, delivery: await sendCode(email, false) });
  };

  return (
    <Gate>
      {step.kind === 'password' ? (
        <PasswordStep
          email={step.email}
          notice={step.notice}
          onSignedIn={onSignedIn}
          onSecondFactor={onSecondFactor}
        />
      ) : (
        <CodeStep
          challenge={step.challenge}
          delivery={step.delivery}
          onSignedIn={onSignedIn}
          onBack={(notice) => setStep({ kind: 'password', email: step.challenge.email, notice })}
        />
      )}
    </Gate>
  );
};
