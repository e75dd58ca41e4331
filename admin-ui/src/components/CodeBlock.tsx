import { messages } from '@/messages.en';
import { CopyButton } from './CopyButton';

/** Text for a terminal or an editor, with a way to copy it. */
export const CodeBlock = ({ code, label }: { code: string; label: string }) => (
  <div className="w-full min-w-0 overflow-hidden rounded-control border border-line bg-sunken text-start">
    <div className="flex items-center justify-between gap-2 border-b border-line ps-3">
      <span className="truncate text-meta text-muted">{label}</span>
      <CopyButton text={code} label={messages.common.copy} iconOnly />
    </div>
    <pre
      role="region"
      aria-label={label}
      tabIndex={0}
      className="overflow-x-auto p-3 font-mono text-meta leading-5 -outline-offset-2"
    >
      {code}
    </pre>
  </div>
);
