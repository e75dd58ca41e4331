// What Larder adds to realtime: numbered events, and hearing of what was missed. The reference has nothing of it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PASSWORD, createAuthCollection, signIn, signUp } from "./accounts.mjs";
import { guest, superuser } from "./client.mjs";
import { EventQueue } from "./event-queue.mjs";
import { EventStream } from "./event-stream.mjs";
import { brief, hangUp, listen, track } from "./listen.mjs";
import { startProxy } from "./proxy.mjs";
import { resumable } from "./resume.mjs";
import { isReference, startServer } from "./server.mjs";

const OPEN = { listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "" };
const larder = { skip: isReference() };

let server, proxy, client, notes, members;
before(async () => {
  if (larder.skip) return;
  server = await startServer();
  proxy = await startProxy(server.url);
  client = await superuser(server);
  members = await createAuthCollection(client, "members");
  const fields = [{ name: "title", type: "text" }, { name: "body", type: "editor" }];
  const owner = { name: "owner", type: "relation", collectionId: members.id, maxSelect: 1 };
  await client.collections.create({ ...OPEN, name: "notes", fields });
  await client.collections.create({ ...OPEN, name: "memos", fields });
  await client.collections.create({ ...OPEN, name: "owned", fields: [...fields, owner], listRule: "owner = @request.auth.id || title ~ 'public'" });
  await client.settings.update({ batch: { enabled: true } });
  notes = client.collection("notes");
});
after(async () => {
  await hangUp();
  await proxy?.stop();
  await server?.stop();
});

/** A client whose connection can be cut and that resumes: `events` of its topics and `told` of the server's own, in one order. */
async function resuming(session, ...collections) {
  track(session);
  const state = resumable(session);
  const events = new EventQueue();
  const connected = new EventQueue();
  const lost = new EventQueue();
  // The first one says where to begin as long as nothing has come.
  await session.realtime.subscribe("PB_CONNECT", (event) => {
    if (state.seq === undefined) state.note(event);
    connected.push(event);
  });
  session.realtime.onDisconnect = () => lost.push(true);
  const listenTo = (topic) => (event) => {
    state.note(event);
    events.push({ topic, ...event });
  };
  for (const topic of ["@resumed", "@resync"]) await session.realtime.subscribe(topic, listenTo(topic));
  for (const name of collections) await session.collection(name).subscribe("*", listenTo(name));
  await connected.next();
  return {
    state,
    events,
    /** Takes the client off the network for as long as `meanwhile` takes, and waits until it is back. */
    async away(meanwhile) {
      proxy.cut();
      await lost.next();
      await meanwhile();
      proxy.mend();
      await connected.next();
    },
    /** What came after coming back, in brief, until the server said that this was all. */
    async missed() {
      const before = [];
      for (;;) {
        const event = await events.next();
        if (event.topic === "@resumed" || event.topic === "@resync") return { heard: before.map(brief), end: event.topic, seq: event.seq, events: before };
        before.push(event);
      }
    },
  };
}

test("events are numbered, in order over all collections", larder, async (t) => {
  const stream = await EventStream.open(server.url);
  t.after(() => stream.close());
  const { seq: start } = stream.connect;
  assert.ok(Number.isSafeInteger(start) && start >= 0, String(start));
  await stream.subscribe(["notes/*", "notes", "memos/*"]);
  const record = await notes.create({ title: "one" });
  await client.collection("memos").create({ title: "two" });
  await notes.update(record.id, { title: "three" });
  const batch = client.createBatch();
  for (let n = 0; n < 20; n++) batch.collection(n % 3 ? "notes" : "memos").create({ title: `batch ${n}` });
  await batch.send();
  await notes.delete(record.id);
  const frames = await stream.frames.take(2 + 1 + 2 + 7 + 2 * 13 + 2);
  const numbers = frames.map(({ data }) => data.seq);
  assert.deepEqual(numbers, [...numbers].sort((a, b) => a - b));
  assert.ok(numbers[0] > start);
  // One change has one number, whatever it is heard by.
  assert.equal(new Set(numbers).size, 1 + 1 + 1 + 20 + 1);
  const order = [...new Map(frames.map(({ data }) => [data.seq, brief(data)])).values()];
  assert.deepEqual(order, ["create one", "create two", "update three", ...Array.from({ length: 20 }, (_, n) => `create batch ${n}`), "delete three"]);
  assert.deepEqual(Object.keys(frames[0].data), ["record", "action", "seq"]);
  const later = await EventStream.open(server.url);
  t.after(() => later.close());
  assert.equal(later.connect.seq, numbers.at(-1));
});

