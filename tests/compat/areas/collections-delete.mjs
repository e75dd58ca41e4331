// Deleting and truncating collections.

import { del, get, post } from "../lib/http.mjs";

export default async function (both) {
  const [made] = await both.same("target", post("/api/collections", { name: "target", fields: [{ name: "t", type: "text" }] }));
  const { id } = JSON.parse(made.text);
  const relation = (rest) => ({ name: "to", type: "relation", collectionId: id, maxSelect: 1, ...rest });
  const insert = (collection, record) => post(`/api/collections/${collection}/records`, record);

  await both.sameAll({
    "unknown": del("/api/collections/nope"),
    "guest": del("/api/collections/target", { as: "guest" }),
    "guest, unknown": del("/api/collections/nope", { as: "guest" }),
    "by id": post("/api/collections", { id: "by_id", name: "named" }),
    "by id: delete": del("/api/collections/by_id"),
    "in another case": post("/api/collections", { name: "cased" }),
    "in another case: delete": del("/api/collections/CASED"),
    "again": del("/api/collections/cased"),
    "with a body": { method: "DELETE", path: "/api/collections/nope", json: { x: 1 } },
  });
  for (const name of ["_superusers", "_mfas", "_otps", "_externalAuths", "_authOrigins"]) await both.same(`system ${name}`, del(`/api/collections/${name}`));

  await both.sameAll({
    "referring": post("/api/collections", { name: "referring", fields: [relation()] }),
    "needing": post("/api/collections", { name: "needing", fields: [relation({ required: true })] }),
    "cascading": post("/api/collections", { name: "cascading", fields: [relation({ cascadeDelete: true })] }),
    "referred": del("/api/collections/target"),
    "t1": insert("target", { id: "t00000000000001", t: "1" }),
    "t2": insert("target", { id: "t00000000000002", t: "2" }),
    "r1": insert("referring", { id: "r00000000000001", to: "t00000000000001" }),
    "c1": insert("cascading", { id: "c00000000000001", to: "t00000000000001" }),
    "n1": insert("needing", { id: "n00000000000001", to: "t00000000000002" }),
    "truncate: guest": del("/api/collections/target/truncate", { as: "guest" }),
    "truncate: unknown": del("/api/collections/nope/truncate"),
    "truncate: with a required reference": del("/api/collections/target/truncate"),
    "truncate: nothing happened": get("/api/collections/target/records?sort=id"),
    "truncate: nothing happened to the referring": get("/api/collections/referring/records"),
    "truncate: the one that needs": del("/api/collections/needing/truncate"),
    "truncate: now": del("/api/collections/target/truncate"),
    "truncate: target": get("/api/collections/target/records"),
    "truncate: referring": get("/api/collections/referring/records"),
    "truncate: cascading": get("/api/collections/cascading/records"),
    "truncate: empty": del("/api/collections/target/truncate"),
    "truncate: superusers": del("/api/collections/_superusers/truncate"),
    "truncate: a system collection": del("/api/collections/_otps/truncate"),
    "view": post("/api/collections", { name: "looking", type: "view", viewQuery: "select id, t from target" }),
    "view on a view": post("/api/collections", { name: "looking2", type: "view", viewQuery: "select id from looking" }),
    "truncate: view": del("/api/collections/looking/truncate"),
    "references gone, view left": del("/api/collections/referring"),
  });
  await both.sameAll({
    "needing goes": del("/api/collections/needing"),
    "cascading goes": del("/api/collections/cascading"),
    "a view still looks": del("/api/collections/target"),
    "a view still looks at the view": del("/api/collections/looking"),
    "outer view": del("/api/collections/looking2"),
    "inner view": del("/api/collections/looking"),
    "finally": del("/api/collections/target"),
    "to itself": post("/api/collections", { name: "selfish" }),
    "users can go": del("/api/collections/users"),
    "name is free again": post("/api/collections", { name: "target" }),
    "and empty": get("/api/collections/target/records"),
    "left": get("/api/collections?fields=name"),
  });
}
