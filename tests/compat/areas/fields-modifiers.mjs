// Update modifiers (`n+`, `+tags`, `tags-`, `slug:autogenerate`) of every type, alone and combined.

import { patch, post } from "../lib/http.mjs";

export default async function (both) {
  const [made] = await both.same("targets", post("/api/collections", { name: "targets" }));
  const target = JSON.parse(made.text).id;
  const ids = ["a", "b", "c", "d"].map((letter) => letter.repeat(15));
  for (const id of ids) await both.same(`target ${id}`, post("/api/collections/targets/records", { id }));
  const [A, B, C, D] = ids;

  await both.same("set-up", post("/api/collections", {
    name: "mods",
    fields: [
      { name: "n", type: "number", max: 1000 }, { name: "whole", type: "number", onlyInt: true }, { name: "one", type: "select", values: ["x", "y", "z"], maxSelect: 1 }, { name: "many", type: "select", values: ["x", "y", "z", "w"], maxSelect: 3 },
      { name: "rel", type: "relation", collectionId: target, maxSelect: 1 }, { name: "rels", type: "relation", collectionId: target, maxSelect: 3 }, { name: "need", type: "relation", collectionId: target, minSelect: 2, maxSelect: 3 },
      { name: "t", type: "text", max: 20 }, { name: "slug", type: "text", pattern: "^[a-z0-9-]+$", autogeneratePattern: "[a-z]{8}" }, { name: "b", type: "bool" }, { name: "j", type: "json" }, { name: "doc", type: "file", maxSelect: 1 }, { name: "docs", type: "file", maxSelect: 3 },
    ],
  }));

  /** What is stored first, and the update. */
  const CASES = [
    [{ n: 1 }, { "n+": 2 }], [{ n: 1 }, { "n-": 2 }], [{ n: 1 }, { "n+": "2.5" }], [{ n: 1 }, { "n+": "x" }], [{ n: 1 }, { "n+": null }], [{ n: 1 }, { "n+": true }], [{ n: 1 }, { "n+": [5] }], [{ n: 1 }, { "+n": 2 }], [{ n: 1 }, { "n+": 2, "n-": 1 }], [{ n: 1 }, { n: 10, "n+": 2 }],
    [{ n: 1 }, { "n+": 2, n: 10 }], [{ n: 1 }, { "n+": 2000 }], [{ n: 1 }, { "n+": 0 }], [{ n: 0.1 }, { "n+": 0.2 }], [{ n: 1 }, { "n+": "1e400" }], [{ whole: 1 }, { "whole+": 0.5 }], [{}, { "n-": 5 }], [{ n: 1 }, { "n++": 1 }], [{ n: 1 }, { "N+": 1 }], [{ n: 1 }, { " n+": 1 }],
    [{ one: "x" }, { "one+": "y" }], [{ one: "x" }, { "+one": "y" }], [{ one: "x" }, { "one-": "x" }], [{ one: "x" }, { "one-": "y" }], [{}, { "one+": "y" }], [{}, { "+one": "y" }], [{ one: "x" }, { "one+": "q" }], [{ one: "x" }, { "one+": ["y", "z"] }], [{ one: "x" }, { "one-": ["x", "y"] }], [{ one: "x" }, { "one+": "" }],
    [{ many: ["x"] }, { "many+": "y" }], [{ many: ["x"] }, { "many+": ["y", "z"] }], [{ many: ["x"] }, { "+many": "y" }], [{ many: ["x"] }, { "+many": ["y", "z"] }], [{ many: ["x", "y"] }, { "many-": "x" }], [{ many: ["x", "y"] }, { "many-": ["x", "y", "z"] }], [{ many: ["x"] }, { "many+": "x" }], [{ many: ["x", "y"] }, { "+many": "y" }],
    [{ many: ["x", "y", "z"] }, { "many+": "w" }], [{ many: ["x"] }, { "many+": "q" }], [{ many: ["x"] }, { "many+": null }], [{ many: ["x"] }, { "many-": null }], [{ many: ["x", "y"] }, { "many+": "z", "many-": "x" }], [{ many: ["x", "y"] }, { "+many": "z", "many+": "w", "many-": "y" }], [{ many: ["x"] }, { many: ["y"], "many+": "z" }],
    [{ many: ["x"] }, { many: [], "many-": "x" }], [{ many: ["x"] }, { "many+": '["y","z"]' }], [{ many: ["x"] }, { "many+": {} }],
    [{ rel: A }, { "rel+": B }], [{ rel: A }, { "+rel": B }], [{ rel: A }, { "rel-": A }], [{ rel: A }, { "rel-": B }], [{ rel: A }, { "rel+": "nope" }],
    [{ rels: [A] }, { "rels+": B }], [{ rels: [A] }, { "+rels": [B, C] }], [{ rels: [A, B] }, { "rels-": [A] }], [{ rels: [A, B, C] }, { "rels+": D }], [{ rels: [A, B, C] }, { "rels+": D, "rels-": A }], [{ rels: [A] }, { "rels+": A }], [{ rels: [A] }, { "rels+": ["nope", B] }],
    [{ need: [A, B] }, { "need-": A }], [{ need: [A, B] }, { "need-": [A, B] }], [{ need: [A, B] }, { "need+": [C, D] }],
    [{ t: "x" }, { "t+": "y" }], [{ t: "x" }, { "+t": "y" }], [{ t: "x" }, { "t-": "x" }], [{ t: "x" }, { "t:autogenerate": "y" }], [{ b: true }, { "b+": false }], [{ j: [1] }, { "j+": 2 }], [{ j: [1] }, { "j-": 1 }],
    [{ doc: "" }, { "doc+": "a.txt" }], [{ docs: [] }, { "docs+": ["a.txt"] }], [{ docs: [] }, { "docs-": "a.txt" }], [{ doc: "" }, { "doc-": "" }],
  ];
  let n = 0;
  for (const [stored, body] of CASES) {
    const id = `r${String(++n).padStart(14, "0")}`;
    const name = `${JSON.stringify(stored)} ${JSON.stringify(body)}`;
    await both.same(`${n} create ${name}`, post("/api/collections/mods/records", { id, slug: "given", ...stored }));
    await both.same(`${n} update ${name}`, patch(`/api/collections/mods/records/${id}`, body));
  }

  // Modifiers on create start from nothing.
  for (const [i, body] of [{ "n+": 5 }, { "n-": 5 }, { "many+": ["x"] }, { "+many": "y", many: ["x"] }, { "rels+": [A] }, { "one+": "z" }, { n: 1, "n+": 1, "n-": 5 }].entries()) {
    await both.same(`on create ${i}`, post("/api/collections/mods/records", { slug: "given", ...body }));
  }

  const random = { "body.slug": /^[a-z]{8}$/ };
  const prefixed = { "body.slug": /^pre-[a-z]{8}$/ };
  const record = "/api/collections/mods/records/r00000000000001";
  await both.same("generated on create", post("/api/collections/mods/records", {}), { random });
  await both.same("generated for an empty value", post("/api/collections/mods/records", { slug: "" }), { random });
  await both.same("generated with a prefix", post("/api/collections/mods/records", { "slug:autogenerate": "pre-" }), { random: prefixed });
  await both.same("generated without a prefix", post("/api/collections/mods/records", { "slug:autogenerate": "" }), { random });
  await both.same("generated with a null prefix", post("/api/collections/mods/records", { "slug:autogenerate": null }), { random });
  await both.same("generated with a bad prefix", post("/api/collections/mods/records", { "slug:autogenerate": "BAD " }));
  await both.same("update does not generate", patch(record, { slug: "" }));
  await both.same("update generates on demand", patch(record, { "slug:autogenerate": "" }), { random });
  await both.same("update generates with a prefix", patch(record, { "slug:autogenerate": "pre-" }), { random: prefixed });
  await both.same("update with both", patch(record, { slug: "own", "slug:autogenerate": "pre-" }), { random: prefixed });
  await both.same("another modifier", patch(record, { "slug:lower": "X" }), { random: prefixed });

  // Generators, by what they may produce.
  const generators = {
    "[a-z]{5}": /^[a-z]{5}$/, "[A-Z0-9]{3}-\\d{2}": /^[A-Z0-9]{3}-\d{2}$/, "abc": /^abc$/, "a|b": /^[ab]$/, "(ab|cd){3}": /^(ab|cd){3}$/, ".": /^[A-Za-z0-9]$/, ".{4}": /^[A-Za-z0-9]{4}$/, "x{2,4}": /^x{2,3}$/, "x{2,}": /^x{2,5}$/, "x+": /^x{1,5}$/,
    "ax*": /^ax{0,5}$/, "ax?": /^a$/, "\\w{3}": /^\w{3}$/, "[^a-y]{2}": /^[^a-y]{2}$/u, "\\d": /^\d$/, "(?:p|q)r": /^[pq]r$/,
  };
  let g = 0;
  for (const [autogeneratePattern, pattern] of Object.entries(generators)) {
    const name = `gen${++g}`;
    await both.same(`generator ${autogeneratePattern}: set-up`, post("/api/collections", { name, fields: [{ name: "f", type: "text", autogeneratePattern }] }));
    for (let i = 0; i < 5; i++) await both.same(`generator ${autogeneratePattern}: ${i}`, post(`/api/collections/${name}/records`, {}), { random: { "body.f": pattern } });
  }
}
