// Tokens of other accounts for superusers, and what becomes of tokens as they are refreshed.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { claimsOf, createAuthCollection, signIn, signUp } from "./accounts.mjs";
import { guest, refused, superuser } from "./client.mjs";
import { startServer } from "./server.mjs";

let server, client, member;
before(async () => {
  server = await startServer();
  client = await superuser(server);
  await createAuthCollection(client, "members", {
    fields: [{ name: "name", type: "text" }],
    viewRule: "id = @request.auth.id",
    updateRule: "id = @request.auth.id",
  });
  await createAuthCollection(client, "strangers");
  member = await signUp(server, "members", { name: "Ann" });
});
after(() => server?.stop());

const now = () => Math.floor(Date.now() / 1000);

test("a superuser acts as somebody for as long as they say", async () => {
  const as = await client.collection("members").impersonate(member.id, 100);
  assert.equal(as.authStore.isValid, true);
  assert.equal(as.authStore.isSuperuser, false);
  assert.equal(as.authStore.record.email, member.email, "one's own address is shown");
  const { exp, ...claims } = claimsOf(as.authStore.token);
  assert.deepEqual(claims, { id: member.id, collectionId: member.collectionId, type: "auth", refreshable: false });
  assert.ok(exp > now() && exp <= now() + 100, String(exp - now()));
  assert.equal((await as.collection("members").update(member.id, { name: "Changed" })).name, "Changed");
  assert.equal(client.authStore.isSuperuser, true, "the superuser's own client is as before");
});

test("such a token is not renewed", async () => {
  const as = await client.collection("members").impersonate(member.id, 100);
  const { token } = await as.collection("members").authRefresh();
  assert.equal(token, as.authStore.token);
  assert.equal(claimsOf(token).refreshable, false);
});

test("without a duration it lasts as long as the collection's own", async () => {
  const as = await client.collection("members").impersonate(member.id, 0);
  const left = claimsOf(as.authStore.token).exp - now();
  assert.ok(left > 431_000 && left <= 432_000, String(left));
});

test("options reach the answer", async () => {
  const as = await client.collection("members").impersonate(member.id, 100, { fields: "token,record.id,record.collectionName" });
  assert.deepEqual(as.authStore.record, { id: member.id, collectionName: "members" });
});

test("superusers only, and only whom there is", async () => {
  const session = await signIn(server, "members", member.email);
  await refused(guest(server).collection("members").impersonate(member.id, 100), 401);
  await refused(session.collection("members").impersonate(member.id, 100), 403);
  await refused(client.collection("members").impersonate("unknown12345678", 100), 404);
  await refused(client.collection("strangers").impersonate(member.id, 100), 404);
  await refused(client.collection("members").impersonate(member.id, -1), 400, {
    duration: "validation_min_greater_equal_than_required",
  });
});

test("a new password ends impersonations as well", async () => {
  const { id } = await signUp(server, "members");
  const as = await client.collection("members").impersonate(id, 100);
  await client.collection("members").update(id, { password: "battery staple", passwordConfirm: "battery staple" });
  await refused(as.collection("members").authRefresh(), 401);
});

test("a refresh renews a token of one's own", async (t) => {
  const session = await signIn(server, "members", member.email);
  const first = session.authStore.token;
  // Shorter-lived from now on, so that the new token differs whatever the clock says.
  await client.collections.update("members", { authToken: { duration: 1000 } });
  t.after(() => client.collections.update("members", { authToken: { duration: 432_000 } }));
  const { token, record, ...rest } = await session.collection("members").authRefresh({ fields: "token,record.id" });
  assert.deepEqual([record, rest], [{ id: member.id }, {}]);
  assert.ok(claimsOf(token).exp < claimsOf(first).exp);
  assert.equal(claimsOf(token).refreshable, true);
  assert.equal(session.authStore.token, token);
});

test("the auth rule is asked at every sign-in and refresh, and changing it ends every session", async () => {
  await createAuthCollection(client, "invited", { fields: [{ name: "name", type: "text" }], authRule: "name != ''" });
  const { id, email } = await signUp(server, "invited");
  await refused(signIn(server, "invited", email), 403);
  await client.collection("invited").update(id, { name: "Ann" });
  const session = await signIn(server, "invited", email);
  await session.collection("invited").authRefresh();
  await client.collection("invited").update(id, { name: "" });
  await refused(session.collection("invited").authRefresh(), 403);
  // Superusers are not bound by it.
  assert.equal((await client.collection("invited").impersonate(id, 60)).authStore.record.id, id);
  await client.collections.update("invited", { authRule: "" });
  await refused(session.collection("invited").authRefresh(), 401);
});
