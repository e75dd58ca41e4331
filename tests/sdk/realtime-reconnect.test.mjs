// Realtime when the connection is lost: the client comes back by itself, and subscribes anew.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createAuthCollection, signIn, signUp } from "./accounts.mjs";
import { guest, superuser } from "./client.mjs";
import { EventQueue } from "./event-queue.mjs";
import { brief, hangUp, heardBefore, listen } from "./listen.mjs";
import { startProxy } from "./proxy.mjs";
import { startServer } from "./server.mjs";

const OPEN = { listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "" };

let server, proxy, client, notes;
before(async () => {
  server = await startServer();
  proxy = await startProxy(server.url);
  client = await superuser(server);
  await createAuthCollection(client, "members");
  const fields = [{ name: "title", type: "text" }];
  await client.collections.create({ ...OPEN, name: "notes", fields });
  await client.collections.create({ ...OPEN, name: "members_notes", fields, listRule: "@request.auth.id != ''" });
  notes = client.collection("notes");
});
after(async () => {
  await hangUp();
  await proxy?.stop();
  await server?.stop();
});

/** Told of the ends and beginnings of a client's connections. */
async function connections(session) {
  const queue = new EventQueue();
  session.realtime.onDisconnect = (topics) => queue.push(topics);
  await session.realtime.subscribe("PB_CONNECT", ({ clientId }) => queue.push(clientId));
  return queue;
}

test("a client that was cut off comes back with all its topics", async () => {
  const session = guest({ url: proxy.url });
  const all = await listen(session.collection("notes"));
  const picked = await listen(session.collection("notes"), "*", { fields: "title", filter: "title != 'x'" });
  const told = await connections(session);
  const { clientId } = session.realtime;
  for (const round of ["first", "second"]) {
    proxy.cut();
    assert.equal((await told.next()).length, 3, "topics of the connection that is lost");
    proxy.mend();
    // Attempts that came too early have failed and are told as well.
    const next = await (async () => {
      for (;;) {
        const item = await told.next();
        if (typeof item === "string") return item;
      }
    })();
    assert.equal(next, session.realtime.clientId);
    assert.notEqual(next, clientId);
    await notes.create({ title: round });
    assert.equal(brief(await all.next()), `create ${round}`);
    assert.deepEqual((await picked.next()).record, { title: round });
  }
  assert.deepEqual(await heardBefore(notes, all), []);
});

test("it comes back as whom it has signed in as meanwhile, or as a guest", async () => {
  const { email } = await signUp(server, "members");
  const session = await signIn({ url: proxy.url }, "members", email);
  const events = await listen(session.collection("members_notes"));
  const told = await connections(session);
  const create = (title) => client.collection("members_notes").create({ title });
  const back = async () => {
    proxy.cut();
    await told.next();
    proxy.mend();
    while (typeof (await told.next()) !== "string");
  };
  await create("one");
  assert.equal(brief(await events.next()), "create one");
  const { token, record } = session.authStore;
  session.authStore.clear();
  await back();
  await create("two");
  session.authStore.save(token, record);
  await back();
  await create("three");
  assert.equal(brief(await events.next()), "create three");
});

test("topics asked for while the connection is down come with the next one", async () => {
  const session = guest({ url: proxy.url });
  const events = await listen(session.collection("notes"));
  const told = await connections(session);
  proxy.cut();
  await told.next();
  const later = await listen(session.collection("notes"), "*", { fields: "title" });
  await events.stop();
  proxy.mend();
  while (typeof (await told.next()) !== "string");
  await notes.create({ title: "after" });
  assert.deepEqual((await later.next()).record, { title: "after" });
  assert.deepEqual(events.waiting, []);
});
