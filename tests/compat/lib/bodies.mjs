// Random bodies of create and update requests, and the way back.

import { bodyOf, JSONS, NUMBERS, TEXTS, valueOf, WORLD } from "./world.mjs";

const LISTS = ["select", "file", "relation"];

/** Values of the wrong type, which are converted or refused. */
const ODD = [null, "", "5", 5, true, "true", [], ["x"], {}, { a: 1 }, "2024-01-15", " "];

/** A value under its name, or under one with a modifier. */
function entry(random, field, ids) {
  const value = random.chance(0.1) ? random.pick(ODD) : valueOf(random, field, ids);
  if (field.type === "number" && random.chance(0.15)) return [`${field.name}${random.pick(["+", "-"])}`, random.pick(NUMBERS)];
  if (LISTS.includes(field.type) && field.maxSelect > 1 && random.chance(0.3)) return [random.pick([`${field.name}+`, `+${field.name}`, `${field.name}-`]), value];
  return [field.name, value];
}

/**
 * A body for a record of `collection`: some fields, sometimes what is no field at all.
 *
 * @param {{record?: object}} options `record` is what is stored, of which some values are sent unchanged
 */
export function randomBody(random, collection, ids, { record } = {}) {
  const skipped = ["id", "password", "tokenKey", "email", "verified", "pass"];
  const fields = Object.values(WORLD[collection].fields).filter((f) => !skipped.includes(f.name) && f.type !== "autodate" && f.type !== "file");
  const body = {};
  for (const field of random.sample(fields, random.pick([0, 1, 1, 2, 2, 3, 4, 6]))) {
    const isUnchanged = record && random.chance(0.35);
    const [key, value] = isUnchanged ? [field.name, record[field.name] ?? emptyOf(field)] : entry(random, field, ids);
    // A unique index is another matter.
    if (!["person", "main"].includes(field.name) && !(collection === "profiles" && field.name === "owner")) body[key] = value;
  }
  if (random.chance(0.25)) body.foo = random.pick(["z", { bar: "z" }, ["y", "z"], false, null, 5, "Z"]);
  if (random.chance(0.15)) body.list = random.pick([[], ["x"], [{ a: 1 }]]);
  if (random.chance(0.1)) body.n = random.pick([...NUMBERS, ...TEXTS.slice(0, 5), ...JSONS.slice(0, 5)]);
  return body;
}

/** The empty value of a field. */
export function emptyOf({ type, maxSelect }) {
  if (LISTS.includes(type)) return maxSelect > 1 ? [] : "";
  return { number: 0, bool: false, json: null, geoPoint: { lon: 0, lat: 0 } }[type] ?? "";
}

/** What puts every value of a record back. */
export function restoring(collection, record) {
  const skipped = ["id", "password", "tokenKey"];
  const fields = Object.values(WORLD[collection].fields).filter((f) => !skipped.includes(f.name) && f.type !== "autodate" && f.type !== "file");
  return Object.fromEntries(fields.map((f) => [f.name, record[f.name] ?? emptyOf(f)]));
}

/** The body of another record like this one. */
export function likeness(random, collection, newId, record) {
  const body = bodyOf(collection, newId, record);
  if (WORLD[collection].type === "auth") body.email = `n${random.below(1e9)}@t.io`;
  if (collection === "cards") body.person = "";
  if (collection === "profiles") Object.assign(body, { nick: "", main: "" });
  return body;
}
