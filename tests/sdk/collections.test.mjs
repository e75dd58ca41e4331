// Managing collections: all three types, renames, truncate, import, scaffolds, and what is refused.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { flatCodes, guest, refused, superuser } from "./client.mjs";
import { startServer } from "./server.mjs";

let server, client;
before(async () => {
  server = await startServer();
  client = await superuser(server);
});
after(() => server.stop());

const SYSTEM = ["_mfas", "_otps", "_externalAuths", "_authOrigins", "_superusers"];
const names = (fields) => fields.map((field) => field.name);

test("a fresh folder has the system collections and users", async () => {
  const all = await client.collections.getFullList();
  for (const name of [...SYSTEM, "users"]) {
    const found = all.find((collection) => collection.name === name);
    assert.ok(found, `${name} is missing`);
    assert.equal(found.system, name !== "users");
  }
});

test("scaffolds describe an empty collection of each type", async () => {
  const scaffolds = await client.collections.getScaffolds();
  assert.deepEqual(Object.keys(scaffolds).sort(), ["auth", "base", "view"]);
  assert.deepEqual(names(scaffolds.base.fields), ["id"]);
  assert.deepEqual(names(scaffolds.auth.fields), ["id", "password", "tokenKey", "email", "emailVisibility", "verified"]);
  assert.deepEqual(scaffolds.view.fields, []);
  assert.equal(scaffolds.auth.passwordAuth.enabled, true);
  assert.equal(scaffolds.view.viewQuery, "");
  for (const scaffold of Object.values(scaffolds)) {
    assert.equal(scaffold.id, "");
    assert.equal(scaffold.name, "");
    assert.equal(scaffold.listRule, null);
  }
});

test("base, auth and view collections are created with their defaults", async () => {
  const base = await client.collections.create({
    name: "things",
    type: "base",
    fields: [{ name: "title", type: "text" }, { name: "qty", type: "number" }],
  });
  assert.equal(base.type, "base");
  assert.equal(base.system, false);
  assert.deepEqual(names(base.fields), ["id", "title", "qty"]);
  assert.equal(base.fields[0].primaryKey, true);
  assert.deepEqual(base.indexes, []);
  assert.equal("authRule" in base, false);

  const auth = await client.collections.create({ name: "people", type: "auth", fields: [{ name: "nick", type: "text" }] });
  assert.equal(auth.authRule, "");
  assert.equal(auth.manageRule, null);
  assert.deepEqual(auth.passwordAuth, { enabled: true, identityFields: ["email"] });
  assert.deepEqual(auth.authToken, { duration: 432000 }, "secrets are write-only");
  assert.equal(auth.indexes.length, 2);
  assert.ok(names(auth.fields).includes("nick"));

  const view = await client.collections.create({
    name: "things_view",
    type: "view",
    viewQuery: "select id, title, (qty * 2) as twice from things",
  });
  assert.deepEqual(view.fields.map((f) => [f.name, f.type]), [["id", "text"], ["title", "text"], ["twice", "json"]]);

  for (const created of [base, auth, view]) {
    assert.deepEqual(await client.collections.getOne(created.id), created);
    assert.deepEqual(await client.collections.getOne(created.name), created);
  }
});

test("renaming a collection and a field keeps the data", async () => {
  const before = await client.collections.create({
    name: "old_name",
    fields: [{ name: "first", type: "text" }, { name: "second", type: "text" }],
    indexes: ["CREATE INDEX `idx_first` ON `old_name` (`first`)"],
  });
  const record = await client.collection("old_name").create({ first: "one", second: "two" });

  const fields = before.fields.map((field) => (field.name === "first" ? { ...field, name: "renamed" } : field));
  const after = await client.collections.update("old_name", {
    name: "new_name",
    fields,
    indexes: ["CREATE INDEX `idx_first` ON `old_name` (`renamed`)"],
  });
  assert.equal(after.id, before.id);
  assert.deepEqual(names(after.fields), ["id", "renamed", "second"]);
  assert.match(after.indexes[0], /`new_name`/);

  const moved = await client.collection("new_name").getOne(record.id);
  assert.equal(moved.renamed, "one");
  assert.equal(moved.second, "two");
  assert.equal(moved.collectionName, "new_name");
  assert.equal("first" in moved, false);
  await refused(client.collections.getOne("old_name"), 404);
});

