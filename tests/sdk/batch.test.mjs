// Batches: several writes as one, all or nothing.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { flatCodes, guest, refused, superuser } from "./client.mjs";
import { startServer } from "./server.mjs";

const OPEN = { listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "" };

let server, client;
before(async () => {
  server = await startServer();
  client = await superuser(server);
  await client.collections.create({ ...OPEN, name: "notes", fields: [{ name: "title", type: "text", required: true }, { name: "rank", type: "number" }] });
  await client.collections.create({ name: "locked", fields: [{ name: "title", type: "text" }] });
});
after(() => server.stop());

const titles = async () => (await client.collection("notes").getFullList({ sort: "title" })).map((note) => note.title);

test("batches are off until they are switched on", async () => {
  const batch = client.createBatch();
  batch.collection("notes").create({ title: "early" });
  await refused(batch.send(), 403);
  const settings = await client.settings.update({ batch: { enabled: true } });
  assert.equal(settings.batch.enabled, true);
  assert.deepEqual(await client.settings.getAll(), settings);
});

test("records are created, updated, upserted and deleted in one go", async () => {
  const notes = guest(server).collection("notes");
  const [old, doomed] = [await notes.create({ title: "old", rank: 1 }), await notes.create({ title: "doomed" })];
  const batch = guest(server).createBatch();
  batch.collection("notes").create({ title: "created", rank: 1 }, { fields: "title,rank" });
  batch.collection("notes").update(old.id, { "title": "updated", "rank+": 2 });
  batch.collection("notes").upsert({ id: "upserted0000001", title: "upserted" });
  batch.collection("notes").upsert({ id: "upserted0000001", title: "upserted again" });
  batch.collection("notes").delete(doomed.id);
  const results = await batch.send();
  assert.deepEqual(results.map((result) => result.status), [200, 200, 200, 200, 204]);
  assert.deepEqual(results[0].body, { title: "created", rank: 1 });
  assert.deepEqual(results[1].body, { ...old, title: "updated", rank: 3 });
  assert.deepEqual(results[3].body, await notes.getOne("upserted0000001"));
  assert.equal(results[4].body, null);
  assert.deepEqual(await titles(), ["created", "updated", "upserted again"]);
});

test("nothing stays of a batch that fails", async () => {
  const before = await titles();
  const batch = client.createBatch();
  batch.collection("notes").create({ title: "undone" });
  batch.collection("notes").create({ title: "" });
  const error = await batch.send().then(() => assert.fail("accepted"), (reason) => reason);
  assert.equal(error.status, 400);
  const failed = error.response.data.requests[1];
  assert.equal(failed.code, "batch_request_failed");
  assert.equal(failed.response.status, 400);
  assert.deepEqual(flatCodes(failed.response.data), [["title", "validation_required"]]);
  assert.deepEqual(await titles(), before);
});

test("rules hold, and an empty batch is refused", async () => {
  const batch = guest(server).createBatch();
  batch.collection("locked").create({ title: "x" });
  const error = await batch.send().then(() => assert.fail("accepted"), (reason) => reason);
  assert.equal(error.response.data.requests[0].response.status, 403);
  await refused(client.createBatch().send(), 400, { requests: "validation_required" });
});
