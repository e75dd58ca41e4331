// Realtime: who hears of what. Nobody hears of a record they could not read.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createAuthCollection, signIn, signUp } from "./accounts.mjs";
import { guest, superuser } from "./client.mjs";
import { brief, hangUp, heardBefore, listen } from "./listen.mjs";
import { startServer } from "./server.mjs";

const OPEN = { listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "" };
/** Added to rules so that everybody hears of the record that ends a case. */
const OR_END = "|| title = 'end'";

let server, client, accounts, ann, bob;
before(async () => {
  server = await startServer();
  client = await superuser(server);
  accounts = await createAuthCollection(client, "members", {
    listRule: "", viewRule: "", manageRule: "@request.auth.boss = true",
    fields: [{ name: "title", type: "text" }, { name: "boss", type: "bool" }],
  });
  ann = await signIn(server, "members", (await signUp(server, "members", { title: "ann" })).email);
  bob = await signIn(server, "members", (await signUp(server, "members", { title: "bob" })).email);
});
after(async () => {
  await hangUp();
  await server.stop();
});

const idOf = (session) => session.authStore.record.id;
const create = (name, fields, rest) => client.collections.create({ ...OPEN, name, fields: [{ name: "title", type: "text" }, ...fields], ...rest });
const owner = () => ({ name: "owner", type: "relation", collectionId: accounts.id, maxSelect: 1 });

test("guests, owners, others and superusers hear of what their rules show", async () => {
  await create("tasks", [owner(), { name: "public", type: "bool" }], { listRule: `public = true || owner = @request.auth.id && @request.auth.id != '' ${OR_END}` });
  const tasks = client.collection("tasks");
  const audience = { guest: guest(server), ann, bob, superuser: client };
  const queues = {};
  for (const [name, session] of Object.entries(audience)) queues[name] = await listen(session.collection("tasks"));
  await tasks.create({ title: "public", public: true });
  const hers = await tasks.create({ title: "ann's", owner: idOf(ann) });
  await tasks.create({ title: "bob's", owner: idOf(bob) });
  await tasks.create({ title: "nobody's" });
  await tasks.update(hers.id, { title: "changed" });
  // What it becomes decides, not what it was.
  await tasks.update(hers.id, { title: "handed over", owner: idOf(bob) });
  await tasks.update(hers.id, { title: "shown", public: true, owner: "" });
  await tasks.update(hers.id, { title: "hidden", public: false });
  // It goes as it was.
  await tasks.delete(hers.id);
  await tasks.create({ title: "end" });
  const heard = {};
  for (const [name, events] of Object.entries(queues)) heard[name] = (await events.until(({ record }) => record.title === "end")).map(brief);
  assert.deepEqual(heard, {
    guest: ["create public", "update shown"],
    ann: ["create public", "create ann's", "update changed", "update shown"],
    bob: ["create public", "create bob's", "update handed over", "update shown"],
    superuser: [
      "create public", "create ann's", "create bob's", "create nobody's", "update changed", "update handed over", "update shown", "update hidden", "delete hidden",
    ],
  });
});

test("the list rule is for all records, the view rule for one", async () => {
  await create("halves", [], { listRule: "title = 'listed' || title = 'end'", viewRule: "title = 'viewed'" });
  const halves = client.collection("halves");
  const record = await halves.create({ title: "new" });
  const all = await listen(guest(server).collection("halves"));
  const one = await listen(guest(server).collection("halves"), record.id);
  for (const title of ["listed", "viewed", "neither", "viewed", "listed"]) await halves.update(record.id, { title });
  assert.deepEqual(await heardBefore(halves, all), ["update listed", "update listed"]);
  assert.deepEqual((await one.take(2)).map(brief), ["update viewed", "update viewed"]);
  await halves.update(record.id, { title: "viewed" });
  await halves.delete(record.id);
  assert.deepEqual((await one.take(2)).map(brief), ["update viewed", "delete viewed"]);
});

