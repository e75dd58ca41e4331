// Rules, filters, sorts and expands as an app uses them.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { guest, refused, superuser } from "./client.mjs";
import { startServer } from "./server.mjs";

const PASSWORD = "12345678";

let server, client, ann, bob;

/** A client signed in as a new user. */
const user = async (name, fields = {}) => {
  const email = `${name}@example.com`;
  await client.collection("users").create({ email, name, password: PASSWORD, passwordConfirm: PASSWORD, ...fields });
  const signedIn = guest(server);
  await signedIn.collection("users").authWithPassword(email, PASSWORD);
  return signedIn;
};

before(async () => {
  server = await startServer();
  client = await superuser(server);
  await client.collections.update("users", { listRule: "", viewRule: "" });
  const users = (await client.collections.getOne("users")).id;
  const teams = await client.collections.create({
    name: "teams",
    listRule: "members.id ?= @request.auth.id",
    viewRule: "members.id ?= @request.auth.id",
    fields: [
      { name: "name", type: "text" },
      { name: "members", type: "relation", collectionId: users, maxSelect: 10 },
    ],
  });
  // Without the first part guests would see posts that have no author or no team: nobody's id is empty, too.
  const seen = "public = true || (@request.auth.id != '' && (author = @request.auth.id || team.members.id ?= @request.auth.id))";
  const own = "@request.auth.id != '' && author = @request.auth.id";
  await client.collections.create({
    name: "posts",
    listRule: seen,
    viewRule: seen,
    createRule: own,
    updateRule: `${own} && (@request.body.author:isset = false || @request.body.author = author)`,
    deleteRule: own,
    fields: [
      { name: "title", type: "text" },
      { name: "public", type: "bool" },
      { name: "rank", type: "number" },
      { name: "tags", type: "select", values: ["red", "green", "blue"], maxSelect: 3 },
      { name: "author", type: "relation", collectionId: users, maxSelect: 1 },
      { name: "team", type: "relation", collectionId: teams.id, maxSelect: 1 },
      { name: "body", type: "editor" },
    ],
  });
  ann = await user("ann", { emailVisibility: true });
  bob = await user("bob");
});
after(() => server.stop());

const id = (someone) => someone.authStore.record.id;
const titles = (records) => records.map((record) => record.title);

test("who may write what", async () => {
  const nobody = guest(server);
  await refused(nobody.collection("posts").create({ title: "anonymous" }), 400);
  await refused(ann.collection("posts").create({ title: "for bob", author: id(bob) }), 400);
  const post = await ann.collection("posts").create({ title: "mine", author: id(ann) });
  await refused(bob.collection("posts").update(post.id, { title: "taken" }), 404);
  await refused(bob.collection("posts").getOne(post.id), 404);
  await refused(ann.collection("posts").update(post.id, { author: id(bob) }), 404);
  assert.equal((await ann.collection("posts").update(post.id, { title: "still mine" })).title, "still mine");
  await refused(bob.collection("posts").delete(post.id), 404);
  assert.equal(await ann.collection("posts").delete(post.id), true);
});

