// Random expand parameters under random view rules.

import { Expressions, render } from "../lib/expressions.mjs";
import { get, patch, post } from "../lib/http.mjs";
import { compareLists, records } from "../lib/lists.mjs";
import { inParallel } from "../lib/pair.mjs";
import { setUpWorld, WORLD } from "../lib/world.mjs";

const BASES = { posts: 30, items: 15, authors: 15, comments: 10, teams: 10, people: 6, clubs: 6, reviews: 4, profiles: 4, posts_view: 6, team_view: 3, items_view: 3 };
const RULED = ["teams", "authors", "posts", "comments", "clubs", "people", "items", "profiles", "gated"];

/** A path of relations; most of them exist. */
function path(random, base) {
  const segments = [];
  let at = base;
  for (let hops = random.pick([1, 1, 1, 2, 2, 3, 4]); hops > 0; hops--) {
    if (random.chance(0.04)) {
      segments.push(random.pick(["nope", "id", "title", "name", "nope_via_author", "posts_via_title", "", "data", "*", "posts(author)", "collectionId"]));
      break;
    }
    const { fields, back } = WORLD[at];
    const onward = Object.values(fields).filter((f) => f.target);
    if (onward.length && (random.chance(0.65) || !back.length)) {
      const relation = random.pick(onward);
      segments.push(relation.name);
      at = relation.target;
    } else if (back.length) {
      const { from, field } = random.pick(back);
      // Lists of lists of lists get long.
      if (segments.some((segment) => segment.includes("_via_"))) break;
      segments.push(random.chance(0.93) ? `${from}_via_${field}` : `${from}(${field})`);
      at = from;
    }
  }
  return segments.join(".");
}

function expandOf(random, base) {
  const paths = Array.from({ length: random.pick([1, 1, 2, 2, 3, 5]) }, () => path(random, base));
  // The same beginning, so that there is something to merge.
  if (random.chance(0.3) && paths[0]) {
    const [first] = paths[0].split(".");
    const at = WORLD[base].fields[first]?.target;
    if (at) paths.push(`${first}.${path(random, at)}`);
  }
  if (random.chance(0.1)) paths.push(random.pick(paths));
  if (random.chance(0.1)) return ` ${paths.join(" , ")}. , `;
  return paths.join(",");
}

export default async function (both) {
  const world = await setUpWorld(both);
  for (const n of both.numbers(20)) {
    const round = `round ${n}`;
    if (!both.wants(round)) continue;
    const random = both.random(round);
    // The first round is without rules.
    const ruled = n === 0 ? [] : random.sample(RULED, random.between(1, 4));
    const about = {};
    for (const name of ruled) {
      const viewRule = random.chance(0.12) ? null : random.chance(0.15) ? random.pick(["@request.context = 'expand'", "@request.context != 'expand'", "@request.query.q = 'K'", "@request.method = 'GET'", "@request.auth.name.x = 1"]) : render(new Expressions(random, { base: name, where: "rule", all: true, ...world }).expression(3));
      await both.same(`${round}: view rule of ${name}`, patch(`/api/collections/${name}`, { viewRule }), { about: { viewRule } });
      about[`${name}.viewRule`] = viewRule;
    }
    await inParallel(Array.from({ length: 36 }, (_, i) => i), async (i) => {
      const own = both.random(`${round} ${i}`);
      const base = own.weighted(BASES);
      const as = own.weighted({ superuser: 20, guest: 35, ann: 15, ada: 20, ben: 10 });
      const expand = expandOf(own, base);
      const title = `${round} expand ${i} ${as} ${base}: ${expand.slice(0, 150)}`;
      const query = { expand, ...(own.chance(0.3) && { q: "K" }), ...(own.chance(0.2) && { fields: "id,expand" }), ...(own.chance(0.1) && { fields: "*,expand.*.id" }) };
      if (own.chance(0.5)) {
        await both.same(title, get(`/api/collections/${base}/records/${own.pick(world.ids[base])}?${new URLSearchParams(query)}`, { as }), { about });
      } else {
        await both.same(title, get(records(base, { ...query, sort: "id", perPage: 6, page: own.between(1, 3) }), { as }), { about, compare: compareLists({ ordered: true }) });
      }
    });
    // Answers of writes are expanded too.
    const own = both.random(`${round} writes`);
    for (const as of ["guest", "ada", "superuser"]) {
      const target = own.pick(world.ids.posts);
      const expand = encodeURIComponent(expandOf(own, "posts"));
      await both.same(`${round} update ${as}: ${expand.slice(0, 150)}`, patch(`/api/collections/posts/records/${target}?expand=${expand}`, {}, { as }), { about });
      const made = `z${n}z${as}`.padEnd(15, "0").slice(0, 15);
      await both.same(`${round} create ${as}: ${expand.slice(0, 150)}`, post(`/api/collections/comments/records?expand=${encodeURIComponent(expandOf(own, "comments"))}`, { id: made, post: target, posts: [target], by: own.pick(world.ids.authors) }, { as }), { about });
      await both.differs({ method: "DELETE", path: `/api/collections/comments/records/${made}` });
    }
    for (const name of ruled) await both.differs(patch(`/api/collections/${name}`, { viewRule: "" }));
  }
}