test("what only superusers may read, only they hear of", async () => {
  await create("locked", [{ name: "secret", type: "text", hidden: true }], { listRule: null, viewRule: null });
  const locked = client.collection("locked");
  const others = [await listen(guest(server).collection("locked")), await listen(ann.collection("locked"))];
  const events = await listen(client.collection("locked"));
  const record = await locked.create({ title: "x", secret: "told to superusers" });
  assert.deepEqual((await events.next()).record, record);
  assert.equal(record.secret, "told to superusers");
  // Opened, it reaches those who have listened all along.
  await client.collections.update("locked", { listRule: "" });
  await locked.update(record.id, { title: "open" });
  for (const heard of others) {
    const { action, record: seen } = await heard.next();
    assert.deepEqual([action, seen.title, "secret" in seen], ["update", "open", false]);
  }
  await client.collections.update("locked", { listRule: null });
  await locked.update(record.id, { title: "closed" });
  await client.collections.update("locked", { listRule: "" });
  for (const heard of others) assert.deepEqual(await heardBefore(locked, heard), []);
});

test("rules that look at other collections", async () => {
  const rooms = await create("rooms", [{ name: "members", type: "relation", collectionId: accounts.id, maxSelect: 9 }]);
  await create("messages", [{ name: "room", type: "relation", collectionId: rooms.id, maxSelect: 1 }], { listRule: `room.members.id ?= @request.auth.id ${OR_END}` });
  await create("bans", [owner()]);
  await create("bells", [], { listRule: `(@collection.bans:a.owner ?= @request.auth.id) ${OR_END}` });
  const room = await client.collection("rooms").create({ title: "room", members: [idOf(ann)] });
  const ban = await client.collection("bans").create({ owner: idOf(bob) });

  const messages = { ann: await listen(ann.collection("messages")), bob: await listen(bob.collection("messages")) };
  const bells = { ann: await listen(ann.collection("bells")), bob: await listen(bob.collection("bells")) };
  const said = (title) => client.collection("messages").create({ title, room: room.id });
  const rung = (title) => client.collection("bells").create({ title });
  await said("one");
  await rung("one");
  await client.collection("rooms").update(room.id, { members: [idOf(bob)] });
  await client.collection("bans").update(ban.id, { owner: idOf(ann) });
  await said("two");
  await rung("two");
  await client.collection("rooms").update(room.id, { members: [] });
  await client.collection("bans").delete(ban.id);
  await said("three");
  await rung("three");
  await said("end");
  await rung("end");
  const upToEnd = async (events) => (await events.until(({ record }) => record.title === "end")).map(brief);
  assert.deepEqual([await upToEnd(messages.ann), await upToEnd(messages.bob)], [["create one"], ["create two"]]);
  assert.deepEqual([await upToEnd(bells.ann), await upToEnd(bells.bob)], [["create two"], ["create one"]]);
});

test("children that go with their parent are judged while it is still there", async () => {
  const parents = await create("parents", [owner()], { listRule: "owner = @request.auth.id" });
  const children = await create("children", [{ name: "parent", type: "relation", collectionId: parents.id, maxSelect: 1, cascadeDelete: true }], {
    listRule: `parent.owner = @request.auth.id && @request.auth.id != '' ${OR_END}`,
  });
  await create("grandchildren", [{ name: "child", type: "relation", collectionId: children.id, maxSelect: 1, cascadeDelete: true }], {
    listRule: `child.parent.owner = @request.auth.id && @request.auth.id != '' ${OR_END}`,
  });
  // Does not go with its parent, but loses it.
  await create("friends", [{ name: "parents", type: "relation", collectionId: parents.id, maxSelect: 3 }]);
  const parent = await client.collection("parents").create({ title: "parent", owner: idOf(ann) });
  const child = await client.collection("children").create({ title: "child", parent: parent.id });
  await client.collection("grandchildren").create({ title: "grandchild", child: child.id });
  await client.collection("friends").create({ title: "friend", parents: [parent.id] });

  const names = ["parents", "children", "grandchildren"];
  const heard = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await listen(ann.collection(name), "*", { expand: "child.parent,parent" })])));
  const others = [await listen(bob.collection("children")), await listen(guest(server).collection("grandchildren"))];
  const friends = await listen(guest(server).collection("friends"));
  await client.collection("parents").delete(parent.id);
  for (const [i, name] of names.entries()) assert.equal(brief(await heard[name].next()), `delete ${["parent", "child", "grandchild"][i]}`);
  const { action, record } = await friends.next();
  assert.deepEqual([action, record.title, record.parents], ["update", "friend", []]);
  assert.deepEqual(await heardBefore(client.collection("children"), others[0]), []);
  assert.deepEqual(await heardBefore(client.collection("grandchildren"), others[1]), []);
});

