// Auth collections: sign-up, sign-in, refresh, the methods on offer, password changes, and what ends a session.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { guest, refused, superuser } from "./client.mjs";
import { startServer } from "./server.mjs";

const PASSWORD = "correct horse";

let server, client;
before(async () => {
  server = await startServer();
  client = await superuser(server);
  await client.collections.create({
    name: "members",
    type: "auth",
    listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "",
    fields: [{ name: "nick", type: "text" }],
    indexes: ["CREATE UNIQUE INDEX `idx_nick` ON `members` (`nick`) WHERE `nick` != ''"],
    passwordAuth: { enabled: true, identityFields: ["email", "nick"] },
    // Without this every sign-in would try to send a mail.
    authAlert: { enabled: false },
  });
});
after(() => server.stop());

let count = 0;
/** Signs a new member up as a guest. */
async function signUp(extra = {}) {
  const email = `member${++count}@example.com`;
  return guest(server).collection("members").create({ email, password: PASSWORD, passwordConfirm: PASSWORD, ...extra });
}

/** A client signed in as `member`. */
async function signIn(member, password = PASSWORD) {
  const session = guest(server);
  const { email } = await client.collection("members").getOne(member.id);
  await session.collection("members").authWithPassword(email, password);
  return session;
}

test("a guest signs up and signs in", async () => {
  const member = await signUp({ nick: "ann" });
  assert.equal(member.verified, false);
  assert.equal(member.emailVisibility, false);
  assert.equal("email" in member, false, "addresses are hidden from others");
  for (const hidden of ["password", "passwordConfirm", "tokenKey"]) assert.equal(hidden in member, false);

  const session = guest(server);
  const { token, record } = await session.collection("members").authWithPassword(`member${count}@example.com`, PASSWORD);
  assert.equal(record.id, member.id);
  assert.equal(record.email, `member${count}@example.com`, "one's own address is shown");
  assert.equal(session.authStore.isValid, true);
  assert.equal(session.authStore.isSuperuser, false);

  const [header, claims] = token.split(".").slice(0, 2).map((part) => JSON.parse(Buffer.from(part, "base64url")));
  assert.deepEqual(header, { alg: "HS256", typ: "JWT" });
  const { exp, ...rest } = claims;
  assert.deepEqual(rest, { id: member.id, collectionId: member.collectionId, type: "auth", refreshable: true });
  assert.ok(exp > Date.now() / 1000 + 431_000 && exp < Date.now() / 1000 + 433_000, "five days");
});

test("sign-up checks", async () => {
  const members = guest(server).collection("members");
  const password = { password: PASSWORD, passwordConfirm: PASSWORD };
  await refused(members.create({}), 400, { password: "validation_required", passwordConfirm: "validation_required" });
  await refused(members.create(password), 400, { email: "validation_required" });
  await refused(members.create({ email: "x", ...password }), 400, { email: "validation_is_email" });
  await refused(members.create({ email: "m@example.com", password: PASSWORD, passwordConfirm: "other one" }), 400, {
    passwordConfirm: "validation_values_mismatch",
  });
  await refused(members.create({ email: "m@example.com", password: "short", passwordConfirm: "short" }), 400, {
    password: "validation_min_text_constraint",
  });
  await refused(members.create({ email: "m@example.com", verified: true, ...password }), 400, {
    verified: "validation_values_mismatch",
  });
  const taken = await signUp();
  const { email } = await client.collection("members").getOne(taken.id);
  await refused(members.create({ email, ...password }), 400, { email: "validation_not_unique" });
});

test("every identity field signs in", async () => {
  const member = await signUp({ nick: "bob" });
  const members = guest(server).collection("members");
  assert.equal((await members.authWithPassword("bob", PASSWORD)).record.id, member.id);
  // The client has no parameter for this one.
  const as = (identityField) =>
    guest(server).send("/api/collections/members/auth-with-password", {
      method: "POST",
      body: { identity: "bob", password: PASSWORD, identityField },
    });
  assert.equal((await as("nick")).record.id, member.id);
  await refused(as("email"), 400);
  await refused(as("id"), 400, { identityField: "validation_in_invalid" });
  await refused(members.authWithPassword("", ""), 400, { identity: "validation_required", password: "validation_required" });
  await refused(members.authWithPassword("bob", "wrong password"), 400);
});

test("methods on offer", async () => {
  const methods = await guest(server).collection("members").listAuthMethods();
  assert.deepEqual(methods.password, { enabled: true, identityFields: ["email", "nick"] });
  assert.deepEqual(methods.oauth2, { enabled: false, providers: [] });
  assert.deepEqual(methods.otp, { enabled: false, duration: 0 });
  assert.deepEqual(methods.mfa, { enabled: false, duration: 0 });
});

