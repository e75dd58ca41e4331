// Files on a real S3-compatible service.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { testFiles } from "./files-flows.mjs";
import { startS3Server } from "./s3-server.mjs";

let s3;
before(async () => (s3 = await startS3Server()));

testFiles((client) => client.settings.update({ s3: s3.settings() }));
// After the server that uses it.
after(() => s3?.stop());

test("they were there", async () => {
  const keys = await s3.keys();
  assert.ok(keys.some((key) => /^pbc_\d+\/[a-z0-9]{15}\/[\w.]+$/.test(key)), keys.join("\n"));
});
