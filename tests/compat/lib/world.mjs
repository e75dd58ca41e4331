// The collections and records that the generated rules and filters are about: the small ones of the written cases
// (spec, part 2, section 15) and larger ones full of random values. Both servers get the same.

import { get, patch, post, put } from "./http.mjs";
import { Random } from "./random.mjs";

const PASSWORD = "12345678";
const OPEN = { listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "" };

/** Ids are short names padded with zeros. */
export const id = (short) => short.padEnd(15, "0");

const field = (type) => (name, rest) => ({ name, type, ...rest });
const text = field("text");
const number = field("number");
const bool = field("bool");
const date = field("date");
const json = field("json");
const editor = field("editor");
const email = field("email");
const url = field("url");
const geo = field("geoPoint");
const password = (name, rest) => ({ name, type: "password", cost: 4, ...rest });
const file = (name, maxSelect) => ({ name, type: "file", maxSelect });
const select = (name, maxSelect, values, rest) => ({ name, type: "select", maxSelect, values, ...rest });
const relation = (name, maxSelect, target, rest) => ({ name, type: "relation", maxSelect, target, ...rest });
const autodate = (name, rest) => ({ name, type: "autodate", onCreate: true, ...rest });

const AUTH_SYSTEM = [
  password("password", { hidden: true, required: true, min: 8, system: true }),
  text("tokenKey", { hidden: true, system: true }),
  email("email", { system: true }),
  bool("emailVisibility", { system: true }),
  bool("verified", { system: true }),
];

/** Every collection: its type, its own fields, indexes (`%` is the table) and, for a view, its query. */
const COLLECTIONS = {
  clubs: { fields: [text("name"), number("tier"), relation("lead", 1, "people"), text("motto", { hidden: true })] },
  people: {
    type: "auth",
    fields: [text("name"), text("rank"), text("pin", { hidden: true }), select("skills", 3, ["chess", "go", "rugby"]), json("prefs"), relation("club", 1, "clubs"), relation("clubs", 5, "clubs")],
  },
  items: {
    fields: [
      text("label"), number("qty"), bool("live"), date("due"), select("kind", 1, ["a", "b", "c"]), select("tags", 4, ["red", "green", "blue", "rare"]), json("meta"), geo("spot"), relation("owner", 1, "people"), relation("clubs", 5, "clubs"),
      text("note", { hidden: true }), file("docs", 3), autodate("created"), autodate("updated", { onUpdate: true }), relation("parent", 1, "items"),
    ],
  },
  reviews: { fields: [text("text"), number("score"), relation("item", 1, "items"), relation("items", 5, "items")] },
  cards: { fields: [text("nick"), relation("person", 1, "people")], indexes: ["CREATE UNIQUE INDEX idx_card ON % (person)"] },
  vault: { fields: [text("x"), relation("item", 1, "items")], closed: true },
  items_view: {
    type: "view",
    query: "select id, label, qty, owner, tags, (qty*2) as twice from items",
    fields: [text("label"), number("qty"), relation("owner", 1, "people"), select("tags", 4, ["red", "green", "blue", "rare"]), json("twice")],
  },

  teams: {
    fields: [
      text("name"), number("rank"), select("colors", 3, ["red", "green", "blue", "x y"]), relation("lead", 1, "authors"), relation("parent", 1, "teams"), relation("allies", 4, "teams"), text("secret", { hidden: true }), json("info"),
    ],
  },
  authors: {
    type: "auth",
    fields: [
      text("name"), number("level"), select("flags", 3, ["x", "y", "z"]), geo("home"), editor("bio"), json("data"), email("contact"), relation("boss", 1, "authors"), relation("friends", 4, "authors"), relation("team", 1, "teams"),
      relation("teams", 4, "teams"), text("pin", { hidden: true }), relation("keeper", 1, "authors", { hidden: true }),
    ],
  },
  posts: {
    fields: [
      text("title"), editor("body"), number("views"), bool("active"), email("mail"), url("site"), date("published"), select("kind", 1, ["a", "b", "c"]), select("tags", 4, ["red", "green", "blue", "x y"]), file("cover", 1), file("files", 3),
      relation("author", 1, "authors"), relation("editors", 4, "authors"), relation("related", 4, "posts"), relation("teams", 3, "teams"), json("data"), geo("place"), password("pass"), text("secret", { hidden: true }), relation("shadow", 1, "authors", { hidden: true }),
      autodate("created"), autodate("updated", { onUpdate: true }),
    ],
  },
  comments: {
    fields: [text("text"), number("score"), date("at"), relation("post", 1, "posts"), relation("posts", 4, "posts"), relation("by", 1, "authors"), relation("liked", 4, "authors")],
  },
  profiles: {
    fields: [text("nick"), relation("owner", 1, "authors"), relation("main", 1, "posts"), relation("pair", 1, "teams")],
    indexes: ["CREATE UNIQUE INDEX idx_owner ON % (owner)", "CREATE UNIQUE INDEX idx_main ON % (main) WHERE nick != ''", "CREATE UNIQUE INDEX idx_pair ON % (pair, owner)"],
  },
  gated: { fields: [text("x"), number("level"), relation("post", 1, "posts"), relation("owner", 1, "authors"), relation("posts", 4, "posts")] },
  locked: { fields: [text("x"), relation("post", 1, "posts"), relation("author", 1, "authors")], closed: true },
  posts_view: {
    type: "view",
    query: "select p.id, p.title, p.views, p.author, p.editors, p.tags, p.data, p.published, p.active, (p.views * 2) as twice, (upper(p.title)) as loud from posts p",
    fields: [
      text("title"), number("views"), relation("author", 1, "authors"), relation("editors", 4, "authors"), select("tags", 4, ["red", "green", "blue", "x y"]), json("data"), date("published"), bool("active"), json("twice"), json("loud"),
    ],
  },
  team_view: {
    type: "view",
    query: "select t.id, t.name, t.lead, count(c.id) as talks, avg(c.score) as mean, (max(a.level)) as top from teams t left join authors a on a.team = t.id left join comments c on c.by = a.id group by t.id",
    fields: [text("name"), relation("lead", 1, "authors"), number("talks"), json("mean"), json("top")],
  },
};

