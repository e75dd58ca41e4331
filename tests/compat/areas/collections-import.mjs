// PUT /api/collections/import.

import { get, post, put } from "../lib/http.mjs";

const t = (name, rest) => ({ name, type: "text", ...rest });

export default async function (both) {
  const load = (collections, rest) => put("/api/collections/import", { collections, ...rest });
  const view = (name) => get(`/api/collections/${name}`);

  await both.sameAll({
    "no list": put("/api/collections/import", {}),
    "empty list": load([]),
    "null list": load(null),
    "list as text": load("x"),
    "items as text": load(["x"]),
    "items as null": load([null]),
    "deleteMissing as text": load([{ name: "x1" }], { deleteMissing: "yes" }),
    "malformed": { method: "PUT", path: "/api/collections/import", raw: "{", type: "application/json" },
    "no body": { method: "PUT", path: "/api/collections/import" },
    "list body": { method: "PUT", path: "/api/collections/import", raw: "[]", type: "application/json" },
    "text body": { method: "PUT", path: "/api/collections/import", raw: "x", type: "text/plain" },
    "guest": { ...load([{ name: "x2" }]), as: "guest" },
    "guest, empty": { ...load([]), as: "guest" },
  });

  await both.sameAll({
    "new ones": load([{ name: "base1", fields: [t("a")] }, { name: "auth1", type: "auth" }, { name: "view1", type: "view", viewQuery: "select id, a from base1" }]),
    "new ones: base": view("base1"),
    "new ones: auth": view("auth1"),
    "new ones: view": view("view1"),
    "a view before its table": load([{ name: "view2", type: "view", viewQuery: "select id from base2" }, { name: "base2" }]),
    "a view before its table: view": view("view2"),
    "circular": load([
      { id: "left_id", name: "left", fields: [{ name: "r", type: "relation", collectionId: "right_id" }] },
      { id: "right_id", name: "right", fields: [{ name: "l", type: "relation", collectionId: "left_id" }] },
    ]),
    "circular: view": view("left"),
    "to itself": load([{ id: "selfish_id", name: "selfish", fields: [{ name: "parent", type: "relation", collectionId: "selfish_id" }] }]),
    "to itself: view": view("selfish"),
    "dates are ignored": load([{ name: "dated", created: "2001-01-01 00:00:00.000Z", updated: "2001-01-01 00:00:00.000Z" }]),
    "dates are ignored: view": view("dated"),
    "system": load([{ name: "imported_sys", system: true }]),
    "system: view": view("imported_sys"),
    "untyped": load([{ name: "untyped" }]),
  });

  // Failures change nothing.
  await both.sameAll({
    "bad name": load([{ name: "fine1" }, { name: "not fine" }]),
    "bad field": load([{ name: "fine2" }, { name: "bad1", fields: [t("a b")] }]),
    "bad view": load([{ name: "fine3" }, { name: "bad2", type: "view", viewQuery: "select * from fine3" }]),
    "bad index": load([{ name: "bad3", indexes: ["create index x on bad3 (nope)"] }]),
    "unknown type": load([{ name: "bad4", type: "odd" }]),
    "unknown field type": load([{ name: "bad5", fields: [{ name: "a", type: "odd" }] }]),
    "missing relation": load([{ name: "bad6", fields: [{ name: "a", type: "relation", collectionId: "nope" }] }]),
    "same name twice": load([{ name: "twice" }, { name: "twice" }]),
    "same id twice": load([{ id: "twice_id", name: "twice1" }, { id: "twice_id", name: "twice2" }]),
    "name of an existing one with another id": load([{ id: "other_id", name: "base1" }]),
    "type change": load([{ name: "base1", type: "auth" }]),
    "no name": load([{ fields: [] }]),
    "rename of a system one": load([{ id: "pbc_3142635823", name: "supers" }]),
    "rule of a system one": load([{ name: "_superusers", listRule: "" }]),
    "nothing of it stayed": get("/api/collections?perPage=200&fields=name,type"),
  });

  // Merging over existing ones.
  await both.sameAll({
    "merge: base": post("/api/collections", { id: "merge_id", name: "merge", fields: [t("a"), t("b", { id: "b_id" }), t("s", { system: true })], listRule: "", indexes: ["create index merge_i on merge (a)"] }),
    "merge: record": post("/api/collections/merge/records", { id: "r00000000000001", a: "A", b: "B", s: "S" }),
    "merge: nothing but the id": load([{ id: "merge_id" }]),
    "merge: by name": load([{ name: "MERGE", viewRule: "" }]),
    "merge: view 1": view("merge"),
    "merge: new fields": load([{ id: "merge_id", fields: [t("c")] }]),
    "merge: view 2": view("merge"),
    "merge: same name and type with another id keeps the column": load([{ id: "merge_id", fields: [t("b", { id: "another_id" })] }]),
    "merge: view 3": view("merge"),
    "merge: record 3": get("/api/collections/merge/records/r00000000000001"),
    "merge: rename by id": load([{ id: "merge_id", name: "merged" }]),
    "merge: view 5": view("merged"),
    "merge: created may be set": load([{ id: "merge_id", created: "2001-01-01 00:00:00.000Z" }]),
    "merge: view 6": view("merged"),
    "merge: empty fields": load([{ id: "merge_id", fields: [] }]),
    "merge: view 7": view("merged"),
    "merge: auth secrets stay": load([{ name: "auth1", authToken: { duration: 1000 } }]),
    "merge: view auth": view("auth1"),
  });

  // After a failed import the reference shows the merged collection until something is saved; nobody needs that repeated.
  await both.sameAll({
    "fails: collection": post("/api/collections", { name: "fails", fields: [t("a")] }),
    "fails: same name, another type": load([{ name: "fails", fields: [{ name: "a", type: "number" }] }]),
    "fails: something is saved": load([{ name: "saved" }]),
    "fails: it is as it was": view("fails"),
    "fails: with an index of its own": load([{ name: "fails", indexes: ["create index fails_i on fails (nope)"] }]),
    "fails: something is saved again": load([{ name: "saved_again" }]),
    "fails: it still is as it was": view("fails"),
  });

  // deleteMissing, at the end because it clears everything.
  await both.sameAll({
    "missing: fields go": load([{ id: "merge_id", name: "merged", fields: [t("only")] }], { deleteMissing: true }),
    "missing: view": view("merged"),
    "missing: record": get("/api/collections/merged/records/r00000000000001"),
    "missing: what is left": get("/api/collections?perPage=200&fields=name,type,system"),
    "missing: no fields key": load([{ id: "merge_id" }], { deleteMissing: true }),
    "missing: view without fields": view("merged"),
    "missing: with an error": load([{ name: "bad one" }], { deleteMissing: true }),
    "missing: still there": get("/api/collections?perPage=200&fields=name,type,system"),
    "missing: deleting what a system one refers to": load([{ name: "users_again", type: "auth" }], { deleteMissing: true }),
    "missing: finally": get("/api/collections?perPage=200&fields=name,type,system"),
  });

  // Last, because they may leave something on one side only.
  await both.sameAll({
    "odd: id": load([{ id: "not a-word!", name: "odd_id" }]),
    "odd: id view": view("odd_id"),
    "odd: name like its own id": load([{ id: "same_as_id", name: "same_as_id" }]),
    "odd: collection with options": post("/api/collections", { name: "options", fields: [t("b", { id: "b_id" }), t("c", { id: "c_id" })] }),
    "odd: same field under another id, other options": load([{ name: "options", fields: [t("b", { id: "another_id", max: 50 })] }]),
    "odd: whose options stay": view("options"),
    "odd: the same with deleteMissing": load([{ name: "options", fields: [t("b", { id: "another_id", max: 50 })] }], { deleteMissing: true }),
    "odd: whose options stay then": view("options"),
  });
}
