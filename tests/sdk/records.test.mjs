// Records: create, view, update, delete, lists with pages, sort and field picking, cascades, and who may do what.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { guest, refused, superuser } from "./client.mjs";
import { startServer } from "./server.mjs";

const OPEN = { listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "" };

let server, client;
before(async () => {
  server = await startServer();
  client = await superuser(server);
  await client.collections.create({
    ...OPEN,
    name: "notes",
    fields: [
      { name: "title", type: "text", required: true },
      { name: "rank", type: "number" },
      { name: "body", type: "editor" },
      { name: "meta", type: "json" },
      { name: "created", type: "autodate", onCreate: true },
    ],
  });
  await client.collections.create({ name: "locked", fields: [{ name: "title", type: "text" }] });
});
after(() => server.stop());

test("a record is created, viewed, updated and deleted", async () => {
  const notes = guest(server).collection("notes");
  const created = await notes.create({ title: "First", rank: 1 });
  assert.deepEqual(await notes.getOne(created.id), created);

  const updated = await notes.update(created.id, { rank: 2 });
  assert.deepEqual(updated, { ...created, rank: 2 });

  assert.equal(await notes.delete(created.id), true);
  await refused(notes.getOne(created.id), 404);
  await refused(notes.update(created.id, { rank: 3 }), 404);
  await refused(notes.delete(created.id), 404);
});

test("a client may choose the id", async () => {
  const notes = client.collection("notes");
  const created = await notes.create({ id: "chosen000000001", title: "mine" });
  assert.equal(created.id, "chosen000000001");
  await refused(notes.create({ id: "chosen000000001", title: "again" }), 400, { id: "validation_not_unique" });
  await refused(notes.create({ id: "short", title: "x" }), 400, { id: "validation_min_text_constraint" });
  await refused(notes.update(created.id, { id: "another00000000" }), 400, { id: "validation_pk_change" });
  assert.equal((await notes.update(created.id, { id: created.id, title: "same id" })).title, "same id");
});

test("all failing fields are reported together", async () => {
  await refused(client.collection("notes").create({ title: "", id: "UPPERCASE000000" }), 400, {
    title: "validation_required",
    id: "validation_invalid_format",
  });
});

test("a body can be sent as a form", async () => {
  const form = new FormData();
  form.append("title", "From a form");
  form.append("rank", "7");
  form.append("meta", '{"a":1}');
  const created = await client.collection("notes").create(form);
  assert.equal(created.title, "From a form");
  assert.equal(created.rank, 7);
  assert.deepEqual(created.meta, { a: 1 });
});

test("names of collections are case-insensitive, ids work too", async () => {
  const { id } = await client.collections.getOne("notes");
  const record = await client.collection("NOTES").create({ title: "case" });
  assert.equal((await client.collection(id).getOne(record.id)).collectionName, "notes");
});

test("null rules are for superusers, empty ones for everyone", async () => {
  const record = await client.collection("locked").create({ title: "secret" });
  const closed = guest(server).collection("locked");
  await refused(closed.getList(), 403);
  await refused(closed.getOne(record.id), 403);
  await refused(closed.getOne("missing00000000"), 403);
  await refused(closed.create({ title: "x" }), 403);
  await refused(closed.update(record.id, { title: "x" }), 403);
  await refused(closed.delete(record.id), 403);
  await refused(guest(server).collection("no_such_collection").getList(), 404);
  await refused(guest(server).collection("no_such_collection").create({}), 404);
});

