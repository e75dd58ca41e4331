// Random manage rules, and what they let people do to accounts.

import { restoring } from "../lib/bodies.mjs";
import { Expressions, render, smaller } from "../lib/expressions.mjs";
import { del, patch, post } from "../lib/http.mjs";
import { smallest } from "../lib/pair.mjs";
import { CALLERS, id, setUpWorld } from "../lib/world.mjs";

const WRITTEN = ["@request.auth.id != ''", "id = @request.auth.id", "@request.auth.rank = 'boss'", "@request.auth.collectionName = 'authors'", "verified = true", "@request.body.verified = true", "@request.body.name:isset = true", "boss = @request.auth.id", "@request.method = 'POST'", "@request.auth.name.x = 1", "email ~ '@t.io'", "tokenKey = ''", "@request.body.email:changed = true"];

const VERIFIED = [undefined, true, false, null, "true"];
const SECRETS = [
  {}, {}, {}, { password: "87654321", passwordConfirm: "87654321" }, { password: "87654321", passwordConfirm: "zzzzzzzz" }, { password: "87654321" }, { passwordConfirm: "87654321" }, { oldPassword: "12345678" }, { password: "87654321", passwordConfirm: "87654321", oldPassword: "x" },
  { password: "87654321", passwordConfirm: "87654321", oldPassword: "12345678" }, { password: "short", passwordConfirm: "short", oldPassword: "12345678" },
];

export default async function (both) {
  const world = await setUpWorld(both);
  const callers = { people: ["ann", "bob"].map(id), authors: ["a1x", "a2x"].map(id) };

  async function round(title) {
    const random = both.random(title);
    const collection = random.pick(["authors", "people"]);
    const tree = new Expressions(random, { base: collection, where: "rule", all: true, body: true, ...world }).expression(3);
    const isWritten = random.chance(0.4);
    const manageRule = isWritten ? random.pick(WRITTEN.filter((rule) => collection === "authors" || !rule.includes("boss ="))) : random.chance(0.05) ? "" : render(tree);
    const save = (rules) => patch(`/api/collections/${collection}`, rules);
    const about = { manageRule };
    await both.same(`${title} ${collection}: save`, save({ manageRule }), { about, compare: (a, b) => (a.status === b.status ? [] : [{ path: "status", expected: [a.status, a.body], got: [b.status, b.body] }]) });
    if (random.chance(0.2)) {
      about.updateRule = random.pick(["id = @request.auth.id", "@request.auth.id != ''", "verified = true"]);
      await both.same(`${title} ${collection}: save updateRule`, save({ updateRule: about.updateRule }), { about });
    }
    const check = (name, request, restore) =>
      both.same(`${title} ${collection}: ${name}`, request, {
        about,
        shrink: isWritten || manageRule === "" ? undefined : async () => {
          const found = await smallest(tree, smaller, async (part) => {
            await both.differs(restore);
            await both.differs(save({ manageRule: render(part) }));
            return both.differs(request);
          });
          await both.differs(save({ manageRule }));
          return found && { text: `manageRule: ${render(found.tree)}`, differences: found.differences };
        },
      });
    let made = 0;
    for (const as of ["guest", "superuser", ...Object.keys(CALLERS)]) {
      const verified = random.pick(VERIFIED);
      const newId = `n${random.below(1e9)}n${made++}`.padEnd(15, "n");
      const body = { id: newId, email: `n${random.below(1e9)}@t.io`, ...random.pick([{ password: "12345678", passwordConfirm: "12345678" }, { password: "12345678", passwordConfirm: "12345678" }, {}, { password: "12345678" }]), ...(verified !== undefined && { verified }), ...(random.chance(0.3) && { name: "Ann", emailVisibility: true }), ...(random.chance(0.2) && { pin: "x", tokenKey: "x".repeat(40) }) };
      await check(`create as ${as}`, post(`/api/collections/${collection}/records`, body, { as }), del(`/api/collections/${collection}/records/${newId}`));
      await both.differs(del(`/api/collections/${collection}/records/${newId}`));
      for (let i = 0; i < 3; i++) {
        const target = random.pick(world.ids[collection]);
        const stored = world.records[collection][target];
        // Changes of these would end the sessions of those who sign in.
        const isCaller = callers[collection].includes(target);
        const secrets = isCaller ? {} : random.pick(SECRETS);
        const email = isCaller || random.chance(0.6) ? (random.chance(0.3) ? { email: stored.email } : {}) : { email: `u${random.below(1e9)}@t.io` };
        const change = random.pick(VERIFIED);
        const update = { ...email, ...secrets, ...(change !== undefined && { verified: change }), ...(random.chance(0.3) && { name: random.pick(["Ann", "Bob", "x"]) }), ...(random.chance(0.2) && { emailVisibility: random.chance(0.5) }) };
        const restore = patch(`/api/collections/${collection}/records/${target}`, { ...restoring(collection, stored), ...(secrets.password && { password: "12345678", passwordConfirm: "12345678" }) });
        await check(`update ${i} ${target} as ${as}`, patch(`/api/collections/${collection}/records/${target}`, update, { as }), restore);
        await both.differs(restore);
      }
    }
    await both.differs(save({ manageRule: null, updateRule: "" }));
  }

  for (const n of both.numbers(50)) {
    const title = `round ${n}`;
    if (both.wants(title)) await round(title);
  }
}
