import type { ReactNode } from 'react';
import { Button } from './Button';
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
};

/** Asks before something that cannot be taken back, or not from here. The focus starts on the harmless way out. */
export const ConfirmSheet = ({ title, children, cancel, act, onCancel, onConfirm }: ConfirmSheetProps) => {
  const form = useForm();
  return (
    <Sheet title={title} side={form === 'phone' ? 'bottom' : 'centre'} onClose={onCancel}>
      <div className="flex flex-col gap-4 p-4">
        {children}
        <div className="flex flex-col gap-2 pt-1 sm:flex-row sm:justify-end">
          <Button data-initial-focus onClick={onCancel}>
            {cancel}
          </Button>
          <Button look="danger" onClick={onConfirm}>
            {act}
          </Button>
        </div>
      </div>
    </Sheet>
  );
};
