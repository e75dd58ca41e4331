// Files on a real S3-compatible service.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { testFiles } from "./files-flows.mjs";
import { png } from "../compat/lib/files.mjs";
import { guest, superuser } from "./client.mjs";
import { startS3Server } from "./s3-server.mjs";
import { startServer } from "./server.mjs";

let s3;
before(async () => (s3 = await startS3Server()));

testFiles((client) => client.settings.update({ s3: s3.settings() }));
// After the server that uses it.
after(() => s3?.stop());

test("they were there", async () => {
  const keys = await s3.keys();
  assert.ok(keys.some((key) => /^pbc_\d+\/[a-z0-9]{15}\/[\w.]+$/.test(key)), keys.join("\n"));
});

test("what the service does not know the type of is looked at", async () => {
  const server = await startServer();
  try {
    const client = await superuser(server);
    await client.settings.update({ s3: s3.settings() });
    const cover = { name: "cover", type: "file", maxSelect: 1 };
    await client.collections.create({ name: "posts", createRule: "", viewRule: "", fields: [cover] });
    const made = await guest(server).collection("posts").create({ cover: new File([png(8, 8)], "cover.png") });
    const typeOf = async () => (await fetch(client.files.getURL(made, made.cover))).headers.get("content-type");
    assert.equal(await typeOf(), "image/png");
    await s3.forgetTypes();
    assert.equal(await typeOf(), "image/png");
  } finally {
    await server.stop();
  }
});
