// Field lists and the options of every field type, valid and not.

import { get, post } from "../lib/http.mjs";

const MAX_SAFE = 9007199254740991;

/** Options per type; each row becomes a collection with one such field called `f`. */
const OPTIONS = {
  text: [
    {}, { min: 0 }, { min: 5 }, { min: 5, max: 5 }, { min: 6, max: 5 }, { min: -1 }, { max: -1 }, { max: MAX_SAFE }, { max: MAX_SAFE + 1 },
    { min: MAX_SAFE, max: 0 }, { min: MAX_SAFE + 1 }, { pattern: "^a+$" }, { pattern: "(" }, { pattern: "(?=a)" }, { pattern: "(a)\\1" }, { pattern: "[a-z" },
    { pattern: "\\p{L}+" }, { pattern: "(?i)abc" }, { pattern: "a{1001}" }, { pattern: "a{2,1}" }, { pattern: "\\d\\w\\s\\b" }, { pattern: "(?P<n>a)" },
    { pattern: "(?<n>a)" }, { pattern: "\\z" }, { pattern: "\\Z" }, { pattern: "a++" }, { pattern: "(?>a)" }, { pattern: "\\u0041" }, { pattern: "\\x41" },
    { autogeneratePattern: "[a-z]{10}" }, { autogeneratePattern: "(" }, { autogeneratePattern: "^a$" }, { autogeneratePattern: "a|b" },
    { autogeneratePattern: "\\d{3}-\\w+" }, { autogeneratePattern: "." }, { autogeneratePattern: "a*" }, { autogeneratePattern: "a?" }, { autogeneratePattern: "\\b" },
    { autogeneratePattern: "(?i)abc" }, { autogeneratePattern: "[^a]{5}" }, { autogeneratePattern: "(ab|cd){3}" }, { autogeneratePattern: "[a-z]{0}" },
    { autogeneratePattern: "[a-z]{5}", min: 6 }, { autogeneratePattern: "[a-z]{5}", max: 4 }, { autogeneratePattern: "[a-z]{5}", pattern: "^[0-9]+$" },
    { autogeneratePattern: "[a-z]{5}", pattern: "^[a-z]+$", min: 5, max: 5 }, { primaryKey: true }, { required: true }, { hidden: true }, { presentable: true },
    { help: "" }, { help: "x" }, { help: "x".repeat(300) }, { help: "x".repeat(301) }, { system: true }, { hidden: true, presentable: true, required: true },
  ],
  editor: [{}, { maxSize: 0 }, { maxSize: -1 }, { maxSize: 1 }, { maxSize: MAX_SAFE }, { maxSize: MAX_SAFE + 1 }, { convertURLs: true }],
  number: [
    {}, { min: null, max: null }, { min: 0 }, { min: 0, max: 0 }, { min: 1, max: 0 }, { min: -5, max: -1 }, { min: -1, max: -5 }, { min: 1.5 }, { onlyInt: true, min: 1.5 },
    { onlyInt: true, max: 1.5 }, { onlyInt: true, min: 1, max: 2 }, { onlyInt: true, min: 1.5, max: 0.5 }, { min: 1e300 }, { max: -1e300 }, { onlyInt: true },
  ],
  bool: [{}, { required: true }, { min: 1 }],
  email: [
    {}, { onlyDomains: [] }, { onlyDomains: null, exceptDomains: null }, { onlyDomains: ["a.com"] }, { exceptDomains: ["a.com", "b.org"] }, { onlyDomains: ["a.com"], exceptDomains: ["b.com"] },
    { onlyDomains: ["localhost"] }, { onlyDomains: ["*.a.com"] }, { onlyDomains: [""] }, { onlyDomains: ["a.com", "x y", "b.com"] }, { exceptDomains: ["http://a.com"] },
    { onlyDomains: ["A.COM"] }, { onlyDomains: ["ä.de"] }, { onlyDomains: ["a.b.c.d.example"] }, { onlyDomains: ["a_b.com"] }, { onlyDomains: ["-a.com"] }, { onlyDomains: ["a.com."] },
    { onlyDomains: ["a.c"] }, { onlyDomains: ["1.2.3.4"] }, { onlyDomains: ["a.com:80"] }, { onlyDomains: [], exceptDomains: ["a.com"] },
  ],
  url: [{}, { onlyDomains: ["a.com"] }, { exceptDomains: ["a.com"] }, { onlyDomains: ["a.com"], exceptDomains: ["b.com"] }, { onlyDomains: ["localhost"] }, { onlyDomains: ["a.com:80"] }],
  date: [
    {}, { min: "" }, { min: "2020-01-01 00:00:00.000Z" }, { max: "2020-01-01" }, { min: "2020-01-01T10:20:30+02:00" }, { min: "nonsense" }, { min: "2021-01-01", max: "2020-01-01" },
    { min: "2020-01-01 10:00:00.123456Z" }, { min: 5 }, { min: null },
  ],
  autodate: [{}, { onCreate: true }, { onUpdate: true }, { onCreate: true, onUpdate: true }, { onCreate: false, onUpdate: false }, { onCreate: true, required: true, help: "x" }, { onCreate: true, system: true }],
  select: [
    {}, { values: [] }, { values: null }, { values: ["a"] }, { values: ["a", "b"], maxSelect: 0 }, { values: ["a", "b"], maxSelect: 2 }, { values: ["a", "b"], maxSelect: 3 },
    { values: ["a"], maxSelect: -1 }, { values: ["a", "a"], maxSelect: 2 }, { values: ["", "a"] }, { values: ["a, b", "ä", "1", "true", " "] }, { maxSelect: 2 }, { values: ["a"], maxSelect: 1 },
    { values: "a" }, { values: [1] },
  ],
  json: [{}, { maxSize: 0 }, { maxSize: -1 }, { maxSize: 5 }, { maxSize: MAX_SAFE + 1 }],
  file: [
    {}, { maxSelect: -1 }, { maxSelect: 0 }, { maxSelect: 99 }, { maxSelect: MAX_SAFE + 1 }, { maxSize: -1 }, { maxSize: 1 }, { mimeTypes: [] }, { mimeTypes: ["image/png", "nonsense"] },
    { mimeTypes: null, thumbs: null }, { thumbs: [] }, { thumbs: ["10x10", "0x10", "10x0", "10x10t", "10x10b", "10x10f"] }, { thumbs: ["0x0"] }, { thumbs: ["10x10", "0x0t"] }, { thumbs: ["0x0f"] }, { thumbs: ["10"] },
    { thumbs: ["10x10z"] }, { thumbs: ["x"] }, { thumbs: [""] }, { thumbs: ["10x10", "10x10"] }, { protected: true },
  ],
  password: [
    {}, { min: 0 }, { min: 1 }, { min: 71 }, { min: 72 }, { min: -1 }, { max: 71 }, { max: 72 }, { min: 5, max: 4 }, { min: 5, max: 5 }, { cost: 3 }, { cost: 4 }, { cost: 31 }, { cost: 32 }, { cost: -1 }, { pattern: "(" },
    { pattern: "^\\d+$" },
  ],
  geoPoint: [{}, { required: true }],
};

