// Realtime: topics, their options, and what comes when.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { guest, superuser } from "./client.mjs";
import { EventQueue } from "./event-queue.mjs";
import { brief, hangUp, heardBefore, listen, titled } from "./listen.mjs";
import { startServer } from "./server.mjs";

const OPEN = { listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "" };

let server, client, notes;
before(async () => {
  server = await startServer();
  client = await superuser(server);
  const authors = await client.collections.create({ ...OPEN, name: "authors", fields: [{ name: "title", type: "text" }] });
  const fields = [
    { name: "title", type: "text" },
    { name: "rank", type: "number" },
    { name: "body", type: "editor" },
    { name: "author", type: "relation", collectionId: authors.id, maxSelect: 1 },
  ];
  await client.collections.create({ ...OPEN, name: "notes", fields });
  await client.collections.create({ ...OPEN, name: "memos", fields });
  await client.settings.update({ batch: { enabled: true } });
  notes = client.collection("notes");
});
after(async () => {
  await hangUp();
  await server.stop();
});

/** The next event without its number, which the reference does not have. */
async function seqless(events) {
  const { seq, ...rest } = await events.next();
  return rest;
}

test("records are heard of as they are created, updated and deleted", async () => {
  const events = await listen(guest(server).collection("notes"));
  const created = await notes.create({ title: "first", rank: 1 });
  assert.deepEqual(await seqless(events), { action: "create", record: created });
  const updated = await notes.update(created.id, { "rank+": 1, title: "again" });
  assert.equal(updated.rank, 2);
  assert.deepEqual(await seqless(events), { action: "update", record: updated });
  await notes.delete(created.id);
  assert.deepEqual(await seqless(events), { action: "delete", record: updated });
});

test("one record can be listened to, by the collection's name or id", async () => {
  const collection = await client.collections.getOne("notes");
  const [mine, other] = [await notes.create({ title: "mine" }), await notes.create({ title: "other" })];
  const events = await listen(guest(server).collection("notes"), mine.id);
  const byId = await listen(guest(server).collection(collection.id), mine.id);
  await notes.update(other.id, { rank: 1 });
  await notes.update(mine.id, { rank: 2 });
  await notes.delete(other.id);
  await notes.delete(mine.id);
  for (const heard of [events, byId]) assert.deepEqual((await heard.take(2)).map(({ action, record }) => [action, record.id, record.rank]), [["update", mine.id, 2], ["delete", mine.id, 2]]);
});

test("several topics of one client each get their own event", async () => {
  const session = guest(server);
  const record = await notes.create({ title: "one" });
  const all = await listen(session.collection("notes"));
  const again = await listen(session.collection("notes"));
  const one = await listen(session.collection("notes"), record.id);
  const picked = await listen(session.collection("notes"), "*", { fields: "title" });
  const memos = await listen(session.collection("memos"));
  // The collection alone is how old clients asked for all records.
  const old = new EventQueue();
  await session.realtime.subscribe("notes", (event) => old.push(event));

  await notes.update(record.id, { title: "two" });
  for (const events of [all, again, one, old]) assert.deepEqual(brief(await events.next()), "update two");
  assert.deepEqual((await picked.next()).record, { title: "two" });
  await client.collection("memos").create({ title: "memo" });
  assert.equal(brief(await memos.next()), "create memo");
  const { title } = await notes.create({ title: "three" });
  for (const events of [all, again, picked, old]) assert.deepEqual((await events.next()).record.title, title);
  for (const events of [all, again, one, picked, memos, old]) assert.deepEqual(events.waiting, []);
});

test("a filter says which records are heard of, as they are now", async () => {
  const session = guest(server).collection("notes");
  const events = await listen(session, "*", { filter: session.client.filter("rank > {:least} || title = 'end'", { least: 5 }) });
  const low = await notes.create({ title: "low", rank: 1 });
  await notes.create({ title: "high", rank: 6 });
  // It starts to match, changes, stops to match, and goes.
  await notes.update(low.id, { rank: 7 });
  await notes.update(low.id, { rank: 8 });
  await notes.update(low.id, { rank: 2 });
  await notes.delete(low.id);
  assert.deepEqual(await heardBefore(notes, events), ["create high", "update low", "update low"]);
});

test("a filter for one record, too", async () => {
  const record = await notes.create({ title: "filtered", rank: 1 });
  const events = await listen(guest(server).collection("notes"), record.id, { filter: "rank > 5" });
  await notes.update(record.id, { rank: 2 });
  await notes.update(record.id, { rank: 9 });
  assert.equal((await events.next()).record.rank, 9);
  await notes.update(record.id, { rank: 3 });
  await notes.update(record.id, { rank: 7 });
  await notes.delete(record.id);
  assert.deepEqual((await events.take(2)).map(({ action, record: { rank } }) => [action, rank]), [["update", 7], ["delete", 7]]);
});

test("filters that are no filters, or not allowed, let nothing through", async () => {
  const session = guest(server).collection("notes");
  const silent = [];
  for (const filter of ["rank >", "nope = 1", "@request.auth.id = ''", "@collection.memos.id != ''"]) silent.push(await listen(session, "*", { filter: `title != '' && (${filter})` }));
  const events = await listen(session);
  await notes.create({ title: "x", rank: 1 });
  assert.deepEqual(await heardBefore(notes, events), ["create x"]);
  // The end has reached this connection by every topic there is.
  for (const heard of silent) assert.deepEqual(heard.waiting, []);
});

