// What client filters and orders may reach in other collections, under random list rules (spec, part 2, section 6.3).

import { Expressions, render, tagsOf } from "../lib/expressions.mjs";
import { get, patch } from "../lib/http.mjs";
import { compareLists, records, sameFilter } from "../lib/lists.mjs";
import { inParallel } from "../lib/pair.mjs";
import { aboutPath, setUpWorld } from "../lib/world.mjs";

const BASES = { posts: 30, items: 18, authors: 14, comments: 10, teams: 10, people: 6, clubs: 5, reviews: 4, profiles: 5, posts_view: 6, team_view: 3, items_view: 4 };
const RULED = ["teams", "authors", "posts", "comments", "clubs", "people", "items", "profiles", "gated", "reviews", "posts_view", "items_view"];

const WRITTEN = ["@request.auth.id != ''", "id = @request.auth.id", "id ~ '1'", "@request.query.q = 'K'", "@request.method = 'GET' && id != ''", "id != '' // a comment", "id = ''", "@request.auth.name.x = 1"];

/** Of every value of the joined record, which is one of several itself. */
const ALL_MATCH = {
  posts: ["editors.level > 1", "tags:each ~ 'e'", "related.views >= 0", "comments_via_post.score > 0"], authors: ["friends.level > 1", "flags:each != 'x'", "posts_via_author.views > 0"], items: ["clubs.tier <= 2", "tags:each != 'rare'", "reviews_via_item.score < 3"], teams: ["allies.rank > 0", "colors:each ~ 'e'", "authors_via_team.level > 0"],
  comments: ["liked.level > 0", "posts.views != 5"], gated: ["posts.views > 0"], clubs: ["people_via_club.rank != ''", "items_via_clubs.qty > 0"], people: ["skills:each != 'go'", "clubs.tier < 3"], reviews: ["items.qty > 0"],
};

export default async function (both) {
  const world = await setUpWorld(both);
  for (const n of both.numbers(25)) {
    const round = `round ${n}`;
    if (!both.wants(round)) continue;
    const random = both.random(round);
    const listRules = {};
    for (const name of random.sample(RULED, random.between(1, 5))) {
      listRules[name] = random.chance(0.1) ? null : ALL_MATCH[name] && random.chance(0.3) ? random.pick(ALL_MATCH[name]) : random.chance(0.3) ? random.pick(WRITTEN) : render(new Expressions(random, { base: name, where: "rule", all: true, ...world }).expression(3));
      await both.same(`${round}: list rule of ${name}`, patch(`/api/collections/${name}`, { listRule: listRules[name] }), { about: { listRule: listRules[name] } });
    }
    const about = Object.fromEntries(Object.entries(listRules).map(([name, rule]) => [`${name}.listRule`, rule]));
    await inParallel(Array.from({ length: 40 }, (_, i) => i), async (i) => {
      const own = both.random(`${round} ${i}`);
      const collection = own.weighted(BASES);
      const as = own.weighted({ superuser: 8, guest: 30, ann: 17, bob: 10, ada: 20, ben: 15 });
      const setting = { base: collection, where: "filter", all: as === "superuser", listRules: { ...listRules, vault: null, locked: null }, ...world };
      const tree = new Expressions(own, setting).expression(4);
      const query = own.chance(0.2) ? { q: "K" } : {};
      await sameFilter(both, `${round} filter ${i} ${as} ${collection}`, { as, collection, tree, query, tags: tagsOf(tree), about });
    });
    // By hand: one hop at a time, every sign that matters.
    const paths = { posts: ["author.name", "editors.name", "related.title", "teams.name", "comments_via_post.text", "comments_via_posts.by.name", "gated_via_post.x", "profiles_via_main.nick", "author.team.name", "editors.id", "author.id", "editors:each", "editors:length"], items: ["owner.name", "clubs.name", "clubs.lead.name", "reviews_via_item.text", "items_via_parent.label", "owner.cards_via_person.nick", "parent.label", "owner.items_via_owner.label"] };
    for (const as of ["guest", "ann", "ada"]) {
      const cases = Object.entries(paths).flatMap(([collection, list]) => random.sample(list, 4).flatMap((path) => [`${path} ?!= 'x'`, `${path} = ''`, `${path} ?~ 'a' || id ~ '1'`].map((text) => [collection, path, text])));
      await inParallel(cases, async ([collection, path, text]) => {
        const tags = text.includes("?") || /^(author|owner|parent|author\.team)\.\w+$/.test(path) ? [] : ["hides"];
        await sameFilter(both, `${round} path ${as} ${collection}`, { as, collection, tree: { text, tags }, about });
      });
      await inParallel(Object.entries(paths), async ([collection, list]) => {
        const path = random.pick(list);
        const tag = aboutPath(collection, path).isMany ? "[many] " : "";
        await both.same(`${round} sort ${as} ${collection} ${tag}${path}`, get(records(collection, { fields: "id", perPage: 500, sort: `${path},id` }), { as }), { compare: compareLists({ ordered: true }), about });
      });
    }
    for (const name of Object.keys(listRules)) await both.differs(patch(`/api/collections/${name}`, { listRule: "" }));
  }
  // The reference puts list rules into parentheses, in which it understands no comments.
  await both.same("comment: list rule", patch("/api/collections/clubs", { listRule: "tier > 1 // it's (not) all" }));
  await both.same("comment: its own list", get(records("clubs", { sort: "id" }), { as: "guest" }));
  await sameFilter(both, "comment: from elsewhere", { as: "guest", collection: "items", text: "clubs.name ?= 'Elm'", tags: ["comment"] });
}
