// Realtime without a client: what is on the wire, and who may do what to a connection.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createAuthCollection, signIn, signUp } from "./accounts.mjs";
import { flatCodes, superuser } from "./client.mjs";
import { EventStream } from "./event-stream.mjs";
import { startServer } from "./server.mjs";

const OPEN = { listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "" };

let server, client, notes;
before(async () => {
  server = await startServer();
  client = await superuser(server);
  await createAuthCollection(client, "members");
  const fields = [{ name: "title", type: "text" }, { name: "body", type: "text" }];
  await client.collections.create({ ...OPEN, name: "notes", fields });
  await client.collections.create({ ...OPEN, name: "memos", fields });
  notes = client.collection("notes");
});
after(() => server.stop());

/** A connection that ends with the test. */
async function open(t, options) {
  const stream = await EventStream.open(server.url, options);
  t.after(() => stream.close());
  return stream;
}

/** The titles in the frames up to the one about `title`. */
async function titlesUntil(stream, title) {
  return (await stream.frames.until(({ data }) => data?.record?.title === title)).map(({ event, data }) => `${event} ${data?.record?.title}`);
}

test("a stream begins with the id of its client, and proxies are told to keep out", async (t) => {
  const [one, two] = [await open(t), await open(t)];
  assert.equal(one.status, 200);
  assert.match(one.headers["content-type"], /^text\/event-stream/);
  assert.equal(one.headers["cache-control"], "no-store");
  assert.equal(one.headers["x-accel-buffering"], "no");
  assert.equal(one.headers["content-encoding"], undefined);
  for (const { clientId } of [one, two]) assert.match(clientId, /^[A-Za-z0-9]{40}$/);
  assert.notEqual(one.clientId, two.clientId);
});

test("frames have the client's id, the topic as it was written, and one line of JSON", async (t) => {
  const stream = await open(t);
  const topics = ["notes", "notes/*", "notes/*?options=%7B%22query%22%3A%7B%22fields%22%3A%22title%22%7D%7D", 'notes/*?options={"query":{"fields":"title"}, "headers":{"x":"ü"}}'];
  assert.deepEqual(await stream.subscribe(topics), { status: 204, text: "", body: "" });
  const record = await notes.create({ title: "lines", body: 'a\r\nb\u2028c "quoted" </script> ü \u0001' });
  const frames = await stream.frames.take(4);
  assert.deepEqual(frames.map(({ event }) => event).sort(), [...topics].sort());
  for (const { id, event, data } of frames) {
    assert.equal(id, stream.clientId);
    assert.equal(data.action, "create");
    assert.deepEqual(data.record, event.includes("?") ? { title: "lines" } : record);
  }
});

test("topics replace those before; an empty list keeps the stream open", async (t) => {
  const stream = await open(t);
  const set = async (...topics) => assert.equal((await stream.subscribe(topics)).status, 204);
  await set("notes/*");
  await notes.create({ title: "one" });
  await set("memos/*");
  await notes.create({ title: "two" });
  await set("memos/*", "notes/*", "notes/*");
  await notes.create({ title: "three" });
  await set();
  await notes.create({ title: "four" });
  await set("notes/*");
  await notes.create({ title: "five" });
  assert.deepEqual(await titlesUntil(stream, "five"), ["notes/* one", "notes/* three"]);
});

test("events keep coming, however close to each other changes are", async (t) => {
  const stream = await open(t);
  await stream.subscribe(["notes/*"]);
  // Not one that is waited for may depend on another change to follow it.
  for (let round = 0; round < 800; round++) {
    const count = 2 + (round % 3);
    const created = await Promise.all(Array.from({ length: count }, () => notes.create({ title: `round ${round}` })));
    const heard = await stream.frames.take(count).catch((error) => assert.fail(`round ${round}: ${error.message}`));
    assert.deepEqual(heard.map(({ data }) => data.record.id).sort(), created.map(({ id }) => id).sort());
  }
});