test("records come with what expand and fields ask for", async () => {
  const author = await client.collection("authors").create({ title: "ann" });
  const session = guest(server).collection("notes");
  const whole = await listen(session, "*", { expand: "author" });
  const parts = await listen(session, "*", { expand: "author", fields: "title,body:excerpt(4),expand.author.title" });
  const record = await notes.create({ title: "expanded", author: author.id, body: "<p>some words</p>" });
  assert.deepEqual((await whole.next()).record, { ...record, expand: { author } });
  assert.deepEqual((await parts.next()).record, { title: "expanded", body: "some", expand: { author: { title: "ann" } } });
  await notes.delete(record.id);
  assert.deepEqual((await whole.next()).record, { ...record, expand: { author } });
  assert.deepEqual((await parts.next()).record.expand, { author: { title: "ann" } });
});

test("query and headers of the options are what rules see", async () => {
  await client.collections.create({
    ...OPEN,
    name: "guarded",
    listRule: "@request.query.room = title || @request.headers.x_pass_word = title || @request.query.number = title || title = 'end'",
    fields: [{ name: "title", type: "text" }],
  });
  const [session, guarded] = [guest(server).collection("guarded"), client.collection("guarded")];
  const cases = {
    kitchen: { query: { room: "kitchen" } },
    // What the client does not know goes into the query.
    cellar: { room: "cellar" },
    secret: { headers: { "X-Pass-Word": "secret" } },
    42: { query: { number: 42 } },
    nothing: {},
  };
  const listening = {};
  for (const [title, options] of Object.entries(cases)) listening[title] = await listen(session, "*", options);
  for (const title of Object.keys(cases)) await guarded.create({ title });
  await guarded.create({ title: "end" });
  for (const [title, events] of Object.entries(listening)) assert.deepEqual((await events.until(titled("end"))).map(brief), title === "nothing" ? [] : [`create ${title}`], title);
});

test("what is unsubscribed is silent: one listener, one topic, topics with options, all", async () => {
  const session = guest(server);
  const first = await notes.create({ title: "first" });
  const subscribed = {};
  const again = async () => {
    subscribed.all = await listen(session.collection("notes"));
    subscribed.also = await listen(session.collection("notes"));
    subscribed.picked = await listen(session.collection("notes"), "*", { fields: "title" });
    subscribed.one = await listen(session.collection("notes"), first.id);
    subscribed.memos = await listen(session.collection("memos"));
  };
  /** Who hears of a change of `first`, and of one of a memo. */
  const audience = async () => {
    // They hear everything, whatever else is subscribed to.
    const probe = await listen(session.collection("notes"), "*", { headers: { probe: "1" } });
    const probeMemos = await listen(session.collection("memos"), "*", { headers: { probe: "1" } });
    await notes.update(first.id, { "rank+": 1 });
    await client.collection("memos").create({ title: "memo" });
    const expected = Object.values(subscribed).filter((events) => !events.stopped);
    const heard = await Promise.all(expected.map((events) => events.next()));
    await probe.next();
    await probeMemos.next();
    await probe.stop();
    await probeMemos.stop();
    assert.equal(heard.length, expected.length);
    for (const events of Object.values(subscribed)) assert.deepEqual(events.waiting, []);
  };
  const without = async (...names) => {
    for (const name of names) subscribed[name].stopped = true;
    await audience();
  };

  await again();
  await audience();
  await subscribed.also.stop();
  await without("also");
  await session.collection("notes").unsubscribe(first.id);
  await without("one");
  // With a topic go its forms with options.
  await session.collection("notes").unsubscribe("*");
  await without("all", "picked");
  await again();
  await session.collection("notes").unsubscribe();
  await without("all", "also", "picked", "one");
  await again();
  await session.realtime.unsubscribeByPrefix("memos");
  await without("memos");
  assert.equal(session.realtime.isConnected, true);
  await session.realtime.unsubscribe();
  assert.equal(session.realtime.isConnected, false);
  // And the same client can begin anew.
  const events = await listen(session.collection("notes"));
  await notes.update(first.id, { title: "last" });
  assert.equal(brief(await events.next()), "update last");
});

test("a batch is heard of when all of it is there", async () => {
  const events = await listen(guest(server).collection("notes"));
  const doomed = await notes.create({ title: "doomed" });
  const failing = client.createBatch();
  failing.collection("notes").create({ title: "undone" });
  failing.collection("notes").delete(doomed.id);
  failing.collection("notes").update("unknown00000000", {});
  await assert.rejects(failing.send());
  const batch = client.createBatch();
  batch.collection("notes").create({ title: "created" });
  batch.collection("notes").upsert({ id: "upserted0000001", title: "upserted" });
  batch.collection("notes").update("upserted0000001", { rank: 3 });
  batch.collection("notes").delete(doomed.id);
  await batch.send();
  const heard = await heardBefore(notes, events);
  assert.deepEqual(heard.sort(), ["create created", "create doomed", "create upserted", "delete doomed", "update upserted"]);
});

test("topics nobody knows are accepted and silent", async () => {
  const session = guest(server);
  const odd = ["nope/*", "notes/unknown00000000", "notes/*/x", "@something", "*", "/", "/*", "ünï/*", `${"x".repeat(2000)}/*`];
  const queues = await Promise.all(
    odd.map(async (topic) => {
      const queue = new EventQueue();
      await session.realtime.subscribe(topic, (event) => queue.push({ topic, ...event }));
      return queue;
    }),
  );
  const events = await listen(session.collection("notes"));
  await notes.create({ title: "x" });
  assert.deepEqual(await heardBefore(notes, events), ["create x"]);
  for (const queue of queues) assert.deepEqual(queue.waiting, []);
});
