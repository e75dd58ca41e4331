import type { ReactNode } from 'react';
import type { ApiError, ErrorKind } from '@/api';
import { messages } from '@/messages.en';
import { Button } from './Button';
import { Icon, type IconName } from './icons';

export type StatePicture = 'empty' | 'noMatch' | 'refused' | 'failed' | 'offline' | 'missing';

const pictures: Record<StatePicture, { icon: IconName; mark: string }> = {
  empty: { icon: 'base', mark: 'bg-sunken text-muted' },
  noMatch: { icon: 'search', mark: 'bg-sunken text-muted' },
  missing: { icon: 'search', mark: 'bg-sunken text-muted' },
  refused: { icon: 'lock', mark: 'bg-warn-soft text-warn' },
  failed: { icon: 'warning', mark: 'bg-danger-soft text-danger' },
  offline: { icon: 'unplugged', mark: 'bg-danger-soft text-danger' },
};

type StateViewProps = {
  picture: StatePicture;
  title: string;
  body?: string;
  /** The one act that leads on, and what goes with it. */
  children?: ReactNode;
  detail?: string;
  /** Where it stands for the whole screen, its title is the title of the screen. */
  heading?: 'h1' | 'h2' | 'h3';
};

/** What a screen shows in place of data. Each picture has its own sign and its own words. */
export const StateView = ({
  picture,
  title,
  body,
  children,
  detail,
  heading: Heading = 'h2',
}: StateViewProps) => {
  const { icon, mark } = pictures[picture];
  const bad = picture === 'failed' || picture === 'offline' || picture === 'refused';
  return (
    <div
      role={bad ? 'alert' : undefined}
      data-state={picture}
      className="mx-auto flex w-full max-w-xl flex-col items-center gap-3 px-4 py-12 text-center"
    >
      <span className={`flex size-10 items-center justify-center rounded-panel ${mark}`}>
        <Icon name={icon} className="size-5" />
      </span>
      <Heading className="text-title font-semibold break-words">{title}</Heading>
      {body === undefined ? null : <p className="max-w-md text-muted break-words">{body}</p>}
      {children}
      {detail === undefined ? null : (
        <details className="text-meta text-muted">
          <summary className="inline-flex h-6 items-center gap-1 rounded-control px-1">
            {messages.common.details}
          </summary>
          <code className="font-mono break-all">{detail}</code>
        </details>
      )}
    </div>
  );
};

const pictureOf = (kind: ErrorKind): 'refused' | 'offline' | 'failed' => {
  if (kind === 'refused' || kind === 'signedOut') return 'refused';
  return kind === 'offline' ? 'offline' : 'failed';
};

type ErrorStateProps = { error: ApiError; onRetry: () => void; heading?: 'h1' | 'h2' };

/** The picture of an answer that did not come, with a way to ask again. */
export const ErrorState = ({ error, onRetry, heading = 'h2' }: ErrorStateProps) => {
  const picture = pictureOf(error.kind);
  const words = error.kind === 'tooMany' ? messages.errors.tooMany : messages.errors[picture];
  return (
    <StateView heading={heading} picture={picture} {...words} detail={messages.errors.detail(error)}>
      <Button onClick={onRetry}>{messages.common.retry}</Button>
    </StateView>
  );
};
