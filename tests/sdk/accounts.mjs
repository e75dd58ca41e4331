// Accounts of auth collections, and what their mails hold.

import { guest } from "./client.mjs";

/** The password of every account made here. */
export const PASSWORD = "correct horse";

let count = 0;

/** An address nobody has used. */
export const freshEmail = (name = "member") => `${name}${++count}@example.com`;

/**
 * Makes the auth collection `name`: open to everybody, quiet about new places (each sign-in would send a mail). `options` may change that.
 */
export function createAuthCollection(superuser, name, options = {}) {
  return superuser.collections.create({
    name,
    type: "auth",
    listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "",
    authAlert: { enabled: false },
    ...options,
  });
}

/**
 * Makes an account as a guest would; its address is in the answer even where it is hidden.
 *
 * @returns {Promise<{id: string, email: string, [key: string]: unknown}>}
 */
export async function signUp(server, collection, extra = {}) {
  const email = freshEmail();
  const data = { email, password: PASSWORD, passwordConfirm: PASSWORD, ...extra };
  return { ...(await guest(server).collection(collection).create(data)), email: data.email };
}

/** A client signed in with a password. */
export async function signIn(server, collection, email, password = PASSWORD) {
  const client = guest(server);
  await client.collection(collection).authWithPassword(email, password);
  return client;
}

/** The token in the link of a mail. */
export function tokenOf(mail) {
  for (const link of mail.links) {
    const [token] = link.match(/[\w-]+\.[\w-]+\.[\w-]+$/) ?? [];
    if (token && link.includes("/_/#/auth/confirm-")) return token;
  }
  throw new Error(`no token in ${mail.html}`);
}

/** The one-time code in a mail. */
export function codeOf(mail) {
  const [digits] = mail.text.match(/\b\d{4,}\b/) ?? [];
  if (!digits) throw new Error(`no code in ${mail.text}`);
  return digits;
}

/** The claims of a token, unchecked. */
export const claimsOf = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
