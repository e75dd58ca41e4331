// Rate limits of signing in, as clients meet them.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createAuthCollection, signIn, signUp } from "./accounts.mjs";
import { guest, refused, superuser } from "./client.mjs";
import { startServer } from "./server.mjs";

/** Longer than any test, so that no window ends in the middle of one. */
const duration = 3600;

let server, client, members;
before(async () => {
  server = await startServer();
  client = await superuser(server);
  members = guest(server).collection("members");
  await createAuthCollection(client, "members", { otp: { enabled: true } });
  await createAuthCollection(client, "strangers", { otp: { enabled: true } });
});
after(() => server?.stop());

/** Saves the rules, which begins all counts anew. */
const limit = (...rules) =>
  client.settings.update({
    rateLimits: { enabled: true, rules: rules.map((rule) => ({ audience: "", duration, maxRequests: 2, ...rule })) },
  });

test("each way of signing in has a count of its own", async () => {
  await limit({ label: "*:auth" });
  for (const _ of [1, 2]) {
    await refused(members.authWithPassword("a@example.com", "wrong password"), 400);
    await refused(members.authWithOTP("unknown", "12345678"), 400);
  }
  await refused(members.authWithPassword("a@example.com", "wrong password"), 429);
  await refused(members.authWithOTP("unknown", "12345678"), 429);
  await refused(guest(server).collection("strangers").authWithPassword("a@example.com", "wrong password"), 400);
  await members.listAuthMethods();
});

test("the rule of a collection goes before the one for all", async () => {
  await limit({ label: "*:requestOTP", maxRequests: 1 }, { label: "members:requestOTP", maxRequests: 3 });
  for (const _ of [1, 2, 3]) await members.requestOTP("a@example.com");
  await refused(members.requestOTP("a@example.com"), 429);
  const strangers = guest(server).collection("strangers");
  await strangers.requestOTP("a@example.com");
  await refused(strangers.requestOTP("a@example.com"), 429);
});

test("rules for guests spare who is signed in, and superusers are never limited", async () => {
  await limit({ label: "members:listAuthMethods", audience: "@guest", maxRequests: 1 });
  const session = await signIn(server, "members", (await signUp(server, "members")).email);
  await members.listAuthMethods();
  await refused(members.listAuthMethods(), 429);
  for (const _ of [1, 2, 3]) await session.collection("members").listAuthMethods();
  await limit({ label: "*:listAuthMethods", maxRequests: 1 });
  for (const _ of [1, 2, 3]) await client.collection("members").listAuthMethods();
});

test("switched off, nothing is counted", async () => {
  await limit({ label: "*:listAuthMethods", maxRequests: 1 });
  await members.listAuthMethods();
  await refused(members.listAuthMethods(), 429);
  await client.settings.update({ rateLimits: { enabled: false } });
  for (const _ of [1, 2, 3]) await members.listAuthMethods();
  assert.equal((await client.settings.getAll()).rateLimits.enabled, false);
});
