import { useState, type ReactNode } from 'react';
import { messages } from '@/messages.en';
import { Button } from './Button';
import { TextField } from './Field';
import { Sheet } from './Sheet';
import { useForm } from './useMediaQuery';

type ConfirmSheetProps = {
  title: string;
  /** What will happen. */
  children: ReactNode;
  cancel: string;
  act: string;
  onCancel: () => void;
  onConfirm: () => void;
  /** A name to type first, for what cannot be made again. */
  typed?: string;
  busy?: boolean;
  /** Nothing is lost by it, so its button does not warn. */
  harmless?: boolean;
};

/** Asks before something that cannot be taken back, or not from here. The focus starts on the harmless way out. */
export const ConfirmSheet = (props: ConfirmSheetProps) => {
  const { title, children, cancel, act, onCancel, onConfirm, typed, busy = false, harmless = false } = props;
  const form = useForm();
  const [text, setText] = useState('');
  const [isMissing, setMissing] = useState(false);
  const confirm = () => {
    if (busy) return;
    if (typed === undefined || text === typed) onConfirm();
    else setMissing(true);
  };
  return (
    <Sheet title={title} side={form === 'phone' ? 'bottom' : 'centre'} onClose={onCancel}>
      <div className="flex flex-col gap-4 p-4">
        {children}
        {typed === undefined ? null : (
          <TextField
            label={messages.common.typeName(typed)}
            value={text}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            error={isMissing && text !== typed ? messages.common.typeNameWrong : undefined}
            onChange={(event) => setText(event.target.value)}
          />
        )}
        <div className="flex flex-col gap-2 pt-1 sm:flex-row sm:justify-end">
          <Button data-initial-focus onClick={onCancel}>
            {cancel}
          </Button>
          <Button look={harmless ? 'accent' : 'danger'} busy={busy} onClick={confirm}>
            {act}
          </Button>
        </div>
      </div>
    </Sheet>
  );
};
