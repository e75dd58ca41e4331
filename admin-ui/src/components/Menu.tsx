import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { Icon, type IconName } from './icons';

export type MenuAct = {
  label: string;
  icon?: IconName;
  /** The key that does the same, shown beside it. */
  shortcut?: string;
  isDanger?: boolean;
  onAct: () => void;
};

type MenuListProps = {
  label: string;
  acts: readonly MenuAct[];
  /** Called without `keepFocus` when the focus should go back to where it came from. */
  onClose: (how?: { keepFocus: boolean }) => void;
  className?: string;
};

/** Acts in a list; the arrow keys and first letters move in it, Esc and a press elsewhere close it. */
export const MenuList = ({ label, acts, onClose, className = '' }: MenuListProps) => {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => list.current?.querySelector<HTMLElement>('[role=menuitem]')?.focus(), []);

  const onKeyDown = (event: KeyboardEvent) => {
    const items = [...(list.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
    const at = items.findIndex((item) => item === document.activeElement);
    const to: Partial<Record<string, number>> = {
      ArrowDown: (at + 1) % items.length,
      ArrowUp: (at - 1 + items.length) % items.length,
      Home: 0,
      End: items.length - 1,
    };
    const letter = items.findIndex((item, index) => {
      const begins = item.textContent.toLowerCase().startsWith(event.key.toLowerCase());
      return event.key.length === 1 && index > at && begins;
    });
    const next = to[event.key] ?? (letter >= 0 ? letter : undefined);
    // What is typed into the menu is not meant for the page behind it.
    if (event.key !== 'Enter') event.stopPropagation();
    if (event.key === 'Escape' || event.key === 'Tab') {
      event.preventDefault();
      onClose();
    } else if (next !== undefined) {
      event.preventDefault();
      items[next]?.focus();
    }
  };

  return (
    <div
      ref={list}
      role="menu"
      aria-label={label}
      onKeyDown={onKeyDown}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) onClose({ keepFocus: true });
      }}
      className={`z-40 flex w-max min-w-44 flex-col rounded-panel border border-line bg-surface p-1 shadow-1 ${className}`}
    >
      {acts.map(({ label: name, icon, shortcut, isDanger = false, onAct }) => (
        <button
          key={name}
          type="button"
          role="menuitem"
          tabIndex={-1}
          onClick={(event) => {
            // Behind the menu lies what would take the press for its own.
            event.stopPropagation();
            onClose();
            onAct();
          }}
          className={`flex min-h-8 items-center gap-3 rounded-control px-3 text-start text-grid font-normal -outline-offset-2 hover:bg-sunken focus:bg-sunken coarse:min-h-11 ${
            isDanger ? 'text-danger' : 'text-text'
          }`}
        >
          {icon === undefined ? null : <Icon name={icon} />}
          <span className="flex-1">{name}</span>
          {shortcut === undefined ? null : <kbd className="font-mono text-meta text-muted">{shortcut}</kbd>}
        </button>
      ))}
    </div>
  );
};

type MenuProps = { label: string; acts: readonly MenuAct[]; children?: ReactNode };

/** A button that opens a list of acts. */
export const Menu = ({ label, acts, children }: MenuProps) => {
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  return (
    <span className="relative inline-flex">
      <button
        ref={button}
        type="button"
        id={id}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-label={label}
        title={label}
        // Before the list loses the focus to this button, and so would open again.
        onPointerDown={(event) => {
          if (isOpen) event.preventDefault();
        }}
        onClick={() => setOpen(!isOpen)}
        className="inline-flex size-8 shrink-0 items-center justify-center rounded-control text-muted transition-colors hover:bg-sunken hover:text-text coarse:size-11"
      >
        {children ?? <Icon name="more" />}
      </button>
      {isOpen ? (
        <MenuList
          label={label}
          acts={acts}
          onClose={(how) => {
            setOpen(false);
            if (how?.keepFocus !== true) button.current?.focus();
          }}
          className="absolute end-0 top-full mt-1"
        />
      ) : null}
    </span>
  );
};