test("a delete that fails is not heard of", async () => {
  const folders = await create("folders", []);
  await create("files", [{ name: "folder", type: "relation", collectionId: folders.id, maxSelect: 1, required: true }]);
  const folder = await client.collection("folders").create({ title: "full" });
  await client.collection("files").create({ title: "file", folder: folder.id });
  const events = await listen(guest(server).collection("folders"));
  await assert.rejects(client.collection("folders").delete(folder.id));
  assert.deepEqual(await heardBefore(client.collection("folders"), events), []);
});

test("addresses are seen by their owners, managers, superusers, and who may", async () => {
  const boss = await signIn(server, "members", (await signUp(server, "members", { title: "boss", boss: true })).email);
  const audience = { guest: guest(server), ann, bob, boss, superuser: client };
  const queues = {};
  for (const [name, session] of Object.entries(audience)) queues[name] = await listen(session.collection("members"), "*", { fields: "title,email" });
  const look = async (title, data) => {
    await client.collection("members").update(idOf(ann), data);
    const seen = [];
    for (const [name, events] of Object.entries(queues)) if ((await events.next()).record.email) seen.push(name);
    assert.deepEqual(seen, title);
  };
  await look(["ann", "boss", "superuser"], { title: "ann 1" });
  await look(["guest", "ann", "bob", "boss", "superuser"], { title: "ann 2", emailVisibility: true });
  await look(["ann", "boss", "superuser"], { title: "ann 3", emailVisibility: false });
  for (const secret of ["password", "tokenKey"]) {
    const events = await listen(client.collection("members"), "*", { headers: { secret } });
    await client.collection("members").update(idOf(bob), { title: "bob" });
    assert.equal((await events.next()).record[secret], undefined);
  }
});

test("views say nothing, whatever happens beneath them", async () => {
  await create("beneath", []);
  await client.collections.create({ name: "above", type: "view", viewQuery: "select id, title from beneath", listRule: "", viewRule: "" });
  const session = guest(server);
  const record = await client.collection("beneath").create({ title: "one" });
  const all = await listen(session.collection("above"));
  const one = await listen(session.collection("above"), record.id);
  const events = await listen(session.collection("beneath"));
  await client.collection("beneath").update(record.id, { title: "two" });
  await client.collection("beneath").delete(record.id);
  assert.deepEqual(await heardBefore(client.collection("beneath"), events), ["update two", "delete two"]);
  assert.deepEqual([all.waiting, one.waiting], [[], []]);
});

test("system collections are heard of under their rules", async () => {
  const carl = await signIn(server, "members", (await signUp(server, "members", { title: "carl" })).email);
  const hers = await listen(carl.collection("_externalAuths"));
  const others = await listen(ann.collection("_externalAuths"));
  const all = await listen(client.collection("_externalAuths"));
  const roots = await listen(client.collection("_superusers"));
  const link = (session, provider) => client.collection("_externalAuths").create({ collectionRef: accounts.id, recordRef: idOf(session), provider, providerId: `${provider} of ${idOf(session)}` });
  await link(carl, "google");
  await link(ann, "github");
  await link(carl, "gitlab");
  const providers = async (events, count) => (await events.take(count)).map(({ action, record }) => [action, record.provider]);
  assert.deepEqual(await providers(hers, 2), [["create", "google"], ["create", "gitlab"]]);
  assert.deepEqual(await providers(others, 1), [["create", "github"]]);
  assert.deepEqual(await providers(all, 3), [["create", "google"], ["create", "github"], ["create", "gitlab"]]);
  const [email, password] = ["second@example.com", "root-password-2"];
  const second = await client.collection("_superusers").create({ email, password, passwordConfirm: password });
  const { action, record } = await roots.next();
  assert.deepEqual([action, record.email, "password" in record, "tokenKey" in record], ["create", email, false, false]);
  await client.collection("_superusers").delete(second.id);
  assert.equal((await roots.next()).action, "delete");
});
