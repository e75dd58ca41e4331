// What everybody hears of while records change: the same from both servers, and what reading the records would show them.

import { setUpMarks, withAudience } from "../lib/audience.mjs";
import { likeness, randomBody, restoring } from "../lib/bodies.mjs";
import { Expressions, render, tagsOf } from "../lib/expressions.mjs";
import { del, get, patch, post } from "../lib/http.mjs";
import { compareLists, records } from "../lib/lists.mjs";
import { setUpWorld, WORLD } from "../lib/world.mjs";

const BASES = { posts: 22, items: 22, comments: 10, teams: 10, authors: 10, people: 8, clubs: 8, reviews: 6, gated: 6 };
const EVERYBODY = ["guest", "ann", "ada", "superuser"];
const OPEN = { listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "" };

/** Made to be found by `@request.query.…` and `@request.headers.…`. */
const QUERIES = [{}, {}, { a: "1" }, { q: "K", qty: "5" }, { views: "5", a: "" }];
const HEADERS = [undefined, undefined, { "X-Api-Key": "k" }, { "x-team": "a", "X-API-KEY": "" }];

const EXPANDS = {
  posts: ["author", "editors,related.author", "author.team.lead"], items: ["owner", "clubs.lead,parent.owner"], comments: ["post.author", "by,post"], teams: ["lead", "parent.lead,allies"],
  authors: ["boss", "team,friends"], people: ["club", "clubs.lead"], clubs: ["lead"], reviews: ["item.owner", "items"], gated: ["post", "owner.boss"],
};

const where = (collection, recordId) => `${records(collection)}/${recordId}`;

export default async function (both) {
  const world = await setUpWorld(both);
  await setUpMarks(both);
  for (const n of both.numbers(60)) {
    const title = `round ${n}`;
    if (both.wants(title)) await round(both, world, title);
  }
  for (const name of Object.keys(BASES)) await both.same(`the end: ${name}`, get(records(name, { sort: "id", perPage: 500 })), { compare: compareLists({ ordered: true }) });
  await written(both);
}

