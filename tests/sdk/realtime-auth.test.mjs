// Realtime: whose connection it is, and what becomes of it when that changes.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PASSWORD, createAuthCollection, signIn, signUp } from "./accounts.mjs";
import { guest, refused, superuser } from "./client.mjs";
import { brief, hangUp, heardBefore, listen, titled } from "./listen.mjs";
import { startServer } from "./server.mjs";

const OPEN = { listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "" };

let server, client, notes;
before(async () => {
  server = await startServer();
  client = await superuser(server);
  await createAuthCollection(client, "members", { fields: [{ name: "rank", type: "text" }] });
  const fields = [{ name: "title", type: "text" }, { name: "open", type: "bool" }, { name: "rank", type: "text" }];
  await client.collections.create({ ...OPEN, name: "notes", fields, listRule: "open = true || @request.auth.id != '' && (rank = '' || rank = @request.auth.rank)" });
  notes = client.collection("notes");
});
after(async () => {
  await hangUp();
  await server.stop();
});

/** Somebody new who is signed in, and listens to notes. */
async function listener(collection = "members", extra = {}) {
  const { email, id } = await signUp(server, collection, extra);
  const session = await signIn(server, collection, email);
  const events = await listen(session.collection("notes"));
  return { id, email, session, events };
}

/** What is heard of a note only members may read, and then of one for everybody. */
async function hears(events) {
  await notes.create({ title: "members only" });
  return heardBefore(notes, events, { open: true });
}

const ALL = ["create members only"];

test("rules follow changes of whoever listens", async () => {
  const { id, events } = await listener("members", { rank: "cook" });
  const change = (rank) => client.collection("members").update(id, { rank });
  await notes.create({ title: "for cooks", rank: "cook" });
  await notes.create({ title: "for waiters", rank: "waiter" });
  await change("waiter");
  await notes.create({ title: "still for cooks", rank: "cook" });
  await notes.create({ title: "also for waiters", rank: "waiter" });
  assert.deepEqual(await heardBefore(notes, events, { open: true }), ["create for cooks", "create also for waiters"]);
});

test("a new password ends what old tokens hear; the connection goes on as a guest's", async () => {
  const { id, email, session, events } = await listener();
  assert.deepEqual(await hears(events), ALL);
  const { clientId } = session.realtime;
  await client.collection("members").update(id, { password: "another password", passwordConfirm: "another password" });
  assert.deepEqual(await hears(events), []);
  assert.equal(session.realtime.clientId, clientId);
  // With a new token the same connection is a member's again, as soon as a topic is sent with it.
  await session.collection("members").authWithPassword(email, "another password");
  const again = await listen(session.collection("notes"), "*", { fields: "title" });
  assert.deepEqual(await hears(events), ALL);
  assert.equal((await again.next()).record.title, "members only");
  assert.equal(session.realtime.clientId, clientId);
});

test("the change that ends a session is itself no longer shown to it", async (t) => {
  await client.collections.update("members", { listRule: "@request.auth.id != '' || rank = 'end'" });
  t.after(() => client.collections.update("members", { listRule: "" }));
  const [{ id, session }, other] = [await listener(), await listener()];
  const own = await listen(session.collection("members"));
  const witness = await listen(other.session.collection("members"));
  const member = client.collection("members");
  await member.update(id, { rank: "seen" });
  assert.equal((await own.next()).record.rank, "seen");
  await member.update(id, { rank: "unseen", password: "another password", passwordConfirm: "another password" });
  await member.update(id, { rank: "end" });
  assert.deepEqual(await own.until(({ record }) => record.rank === "end"), []);
  assert.deepEqual((await witness.until(({ record }) => record.rank === "end")).map(({ record }) => record.rank), ["seen", "unseen"]);
});