const NAMES = [
  "", " ", "a", "1", "1a", "_", "_a", "a-b", "a b", "ä", "a.b", "null", "Null", "true", "false", "_rowid_", "rowid", "oid", "collectionId", "collectionid", "collectionName", "expand", "Expand",
  "created", "updated", "id", "ID", "select", "from", "x_via_y", "X_VIA_Y", "passwordConfirm", "oldPassword", "email", "password", "tokenKey", "a".repeat(100), "a".repeat(101), "é".repeat(51), null,
];

export default async function (both) {
  let n = 0;
  const create = (fields, rest) => post("/api/collections", { name: `c${++n}`, fields, ...rest });

  for (const [type, rows] of Object.entries(OPTIONS)) {
    for (const [i, options] of rows.entries()) {
      await both.same(`${type} ${i} ${JSON.stringify(options).slice(0, 60)}`, create([{ name: "f", type, ...options }]));
    }
  }

  for (const [i, name] of NAMES.entries()) {
    await both.same(`field name ${i} ${JSON.stringify(name)?.slice(0, 20)}`, create([{ name, type: "text" }]));
    await both.same(`field name in auth ${i} ${JSON.stringify(name)?.slice(0, 20)}`, create([{ name, type: "number" }], { type: "auth" }));
  }
  await both.same("no field name", create([{ type: "text" }]));

  // Ids of fields.
  const ids = ["", "x", "with space", "ä!", "a".repeat(100), "a".repeat(101), null, "text3208210256"];
  for (const [i, id] of ids.entries()) await both.same(`field id ${i} ${JSON.stringify(id).slice(0, 20)}`, create([{ id, name: "f", type: "text" }]));
  await both.same("a derived field id that is taken", create([{ id: "text724990059", name: "other", type: "text" }, { name: "title", type: "text" }]));

  // Several fields.
  const t = (name, rest) => ({ name, type: "text", ...rest });
  await both.sameAll({
    "same name twice": create([t("a"), t("a")]),
    "same name twice with ids": create([t("a", { id: "one" }), t("a", { id: "two" })]),
    "names differ in case": create([t("a"), t("A")]),
    "same id twice": create([t("a", { id: "same" }), t("b", { id: "same" })]),
    "same id three times": create([t("a", { id: "same" }), t("b", { id: "same" }), t("c", { id: "same" })]),
    "same name, other type": create([t("a"), { name: "a", type: "number" }]),
    "two broken fields": create([t("a", { min: -1 }), t("b b"), { name: "c", type: "select" }]),
    "two broken options of one field": create([t("a b", { min: -1, max: -1, pattern: "(" })]),
    "order is kept": create([t("z"), t("a"), t("m")]),
    "id last": create([t("z"), { name: "id", type: "text", system: true, primaryKey: true, required: true, pattern: "^[a-z0-9]+$", min: 15, max: 15, autogeneratePattern: "[a-z0-9]{15}" }]),
    "many fields": create(Array.from({ length: 60 }, (_, i) => t(`f${i}`))),
  });

  // The primary key.
  await both.sameAll({
    "id with only a name": create([{ name: "id", type: "text" }]),
    "id that is hidden": create([{ name: "id", type: "text", hidden: true }]),
    "id of another type": create([{ name: "id", type: "number" }]),
    "id with another pattern": create([{ name: "id", type: "text", pattern: "^[A-Z]+$", min: 3, max: 30, autogeneratePattern: "[A-Z]{10}" }]),
    "id with a bad pattern": create([{ name: "id", type: "text", pattern: "(" }]),
    "id with a generator that breaks its pattern": create([{ name: "id", type: "text", pattern: "^[A-Z]+$", autogeneratePattern: "[a-z]{10}" }]),
    "two primary keys": create([{ name: "id", type: "text", primaryKey: true }, t("other", { primaryKey: true })]),
    "primary key of another name": create([t("key", { primaryKey: true, required: true, pattern: "^a$" })]),
    "id with a foreign field id": create([{ id: "my_own_id", name: "id", type: "text" }]),
  });

  // The fields of auth collections.
  const auth = (fields) => create(fields, { type: "auth" });
  await both.sameAll({
    "auth: weaker password": auth([{ name: "password", type: "password", min: 3, hidden: false, required: false, system: false }]),
    "auth: password of another type": auth([{ name: "password", type: "text" }]),
    "auth: password of another type with an id": auth([{ id: "mine", name: "password", type: "text" }]),
    "auth: email not required": auth([{ name: "email", type: "email", required: false, hidden: true, onlyDomains: ["a.com"] }]),
    "auth: tokenKey without a generator": auth([{ name: "tokenKey", type: "text", autogeneratePattern: "", min: 0, max: 0 }]),
    "auth: verified required": auth([{ name: "verified", type: "bool", required: true, hidden: true }]),
    "auth: emailVisibility presentable": auth([{ name: "emailVisibility", type: "bool", presentable: true }]),
    "auth: verified as text": auth([{ name: "verified", type: "text" }]),
    "auth: name in another case": auth([{ name: "Email", type: "text" }]),
  });

  // Relations.
  const [made] = await both.same("a target for relations", post("/api/collections", { name: "target" }));
  const target = JSON.parse(made.text).id;
  await both.same("a view as target", post("/api/collections", { name: "target_view", type: "view", viewQuery: "select id from target" }));
  const relations = [
    {}, { collectionId: "" }, { collectionId: "nope" }, { collectionId: "target" }, { collectionId: target }, { collectionId: "_pb_users_auth_" }, { collectionId: "pbc_3142635823" },
    { collectionId: target, maxSelect: 0 }, { collectionId: target, maxSelect: 5 }, { collectionId: target, maxSelect: -1 }, { collectionId: target, minSelect: -1 },
    { collectionId: target, minSelect: 2 }, { collectionId: target, minSelect: 2, maxSelect: 1 }, { collectionId: target, minSelect: 2, maxSelect: 2 }, { collectionId: target, cascadeDelete: true, required: true },
    { collectionId: target, maxSelect: MAX_SAFE }, { collectionId: target, maxSelect: MAX_SAFE + 1 }, { collectionId: null }, { collectionId: 5 },
  ];
  for (const [i, options] of relations.entries()) {
    await both.same(`relation ${i} ${JSON.stringify(options)}`, create([{ name: "f", type: "relation", ...options }]));
  }
  const [view] = await both.same("the view's id", get("/api/collections/target_view?fields=id"));
  await both.same("relation to a view", create([{ name: "f", type: "relation", collectionId: JSON.parse(view.text).id }]));
  await both.same("relation to itself on create", post("/api/collections", { id: "self_id", name: "selfish", fields: [{ name: "f", type: "relation", collectionId: "self_id" }] }));
}
