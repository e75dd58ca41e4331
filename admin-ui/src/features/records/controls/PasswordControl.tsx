import { useState } from 'react';
import { Button } from '@/components';
import { messages } from '@/messages.en';
import { inputBox, type ControlProps } from './controlProps';

const words = messages.recordEditor.password;

// Without signs that look alike, for whoever has to read it out.
const alphabet = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';

const generated = (length: number): string =>
  Array.from(
    crypto.getRandomValues(new Uint32Array(length)),
    (value) => alphabet[value % alphabet.length],
  ).join('');

type PasswordControlProps = ControlProps<'text'> & { isNew: boolean };

/** A password is never shown: it is left, or another takes its place. */
export const PasswordControl = (props: PasswordControlProps) => {
  const { field, id, draft, isInvalid, describedBy, isNew, onChange } = props;
  const [isSetting, setSetting] = useState(false);
  const [isShown, setShown] = useState(false);
  const set = (text: string) => onChange({ kind: 'text', text });

  if (!isNew && !isSetting && draft.text === '') {
    return (
      <div className="flex min-h-9 flex-wrap items-center gap-3">
        <span aria-hidden="true" className="text-muted">
          {messages.records.passwordDots}
        </span>
        <Button id={id} aria-describedby={describedBy} onClick={() => setSetting(true)}>
          {words.set}
        </Button>
      </div>
    );
  }
  return (
    <div className="flex flex-col gap-2">
      <input
        id={id}
        // The press on the button asked for this.
        autoFocus={isSetting}
        type={isShown ? 'text' : 'password'}
        autoComplete="new-password"
        aria-label={words.label(field.name)}
        aria-invalid={isInvalid}
        aria-describedby={describedBy}
        value={draft.text}
        onChange={(event) => set(event.target.value)}
        className={`${inputBox(isInvalid)} h-9 coarse:h-11 ${isShown ? 'font-mono' : ''}`}
      />
      <div className="flex flex-wrap gap-2">
        <Button aria-pressed={isShown} onClick={() => setShown(!isShown)}>
          {isShown ? messages.common.hide : messages.common.show}
        </Button>
        <Button
          onClick={() => {
            set(generated(20));
            setShown(true);
          }}
        >
          {words.generate}
        </Button>
        {isNew ? null : (
          <Button
            onClick={() => {
              set('');
              setSetting(false);
            }}
          >
            {words.keep}
          </Button>
        )}
      </div>
    </div>
  );
};