test("what happened while the client was away comes first, in order, and then goes on", larder, async () => {
  const { state, events, away, missed } = await resuming(guest({ url: proxy.url }), "notes", "memos");
  const [kept, doomed] = [await notes.create({ title: "kept" }), await notes.create({ title: "doomed" })];
  assert.deepEqual((await events.take(2)).map(brief), ["create kept", "create doomed"]);
  let last;
  await away(async () => {
    await notes.create({ title: "new" });
    await client.collection("memos").create({ title: "memo" });
    await notes.update(kept.id, { title: "changed" });
    await notes.delete(doomed.id);
    last = (await notes.create({ title: "last" })).id;
  });
  const { heard, end, seq, events: received } = await missed();
  assert.deepEqual(heard, ["create new", "create memo", "update changed", "delete doomed", "create last"]);
  assert.deepEqual(received.map(({ topic }) => topic), ["notes", "memos", "notes", "notes", "notes"]);
  assert.deepEqual(received.at(-1).record, await notes.getOne(last));
  assert.equal(end, "@resumed");
  assert.ok(seq >= received.at(-1).seq);
  assert.equal(state.seq, seq);
  await notes.create({ title: "live" });
  const live = await events.next();
  assert.equal(brief(live), "create live");
  assert.ok(live.seq > seq);
  // Nothing twice when nothing was missed.
  await away(async () => {});
  assert.deepEqual((await missed()).heard, []);
});

test("a client that has heard of nothing yet goes on from where it connected", larder, async () => {
  const { away, missed } = await resuming(guest({ url: proxy.url }), "notes");
  await away(() => notes.create({ title: "first of all" }));
  assert.deepEqual((await missed()).heard, ["create first of all"]);
});

test("a client comes back twice without hearing the same again", larder, async () => {
  const { away, missed } = await resuming(guest({ url: proxy.url }), "notes");
  for (const title of ["one", "two", "three"]) {
    await away(() => notes.create({ title }));
    assert.deepEqual((await missed()).heard, [`create ${title}`]);
  }
});

test("nobody resumes into what they may not see", larder, async () => {
  const [ann, bob] = [await signUp(server, "members"), await signUp(server, "members")];
  const session = await signIn({ url: proxy.url }, "members", ann.email);
  const { events, away, missed } = await resuming(session, "owned");
  const owned = client.collection("owned");
  const [hers, his] = [await owned.create({ title: "hers", owner: ann.id }), await owned.create({ title: "his", owner: bob.id })];
  await owned.create({ title: "public" });
  assert.deepEqual((await events.take(2)).map(brief), ["create hers", "create public"]);
  await away(async () => {
    await owned.create({ title: "new of hers", owner: ann.id });
    await owned.create({ title: "new of his", owner: bob.id });
    await owned.update(his.id, { title: "public of his" });
    await owned.delete(hers.id);
    await owned.delete((await owned.create({ title: "his for a moment", owner: bob.id })).id);
  });
  assert.deepEqual((await missed()).heard, ["create new of hers", "update public of his", "delete hers"]);

  // As somebody else, from the same number.
  await away(async () => {
    await owned.create({ title: "another of hers", owner: ann.id });
    await owned.create({ title: "another of his", owner: bob.id });
    await owned.create({ title: "public" });
    const other = await signIn(server, "members", bob.email);
    session.authStore.save(other.authStore.token, other.authStore.record);
  });
  assert.deepEqual((await missed()).heard, ["create another of his", "create public"]);

  // And as somebody whose session has ended meanwhile.
  await away(async () => {
    await owned.create({ title: "third of his", owner: bob.id });
    await owned.create({ title: "third public" });
    await client.collection("members").update(bob.id, { password: `${PASSWORD} 2`, passwordConfirm: `${PASSWORD} 2` });
  });
  assert.deepEqual((await missed()).heard, ["create third public"]);
});

for (const signal of ["SIGTERM", "SIGKILL"]) {
  test(`a restart of the server (${signal}) is no gap`, larder, async () => {
    const { away, missed, events } = await resuming(guest({ url: proxy.url }), "notes");
    await notes.create({ title: "before" });
    assert.equal(brief(await events.next()), "create before");
    await away(async () => {
      await notes.create({ title: "just before" });
      await server.restart(signal);
      await notes.create({ title: "just after" });
    });
    assert.deepEqual((await missed()).heard, ["create just before", "create just after"]);
    await notes.create({ title: "after" });
    assert.equal(brief(await events.next()), "create after");
  });
}

