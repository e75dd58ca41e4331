import type { ReactNode } from 'react';
import { messages } from '@/messages.en';
import { Icon, type IconName } from './icons';

type Tone = 'danger' | 'warn' | 'note' | 'ok';

const tones: Record<Tone, { box: string; mark: string; icon: IconName }> = {
  danger: { box: 'bg-danger-soft', mark: 'text-danger', icon: 'warning' },
  warn: { box: 'bg-warn-soft', mark: 'text-warn', icon: 'warning' },
  note: { box: 'bg-accent-soft', mark: 'text-accent', icon: 'account' },
  ok: { box: 'bg-ok-soft', mark: 'text-ok', icon: 'tick' },
};

type CalloutProps = {
  tone: Tone;
  children: ReactNode;
  /** What the server said itself, folded away. */
  detail?: string | undefined;
};

/** A sentence that matters now, in the flow of the page. Dangers are read out at once. */
export const Callout = ({ tone, children, detail }: CalloutProps) => {
  const { box, mark, icon } = tones[tone];
  return (
    <div
      role={tone === 'danger' ? 'alert' : 'status'}
      className={`flex gap-2 rounded-control p-3 text-text ${box}`}
    >
      <span className={`pt-0.5 ${mark}`}>
        <Icon name={icon} />
      </span>
      <div className="min-w-0 break-words">
        {children}
        {detail === undefined ? null : (
          <details className="mt-1 text-meta">
            <summary className="flex min-h-6 w-fit items-center rounded-control underline underline-offset-2">
              {messages.common.details}
            </summary>
            <code className="font-mono break-all">{detail}</code>
          </details>
        )}
      </div>
    </div>
  );
};
