// Every kind of field and path with every sign and many values, one comparison at a time: filters of a superuser and a guest.

import { compareLists, records, sameFilter } from "../lib/lists.mjs";
import { get } from "../lib/http.mjs";
import { inParallel } from "../lib/pair.mjs";
import { setUpWorld } from "../lib/world.mjs";

const ALL = ["=", "!=", ">", "<=", "~", "!~"];
const SIGNS = [...ALL, ...ALL.map((sign) => `?${sign}`)];

/** Compared with every path. */
const COMMON = ["null", "''", "1", "'a'"];

/** Paths by collection, each with values that some records have. */
const PATHS = {
  posts: {
    "title": ["'Lamp'", "'5'", "5", "'50%_off'", "'\\\\'", "'ünïcödé'", "'1e3'"],
    "title:lower": ["'lamp'", "'LAMP'", "'Ünïcödé'"],
    "title:length": ["'Lamp'"],
    "body": ["'<p>Lamp</p>'", "'b'"],
    "views": ["5", "-5.5", "'5.0'", "'x'", "0.1", "1000000", "title"],
    "views:lower": ["'5'", "5", "'-5.5'"],
    "active": ["false", "0", "'1'", "'true'"],
    "mail": ["'lamp@t.io'", "'UPPER@t.io'"],
    "site": ["'https://a.co'"],
    "published": ["'2024-01-15 10:00:00.000Z'", "'2024'", "'2024-01-15T10'", "@now", "2024"],
    "kind": ["'a'", "'c'", "kind"],
    "kind:each": ["'a'"],
    "kind:length": ["0", "1"],
    "tags": ["'[\"red\"]'", "'red'", "'[]'"],
    "tags:each": ["'red'", "'x y'", "kind"],
    "tags:length": ["0", "2", "'2'"],
    "cover": ["'x'"],
    "files": ["'[]'"],
    "files:each": ["'x'"],
    "files:length": ["0"],
    "data": ["5", "'str'", "'[1,2,3]'", "'{\"a\":1}'", "false", "0.1"],
    "data.a": ["1", "'1'", "true"],
    "data.b.c.1": ["20", "'20'"],
    "data.0": ["1", "'zero'", "'a'"],
    "data.b": ["'{\"c\":[10,20]}'"],
    "place": ["'{\"lon\":0,\"lat\":0}'", "'{\"lon\":10,\"lat\":20}'"],
    "place.lon": ["10", "-20.5"],
    "author": ["'a1x000000000000'", "'a2x000000000000'"],
    "author.id": ["'a1x000000000000'"],
    "author:length": ["0"],
    "author.name": ["'Ann'", "title"],
    "author.level": ["5", "views"],
    "author.email": ["'a1@t.io'", "'a2@t.io'"],
    "author.boss.name": ["'Ann'"],
    "author.friends.name": ["'Ann'", "author.name"],
    "author.data.a": ["1"],
    "editors": ["'[]'"],
    "editors:each": ["'a1x000000000000'", "author"],
    "editors:length": ["2"],
    "editors.id": ["'a1x000000000000'", "author"],
    "editors.name": ["'Ann'", "'Bob'", "editors.name", "related.title"],
    "editors.level": ["5", "views"],
    "editors.verified": ["false"],
    "editors.flags:each": ["'x'"],
    "editors.boss.level": ["5"],
    "editors.boss.teams.name": ["'Oak'"],
    "editors.data": ["5"],
    "editors.email": ["'a1@t.io'"],
    "related.title": ["'Lamp'", "title"],
    "related.related.views": ["5"],
    "related.tags:each": ["'red'"],
    "posts_via_related.views": ["5"],
    "comments_via_post.text": ["'Lamp'", "title"],
    "comments_via_post.score": ["5", "1"],
    "comments_via_post.by.name": ["'Ann'"],
    "comments_via_posts.score": ["5", "comments_via_post.score"],
    "comments_via_posts.liked.level": ["5"],
    "profiles_via_main.nick": ["'Lamp'"],
    "profiles_via_main.owner.name": ["'Ann'"],
    "author.profiles_via_owner.nick": ["'Lamp'"],
    "author.profiles_via_owner.main.title": ["title"],
    "gated_via_post.level": ["5"],
    "strftime('%Y-%m', published)": ["'2024-01'"],
    "strftime('%Y', comments_via_post.at)": ["'2024'"],
    "geoDistance(place.lon, place.lat, 10, 20)": ["0", "5000"],
    "geoDistance(editors.home.lon, editors.home.lat, place.lon, place.lat)": ["0", "5000"],
    "@collection.teams.rank": ["views", "5"],
    "@collection.gated:g.owner": ["author"],
    "secret": ["'a'"],
    "shadow.name": ["'Ann'"],
  },
  posts_view: {
    "twice": ["10", "'10'", "-11"],
    "loud": ["'LAMP'", "5"],
    "views": ["5", "'5'"],
    "title": ["'Lamp'", "5"],
    "active": ["false", "0"],
    "data": ["5", "'str'"],
    "data.a": ["1"],
    "tags:each": ["'red'"],
    "tags:length": ["2"],
    "author.name": ["'Ann'"],
    "editors.level": ["5"],
    "author.posts_view_via_author.views": ["5"],
    "published": ["'2024'"],
  },
  team_view: { "talks": ["0", "2", "'2'"], "mean": ["1", "null"], "top": ["5"], "name": ["'Oak'"], "lead.name": ["'Ann'"], "lead.friends.level": ["5"] },
  authors: {
    "email": ["'a1@t.io'", "contact"],
    "contact": ["'lamp@t.io'"],
    "verified": ["false"],
    "emailVisibility": ["false"],
    "boss.email": ["'a1@t.io'"],
    "friends.email": ["'a1@t.io'", "'a2@t.io'"],
    "authors_via_boss.email": ["'a1@t.io'"],
    "email:lower": ["'a1@t.io'"],
    "pin": ["'a'"],
    "keeper.name": ["'Ann'"],
    "flags": ["'[]'"],
    "posts_via_author.views": ["5"],
    "posts_via_editors.title": ["'Lamp'"],
    "comments_via_by.post.title": ["'Lamp'"],
    "comments_via_liked.posts.views": ["5"],
  },
};

export default async function (both) {
  await setUpWorld(both);
  for (const [collection, paths] of Object.entries(PATHS)) {
    for (const [path, values] of Object.entries(paths)) {
      const cases = SIGNS.flatMap((sign) => [...new Set([...values, ...COMMON])].map((value) => ({ text: `${path} ${sign} ${value}`, tags: [] })));
      await inParallel(cases, async (tree) => {
        // A guest asks for every fifth, and sees fewer records only where there are e-mails.
        const hash = [...tree.text].reduce((sum, c) => sum + c.charCodeAt(0), 0);
        const as = hash % 5 ? "superuser" : "guest";
        const isAllOverEmails = as === "guest" && /(friends|editors|_via_\w+)\.email/.test(tree.text) && !tree.text.includes("?");
        const title = `${collection} ${as}:`;
        if (both.wants(`${title} ${tree.text}`)) await sameFilter(both, title, { as, collection, tree: { ...tree, tags: isAllOverEmails ? ["hides"] : [] } });
      });
      // The other way round.
      await inParallel(SIGNS, async (sign) => {
        const tree = { text: `${values[0]} ${sign} ${path}`, tags: [] };
        if (both.wants(`${collection} superuser: ${tree.text}`)) await sameFilter(both, `${collection} superuser:`, { collection, tree });
      });
    }
  }
  await both.same("the end", get(records("posts", { sort: "id", fields: "id" })), { compare: compareLists({ ordered: true }) });
}
