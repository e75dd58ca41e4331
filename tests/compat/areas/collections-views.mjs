// View collections: which queries are accepted, what types their columns get, what their records look like.

import { del, get, patch, post } from "../lib/http.mjs";

/** Column lists and what follows; `vb` and `va` are set up below. */
const QUERIES = [
  "select id from vb",
  "SELECT ID FROM vb",
  "select id from VB",
  "select id, title, n, flag, mail, link, day, made, one, many, any, rel, rels, doc, docs, spot, body from vb",
  "select vb.id, vb.title from vb",
  "select b.id, b.title as t from vb b",
  "select b.id, b.title as t from vb as b",
  "select b.id, a.name, a.id as author from vb b left join va a on a.id = b.rel",
  "select b.id, a.name from vb b, va a",
  "select b.id, a.name from vb b inner join va a on a.id = b.rel where b.n > 1 group by b.id order by b.n limit 5",
  "select distinct id, title from vb",
  "select id, count(*) as c from vb group by id",
  "select id, count(id) c, total(n) t, sum(n) s, avg(n) a, min(n) i, max(n) x from vb group by id",
  "select id, COUNT( id ) as c, Total(n) as t from vb group by id",
  "select id, cast(n as real) r, cast(n as decimal) d, cast(n as numeric) u, cast(n as int) i, cast(n as integer) j, cast(n as text) t, cast(n as bool) b, cast(n as boolean) c, cast(n as blob) o from vb",
  "select id, CAST(n AS INT) as i, cast(n as varchar) as v from vb",
  "select id, (n + 1) as plus from vb",
  "select id, n + 1 as plus from vb",
  "select id, (case when n > 1 then 'x' else 'y' end) as k from vb",
  "select id, case when n > 1 then 'x' else 'y' end as k from vb",
  "select id, 'text' as t, 5 as i, 1.5 as f, null as z, '' as e, '[1,2]' as l, '{\"a\":1}' as o, 'true' as b from vb",
  "select id, lower(title) as low, length(title) as len, title || 'x' as cat from vb",
  "select id, lower(title) as low, (title || 'x') as cat, json_extract(any, '$.a') as ja from vb",
  "select id, (select count(*) from va) as c from vb",
  "select id, (select name from va limit 1) as nm from vb",
  "select x.id, x.title from (select id, title from vb) x",
  "select id from (select id, title from vb)",
  "with w as (select id, title from vb) select id, title from w",
  "select id, title from vb union select id, name from va",
  "select id from (select id from vb union select id from va)",
  "select id, title /* a comment */ from vb -- another",
  "select\n\tid,\n\ttitle\nfrom\n\tvb",
  "select id,title from vb;",
  ";select id,title from vb ; ",
  "select id from vb; select id from va",
  "select `id`, `title` as `t`, [n], \"flag\" from vb",
  "select id, title as 'quoted' from vb",
  "select id, title as [br] from vb",
  "select title as id, n from vb",
  "select n as id from vb",
  "select (n || '') as id, title from vb",
  "select cast(n as text) as id from vb",
  "select (row_number() over()) as id, title from vb",
  "select 'const' as id, title from vb",
  "select max(id) as id, title from vb group by title",
  "select id, title as id from vb",
  "select id, title, title from vb",
  "select id, title as Title, n as title2 from vb",
  "select title from vb",
  "select id as ID from vb",
  "select * from vb",
  "select b.* from vb b",
  "select id, vb.* from vb",
  "select id, title as expand from vb",
  "select id, title as collectionName from vb",
  "select id, title as a_via_b from vb",
  "select id, title as `a b` from vb",
  "select id, title as `1a` from vb",
  "select id, nope from vb",
  "select id from nope",
  "select id from _superusers",
  "select id, email, password, tokenKey, verified from users",
  "select id, fields, name from _collections",
  "select id, value from _params",
  "select name as id from sqlite_master",
  "select id from vb where",
  "insert into vb (id) values ('x')",
  "delete from vb",
  "drop table vb",
  "attach database 'x' as y",
  "pragma table_info(vb)",
  "values (1)",
  "explain select id from vb",
  "select id from pragma_table_info('vb')",
  "select load_extension('x') as id",
  "select id, randomblob(4) as r from vb where 1 = 0",
  "select id, date('now') as d from vb where 1 = 0",
  "select id, title as t1, title as t2 from vb",
  "select b.id, c.id as other from vb b join vb c on c.id = b.id",
  "select id, rowid as r from vb",
  "select id, secret from vb",
  "select id, made as created from vb",
  "select id, n as `n` , title as \"t t\" from vb",
  "", " ", "nonsense", "select", "select id", "select 1 as id",
];

