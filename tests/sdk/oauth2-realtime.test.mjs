// Signing in through other services without a page of one's own to come back to: the server takes the code and tells the app.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createAuthCollection, freshEmail, signIn, signUp } from "./accounts.mjs";
import { guest, refused, superuser } from "./client.mjs";
import { EventStream } from "./event-stream.mjs";
import "./listen.mjs";
import { startOAuth2Provider } from "./oauth2-provider.mjs";
import { isReference, startServer } from "./server.mjs";

const SUCCESS = "../_/#/auth/oauth2-redirect-success";
const FAILURE = "../_/#/auth/oauth2-redirect-failure";

let provider, server, client;
before(async () => {
  provider = await startOAuth2Provider();
  server = await startServer();
  client = await superuser(server);
  await createAuthCollection(client, "members", {
    fields: [{ name: "email", type: "email", required: false }, { name: "name", type: "text" }, { name: "city", type: "text" }],
    oauth2: { enabled: true, providers: ["oidc", "apple"].map((name) => provider.options(name)), mappedFields: { name: "name" } },
  });
});
after(async () => {
  await server?.stop();
  await provider?.stop();
});

let count = 0;
const person = (more) => ({ sub: `user-${++count}`, email: freshEmail("person"), email_verified: true, name: "Ann", ...more });

/** How long a flow may take before it is given up, in milliseconds: the client would wait for ever. */
const PATIENCE_MS = 20_000;

/** Begins the flow of the client, and ends it if nothing comes of it. */
function begin(session, options) {
  // Flows are cancelled like requests.
  session.autoCancellation(true);
  const requestKey = `flow ${++count}`;
  const timer = setTimeout(() => session.cancelRequest(requestKey), PATIENCE_MS);
  const signedIn = session.collection("members").authWithOAuth2({ requestKey, ...options }).finally(() => clearTimeout(timer));
  // Whether it is refused is for the caller to see.
  signedIn.catch(() => {});
  return signedIn;
}

/**
 * The whole flow of an app: `user` at the provider, nobody if they do not agree.
 *
 * @returns {Promise<{signedIn: Promise<object>, visit: object, url: URL}>} what the app gets, and what the browser
 */
async function flow(user, { session = guest(server), name = "oidc", ...options } = {}) {
  let visited;
  const opened = new Promise((resolve) => (visited = resolve));
  const signedIn = begin(session, { provider: name, urlCallback: (url) => visited(url), ...options });
  const url = await Promise.race([opened, signedIn]);
  return { signedIn, url: new URL(url), visit: await provider.browse(url, user) };
}

test("an app signs in while a browser visits the provider", async () => {
  const session = guest(server);
  const ann = person();
  const { signedIn, visit, url } = await flow(ann, { session, scopes: ["openid", "more"], createData: { city: "Ghent" } });
  assert.deepEqual([visit.status, visit.location], [307, SUCCESS]);
  assert.equal(url.searchParams.get("redirect_uri"), `${server.url}/api/oauth2-redirect`);
  assert.equal(url.searchParams.get("scope"), "openid more");
  assert.match(url.searchParams.get("state"), /^[A-Za-z0-9]{40}$/);
  const { record, meta } = await signedIn;
  assert.deepEqual([record.email, record.name, record.city, record.verified], [ann.email, "Ann", "Ghent", true]);
  assert.equal(meta.isNew, true);
  assert.equal(session.authStore.record.id, record.id);
  assert.equal(session.authStore.isValid, true);

  const again = await (await flow(ann)).signedIn;
  assert.deepEqual([again.record.id, again.meta.isNew], [record.id, false]);
});

test("a member links a provider without leaving the app", async () => {
  const member = await signUp(server, "members");
  const session = await signIn(server, "members", member.email);
  const { signedIn } = await flow(person(), { session });
  assert.equal((await signedIn).record.id, member.id);
});

test("that somebody did not agree is told to the app", async () => {
  const session = guest(server);
  const { signedIn, visit } = await flow(undefined, { session });
  assert.deepEqual([visit.status, visit.location], [307, FAILURE]);
  await assert.rejects(signedIn, ({ originalError }) => originalError.message.includes("access_denied"));
  assert.equal(session.authStore.isValid, false);
});

test("a code that was changed on the way does not sign in", async () => {
  const session = guest(server);
  let state;
  const signedIn = begin(session, {
    provider: "oidc",
    urlCallback: (url) => {
      state = new URL(url).searchParams.get("state");
      return fetch(`${server.url}/api/oauth2-redirect?state=${state}&code=made-up`, { redirect: "manual" });
    },
  });
  await refused(signedIn, 400);
  await assert.rejects(begin(guest(server), { provider: "nope", urlCallback: () => assert.fail("opened") }));
});

/** A connection that waits for a code. */
async function waiting(t, { topics = ["@oauth2"], headers = {} } = {}) {
  const stream = await EventStream.open(server.url, { headers });
  t.after(() => stream.close());
  assert.equal((await stream.subscribe(topics, { headers })).status, 204);
  return stream;
}

/** The browser coming back, with a query or, as POST, a form. */
async function comeBack(values, { method = "GET", headers = {} } = {}) {
  const query = new URLSearchParams(values);
  const answer = await fetch(`${server.url}/api/oauth2-redirect${method === "GET" ? `?${query}` : ""}`, { method, redirect: "manual", headers, ...(method === "POST" && { body: query }) });
  return [answer.status, answer.headers.get("location")];
}