/** What the generators know of a collection: `fields` by name, and who refers to it. */
export const WORLD = Object.fromEntries(
  Object.entries(COLLECTIONS).map(([name, { type = "base", fields, closed = false }]) => {
    const all = [text("id"), ...(type === "auth" ? AUTH_SYSTEM : []), ...fields];
    return [name, { name, type, closed, id: `c0${name.replace("_", "")}`.padEnd(15, "0"), fields: Object.fromEntries(all.map((f) => [f.name, f])), back: [] }];
  }),
);
for (const collection of Object.values(WORLD)) {
  for (const { name, target, maxSelect, hidden } of Object.values(collection.fields)) {
    if (target) WORLD[target].back.push({ from: collection.name, field: name, multiple: maxSelect > 1, hidden });
  }
}

/**
 * Whether a field path of `base` may reach several records or values, and whether it ends at the e-mail of an account.
 *
 * @returns {{isMany: boolean, isEmail: boolean}}
 */
export function aboutPath(base, path) {
  let at = WORLD[base];
  let isMany = false;
  const segments = path.split(".");
  for (const segment of segments.slice(0, -1)) {
    const [from, over] = segment.split("_via_");
    isMany ||= over !== undefined || at?.fields[segment]?.maxSelect > 1;
    at = WORLD[at?.fields[segment]?.target ?? (over === undefined ? undefined : from.toLowerCase())];
  }
  const [last, modifier] = segments.at(-1).split(":");
  isMany ||= modifier === "each" && at?.fields[last]?.maxSelect > 1;
  return { isMany, isEmail: at?.type === "auth" && last === "email" };
}

