import { Button } from '@/components';
import { messages } from '@/messages.en';
import { Card } from './Card';
import { Seconds } from './SignInMethods';
import { useOptions } from './useOptions';

const words = messages.options.tokens;

const tokens = [
  'authToken',
  'passwordResetToken',
  'emailChangeToken',
  'verificationToken',
  'fileToken',
] as const;
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const secretLength = 50;

/** Of bytes beyond the last whole run of letters none is used, so that every letter is as likely. */
const newSecret = (): string => {
  let secret = '';
  while (secret.length < secretLength) {
    for (const byte of crypto.getRandomValues(new Uint8Array(64))) {
      if (byte < letters.length * 4 && secret.length < secretLength)
        secret += letters.charAt(byte % letters.length);
    }
  }
  return secret;
};

const Secret = ({ name }: { name: (typeof tokens)[number] }) => {
  const { get, set } = useOptions();
  const path = `${name}.secret`;
  if (get(path) === undefined) {
    return (
      <Button aria-label={words.renewLabel(words.names[name])} onClick={() => set(path, newSecret())}>
        {words.renew}
      </Button>
    );
  }
  return (
    <span className="flex flex-wrap items-center gap-2">
      <span className="text-grid text-warn">{words.renewed}</span>
      <Button look="plain" onClick={() => set(path, undefined)}>
        {words.keep}
      </Button>
    </span>
  );
};

/** How long each kind of token counts, and new secrets, which end all there are. */
export const Tokens = () => (
  <Card title={words.card} hint={words.hint}>
    <ul className="flex flex-col gap-2">
      {tokens.map((name) => (
        <li
          key={name}
          className="grid items-start gap-x-4 gap-y-1 border-b border-line pb-2 last:border-b-0 sm:grid-cols-2"
        >
          <Seconds path={`${name}.duration`} label={words.names[name]} />
          <div className="pb-2 sm:pt-6">
            <Secret name={name} />
          </div>
        </li>
      ))}
    </ul>
  </Card>
);
