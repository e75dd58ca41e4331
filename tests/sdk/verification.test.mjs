// Verification of e-mail addresses, by the link in a real mail.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createAuthCollection, freshEmail, signIn, signUp, tokenOf } from "./accounts.mjs";
import { guest, refused, superuser } from "./client.mjs";
import { startMailServer } from "./mail-server.mjs";
import { startServer } from "./server.mjs";

let mails, server, client;
before(async () => {
  mails = await startMailServer();
  server = await startServer();
  client = await superuser(server);
  await client.settings.update({ smtp: mails.smtp(), meta: { appName: "Pantry", appURL: "https://pantry.example.com" } });
  await createAuthCollection(client, "members", { fields: [{ name: "name", type: "text" }] });
  await createAuthCollection(client, "strangers");
});
after(async () => {
  await server?.stop();
  await mails?.stop();
});

async function mailedToken(email) {
  assert.equal(await guest(server).collection("members").requestVerification(email), true);
  return tokenOf(await mails.nextMail(email));
}

test("the link of a mail verifies the address, and the client's own record with it", async () => {
  const member = await signUp(server, "members");
  const session = await signIn(server, "members", member.email);
  assert.equal(session.authStore.record.verified, false);

  assert.equal(await guest(server).collection("members").requestVerification(member.email), true);
  const mail = await mails.nextMail(member.email);
  assert.equal(mail.subject, "Verify your Pantry email");
  assert.ok(mail.links.some((link) => link.startsWith("https://pantry.example.com/_/#/auth/confirm-verification/")), mail.html);

  assert.equal(await session.collection("members").confirmVerification(tokenOf(mail)), true);
  assert.equal(session.authStore.record.verified, true, "the client updates its record by the token's claims");
  assert.equal((await client.collection("members").getOne(member.id)).verified, true);
  await session.collection("members").authRefresh();
});

test("a link works again as long as it is valid", async () => {
  const member = await signUp(server, "members");
  const token = await mailedToken(member.email);
  const members = guest(server).collection("members");
  assert.equal(await members.confirmVerification(token), true);
  assert.equal(await members.confirmVerification(token), true);
});

test("whether there is such an account does not show", async () => {
  const members = guest(server).collection("members");
  assert.equal(await members.requestVerification(freshEmail("nobody")), true);
  const verified = await signUp(server, "members");
  await client.collection("members").update(verified.id, { verified: true });
  assert.equal(await members.requestVerification(verified.email), true);
});

test("what is refused", async () => {
  const member = await signUp(server, "members");
  const token = await mailedToken(member.email);
  const members = guest(server).collection("members");
  await refused(members.requestVerification(""), 400, { email: "validation_required" });
  await refused(members.requestVerification("no address"), 400, { email: "validation_is_email" });
  await refused(members.confirmVerification(""), 400, { token: "validation_required" });
  await refused(members.confirmVerification("x.y.z"), 400, { token: "validation_invalid_token_claims" });
  await refused(members.confirmVerification(`${token.slice(0, -4)}AAAA`), 400, { token: "validation_invalid_token" });
  await refused(guest(server).collection("strangers").confirmVerification(token), 400, { token: "validation_token_collection_mismatch" });
  await refused(guest(server).collection("_superusers").requestVerification(member.email), 400);
  await refused(guest(server).collection("nowhere").requestVerification(member.email), 404);
  assert.equal((await client.collection("members").getOne(member.id)).verified, false);
});

test("a link is void once the address has changed", async () => {
  const member = await signUp(server, "members");
  const token = await mailedToken(member.email);
  await client.collection("members").update(member.id, { email: freshEmail("moved") });
  await refused(guest(server).collection("members").confirmVerification(token), 400, { token: "validation_invalid_token" });
});

test("a template of one's own, with a page of one's own", async () => {
  await createAuthCollection(client, "guests_of_honour", {
    fields: [{ name: "name", type: "text" }],
    verificationTemplate: {
      subject: "Hello {RECORD:name}",
      body: '<p>Hello {RECORD:name}</p><p><a class="btn" href="https://pantry.example.com/verify?token={TOKEN}">Yes, it is me</a></p>',
    },
  });
  const member = await signUp(server, "guests_of_honour", { name: "Ann" });
  await guest(server).collection("guests_of_honour").requestVerification(member.email);
  const mail = await mails.nextMail(member.email);
  assert.equal(mail.subject, "Hello Ann");
  const link = mail.links.find((address) => address.startsWith("https://pantry.example.com/verify"));
  const token = new URL(link).searchParams.get("token");
  assert.equal(await guest(server).collection("guests_of_honour").confirmVerification(token), true);
});
