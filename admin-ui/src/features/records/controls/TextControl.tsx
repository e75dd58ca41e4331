import { IconButton } from '@/components';
import { messages } from '@/messages.en';
import { safeUrl } from '../values';
import { inputBox, type ControlProps } from './controlProps';

/** Longer texts, and those with several lines, get a box that shows more of them. */
const longText = 80;

const inputModes = { number: 'decimal', email: 'email', url: 'url' } as const;

const isOneLine = (type: string): type is keyof typeof inputModes => type in inputModes;

/** Text, numbers and addresses. */
export const TextControl = ({ field, id, draft, isInvalid, describedBy, onChange }: ControlProps<'text'>) => {
  const { text } = draft;
  const shared = {
    id,
    value: text,
    'aria-invalid': isInvalid,
    'aria-describedby': describedBy,
    'aria-required': field.required === true,
    autoComplete: 'off',
    onChange: (event: { target: { value: string } }) => onChange({ kind: 'text', text: event.target.value }),
  };
  const isKey = field.type === 'text' && field.primaryKey;
  if (!isOneLine(field.type) && (text.length > longText || text.includes('\n'))) {
    return (
      <textarea
        {...shared}
        rows={Math.min(12, Math.max(3, text.split('\n').length))}
        className={`${inputBox(isInvalid)} py-2`}
      />
    );
  }
  const href = field.type === 'url' ? safeUrl(text) : null;
  const input = (
    <input
      {...shared}
      // Not type=number: it has spinners, and drops what it cannot read. Not type=url: the server says what is one.
      type={field.type === 'email' ? 'email' : 'text'}
      inputMode={isOneLine(field.type) ? inputModes[field.type] : undefined}
      className={`${inputBox(isInvalid)} h-9 coarse:h-11 ${field.type === 'number' ? 'tabular-nums' : ''} ${isKey ? 'font-mono' : ''}`}
    />
  );
  if (href === null) return input;
  return (
    <div className="flex items-center gap-1">
      {input}
      <IconButton
        icon="external"
        label={messages.recordEditor.openAddress}
        onClick={() => window.open(href, '_blank', 'noopener,noreferrer')}
      />
    </div>
  );
};
