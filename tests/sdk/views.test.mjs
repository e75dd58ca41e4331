// View collections: inferred fields, reading their records, and what cannot be done with them.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { guest, refused, superuser } from "./client.mjs";
import { startServer } from "./server.mjs";

let server, client, authors;
before(async () => {
  server = await startServer();
  client = await superuser(server);
  authors = await client.collections.create({ name: "authors", fields: [{ name: "name", type: "text" }] });
  await client.collections.create({
    name: "books",
    fields: [
      { name: "title", type: "text" },
      { name: "price", type: "number" },
      { name: "tags", type: "select", values: ["a", "b"], maxSelect: 2 },
      { name: "author", type: "relation", collectionId: authors.id, maxSelect: 1 },
    ],
  });
  const ann = await client.collection("authors").create({ name: "Ann" });
  for (const [title, price] of [["One", 10], ["Two", 20.5]]) {
    await client.collection("books").create({ title, price, tags: ["a"], author: ann.id });
  }
});
after(() => server.stop());

const view = (name, viewQuery, extra = {}) => client.collections.create({ name, type: "view", viewQuery, ...extra });

test("field types are taken from where the columns come from", async () => {
  const created = await view(
    "catalogue",
    `select b.id, b.title as name, b.price, b.tags, b.author, a.id as author_id, count(a.id) as total,
       cast(b.price as int) as rounded, (b.price * 2) as twice
     from books b left join authors a on a.id = b.author group by b.id`,
  );
  const types = Object.fromEntries(created.fields.map((field) => [field.name, field.type]));
  assert.deepEqual(types, {
    id: "text", name: "text", price: "number", tags: "select", author: "relation", author_id: "relation",
    total: "number", rounded: "number", twice: "json",
  });
  assert.equal(created.fields.find((field) => field.name === "author").collectionId, authors.id);
});

test("records of a view are read like others", async () => {
  await view("prices", "select id, title, price, tags, (price + 1) as more from books", { listRule: "", viewRule: "" });
  const prices = guest(server).collection("prices");
  const list = await prices.getList(1, 30, { sort: "-price" });
  assert.deepEqual(list.items.map((item) => [item.title, item.price, item.more, item.tags]), [
    ["Two", 20.5, 21.5, ["a"]],
    ["One", 10, 11, ["a"]],
  ]);
  assert.equal(list.items[0].collectionName, "prices");
  assert.deepEqual(await prices.getOne(list.items[0].id), list.items[0]);
});

test("a view follows the records beneath it and cannot be written to", async () => {
  await view("titles", "select id, title from books");
  const before = await client.collection("titles").getList();
  const book = await client.collection("books").create({ title: "Three" });
  assert.equal((await client.collection("titles").getList()).totalItems, before.totalItems + 1);
  assert.equal((await client.collection("titles").getOne(book.id)).title, "Three");
  await refused(client.collection("titles").create({ title: "x" }), 400);
  await refused(client.collection("titles").update(book.id, { title: "x" }), 400);
  await refused(client.collection("titles").delete(book.id), 400);
  await refused(client.collections.truncate("titles"), 400);
  await client.collection("books").delete(book.id);
});

test("bad queries are refused", async () => {
  const invalid = "validation_invalid_view_query";
  await refused(view("bad1", ""), 400, { viewQuery: "validation_required", fields: "validation_required" });
  await refused(view("bad2", "select * from books"), 400, { viewQuery: invalid, fields: "validation_required" });
  await refused(view("bad3", "select id from missing_table"), 400, { viewQuery: invalid, fields: "validation_required" });
  await refused(view("bad4", "delete from books"), 400, { viewQuery: invalid, fields: "validation_required" });
  await refused(view("bad5", "select title from books"), 400, { viewQuery: invalid, fields: "validation_missing_primary_key" });
  await refused(view("bad6", "select id from books", { createRule: "" }), 400, { createRule: "validation_nil" });
  assert.equal((await client.collection("books").getList()).totalItems, 2);
});

test("a collection that a view needs cannot be deleted", async () => {
  await client.collections.create({ name: "needed", fields: [{ name: "t", type: "text" }] });
  await view("needs", "select id, t from needed");
  await refused(client.collections.delete("needed"), 400);
  await client.collections.delete("needs");
  assert.equal(await client.collections.delete("needed"), true);
});

test("a query can be tried out without saving it", async () => {
  const body = { query: "select id, title, price from books order by price limit 1" };
  const { fields, sample } = await client.send("/api/collections/meta/dry-run-view", { method: "POST", body });
  assert.deepEqual(fields.map((field) => field.name), ["id", "title", "price"]);
  assert.deepEqual(sample.map((record) => record.title), ["One"]);
  await refused(client.send("/api/collections/meta/dry-run-view", { method: "POST", body: { query: "nonsense" } }), 400);
});
