import { useEffect } from 'react';
import { preferences } from './preferences';

type Shortcuts = Partial<Record<string, () => void>>;

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  target.closest('input, textarea, select, [contenteditable="true"]') !== null;

const sequencePause = 1000;

/**
 * Listens for keys on the whole page: `Escape`, single letters, and sequences such as `g d`.
 * Letters do nothing while a field or a dialog has the focus, or when the person switched them off.
 */
export const useShortcuts = (shortcuts: Shortcuts): void => {
  useEffect(() => {
    let before = { key: '', at: 0 };
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping(event.target) || document.querySelector('dialog[open]') !== null) return;
      if (event.key.length === 1 && !preferences.singleKeys.get()) return;
      const recent = event.timeStamp - before.at < sequencePause ? before.key : '';
      before = { key: event.key, at: event.timeStamp };
      const act = shortcuts[`${recent} ${event.key}`] ?? shortcuts[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [shortcuts]);
};
