// Records: creating, reading, changing and deleting; ids; who may; answers of every kind.

import { del, get, patch, post } from "../lib/http.mjs";

const OPEN = { listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "" };
const t = (name, rest) => ({ name, type: "text", ...rest });

export default async function (both) {
  const path = (collection, id) => `/api/collections/${collection}/records${id ? `/${id}` : ""}`;
  await both.sameAll({
    "open": post("/api/collections", { ...OPEN, name: "open", fields: [t("a", { required: true }), t("h", { hidden: true }), { name: "n", type: "number" }, { name: "made", type: "autodate", onCreate: true }, { name: "changed", type: "autodate", onUpdate: true }] }),
    "locked": post("/api/collections", { name: "locked", fields: [t("a")] }),
    "ruled": post("/api/collections", { ...OPEN, name: "ruled", fields: [t("a")], listRule: "a = 'never'", viewRule: "a = 'never'", createRule: "a = 'never'", updateRule: "a = 'never'", deleteRule: "a = 'never'" }),
    "locked record": post(path("locked"), { id: "l00000000000001", a: "x" }),
    "ruled record": post(path("ruled"), { id: "l00000000000001", a: "x" }),
  });

  // Who may, and what is said about what is not there.
  for (const as of ["guest", "superuser"]) {
    for (const collection of ["open", "locked", "LOCKED", "nope", "_superusers", "_otps", "_collections"]) {
      for (const id of ["l00000000000001", "missing", "a%2Fb", "%00", "' or 1=1 --".replaceAll(" ", "%20"), "x".repeat(300)]) {
        await both.same(`${as} views ${collection} ${id.slice(0, 20)}`, get(path(collection, id), { as }));
        await both.same(`${as} updates ${collection} ${id.slice(0, 20)}`, patch(path(collection, id), { a: "y" }, { as }));
      }
      await both.same(`${as} deletes a missing one of ${collection}`, del(path(collection, "missing"), { as }));
      await both.same(`${as} creates in ${collection}`, post(path(collection), { a: "new" }, { as }));
      await both.same(`${as} creates nothing in ${collection}`, post(path(collection), {}, { as }));
      await both.same(`${as} sends a broken body to ${collection}`, { method: "POST", path: path(collection), raw: "{", type: "application/json", as });
    }
  }
  await both.sameAll({
    "guest lists locked": get(path("locked"), { as: "guest" }),
    "guest lists nope": get(path("nope"), { as: "guest" }),
    "guest lists superusers": get(path("_superusers"), { as: "guest" }),
    "guest views ruled": get(path("ruled", "l00000000000001"), { as: "guest" }),
    "guest lists ruled": get(path("ruled"), { as: "guest" }),
    "guest updates ruled": patch(path("ruled", "l00000000000001"), { a: "y" }, { as: "guest" }),
    "guest deletes ruled": del(path("ruled", "l00000000000001"), { as: "guest" }),
    "guest creates ruled": post(path("ruled"), { a: "x" }, { as: "guest" }),
  });

  // Ids.
  const ids = [
    "abcdefghijklmno", "ABCDEFGHIJKLMNO", "abcdefghijklmn", "abcdefghijklmnop", "abcdefghijklmn_", "abcdefghijklm o", "", null, 123456789012345, "123456789012345", "ébcdefghijklmno", true, ["abcdefghijklmnq"], {}, "abcdefghijklmno",
  ];
  for (const [i, id] of ids.entries()) await both.same(`id ${i} ${JSON.stringify(id)}`, post(path("open"), { id, a: "x" }));
  const loose = { name: "id", type: "text", primaryKey: true, required: true, system: true, min: 1, max: 50, pattern: "^.+$", autogeneratePattern: "[a-z]{6}" };
  await both.same("loose ids", post("/api/collections", { name: "loose", fields: [loose] }));
  const odd = ["a", "A", "a.b", "a/b", "a\\b", "a|b", "a'b", 'a"b', "a`b", "a<b", "a>b", "a:b", "a?b", "a*b", "a%b", "a$b", "a b", "a\tb", "a\nb", "a\rb", "a\0b", "é", "日本", "CON", "con", "prn", "AUX", "nul", "com1", "COM10", "lpt9", "con1", "a#b", "a&b", "a+b", "a=b", "a@b", "a,b", "a;b", "a!b", "(a)", "[a]", "{a}", "~", "-", "_", "..", "."];
  for (const id of odd) await both.same(`loose id ${JSON.stringify(id)}`, post(path("loose"), { id }));
  for (const id of ["a%23b", "a%26b", "a%2Bb", "%C3%A9", "A", "-", "nope"]) await both.same(`loose view ${id}`, get(path("loose", id)));
  await both.same("loose list", get(`${path("loose")}?perPage=100&sort=id`));
  await both.same("id without a generator", post("/api/collections", { name: "manual", fields: [{ name: "id", type: "text", pattern: "^[a-z0-9]+$" }] }));
  await both.same("no id given", post(path("manual"), {}));
  await both.same("id given", post(path("manual"), { id: "a" }));

  // A record's life.
  const r = path("open", "r00000000000001");
  await both.sameAll({
    "create": post(path("open"), { id: "r00000000000001", a: "x", h: "hidden", n: 1, made: "2001-01-01", changed: "2001-01-01", unknown: 1, collectionId: "x", collectionName: "y", expand: { z: 1 } }),
    "view": get(r),
    "view as a guest": get(r, { as: "guest" }),
    "update": patch(r, { n: 2 }),
    "update nothing": patch(r, {}),
    "update by PUT": { method: "PUT", path: r, json: { n: 2 } },
    "update by POST": { method: "POST", path: r, json: { n: 2 } },
    "update the id": patch(r, { id: "r00000000000002" }),
    "update the id to nothing": patch(r, { id: "" }),
    "update the same id": patch(r, { id: "r00000000000001" }),
    "update keys in another case": patch(r, { A: "upper", N: 5 }),
    "update to an error": patch(r, { a: "", n: 7 }),
    "unchanged after the error": get(r),
    "hidden from a guest": patch(r, { h: "by guest", a: "ok" }, { as: "guest" }),
    "hidden is unchanged": get(r),
    "create by a guest with hidden": post(path("open"), { id: "r00000000000009", a: "x", h: "by guest" }, { as: "guest" }),
    "hidden is empty": get(path("open", "r00000000000009")),
    "fields on create": { ...post(path("open"), { a: "x" }), path: `${path("open")}?fields=a,n` },
    "fields on update": { ...patch(r, { n: 3 }), path: `${r}?fields=n` },
    "expand of nothing": get(`${r}?expand=nope`),
    "delete with a body": { method: "DELETE", path: r, json: { x: 1 } },
    "delete again": del(r),
    "view after": get(r),
    "update after": patch(r, { n: 1 }),
    "delete as a guest": del(path("open", "r00000000000009"), { as: "guest" }),
  });

  // Several errors, and the order of checks.
  await both.same("many rules", post("/api/collections", { name: "strict", fields: [t("a", { required: true, min: 3 }), { name: "n", type: "number", min: 5 }, { name: "e", type: "email", required: true }, t("u")], indexes: ["create unique index strict_u on strict (u)"] }));
  await both.sameAll({
    "all wrong": post(path("strict"), { id: "X", a: "x", n: 1, e: "no" }),
    "unique comes after": post(path("strict"), { a: "xyz", n: 5, e: "a@b.co", u: "same" }),
    "not reported beside others": post(path("strict"), { a: "x", n: 5, e: "a@b.co", u: "same" }),
    "unique alone": post(path("strict"), { a: "xyz", n: 5, e: "a@b.co", u: "same" }),
    "unique and id": post(path("strict"), { id: "s00000000000001", a: "xyz", e: "a@b.co", u: "other" }),
    "id taken": post(path("strict"), { id: "s00000000000001", a: "xyz", e: "a@b.co", u: "third" }),
  });
}