export default async function (both) {
  const [made] = await both.same("va", post("/api/collections", { name: "va", fields: [{ name: "name", type: "text", max: 77, hidden: true }] }));
  const va = JSON.parse(made.text).id;
  await both.same("vb", post("/api/collections", {
    name: "vb",
    fields: [
      { name: "title", type: "text", max: 99, required: true, presentable: true }, { name: "n", type: "number", min: 0, onlyInt: true }, { name: "flag", type: "bool" }, { name: "mail", type: "email" },
      { name: "link", type: "url" }, { name: "day", type: "date" }, { name: "made", type: "autodate", onCreate: true }, { name: "one", type: "select", values: ["a", "b"], maxSelect: 1 },
      { name: "many", type: "select", values: ["a", "b"], maxSelect: 2 }, { name: "any", type: "json" }, { name: "rel", type: "relation", collectionId: va, maxSelect: 1 },
      { name: "rels", type: "relation", collectionId: va, maxSelect: 5 }, { name: "doc", type: "file", maxSelect: 1 }, { name: "docs", type: "file", maxSelect: 3 },
      { name: "spot", type: "geoPoint" }, { name: "body", type: "editor" }, { name: "secret", type: "password" },
    ],
  }));
  await both.same("va1", post("/api/collections/va/records", { id: "a00000000000001", name: "Ann" }));
  for (const [i, title] of ["First", "Second"].entries()) {
    await both.same(`vb${i}`, post("/api/collections/vb/records", {
      id: `b0000000000000${i}`, title, n: i + 1, flag: i === 0, mail: "a@b.com", link: "https://b.com", day: "2024-01-02", one: "a", many: ["b", "a"], any: { a: [i, "x"] }, rel: "a00000000000001",
      rels: ["a00000000000001"], spot: { lon: 1.5, lat: -2 }, body: "<p>x</p>", secret: "12345678",
    }));
  }

  for (const [i, viewQuery] of QUERIES.entries()) {
    const name = `view${i}`;
    const [created] = await both.same(`${i} ${viewQuery}`, post("/api/collections", { name, type: "view", viewQuery }));
    if (created.status === 200) await both.same(`${i} records`, get(`/api/collections/${name}/records`));
  }

  await both.sameAll({
    "rules": post("/api/collections", { name: "rules1", type: "view", viewQuery: "select id, n from vb", listRule: "", viewRule: "" }),
    "create rule": post("/api/collections", { name: "rules2", type: "view", viewQuery: "select id from vb", createRule: "", updateRule: "", deleteRule: "" }),
    "fields are ignored": post("/api/collections", { name: "rules3", type: "view", viewQuery: "select id from vb", fields: [{ name: "x", type: "number" }] }),
    "guest list": get("/api/collections/rules1/records", { as: "guest" }),
    "guest one": get("/api/collections/rules1/records/b00000000000000", { as: "guest" }),
    "guest missing": get("/api/collections/rules1/records/nope", { as: "guest" }),
    "guest list of a locked one": get("/api/collections/rules3/records", { as: "guest" }),
    "sort": get("/api/collections/rules1/records?sort=-n"),
    "sort by rowid": get("/api/collections/rules1/records?sort=@rowid"),
    "totals": get("/api/collections/rules1/records?perPage=1"),
    "create": post("/api/collections/rules1/records", { n: 1 }),
    "create as a guest": post("/api/collections/rules1/records", { n: 1 }, { as: "guest" }),
    "update": patch("/api/collections/rules1/records/b00000000000000", { n: 1 }),
    "update of a missing one": patch("/api/collections/rules1/records/nope", { n: 1 }),
    "delete": del("/api/collections/rules1/records/b00000000000000"),
    "update the query": patch("/api/collections/rules1", { viewQuery: "select id, title from vb" }),
    "update to a broken query": patch("/api/collections/rules1", { viewQuery: "select id, nope from vb" }),
    "update to an empty query": patch("/api/collections/rules1", { viewQuery: "" }),
    "update a rule only": patch("/api/collections/rules1", { listRule: null }),
    "update to itself": patch("/api/collections/rules1", { viewQuery: "select id from rules1" }),
    "rename": patch("/api/collections/rules1", { name: "renamed1" }),
    "renamed records": get("/api/collections/renamed1/records"),
    "update its indexes": patch("/api/collections/renamed1", { indexes: ["create index x on renamed1 (id)"] }),
    "update its create rule": patch("/api/collections/renamed1", { createRule: "" }),
    "view of a view": post("/api/collections", { name: "outer1", type: "view", viewQuery: "select id, title from renamed1" }),
    "view of a view records": get("/api/collections/outer1/records"),
  });

  // What changes beneath a view.
  const c = (name, fields, rest) => post("/api/collections", { name, fields, ...rest });
  const t = (name, rest) => ({ name, type: "text", ...rest });
  await both.sameAll({
    "dep: table": c("dep", [t("a", { id: "a_id" }), t("b", { id: "b_id" })]),
    "dep: record": post("/api/collections/dep/records", { id: "d00000000000001", a: "A", b: "B" }),
    "dep: view": post("/api/collections", { name: "depview", type: "view", viewQuery: "select id, a from dep" }),
    "dep: option changes": patch("/api/collections/dep", { fields: [t("a", { id: "a_id", max: 10 }), t("b", { id: "b_id" })] }),
    "dep: view follows": get("/api/collections/depview"),
    "dep: field is renamed": patch("/api/collections/dep", { fields: [t("aa", { id: "a_id" }), t("b", { id: "b_id" })] }),
    "dep: view after the rename": get("/api/collections/depview"),
    "dep: view records after the rename": get("/api/collections/depview/records"),
    "dep: view cannot be saved": patch("/api/collections/depview", { listRule: "" }),
    "dep: table is renamed": patch("/api/collections/dep", { name: "dep2" }),
    "dep: view records after that": get("/api/collections/depview/records"),
    "dep: column is dropped": patch("/api/collections/dep2", { fields: [t("b", { id: "b_id" })] }),
    "dep: other column is dropped": patch("/api/collections/dep2", { fields: [t("aa", { id: "a_id" })] }),
    "dep: single to multiple": c("dep3", [{ name: "s", type: "select", values: ["a", "b"], maxSelect: 1 }]),
    "dep: its record": post("/api/collections/dep3/records", { id: "d00000000000001", s: "a" }),
    "dep: its view": post("/api/collections", { name: "dep3view", type: "view", viewQuery: "select id, s from dep3" }),
    "dep: converted": patch("/api/collections/dep3", { fields: [{ name: "s", type: "select", values: ["a", "b"], maxSelect: 2 }] }),
    "dep: converted view": get("/api/collections/dep3view"),
    "dep: converted records": get("/api/collections/dep3view/records"),
  });
}