/** A collection under random rules, and random changes of it. */
async function round(both, world, title) {
  const random = both.random(title);
  const collection = random.weighted(BASES);
  const makers = [0, 1].map(() => new Expressions(random, { base: collection, where: "rule", all: true, ...world }));
  const rules = {};
  for (const [i, key] of ["listRule", "viewRule"].entries()) {
    const rule = random.chance(0.06) ? null : random.chance(0.1) ? "" : render(makers[i].expression(4), random);
    const [saved] = await both.same(`${title} ${collection}: save ${key}`, patch(`/api/collections/${collection}`, { [key]: rule }), { about: { [key]: rule } });
    rules[key] = saved.status === 200 ? rule : "";
    if (saved.status !== 200) await both.send(patch(`/api/collections/${collection}`, { [key]: "" }));
  }
  const [target, other, third] = random.sample(world.ids[collection], 3);
  const isAuth = WORLD[collection].type === "auth";
  // Rules see that this is realtime.
  const isUnlikeRest = (key) => Boolean(rules[key]?.includes("@request.context"));
  const tagsOfRule = (key) => (/\b(password|tokenKey)\b/.test(rules[key] ?? "") ? ["secret"] : []);

  const listeners = EVERYBODY.flatMap((as) => {
    const options = (more) => ({ query: { ...random.pick(QUERIES), ...more }, headers: random.pick(HEADERS) });
    const maker = new Expressions(random, { base: collection, where: "filter", all: false, spent: makers[0].cost, seen: makers[0].seen.filter(({ text }) => !text.startsWith("@")), listRules: { [collection]: rules.listRule, vault: null, locked: null }, ...world });
    const filters = [0, 1].map(() => {
      const tree = maker.expression(2);
      const text = render(tree);
      // Only in texts: the trees have no such names.
      return { text, tags: [...tagsOf(tree), ...(/@(request|collection)\./.test(text) ? ["name"] : [])] };
    });
    const all = { as, collection, isUnlikeRest: isUnlikeRest("listRule"), tags: tagsOfRule("listRule") };
    const one = { as, collection, target, isUnlikeRest: isUnlikeRest("viewRule"), tags: tagsOfRule("viewRule") };
    return [
      { ...all, name: "all" },
      { ...all, name: "all, the old way", isOld: true },
      { ...one, name: "one" },
      ...filters.map(({ text, tags }, i) => ({
        ...all, name: `filter ${i}`, tags: [...all.tags, ...tags], options: options({ filter: text, ...(i && { expand: random.pick(EXPANDS[collection]) }) }),
        // What superusers may filter by is what guests may, here.
        isUnlikeRest: all.isUnlikeRest || as === "superuser",
      })),
      { ...all, name: "expanded", options: options({ expand: random.pick(EXPANDS[collection]), fields: random.pick(["*", "id,collectionName,expand", "*,expand.*.id", "id,name:excerpt(2)"]) }) },
      { ...one, name: "one, expanded", options: options({ expand: random.pick(EXPANDS[collection]) }) },
      { ...one, name: "one, filtered", tags: [...one.tags, ...filters[0].tags], options: options({ filter: filters[0].text, fields: "id" }), isUnlikeRest: true },
    ];
  });

  const stored = world.records[collection];
  const change = (recordId) => patch(where(collection, recordId), randomBody(random, collection, world.ids, { record: stored[recordId] }));
  const made = [];
  const create = () => {
    const newId = `x${random.below(1e9)}x`.padEnd(15, "x");
    made.push(newId);
    return post(records(collection), likeness(random, collection, newId, stored[random.pick(world.ids[collection])]));
  };
  const steps = [change(target), create(), change(other), change(target), change(made[0]), change(third), create(), del(where(collection, made[0])), change(target), del(where(collection, made[1]))];
  // Something else that rules may look at.
  const elsewhere = random.pick(Object.keys(BASES).filter((name) => name !== collection && !["authors", "people"].includes(name)));
  const neighbour = random.pick(world.ids[elsewhere]);
  steps.splice(random.below(steps.length), 0, patch(where(elsewhere, neighbour), randomBody(random, elsewhere, world.ids, { record: world.records[elsewhere][neighbour] })));
  await withAudience(both, `${title} ${collection}`, { collection, listeners, steps, about: rules });

  for (const recordId of [target, other, third]) await both.send(patch(where(collection, recordId), { ...restoring(collection, stored[recordId]), ...(isAuth && { verified: stored[recordId].verified ?? false }) }));
  await both.send(patch(where(elsewhere, neighbour), restoring(elsewhere, world.records[elsewhere][neighbour])));
  await both.send(patch(`/api/collections/${collection}`, { listRule: "", viewRule: "" }));
}

