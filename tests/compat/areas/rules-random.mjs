// Random rules on collections, and what they let everybody do.

import { likeness, randomBody, restoring } from "../lib/bodies.mjs";
import { Expressions, render, smaller, spoil } from "../lib/expressions.mjs";
import { del, get, patch, post } from "../lib/http.mjs";
import { compareLists, records, sameFilter } from "../lib/lists.mjs";
import { inParallel, smallest } from "../lib/pair.mjs";
import { setUpWorld, WORLD } from "../lib/world.mjs";

const BASES = { posts: 22, items: 22, comments: 10, teams: 10, authors: 8, people: 8, clubs: 8, reviews: 6, gated: 6, posts_view: 6, team_view: 2, items_view: 3 };
const ACTIONS = ["list", "view", "create", "update", "delete"];
const EVERYBODY = ["guest", "ann", "ada", "superuser"];

/** Made to be found by `@request.query.…` and `@request.headers.…`. */
const QUERIES = [{}, {}, { a: "1" }, { q: "K", qty: "5" }, { views: "5", a: "" }];
const HEADERS = [{}, {}, { "X-Api-Key": "k" }, { "x-team": "a", "X-API-KEY": "" }];

/** A body as a form, as far as that can be. */
function asForm(body) {
  const text = (value) => (value !== null && typeof value === "object" ? JSON.stringify(value) : String(value ?? ""));
  return Object.entries(body).flatMap(([key, value]) => (Array.isArray(value) ? value : [value]).map((one) => [key, text(one)]));
}

export default async function (both) {
  const world = await setUpWorld(both);
  const where = (collection, recordId, query) => `/api/collections/${collection}/records/${recordId}?${new URLSearchParams(query)}`;
  const asOften = (random, list, count) => Array.from({ length: count }, () => random.pick(list));

  async function round(title) {
    const random = both.random(title);
    const collection = random.weighted(BASES);
    const isView = WORLD[collection].type === "view";
    const actions = isView ? ACTIONS.slice(0, 2) : ACTIONS;
    const makers = actions.map((action) => new Expressions(random, { base: collection, where: "rule", all: true, body: ["create", "update"].includes(action), ...world }));
    const trees = Object.fromEntries(actions.map((action, i) => [`${action}Rule`, makers[i].expression(4)]));
    const rules = Object.fromEntries(Object.entries(trees).map(([key, tree]) => [key, random.chance(0.02) ? null : random.chance(0.04) ? spoil(random, render(tree)) : render(tree, random)]));
    const save = (those) => patch(`/api/collections/${collection}`, those);

    // Rules that are refused would take the others with them.
    const about = { ...rules };
    const [saved] = await both.same(`${title} ${collection}: save`, save(rules), { about });
    if (saved.status !== 200) {
      for (const [key, rule] of Object.entries(rules)) {
        const [one] = await both.same(`${title} ${collection}: save ${key}`, save({ [key]: rule }), { about: { [key]: rule } });
        if (one.status !== 200) delete trees[key];
      }
    }

    /** Tries parts of a rule, each time with `prepare` before and `restore` after. */
    const shrinkRule = (key, request, { compare, prepare, restore } = {}) => {
      if (!trees[key]) return undefined;
      return async () => {
        if (restore) await both.differs(restore);
        const found = await smallest(trees[key], smaller, async (part) => {
          const saving = await both.differs(save({ [key]: render(part) }));
          if (saving.length) return saving;
          if (prepare) await both.differs(prepare);
          const out = await both.differs(request, { compare });
          if (restore) await both.differs(restore);
          return out;
        });
        await both.differs(save({ [key]: rules[key] }));
        return found && { text: `${key}: ${render(found.tree)}`, differences: found.differences };
      };
    };
    const check = async (what, key, request, options = {}) => {
      await both.same(`${title} ${collection}: ${what}`, request, { compare: options.compare, about: { [key]: rules[key] }, shrink: shrinkRule(key, request, options) });
    };

    const stored = world.records[collection];
    const targets = random.sample(world.ids[collection], 6);
    const query = random.pick(QUERIES);
    const headers = random.pick(HEADERS);
    for (const as of EVERYBODY) {
      const path = records(collection, { fields: "id", perPage: 500, ...query });
      await check(`list as ${as}`, "listRule", { ...get(path, { as }), headers }, { compare: compareLists() });
    }
    // Filters share joined rows with the rule.
    const filterings = ["guest", "ann", "ada"].flatMap((as) => [0, 1, 2].map((i) => [as, i]));
    await inParallel(filterings, async ([as, i]) => {
      const own = both.random(`${title} ${as} ${i}`);
      const tree = new Expressions(own, { base: collection, where: "filter", all: false, spent: makers[0].cost, seen: makers[0].seen.filter(({ text }) => !text.startsWith("@")), listRules: { [collection]: rules.listRule, vault: null, locked: null }, ...world }).expression(2);
      await sameFilter(both, `${title} ${collection}: filter ${i} as ${as}`, { as, collection, tree, about: { listRule: rules.listRule } });
    });
    for (const as of ["guest", "ann", "ada"]) {
      for (const target of targets.slice(0, 4)) await check(`view ${target} as ${as}`, "viewRule", { ...get(where(collection, target, { fields: "id", ...query }), { as }), headers });
    }

    if (isView) {
      await both.differs(save({ listRule: "", viewRule: "" }));
      return;
    }
    let made = 0;
    for (const as of EVERYBODY.slice(0, 3)) {
      for (const body of asOften(random, [0], 4).map(() => randomBody(random, collection, world.ids))) {
        const newId = `z${random.below(1e9)}z${made++}`.padEnd(15, "z");
        const login = collection === "authors" || collection === "people" ? { password: "12345678", passwordConfirm: "12345678", email: `c${random.below(1e9)}@t.io` } : {};
        const isForm = random.chance(0.12) && !Object.keys(query).length;
        const sent = { id: newId, ...body, ...login };
        const request = { method: "POST", path: `${records(collection)}?${new URLSearchParams(query)}`, ...(isForm ? { form: asForm(sent) } : { json: sent }), as, headers };
        const restore = del(where(collection, newId));
        await check(`create ${made} as ${as}`, "createRule", request, { restore });
        await both.differs(restore);
      }
      for (const target of targets.slice(0, 4)) {
        const request = { ...patch(where(collection, target, query), randomBody(random, collection, world.ids, { record: stored[target] }), { as }), headers };
        const restore = patch(where(collection, target), restoring(collection, stored[target]));
        await check(`update ${target} as ${as}`, "updateRule", request, { restore });
        await both.differs(restore);
      }
      for (const target of targets.slice(4)) {
        // Another one like it, because deleting takes it out of what refers to it.
        const newId = `y${random.below(1e9)}y`.padEnd(15, "y");
        const prepare = post(records(collection), likeness(random, collection, newId, stored[target]));
        const restore = del(where(collection, newId));
        await both.differs(prepare);
        await check(`delete one like ${target} as ${as}`, "deleteRule", { ...del(where(collection, newId, query), { as }), headers }, { prepare, restore });
        await both.differs(restore);
      }
    }
    await both.differs(save(Object.fromEntries(actions.map((action) => [`${action}Rule`, ""]))));
  }

  for (const n of both.numbers(100)) {
    const title = `round ${n}`;
    if (both.wants(title)) await round(title);
  }
  await inParallel(Object.keys(BASES), (name) => both.same(`the end: ${name}`, get(records(name, { sort: "id", perPage: 500 }))));
}
