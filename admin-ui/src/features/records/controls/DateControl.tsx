import { useRef } from 'react';
import { IconButton } from '@/components';
import { messages } from '@/messages.en';
import { dateText, parseTypedDate, pickerText } from '../typedDate';
import { inputBox, type ControlProps } from './controlProps';

const words = messages.recordEditor.date;

/** A date as text, with the browser's own calendar behind a button. */
export const DateControl = ({ field, id, draft, isInvalid, describedBy, onChange }: ControlProps<'text'>) => {
  const picker = useRef<HTMLInputElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const date = parseTypedDate(draft.text);
  const set = (text: string) => onChange({ kind: 'text', text });
  return (
    <div className="relative flex items-center gap-1">
      <input
        ref={input}
        id={id}
        value={draft.text}
        aria-invalid={isInvalid}
        aria-describedby={describedBy}
        aria-required={field.required === true}
        autoComplete="off"
        // `today` becomes the day it stands for, before anyone wonders which.
        onBlur={() => {
          if (date && draft.text.trim() !== '') set(dateText(date));
        }}
        onChange={(event) => set(event.target.value)}
        className={`${inputBox(isInvalid)} h-9 tabular-nums coarse:h-11`}
      />
      <input
        ref={picker}
        type="datetime-local"
        step="any"
        tabIndex={-1}
        aria-hidden="true"
        value={date ? pickerText(date) : ''}
        onChange={(event) => {
          const picked = new Date(event.target.value);
          if (!Number.isNaN(picked.getTime())) set(dateText(picked));
        }}
        className="pointer-events-none absolute inset-y-0 end-0 w-8 opacity-0"
      />
      {draft.text === '' ? null : (
        <IconButton
          icon="close"
          label={words.clear(field.name)}
          onClick={() => {
            set('');
            input.current?.focus();
          }}
        />
      )}
      <IconButton
        icon="calendar"
        label={words.pick(field.name)}
        onClick={() => picker.current?.showPicker()}
      />
    </div>
  );
};
