// One-time codes by mail.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { codeOf, createAuthCollection, freshEmail, signIn, signUp } from "./accounts.mjs";
import { guest, refused, superuser } from "./client.mjs";
import { startMailServer } from "./mail-server.mjs";
import { startServer } from "./server.mjs";

let mails, server, client;
before(async () => {
  mails = await startMailServer();
  server = await startServer();
  client = await superuser(server);
  await client.settings.update({ smtp: mails.smtp() });
  await createAuthCollection(client, "members", { otp: { enabled: true, duration: 180, length: 6 } });
  await createAuthCollection(client, "strangers", { otp: { enabled: true } });
});
after(async () => {
  await server?.stop();
  await mails?.stop();
});

/** Asks for a code; answers its id and what the mail says. */
async function askFor(email) {
  const { otpId } = await guest(server).collection("members").requestOTP(email);
  const code = codeOf(await mails.nextMail(email));
  // The reference notes where it sent the code after it did, and the code proves nothing of the address until then.
  while ((await client.collection("_otps").getOne(otpId)).sentTo !== email);
  return { otpId, code };
}

test("a code signs in, once", async () => {
  const member = await signUp(server, "members");
  const { otpId, code } = await askFor(member.email);
  assert.match(otpId, /^[a-z0-9]{15}$/);
  assert.match(code, /^\d{6}$/);
  const session = guest(server);
  const { token, record } = await session.collection("members").authWithOTP(otpId, code);
  assert.equal(record.id, member.id);
  assert.equal(record.verified, true, "the mailbox is theirs");
  assert.equal(session.authStore.token, token);
  await session.collection("members").authRefresh();
  await refused(guest(server).collection("members").authWithOTP(otpId, code), 400);
});

test("the first code of an unverified account ends what whoever made it has", async () => {
  const member = await signUp(server, "members");
  const maker = await signIn(server, "members", member.email);
  const { otpId, code } = await askFor(member.email);
  const owner = guest(server);
  await owner.collection("members").authWithOTP(otpId, code);
  await refused(maker.collection("members").authRefresh(), 401);
  await refused(signIn(server, "members", member.email), 400);

  const second = await askFor(member.email);
  await guest(server).collection("members").authWithOTP(second.otpId, second.code);
  await owner.collection("members").authRefresh();
});

test("unknown addresses get an id that fits no code", async () => {
  const members = guest(server).collection("members");
  const { otpId } = await members.requestOTP(freshEmail("nobody"));
  assert.match(otpId, /^[a-z0-9]{15}$/);
  await refused(members.authWithOTP(otpId, "000000"), 400);
});

test("what is refused", async () => {
  const member = await signUp(server, "members");
  const members = guest(server).collection("members");
  await refused(members.requestOTP(""), 400, { email: "validation_required" });
  await refused(members.requestOTP("no address"), 400, { email: "validation_is_email" });
  await refused(members.authWithOTP("", ""), 400, { otpId: "validation_required", password: "validation_required" });
  await refused(members.authWithOTP("x", "1".repeat(72)), 400, { password: "validation_length_out_of_range" });
  const { otpId, code } = await askFor(member.email);
  await refused(guest(server).collection("strangers").authWithOTP(otpId, code), 400);
  await refused(members.authWithOTP(otpId, "0".repeat(8)), 400);
  await members.authWithOTP(otpId, code);
});

test("five wrong codes, then none for a while", async () => {
  const member = await signUp(server, "members");
  const { otpId, code } = await askFor(member.email);
  const members = guest(server).collection("members");
  for (let attempt = 0; attempt < 5; attempt++) await refused(members.authWithOTP(otpId, "0".repeat(8)), 400);
  await refused(members.authWithOTP(otpId, code), 429);
  const other = await signUp(server, "members");
  const theirs = await askFor(other.email);
  await members.authWithOTP(theirs.otpId, theirs.code);
});

test("the eleventh code of an address is the tenth", async () => {
  const member = await signUp(server, "members");
  const ids = [];
  for (let request = 0; request < 10; request++) ids.push((await askFor(member.email)).otpId);
  assert.equal(new Set(ids).size, 10);
  const { otpId } = await guest(server).collection("members").requestOTP(member.email);
  assert.equal(otpId, ids[9]);
});

test("collections without codes", async () => {
  await createAuthCollection(client, "no_codes");
  await refused(guest(server).collection("no_codes").requestOTP("a@example.com"), 403);
  await refused(guest(server).collection("no_codes").authWithOTP("x", "y"), 403);
});
