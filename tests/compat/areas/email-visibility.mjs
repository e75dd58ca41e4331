// Who sees which e-mail address, and who can find out about one by filtering and sorting.

import { Expressions, render } from "../lib/expressions.mjs";
import { get, patch } from "../lib/http.mjs";
import { compareLists, records, sameFilter } from "../lib/lists.mjs";
import { inParallel } from "../lib/pair.mjs";
import { setUpWorld } from "../lib/world.mjs";

const EVERYBODY = ["guest", "ann", "bob", "ada", "ben", "superuser"];

/** Paths that end at an address; `many` ones may reach several. */
const PATHS = {
  authors: [["email"], ["boss.email"], ["friends.email", "many"], ["authors_via_boss.email", "many"], ["authors_via_friends.email", "many"], ["team.lead.email"], ["posts_via_author.editors.email", "many"], ["profiles_via_owner.owner.email"], ["email:lower"], ["contact"]],
  posts: [["author.email"], ["editors.email", "many"], ["author.boss.email"], ["author.friends.email", "many"], ["comments_via_post.by.email", "many"], ["profiles_via_main.owner.email"], ["teams.lead.email", "many"], ["mail"]],
  items: [["owner.email"], ["clubs.lead.email", "many"], ["parent.owner.email"], ["items_via_parent.owner.email", "many"]],
  people: [["email"], ["club.lead.email"], ["clubs.lead.email", "many"]],
  posts_view: [["author.email"], ["editors.email", "many"]],
};

const CONDITIONS = ["= 'a1@t.io'", "= 'a2@t.io'", "= 'ann@t.io'", "= 'bob@t.io'", "!= 'a1@t.io'", "!= 'bob@t.io'", "~ 't.io'", "~ 'a1'", "!~ 'bob'", "> 'a'", "< 'b'", "= ''", "!= ''", "= null", "?= 'a1@t.io'", "?= 'bob@t.io'", "?!= 'a2@t.io'", "?~ '@t'", "?!~ 'ann'", "?> 'a3'", "?= ''", "= email", "?= contact", "= id"];

export default async function (both) {
  const world = await setUpWorld(both);
  for (const [collection, paths] of Object.entries(PATHS)) {
    for (const [path, many] of paths) {
      for (const as of ["guest", "ada", "bob", "superuser"]) {
        await inParallel(CONDITIONS, async (condition) => {
          const tree = { text: `${path} ${condition}`, tags: many && as !== "superuser" && !condition.startsWith("?") ? ["hides"] : [] };
          const title = `${as} ${collection}:`;
          if (both.wants(`${title} ${tree.text}`)) await sameFilter(both, title, { as, collection, tree });
        });
        // Beside something else, on both sides and by functions.
        const more = [`${path} = 'bob@t.io' || id ~ '1'`, `id ~ '1' && ${path} ?!= 'x'`, `'a1@t.io' ?= ${path}`, `${path} ?= ${path}`, `(${path} ?~ 'a' || ${path} ?~ 'b') && id != ''`, `strftime('%Y', ${path}) ?= ''`];
        await inParallel(more, (text) => sameFilter(both, `${as} ${collection}, mixed:`, { as, collection, tree: { text, tags: text.startsWith("strftime") ? ["hides"] : [] } }));
        const tag = as === "superuser" || path === "contact" || path === "mail" ? "" : " [e-mail]";
        await both.same(`sort${tag} ${as} ${collection}: ${path}`, get(records(collection, { fields: "id", perPage: 500, sort: `${path},id` }), { as }), { compare: compareLists({ ordered: true }) });
      }
    }
  }

  /** Everything that shows accounts. */
  async function look(round, about) {
    const random = both.random(round);
    for (const as of EVERYBODY) {
      const requests = {
        "authors": get(records("authors", { sort: "id", perPage: 50 }), { as }),
        "people": get(records("people", { sort: "id", perPage: 50 }), { as }),
        "expanded": get(records("posts", { sort: "id", perPage: 8, page: random.between(1, 5), expand: "author,editors.boss,comments_via_post.by", fields: "id,expand" }), { as }),
        "expanded people": get(records("items", { sort: "id", expand: "owner,clubs.lead,parent.owner", fields: "id,expand" }), { as }),
        "one author": get(`/api/collections/authors/records/${random.pick(world.ids.authors)}?expand=friends,authors_via_boss`, { as }),
        "one of the people": get(`/api/collections/people/records/${random.pick(world.ids.people)}`, { as }),
        "only the address": get(records("authors", { sort: "id", perPage: 50, fields: "email" }), { as }),
      };
      await inParallel(Object.entries(requests), ([name, request]) => both.same(`${round} ${as}: ${name}`, request, { about, compare: request.path.includes("/records?") ? compareLists({ ordered: true }) : undefined }));
      const target = random.pick(world.ids.authors.slice(4));
      await both.same(`${round} ${as}: update`, patch(`/api/collections/authors/records/${target}`, { level: 1 }, { as }), { about });
      await both.differs(patch(`/api/collections/authors/records/${target}`, { level: world.records.authors[target].level ?? 0 }));
    }
  }

  await look("all open", {});
  const written = ["@request.auth.id != ''", "id = @request.auth.id", "@request.auth.rank = 'boss'", "@request.context = 'expand'", "@request.context = 'default'", "@request.method = 'PATCH'", "emailVisibility = false", "email ~ 'a1'", "boss = @request.auth.id", "friends.id ?= @request.auth.id", "@request.auth.name.x = 1", "pin != '' && @request.auth.verified = true", "@request.query.q = 'K'"];
  for (const n of both.numbers(30)) {
    const round = `round ${n}`;
    if (!both.wants(round)) continue;
    const random = both.random(round);
    const rules = {};
    for (const name of ["authors", "people"]) {
      const rule = () => (random.chance(0.4) ? random.pick(written) : render(new Expressions(random, { base: name, where: "rule", all: true, ...world }).expression(3)));
      rules[name] = { manageRule: random.chance(0.15) ? null : rule(), ...(random.chance(0.4) && { viewRule: rule() }), ...(random.chance(0.3) && { listRule: rule() }) };
      await both.same(`${round}: rules of ${name}`, patch(`/api/collections/${name}`, rules[name]), { about: rules[name], compare: (a, b) => (a.status === b.status ? [] : [{ path: "status", expected: [a.status, a.body], got: [b.status, b.body] }]) });
    }
    await look(round, Object.fromEntries(Object.entries(rules).flatMap(([name, those]) => Object.entries(those).map(([key, rule]) => [`${name}.${key}`, rule]))));
    for (const name of ["authors", "people"]) await both.differs(patch(`/api/collections/${name}`, { manageRule: null, viewRule: "", listRule: "" }));
  }
}
