// Index definitions: how they are read, stored, rebuilt and refused.

import { get, patch, post } from "../lib/http.mjs";

const COLUMNS = [{ name: "a", type: "text" }, { name: "b", type: "text" }, { name: "n", type: "number" }, { name: "from", type: "text" }];

/** `T` stands for the collection's name, `I` for a name of the index that is free. */
const DEFINITIONS = [
  "CREATE INDEX `I` ON `T` (`a`)",
  "create index I on T (a)",
  "CREATE INDEX I ON T(a)",
  "create   unique\n index I on T\n(a)",
  "CREATE INDEX IF NOT EXISTS I ON T (a)",
  "CREATE UNIQUE INDEX IF NOT EXISTS \"I\" ON \"T\" (\"a\", \"b\")",
  "CREATE INDEX [I] ON [T] ([a])",
  "CREATE INDEX 'I' ON 'T' ('a')",
  "CREATE INDEX main.I ON T (a)",
  "CREATE INDEX `main`.`I` ON T (a)",
  "CREATE INDEX I ON T (a DESC)",
  "CREATE INDEX I ON T (a asc, b desc)",
  "CREATE INDEX I ON T (a COLLATE NOCASE)",
  "CREATE INDEX I ON T (a collate nocase desc, b)",
  "CREATE INDEX I ON T (a COLLATE missing)",
  "CREATE INDEX I ON T (lower(a))",
  "CREATE INDEX I ON T (lower(a), b || 'x')",
  "CREATE INDEX I ON T (a || 'x')",
  "CREATE INDEX I ON T (a || b)",
  "CREATE INDEX I ON T (json_extract(a, '$.x'))",
  "CREATE INDEX I ON T (a) WHERE a != ''",
  "CREATE INDEX I ON T (a) where `b` = 'x' and n > 1",
  "CREATE INDEX I ON T (a) WHERE",
  "CREATE INDEX I ON T (a) WHERE nope = 1",
  "CREATE INDEX I ON T (a);",
  "CREATE INDEX I ON T (a) ; DROP TABLE victim",
  "  CREATE INDEX I ON T (a)  ",
  "CREATE INDEX I ON other_table (a)",
  "CREATE INDEX I ON users (a)",
  "CREATE INDEX I ON T (`from`)",
  "CREATE INDEX I ON T (from)",
  "CREATE INDEX I ON T (missing)",
  "CREATE INDEX I ON T (\"missing\")",
  "CREATE INDEX I ON T ()",
  "CREATE INDEX I ON T",
  "CREATE INDEX I ON T (a",
  "CREATE INDEX I ON T (a))",
  "CREATE INDEX I ON T (a,)",
  "CREATE INDEX I ON T (,a)",
  "CREATE INDEX I ON T (a, a)",
  "CREATE INDEX `I I` ON T (a)",
  "CREATE INDEX `I-x` ON T (a)",
  "CREATE INDEX `I``x` ON T (a)",
  "CREATE INDEX Iä ON T (a)",
  "CREATE INDEX sqlite_I ON T (a)",
  "CREATE TABLE I (a)",
  "DROP TABLE users",
  "SELECT 1",
  "",
  " ",
  "index",
  "CREATE INDEX I ON T (random())",
  "CREATE INDEX I ON T ((select 1))",
  "CREATE INDEX I ON T (a) -- comment",
  "CREATE /* x */ INDEX I ON T (a)",
  "CREATE INDEX I ON T (id)",
  "CREATE UNIQUE INDEX I ON T (id, a)",
  "CREATE INDEX I ON T (rowid)",
  "CREATE INDEX I ON T (created)",
];

