import { useBlocker } from '@tanstack/react-router';
import { ConfirmSheet } from './ConfirmSheet';

type UnsavedGuardProps = {
  /** Whether leaving would lose something at this moment. */
  isDirty: () => boolean;
  words: { title: string; body: string; stay: string; discard: string };
};

/** Asks before another page takes the place of one with unsaved work. A session that ended leads away in any case. */
export const UnsavedGuard = ({ isDirty, words }: UnsavedGuardProps) => {
  const blocker = useBlocker({
    // What is kept in the query of the address changes the list beside the work, not the work.
    shouldBlockFn: ({ current, next }) =>
      isDirty() && next.pathname !== '/login' && next.pathname !== current.pathname,
    enableBeforeUnload: isDirty,
    withResolver: true,
  });
  if (blocker.status !== 'blocked') return null;
  return (
    <ConfirmSheet
      title={words.title}
      cancel={words.stay}
      act={words.discard}
      onCancel={blocker.reset}
      onConfirm={blocker.proceed}
    >
      <p className="break-words">{words.body}</p>
    </ConfirmSheet>
  );
};