test("everybody lists what they may see, filtered, sorted and expanded", async () => {
  const team = await client.collection("teams").create({ name: "Oak", members: [id(ann), id(bob)] });
  await client.collection("teams").create({ name: "Elm", members: [id(ann)] });
  const posts = client.collection("posts");
  await posts.create({ title: "a", public: true, rank: 3, tags: ["red", "green"], author: id(ann) });
  await posts.create({ title: "b", rank: 2, tags: ["red"], author: id(ann), team: team.id });
  await posts.create({ title: "c", rank: 1, author: id(bob), body: "<p>some <b>long</b> text</p>" });

  const listed = async (someone, options = {}) => titles(await someone.collection("posts").getFullList({ sort: "title", ...options }));
  assert.deepEqual(await listed(guest(server)), ["a"]);
  assert.deepEqual(await listed(ann), ["a", "b"]);
  assert.deepEqual(await listed(bob), ["a", "b", "c"]);
  assert.deepEqual(await listed(client), ["a", "b", "c"]);

  const filter = client.filter("rank >= {:rank} && title != {:title}", { rank: 2, title: "it's" });
  assert.deepEqual(await listed(bob, { filter, sort: "-rank" }), ["a", "b"]);
  assert.deepEqual(await listed(bob, { filter: "tags:each ?= 'green'" }), ["a"]);
  assert.deepEqual(await listed(bob, { filter: "tags:length = 1 || title = 'c'" }), ["b", "c"]);
  assert.deepEqual(await listed(bob, { filter: "author.name = 'ann'", sort: "author.name,-title" }), ["b", "a"]);
  assert.deepEqual(await listed(bob, { filter: "team.name = 'Oak'" }), ["b"]);
  assert.deepEqual(await listed(guest(server), { filter: "team.name = 'Oak'" }), []);
  assert.equal((await bob.collection("posts").getFirstListItem("rank < 2")).title, "c");
  // The client makes this error itself, of an empty list.
  await assert.rejects(bob.collection("posts").getFirstListItem("rank > 99"), { status: 404 });
  await refused(bob.collection("posts").getList(1, 1, { filter: "@request.auth.id != ''" }), 403);
  await refused(bob.collection("posts").getList(1, 1, { filter: "author.tokenKey != ''" }), 400);
  await refused(bob.collection("posts").getList(1, 1, { filter: "rank >" }), 400);

  const page = await bob.collection("posts").getList(1, 1, { filter: "rank > 1", sort: "-rank", expand: "author,team.members" });
  assert.deepEqual([page.totalItems, page.totalPages, page.items[0].title], [2, 2, "a"]);
  assert.deepEqual(Object.keys(page.items[0].expand), ["author"]);
  assert.equal(page.items[0].expand.author.email, "ann@example.com");

  const second = await bob.collection("posts").getFirstListItem("title = 'b'", { expand: "team.members" });
  assert.deepEqual(second.expand.team.expand.members.map((member) => member.name).sort(), ["ann", "bob"]);
  const profile = await ann.collection("users").getOne(id(bob), { expand: "posts_via_author" });
  // Bob's own post is not public.
  assert.deepEqual([profile.email, profile.expand], [undefined, {}]);
  const picked = await bob.collection("posts").getFirstListItem("title = 'c'", { expand: "author", fields: "body:excerpt(9,true),expand.author.name" });
  assert.deepEqual(picked, { body: "some long...", expand: { author: { name: "bob" } } });
});

test("long lists are paged by cursor, and counted as far as wanted", async () => {
  const posts = client.collection("posts");
  for (let n = 0; n < 7; n++) await posts.create({ title: `page ${n}`, rank: n % 3 });
  const seen = [];
  let cursor = "";
  do {
    const page = await posts.getList(1, 2, { filter: "title ~ 'page'", sort: "-rank,title", cursor, skipTotal: true });
    seen.push(...titles(page.items));
    cursor = page.nextCursor;
    // What is inserted at the front does not shift what follows.
    if (seen.length === 2) await posts.create({ title: "page new", rank: 9 });
  } while (cursor);
  assert.equal(cursor, null);
  assert.deepEqual(seen, ["page 2", "page 5", "page 1", "page 4", "page 0", "page 3", "page 6"]);
  const counted = await posts.getList(1, 1, { filter: "title ~ 'page'", maxTotal: 5 });
  assert.deepEqual([counted.totalItems, counted.totalIsCapped], [5, true]);
});

test("rules that make no sense are not saved", async () => {
  const error = await refused(client.collections.update("posts", { listRule: "titel = 'x'", viewRule: "title =" }), 400, {
    listRule: "validation_invalid_rule",
    viewRule: "validation_invalid_rule",
  });
  assert.match(error.response.data.listRule.message, /titel.*position 1/);
});