// --- values, which records and literals are drawn from

export const TEXTS = [
  "", "Lamp", "lamp shade", "LAMP", "50%_off", "50%", "a\\b", "\\", "5", "5.0", "-5.5", "007", "1e3", "0", "1", "true", "TRUE", "null", "it's", 'say "hi"', "Ünïcödé", "ünïcödé", "ÄÖ", "äö", "日本語", "🎉 party", "a,b", "x y", " padded ", "two\nlines", "tab\there", "_", "__", "%", "[]", "{}", '["red"]',
  "2024-01-15", "2024-01-15 10:00:00.000Z", "a", "b", "B", "aa", "ab", "Z", "z", "@request.x", "// no", "<b>bold</b>", "red", "Oak", "Elm", "Ann", "k10000000000000",
];
export const NUMBERS = [0, 1, -1, 2, 3, 5, -5.5, 0.1, 0.5, 10, 20, 100, 1e3, 1e6, 12345678.9, -0.001, 42];
export const DATES = ["", "2024-01-15 10:00:00.000Z", "2024-06-01 00:00:00.000Z", "2023-12-31 23:59:59.999Z", "1999-01-01 00:00:00.000Z", "2024-02-29 12:34:56.789Z", "2100-01-01 00:00:00.000Z", "2024-01-15 10:00:00.001Z"];
export const JSONS = [
  null, 0, 1, 5, -5.5, 0.1, true, false, "", "str", "5", "null", "Ünï", [], [1, 2, 3], ["a", "b"], [null], [{ a: 1 }, { a: 2 }], {}, { a: 1 }, { a: "1" }, { a: true, b: { c: [10, 20] } }, { a: null, s: "str" }, { s: "Str", t: true, e: "" }, { b: { c: [] }, "x y": 1 }, { a: 1, b: { c: [10, 20], d: "x" }, s: "str", t: false, nil: null },
  { 0: "zero", 1: { a: 5 } }, { lvl: 2, lon: 3 }, '["not", "json"]', { a: [1, [2, 3]], s: "it's" },
];
const EMAILS = ["a@b.co", "x.y@t.io", "lamp@t.io", "UPPER@t.io"];
const URLS = ["https://a.co", "http://b.io/x?y=1", "https://a.co/%20"];

/** A value of `field` as a client may send it, mostly a good one. */
export function valueOf(random, { type, name, maxSelect, values, target, system }, ids) {
  const several = (list) => (maxSelect > 1 ? random.sample(list, random.pick([0, 0, 1, 1, 1, 2, 2, 3, 4]) % (maxSelect + 1)) : random.chance(0.25) ? "" : random.pick(list));
  switch (type) {
    case "text": return name === "name" && random.chance(0.3) ? random.pick(["Ann", "Bob", "Oak", "Elm"]) : random.pick(TEXTS);
    case "editor": return random.chance(0.5) ? random.pick(TEXTS) : `<p>${random.pick(TEXTS)}</p>`;
    case "number": return random.pick(NUMBERS);
    case "bool": return random.chance(0.5);
    case "email": return system ? `${random.pick(["p", "q", "r"])}${random.below(1e6)}@t.io` : random.pick(["", ...EMAILS]);
    case "url": return random.pick(["", ...URLS]);
    case "date": return random.pick(DATES);
    case "json": return random.pick(JSONS);
    case "geoPoint": return { lon: random.pick([0, 10, -20.5, 179.9, 10]), lat: random.pick([0, 20, -45.25, 89, 20]) };
    case "select": return several(values);
    case "relation": return several(ids[target]);
    case "password": return random.pick(["", "secret-1", "secret-2"]);
    case "file": return maxSelect > 1 ? [] : "";
    default: throw new Error(`no value of type ${type}`);
  }
}

