import { useState } from 'react';
import { messages } from '@/messages.en';
import { Button } from './Button';
import { TextField } from './Field';

type SecretFieldProps = {
  label: string;
  /** Whether the server has one. */
  isSet: boolean;
  /** What takes its place; null keeps it. */
  value: string | null;
  onChange: (value: string | null) => void;
  error?: string | undefined;
  hint?: string;
  name?: string;
  /** Where the label alone would not say which one is replaced. */
  replaceLabel?: string;
  newLabel?: string;
};

/** A secret is never shown, not even as dots that look like a value: it is kept, or replaced. */
export const SecretField = (props: SecretFieldProps) => {
  const { label, isSet, value, onChange, error, hint, name, replaceLabel, newLabel } = props;
  const words = messages.common.secret;
  const [opened, setOpened] = useState(false);
  if (isSet && value === null) {
    return (
      <div className="flex flex-col gap-1">
        <span className="text-grid font-medium">{label}</span>
        <div className="flex h-9 items-center justify-between gap-3 rounded-control border border-line bg-sunken ps-3 pe-0.5 coarse:h-11">
          <span className="truncate text-grid text-muted">{words.set}</span>
          <Button
            look="plain"
            aria-label={replaceLabel ?? words.replaceLabel(label)}
            onClick={() => {
              setOpened(true);
              onChange('');
            }}
          >
            {words.replace}
          </Button>
        </div>
        <p className="min-h-4 text-meta text-danger">{error}</p>
      </div>
    );
  }
  return (
    <div className="flex flex-col items-start">
      <div className="w-full">
        <TextField
          label={newLabel ?? label}
          type="password"
          name={name}
          hint={hint}
          autoComplete="off"
          autoFocus={opened}
          value={value ?? ''}
          error={error}
          onChange={({ target }) => onChange(target.value)}
        />
      </div>
      {isSet ? (
        <Button look="plain" onClick={() => onChange(null)}>
          {words.keep}
        </Button>
      ) : null}
    </div>
  );
};
