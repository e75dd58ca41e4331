// First start, health, and how the first superuser comes to be.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { guest, refused, superuser } from "./client.mjs";
import { SUPERUSER, startServer } from "./server.mjs";

test("health answers everyone, and superusers with more", async (t) => {
  const server = await startServer();
  t.after(server.stop);

  const plain = await guest(server).health.check();
  assert.equal(plain.code, 200);
  assert.deepEqual(plain.data, {});

  const detailed = await (await superuser(server)).health.check();
  assert.equal(typeof detailed.data.canBackup, "boolean");
});

test("the first start prints a set-up link whose token creates the first superuser, once", async (t) => {
  const server = await startServer({ superuser: false });
  t.after(server.stop);

  const [, token] = await server.printed(/\/_\/#\/pbinstall\/([\w-]+\.[\w-]+\.[\w-]+)/);
  const installer = guest(server);
  installer.authStore.save(token, null);
  const account = { ...SUPERUSER, passwordConfirm: SUPERUSER.password };
  const created = await installer.collection("_superusers").create(account);
  assert.equal(created.email, SUPERUSER.email);
  assert.equal(created.verified, true);

  // The link is worthless from here on: its account is gone.
  await refused(installer.collection("_superusers").getFullList(), 403);
  const client = await superuser(server);
  const accounts = await client.collection("_superusers").getFullList();
  assert.deepEqual(accounts.map((a) => a.email), [SUPERUSER.email]);
});

test("with a superuser in place no set-up link is printed", async (t) => {
  const server = await startServer();
  t.after(server.stop);
  await superuser(server);
  assert.doesNotMatch(server.stdout(), /pbinstall/);
});

let server;
before(async () => (server = await startServer()));
after(() => server.stop());

test("a superuser signs in, and the client recognises it as one", async () => {
  const client = guest(server);
  const { token, record } = await client
    .collection("_superusers")
    .authWithPassword(SUPERUSER.email, SUPERUSER.password);
  assert.equal(record.collectionName, "_superusers");
  assert.equal(record.email, SUPERUSER.email);
  assert.equal(client.authStore.token, token);
  assert.equal(client.authStore.isValid, true);
  assert.equal(client.authStore.isSuperuser, true);
});

test("a wrong password and an unknown account look alike", async () => {
  const accounts = guest(server).collection("_superusers");
  const wrong = await refused(accounts.authWithPassword(SUPERUSER.email, "nope-nope"), 400);
  const unknown = await refused(accounts.authWithPassword("nobody@example.com", "nope-nope"), 400);
  assert.deepEqual(wrong.response, unknown.response);
});

test("the last superuser cannot be deleted, another one can", async () => {
  const client = await superuser(server);
  const accounts = client.collection("_superusers");
  await refused(accounts.delete(client.authStore.record.id), 400);
  const other = await accounts.create({ email: "second@example.com", password: "12345678", passwordConfirm: "12345678" });
  assert.equal(await accounts.delete(other.id), true);
});
