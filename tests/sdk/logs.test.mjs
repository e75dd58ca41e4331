// Logs through the official client.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { guest, refused, superuser } from "./client.mjs";
import { isReference, startServer } from "./server.mjs";

let server, client;
before(async () => {
  server = await startServer();
  client = await superuser(server);
});
after(() => server?.stop());

/** The reference writes what it logs after some seconds, and there is no event for that. */
async function logged(filter, count) {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const page = await client.logs.getList(1, 50, { filter, sort: "@rowid" });
    if (page.items.length >= count) return page;
    assert.ok(isReference() && Date.now() < deadline, `${page.items.length} entries instead of ${count}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

test("requests are listed, found and counted", async () => {
  const missing = guest(server).collection("nope");
  await refused(missing.getList(1, 1, { query: { case: "a" } }), 404);
  await refused(missing.getList(1, 1, { query: { case: "b" } }), 404);
  const filter = 'data.status = 404 && data.url ~ "case="';
  const page = await logged(filter, 2);
  assert.deepEqual([page.page, page.perPage, page.totalItems, page.totalPages], [1, 50, 2, 1]);
  const [first] = page.items;
  assert.equal(first.level, 8);
  assert.match(first.message, /^GET \/api\/collections\/nope\/records\?/);
  assert.match(first.created, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual([first.data.type, first.data.method, first.data.auth, first.data.details === undefined], ["request", "GET", "", false]);
  const newest = await client.logs.getList(1, 1, { filter, sort: "-@rowid", fields: "id" });
  assert.deepEqual(newest.items, [{ id: page.items[1].id }]);
  assert.deepEqual(await client.logs.getOne(first.id), first);
  await refused(client.logs.getOne("nope"), 404);

  const stats = await client.logs.getStats({ filter });
  assert.equal(stats.reduce((sum, hour) => sum + hour.total, 0), 2);
  assert.match(stats[0].date, /^\d{4}-\d\d-\d\d \d\d:00:00\.000Z$/);
  assert.deepEqual(await client.logs.getStats({ filter: "level > 100" }), []);
});

test("filters that make no sense are refused", async () => {
  for (const filter of ["foo = 1", "@request.auth.id = ''", "@collection.users.id = ''", "level ="]) {
    await refused(client.logs.getList(1, 1, { filter }), 400);
    await refused(client.logs.getStats({ filter }), 400);
  }
  for (const sort of ["foo", "rowid"]) await refused(client.logs.getList(1, 1, { sort }), 400);
});

test("logs are for superusers", async () => {
  await refused(guest(server).logs.getList(), 401);
  await refused(guest(server).logs.getOne("aaaaaaaaaaaaaaa"), 401);
  await refused(guest(server).logs.getStats(), 401);
});

test("all logs are removed", { skip: isReference() && "an addition of Larder" }, async () => {
  await client.send("/api/logs", { method: "DELETE" });
  const { items } = await client.logs.getList();
  assert.deepEqual(items.map((item) => item.data.method), ["DELETE"]);
});
