// The SQL console.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { guest, refused, superuser } from "./client.mjs";
import { startServer } from "./server.mjs";

let server, client;

before(async () => {
  server = await startServer();
  client = await superuser(server);
});
after(() => server.stop());

test("superusers read and write with SQL", async () => {
  const made = await client.sql.run("create table zz (a integer, b text); insert into zz values (1, 'x'), (2, null)");
  assert.deepEqual([made.affectedRows, made.columns, made.rows], [2, [], []]);
  const read = await client.sql.run("select a, b from zz order by a");
  assert.deepEqual(read.rows, [["1", "x"], ["2", null]]);
  assert.deepEqual(read.columns[0], { name: "a", type: "INTEGER", nullable: true });
});

test("others do not, and mistakes are told", async () => {
  await refused(guest(server).sql.run("select 1"), 401);
  const error = await refused(client.sql.run("selec 1"), 400);
  assert.match(error.response.message, /syntax error/);
  await refused(client.send("/api/sql", { method: "POST", body: { query: "delete from zz", readOnly: true } }), 400);
});
