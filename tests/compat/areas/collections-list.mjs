// Reading collections: list parameters, one by id or name, scaffolds, and trying a view query.

import { get, post } from "../lib/http.mjs";

export default async function (both) {
  for (const name of ["alpha", "Beta", "gamma"]) await both.same(`set-up ${name}`, post("/api/collections", { name, fields: [{ name: "t", type: "text" }] }));

  const queries = [
    "", "page=1", "page=2&perPage=3", "page=99", "page=0", "page=-1", "page=x", "page=1.5", "page=%2B2", "page=", "perPage=0", "perPage=-1", "perPage=2000", "perPage=x", "perPage=99999999999999999999",
    "skipTotal=1", "skipTotal=true", "skipTotal=TRUE", "skipTotal=tRue", "skipTotal=yes", "skipTotal=", "skipTotal=0", "sort=name", "sort=-name", "sort=type,-name", "sort=id", "sort=system,name", 
    "sort=nope", "sort=fields", "sort=listRule", "sort=name,", "sort=-@rowid", "sort=%2Bname", "sort=--name", "fields=name", "fields=id,name,fields.name", "fields=*", "fields=nope", "fields=items", "page=1&page=2", "unknown=1", "fields=*,fields.id",
  ];
  for (const query of queries) await both.same(`?${query}`, get(`/api/collections?${query}`));

  for (const who of ["alpha", "ALPHA", "beta", "users", "_pb_users_auth_", "_PB_USERS_AUTH_", "_superusers", "pbc_3142635823", "nope", "al%70ha", "alpha%20", "%20", "meta", "import"]) {
    await both.same(`one: ${who}`, get(`/api/collections/${who}`));
  }
  await both.sameAll({
    "one: picked": get("/api/collections/users?fields=name,authToken,fields.name"),
    "guest: list": get("/api/collections", { as: "guest" }),
    "guest: one": get("/api/collections/alpha", { as: "guest" }),
    "guest: unknown one": get("/api/collections/nope", { as: "guest" }),
    "guest: scaffolds": get("/api/collections/meta/scaffolds", { as: "guest" }),
    "guest: dry run": post("/api/collections/meta/dry-run-view", { query: "select id from users" }, { as: "guest" }),
    "scaffolds": get("/api/collections/meta/scaffolds"),
    "scaffolds picked": get("/api/collections/meta/scaffolds?fields=base.fields.name,view"),
  });

  await both.same("a record", post("/api/collections/alpha/records", { id: "r00000000000001", t: "x" }));
  await both.same("another record", post("/api/collections/alpha/records", { id: "r00000000000002", t: "y" }));
  const dry = (query) => post("/api/collections/meta/dry-run-view", { query });
  const tries = [
    "select id, t from alpha order by t", "select id, t, 1 as one, 'x' as txt, null as nothing, 1.5 as frac from alpha", "select * from alpha", "select t from alpha", "select t as id from alpha", "select id from nope",
    "select 'same' as id from alpha", "select '' as id from alpha", "select 5 as id", "delete from alpha", "select id from alpha; select 1", ";select id from alpha;", "", " ", "nonsense", "select id from _superusers",
    "select id, password from users", "select (row_number() over()) as id, t from alpha", "with x as (select id from alpha) select id from x", "select id from alpha union select id from beta",
    "select id, t as `my-col` from alpha", "select id, t as \"quoted\" from alpha", "select id, t collectionId from alpha", `select id from alpha where t != '${"x".repeat(4970)}'`, "select id, t from alpha limit 1 offset 1",
  ];
  for (const query of tries) await both.same(`dry run: ${query.slice(0, 60)}`, dry(query));
  await both.sameAll({
    "dry run: no query": post("/api/collections/meta/dry-run-view", {}),
    "dry run: a number": post("/api/collections/meta/dry-run-view", { query: 1 }),
    "dry run: no body": { method: "POST", path: "/api/collections/meta/dry-run-view" },
    "dry run: malformed": { method: "POST", path: "/api/collections/meta/dry-run-view", raw: "{", type: "application/json" },
    "dry run: text": { method: "POST", path: "/api/collections/meta/dry-run-view", raw: "x", type: "text/plain" },
    "dry run: form": { method: "POST", path: "/api/collections/meta/dry-run-view", form: [["query", "select id from alpha"]] },
  });
}
