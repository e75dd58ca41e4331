// Signing in through other services, with the code flow of an app that has a page of its own to come back to.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { PASSWORD, createAuthCollection, freshEmail, signIn, signUp } from "./accounts.mjs";
import { guest, refused, superuser } from "./client.mjs";
import { startOAuth2Provider } from "./oauth2-provider.mjs";
import { startServer } from "./server.mjs";

const REDIRECT = "https://app.example.com/back?from=a b&to=ü";

let provider, server, client;
before(async () => {
  provider = await startOAuth2Provider();
  server = await startServer();
  client = await superuser(server);
  await createAuthCollection(client, "teams", {});
  const teams = await client.collections.getOne("teams");
  await createAuthCollection(client, "members", {
    fields: [
      { name: "email", type: "email", required: false },
      { name: "name", type: "text" },
      { name: "handle", type: "text", pattern: "^[a-z]*$" },
      { name: "photo", type: "url" },
      { name: "team", type: "relation", collectionId: teams.id, maxSelect: 1 },
    ],
    oauth2: {
      enabled: true,
      providers: [
        provider.options("oidc", { displayName: "Pantry ID" }),
        provider.options("oidc2", { pkce: false }),
      ],
      mappedFields: { name: "name", username: "handle", avatarURL: "photo" },
    },
  });
});
after(async () => {
  await server?.stop();
  await provider?.stop();
});

let count = 0;
/** A user of the provider with a verified address. */
function person(more = {}) {
  const sub = `user-${++count}`;
  return { sub, email: freshEmail("person"), email_verified: true, name: `Name of ${sub}`, preferred_username: "ann", ...more };
}

/** What `auth-methods` says of a provider. */
async function methodOf(name, session = guest(server)) {
  const { oauth2 } = await session.collection("members").listAuthMethods();
  return oauth2.providers.find((listed) => listed.name === name);
}

/** Signs in as an app does: the method, the provider's page, the code brought back. */
async function withProvider(user, { session = guest(server), name = "oidc", createData, options } = {}) {
  const { authURL, codeVerifier, state } = await methodOf(name, session);
  const back = provider.signIn(authURL, REDIRECT, user);
  assert.equal(back.state, state);
  return session.collection("members").authWithOAuth2Code(name, back.code, codeVerifier, REDIRECT, createData, options);
}

test("providers are listed with fresh secrets of the client, and with the keys old clients read", async () => {
  // The client asks for the keys it knows, unless told otherwise.
  const methods = await guest(server).collection("members").listAuthMethods({ fields: "*" });
  assert.equal(methods.oauth2.enabled, true);
  assert.deepEqual(methods.oauth2.providers.map(({ name, displayName }) => [name, displayName]), [["oidc", "Pantry ID"], ["oidc2", "OIDC"]]);
  const [withPkce, without] = methods.oauth2.providers;
  assert.ok(withPkce.authURL.endsWith("&redirect_uri="), withPkce.authURL);
  assert.equal(withPkce.authUrl, withPkce.authURL);
  assert.match(withPkce.state, /^\w{30}$/);
  assert.match(withPkce.codeVerifier, /^\w{43}$/);
  assert.equal(withPkce.codeChallengeMethod, "S256");
  assert.equal(withPkce.codeChallenge, createHash("sha256").update(withPkce.codeVerifier).digest("base64url"));
  const query = new URL(withPkce.authURL).searchParams;
  assert.equal(query.get("state"), withPkce.state);
  assert.equal(query.get("code_challenge"), withPkce.codeChallenge);
  assert.equal(query.get("scope"), "openid email profile");
  for (const key of ["codeVerifier", "codeChallenge", "codeChallengeMethod"]) assert.equal(without[key], "", key);
  assert.equal(JSON.stringify(methods).includes("a secret & more"), false);

  assert.deepEqual(methods.authProviders.map(({ name, logo }) => [name, logo]), [["oidc", ""], ["oidc2", ""]]);
  assert.equal(methods.emailPassword, true);
  assert.equal(methods.usernamePassword, false);
  const again = await methodOf("oidc");
  assert.notEqual(again.state, withPkce.state);
  assert.notEqual(again.codeVerifier, withPkce.codeVerifier);
});

