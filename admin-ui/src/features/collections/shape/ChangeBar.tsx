import { useState } from 'react';
import type { ApiError } from '@/api';
import { Button, Callout, Sheet, useForm } from '@/components';
import { messages } from '@/messages.en';
import type { Change } from './changes';
import type { Problems } from './problems';

const words = messages.fields;
const inSight = 3;

const summaryOf = (error: ApiError, problems: Problems): string => {
  if (Object.keys(problems).length > 0) return words.wrong(Object.keys(problems).length);
  switch (error.kind) {
    case 'offline':
      return messages.settings.offline;
    case 'tooMany':
      return messages.auth.tooMany(error.retryAfter);
    case 'refused':
    case 'signedOut':
    case 'missing':
      return words.refused;
    case 'failed':
      return words.failed;
    case 'invalid':
      return error.message === '' ? words.failed : words.notTaken(error.message);
  }
};

const ChangeList = ({ changes }: { changes: readonly Change[] }) => (
  <ul className="flex flex-col gap-1 p-4">
    {changes.map(({ sign, text }, index) => (
      <li key={index} className="flex gap-2 break-all">
        <span aria-hidden="true" className="w-3 shrink-0 font-mono">
          {sign}
        </span>
        <span className="sr-only">{words.changes.signs[sign]}</span>
        {text}
      </li>
    ))}
  </ul>
);

type SaveProblemProps = { error: ApiError; problems: Problems };

/** Why nothing was saved. */
export const SaveProblem = ({ error, problems }: SaveProblemProps) => {
  const isKnown = Object.keys(problems).length > 0;
  return (
    <Callout tone="danger" detail={isKnown ? undefined : messages.errors.detail(error)}>
      {summaryOf(error, problems)}
    </Callout>
  );
};

type ChangeBarProps = SaveBarState & {
  changes: readonly Change[];
  onSave: () => void;
  onDiscard: () => void;
};

export type SaveBarState = { error: ApiError | null; problems: Problems; isSaving: boolean };

/** The one bar for all that was changed of a collection. */
export const ChangeBar = ({ changes, error, problems, isSaving, onSave, onDiscard }: ChangeBarProps) => {
  const isPhone = useForm() === 'phone';
  const [isListed, setListed] = useState(false);
  const shown = isPhone ? [] : changes.slice(0, inSight);
  return (
    <div className="flex shrink-0 flex-col gap-2 border-t border-line bg-surface px-4 py-2 sm:px-5 lg:px-6">
      {error ? <SaveProblem error={error} problems={problems} /> : null}
      <div className="flex items-center gap-2">
        <p className="me-auto flex min-w-0 items-center gap-2 text-grid">
          <span role="status" className="shrink-0 font-medium">
            {words.changes.count(changes.length)}
          </span>
          {shown.length === 0 ? null : (
            <span className="truncate text-muted">
              {shown.map(({ sign, text }) => `${sign} ${text}`).join(', ')}
            </span>
          )}
        </p>
        {changes.length > shown.length ? (
          <Button look="plain" onClick={() => setListed(true)}>
            {words.changes.review}
          </Button>
        ) : null}
        <Button onClick={onDiscard}>{words.discard}</Button>
        <Button look="accent" busy={isSaving} title={messages.settings.saveShortcut} onClick={onSave}>
          {isSaving ? messages.settings.saving : messages.settings.save}
        </Button>
      </div>
      {isListed ? (
        <Sheet
          title={words.changes.count(changes.length)}
          side={isPhone ? 'bottom' : 'centre'}
          onClose={() => setListed(false)}
        >
          <ChangeList changes={changes} />
        </Sheet>
      ) : null}
    </div>
  );
};