test("a client that was ahead of the server is told to load anew", larder, async () => {
  const { state, events, away, missed } = await resuming(guest({ url: proxy.url }), "notes");
  await away(async () => {
    // As after the folder was restored from a backup.
    state.seq += 1_000_000;
    await notes.create({ title: "missed" });
  });
  const { heard, end, seq } = await missed();
  assert.deepEqual([heard, end], [[], "@resync"]);
  await notes.create({ title: "live" });
  const live = await events.next();
  assert.deepEqual([brief(live), live.seq], ["create live", seq + 1]);
  // From there it resumes like any other.
  await away(() => notes.create({ title: "later" }));
  assert.deepEqual((await missed()).heard, ["create later"]);
});

test("filter, fields and expand hold for what was missed", larder, async () => {
  const session = guest({ url: proxy.url });
  const { away, missed } = await resuming(session);
  const state = await listen(session.collection("notes"), "*", { filter: "title ~ 'yes'", fields: "title" });
  await away(async () => {
    await notes.create({ title: "no" });
    await notes.create({ title: "yes" });
  });
  await missed();
  const { record, action } = await state.next();
  assert.deepEqual([action, record, state.waiting], ["create", { title: "yes" }, []]);
});

test("where to resume can be said when connecting, too", larder, async (t) => {
  const record = await notes.create({ title: "missed" });
  const probe = await EventStream.open(server.url);
  t.after(() => probe.close());
  const now = probe.connect.seq;
  const opening = {
    "query": { query: `?lastEventSeq=${now - 1}` },
    "header": { headers: { "last-event-id": String(now - 1) } },
  };
  for (const [name, options] of Object.entries(opening)) {
    const stream = await EventStream.open(server.url, options);
    t.after(() => stream.close());
    await stream.subscribe(["notes/*"]);
    const [event, resumed] = await stream.frames.take(2);
    assert.deepEqual([event.event, event.data], ["notes/*", { record, action: "create", seq: now }], name);
    assert.deepEqual([resumed.event, Object.keys(resumed.data), resumed.data.seq >= now], ["@resumed", ["seq"], true], name);
    // Once: another set of topics goes on.
    await stream.subscribe(["notes/*", "memos/*"]);
    await client.collection("memos").create({ title: "live" });
    assert.equal((await stream.frames.next()).data.record.title, "live");
    await client.collection("memos").delete((await client.collection("memos").getFirstListItem("title = 'live'")).id);
    assert.equal((await stream.frames.next()).data.action, "delete");
  }
});

test("what a browser sends by itself when it reconnects is no number", larder, async (t) => {
  const probe = await EventStream.open(server.url);
  t.after(() => probe.close());
  for (const id of [probe.clientId, "", "-1", "1.5", "0x10", "1e3", "9".repeat(40), " ", "NaN"]) {
    const stream = await EventStream.open(server.url, { headers: { "last-event-id": id } });
    t.after(() => stream.close());
    await stream.subscribe(["notes/*"]);
    const { id: recordId } = await notes.create({ title: `after ${id}` });
    const [first] = await stream.frames.take(1);
    // Beyond all numbers is no number, or one beyond the feed: nothing but a `@resync` may come before.
    const { data } = first.event === "@resync" && id.length === 40 && id !== probe.clientId ? await stream.frames.next() : first;
    assert.equal(data.record?.id, recordId, id);
  }
});

test("a client that does not read is told to load anew, and can then get everything", larder, async (t) => {
  const slow = await EventStream.open(server.url);
  t.after(() => slow.close());
  const witness = await EventStream.open(server.url);
  t.after(() => witness.close());
  for (const stream of [slow, witness]) await stream.subscribe(["notes/*"]);
  slow.pause();
  // More than all the buffers between the two hold.
  const [size, count] = [500_000, 60];
  for (let n = 0; n < count; n++) await notes.create({ title: `large ${n}`, body: "x".repeat(size) });
  await notes.create({ title: "end" });
  // Others are not held up.
  const heard = await witness.frames.take(count + 1);
  assert.deepEqual(heard.map(({ data }) => data.record.title), [...Array.from({ length: count }, (_, n) => `large ${n}`), "end"]);
  slow.resume();
  const before = await slow.frames.until(({ event }) => event === "@resync");
  assert.ok(before.length < count, `${before.length} of ${count} came all the same`);
  assert.deepEqual(before.map(({ data }) => data.record.title), Array.from({ length: before.length }, (_, n) => `large ${n}`));
  // The feed still has it all.
  const again = await EventStream.open(server.url);
  t.after(() => again.close());
  await again.subscribe(["notes/*"], { more: { lastEventSeq: before.at(-1)?.data.seq ?? slow.connect.seq } });
  const rest = await again.frames.until(({ event }) => event === "@resumed");
  assert.deepEqual(rest.map(({ data }) => data.seq), heard.slice(before.length).map(({ data }) => data.seq));
});
