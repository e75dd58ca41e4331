import { SwitchInput } from '@/components';
import { messages } from '@/messages.en';
import type { ControlProps } from './controlProps';

/** On or off, with the word beside it. */
export const FlagControl = ({ id, draft, isInvalid, describedBy, onChange }: ControlProps<'flag'>) => (
  <label htmlFor={id} className="flex h-9 w-fit cursor-pointer items-center gap-3 coarse:h-11">
    <SwitchInput
      id={id}
      checked={draft.on}
      aria-invalid={isInvalid}
      aria-describedby={describedBy}
      onChange={(event) => onChange({ kind: 'flag', on: event.target.checked })}
    />
    <span aria-hidden="true" className={draft.on ? '' : 'text-muted'}>
      {draft.on ? messages.recordEditor.on : messages.recordEditor.off}
    </span>
  </label>
);
