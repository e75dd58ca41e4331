// Search: an addition of Larder, through the calls every client has.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { guest, refused, superuser } from "./client.mjs";
import { isReference, startServer } from "./server.mjs";

const skip = isReference() && "the reference has no search";

let server, client, seq;
before(async () => {
  if (skip) return;
  server = await startServer();
  client = await superuser(server);
  await client.collections.create({
    name: "posts",
    listRule: "public = true",
    fields: [
      { name: "title", type: "text" },
      { name: "body", type: "editor" },
      { name: "status", type: "select", values: ["open", "closed"] },
      { name: "public", type: "bool" },
      { name: "notes", type: "text", hidden: true },
    ],
    search: { fields: [{ name: "title", weight: 3 }, "body", "notes"], facets: ["status"] },
  });
  client.afterSend = (response, data) => {
    seq = response.headers.get("Larder-Seq") ?? seq;
    return data;
  };
  const posts = client.collection("posts");
  await posts.create({ title: "Hello, <World>", body: "<p>first</p>", status: "open", public: true, notes: "treasure" });
  await posts.create({ title: "Another one", body: "<p>hello to all the world</p>", status: "closed", public: true });
  await posts.create({ title: "Hello hidden world", body: "", status: "closed", public: false });
  // The index is made in the background.
  for (;;) {
    const { indexes } = await client.send("/api/search/status", {});
    if (indexes.some((index) => index.collectionName === "posts" && index.searchable)) break;
  }
});
after(() => server?.stop());

test("a list finds what people type", { skip }, async () => {
  const posts = guest(server).collection("posts");
  const page = await posts.getList(1, 20, { search: "hello wor", searchAfter: seq, highlight: "*", facets: "status" });
  assert.deepEqual(
    page.items.map((item) => item.title),
    ["Hello, <World>", "Another one"],
  );
  assert.equal(page.totalItems, 2);
  assert.equal(page.items[0]["@search"].highlights.title, "<mark>Hello</mark>, &lt;<mark>World</mark>&gt;");
  // Under a rule scores tell how the others do beside the best.
  assert.equal(page.items[0]["@search"].score, 1);
  assert.ok(page.items[1]["@search"].score < 1);
  assert.deepEqual(page.facets, {
    status: [
      { count: 1, value: "closed" },
      { count: 1, value: "open" },
    ],
  });
  const sorted = await posts.getList(1, 1, { search: "hello", sort: "title", fields: "title" });
  assert.deepEqual(sorted.items, [{ title: "Another one" }]);
  assert.equal((await posts.getFullList({ search: "hello", filter: "status = 'open'" })).length, 1);
  assert.equal((await client.collection("posts").getList(1, 20, { search: "hello", searchAfter: seq })).totalItems, 3);
  await refused(posts.getList(1, 20, { search: "hello", facets: "title" }), 400);
});

test("what was just written is found", { skip }, async () => {
  const posts = client.collection("posts");
  const made = await posts.create({ title: "Marmalade", status: "open", public: true });
  const found = async () => (await guest(server).collection("posts").getFullList({ search: "marmal", searchAfter: seq })).map((r) => r.id);
  assert.deepEqual(await found(), [made.id]);
  await posts.update(made.id, { title: "Jam" });
  assert.deepEqual(await found(), []);
  await posts.update(made.id, { title: "Marmalade again" });
  assert.deepEqual(await found(), [made.id]);
  await posts.delete(made.id);
  assert.deepEqual(await found(), []);
  await refused(posts.getList(1, 20, { search: "jam", searchAfter: Number(seq) + 1_000_000 }), 400);
});

test("hidden fields are searched by superusers alone", { skip }, async () => {
  const asked = { search: "treasure", searchAfter: seq, highlight: "*" };
  assert.equal((await guest(server).collection("posts").getList(1, 20, asked)).totalItems, 0);
  const page = await client.collection("posts").getList(1, 20, asked);
  assert.deepEqual(page.items[0]["@search"].highlights, { notes: "<mark>treasure</mark>" });
  await refused(guest(server).collection("posts").getList(1, 20, { search: "hello", highlight: "notes" }), 400);
  const suggested = await guest(server).send("/api/collections/posts/suggest", { query: { q: "treas" } });
  assert.deepEqual(suggested, { words: [], records: [] });
});

test("several collections, suggestions", { skip }, async () => {
  const page = await guest(server).send("/api/search", { query: { q: "hello", collections: "posts" } });
  assert.equal(page.totalItems, 2);
  assert.deepEqual(
    page.items.map((item) => item.collectionName),
    ["posts", "posts"],
  );
  assert.equal(page.items[0]["@search"].score, 1);
  assert.equal((await guest(server).send("/api/search", { query: { q: "hello" } })).totalItems, 2);
  const suggested = await guest(server).send("/api/collections/posts/suggest", { query: { q: "wor" } });
  assert.deepEqual(suggested.words, ["World"]);
  assert.equal(suggested.records[0].title, "Hello, <World>");
});
