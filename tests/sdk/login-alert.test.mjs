// Where accounts sign in from, and the mail about a new place.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PASSWORD, createAuthCollection, signUp } from "./accounts.mjs";
import { guest, refused, superuser } from "./client.mjs";
import { startMailServer } from "./mail-server.mjs";
import { SUPERUSER, startServer } from "./server.mjs";

let mails, server, client;
before(async () => {
  mails = await startMailServer();
  server = await startServer();
  client = await superuser(server);
  await client.settings.update({ smtp: mails.smtp() });
  await createAuthCollection(client, "members", { authAlert: { enabled: true } });
});
after(async () => {
  await server?.stop();
  await mails?.stop();
});

/** Signs in with a browser that says to be `agent`. */
async function signInFrom(agent, member) {
  const session = guest(server);
  session.beforeSend = (url, options) => ({ url, options: { ...options, headers: { ...options.headers, "User-Agent": agent } } });
  await session.collection("members").authWithPassword(member.email, PASSWORD);
  return session;
}

/** The fingerprints noted of an account. */
async function places(member) {
  const notes = await client.collection("_authOrigins").getFullList({ filter: `recordRef = "${member.id}"`, sort: "created" });
  return notes.map((note) => note.fingerprint);
}

test("the first place is noted silently, a new one is told of", async () => {
  const member = await signUp(server, "members");
  await signInFrom("Laptop", member);
  assert.equal((await places(member)).length, 1);
  await signInFrom("Phone <b>", member);
  const mail = await mails.nextMail(member.email);
  assert.equal(mail.subject, "Login from a new location");
  assert.ok(mail.html.includes("127.0.0.1 Phone &lt;b&gt;"), mail.html);
  // Both are known now.
  await signInFrom("Laptop", member);
  await signInFrom("Phone <b>", member);
  await signInFrom("Tablet", member);
  assert.ok((await mails.nextMail(member.email)).html.includes("Tablet"), "no other mail came before");
  assert.equal(new Set(await places(member)).size, 3);
});

test("five places are remembered", async () => {
  const member = await signUp(server, "members");
  await signInFrom("Laptop", member);
  const [first] = await places(member);
  for (const agent of ["Phone", "Tablet", "Watch", "Fridge", "Car"]) {
    await signInFrom(agent, member);
    await mails.nextMail(member.email);
  }
  const known = await places(member);
  assert.equal(known.length, 5);
  assert.equal(known.includes(first), false, "the oldest is forgotten");
});

test("places are their owner's to see and to remove", async () => {
  const member = await signUp(server, "members");
  const session = await signInFrom("Laptop", member);
  const [note, ...others] = await session.collection("_authOrigins").getFullList();
  assert.deepEqual([note.recordRef, others], [member.id, []]);
  const stranger = await signInFrom("Laptop", await signUp(server, "members"));
  await refused(stranger.collection("_authOrigins").delete(note.id), 404);
  assert.equal(await session.collection("_authOrigins").delete(note.id), true);
  assert.deepEqual(await places(member), []);
});

test("a new password forgets them", async () => {
  const member = await signUp(server, "members");
  await signInFrom("Laptop", member);
  await client.collection("members").update(member.id, { password: PASSWORD, passwordConfirm: PASSWORD });
  assert.deepEqual(await places(member), []);
});

test("superusers are told as well", async () => {
  const session = guest(server);
  session.beforeSend = (url, options) => ({ url, options: { ...options, headers: { ...options.headers, "User-Agent": "Phone" } } });
  await session.collection("_superusers").authWithPassword(SUPERUSER.email, SUPERUSER.password);
  assert.ok((await mails.nextMail(SUPERUSER.email)).html.includes("127.0.0.1 Phone"));
});

test("collections that do not want it note nothing", async () => {
  await createAuthCollection(client, "quiet");
  const member = await signUp(server, "quiet");
  await guest(server).collection("quiet").authWithPassword(member.email, PASSWORD);
  assert.deepEqual(await places(member), []);
});
