// The settings of S3, tried on a real service.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { refused, superuser } from "./client.mjs";
import { S3_ACCOUNT, startS3Server } from "./s3-server.mjs";
import { startServer } from "./server.mjs";

let s3;
let server;
let client;

before(async () => {
  s3 = await startS3Server();
  server = await startServer();
  client = await superuser(server);
});
after(async () => {
  await server?.stop();
  await s3?.stop();
});

test("what is switched off is not tried", async () => {
  await refused(client.settings.testS3("storage"), 400);
});

test("both buckets are tried with the saved settings", async () => {
  await client.settings.update({ s3: s3.settings("files"), backups: { s3: s3.settings("backups") } });
  assert.equal(await client.settings.testS3("storage"), true);
  assert.equal(await client.settings.testS3("backups"), true);
  assert.deepEqual([await s3.keys("files"), await s3.keys("backups")], [[], []]);
});

test("a wrong secret is refused, and not shown", async () => {
  await client.settings.update({ s3: { ...s3.settings(), secret: "wrong secret" } });
  const error = await refused(client.settings.testS3("storage"), 400);
  const text = JSON.stringify(error.response);
  assert.match(text, /SignatureDoesNotMatch/);
  assert.ok(!text.includes("wrong secret") && !text.includes(S3_ACCOUNT.accessKey), text);
});

test("a filesystem that there is not", async () => {
  await refused(client.settings.testS3("elsewhere"), 400, { filesystem: "validation_in_invalid" });
});
