// `@request.…` of every kind in filters of a superuser, which a body comes with.

import { get } from "../lib/http.mjs";
import { compareLists, records } from "../lib/lists.mjs";
import { inParallel } from "../lib/pair.mjs";
import { setUpWorld } from "../lib/world.mjs";

const SIGNS = ["=", "!=", ">", "<=", "~", "!~", "?=", "?!=", "?~"];

/** Paths, and what to compare them with beside the common values. */
const PATHS = {
  "label": ["'Lamp'", "label"], "label:lower": ["'lamp'"], "label:isset": ["true", "false"], "label:changed": ["true", "false"], "label:length": ["1"], "label:each": ["'Lamp'"],
  "qty": ["1", "'1'", "qty"], "qty:isset": ["true", "'x'"], "qty:changed": ["true", "false"], "qty:lower": ["'1'"],
  "live": ["true", "1"], "live:changed": ["true"], "due": ["'2024-01-15 10:00:00.000Z'", "due"], "due:changed": ["true", "false"],
  "kind": ["'a'", "kind"], "kind:each": ["'a'", "kind"], "kind:length": ["0", "1"], "kind:isset": ["false", "live"], "kind:changed": ["true"],
  "tags": ["'[\"red\"]'", "tags"], "tags:each": ["'red'", "kind", "tags:each", "label"], "tags:length": ["0", "2", "qty"], "tags:isset": ["true", "false", "qty"], "tags:changed": ["true", "false"], "tags:lower": ["'[\"red\"]'"],
  "meta": ["5", "'5'", "meta"], "meta.a": ["1", "'1'", "meta.a"], "meta.b.c.1": ["20"], "meta:isset": ["true", "meta"], "meta:changed": ["true", "false"], "meta:lower": ["'5'"],
  "spot": ["spot"], "spot.lon": ["10", "qty"], "spot:changed": ["true"],
  "owner": ["owner", "'ann000000000000'"], "owner:each": ["owner", "'ann000000000000'"], "owner:length": ["1", "0"], "owner:changed": ["true", "false"], "owner.name": ["'Ann'", "owner.name"], "owner.clubs.name": ["'Oak'"], "owner.clubs:each": ["clubs"], "owner.pin": ["'p-ann'"], "owner.nope": ["1"], "owner.prefs.lvl": ["2"], "owner.id": ["owner"],
  "clubs": ["clubs"], "clubs:each": ["'k10000000000000'", "clubs:each"], "clubs:length": ["2", "clubs:length"], "clubs:changed": ["true"], "clubs.name": ["'Oak'", "clubs.name"], "clubs.lead.name": ["'Ann'"], "clubs.id": ["clubs.id"], "clubs.tier": ["qty", "2"],
  "docs:length": ["0"], "docs:each": ["docs"], "note": ["note"], "note:isset": ["true"], "id": ["id"], "created": ["'x'"],
  "foo": ["'z'", "false", "label"], "foo.bar": ["'z'"], "foo.0": ["'y'"], "foo:isset": ["true", "qty"], "foo.bar:isset": ["true", "false"], "foo:lower": ["'z'"], "foo:length": ["1"], "foo:each": ["'y'"], "foo:changed": ["true"], "foo.qty": ["5", "'5'"],
};
const COMMON = ["''", "null", "'x'", "1"];

const BODIES = [
  undefined, {},
  { label: "Lamp", qty: 1, live: true, due: "2024-01-15 10:00:00.000Z", kind: "a", tags: ["red"], meta: { a: 1, b: { c: [10, 20] } }, spot: { lon: 10, lat: 20 }, owner: "ann000000000000", clubs: ["k10000000000000", "k20000000000000"], note: "n1", foo: { bar: "z", qty: "5" }, id: "i10000000000000" },
  { label: "", qty: "5", live: false, due: "", kind: "", tags: [], meta: 5, spot: null, owner: "", clubs: [], note: null, foo: ["y", "z"] },
  { label: null, qty: null, live: null, due: null, kind: null, tags: null, meta: null, owner: null, clubs: null, foo: null },
  { label: 5, qty: true, kind: ["a", "b"], tags: "red", meta: "5", spot: "x", owner: ["ann000000000000", "bob000000000000"], clubs: "k10000000000000", docs: ["a", "b"], foo: false },
  { tags: ["red", "green"], kind: "b", owner: "nope", clubs: ["nope", "k30000000000000"], meta: [1, 2, 3], foo: "Z" },
];

/** The same of queries and headers, and the rest. */
const OTHERS = ["@request.query.a", "@request.query.a:isset", "@request.query.none", "@request.query.none:isset", "@request.query.qty", "@request.query.a:lower", "@request.query.a:length", "@request.query.a:each", "@request.query.a:changed", "@request.query.filter:isset", "@request.headers.x_api_key", "@request.headers.x_api_key:isset", "@request.headers.none:isset", "@request.headers.x_api_key:lower", "@request.headers.host", "@request.headers.content_type", "@request.method", "@request.method:lower", "@request.context", "@request.context:isset", "@request.auth.collectionName", "@request.auth.email", "@request.auth.email:lower", "@request.auth.verified", "@request.auth.verified:isset", "@request.auth.none", "@request.auth.none.x", "@request.auth.email.x", "@request.auth.people_via_club.id", "@request.auth.emailVisibility", "@request.query", "@request.body", "@request.nope.a", "@request.query.a.b", "@request.query.a:nope"];

export default async function (both) {
  await setUpWorld(both);
  const ask = async (title, text, rest = {}) => {
    if (!both.wants(title)) return;
    await both.same(title, { ...get(records("items", { fields: "id", a: "Ab", qty: "5", filter: text })), headers: { "X-Api-Key": "k" }, ...rest }, { compare: compareLists(), about: { filter: text } });
  };
  for (const [path, values] of Object.entries(PATHS)) {
    const random = both.random(path);
    const cases = [...new Set([...values, ...COMMON])].flatMap((value) => SIGNS.map((sign) => [sign, value]));
    await inParallel(cases, async ([sign, value]) => {
      const left = `@request.body.${path}`;
      const text = random.chance(0.8) ? `${left} ${sign} ${value}` : `${value} ${sign} ${left}`;
      // One body in which there is something, one in which there is not.
      for (const i of [random.pick([0, 1, 3, 4]), random.pick([2, 5, 6])].slice(random.below(2))) await ask(`body ${i}: ${text}`, text, BODIES[i] && { json: BODIES[i] });
    });
  }
  for (const path of OTHERS) {
    const cases = SIGNS.flatMap((sign) => ["''", "null", "true", "false", "'Ab'", "5", "label", "qty", "live", "meta", "'a'"].map((value) => [sign, value]));
    const random = both.random(path);
    await inParallel(cases, async ([sign, value]) => {
      if (random.chance(0.5)) await ask(`${path} ${sign} ${value}`, `${path} ${sign} ${value}`);
      else if (random.chance(0.6)) await ask(`${value} ${sign} ${path}`, `${value} ${sign} ${path}`);
    });
  }
}
