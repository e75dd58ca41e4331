import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { Icon, type IconName } from './icons';

type Look = 'accent' | 'outline' | 'plain' | 'danger' | 'dangerOutline';

const looks: Record<Look, string> = {
  accent: 'bg-accent text-on-accent hover:bg-accent-hover active:bg-accent-hover border-transparent',
  outline: 'border-control bg-surface text-text hover:bg-sunken active:bg-sunken',
  danger: 'bg-danger text-on-accent border-transparent hover:opacity-90 active:opacity-90',
  dangerOutline: 'border-danger bg-surface text-danger hover:bg-danger-soft active:bg-danger-soft',
  plain: 'border-transparent text-text hover:bg-sunken active:bg-sunken',
};

const shared =
  'inline-flex items-center justify-center gap-2 rounded-control border font-medium transition-colors select-none';

/** The classes of a button, for links that act as one. */
export const buttonClass = (look: Look = 'outline', wide = false): string =>
  `${shared} ${looks[look]} h-8 px-3 text-grid coarse:h-11 coarse:px-4 coarse:text-body ${wide ? 'w-full' : ''}`;

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  look?: Look;
  wide?: boolean;
  busy?: boolean;
  /** Where the focus starts in a sheet. */
  'data-initial-focus'?: boolean;
};

export const Button = ({ look = 'outline', wide = false, busy = false, children, ...rest }: ButtonProps) => (
  <button type="button" aria-busy={busy} {...rest} className={buttonClass(look, wide)}>
    {children}
  </button>
);

type IconButtonProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'aria-label'> & {
  icon: IconName;
  label: string;
  /** The key that does the same, shown in the tooltip. */
  shortcut?: string;
};

/** A square button whose name is read out and shown on hover. */
export const IconButton = ({ icon, label, shortcut, ...rest }: IconButtonProps) => (
  <button
    type="button"
    {...rest}
    aria-label={label}
    aria-keyshortcuts={shortcut}
    title={shortcut === undefined ? label : `${label} (${shortcut})`}
    className={`${shared} size-8 shrink-0 border-transparent text-muted hover:bg-sunken hover:text-text coarse:size-11`}
  >
    <Icon name={icon} />
  </button>
);

/** A short fact in a box. */
export const Chip = ({ children }: { children: ReactNode }) => (
  <span className="inline-flex h-6 max-w-48 items-center rounded-chip border border-line bg-sunken px-2 text-meta">
    <span className="truncate">{children}</span>
  </span>
);
