// Random filters of guests and users, while some collections have list rules or none.

import { Expressions, render, spoil, tagsOf } from "../lib/expressions.mjs";
import { patch } from "../lib/http.mjs";
import { sameFilter } from "../lib/lists.mjs";
import { inParallel } from "../lib/pair.mjs";
import { setUpWorld } from "../lib/world.mjs";

const BASES = { posts: 30, items: 15, authors: 12, comments: 8, teams: 8, people: 5, clubs: 4, reviews: 3, profiles: 5, gated: 3, posts_view: 7, team_view: 3, items_view: 4 };

const LIST_RULES = {
  teams: "rank > 1 || name = 'Oak'",
  gated: "@request.auth.id != '' && (owner = @request.auth.id || level > 2)",
  clubs: "tier > 1 || lead = @request.auth.id",
  profiles: "nick != '' && owner.verified = true",
  comments: "score > 0",
  reviews: "@request.auth.id != ''",
};

export default async function (both) {
  const world = await setUpWorld(both);
  for (const [name, listRule] of Object.entries(LIST_RULES)) await both.same(`set up: list rule of ${name}`, patch(`/api/collections/${name}`, { listRule }));
  await inParallel(both.numbers(1600), async (n) => {
    const title = `random ${n}`;
    if (!both.wants(title)) return;
    const random = both.random(title);
    const collection = random.weighted(BASES);
    const as = random.weighted({ guest: 35, ann: 15, bob: 10, ada: 25, ben: 15 });
    const tree = new Expressions(random, { base: collection, where: "filter", all: false, listRules: { ...LIST_RULES, vault: null, locked: null }, ...world }).expression();
    const ordered = random.chance(0.3);
    const isSpoilt = random.chance(0.04);
    const text = isSpoilt ? spoil(random, render(tree)) : render(tree, random);
    await sameFilter(both, `${title} ${as} ${collection}`, { as, collection, tree: isSpoilt ? undefined : tree, text, tags: tagsOf(tree), query: ordered ? { sort: "id" } : {}, ordered });
  });
}
