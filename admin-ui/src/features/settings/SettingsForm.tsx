import { useBlocker } from '@tanstack/react-router';
import { useEffect, useId, useRef, type ReactNode } from 'react';
import { type ApiError } from '@/api';
import { Button, Callout, ConfirmSheet } from '@/components';
import { messages } from '@/messages.en';

const words = messages.settings;

const summaryOf = (error: ApiError): string => {
  if (Object.keys(error.fields).length > 0) return words.fieldsWrong(Object.keys(error.fields).length);
  switch (error.kind) {
    case 'offline':
      return words.offline;
    case 'tooMany':
      return messages.auth.tooMany(error.retryAfter);
    case 'refused':
    case 'signedOut':
    case 'missing':
      return words.refused;
    case 'failed':
    case 'invalid':
      return words.failed;
  }
};

type SettingsFormProps = {
  /** How many settings differ from what is stored. */
  changes: number;
  isSaving: boolean;
  /** Why the last save failed; null when it did not. */
  error: ApiError | null;
  /** Changes with every failed attempt, so that the focus moves to what is wrong. */
  attempt: number;
  onSave: () => void;
  onUndo: () => void;
  children: ReactNode;
  /** What stands below the form and is sent on its own. */
  below?: ReactNode;
};

/** A page of settings with its one change bar, which is there only while something differs. */
export const SettingsForm = (props: SettingsFormProps) => {
  const { changes, isSaving, error, attempt, onSave, onUndo, children, below } = props;
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const blocker = useBlocker({
    // A session that ended leads to the sign-in in any case.
    shouldBlockFn: ({ next }) => changes > 0 && next.pathname !== '/login',
    enableBeforeUnload: changes > 0,
    withResolver: true,
  });

  useEffect(() => {
    if (attempt > 0) form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  }, [attempt]);

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 's') return;
      event.preventDefault();
      if (document.querySelector('dialog[open]') === null) form.current?.requestSubmit();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);

  return (
    <>
      <div className="min-h-0 flex-1 scroll-pb-24 overflow-y-auto">
        <div className="flex w-full max-w-232 flex-col gap-6 p-4 sm:p-5 lg:p-6">
          <form
            id={id}
            ref={form}
            noValidate
            onSubmit={(event) => {
              event.preventDefault();
              if (changes > 0 && !isSaving) onSave();
            }}
            className="flex flex-col gap-6"
          >
            {children}
          </form>
          {below}
        </div>
      </div>
      {changes > 0 ? (
        <div className="flex shrink-0 flex-col gap-2 border-t border-line bg-surface px-4 py-2 sm:px-5 lg:px-6">
          {error ? (
            <Callout
              tone="danger"
              detail={Object.keys(error.fields).length > 0 ? undefined : messages.errors.detail(error)}
            >
              {summaryOf(error)}
            </Callout>
          ) : null}
          <div className="flex items-center gap-2">
            <span role="status" className="me-auto text-grid text-muted">
              {words.changes(changes)}
            </span>
            <Button onClick={onUndo}>{words.undo}</Button>
            <Button type="submit" form={id} look="accent" busy={isSaving} title={words.saveShortcut}>
              {isSaving ? words.saving : words.save}
            </Button>
          </div>
        </div>
      ) : null}
      {blocker.status === 'blocked' ? (
        <ConfirmSheet
          title={words.leave.title}
          cancel={words.leave.stay}
          act={words.leave.discard(changes)}
          onCancel={blocker.reset}
          onConfirm={blocker.proceed}
        >
          <p>{words.leave.body(changes)}</p>
        </ConfirmSheet>
      ) : null}
    </>
  );
};