test("a new user gets an account, and finds it again", async () => {
  const ann = person({ picture: "https://example.com/ann.png" });
  const session = guest(server);
  const { record, token, meta } = await withProvider(ann, { session });
  assert.equal(session.authStore.token, token);
  assert.equal(record.email, ann.email);
  assert.equal(record.verified, true);
  assert.deepEqual([record.name, record.handle, record.photo], [ann.name, "ann", "https://example.com/ann.png"]);
  assert.deepEqual([meta.id, meta.isNew, meta.email, meta.username], [ann.sub, true, ann.email, "ann"]);
  assert.deepEqual([meta.avatarURL, meta.avatarUrl], [record.photo, record.photo]);
  assert.equal(meta.rawUser.preferred_username, "ann");
  for (const key of ["accessToken", "refreshToken"]) assert.match(meta[key], /^[\w-]{36}$/);
  assert.match(meta.expiry, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z$/);

  // The id at the provider counts, not the address of today.
  const later = await withProvider({ ...ann, email: freshEmail("moved"), name: "New name" });
  assert.equal(later.record.id, record.id);
  assert.equal(later.meta.isNew, false);
  assert.deepEqual([later.record.email, later.record.name], [ann.email, ann.name]);
  await session.collection("members").authRefresh();
});

test("without PKCE", async () => {
  const { record } = await withProvider(person(), { name: "oidc2" });
  assert.equal(record.verified, true);
});

test("what the app wants of a new account", async () => {
  const team = await signUp(server, "teams");
  const createData = { name: "Chosen", team: team.id };
  const { record } = await withProvider(person({ preferred_username: "Not a handle" }), {
    createData,
    options: { expand: "team", fields: "token,meta.isNew,record.id,record.name,record.handle,record.expand.team.id" },
  });
  assert.deepEqual(record, { id: record.id, name: "Chosen", handle: "", expand: { team: { id: team.id } } });

  const bad = withProvider(person(), { createData: { team: "unknown12345678" } });
  await refused(bad, 400, { team: "validation_missing_rel_records" });
  // The data is for new accounts only.
  const ann = person();
  await withProvider(ann);
  assert.equal((await withProvider(ann, { createData: { name: "Changed" } })).record.name, ann.name);
});

test("an address that the provider does not vouch for is not taken", async () => {
  const owner = await signUp(server, "members");
  const { record, meta } = await withProvider(person({ email: owner.email, email_verified: false }));
  assert.notEqual(record.id, owner.id);
  assert.deepEqual([record.email, meta.email, meta.isNew], ["", "", true]);
});

test("an account with the same verified address is the same person", async () => {
  const owner = await signUp(server, "members");
  await client.collection("members").update(owner.id, { verified: true });
  const session = await signIn(server, "members", owner.email);
  const { record, meta } = await withProvider(person({ email: owner.email }));
  assert.deepEqual([record.id, meta.isNew], [owner.id, false]);
  await session.collection("members").authRefresh();
  await signIn(server, "members", owner.email);
});

test("an unverified account with the address is taken from whoever made it", async () => {
  const victim = freshEmail("victim");
  const made = await signUp(server, "members", { email: victim });
  let attacker = await signIn(server, "members", victim);
  const attackersOwn = person({ email: "", email_verified: false });
  await withProvider(attackersOwn, { session: attacker, name: "oidc2" });
  attacker = await signIn(server, "members", victim);

  const { record } = await withProvider(person({ email: victim }));
  assert.deepEqual([record.id, record.verified], [made.id, true]);
  await refused(attacker.collection("members").authRefresh(), 401);
  await refused(signIn(server, "members", victim), 400);
  const elsewhere = await withProvider(attackersOwn, { name: "oidc2" });
  assert.notEqual(elsewhere.record.id, made.id);
});

test("an address in the data for a new account is not verified by another one's provider", async () => {
  const victim = freshEmail("victim");
  const createData = { email: victim, password: PASSWORD, passwordConfirm: PASSWORD };
  const attackersOwn = person();
  const attacker = guest(server);
  const made = await withProvider(attackersOwn, { session: attacker, name: "oidc2", createData });
  assert.deepEqual([made.record.email, made.record.verified], [victim, false]);

  const { record } = await withProvider(person({ email: victim }));
  assert.deepEqual([record.id, record.verified], [made.record.id, true]);
  await refused(attacker.collection("members").authRefresh(), 401);
  await refused(signIn(server, "members", victim), 400);
  assert.notEqual((await withProvider(attackersOwn, { name: "oidc2" })).record.id, made.record.id);
});