const SMALL_RECORDS = {
  clubs: { k1: { name: "Oak", tier: 1, lead: "ann", motto: "m1" }, k2: { name: "Elm", tier: 2, lead: "bob", motto: "m2" }, k3: { name: "Fir", tier: 3, motto: "m3" } },
  people: {
    ann: { name: "Ann", email: "ann@t.io", emailVisibility: true, verified: true, rank: "boss", pin: "p-ann", club: "k1", clubs: ["k1", "k2"], skills: ["chess", "go"], prefs: { lvl: 2 } },
    bob: { name: "Bob", email: "bob@t.io", emailVisibility: false, verified: false, rank: "staff", pin: "p-bob", club: "k2", prefs: { lvl: 0 } },
    cat: { name: "Cat", email: "cat@t.io", emailVisibility: true, verified: false, pin: "p-cat", clubs: ["k3"], skills: ["rugby"], prefs: null },
  },
  items: {
    i1: { label: "Lamp", qty: 1, live: true, due: "2024-01-15 10:00:00.000Z", kind: "a", tags: ["red", "green"], meta: { a: 1, b: { c: [10, 20] }, s: "str", t: true, nil: null, e: "" }, spot: { lon: 10, lat: 20 }, owner: "ann", clubs: ["k1", "k2"], note: "n1" },
    i2: { label: "lamp shade", qty: 2, meta: null },
    i3: { label: "50%_off", qty: 0, live: true, due: "2024-06-01 00:00:00.000Z", kind: "b", tags: ["red"], meta: "plain", owner: "bob", clubs: ["k1"], parent: "i1" },
    i4: { label: "", qty: -5.5, kind: "c", tags: ["green", "blue"], meta: [1, 2, 3], owner: "cat", clubs: ["k2", "k3"], parent: "i1" },
    i5: { label: "a\\b", qty: 100, live: true, kind: "a", tags: ["rare"], meta: 5, owner: "ann", clubs: ["k3"] },
    i6: { label: "5", qty: 5, tags: ["red", "green", "blue"], meta: "", owner: "ann" },
  },
  reviews: {
    r1: { text: "ok", score: 1, item: "i1", items: ["i1", "i2"] }, r2: { text: "good", score: 2, item: "i1", items: ["i1"] }, r3: { text: "bad", score: 3, item: "i3" }, r4: { text: "meh", score: 4, items: ["i4", "i5"] }, r5: { text: "ok", score: 5, item: "i5", items: ["i5"] },
  },
  cards: { d1: { nick: "annie", person: "ann" }, d2: { nick: "bobby", person: "bob" } },
  vault: { v1: { x: "gold", item: "i1" } },
};

const SIZES = { teams: 15, authors: 20, posts: 60, comments: 70, profiles: 16, gated: 30, locked: 10 };

/** Everybody who signs in: name to collection and e-mail. */
export const CALLERS = { ann: ["people", "ann@t.io"], bob: ["people", "bob@t.io"], ada: ["authors", "a1@t.io"], ben: ["authors", "a2@t.io"] };

function largeRecords(seed) {
  const ids = Object.fromEntries(Object.entries(SIZES).map(([name, size]) => [name, Array.from({ length: size }, (_, i) => id(`${name[0]}${i + 1}x`))]));
  const records = {};
  for (const name of Object.keys(SIZES)) {
    const random = new Random(`${seed} records of ${name}`);
    const used = new Set();
    records[name] = Object.fromEntries(
      ids[name].map((recordId, i) => {
        const record = {};
        for (const f of Object.values(WORLD[name].fields)) {
          if (["id", "password", "tokenKey"].includes(f.name) || f.type === "autodate") continue;
          record[f.name] = random.chance(0.12) && !f.system ? undefined : valueOf(random, f, ids);
        }
        if (name === "authors") record.email = `a${i + 1}@t.io`;
        if (name === "profiles") {
          record.owner = ids.authors[i];
          // Unique among those with a nick, and two empty ones collide too.
          if (record.nick && used.has(record.main ?? "")) record.nick = "";
          if (record.nick) used.add(record.main ?? "");
        }
        return [recordId, record];
      }),
    );
  }
  return records;
}

