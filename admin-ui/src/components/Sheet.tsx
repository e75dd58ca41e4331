import { useEffect, useRef, type ReactNode } from 'react';
import { messages } from '@/messages.en';
import { IconButton } from './Button';

type SheetProps = {
  title: string;
  /** Where it stands: over the page, at the start edge, or on phones at the bottom. */
  side: 'centre' | 'start' | 'bottom';
  onClose: () => void;
  children: ReactNode;
};

const sides: Record<SheetProps['side'], string> = {
  centre: 'm-auto w-120 max-w-[calc(100vw-2rem)] rounded-panel max-h-[85dvh]',
  start: 'me-auto ms-0 my-0 h-dvh max-h-dvh w-70 max-w-[85vw] rounded-e-panel',
  bottom:
    'mb-0 mt-auto mx-auto w-full max-w-full rounded-t-panel max-h-[85dvh] pb-[env(safe-area-inset-bottom)]',
};

/** A dialog on its own layer: the browser keeps the focus inside, closes it on Esc and gives the focus back. */
export const Sheet = ({ title, side, onClose, children }: SheetProps) => {
  const dialog = useRef<HTMLDialogElement>(null);

  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // The browser starts with the first control, which is the cross.
    element?.querySelector<HTMLElement>('[data-initial-focus]')?.focus();
    return () => element?.close();
  }, []);

  return (
    <dialog
      ref={dialog}
      aria-label={title}
      onClose={(event) => {
        if (!event.currentTarget.open) onClose();
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
      className={`border border-line bg-surface text-text shadow-2 backdrop:bg-scrim ${sides[side]}`}
    >
      <div className="flex h-full max-h-[inherit] flex-col">
        <header className="flex h-12 shrink-0 items-center justify-between border-b border-line ps-4 pe-2 coarse:h-14">
          <h2 className="text-title font-semibold">{title}</h2>
          <IconButton icon="close" label={messages.common.close} onClick={onClose} />
        </header>
        <div className="min-h-0 flex-1 overflow-y-auto">{children}</div>
      </div>
    </dialog>
  );
};
