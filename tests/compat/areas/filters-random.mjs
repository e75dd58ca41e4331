// Random filters of a superuser.

import { Expressions, render, spoil } from "../lib/expressions.mjs";
import { sameFilter } from "../lib/lists.mjs";
import { inParallel } from "../lib/pair.mjs";
import { setUpWorld } from "../lib/world.mjs";

const BASES = { posts: 30, items: 15, authors: 12, comments: 8, teams: 8, people: 5, clubs: 4, reviews: 3, profiles: 5, gated: 3, posts_view: 7, team_view: 3, items_view: 4 };

export default async function (both) {
  const world = await setUpWorld(both);
  await inParallel(both.numbers(1600), async (n) => {
    const title = `random ${n}`;
    if (!both.wants(title)) return;
    const random = both.random(title);
    const collection = random.weighted(BASES);
    const tree = new Expressions(random, { base: collection, where: "filter", all: true, ...world }).expression();
    const ordered = random.chance(0.3);
    const query = ordered ? { sort: random.pick(["id", "-id"]) } : random.chance(0.05) ? { skipTotal: 1 } : {};
    // As random in its blanks, or broken; then there is no tree to make smaller.
    const isSpoilt = random.chance(0.05);
    const text = isSpoilt ? spoil(random, render(tree)) : render(tree, random);
    await sameFilter(both, `${title} ${collection}`, { collection, tree: isSpoilt ? undefined : tree, text, query, ordered });
  });
}
