// Starts a real server binary on a free loopback port with a throw-away data folder, and stops it by its pid.
// Knows the command line that Larder and the reference server share, and nothing about their APIs.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The account `startServer` creates unless told otherwise. */
export const SUPERUSER = { email: "root@example.com", password: "root-password-1" };

/** How long a start or a stop may take before the test fails, in milliseconds. */
const PATIENCE_MS = 30_000;

/** The binary under test, from the environment; a missing one is an error, never a skip. */
export function binaryFromEnv(name = "LARDER_BIN") {
  const binary = process.env[name];
  if (!binary) throw new Error(`set ${name} to the path of the server binary`);
  return binary;
}

/** Whether the reference server is under test, which does not have what Larder adds. */
export const isReference = () => basename(binaryFromEnv()).startsWith("pocketbase");

/** The environment of a server: without LARDER_*, which is its configuration and here holds paths of the tests. */
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("LARDER_")));

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

/**
 * A running server.
 *
 * @typedef {object} Server
 * @property {string} url base URL without a trailing slash
 * @property {string} dir data folder
 * @property {number} pid of the process that runs now
 * @property {() => string} stdout what the process has printed so far
 * @property {(pattern: RegExp) => Promise<RegExpMatchArray>} printed waits for a line on stdout
 * @property {(signal?: "SIGTERM" | "SIGKILL") => Promise<void>} restart ends the process and starts another one on the same folder and port
 * @property {() => Promise<void>} stop ends the process and removes its folder
 */

/**
 * Starts `binary` and resolves when it answers.
 *
 * @param {{binary?: string, superuser?: boolean, env?: Record<string, string>}} options `superuser: false` leaves the folder empty,
 *   as on a first start; `env` is added to the server's environment
 * @returns {Promise<Server>}
 */
export async function startServer({ binary = binaryFromEnv(), superuser = true, env = {} } = {}) {
  const root = await mkdtemp(join(tmpdir(), "larder-test-"));
  // One level down, because the reference writes folders beside its data folder.
  const dir = join(root, "data");
  if (superuser) {
    await run(binary, ["superuser", "create", SUPERUSER.email, SUPERUSER.password, "--dir", dir], { cwd: root, env: environment });
  }
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let child;
  let stdout = "";
  let stderr = "";
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;

  async function end(signal) {
    if (hasEnded()) return;
    const ended = once(child, "exit");
    child.kill(signal);
    const killer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    await ended;
    clearTimeout(killer);
  }

  async function stop() {
    await end("SIGTERM");
    await rm(root, { recursive: true, force: true });
  }

  async function launch() {
    child = spawn(binary, ["serve", "--http", `127.0.0.1:${port}`, "--dir", dir], {
      cwd: root,
      env: { ...environment, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
    // There is no event for "listening" that every server offers, so this asks until it answers.
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const healthy = await fetch(`${url}/api/health`).then((r) => r.ok, () => false);
      if (healthy) return;
      if (hasEnded() || Date.now() > deadline) {
        await stop();
        throw new Error(`${binary} did not start:\n${stdout}\n${stderr}`);
      }
      await wait(10);
    }
  }

  async function restart(signal = "SIGTERM") {
    await end(signal);
    await launch();
  }

  async function printed(pattern) {
    const giveUp = AbortSignal.timeout(PATIENCE_MS);
    for (;;) {
      const match = stdout.match(pattern);
      if (match) return match;
      if (hasEnded()) throw new Error(`the server ended without printing ${pattern}:\n${stdout}`);
      await once(child.stdout, "data", { signal: giveUp });
    }
  }

  await launch();
  return {
    url,
    dir,
    get pid() {
      return child.pid;
    },
    stdout: () => stdout,
    printed,
    restart,
    stop,
  };
}