test("two fields can swap their names", async () => {
  const before = await client.collections.create({
    name: "swapped",
    fields: [{ name: "left", type: "text" }, { name: "right", type: "text" }],
  });
  const record = await client.collection("swapped").create({ left: "L", right: "R" });
  const other = { left: "right", right: "left" };
  await client.collections.update("swapped", {
    fields: before.fields.map((field) => ({ ...field, name: other[field.name] ?? field.name })),
  });
  const swapped = await client.collection("swapped").getOne(record.id);
  assert.deepEqual([swapped.left, swapped.right], ["R", "L"]);
});

test("adding and removing fields changes the records", async () => {
  const before = await client.collections.create({ name: "grown", fields: [{ name: "a", type: "text" }] });
  const record = await client.collection("grown").create({ a: "kept?" });
  const grown = await client.collections.update("grown", {
    fields: [...before.fields, { name: "b", type: "number" }, { name: "c", type: "select", values: ["x", "y"], maxSelect: 2 }],
  });
  const wider = await client.collection("grown").getOne(record.id);
  assert.deepEqual([wider.a, wider.b, wider.c], ["kept?", 0, []]);

  await client.collections.update("grown", { fields: grown.fields.filter((field) => field.name !== "a") });
  const narrower = await client.collection("grown").getOne(record.id);
  assert.equal("a" in narrower, false);
});

test("a select field keeps its values when it becomes multiple and single again", async () => {
  const field = { name: "tag", type: "select", values: ["a", "b", "c"], maxSelect: 1 };
  const before = await client.collections.create({ name: "converted", fields: [field] });
  const record = await client.collection("converted").create({ tag: "b" });
  const withMax = (maxSelect) => before.fields.map((f) => (f.name === "tag" ? { ...f, maxSelect } : f));

  await client.collections.update("converted", { fields: withMax(3) });
  assert.deepEqual((await client.collection("converted").getOne(record.id)).tag, ["b"]);
  await client.collection("converted").update(record.id, { tag: ["b", "c"] });

  await client.collections.update("converted", { fields: withMax(1) });
  assert.equal((await client.collection("converted").getOne(record.id)).tag, "c", "the last one stays");
});

test("a unique index is enforced, and reported on its fields", async () => {
  await client.collections.create({
    name: "unique_pairs",
    fields: [{ name: "a", type: "text" }, { name: "b", type: "text" }],
    indexes: ["CREATE UNIQUE INDEX `idx_pair` ON `unique_pairs` (`a`, `b`)"],
  });
  const records = client.collection("unique_pairs");
  await records.create({ a: "1", b: "2" });
  await records.create({ a: "1", b: "3" });
  await refused(records.create({ a: "1", b: "2" }), 400, { a: "validation_not_unique", b: "validation_not_unique" });
});

test("truncate empties a collection and nothing else", async () => {
  await client.collections.create({ name: "emptied", fields: [{ name: "n", type: "number" }] });
  for (let n = 0; n < 3; n++) await client.collection("emptied").create({ n });
  assert.equal(await client.collections.truncate("emptied"), true);
  assert.equal((await client.collection("emptied").getList()).totalItems, 0);
  assert.deepEqual(names((await client.collections.getOne("emptied")).fields), ["id", "n"]);
});

