import type { AuthAnswer } from './types';

export type Session = { token: string; email: string };

/** Why nobody is signed in: `expired` keeps the route, so that signing in again leads back to it. */
export type SignedOutReason = 'never' | 'signedOut' | 'expired';

const storageKey = 'larder.session';

const load = (): Session | null => {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(storageKey) ?? 'null');
    if (typeof stored !== 'object' || stored === null || !('token' in stored) || !('email' in stored))
      return null;
    const { token, email } = stored;
    return typeof token === 'string' && typeof email === 'string' ? { token, email } : null;
  } catch {
    return null;
  }
};

let current = load();
let reason: SignedOutReason = 'never';
const listeners = new Set<() => void>();

const change = (next: Session | null) => {
  current = next;
  for (const listener of listeners) listener();
};

const save = (next: Session | null) => {
  try {
    if (next) localStorage.setItem(storageKey, JSON.stringify(next));
    else localStorage.removeItem(storageKey);
  } catch {
    // Storage can be switched off; the session then lasts as long as the page.
  }
  change(next);
};

// Another tab signed in or out.
window.addEventListener('storage', (event) => {
  if (event.key !== storageKey && event.key !== null) return;
  reason = 'signedOut';
  change(load());
});

/** Who is signed in, kept in the browser until sign-out or until the server no longer accepts the token. */
export const session = {
  get: (): Session | null => current,
  reason: (): SignedOutReason => reason,
  start: ({ token, record }: AuthAnswer) => save({ token, email: record.email }),
  end: () => {
    reason = 'signedOut';
    save(null);
  },
  expire: () => {
    if (!current) return;
    reason = 'expired';
    save(null);
  },
  subscribe: (listener: () => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};
