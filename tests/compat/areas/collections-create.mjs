// POST /api/collections: names, ids, types, flags, defaults, and bodies that cannot be read.

import { get, post } from "../lib/http.mjs";

const create = (body, rest) => post("/api/collections", body, rest);

export default async function (both) {
  // Defaults of each type, as created from as little as possible.
  for (const type of ["base", "auth"]) await both.same(`${type} with only a name`, create({ name: `min_${type}`, type }));
  await both.same("no type means base", create({ name: "untyped" }));
  await both.same("empty type means base", create({ name: "empty_type", type: "" }));
  await both.same("null type means base", create({ name: "null_type", type: null }));
  await both.same("view with only a name", create({ name: "min_view", type: "view" }));
  await both.same("unknown type", create({ name: "odd_type", type: "table" }));
  await both.same("type of the wrong case", create({ name: "case_type", type: "Base" }));

  const names = [
    "", " ", "a", "1", "_", "1abc", "_abc", "a_b", "a-b", "a b", "a.b", "ä", "日本", "a\n", "\u0000", "select", "TABLE",
    "users", "USERS", "_superusers", "_params", "_PARAMS", "_migrations", "_collections", "_logs", "sqlite_master",
    "x_via_y", "x_VIA_y", "_via_", "via", "x_viay", "a".repeat(255), "b".repeat(256), "é".repeat(130), "null", "true",
    "_pb_users_auth_", "pbc_3142635823", "data", "expand",
  ];
  for (const name of names) await both.same(`name ${JSON.stringify(name.slice(0, 20))} (${name.length})`, create({ name, fields: [] }));
  await both.same("sqlite_ name", create({ name: "sqlite_thing" }));
  await both.same("no name", create({}));
  await both.same("null name", create({ name: null }));

  // Ids.
  const ids = ["abc", "a", "A_b9", "a-b", "a b", "ä", "", null, "a".repeat(100), "a".repeat(101), "pbc_3142635823", "users"];
  for (const [i, id] of ids.entries()) {
    await both.same(`id ${JSON.stringify(id)?.slice(0, 30)} (${i})`, create({ id, name: `id_case_${i}` }));
  }
  await both.same("id that is taken by a name", create({ id: "id_case_0", name: "id_case_taken" }));
  await both.same("name that is another's id", create({ name: "abc" }));
  await both.same("a derived id that is taken gets a suffix, first", create({ id: "pbc_2109205374", name: "squatter" }));
  await both.same("a derived id that is taken gets a suffix, second", create({ name: "t1" }));

  // Flags, dates and keys of other types.
  await both.same("system collection by a client", create({ name: "sys_by_client", system: true, fields: [{ name: "t", type: "text" }] }));
  await both.same("created and updated are ignored", create({ name: "dated", created: "2001-02-03 04:05:06.000Z", updated: "2001-02-03 04:05:06.000Z" }));
  await both.same("unknown keys are ignored", create({ name: "unknown_keys", nonsense: 1, viewQuery: "select 1", authRule: "" }));
  await both.same("keys are case-insensitive", create({ Name: "cased_keys", LISTRULE: "", Fields: [{ Name: "t", TYPE: "text" }] }));
  await both.same("null lists", create({ name: "null_lists", fields: null, indexes: null }));
  await both.same("empty rules", create({ name: "empty_rules", listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "" }));
  await both.same("rules given as null", create({ name: "null_rules", listRule: null, viewRule: null }));

  // Strict decoding.
  const badTypes = {
    "name as a number": { name: 1 },
    "name as a list": { name: ["a"] },
    "listRule as a number": { name: "bad_t1", listRule: 1 },
    "listRule as a bool": { name: "bad_t2", listRule: false },
    "system as text": { name: "bad_t3", system: "true" },
    "fields as an object": { name: "bad_t4", fields: {} },
    "fields as text": { name: "bad_t5", fields: "x" },
    "fields of texts": { name: "bad_t6", fields: ["title"] },
    "fields of null": { name: "bad_t7", fields: [null] },
    "field without a type": { name: "bad_t8", fields: [{ name: "x" }] },
    "field of unknown type": { name: "bad_t9", fields: [{ name: "x", type: "money" }] },
    "field type of the wrong case": { name: "bad_t10", fields: [{ name: "x", type: "Text" }] },
    "geopoint in lower case": { name: "bad_t11", fields: [{ name: "x", type: "geopoint" }] },
    "option as text": { name: "bad_t12", fields: [{ name: "x", type: "text", max: "5" }] },
    "integer option as a fraction": { name: "bad_t13", fields: [{ name: "x", type: "text", max: 1.5 }] },
    "integer option as a whole float": { name: "bad_t14", fields: [{ name: "x", type: "text", max: 5.0 }] },
    "bool option as a number": { name: "bad_t15", fields: [{ name: "x", type: "text", required: 1 }] },
    "option as null": { name: "ok_t16", fields: [{ name: "x", type: "text", max: null, required: null, pattern: null }] },
    "indexes as text": { name: "bad_t17", indexes: "create index" },
    "indexes of numbers": { name: "bad_t18", indexes: [1] },
    "type as a number": { name: "bad_t19", type: 1 },
    "viewQuery as a number": { name: "bad_t20", type: "view", viewQuery: 1 },
    "huge integer option": { name: "bad_t21", fields: [{ name: "x", type: "text", max: 1e30 }] },
    "negative option": { name: "bad_t22", fields: [{ name: "x", type: "text", min: -1 }] },
  };
  for (const [name, body] of Object.entries(badTypes)) await both.same(name, create(body));

  const raws = {
    "no body": undefined,
    "empty body": "",
    "null": "null",
    "list": "[]",
    "text": '"x"',
    "number": "1",
    "malformed": '{"name":',
    "trailing garbage": '{"name":"trailing"} xyz',
    "two documents": '{"name":"first_doc"}{"name":"second_doc"}',
    "duplicate keys": '{"name":"dup_one","name":"dup_two"}',
    "invalid utf-8": Buffer.from([0x7b, 0x22, 0x6e, 0x61, 0x6d, 0x65, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d]),
    "byte order mark": '\ufeff{"name":"bom"}',
    "deep nesting": `{"name":"deep","x":${"[".repeat(11000)}${"]".repeat(11000)}}`,
    "moderate nesting": `{"name":"moderate","x":${"[".repeat(100)}${"]".repeat(100)}}`,
  };
  for (const [name, raw] of Object.entries(raws)) {
    await both.same(`body: ${name}`, { method: "POST", path: "/api/collections", raw, type: "application/json" });
  }

  const form = [["name", "by_form"], ["listRule", ""]];
  await both.same("urlencoded body", { method: "POST", path: "/api/collections", form });
  await both.same("multipart body", { method: "POST", path: "/api/collections", multipart: [["name", "by_multipart"]] });
  await both.same("multipart with a json payload", {
    method: "POST",
    path: "/api/collections",
    multipart: [["@jsonPayload", JSON.stringify({ name: "by_payload", fields: [{ name: "t", type: "text" }] })]],
  });
  for (const type of ["text/plain", "application/xml", "text/json", "application/json; charset=utf-8", "application/jsonx", ""]) {
    await both.same(`content type ${type || "(none)"}`, {
      method: "POST", path: "/api/collections", raw: JSON.stringify({ name: `ct_${type.replace(/\W/g, "_")}` }), type: type || undefined,
    });
  }

  // Who may.
  await both.same("guest", create({ name: "by_guest" }, { as: "guest" }));
  await both.same("guest with a malformed body", { method: "POST", path: "/api/collections", raw: "{", type: "application/json", as: "guest" });
  await both.same("fields picker on the answer", { ...create({ name: "picked" }), path: "/api/collections?fields=name,fields.name" });

  // What came of it all.
  await both.same("the list at the end", get("/api/collections?perPage=500&fields=id,name,type,system"));
  await both.same("content type APPLICATION/JSON", { method: "POST", path: "/api/collections", raw: '{"name":"upper_case_type"}', type: "APPLICATION/JSON" });
  await both.same("500 levels", { method: "POST", path: "/api/collections", raw: `{"name":"levels","x":${"[".repeat(500)}${"]".repeat(500)}}`, type: "application/json" });
}