test("the one who waits is told the code, once", async (t) => {
  const stream = await waiting(t);
  const state = stream.clientId;
  assert.deepEqual(await comeBack({ state, code: "a/b+c d" }), [307, SUCCESS]);
  // Whoever gets hold of the address later can do nothing with it.
  assert.deepEqual(await comeBack({ state, code: "second" }), [307, FAILURE]);
  // Until the app asks for another one.
  await stream.subscribe(["@oauth2"]);
  assert.deepEqual(await comeBack({ state, code: "third" }), [307, SUCCESS]);
  assert.deepEqual((await stream.frames.take(2)).map(({ id, event, data }) => [id, event, data]), [
    [state, "@oauth2", { state, code: "a/b+c d" }],
    [state, "@oauth2", { state, code: "third" }],
  ]);
});

test("a second visit of the browser fails, and so does one after the app has gone", async () => {
  const { signedIn, visit } = await flow(person());
  await signedIn;
  assert.deepEqual(await visit.back(), { status: 307, location: FAILURE });
});

test("errors and missing codes are told, and end the waiting", async (t) => {
  for (const [sent, told] of [
    [{ error: "access_denied" }, { error: "access_denied" }],
    [{ error: "server_error", code: "x" }, { code: "x", error: "server_error" }],
    [{ error: "quotes \" and\nlines" }, { error: "quotes \" and\nlines" }],
    [{}, {}],
  ]) {
    const stream = await waiting(t);
    const state = stream.clientId;
    assert.deepEqual(await comeBack({ state, ...sent }), [307, FAILURE]);
    assert.deepEqual(await comeBack({ state, code: "late" }), [307, FAILURE]);
    await stream.subscribe(["@oauth2"]);
    await comeBack({ state, code: "mark" });
    const [first, second] = await stream.frames.take(2);
    assert.deepEqual(first.data, { state, code: "", ...told });
    assert.equal(second.data.code, "mark");
  }
});

test("nobody else is told anything", async (t) => {
  const [stream, other] = [await waiting(t), await waiting(t)];
  const silent = await waiting(t, { topics: ["members/*", "@oauth2/x", "oauth2", "@OAUTH2"] });
  const gone = await EventStream.open(server.url);
  await gone.subscribe(["@oauth2"]);
  const { clientId } = gone;
  await gone.close();
  for (let status = 204; status !== 404; ) ({ status } = await gone.subscribe(["@oauth2"]));
  for (const state of [undefined, "", "x", clientId, silent.clientId, `${stream.clientId}x`, ` ${stream.clientId}`, stream.clientId.slice(1), "x".repeat(10_000)]) {
    assert.deepEqual(await comeBack({ ...(state !== undefined && { state }), code: "stray" }), [307, FAILURE], state);
  }
  await silent.subscribe(["@oauth2"]);
  for (const listener of [stream, other, silent]) {
    assert.deepEqual(await comeBack({ state: listener.clientId, code: "own" }), [307, SUCCESS]);
    assert.equal((await listener.frames.next()).data.code, "own");
  }
});

test("the browser comes from the same place as the app", async (t) => {
  await client.settings.update({ trustedProxy: { headers: ["X-Forwarded-For"], useLeftmostIP: false } });
  t.after(() => client.settings.update({ trustedProxy: { headers: [] } }));
  const [home, away] = ["10.1.0.1", "10.1.0.2"].map((address) => ({ headers: { "x-forwarded-for": address } }));
  const stream = await waiting(t, home);
  const state = stream.clientId;
  assert.deepEqual(await comeBack({ state, code: "away" }, away), [307, FAILURE]);
  await stream.subscribe(["@oauth2"], home);
  assert.deepEqual(await comeBack({ state, code: "home" }, home), [307, SUCCESS]);
  assert.equal((await stream.frames.next()).data.code, "home");
});

test("services that come back with a form", async (t) => {
  const stream = await waiting(t);
  const state = stream.clientId;
  const form = { method: "POST" };
  assert.deepEqual(await comeBack({ state: "x", code: "y" }, form), [303, FAILURE]);
  assert.deepEqual(await comeBack({ state, code: "formed", user: '{"name":{"firstName":"Ann"}}' }, form), [303, SUCCESS]);
  assert.deepEqual(await comeBack({ state, code: "second" }, form), [303, FAILURE]);
  assert.deepEqual((await stream.frames.next()).data, { state, code: "formed" });
  await stream.subscribe(["@oauth2"]);
  assert.deepEqual(await comeBack({ state, error: "user_cancelled_authorize" }, form), [303, FAILURE]);
  assert.deepEqual((await stream.frames.next()).data, { state, code: "", error: "user_cancelled_authorize" });
});

// The reference asks Apple itself for keys.
test("the name that Apple tells the browser only is the record's", { skip: isReference() }, async () => {
  const signUpWith = async (name) => {
    const { signedIn, visit } = await flow(person({ name }), { name: "apple" });
    assert.deepEqual([visit.status, visit.location], [303, SUCCESS]);
    const { record, meta } = await signedIn;
    assert.equal(meta.name, record.name);
    return record.name;
  };
  assert.equal(await signUpWith({ firstName: "Ann", lastName: "Lee" }), "Ann Lee");
  assert.equal(await signUpWith({ firstName: "Änn" }), "Änn");
  assert.equal(await signUpWith({ lastName: "Lee" }), "Lee");
  assert.equal(await signUpWith({}), "");
  assert.equal(await signUpWith(undefined), "");
  assert.equal((await signUpWith({ firstName: "x".repeat(400), lastName: "y" })).length, 150);
  for (const odd of ["", "{", "[]", "null", '"x"', '{"name":1}', '{"name":{"firstName":1,"lastName":{}}}', "[".repeat(5_000)]) assert.equal(await signUpWith(odd), "", odd.slice(0, 40));
});