test("somebody signed in links a provider, lists and removes the link", async () => {
  const member = await signUp(server, "members");
  await client.collection("members").update(member.id, { verified: true });
  const session = await signIn(server, "members", member.email);
  const [first, second] = [person(), person()];
  for (const [name, user] of [["oidc", first], ["oidc2", second]]) {
    const { record } = await withProvider(user, { session, name });
    assert.deepEqual([record.id, record.email], [member.id, member.email], "the address need not match");
  }
  const links = await session.collection("members").listExternalAuths(member.id);
  assert.deepEqual(links.map((link) => [link.provider, link.providerId]).sort(), [["oidc", first.sub], ["oidc2", second.sub]]);
  assert.ok(links.every((link) => link.recordRef === member.id && link.collectionRef === member.collectionId));

  // Nobody else sees or removes them.
  const stranger = await signIn(server, "members", (await signUp(server, "members")).email);
  assert.deepEqual(await stranger.collection("members").listExternalAuths(member.id), []);
  await refused(stranger.collection("_externalAuths").delete(links[0].id), 404);
  await refused(stranger.collection("_externalAuths").create({ ...links[0], id: "", recordRef: stranger.authStore.record.id }), 403);

  assert.equal(await session.collection("members").unlinkExternalAuth(member.id, "oidc"), true);
  assert.deepEqual((await session.collection("members").listExternalAuths(member.id)).map((link) => link.provider), ["oidc2"]);
  assert.notEqual((await withProvider(first)).record.id, member.id);
  assert.equal((await withProvider(second, { name: "oidc2" })).record.id, member.id);
});

test("a provider linked to one account signs in to that one, whoever is signed in", async () => {
  const ann = person();
  const { record } = await withProvider(ann);
  const other = await signIn(server, "members", (await signUp(server, "members")).email);
  assert.equal((await withProvider(ann, { session: other })).record.id, record.id);
  assert.equal(other.authStore.record.id, record.id);
});

test("the create rule decides who signs up, not who signs in", async (t) => {
  const known = person();
  await withProvider(known);
  await client.collections.update("members", { createRule: "@request.context = 'oauth2' && @request.body.name ~ 'Invited'" });
  t.after(() => client.collections.update("members", { createRule: "" }));
  await refused(withProvider(person()), 400);
  await withProvider(person({ name: "Invited guest" }));
  await client.collections.update("members", { createRule: null });
  await refused(withProvider(person({ name: "Invited guest" })), 403);
  await withProvider(known);
});

test("codes, verifiers and redirect URLs that do not fit", async () => {
  const exchange = (name, code, verifier, redirect) => guest(server).collection("members").authWithOAuth2Code(name, code, verifier, redirect);
  const begun = async () => {
    const { authURL, codeVerifier } = await methodOf("oidc");
    return { codeVerifier, code: provider.signIn(authURL, REDIRECT, person()).code };
  };
  let { code, codeVerifier } = await begun();
  await refused(exchange("oidc", code, `${codeVerifier}x`, REDIRECT), 400);
  ({ code, codeVerifier } = await begun());
  await refused(exchange("oidc", code, codeVerifier, "https://app.example.com@evil.example.net/"), 400);
  ({ code, codeVerifier } = await begun());
  await exchange("oidc", code, codeVerifier, REDIRECT);
  await refused(exchange("oidc", code, codeVerifier, REDIRECT), 400);
  await refused(exchange("", "", "", ""), 400, { provider: "validation_required", code: "validation_required" });
  await refused(exchange("github", "x", "", ""), 400, { provider: "validation_invalid_provider" });
  await refused(guest(server).collection("teams").authWithOAuth2Code("oidc", "x", "", ""), 403);
});

test("the links of an account go with it", async () => {
  const ann = person();
  const session = guest(server);
  const { record } = await withProvider(ann, { session });
  await session.collection("members").delete(record.id);
  assert.deepEqual(await client.collection("members").listExternalAuths(record.id), []);
  const again = await withProvider(ann);
  assert.equal(again.meta.isNew, true);
});

test("the secret of a provider is kept, and never shown", async () => {
  const shown = await client.collections.getOne("members");
  assert.ok(shown.oauth2.providers.length === 2 && shown.oauth2.providers.every((one) => !one.clientSecret), JSON.stringify(shown.oauth2));
  await client.collections.update("members", { oauth2: { providers: shown.oauth2.providers } });
  await withProvider(person());
  const providers = await client.collections.getAllOAuth2Providers();
  assert.ok(["google", "github", "apple", "oidc"].every((name) => providers.some((one) => one.name === name)));
});
