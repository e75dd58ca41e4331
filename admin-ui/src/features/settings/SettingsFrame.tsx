import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { toApiError, type Settings } from '@/api';
import { ErrorState, useTitle } from '@/components';
import { messages } from '@/messages.en';
import { useSettings } from './useSettings';

const words = messages.settings;

const pages = [
  { to: '/settings/mail', label: words.mail.title },
  { to: '/settings/limits', label: words.limits.title },
  { to: '/settings/superusers', label: words.superusers.title },
] as const;

const Tabs = () => (
  <nav aria-label={words.title} className="-ms-3 -mb-px flex overflow-x-auto coarse:-ms-4">
    {pages.map(({ to, label }) => (
      <Link
        key={to}
        to={to}
        activeProps={{ 'aria-current': 'page' }}
        className="flex h-10 shrink-0 items-center border-b-2 border-transparent px-3 text-grid text-muted -outline-offset-2 hover:text-text aria-[current=page]:border-accent aria-[current=page]:font-medium aria-[current=page]:text-text coarse:h-11 coarse:px-4"
      >
        {label}
      </Link>
    ))}
  </nav>
);

const Skeleton = () => (
  <div role="status" aria-label={messages.common.loading} className="appear-late flex flex-col gap-6 p-6">
    {[30, 60, 60, 45].map((width, index) => (
      <span key={index} className="h-8 rounded-control bg-sunken" style={{ width: `${width}%` }} />
    ))}
  </div>
);

type SettingsFrameProps = { title: string; children: (settings: Settings) => ReactNode };

/** What the pages of the settings share: the tabs, and the picture while there is nothing to show. */
export const SettingsFrame = ({ title, children }: SettingsFrameProps) => {
  useTitle(words.pageTitle(title));
  const { data, error, isPending, refetch } = useSettings();
  const body = () => {
    if (isPending) return <Skeleton />;
    if (!data) return <ErrorState error={toApiError(error)} onRetry={() => void refetch()} />;
    return children(data);
  };
  return (
    <div className="flex h-full flex-col">
      <header className="shrink-0 border-b border-line px-4 pt-3 sm:px-5 lg:px-6">
        <h1 className="pb-1 text-page font-semibold">
          <span className="sr-only">{words.pageTitle(title)}</span>
          <span aria-hidden="true">{words.title}</span>
        </h1>
        <Tabs />
      </header>
      {body()}
    </div>
  );
};

/** A part of a page, with its heading. */
export const Section = ({
  title,
  intro,
  children,
}: {
  title: string;
  intro?: string;
  children: ReactNode;
}) => (
  <section className="flex flex-col gap-4 border-b border-line pb-6 last:border-b-0">
    <div className="flex flex-col gap-1">
      <h2 className="text-title font-semibold">{title}</h2>
      {intro === undefined ? null : <p className="max-w-160 text-muted">{intro}</p>}
    </div>
    {children}
  </section>
);