/** Scenes that randomness does not find: parents and children, accounts, batches. */
async function written(both) {
  const people = WORLD.people.id;
  const id = (short) => short.padEnd(15, "0");
  const make = (name, fields, rest) => both.same(`scene: ${name}`, post("/api/collections", { ...OPEN, id: id(`s${name}`), name, fields: [{ name: "title", type: "text" }, { name: "secret", type: "text", hidden: true }, ...fields], ...rest }));
  const relation = (name, collectionId, rest) => ({ name, type: "relation", collectionId, maxSelect: 1, ...rest });
  const set = (collection, rules) => both.send(patch(`/api/collections/${collection}`, rules));
  const create = (collection, short, data) => post(records(collection), { id: id(short), ...data });
  const update = (collection, short, data) => patch(where(collection, id(short)), data);
  const remove = (collection, short) => del(where(collection, id(short)));
  const everybody = (listener, who = ["guest", "ann", "bob", "ada", "superuser"]) => who.map((as) => ({ name: "all", as, ...listener }));

  await make("parents", [relation("owner", people), { name: "open", type: "bool" }, relation("members", people, { maxSelect: 9 })]);
  await make("children", [relation("parent", id("sparents"), { cascadeDelete: true }), relation("more", id("sparents"), { maxSelect: 5 })]);
  await make("grand", [relation("child", id("schildren"), { cascadeDelete: true })]);
  await both.send(patch("/api/settings", { batch: { enabled: true, maxRequests: 100 } }));

  // Each rule of parents, children and grandchildren in turn, with the same life of a family.
  const families = [
    ["", "", ""],
    [null, null, null],
    ["", null, ""],
    ["owner = @request.auth.id", "parent.owner = @request.auth.id", "child.parent.owner = @request.auth.id"],
    ["open = true", "parent.open = true", "child.parent.open = true && child.title != ''"],
    ["members.id ?= @request.auth.id", "parent.members.id ?= @request.auth.id", "child.parent.members.id ?= @request.auth.id"],
    ["children_via_parent.title ?= 'child'", "parent.children_via_parent.title ?= 'other'", "child.grand_via_child.title ?= 'grand'"],
    ["@collection.children.parent ?= id", "@collection.parents.owner ?= @request.auth.id", "@collection.children.id ?= child && @request.auth.id != ''"],
    ["secret = 'x'", "parent.secret = 'x'", "child.parent.secret = 'x'"],
    ["@request.auth.rank = 'boss' || open = true", "@request.auth.name ~ 'Bob' || more.open ?= true", "@request.auth.collectionName = 'authors'"],
    ["@request.context = 'realtime'", "@request.method = 'GET' && @request.context != 'default'", "@request.body.x = null && @request.query.a = ''"],
  ];
  for (const [n, [parents, children, grand]] of families.entries()) {
    for (const [collection, rule] of Object.entries({ parents, children, grand })) await set(collection, { listRule: rule, viewRule: rule });
    for (const collection of ["parents", "children", "grand"]) {
      const name = `family ${n}, ${collection}`;
      if (!both.wants(name)) continue;
      const p = (short) => `${short}${n}${collection[0]}`;
      const steps = [
        create("parents", p("pa"), { title: "parent", owner: id("ann"), open: false, members: [id("ann"), id("bob")], secret: "x" }),
        create("parents", p("pb"), { title: "other parent", owner: id("bob"), open: true, secret: "y" }),
        create("children", p("ca"), { title: "child", parent: id(p("pa")), more: [id(p("pa")), id(p("pb"))] }),
        create("children", p("cb"), { title: "other", parent: id(p("pa")) }),
        create("children", p("cc"), { title: "child", parent: id(p("pb")), more: [id(p("pa"))] }),
        create("grand", p("ga"), { title: "grand", child: id(p("ca")) }),
        create("grand", p("gb"), { title: "x", child: id(p("cb")) }),
        update("parents", p("pa"), { open: true }),
        update("children", p("ca"), { title: "child again" }),
        update("grand", p("ga"), { secret: "x" }),
        update("parents", p("pa"), { owner: id("bob"), members: [id("bob")], secret: "z" }),
        update("children", p("cb"), { title: "other" }),
        update("grand", p("gb"), { title: "grand" }),
        // Nothing changes, and nothing that exists.
        update("children", p("cc"), {}),
        update("children", "nobody", { title: "x" }),
        // Takes children and grandchildren along, and itself out of other children.
        remove("parents", p("pa")),
        update("children", p("cc"), { title: "left" }),
        remove("children", p("cc")),
        remove("parents", p("pb")),
      ];
      const isUnlikeRest = [parents, children, grand].some((rule) => rule?.includes("@request.context"));
      const expand = { parents: "owner,children_via_parent", children: "parent,more.owner", grand: "child.parent.owner" }[collection];
      const listeners = [
        ...everybody({ collection, isUnlikeRest }),
        // The reference does not expand a parent that goes with the record.
        ...everybody({ collection, isUnlikeRest: isUnlikeRest || collection !== "parents", name: "expanded", options: { query: { expand } } }, ["ann", "superuser"]),
        ...everybody({ collection, target: id(p({ parents: "pa", children: "cb", grand: "ga" }[collection])), isUnlikeRest, name: "one" }, ["guest", "bob", "superuser"]),
        ...everybody({ collection, isUnlikeRest, name: "filtered", options: { query: { filter: "title ~ 'a' && id != ''" } } }, ["ann", "superuser"]),
        ...everybody({ collection, isUnlikeRest: true, name: "hidden", options: { query: { filter: "secret != 'q'" } } }, ["ann", "superuser"]),
        ...everybody({ collection, isUnlikeRest: true, name: "reaching", options: { query: { filter: "title != 'q' && @collection.parents.id != 'q'" } } }, ["ann", "superuser"]),
        ...everybody({ collection, isUnlikeRest: true, name: "asking", options: { query: { filter: "title != 'q' && @request.auth.id != 'q'" } } }, ["ann", "superuser"]),
      ];
      await withAudience(both, name, { collection, listeners, steps, about: { rule: { parents, children, grand }[collection] } });
    }
  }
  for (const collection of ["parents", "children", "grand"]) await set(collection, { listRule: "", viewRule: "" });

  // All at once, or nothing: no reading in between, so nothing to compare with that.
  const url = (collection, short) => (short ? where(collection, id(short)) : records(collection));
  const item = (method, collection, short, body) => ({ method, url: url(collection, method === "POST" || method === "PUT" ? "" : short), body: method === "DELETE" ? undefined : { ...(method !== "PATCH" && { id: id(short) }), ...body } });
  const batch = (requests) => post("/api/batch", { requests });
  await set("children", { listRule: "parent.open = true || title = 'seen'" });
  await withAudience(both, "batches", {
    collection: "children",
    listeners: everybody({ collection: "children", isUnlikeRest: true }),
    about: { listRule: "parent.open = true || title = 'seen'" },
    steps: [
      batch([item("POST", "parents", "bp", { title: "p", open: false }), item("POST", "children", "ba", { title: "unseen", parent: id("bp") }), item("POST", "children", "bb", { title: "seen", parent: id("bp") })]),
      batch([item("PATCH", "children", "ba", { title: "seen" }), item("DELETE", "children", "bb"), item("PATCH", "children", "nobody", {})]),
      batch([item("PUT", "children", "ba", { title: "x" }), item("PATCH", "parents", "bp", { open: true })]),
      batch([item("PATCH", "children", "ba", { title: "y" }), item("PATCH", "children", "bb", { title: "z" })]),
      batch([item("DELETE", "parents", "bp"), item("POST", "children", "bc", { title: "seen" })]),
      batch([item("DELETE", "children", "bc")]),
    ],
  });

  // Accounts: who sees addresses, and what is known of the listener changes with them.
  const account = (collection, short, data) => patch(where(collection, id(short)), data);
  for (const [n, [listRule, manageRule]] of [["", null], ["", "@request.auth.rank = 'boss'"], ["id = @request.auth.id", null], ["@request.auth.rank = 'staff' || name ~ 'C'", "id = @request.auth.id"], ["@request.auth.id != '' && @request.auth.club = club", null], ["email ~ 't.io' && emailVisibility = true", null]].entries()) {
    await set("people", { listRule, viewRule: listRule, manageRule });
    const name = `accounts ${n}`;
    if (!both.wants(name)) continue;
    await withAudience(both, name, {
      collection: "people",
      listeners: [...everybody({ collection: "people" }), ...everybody({ collection: "people", name: "one", target: id("bob") }), ...everybody({ collection: "people", name: "expanded", options: { query: { expand: "club.lead", fields: "*,expand.club.expand.lead.email" } } })],
      about: { listRule, manageRule },
      steps: [
        account("people", "ann", { name: "Ann 1" }), account("people", "bob", { name: "Bob 1" }), account("people", "cat", { name: "Cat 1" }),
        account("people", "bob", { emailVisibility: true, rank: "boss" }), account("people", "ann", { emailVisibility: false, rank: "staff", club: id("k2") }),
        account("people", "cat", { emailVisibility: false, club: id("k2") }), account("people", "bob", { verified: true, name: "Bob 2" }), account("people", "ann", { name: "Ann 2" }),
        account("people", "bob", { emailVisibility: false, rank: "staff", verified: false, name: "Bob", club: id("k2") }), account("people", "ann", { emailVisibility: true, rank: "boss", name: "Ann", club: id("k1") }), account("people", "cat", { emailVisibility: true, name: "Cat", club: "" }),
      ],
    });
  }
  await set("people", { listRule: "", viewRule: "", manageRule: null });

  // What is no table of its own, or one of the system's.
  await withAudience(both, "views", {
    collection: "items",
    listeners: [...everybody({ collection: "items_view", isUnlikeRest: true }), ...everybody({ collection: "items_view", target: id("i1"), name: "one", isUnlikeRest: true }), ...everybody({ collection: "items", name: "beneath" })],
    steps: [update("items", "i1", { qty: 7 }), create("items", "iv", { label: "new" }), remove("items", "iv"), update("items", "i1", { qty: 1 })],
  });
  const link = (short, recordRef, provider) => create("_externalAuths", short, { collectionRef: people, recordRef: id(recordRef), provider, providerId: short });
  await withAudience(both, "system collections", {
    collection: "_externalAuths",
    listeners: everybody({ collection: "_externalAuths" }),
    steps: [link("la", "ann", "google"), link("lb", "bob", "google"), update("_externalAuths", "la", { provider: "github" }), remove("_externalAuths", "la"), remove("_externalAuths", "lb")],
  });
}
