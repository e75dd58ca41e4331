// The official client, signed in or not, and the assertions about its errors.

import assert from "node:assert/strict";
import PocketBase, { ClientResponseError } from "pocketbase";
import { SUPERUSER } from "./server.mjs";

/** A client nobody is signed in to. */
export function guest(server) {
  const client = new PocketBase(server.url);
  // Tests send requests side by side on purpose.
  client.autoCancellation(false);
  return client;
}

/** A client signed in as the superuser that `startServer` created. */
export async function superuser(server) {
  const client = guest(server);
  await client.collection("_superusers").authWithPassword(SUPERUSER.email, SUPERUSER.password);
  return client;
}

/**
 * Asserts that `promise` is refused with `status` and exactly the validation codes of `codes`, and returns the error.
 *
 * @param {Record<string, string>} codes field name (dots for nesting) to code
 */
export async function refused(promise, status, codes = {}) {
  const error = await promise.then(
    (value) => assert.fail(`expected a ${status}, got ${JSON.stringify(value)}`),
    (reason) => reason,
  );
  assert.ok(error instanceof ClientResponseError, String(error));
  assert.equal(error.status, status, JSON.stringify(error.response));
  assert.equal(error.response.status, status);
  assert.equal(typeof error.response.message, "string");
  assert.deepEqual(Object.fromEntries(flatCodes(error.response.data)), codes);
  return error;
}

/** `{a: {b: {code}}}` as pairs `["a.b", code]`. */
export function flatCodes(data, prefix = "") {
  return Object.entries(data).flatMap(([key, item]) =>
    typeof item.code === "string" ? [[prefix + key, item.code]] : flatCodes(item, `${prefix}${key}.`),
  );
}