test.describe("lists", () => {
  const ids = [];
  let pages;

  before(async () => {
    await client.collections.create({
      ...OPEN,
      name: "pages",
      fields: [{ name: "n", type: "number" }, { name: "word", type: "text" }, { name: "body", type: "editor" }, { name: "meta", type: "json" }],
    });
    pages = guest(server).collection("pages");
    const words = ["b", "a", "C", "a", "b", "", "d"];
    for (const [n, word] of words.entries()) {
      const body = "<p>Hello <b>world</b> and more</p>";
      ids.push((await pages.create({ n, word, body, meta: { a: n, b: [{ c: 1, d: 2 }] } })).id);
    }
  });

  const numbers = (list) => list.items.map((item) => item.n);

  test("a page says where it is", async () => {
    const { items, ...first } = await pages.getList(1, 3, { sort: "n" });
    assert.deepEqual(first, { page: 1, perPage: 3, totalItems: 7, totalPages: 3 });
    assert.deepEqual(items.map((item) => item.id), ids.slice(0, 3));
    assert.deepEqual(numbers(await pages.getList(3, 3, { sort: "n" })), [6]);
    assert.deepEqual(await pages.getList(9, 3), { page: 9, perPage: 3, totalItems: 7, totalPages: 3, items: [] });
  });

  test("odd page numbers are put right or refused", async () => {
    const { items, ...list } = await pages.getList(-4, 0);
    assert.deepEqual(list, { page: 1, perPage: 30, totalItems: 7, totalPages: 1 });
    assert.equal(items.length, 7);
    assert.equal((await pages.getList(1, 5000)).perPage, 1000);
    await refused(pages.getList("x", 30), 400);
    await refused(pages.getList(1, 30, { skipTotal: "maybe" }), 400);
  });

  test("totals can be skipped", async () => {
    const list = await pages.getList(1, 2, { skipTotal: true });
    assert.deepEqual([list.totalItems, list.totalPages, list.items.length], [-1, -1, 2]);
  });

  test("full lists are fetched page by page", async () => {
    const all = await pages.getFullList({ batch: 2, sort: "n" });
    assert.deepEqual(all.map((item) => item.id), ids);
    assert.equal((await pages.getFullList()).length, 7);
  });

  test("the first item is found without a filter, and missed with a 404", async () => {
    assert.equal((await pages.getFirstListItem("", { sort: "-n" })).n, 6);
    await client.collections.create({ ...OPEN, name: "empty" });
    // This 404 is made by the client itself.
    await assert.rejects(client.collection("empty").getFirstListItem(""), { status: 404 });
  });

  test("sort takes several fields in both directions", async () => {
    assert.deepEqual(numbers(await pages.getList(1, 30, { sort: "-n" })), [6, 5, 4, 3, 2, 1, 0]);
    assert.deepEqual(numbers(await pages.getList(1, 30, { sort: "word,-n" })), [5, 2, 3, 1, 4, 0, 6]);
    assert.deepEqual(numbers(await pages.getList(1, 30, { sort: " -word , +n " })), [6, 0, 4, 1, 3, 2, 5]);
    assert.deepEqual(numbers(await pages.getList(1, 30, { sort: "-@rowid" })), [6, 5, 4, 3, 2, 1, 0]);
    assert.equal((await pages.getList(1, 30, { sort: "@random" })).items.length, 7);
    for (const sort of ["nope", "n,", "--n", "@now"]) await refused(pages.getList(1, 30, { sort }), 400);
  });

  test("fields picks what is returned", async () => {
    const list = await pages.getList(1, 1, { sort: "n", fields: "id,meta.b.c" });
    assert.deepEqual(list, { page: 1, perPage: 1, totalItems: 7, totalPages: 7, items: [{ id: ids[0], meta: { b: [{ c: 1 }] } }] });
    assert.deepEqual(await pages.getOne(ids[1], { fields: "n,missing" }), { n: 1 });
    assert.deepEqual(await pages.getOne(ids[1], { fields: "body:excerpt(8,true)" }), { body: "Hello wo..." });
    const { collectionId } = await pages.getOne(ids[1]);
    assert.deepEqual(await pages.update(ids[1], { word: "z" }, { fields: "*,meta.a" }), {
      id: ids[1], n: 1, word: "z", body: "<p>Hello <b>world</b> and more</p>", meta: { a: 1 }, collectionId, collectionName: "pages",
    });
  });
});

test("deleting a record cleans up what refers to it", async () => {
  const target = await client.collections.create({ name: "targets", fields: [{ name: "t", type: "text" }] });
  const relation = (name, extra) => ({ name, type: "relation", collectionId: target.id, maxSelect: 1, ...extra });
  await client.collections.create({ name: "cascading", fields: [relation("to", { cascadeDelete: true })] });
  await client.collections.create({ name: "loose", fields: [relation("to"), relation("all", { maxSelect: 5 })] });
  await client.collections.create({ name: "needing", fields: [relation("to", { required: true })] });
  const [one, two] = await Promise.all(["1", "2"].map((t) => client.collection("targets").create({ t })));

  const child = await client.collection("cascading").create({ to: one.id });
  const loose = await client.collection("loose").create({ to: one.id, all: [one.id, two.id] });
  const needing = await client.collection("needing").create({ to: one.id });

  await refused(client.collection("targets").delete(one.id), 400);
  assert.equal((await client.collection("cascading").getOne(child.id)).to, one.id, "nothing happened");

  await client.collection("needing").delete(needing.id);
  assert.equal(await client.collection("targets").delete(one.id), true);
  await refused(client.collection("cascading").getOne(child.id), 404);
  const left = await client.collection("loose").getOne(loose.id);
  assert.deepEqual([left.to, left.all], ["", [two.id]]);
});
