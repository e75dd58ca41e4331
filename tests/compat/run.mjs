#!/usr/bin/env node
// Sends the same requests to Larder and to the reference server and compares the answers. See README.md.

import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { binaryFromEnv, startServer } from "../sdk/server.mjs";
import { readExpected } from "./lib/expected.mjs";
import { closeConnections } from "./lib/http.mjs";
import { Pair } from "./lib/pair.mjs";

/** Longest value printed, and most paths of one case; the rest is cut off. */
const MAX_PRINTED = 400;
const MAX_PATHS = 12;

const show = (value) => {
  const text = value === undefined ? "(missing)" : JSON.stringify(value);
  return text.length > MAX_PRINTED ? `${text.slice(0, MAX_PRINTED)}…` : text;
};

/** The parts of a difference to print. */
function describeParts(parts, indent) {
  const lines = parts.slice(0, MAX_PATHS).flatMap((part) => [`${indent}at ${part.path}`, `${indent}    expected ${show(part.expected)}`, `${indent}    got      ${show(part.got)}`]);
  return parts.length > MAX_PATHS ? [...lines, `${indent}and ${parts.length - MAX_PATHS} more`] : lines;
}

function describe({ area, name, request, about, shrunk, differences, expected, got }) {
  const { method, path, as, json, form, multipart, raw, type, headers } = request;
  const sent = Object.entries({ as, json, form, multipart, raw: raw?.toString(), type, headers }).filter(([, v]) => v !== undefined);
  const lines = [`${area}: ${name}`, `    ${method} ${path}`, ...Object.entries(about ?? {}).map(([key, value]) => `    ${key}: ${value}`), ...sent.map(([key, value]) => `    ${key}: ${show(value)}`)];
  // Bodies of answers with different statuses have nothing to do with each other.
  const parts = differences.some(({ path }) => path === "status" || path === "refused")
    ? [{ path: differences[0].path === "refused" ? "refused" : "status", expected: [expected.status, expected.body], got: [got.status, got.body] }]
    : differences;
  lines.push(...describeParts(parts, "    "));
  if (shrunk) lines.push(`    smallest: ${shrunk.text}`, ...describeParts(shrunk.differences, "        "));
  return lines.join("\n");
}

/** Runs one area on a fresh pair of servers. */
async function runArea(area, binaries, options) {
  const started = await Promise.allSettled(binaries.map((binary) => startServer({ binary })));
  const servers = started.filter((s) => s.status === "fulfilled").map((s) => s.value);
  try {
    const failed = started.find((s) => s.status === "rejected");
    if (failed) throw failed.reason;
    const pair = new Pair(servers, { area, ...options });
    await pair.signInSuperuser();
    const { default: cases } = await import(`./areas/${area}.mjs`);
    let broken;
    await cases(pair).catch((error) => (broken = error));
    return { cases: pair.cases, failures: pair.failures, answers: pair.answers, broken };
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "string" },
      list: { type: "boolean" },
      seed: { type: "string", default: "1" },
      scale: { type: "string", default: "1" },
      only: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) {
    console.log("usage: LARDER_BIN=... REFERENCE_BIN=... run.mjs [--json FILE] [--list] [--seed SEED] [--scale N] [--only NAME] [AREA...]");
    console.log("--json keeps the differences in a file, for tools");
    console.log("--list prints what the reference answers to every case");
    console.log("--seed makes other generated cases, --scale N times as many");
    console.log("--only runs the generated cases with NAME in their names, and what sets them up");
    return 0;
  }
  const folder = import.meta.dirname ?? new URL(".", import.meta.url).pathname;
  const binaries = [binaryFromEnv("REFERENCE_BIN"), binaryFromEnv("LARDER_BIN")];
  const all = (await readdir(join(folder, "areas"))).map((file) => file.replace(/\.mjs$/, "")).sort();
  const wanted = positionals.length ? all.filter((area) => positionals.some((p) => area.startsWith(p))) : all;
  if (!wanted.length) throw new Error(`no such area; there are ${all.join(", ")}`);
  const options = { seed: values.seed, scale: Number(values.scale), only: values.only };
  const expected = await readExpected(join(folder, "expected-differences"));

  const found = [];
  let total = 0;
  let unexpected = 0;
  let known = 0;
  for (const area of wanted) {
    const { cases, failures, answers, broken } = await runArea(area, binaries, options);
    if (values.list) for (const { name, status, body } of answers) console.log(`${status} ${area}: ${name} ${body.trim().slice(0, MAX_PRINTED)}`);
    total += cases;
    let here = 0;
    for (const failure of failures) {
      const open = failure.differences.filter(({ path }) => {
        const entry = expected.find((e) => e.matches(area, failure.name, path));
        if (entry) entry.used = true;
        return !entry;
      });
      if (!open.length) {
        known += 1;
        continue;
      }
      here += 1;
      found.push({ area, ...failure, differences: open });
      console.log(`\n${describe(found.at(-1))}`);
    }
    if (broken) {
      here += 1;
      console.log(`\n${area}: stopped early\n    ${broken.stack}`);
    }
    unexpected += here;
    console.log(`${here ? "\n" : ""}${area}: ${cases} cases, ${here} different`);
  }
  for (const entry of expected.filter((e) => !e.used && wanted.length === all.length && !values.only)) {
    console.log(`expected, but no longer there: ${entry.text}`);
  }
  console.log(`\n${total} cases with seed ${values.seed}: ${unexpected} different, ${known} different as expected`);
  if (values.json) await writeFile(values.json, JSON.stringify(found));
  return unexpected ? 1 : 0;
}

process.exitCode = await main();
closeConnections();
