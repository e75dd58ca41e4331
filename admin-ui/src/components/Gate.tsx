import type { ReactNode } from 'react';
import { messages } from '@/messages.en';

/** The frame of the pages before the dashboard: sign-in and set-up. */
export const Gate = ({ children }: { children: ReactNode }) => (
  <main className="flex h-full flex-col overflow-y-auto">
    <div className="m-auto flex w-full max-w-100 flex-col gap-6 px-4 py-8">
      <p className="flex items-center gap-2 text-title font-semibold">
        <Mark />
        {messages.productMark}
      </p>
      {children}
    </div>
  </main>
);

/** The sign of the product: three shelves. */
export const Mark = () => (
  <svg viewBox="0 0 32 32" aria-hidden="true" className="size-6 shrink-0 text-accent">
    <rect width="32" height="32" rx="7" fill="currentColor" />
    <g stroke="var(--on-accent)" strokeWidth="2" strokeLinecap="round" opacity=".5">
      <path d="M8 11h16M8 17h16M8 23h16" />
    </g>
    <g fill="var(--on-accent)">
      <rect x="10" y="7" width="5" height="4" rx="1" />
      <rect x="17" y="13" width="6" height="4" rx="1" />
      <rect x="11" y="19" width="7" height="4" rx="1" />
    </g>
  </svg>
);
