// Lists of records: pages, totals, sort, and parameters that make no sense.

import { get, post } from "../lib/http.mjs";

const OPEN = { listRule: "", viewRule: "", createRule: "" };

export default async function (both) {
  const [made] = await both.same("targets", post("/api/collections", { ...OPEN, name: "targets", fields: [{ name: "t", type: "text" }] }));
  await both.same("set-up", post("/api/collections", {
    ...OPEN, name: "items",
    fields: [
      { name: "n", type: "number" }, { name: "w", type: "text" }, { name: "b", type: "bool" }, { name: "d", type: "date" }, { name: "j", type: "json" }, { name: "s", type: "select", values: ["x", "y", "z"], maxSelect: 2 }, { name: "g", type: "geoPoint" },
      { name: "h", type: "text", hidden: true }, { name: "made", type: "autodate", onCreate: true }, { name: "rel", type: "relation", collectionId: JSON.parse(made.text).id, maxSelect: 1 },
    ],
  }));
  const rows = [
    [1, "b", true, "2024-01-01", { k: 2 }, ["x"]], [-2.5, "B", false, "", null, []], [0, "", true, "2023-05-05 10:00:00Z", "text", ["y", "x"]], [10, "a", false, "2024-01-01 00:00:00.001Z", 5, ["z"]], [9, "ä", true, "2020-01-01", [1], []], [100, "aa", false, "", true, ["x", "y"]],
    [1, "A1", true, "2024-02-01", "", ["y"]],
  ];
  for (const [i, [n, w, b, d, j, s]] of rows.entries()) {
    await both.same(`row ${i}`, post("/api/collections/items/records", { id: `i0000000000000${i}`, n, w, b, d, j, s, h: String(i), g: { lon: n > 90 ? 0 : n, lat: 1 } }));
  }

  const list = (query, rest) => get(`/api/collections/items/records?${query}`, rest);
  const queries = [
    "", "page=1&perPage=2", "page=2&perPage=2", "page=4&perPage=2", "page=5&perPage=2", "page=99999999999", "page=9223372036854775807", "page=9223372036854775808", "page=-9", "page=0", "page=1.0", "page=1e1", "page=a", "page=%201", "page=%2B1", "page=", "page=0x1", "page=1_0",
    "perPage=1", "perPage=7", "perPage=8", "perPage=0", "perPage=-5", "perPage=1000", "perPage=1001", "perPage=999999", "perPage=1.5", "perPage=a", "perPage=", "PAGE=2", "perpage=2", "page=2&page=1&perPage=3", "perPage=2&skipTotal=1", "skipTotal=true&page=9", "skipTotal=t", "skipTotal=T", "skipTotal=True",
    "skipTotal=0", "skipTotal=false", "skipTotal=F", "skipTotal=maybe", "skipTotal=2", "skipTotal=", "skipTotal", "filter=", "expand=", "sort=", "fields=", "filter=&sort=&fields=&expand=", "nonsense=1", "perPage=2;page=2", "perPage=2&&page=2", "%zz=1", "page=%zz", "fields=%zz",
  ];
  for (const query of queries) await both.same(`?${query}`, list(query));
  for (const query of ["", "perPage=2", "page=x", "skipTotal=1&sort=-n"]) await both.same(`guest ?${query}`, list(query, { as: "guest" }));

  const sorts = [
    "n", "-n", "+n", "%2Bn", "w", "-w", "b,n", "-b,-n", "d,w", "s,n", "j,n", "id", "-id", "made,id", "@rowid", "-@rowid", "g,n", "h", "-h", "rel,n", "n,n", "n,-n", "%20n%20,%20-w%20", "n%20", "-%20n", "n%20desc", "N", "nope", "n,nope", "n,", ",n", ",", "n,,w", "--n", "+-n", "%2B-n",
    "@random2", "@now", "@request.auth.id", "@collection.items.n", "null", "true", "1", "'n'", "n%27", "n)", "n;select", "n%20asc", "collectionId", "collectionName", "expand", "password", "n,w,b,d,s,id,made,rel", "n,w,b,d,s,id,made,rel,g", "created", "@", "-", "%2B", "%20", "n%00",
  ];
  for (const sort of sorts) await both.same(`sort=${sort}`, list(`sort=${sort}&fields=id`));
  for (const sort of ["n", "h", "-h", "@rowid", "nope", "@request.auth.id", "@collection.items.n", "@request.body.n"]) await both.same(`guest sort=${sort}`, list(`sort=${sort}&fields=id`, { as: "guest" }));
  await both.same("sort=@random", list("sort=@random&fields=collectionId"));

  await both.same("another first parameter wins", list("sort=n&sort=-n&fields=n"));
  await both.same("one with parameters of a list", get("/api/collections/items/records/i00000000000000?page=x&perPage=y&skipTotal=z"));
  await both.same("one with a sort", get("/api/collections/items/records/i00000000000000?sort=nope"));
  await both.same("list of an empty one", get("/api/collections/targets/records"));
  await both.same("list of an empty one, page 2", get("/api/collections/targets/records?page=2"));
  await both.same("list of users", get("/api/collections/users/records"));
  await both.same("list of superusers", get("/api/collections/_superusers/records?fields=email,verified,collectionName"));
  await both.same("list with a body", { method: "GET", path: "/api/collections/items/records?fields=id&perPage=1", json: { page: 2 } });
  await both.same("list with a broken body", { method: "GET", path: "/api/collections/items/records?fields=id&perPage=1", raw: "{", type: "application/json" });
  await both.same("list with a text body", { method: "GET", path: "/api/collections/items/records?fields=id&perPage=1", raw: "x", type: "text/plain" });
}
