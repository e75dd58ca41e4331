import type { ReactNode } from 'react';
import { Switch } from '@/components';

type CardProps = {
  title: string;
  hint: string;
  /** Undefined for what cannot be switched off. */
  isOn?: boolean | undefined;
  onSwitch?: (on: boolean) => void;
  problem?: string | undefined;
  children?: ReactNode;
};

/** One way to sign in, or one part of the options; switched off it is one line. */
export const Card = ({ title, hint, isOn, onSwitch, problem, children }: CardProps) => (
  <section aria-label={title} className="flex flex-col gap-4 rounded-panel border border-line bg-surface p-4">
    {isOn === undefined || onSwitch === undefined ? (
      <div>
        <h3 className="font-medium">{title}</h3>
        <p className="text-grid text-muted">{hint}</p>
      </div>
    ) : (
      <Switch label={title} hint={hint} checked={isOn} onChange={onSwitch} />
    )}
    {problem === undefined ? null : <p className="text-meta text-danger">{problem}</p>}
    {isOn === false ? null : children}
  </section>
);
