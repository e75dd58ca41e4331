// Random orders, of superusers, guests and users.

import { Expressions, render } from "../lib/expressions.mjs";
import { get, patch } from "../lib/http.mjs";
import { compareLists, records } from "../lib/lists.mjs";
import { inParallel } from "../lib/pair.mjs";
import { aboutPath, setUpWorld } from "../lib/world.mjs";

const BASES = { posts: 30, items: 15, authors: 14, comments: 10, teams: 10, people: 5, clubs: 4, profiles: 4, posts_view: 8, team_view: 5, items_view: 4 };
const LIST_RULES = { teams: "rank > 1 || name = 'Oak'", gated: "owner = @request.auth.id || level > 2", clubs: "tier > 1" };

const WRONG = ["nope", "", "--id", "+-id", "@now", "@request.auth.id", "@collection.clubs.name", "true", "null", "'a'", "1", "title,", "title:nope", "title:lower:each", "geoDistance(1,2,3,4)", "author.nope", "title.x", "comments_via_post", "id asc", "ID", "@RANDOM", "random()", "x".repeat(256), "-", "id,,id"];

/** One element of a sort parameter. */
function element(random, setting) {
  const sign = random.weighted({ "": 50, "-": 40, "+": 10 });
  if (random.chance(0.03)) return { text: random.pick(WRONG) };
  if (random.chance(0.04)) return { text: `${sign}@rowid` };
  if (random.chance(0.02)) return { text: `${sign}@random`, isRandom: true };
  // The left sides of filters are what one can sort by.
  for (;;) {
    const path = render(new Expressions(random, setting).expression(1)).match(/^[(\s]*([a-zA-Z][\w.:]*)/)?.[1];
    if (path && !/^(null|true|false|strftime|geoDistance)/i.test(path) && !/(tokenKey|password|pass|created|updated)$/.test(path)) {
      const blank = random.chance(0.1) ? " " : "";
      return { text: `${blank}${sign}${path}${blank}`, ...aboutPath(setting.base, path) };
    }
  }
}

export default async function (both) {
  const world = await setUpWorld(both);
  for (const [name, listRule] of Object.entries(LIST_RULES)) await both.same(`set up: list rule of ${name}`, patch(`/api/collections/${name}`, { listRule }));
  await inParallel(both.numbers(900), async (n) => {
    const title = `sort ${n}`;
    if (!both.wants(title)) return;
    const random = both.random(title);
    const base = random.weighted(BASES);
    const as = random.weighted({ superuser: 60, guest: 20, ann: 10, ada: 10 });
    const elements = Array.from({ length: random.pick([1, 1, 1, 2, 2, 3, 4, 9]) }, () => element(random, { base, where: "filter", all: as === "superuser", ...world }));
    const isWhole = random.chance(0.85) && elements.length < 8;
    const sort = [...elements.map((one) => one.text), ...(isWhole ? ["id"] : [])].join(",");
    const ordered = isWhole && !elements.some((one) => one.isRandom);
    const hidesEmail = as !== "superuser" && elements.some((one) => one.isEmail);
    // Which of several related records decides is SQLite's choice; in the reference it changes with unrelated tables.
    const tag = elements.some((one) => one.isMany) ? " [many]" : hidesEmail ? " [e-mail]" : "";
    const query = { fields: "id", perPage: 500, sort };
    // Pages cut an order, so that must be a certain one.
    if (ordered && !tag && random.chance(0.3)) Object.assign(query, { perPage: random.pick([1, 3, 7]), page: random.between(1, 4) });
    const filter = random.chance(0.25) ? render(new Expressions(random, { base, where: "filter", all: as === "superuser", listRules: LIST_RULES, ...world }).expression(2)) : undefined;
    if (filter && as === "superuser") query.filter = filter;
    const compare = compareLists({ ordered });
    const shrink = async () => {
      for (const one of elements) {
        const differences = await both.differs(get(records(base, { fields: "id", perPage: 500, sort: `${one.text},id` }), { as }), { compare });
        if (differences.length) return { text: `${one.text},id`, differences };
      }
      return undefined;
    };
    await both.same(`${title}${tag} ${as} ${base}: ${sort.slice(0, 150)}`, get(records(base, query), { as }), { compare, about: { sort, filter: query.filter }, shrink });
  });
}
