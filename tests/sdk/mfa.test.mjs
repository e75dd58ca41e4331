// Two factors: the first is answered by 401 with an `mfaId`, the second completes it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ClientResponseError } from "pocketbase";
import { PASSWORD, codeOf, createAuthCollection, signIn, signUp } from "./accounts.mjs";
import { guest, refused, superuser } from "./client.mjs";
import { startMailServer } from "./mail-server.mjs";
import { startOAuth2Provider } from "./oauth2-provider.mjs";
import { startServer } from "./server.mjs";

const REDIRECT = "https://app.example.com/back";

let mails, provider, server, client;
before(async () => {
  mails = await startMailServer();
  provider = await startOAuth2Provider();
  server = await startServer();
  client = await superuser(server);
  await client.settings.update({ smtp: mails.smtp() });
  await createAuthCollection(client, "members", {
    fields: [{ name: "careful", type: "bool" }],
    otp: { enabled: true },
    oauth2: { enabled: true, providers: [provider.options()] },
    mfa: { enabled: true, duration: 600, rule: "careful = true" },
  });
});
after(async () => {
  await server?.stop();
  await mails?.stop();
  await provider?.stop();
});

const careful = () => signUp(server, "members", { careful: true });

/** The session that a first factor opens. */
async function mfaIdOf(firstFactor) {
  const error = await firstFactor.then((answer) => assert.fail(`signed in: ${JSON.stringify(answer)}`), (reason) => reason);
  assert.ok(error instanceof ClientResponseError, String(error));
  assert.equal(error.status, 401);
  assert.deepEqual(Object.keys(error.response), ["mfaId"]);
  assert.match(error.response.mfaId, /^[a-z0-9]{15}$/);
  return error.response.mfaId;
}

const withPassword = (session, member, options) => session.collection("members").authWithPassword(member.email, PASSWORD, options);

async function withCode(session, member, options) {
  const { otpId } = await session.collection("members").requestOTP(member.email);
  return session.collection("members").authWithOTP(otpId, codeOf(await mails.nextMail(member.email)), options);
}

async function withProvider(session, user, options) {
  const { oauth2 } = await session.collection("members").listAuthMethods();
  const { authURL, codeVerifier } = oauth2.providers[0];
  const { code } = provider.signIn(authURL, REDIRECT, user);
  return session.collection("members").authWithOAuth2Code("oidc", code, codeVerifier, REDIRECT, {}, options);
}

test("a password, then a code, with the session in the query", async () => {
  const member = await careful();
  const session = guest(server);
  const mfaId = await mfaIdOf(withPassword(session, member));
  assert.equal(session.authStore.isValid, false);
  // Options that the client does not know go into the query.
  const { record } = await withCode(session, member, { mfaId });
  assert.equal(record.id, member.id);
  assert.equal(session.authStore.isValid, true);
  await session.collection("members").authRefresh();
});

test("a code, then a password, with the session in the body", async () => {
  const member = await careful();
  const session = guest(server);
  const mfaId = await mfaIdOf(withCode(session, member));
  const { record } = await withPassword(session, member, { body: { identity: member.email, password: PASSWORD, mfaId } });
  assert.equal(record.id, member.id);
  await session.collection("members").authRefresh();
});

test("a password and a provider, in both orders", async () => {
  const member = await careful();
  await client.collection("members").update(member.id, { verified: true });
  const user = { sub: member.id, email: member.email, email_verified: true };
  const session = guest(server);
  const first = await mfaIdOf(withPassword(session, member));
  assert.equal((await withProvider(session, user, { mfaId: first })).record.id, member.id);

  const again = guest(server);
  const second = await mfaIdOf(withProvider(again, user));
  assert.equal((await withPassword(again, member, { mfaId: second })).record.id, member.id);
});

test("a session is for one sign-in of one account with another method", async () => {
  const [member, other] = [await careful(), await careful()];
  const session = guest(server);
  const mfaId = await mfaIdOf(withPassword(session, member));
  await refused(withPassword(session, member, { mfaId }), 400);
  await refused(withCode(session, other, { mfaId }), 400);
  await refused(withCode(session, member, { mfaId: "unknown12345678" }), 400);
  await withCode(session, member, { mfaId });
  await refused(withCode(session, member, { mfaId }), 400);
});

test("the rule says for whom", async () => {
  const easygoing = await signUp(server, "members", { careful: false });
  await signIn(server, "members", easygoing.email);
  const member = await careful();
  const mfaId = await mfaIdOf(withPassword(guest(server), member));
  await client.collection("members").update(member.id, { careful: false });
  const { record } = await withCode(guest(server), member, { mfaId });
  assert.equal(record.id, member.id);
});

test("a new password ends sessions that are half done", async () => {
  const member = await careful();
  const mfaId = await mfaIdOf(withPassword(guest(server), member));
  const password = { password: "battery staple", passwordConfirm: "battery staple" };
  await client.collection("members").update(member.id, password);
  await refused(withCode(guest(server), member, { mfaId }), 400);
});

test("a refresh and an impersonation ask for no second factor", async () => {
  const member = await careful();
  const session = guest(server);
  const mfaId = await mfaIdOf(withPassword(session, member));
  await withCode(session, member, { mfaId });
  await session.collection("members").authRefresh();
  const impersonated = await client.collection("members").impersonate(member.id, 60);
  assert.equal(impersonated.authStore.record.id, member.id);
});

test("it takes two methods", async () => {
  const options = { name: "one_method", type: "auth", mfa: { enabled: true } };
  await refused(client.collections.create(options), 400, { "mfa.enabled": "validation_mfa_not_enough_auths" });
});