export default async function (both) {
  for (const [i, definition] of DEFINITIONS.entries()) {
    const name = `t${i}x`;
    const index = definition.replace(/\bT\b/g, name).replace(/\bI(?=\b|ä|_)/g, `i${i}x`);
    await both.same(`${i} ${definition}`, post("/api/collections", { name, fields: COLUMNS, indexes: [index] }));
  }

  // On the reference this really drops the table, so nothing else may need it.
  await both.sameAll({
    "injection: victim": post("/api/collections", { name: "victim" }),
    "injection: drop": post("/api/collections", { name: "drop1", fields: COLUMNS, indexes: ["create index drop1_i on drop1 (a) where a = ''; drop table victim"] }),
    "injection: is it there": get("/api/collections/victim/records"),
  });

  const create = (name, indexes, rest) => post("/api/collections", { name, fields: COLUMNS, indexes, ...rest });
  const update = (name, body) => patch(`/api/collections/${name}`, body);
  await both.sameAll({
    "same name twice": create("p1", ["create index p1_i on p1 (a)", "create index P1_I on p1 (b)"]),
    "same definition, other name": create("p2", ["create index p2_i on p2 (a)", "create index p2_j on p2 (a)"]),
    "same definition, other spelling": create("p3", ["create index p3_i on p3 (a)", "CREATE  INDEX `p3_j` ON `p3` (`a`)"]),
    "with asc it is another one": create("p4", ["create index p4_i on p4 (a)", "create index p4_j on p4 (a asc)"]),
    "unique and not": create("p5", ["create index p5_i on p5 (a)", "create unique index p5_j on p5 (a)"]),
    "a name of another table": create("p6", ["create index p5_i on p6 (a)"]),
    "a name of another table in another case": create("p7", ["create index P5_I on p7 (a)"]),
    "the name of a table": create("p8", ["create index users on p8 (a)"]),
    "several broken ones": create("p9", ["create index p9_i on p9 (a)", "nonsense", "create index p9_j on p9 (missing)"]),
    "auth defaults": create("q1", [], { type: "auth" }),
    "auth with own ones": create("q2", ["create unique index q2_mail on q2 (email)", "create unique index q2_key on q2 (tokenKey)"], { type: "auth" }),
    "auth with one not unique": create("q3", ["create index q3_mail on q3 (email)"], { type: "auth" }),
    "auth with a compound one": create("q4", ["create unique index q4_mail on q4 (email, a)"], { type: "auth" }),
    "auth with nocase": create("q5", ["create unique index q5_mail on q5 (email collate nocase) where email != ''"], { type: "auth" }),
    "auth, long name": create(`q${"x".repeat(80)}`, [], { type: "auth" }),
    "view with indexes": post("/api/collections", { name: "q6", type: "view", viewQuery: "select id from users", indexes: ["create index q6_i on q6 (id)"] }),
  });

  // Updates.
  await both.sameAll({
    "u: create": create("u", ["create index u_a on u (a)", "create unique index u_b on u (b, n)", "create index u_w on u (n) where a != ''"]),
    "u: rename": update("u", { name: "renamed" }),
    "u: rename back": update("renamed", { name: "u" }),
    "u: replaced": update("u", { indexes: ["create index u_n on u (n)"] }),
    "u: null": update("u", { indexes: null }),
    "u: again": update("u", { indexes: ["create index u_a on u (a)"] }),
    "u: empty": update("u", { indexes: [] }),
    "u: again with another definition": update("u", { indexes: ["create index u_a on u (b)"] }),
    "u: dropping an indexed field": update("u", { fields: [COLUMNS[0]] }),
    "u: renaming an indexed field": update("u", { fields: [COLUMNS[0], { id: "text3973557690", name: "bee", type: "text" }] }),
    "u: field and index together": update("u", { fields: [COLUMNS[0]], indexes: ["create index u_a on u (a)"] }),
    "u: as it is now": get("/api/collections/u"),
    "u: one": post("/api/collections/u/records", { id: "r00000000000001", a: "same" }),
    "u: two": post("/api/collections/u/records", { id: "r00000000000002", a: "same" }),
    "u: unique over duplicates": update("u", { indexes: ["create unique index u_a on u (a)"] }),
    "u: still as it was": get("/api/collections/u"),
    "u: still writable": post("/api/collections/u/records", { id: "r00000000000003", a: "same" }),
  });

  // Unique constraints as the API reports them.
  await both.sameAll({
    "v: create": create("v", ["create unique index v_a on v (a) where a != ''", "create unique index v_bn on v (b, n)", "create unique index v_l on v (lower(`from`))"]),
    "v: first": post("/api/collections/v/records", { id: "r00000000000001", a: "x", b: "y", n: 1, from: "Z" }),
    "v: a": post("/api/collections/v/records", { a: "x", b: "1", from: "1" }),
    "v: empty a is free": post("/api/collections/v/records", { id: "r00000000000002", b: "2", from: "2" }),
    "v: b and n": post("/api/collections/v/records", { b: "y", n: 1, from: "3" }),
    "v: expression": post("/api/collections/v/records", { b: "4", from: "z" }),
    "v: update into a": patch("/api/collections/v/records/r00000000000002", { a: "x" }),
    "v: update to itself": patch("/api/collections/v/records/r00000000000001", { a: "x" }),
  });

  // Unique indexes over system fields.
  await both.sameAll({
    "w: create": post("/api/collections", { name: "w", type: "auth" }),
    "w: none": update("w", { indexes: [] }),
    "w: renamed indexes": update("w", { indexes: ["create unique index w_key on w (tokenKey)", "create unique index w_mail on w (email)"] }),
    "w: email no longer unique": update("w", { indexes: ["create unique index w_key on w (tokenKey)", "create index w_mail on w (email)"] }),
    "w: nocase": update("w", { indexes: ["create unique index w_key on w (tokenKey)", "create unique index w_mail on w (email collate nocase)"] }),
    "w: compound instead": update("w", { indexes: ["create unique index w_key on w (tokenKey)", "create unique index w_mail on w (email, verified)"] }),
    "origins without theirs": update("_authOrigins", { indexes: [] }),
    "origins reordered": update("_authOrigins", { indexes: ["create unique index x on _authOrigins (recordRef, collectionRef, fingerprint)"] }),
    "otps without theirs": update("_otps", { indexes: [] }),
  });
}
