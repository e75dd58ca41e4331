// A new e-mail address, confirmed by the link in a mail to it and the password.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PASSWORD, createAuthCollection, freshEmail, signIn, signUp, tokenOf } from "./accounts.mjs";
import { guest, refused, superuser } from "./client.mjs";
import { startMailServer } from "./mail-server.mjs";
import { startServer } from "./server.mjs";

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

/** A member, their client, the address they want and the token sent there. */
async function underway() {
  const member = await signUp(server, "members");
  const session = await signIn(server, "members", member.email);
  const newEmail = freshEmail("new");
  assert.equal(await session.collection("members").requestEmailChange(newEmail), true);
  return { member, session, newEmail, token: tokenOf(await mails.nextMail(newEmail)) };
}

/** Asserts that a confirmation is refused because of its token; the reference finds fault with the password as well. */
async function refusedToken(confirmation, code) {
  const { status, response } = await confirmation.then(() => ({ status: 204 }), (error) => error);
  assert.equal(status, 400);
  assert.equal(response.data.token?.code, code);
}

const confirm = (token, password = PASSWORD, collection = "members") =>
  guest(server).collection(collection).confirmEmailChange(token, password);

test("the address changes, is verified, and every session ends", async () => {
  const { member, session, newEmail, token } = await underway();
  assert.equal(await session.collection("members").confirmEmailChange(token, PASSWORD), true);
  assert.equal(session.authStore.isValid, false, "the client forgets its session by the token's claims");
  const changed = await client.collection("members").getOne(member.id);
  assert.equal(changed.email, newEmail);
  assert.equal(changed.verified, true);
  await refused(signIn(server, "members", member.email), 400);
  await signIn(server, "members", newEmail);
  await refusedToken(confirm(token), "validation_invalid_token");
});

test("what cannot be asked for", async () => {
  const member = await signUp(server, "members");
  const other = await signUp(server, "members");
  const session = await signIn(server, "members", member.email);
  const ask = (newEmail) => session.collection("members").requestEmailChange(newEmail);
  await refused(ask(""), 400, { newEmail: "validation_required" });
  await refused(ask("no address"), 400, { newEmail: "validation_is_email" });
  await refused(ask(member.email), 400, { newEmail: "validation_not_in_invalid" });
  await refused(ask(other.email), 400, { newEmail: "validation_invalid_new_email" });
  await refused(guest(server).collection("members").requestEmailChange(freshEmail()), 401);
  await refused(session.collection("strangers").requestEmailChange(freshEmail()), 403);
  await refused(client.collection("_superusers").requestEmailChange(freshEmail()), 400);
});

test("what does not confirm", async () => {
  const { member, session, token } = await underway();
  await refused(confirm("", ""), 400, { token: "validation_required", password: "validation_required" });
  await refusedToken(confirm("x.y.z"), "validation_invalid_token_payload");
  await refused(confirm(token, "wrong password"), 400, { password: "validation_invalid_password" });
  await refusedToken(confirm(token, PASSWORD, "strangers"), "validation_token_collection_mismatch");
  await refusedToken(confirm(session.authStore.token), "validation_invalid_token_payload");
  assert.equal((await client.collection("members").getOne(member.id)).email, member.email);
  await session.collection("members").authRefresh();
});

test("an address somebody else took meanwhile", async () => {
  const { newEmail, token } = await underway();
  await signUp(server, "members", { email: newEmail });
  await refusedToken(confirm(token), "validation_invalid_token_email");
});

test("a mail that cannot be sent is told", async (t) => {
  const member = await signUp(server, "members");
  const session = await signIn(server, "members", member.email);
  await client.settings.update({ smtp: { ...mails.smtp("tls", "PLAIN"), password: "not this one" } });
  t.after(() => client.settings.update({ smtp: mails.smtp() }));
  await refused(session.collection("members").requestEmailChange(freshEmail("new")), 400);
});