for (const [title, end] of Object.entries({
  "a new token key": ({ id }) => client.collection("members").update(id, { tokenKey: "k".repeat(40) + id }),
  "one's own new password": ({ id, session }) => session.collection("members").update(id, { oldPassword: PASSWORD, password: "another password", passwordConfirm: "another password" }),
  "a new address": ({ id }) => client.collection("members").update(id, { email: `new-${id}@example.com` }),
  "the end of the account": ({ id }) => client.collection("members").delete(id),
  "a batch": async ({ id }) => {
    await client.settings.update({ batch: { enabled: true } });
    const batch = client.createBatch();
    batch.collection("members").delete(id);
    await batch.send();
  },
})) {
  test(`${title} makes the connection a guest's, and that of nobody else`, async () => {
    const [member, other] = [await listener(), await listener()];
    assert.deepEqual(await hears(member.events), ALL);
    await end(member);
    assert.deepEqual(await hears(member.events), []);
    await other.events.until(titled("end"));
    assert.deepEqual((await other.events.until(titled("end"))).map(brief), ALL);
  });
}

test("a new secret of the collection, and its end, end all its sessions", async () => {
  const ends = {
    secret: (name) => client.collections.update(name, { authToken: { secret: "s".repeat(50), duration: 1000 } }),
    deleted: (name) => client.collections.delete(name),
  };
  for (const [name, end] of Object.entries(ends)) {
    await createAuthCollection(client, name, { fields: [{ name: "rank", type: "text" }] });
    const [first, second, other] = [await listener(name), await listener(name), await listener()];
    await end(name);
    await notes.create({ title: "members only" });
    await notes.create({ title: "end", open: true });
    const heard = async ({ events }) => (await events.until(titled("end"))).map(brief);
    assert.deepEqual([await heard(first), await heard(second), await heard(other)], [[], [], ALL], name);
  }
});

test("signing in upgrades a guest's connection with its next topic", async () => {
  const session = guest(server);
  const events = await listen(session.collection("notes"));
  const { email } = await signUp(server, "members");
  assert.deepEqual(await hears(events), []);
  await session.collection("members").authWithPassword(email, PASSWORD);
  const { clientId } = session.realtime;
  await listen(session.collection("members"));
  assert.deepEqual(await hears(events), ALL);
  assert.equal(session.realtime.clientId, clientId);
});

test("nobody takes over somebody's connection", async () => {
  const { session, events } = await listener();
  const { clientId } = session.realtime;
  const other = await signUp(server, "members");
  const subscribe = (topic) => session.collection("members").subscribe(topic, () => {});
  const own = session.authStore.exportToCookie();
  // The client's own requests, as somebody else and as a guest.
  await session.collection("members").authWithPassword(other.email, PASSWORD);
  await refused(subscribe("*"), 403);
  session.authStore.save(client.authStore.token, client.authStore.record);
  await refused(subscribe("a"), 403);
  session.authStore.clear();
  await refused(subscribe("b"), 403);
  session.authStore.save("not a token", null);
  await refused(subscribe("c"), 403);
  // What was subscribed to before still comes, to the one who did it.
  assert.deepEqual(await hears(events), ALL);
  session.authStore.loadFromCookie(own);
  await subscribe("d");
  assert.equal(session.realtime.clientId, clientId);
  // Another connection of the client may be anybody's.
  await session.realtime.unsubscribe();
  session.authStore.clear();
  const anew = await listen(session.collection("notes"));
  assert.notEqual(session.realtime.clientId, clientId);
  assert.deepEqual(await hears(anew), []);
});

test("a superuser's session ends like others", async () => {
  const [email, password] = ["second@example.com", "root-password-2"];
  const { id } = await client.collection("_superusers").create({ email, password, passwordConfirm: password });
  const session = await signIn(server, "_superusers", email, password);
  const events = await listen(session.collection("notes"));
  await notes.create({ title: "for cooks", rank: "cook" });
  assert.deepEqual(await heardBefore(notes, events), ["create for cooks"]);
  await client.collection("_superusers").delete(id);
  assert.deepEqual(await hears(events), []);
});

test("an unknown token listens as a guest", async () => {
  const session = guest(server);
  session.authStore.save("eyJhbGciOiJIUzI1NiJ9.eyJpZCI6IngifQ.x", null);
  assert.deepEqual(await hears(await listen(session.collection("notes"))), []);
});
