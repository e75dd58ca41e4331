// A real S3-compatible server on loopback, which checks signatures: `examples/s3_server.rs`, built by `make test-sdk`.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { binaryFromEnv } from "./server.mjs";

/** Who may use it. */
export const S3_ACCOUNT = { accessKey: "sdk-tests", secret: "s3 secret of the tests" };

/**
 * Starts the server. `settings(bucket)` are Larder's settings for a bucket, `files` or `backups`; `keys(bucket)` tells what
 * is stored in it, sorted; `forgetTypes()` takes the content types off all objects.
 */
export async function startS3Server() {
  const folder = await mkdtemp(join(tmpdir(), "larder-s3-"));
  const args = [folder, "--access-key", S3_ACCOUNT.accessKey, "--secret", S3_ACCOUNT.secret];
  const child = spawn(binaryFromEnv("S3_SERVER_BIN"), args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit").then(() => {
    throw new Error("the S3 server did not start");
  });
  ended.catch(() => {});
  const [endpoint] = await Promise.race([once(createInterface(child.stdout), "line"), ended]);

  return {
    endpoint,

    settings: (bucket = "files") => ({ enabled: true, bucket, region: "eu-1", endpoint, forcePathStyle: true, ...S3_ACCOUNT }),

    async keys(bucket = "files") {
      const entries = await readdir(join(folder, bucket), { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
      return files.map((path) => path.slice(join(folder, bucket).length + 1)).sort();
    },

    /** What was noted about the objects, as if another tool had put them there. */
    async forgetTypes() {
      const notes = (await readdir(folder)).filter((name) => name.endsWith(".metadata.json"));
      if (notes.length === 0) throw new Error("there is nothing to forget");
      await Promise.all(notes.map((name) => rm(join(folder, name), { force: true })));
    },

    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        const exit = once(child, "exit");
        child.kill();
        await exit;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}
