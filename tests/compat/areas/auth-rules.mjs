// Random auth rules, and who may sign in and stay signed in.

import { Expressions, render, smaller } from "../lib/expressions.mjs";
import { patch, post } from "../lib/http.mjs";
import { smallest } from "../lib/pair.mjs";
import { setUpWorld } from "../lib/world.mjs";

const WRITTEN = ["verified = true", "@request.auth.id = ''", "id = @request.auth.id", "@request.auth.id != ''", "@request.context = 'password'", "@request.context = 'default'", "@request.body.identity ~ 'a'", "@request.body.password:isset = true", "@request.query.q = 'K'", "@request.headers.x_api_key = 'k'", "@request.auth.name.x = 1", "tokenKey != ''", "pin != ''", "email ~ '@t.io'", "@request.method = 'POST'"];
const WHO = { people: ["ann@t.io", "bob@t.io", "cat@t.io"], authors: ["a1@t.io", "a2@t.io", "a3@t.io", "a4@t.io"] };

export default async function (both) {
  const world = await setUpWorld(both);
  for (const n of both.numbers(60)) {
    const title = `round ${n}`;
    if (!both.wants(title)) continue;
    const random = both.random(title);
    const collection = random.pick(["people", "authors"]);
    const tree = n < WRITTEN.length ? { items: [{ text: WRITTEN[n], tags: [] }], joins: [] } : new Expressions(random, { base: collection, where: "rule", all: true, body: true, ...world }).expression(3);
    const authRule = random.chance(0.04) ? null : render(tree);
    const save = (rule) => patch(`/api/collections/${collection}`, { authRule: rule });
    const about = { authRule };
    await both.same(`${title} ${collection}: save`, save(authRule), { about });
    const query = random.pick(["", "?q=K", "?a=1"]);
    const headers = random.pick([{}, { "X-Api-Key": "k" }]);
    for (const identity of WHO[collection]) {
      const request = { ...post(`/api/collections/${collection}/auth-with-password${query}`, { identity, password: "12345678", foo: "z" }, { as: random.pick(["guest", "guest", "superuser"]) }), headers };
      const answers = await both.same(`${title} ${collection}: ${identity}`, request, {
        about,
        shrink: async () => {
          const found = await smallest(tree, smaller, async (part) => {
            await both.differs(save(render(part)));
            return both.differs(request);
          });
          await both.differs(save(authRule));
          return found && { text: `authRule: ${render(found.tree)}`, differences: found.differences };
        },
      });
      if (answers.some(({ status }) => status !== 200)) continue;
      both.keepTokens("one", answers);
      await both.same(`${title} ${collection}: ${identity} again`, { ...post(`/api/collections/${collection}/auth-refresh${query}`, {}, { as: "one" }), headers }, { about });
    }
    await both.differs(save(""));
  }
}
