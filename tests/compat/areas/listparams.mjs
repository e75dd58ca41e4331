// Random parameters of lists: pages, totals, fields and all of it together.

import { Expressions, render, tagsOf } from "../lib/expressions.mjs";
import { get } from "../lib/http.mjs";
import { compareLists } from "../lib/lists.mjs";
import { inParallel } from "../lib/pair.mjs";
import { setUpWorld, WORLD } from "../lib/world.mjs";

const PAGES = ["1", "2", "3", "0", "-1", "99", "+2", "1.0", "x", "", " 1", "1e1", "9223372036854775808", "01"];
const PER_PAGES = ["1", "2", "5", "30", "0", "-1", "1000", "1001", "x", "", "+3", "3.0", "007"];
const TOTALS = ["1", "t", "T", "true", "TRUE", "True", "0", "f", "F", "false", "FALSE", "False", "", "x", "yes", "2", "tRUE", " 1"];

/** A `fields` parameter. */
function fieldsOf(random, collection) {
  const names = ["id", "collectionName", "expand", "nope", ...Object.keys(WORLD[collection].fields)];
  const one = () => {
    const name = random.pick(names);
    const { type, target } = WORLD[collection].fields[name] ?? {};
    if (random.chance(0.1)) return random.pick(["*", " id ", "expand.*", "ID", "", "id.x", "*.id"]);
    if (target) return random.pick([name, `expand.${name}.id`, `expand.${name}.name`, `expand.${name}.*`, `expand.${name}`]);
    if (type === "json") return random.pick([name, `${name}.a`, `${name}.b.c`, `${name}.*`, `${name}.0`]);
    if (type === "geoPoint") return random.pick([name, `${name}.lon`]);
    if (type === "text" || type === "editor") return random.pick([name, `${name}:excerpt(${random.pick(["1", "3", "10", "200", "0", "x", "-1", ""])}${random.pick(["", "", ",true", ",false", ", true", ",1", ",x"])})`]);
    return name;
  };
  return Array.from({ length: random.between(1, 4) }, one).join(random.pick([",", ",", ", "]));
}

export default async function (both) {
  const world = await setUpWorld(both);
  await inParallel(both.numbers(700), async (n) => {
    const title = `params ${n}`;
    if (!both.wants(title)) return;
    const random = both.random(title);
    const collection = random.pick(["posts", "items", "authors", "comments", "posts_view", "team_view", "people"]);
    const as = random.weighted({ superuser: 50, guest: 25, ann: 10, ada: 15 });
    const parameters = [["sort", random.pick(["id", "-id"])]];
    const odd = random.chance(0.3);
    if (random.chance(0.7)) parameters.push(["perPage", odd ? random.pick(PER_PAGES) : random.pick(["1", "4", "7", "30"])]);
    if (random.chance(0.6)) parameters.push(["page", odd ? random.pick(PAGES) : random.pick(["1", "2", "3"])]);
    if (random.chance(0.3)) parameters.push(["skipTotal", odd ? random.pick(TOTALS) : random.pick(["1", "true", "0"])]);
    const tree = random.chance(0.5) ? new Expressions(random, { base: collection, where: "filter", all: as === "superuser", ...world }).expression(2) : undefined;
    if (tree) parameters.push(["filter", render(tree)]);
    if (random.chance(0.6)) parameters.push(["fields", fieldsOf(random, collection)]);
    if (random.chance(0.4)) parameters.push(["expand", random.pick(Object.values(WORLD[collection].fields).filter((f) => f.target).map((f) => f.name))]);
    if (random.chance(0.1)) parameters.push(random.pick([["page", "2"], ["filter", ""], ["sort", "nope"], ["PERPAGE", "1"], ["x", "1"]]));
    const search = random.shuffled(parameters).map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join("&");
    // Which order comes first is decided by the first sort, so that is only a full one if it stands before the other.
    const first = search.split("&").find((one) => one.startsWith("sort="));
    const compare = (expected, got) => (expected.body === "" || got.body === "" ? compareBodies(expected, got) : compareLists({ ordered: first !== "sort=nope" })(expected, got));
    const tags = tree ? tagsOf(tree).map((tag) => `[${tag}] `).join("") : "";
    await both.same(`${title} ${as} ${collection}: ${tags}${search.slice(0, 150)}`, get(`/api/collections/${collection}/records?${search}`, { as }), { compare, about: Object.fromEntries(parameters) });
  });
}

/** For answers without a body. */
const compareBodies = (expected, got) => (expected.status === got.status && expected.body === got.body ? [] : [{ path: "body", expected: [expected.status, expected.body], got: [got.status, got.body] }]);
