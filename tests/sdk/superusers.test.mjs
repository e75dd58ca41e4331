// Superusers: two factors, codes from the command line, and where they may come from.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { guest, refused, superuser } from "./client.mjs";
import { SUPERUSER, binaryFromEnv, startServer } from "./server.mjs";

const run = promisify(execFile);

let server, client;
before(async () => {
  server = await startServer();
  client = await superuser(server);
});
after(() => server?.stop());

/** Runs the binary beside the server; answers what it printed. */
async function command(...parts) {
  const { stdout } = await run(binaryFromEnv(), [...parts, "--dir", server.dir]);
  return stdout;
}

/** Asks again until the server has noticed what another process changed: there is no event for that. */
async function eventually(isSo) {
  const deadline = Date.now() + 30_000;
  while (!(await isSo())) assert.ok(Date.now() < deadline, "the server did not notice");
}

const withPassword = (options) => guest(server).collection("_superusers").authWithPassword(SUPERUSER.email, SUPERUSER.password, options);

test("codes for superusers switch on the second factor", async (t) => {
  await client.collections.update("_superusers", { otp: { enabled: true } });
  t.after(() => client.collections.update("_superusers", { otp: { enabled: false }, mfa: { enabled: false } }));
  assert.equal((await client.collections.getOne("_superusers")).mfa.enabled, true);
  const methods = await guest(server).collection("_superusers").listAuthMethods();
  assert.deepEqual([methods.mfa.enabled, methods.otp.enabled, methods.password.enabled], [true, true, true]);

  const { response } = await firstFactor(withPassword());
  // No mail server is configured: the code comes from the command line.
  const printed = await command("superuser", "otp", SUPERUSER.email);
  const otpId = printed.match(/Id:\s*(\w+)/)[1];
  const code = printed.match(/Pass:\s*(\d+)/)[1];
  const session = guest(server);
  await refused(session.collection("_superusers").authWithOTP(otpId, "0".repeat(code.length), { mfaId: response.mfaId }), 400);
  await session.collection("_superusers").authWithOTP(otpId, code, { mfaId: response.mfaId });
  assert.equal(session.authStore.isSuperuser, true);
  await session.collections.getFullList();
  await refused(guest(server).collection("_superusers").authWithOTP(otpId, code, { mfaId: response.mfaId }), 400);
});

/** The 401 of a first factor, which has no envelope. */
async function firstFactor(attempt) {
  const error = await attempt.then((answer) => assert.fail(JSON.stringify(answer)), (reason) => reason);
  assert.equal(error.status, 401);
  assert.match(error.response.mfaId, /^[a-z0-9]{15}$/);
  return error;
}

test("they have passwords, and no other services", async () => {
  const kept = await client.collections.update("_superusers", { oauth2: { enabled: true }, passwordAuth: { enabled: false } });
  assert.deepEqual([kept.passwordAuth.enabled, kept.oauth2.enabled], [true, false]);
});

test("they come from the listed addresses only, and the command line lets them back in", async () => {
  await client.settings.update({ superuserIPs: ["203.0.113.7"] });
  await refused(client.settings.getAll(), 403);
  await refused(client.collection("_superusers").authRefresh(), 403);
  await refused(withPassword(), 403);
  await command("superuser", "ips", "127.0.0.0/8", "203.0.113.7");
  await eventually(() => client.settings.getAll().then(() => true, () => false));
  assert.deepEqual((await client.settings.getAll()).superuserIPs, ["127.0.0.0/8", "203.0.113.7"]);
  await command("superuser", "ips");
  await eventually(async () => (await client.settings.getAll()).superuserIPs.length === 0);
  await withPassword();
});
