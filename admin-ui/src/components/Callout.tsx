import type { ReactNode } from 'react';
import { Icon, type IconName } from './icons';

type Tone = 'danger' | 'warn' | 'note';

const tones: Record<Tone, { box: string; mark: string; icon: IconName }> = {
  danger: { box: 'bg-danger-soft', mark: 'text-danger', icon: 'warning' },
  warn: { box: 'bg-warn-soft', mark: 'text-warn', icon: 'warning' },
  note: { box: 'bg-accent-soft', mark: 'text-accent', icon: 'account' },
};

/** A sentence that matters now, in the flow of the page. Dangers are read out at once. */
export const Callout = ({ tone, children }: { tone: Tone; children: ReactNode }) => {
  const { box, mark, icon } = tones[tone];
  return (
    <div
      role={tone === 'danger' ? 'alert' : 'status'}
      className={`flex gap-2 rounded-control p-3 text-text ${box}`}
    >
      <span className={`pt-0.5 ${mark}`}>
        <Icon name={icon} />
      </span>
      <div className="min-w-0 break-words">{children}</div>
    </div>
  );
};
