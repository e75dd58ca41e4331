import { useState } from 'react';
import { TextField } from '@/components';

type NumberInputProps = {
  label: string;
  /** NaN stands for a text that is no number. */
  value: number | null;
  onChange: (value: number | null) => void;
  whole?: boolean;
  error?: string | undefined;
  hint?: string | undefined;
  disabled?: boolean;
};

const read = (text: string, whole: boolean): number | null => {
  const trimmed = text.trim().replace(',', '.');
  if (trimmed === '') return null;
  return (whole ? /^-?\d{1,16}$/ : /^-?\d+(\.\d+)?$/).test(trimmed) ? Number(trimmed) : Number.NaN;
};

/** A number as it is typed; nothing typed is null. */
export const NumberInput = ({ label, value, onChange, whole = false, ...rest }: NumberInputProps) => {
  const [text, setText] = useState(value === null || Number.isNaN(value) ? '' : String(value));
  return (
    <TextField
      {...rest}
      label={label}
      inputMode={whole ? 'numeric' : 'decimal'}
      autoComplete="off"
      value={text}
      onChange={({ target }) => {
        setText(target.value);
        onChange(read(target.value, whole));
      }}
    />
  );
};
