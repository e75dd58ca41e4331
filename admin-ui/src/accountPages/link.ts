import { isExpired, tokenClaims } from '@/api/token';

const acts = ['confirm-verification', 'confirm-password-reset', 'confirm-email-change'] as const;
export type Act = (typeof acts)[number];

/** What a link is for, read from its fragment alone; the server has the last word on the token. */
export type Link =
  | { kind: 'confirm'; act: Act; target: Target }
  | { kind: 'expired'; act: Act }
  | { kind: 'oauth2'; succeeded: boolean }
  | { kind: 'incomplete' }
  | { kind: 'unknown' };

export type Target = {
  token: string;
  collection: string;
  isSuperuser: boolean;
  /** The address the token speaks of, when it is one: whoever made the link wrote it. */
  email: string | null;
};

const superusers = ['_superusers', 'pbc_3142635823'];
const looksLikeEmail = /^[^\s@<>]{1,64}@[^\s@<>]{1,190}$/;

const readTarget = (act: Act, token: string): Target | null => {
  const claims = tokenClaims(token);
  const collection = claims?.collectionId;
  if (typeof collection !== 'string' || !/^\w+$/.test(collection)) return null;
  const email = act === 'confirm-email-change' ? claims?.newEmail : claims?.email;
  return {
    token,
    collection,
    isSuperuser: superusers.includes(collection),
    email: typeof email === 'string' && looksLikeEmail.test(email) ? email : null,
  };
};

export const parseLink = (fragment: string): Link => {
  const [, name = '', token = ''] = /^#\/auth\/([\w-]+)(?:\/([^/?]*))?/.exec(fragment) ?? [];
  if (name === 'oauth2-redirect-success') return { kind: 'oauth2', succeeded: true };
  if (name === 'oauth2-redirect-failure') return { kind: 'oauth2', succeeded: false };
  const act = acts.find((known) => known === name);
  if (act === undefined) return { kind: 'unknown' };
  const target = readTarget(act, token);
  if (target === null) return { kind: 'incomplete' };
  return isExpired(token) ? { kind: 'expired', act } : { kind: 'confirm', act, target };
};