test("requests that make no sense are refused and change nothing", async (t) => {
  const stream = await open(t);
  await stream.subscribe(["notes/*"]);
  const send = async (body, type = "application/json") => {
    const response = await fetch(`${server.url}/api/realtime`, { method: "POST", headers: { "content-type": type }, body });
    return [response.status, Object.fromEntries(flatCodes((await response.json()).data))];
  };
  const { clientId } = stream;
  const ask = (body) => send(JSON.stringify(body));
  assert.deepEqual(await ask({ subscriptions: [] }), [400, { clientId: "validation_required" }]);
  assert.deepEqual(await ask({ clientId: "x".repeat(256), subscriptions: [] }), [400, { clientId: "validation_length_out_of_range" }]);
  assert.deepEqual(await ask({ clientId, subscriptions: ["a", "x".repeat(2501)] }), [400, { "subscriptions.1": "validation_length_too_long" }]);
  assert.deepEqual(await ask({ clientId, subscriptions: Array.from({ length: 1001 }, (_, i) => `t${i}`) }), [400, { subscriptions: "validation_length_too_long" }]);
  for (const unknown of ["nobody", clientId.toLowerCase() === clientId ? "x" : clientId.toLowerCase(), clientId.slice(1), ` ${clientId}`]) assert.deepEqual(await ask({ clientId: unknown, subscriptions: [] }), [404, {}]);
  for (const malformed of ["{", "[]", '"x"', JSON.stringify({ clientId: 1 }), JSON.stringify({ clientId, subscriptions: "x" }), JSON.stringify({ clientId, subscriptions: [1] })]) assert.deepEqual(await send(malformed), [400, {}], malformed);
  await notes.create({ title: "still heard" });
  assert.equal((await stream.frames.next()).data.record.title, "still heard");
  // Of use to clients without JSON.
  assert.equal((await fetch(`${server.url}/api/realtime`, { method: "POST", body: new URLSearchParams([["clientId", clientId], ["subscriptions", "memos/*"], ["subscriptions", "x"]]) })).status, 204);
  await client.collection("memos").create({ title: "memo" });
  assert.deepEqual(await titlesUntil(stream, "memo"), []);
  // As many and as long as allowed.
  assert.equal((await stream.subscribe(Array.from({ length: 1000 }, (_, i) => `t${i}`))).status, 204);
  assert.equal((await stream.subscribe(["x".repeat(2500), "ü".repeat(1250)])).status, 204);
});

test("a connection is its own: of one address, and gone when it ends", async (t) => {
  await client.settings.update({ trustedProxy: { headers: ["X-Forwarded-For"], useLeftmostIP: false } });
  t.after(() => client.settings.update({ trustedProxy: { headers: [] } }));
  const from = (address) => ({ headers: { "x-forwarded-for": address } });
  const stream = await EventStream.open(server.url, from("10.0.0.1"));
  assert.equal((await stream.subscribe(["notes/*"], from("10.0.0.2"))).status, 400);
  assert.equal((await stream.subscribe(["notes/*"], from("10.0.0.1"))).status, 204);
  await stream.close();
  // There is nothing to wait for: the server notices when it does.
  for (let status = 204; status !== 404; ) ({ status } = await stream.subscribe(["notes/*"], from("10.0.0.1")));
});

test("the token of the first topics is whose connection it is", async (t) => {
  const session = await signIn(server, "members", (await signUp(server, "members")).email);
  const { token } = session.authStore;
  const stream = await open(t, { headers: { authorization: token } });
  // Connecting with a token is not yet signing in: browsers cannot.
  await client.collections.update("notes", { listRule: "@request.auth.id != '' || body = 'open'" });
  t.after(() => client.collections.update("notes", { listRule: "" }));
  assert.equal((await stream.subscribe(["notes/*"])).status, 204);
  await notes.create({ title: "unheard" });
  await notes.create({ title: "open", body: "open" });
  assert.deepEqual(await titlesUntil(stream, "open"), []);
  assert.equal((await stream.subscribe(["notes/*"], { token: `Bearer ${token}` })).status, 204);
  await notes.create({ title: "heard" });
  assert.deepEqual(await titlesUntil(stream, "heard"), []);
  for (const other of [undefined, "x", client.authStore.token]) assert.equal((await stream.subscribe([], { token: other })).status, 403);
  await notes.create({ title: "heard still" });
  assert.deepEqual(await titlesUntil(stream, "heard still"), []);
});
