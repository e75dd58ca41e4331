// A forgotten password, replaced by the link in a real mail.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PASSWORD, createAuthCollection, freshEmail, signIn, signUp, tokenOf } from "./accounts.mjs";
import { guest, refused, superuser } from "./client.mjs";
import { startMailServer } from "./mail-server.mjs";
import { SUPERUSER, startServer } from "./server.mjs";

const NEW_PASSWORD = "battery staple";

let mails, server, client;
before(async () => {
  mails = await startMailServer();
  server = await startServer();
  client = await superuser(server);
  await client.settings.update({ smtp: mails.smtp() });
  await createAuthCollection(client, "members");
  await createAuthCollection(client, "strangers");
});
after(async () => {
  await server?.stop();
  await mails?.stop();
});

const reset = (token, password = NEW_PASSWORD, again = password, collection = "members") =>
  guest(server).collection(collection).confirmPasswordReset(token, password, again);

async function mailedToken(email, collection = "members") {
  assert.equal(await guest(server).collection(collection).requestPasswordReset(email), true);
  return tokenOf(await mails.nextMail(email));
}

test("a new password by mail ends every session and verifies the address", async () => {
  const member = await signUp(server, "members");
  const session = await signIn(server, "members", member.email);
  const token = await mailedToken(member.email);
  await session.collection("members").authRefresh();

  assert.equal(await reset(token), true);
  await refused(session.collection("members").authRefresh(), 401);
  await refused(signIn(server, "members", member.email), 400);
  const { authStore } = await signIn(server, "members", member.email, NEW_PASSWORD);
  assert.equal(authStore.record.verified, true);
  await refused(reset(token, "third password"), 400, { token: "validation_invalid_token" });
});

test("what is refused changes nothing", async () => {
  const member = await signUp(server, "members");
  const token = await mailedToken(member.email);
  await refused(reset("", ""), 400, {
    token: "validation_required",
    password: "validation_required",
    passwordConfirm: "validation_required",
  });
  await refused(reset("x.y.z"), 400, { token: "validation_invalid_token" });
  await refused(reset(token, "short"), 400, { password: "validation_length_out_of_range" });
  await refused(reset(token, NEW_PASSWORD, "another one"), 400, { passwordConfirm: "validation_values_mismatch" });
  await refused(reset(token, NEW_PASSWORD, NEW_PASSWORD, "strangers"), 400, { token: "validation_token_collection_mismatch" });
  const session = await signIn(server, "members", member.email);
  await refused(reset(session.authStore.token), 400, { token: "validation_invalid_token" });
  assert.equal(await reset(token), true);
});

test("a password changed meanwhile voids the link", async () => {
  const member = await signUp(server, "members");
  const token = await mailedToken(member.email);
  const session = await signIn(server, "members", member.email);
  const change = { oldPassword: PASSWORD, password: NEW_PASSWORD, passwordConfirm: NEW_PASSWORD };
  await session.collection("members").update(member.id, change);
  await refused(reset(token, "third password"), 400, { token: "validation_invalid_token" });
});

test("whether there is such an account does not show", async () => {
  const members = guest(server).collection("members");
  assert.equal(await members.requestPasswordReset(freshEmail("nobody")), true);
  await refused(members.requestPasswordReset(""), 400, { email: "validation_required" });
  await refused(members.requestPasswordReset("no address"), 400, { email: "validation_is_email" });
});

test("collections without passwords have none to reset", async () => {
  await createAuthCollection(client, "no_passwords", { passwordAuth: { enabled: false }, otp: { enabled: true } });
  await refused(guest(server).collection("no_passwords").requestPasswordReset("a@example.com"), 400);
});

test("superusers reset theirs as well", async () => {
  const email = freshEmail("root");
  await client.collection("_superusers").create({ email, password: PASSWORD, passwordConfirm: PASSWORD });
  const token = await mailedToken(email, "_superusers");
  assert.equal(await reset(token, NEW_PASSWORD, NEW_PASSWORD, "_superusers"), true);
  assert.equal((await signIn(server, "_superusers", email, NEW_PASSWORD)).authStore.isSuperuser, true);
  await signIn(server, "_superusers", SUPERUSER.email, SUPERUSER.password);
});
