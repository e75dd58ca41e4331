// PATCH /api/collections/{collection}: what may change, what happens to fields and their data, system collections.

import { get, patch, post } from "../lib/http.mjs";

const t = (name, rest) => ({ name, type: "text", ...rest });
const ID = { id: "text3208210256", name: "id", type: "text" };

export default async function (both) {
  const update = (collection, body, rest) => patch(`/api/collections/${collection}`, body, rest);
  const view = (collection) => get(`/api/collections/${collection}`);
  const records = (collection) => get(`/api/collections/${collection}/records?sort=id`);
  const create = (name, fields, rest) => post("/api/collections", { name, fields, ...rest });
  const insert = (collection, record) => post(`/api/collections/${collection}/records`, record);

  await both.same("set-up", create("plain", [t("a"), t("b", { id: "b_id" }), { name: "n", type: "number" }]));
  await both.same("set-up record", insert("plain", { id: "r00000000000001", a: "A", b: "B", n: 5 }));

  await both.sameAll({
    "nothing": update("plain", {}),
    "null body": { method: "PATCH", path: "/api/collections/plain", raw: "null", type: "application/json" },
    "list body": { method: "PATCH", path: "/api/collections/plain", raw: "[]", type: "application/json" },
    "malformed body": { method: "PATCH", path: "/api/collections/plain", raw: "{", type: "application/json" },
    "bad type": update("plain", { name: 5 }),
    "unknown collection": update("nope", { name: "x" }),
    "guest": update("plain", { name: "x" }, { as: "guest" }),
    "name in another case": update("PLAIN", {}),
    "same name": update("plain", { name: "plain" }),
    "empty name": update("plain", { name: "" }),
    "null name": update("plain", { name: null }),
    "bad name": update("plain", { name: "a b" }),
    "taken name": update("plain", { name: "users" }),
    "taken name in another case": update("plain", { name: "USERS" }),
    "internal table name": update("plain", { name: "_params" }),
    "type changes": update("plain", { type: "auth" }),
    "type stays": update("plain", { type: "base" }),
    "type empty": update("plain", { type: "" }),
    "system flag": update("plain", { system: true }),
    "created can be set": update("plain", { created: "2001-02-03 04:05:06.000Z" }),
    "updated cannot be set": update("plain", { updated: "2001-02-03 04:05:06.000Z" }),
    "rules": update("plain", { listRule: "", viewRule: "" }),
    "rules back to null": update("plain", { listRule: null }),
    "viewQuery is ignored": update("plain", { viewQuery: "select 1" }),
    "rename only the case": update("plain", { name: "Plain" }),
    "rename": update("Plain", { name: "plain2" }),
    "records after the rename": records("plain2"),
    "old name is gone": view("plain"),
    "rename back": update("plain2", { name: "plain" }),
    "fields picker": { ...update("plain", {}), path: "/api/collections/plain?fields=name,fields.id" },
  });

  // The list of fields. Each step starts from what the last one left.
  await both.sameAll({
    "fields without ids map onto derived ones": update("plain", { fields: [t("a"), t("b", { id: "b_id" }), { name: "n", type: "number" }] }),
    "record keeps its data": records("plain"),
    "rename by id": update("plain", { fields: [t("a"), t("bee", { id: "b_id" }), { name: "n", type: "number" }] }),
    "record after rename by id": records("plain"),
    "omitted options are reset": update("plain", { fields: [t("a", { max: 10, required: true }), t("bee", { id: "b_id" })] }),
    "n is gone": records("plain"),
    "options again": update("plain", { fields: [t("a"), t("bee", { id: "b_id" })] }),
    "same id, other type": update("plain", { fields: [{ id: "b_id", name: "bee", type: "number" }] }),
    "same name, other type, no id": update("plain", { fields: [{ name: "a", type: "number" }, t("bee", { id: "b_id" })] }),
    "record after the type changed": records("plain"),
    "a field whose name is in the list": update("plain", { fields: [t("x", { id: "x1" }), { name: "x", type: "number" }] }),
    "record after that": records("plain"),
    "null fields drop everything": update("plain", { fields: null }),
    "records after null fields": records("plain"),
    "new fields": update("plain", { fields: [t("a"), { name: "flag", type: "bool" }, { name: "list", type: "select", values: ["a"], maxSelect: 2 }, { name: "any", type: "json" }, { name: "place", type: "geoPoint" }, { name: "when", type: "autodate", onCreate: true }] }),
    "records with new fields": records("plain"),
    "swap a and flag by id": update("plain", { fields: [t("flag", { id: "text2069996022" }), t("a", { id: "a2" })] }),
    "records after that swap": records("plain"),
    "empty fields": update("plain", { fields: [] }),
    "duplicated ids in an update": update("plain", { fields: [t("p", { id: "q" }), t("r", { id: "q" })] }),
    "a broken field": update("plain", { fields: [t("p", { min: -1 })] }),
    "id renamed": update("plain", { fields: [{ ...ID, name: "key" }] }),
    "id of another type": update("plain", { fields: [{ ...ID, type: "number" }] }),
    "id with options": update("plain", { fields: [{ ...ID, min: 3, max: 20, pattern: "^[a-z0-9-]+$", autogeneratePattern: "[a-z]{5}" }] }),
    "a short id": insert("plain", { id: "a-b-c" }),
    "an id with a slash": insert("plain", { id: "a/b" }),
    "an id from the generator": insert("plain", {}),
  }, { random: { "body.id": /^[a-z]{5}$/ } });

  // A system field that the client made itself.
  await both.sameAll({
    "make a system field": create("sysfield", [t("locked", { system: true }), { name: "auto", type: "autodate", onCreate: true, system: true }]),
    "drop the system field": update("sysfield", { fields: [{ name: "auto", type: "autodate", onCreate: true, system: true }] }),
    "rename the system field": update("sysfield", { fields: [t("unlocked", { id: "text2366144138", system: true }), { name: "auto", type: "autodate", onCreate: true, system: true }] }),
    "change a system autodate": update("sysfield", { fields: [t("locked", { system: true }), { name: "auto", type: "autodate", onCreate: true, onUpdate: true, system: true }] }),
    "unset the flag": update("sysfield", { fields: [t("locked"), { name: "auto", type: "autodate", onCreate: true }] }),
    "drop both now": update("sysfield", { fields: [] }),
  });

  await both.sameAll({
    "created: set-up": create("dated", []),
    "created: as nonsense": update("dated", { created: "nonsense" }),
  });

  // Single and multiple.
  const select = (maxSelect, rest) => [{ name: "s", type: "select", values: ["a", "b", "c"], maxSelect, ...rest }];
  await both.sameAll({
    "single select": create("conv", select(1)),
    "single value": insert("conv", { id: "r00000000000001", s: "b" }),
    "no value": insert("conv", { id: "r00000000000002" }),
    "to multiple": update("conv", { fields: select(3) }),
    "records as multiple": records("conv"),
    "several values": patch("/api/collections/conv/records/r00000000000001", { s: ["c", "a"] }),
    "to single": update("conv", { fields: select(1) }),
    "records as single": records("conv"),
    "values removed from the list": update("conv", { fields: [{ name: "s", type: "select", values: ["x"], maxSelect: 1 }] }),
    "records keep what is no longer allowed": records("conv"),
    "and an unrelated update is refused": patch("/api/collections/conv/records/r00000000000001", {}),
  });

  // Tightened options do not touch what is stored.
  await both.sameAll({
    "loose": create("tight", [t("x")]),
    "an empty and a long value": insert("tight", { id: "r00000000000001", x: "" }),
    "long": insert("tight", { id: "r00000000000002", x: "0123456789" }),
    "tighten": update("tight", { fields: [t("x", { required: true, max: 5 })] }),
    "still there": records("tight"),
    "saving it again fails": patch("/api/collections/tight/records/r00000000000002", {}),
  });

  // System collections.
  for (const name of ["_superusers", "_otps", "_mfas", "_authOrigins", "_externalAuths"]) {
    await both.same(`${name}: view`, view(name));
    await both.same(`${name}: nothing`, update(name, {}));
    await both.same(`${name}: rename`, update(name, { name: "other" }));
    await both.same(`${name}: rules`, update(name, { listRule: "", viewRule: null, createRule: "", updateRule: "", deleteRule: "" }));
    await both.same(`${name}: unset system`, update(name, { system: false }));
    await both.same(`${name}: drop the fields`, update(name, { fields: [] }));
    await both.same(`${name}: type`, update(name, { type: "base" }));
  }
  const [answer] = await both.same("_superusers as it is", view("_superusers"));
  const { fields } = JSON.parse(answer.text);
  await both.sameAll({
    "_superusers: own field": update("_superusers", { fields: [...fields, t("nick")] }),
    "_superusers: own field gone": update("_superusers", { fields }),
    "_superusers: authRule": update("_superusers", { authRule: null }),
    "_superusers: manageRule": update("_superusers", { manageRule: "id = id" }),
    "_superusers: password auth off": update("_superusers", { passwordAuth: { enabled: false } }),
    "_superusers: oauth2 on": update("_superusers", { oauth2: { enabled: true } }),
    "_superusers: otp forces mfa": update("_superusers", { otp: { enabled: true } }),
    "_superusers: otp off, mfa stays": update("_superusers", { otp: { enabled: false } }),
    "_superusers: mfa off": update("_superusers", { mfa: { enabled: false } }),
    "_superusers: token duration": update("_superusers", { authToken: { duration: 3600 } }),
    "_superusers: no unique indexes": update("_superusers", { indexes: [] }),
    "users: view": view("users"),
    "users: rename": update("users", { name: "members" }),
    "users: under the id": view("_pb_users_auth_"),
    "users: rename back": update("_pb_users_auth_", { name: "users" }),
    "users: drop name and avatar": update("users", { fields: [] }),
    "users: with null fields": update("users", { fields: null }),
  });
}