/** All records by collection and id, with whole ids in relations. */
export function recordsOf(seed) {
  const whole = (collection, record) =>
    Object.fromEntries(
      Object.entries(record).map(([key, value]) => [key, !collection.fields[key].target ? value : Array.isArray(value) ? value.map(id) : value && id(value)]),
    );
  const small = Object.fromEntries(
    Object.entries(SMALL_RECORDS).map(([name, list]) => [name, Object.fromEntries(Object.entries(list).map(([short, record]) => [id(short), whole(WORLD[name], record)]))]),
  );
  return { ...small, ...largeRecords(seed) };
}

const definition = ({ target, ...rest }) => (target ? { ...rest, collectionId: WORLD[target].id } : rest);

/** What is sent for a record, with the password of those that sign in. */
export const bodyOf = (name, recordId, record) => ({ id: recordId, ...record, ...(WORLD[name].type === "auth" && { password: PASSWORD, passwordConfirm: PASSWORD }) });

const relationsOf = (name) => Object.values(WORLD[name].fields).filter((f) => f.target).map((f) => f.name);

/**
 * Makes all collections and records on both servers and signs everybody in.
 *
 * @returns {Promise<{records: Record<string, Record<string, object>>, ids: Record<string, string[]>}>}
 */
export async function setUpWorld(both) {
  const tables = Object.entries(COLLECTIONS).filter(([, { type }]) => type !== "view");
  const rules = (closed) => (closed ? {} : OPEN);
  const collections = tables.map(([name, { type = "base", fields, indexes = [], closed }]) => ({
    ...rules(closed), id: WORLD[name].id, name, type, indexes: indexes.map((index) => index.replace("%", name)),
    fields: [...(type === "auth" ? [AUTH_SYSTEM[0]] : []), ...fields].map(definition),
  }));
  await both.same("set up: tables", put("/api/collections/import", { collections }));
  for (const [name, { type, query, closed }] of Object.entries(COLLECTIONS)) {
    if (type === "view") await both.same(`set up: ${name}`, post("/api/collections", { id: WORLD[name].id, name, type, viewQuery: query, ...(!closed && { listRule: "", viewRule: "" }) }));
  }
  await both.differs(patch("/api/settings", { trustedProxy: { headers: ["X-Forwarded-For"] } }));
  both.isFromEverywhere = true;
  const records = recordsOf(both.seed);
  const list = Object.entries(records).flatMap(([name, those]) => Object.entries(those).map(([recordId, record]) => [name, recordId, record]));
  // First without relations, whose targets may not be there yet. Those of the two that must be unique are.
  for (const [name, recordId, record] of list) {
    const plain = Object.fromEntries(Object.entries(record).filter(([key]) => !WORLD[name].fields[key].target || name === "profiles" || name === "cards"));
    await both.same(`set up: ${name} ${recordId}`, post(`/api/collections/${name}/records`, bodyOf(name, recordId, plain)));
  }
  for (const [name, recordId, record] of list) {
    const relations = Object.fromEntries(relationsOf(name).map((key) => [key, record[key]]).filter(([, value]) => value !== undefined));
    if (Object.keys(relations).length) await both.same(`set up: relations of ${name} ${recordId}`, patch(`/api/collections/${name}/records/${recordId}`, relations));
  }
  for (const [caller, [collection, identity]] of Object.entries(CALLERS)) await both.signIn(caller, collection, identity, PASSWORD);
  const ids = Object.fromEntries(Object.entries(records).map(([name, those]) => [name, Object.keys(those)]));
  for (const name of Object.keys(WORLD)) ids[name] ??= ids[name === "items_view" ? "items" : name === "team_view" ? "teams" : "posts"];
  for (const name of Object.keys(WORLD)) await both.same(`set up: all ${name}`, get(`/api/collections/${name}/records?perPage=500&sort=id`));
  return { records, ids };
}
