import { command } from './http';

// What links in mails confirm. The token is the whole authority, so no call carries a session.

const call = (collection: string, act: string, body: Record<string, string>) =>
  command(`collections/${encodeURIComponent(collection)}/${act}`, { body, auth: null });

export const confirm = {
  verification: (collection: string, token: string) => call(collection, 'confirm-verification', { token }),

  passwordReset: (collection: string, token: string, password: string, passwordConfirm: string) =>
    call(collection, 'confirm-password-reset', { token, password, passwordConfirm }),

  emailChange: (collection: string, token: string, password: string) =>
    call(collection, 'confirm-email-change', { token, password }),
};