test("a session is refreshed, by its own collection only", async () => {
  const member = await signUp();
  const session = await signIn(member);
  const { token, record } = await session.collection("members").authRefresh();
  assert.equal(record.id, member.id);
  assert.equal(session.authStore.token, token);
  assert.equal(session.authStore.isValid, true);

  await refused(guest(server).collection("members").authRefresh(), 401);
  await refused(session.collection("users").authRefresh(), 403);
  session.authStore.save(`${session.authStore.token.slice(0, -4)}AAAA`, member);
  await refused(session.collection("members").authRefresh(), 401);
});

test("password sign-in can be switched off", async () => {
  await client.collections.create({ name: "no_passwords", type: "auth", passwordAuth: { enabled: false } });
  await refused(guest(server).collection("no_passwords").authWithPassword("a@example.com", PASSWORD), 403);
  const methods = await guest(server).collection("no_passwords").listAuthMethods();
  assert.deepEqual(methods.password, { enabled: false, identityFields: [] });
});

test("changing the password needs the old one and ends every session", async () => {
  const member = await signUp();
  const session = await signIn(member);
  const other = await signIn(member);
  const change = (body) => session.collection("members").update(member.id, body);
  const fresh = { password: "battery staple", passwordConfirm: "battery staple" };

  await refused(change(fresh), 400, { oldPassword: "validation_required" });
  await refused(change({ ...fresh, oldPassword: "not it" }), 400, { oldPassword: "validation_invalid_old_password" });
  await refused(change({ ...fresh, passwordConfirm: "typo", oldPassword: PASSWORD }), 400, {
    passwordConfirm: "validation_values_mismatch",
  });
  await refused(change({ oldPassword: PASSWORD }), 400, {
    password: "validation_required",
    passwordConfirm: "validation_required",
  });
  await other.collection("members").authRefresh();

  await change({ ...fresh, oldPassword: PASSWORD });
  await refused(other.collection("members").authRefresh(), 401);
  await refused(session.collection("members").authRefresh(), 401);
  await refused(signIn(member), 400);
  assert.equal((await signIn(member, fresh.password)).authStore.isValid, true);
});

test("members cannot change their address or verify themselves, superusers can", async () => {
  const member = await signUp();
  const session = await signIn(member);
  const own = session.collection("members");
  await refused(own.update(member.id, { email: "new@example.com" }), 400, { email: "validation_values_mismatch" });
  await refused(own.update(member.id, { verified: true }), 400, { verified: "validation_values_mismatch" });
  assert.equal((await own.update(member.id, { nick: "allowed", emailVisibility: true })).nick, "allowed");
  assert.match((await guest(server).collection("members").getOne(member.id)).email, /@example\.com$/);

  const updated = await client.collection("members").update(member.id, { verified: true });
  assert.equal(updated.verified, true);
  await own.authRefresh();
  await client.collection("members").update(member.id, { email: "moved@example.com" });
  await refused(own.authRefresh(), 401);
});

test("a superuser sets a password without the old one", async () => {
  const member = await signUp();
  await refused(client.collection("members").update(member.id, { password: "by superuser" }), 400, {
    passwordConfirm: "validation_required",
  });
  await client.collection("members").update(member.id, { password: "by superuser", passwordConfirm: "by superuser" });
  await signIn(member, "by superuser");
});

test("deleting a member ends the session", async () => {
  const member = await signUp();
  const session = await signIn(member);
  assert.equal(await session.collection("members").delete(member.id), true);
  await refused(session.collection("members").authRefresh(), 401);
});

test("an auth rule of null lets nobody in", async () => {
  await client.collections.create({ name: "nobody", type: "auth", createRule: "", authRule: null });
  await guest(server).collection("nobody").create({ email: "a@example.com", password: PASSWORD, passwordConfirm: PASSWORD });
  await refused(guest(server).collection("nobody").authWithPassword("a@example.com", PASSWORD), 403);
});

test("a new token secret ends the sessions of the collection", async () => {
  const { id } = await client.collections.create({ name: "rotated", type: "auth", createRule: "", authAlert: { enabled: false } });
  await guest(server).collection("rotated").create({ email: "a@example.com", password: PASSWORD, passwordConfirm: PASSWORD });
  const session = guest(server);
  await session.collection("rotated").authWithPassword("a@example.com", PASSWORD);
  await client.collections.update(id, { name: "rotated_2" });
  await session.collection("rotated_2").authRefresh();
  await client.collections.update(id, { authToken: { secret: "x".repeat(40) } });
  await refused(session.collection("rotated_2").authRefresh(), 401);
});