test("delete removes a collection, but not one that others refer to, nor a system one", async () => {
  const target = await client.collections.create({ name: "referred" });
  await client.collections.create({
    name: "referring",
    fields: [{ name: "to", type: "relation", collectionId: target.id, maxSelect: 1 }],
  });
  await refused(client.collections.delete("referred"), 400);
  await refused(client.collections.delete("_superusers"), 400);
  assert.equal(await client.collections.delete("referring"), true);
  assert.equal(await client.collections.delete("referred"), true);
  await refused(client.collections.getOne("referred"), 404);
  await refused(client.collections.delete("referred"), 404);
});

test("import creates and merges collections in one step", async () => {
  const existing = await client.collections.create({ name: "imported_old", fields: [{ name: "kept", type: "text" }] });
  const record = await client.collection("imported_old").create({ kept: "value" });

  // A circular pair can only be imported, never created one after the other.
  const imported = await client.collections.import([
    { id: "imp_left", name: "imported_left", fields: [{ name: "right", type: "relation", collectionId: "imp_right" }] },
    { id: "imp_right", name: "imported_right", fields: [{ name: "left", type: "relation", collectionId: "imp_left" }] },
    { id: existing.id, name: "imported_old", listRule: "", fields: [{ name: "added", type: "bool" }] },
  ]);
  assert.equal(imported, true);
  assert.equal((await client.collections.getOne("imp_left")).fields[1].collectionId, "imp_right");

  const merged = await client.collections.getOne("imported_old");
  assert.equal(merged.listRule, "");
  assert.deepEqual(names(merged.fields).sort(), ["added", "id", "kept"]);
  const kept = await client.collection("imported_old").getOne(record.id);
  assert.deepEqual([kept.kept, kept.added], ["value", false]);
});

test("a failing import changes nothing", async () => {
  const before = await client.collections.getFullList();
  await refused(
    client.collections.import([
      { name: "half_done", fields: [{ name: "fine", type: "text" }] },
      { name: "broken", fields: [{ name: "no spaces here", type: "text" }] },
    ]),
    400,
    { collections: "validation_collections_import_failure" },
  );
  await refused(client.collections.import([]), 400, { collections: "validation_required" });
  assert.deepEqual(await client.collections.getFullList(), before);
});

test("validation errors name the option", async () => {
  const field = (extra) => ({ name: "f", type: "text", ...extra });
  const cases = [
    ["no name", {}, { name: "validation_required" }],
    ["bad name", { name: "a b" }, { name: "validation_match_invalid" }],
    ["taken name", { name: "USERS" }, { name: "validation_collection_name_exists" }],
    ["reserved field name", { name: "c1", fields: [field({ name: "expand" })] }, { "fields.1.name": "validation_not_in_invalid" }],
    ["bad pattern", { name: "c2", fields: [field({ pattern: "(" })] }, { "fields.1.pattern": "validation_invalid_regex" }],
    ["select without values", { name: "c3", fields: [field({ type: "select" })] }, { "fields.1.values": "validation_required" }],
    ["field twice", { name: "c4", fields: [field({ id: "one" }), field({ id: "two" })] }, { "fields.2.name": "validation_duplicated_field_name" }],
    ["bad index", { name: "c6", indexes: ["create index idx on c6 (missing)"] }, { "indexes.0": "validation_invalid_index_expression" }],
  ];
  for (const [what, body, codes] of cases) {
    const error = await client.collections.create({ type: "base", ...body }).then(
      () => assert.fail(`${what} was accepted`),
      (reason) => reason,
    );
    assert.equal(error.status, 400, what);
    assert.deepEqual(Object.fromEntries(flatCodes(error.response.data)), codes, what);
  }
});

test("only superusers manage collections", async () => {
  await refused(guest(server).collections.getFullList(), 401);
  await refused(guest(server).collections.create({ name: "nope" }), 401);
  const password = { password: "12345678", passwordConfirm: "12345678" };
  await client.collection("users").create({ email: "plain@example.com", ...password });
  const user = guest(server);
  await user.collection("users").authWithPassword("plain@example.com", "12345678");
  await refused(user.collections.getFullList(), 403);
});
