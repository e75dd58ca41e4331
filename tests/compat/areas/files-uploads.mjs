// Uploads in every form a body may have, to fields of every kind, and what becomes of the files that are there already.

import { del, get, patch, post } from "../lib/http.mjs";
import { change, file, FILES, namesIn, png, upload } from "../lib/files.mjs";

const OPEN = { listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "" };
const R = "/api/collections/items/records";
const fileField = (name, rest) => ({ name, type: "file", maxSelect: 1, ...rest });

export default async function (both) {
  await both.setUp("set-up", post("/api/collections", {
    ...OPEN, name: "items",
    fields: [
      fileField("one"), fileField("many", { maxSelect: 3 }), fileField("small", { maxSelect: 2, maxSize: 10 }), fileField("pictures", { maxSelect: 2, mimeTypes: ["image/png"], thumbs: ["10x10"] }), fileField("secret", { hidden: true }),
      { name: "t", type: "text" }, { name: "n", type: "number" }, { name: "j", type: "json" }, { name: "s", type: "select", values: ["a", "b"], maxSelect: 2 }, { name: "b", type: "bool" },
    ],
  }));
  await both.setUp("set-up: required", post("/api/collections", { ...OPEN, name: "needy", fields: [fileField("one", { required: true }), fileField("many", { required: true, maxSelect: 2 })] }));

  // Creating, by one part or several.
  const a = (field, name = "a.txt", content) => file(field, name, content);
  const payload = (value) => ["@jsonPayload", typeof value === "string" ? value : JSON.stringify(value)];
  const created = {
    "one": [a("one")], "one, twice": [a("one"), a("one", "b.txt")], "many": [a("many"), a("many", "b.txt")], "many, too many": [..."abcd"].map((c) => a("many", `${c}.txt`)), "many+": [a("many+"), a("many+", "b.txt")], "+many": [a("+many"), a("+many", "b.txt")], "many and many+ and +many": [a("many+", "after.txt"), a("many", "plain.txt"), a("+many", "before.txt")],
    "one+": [a("one+")], "+one": [a("+one")], "one and one+": [a("one"), a("one+", "b.txt")], "one and +one": [a("one"), a("+one", "b.txt")], "many-": [a("many-")], "many+-": [a("many+-")], "+many+": [a("+many+")], "many[]": [a("many[]")], "many.0": [a("many.0")], "many[0]": [a("many[0]")],
    "two fields": [a("one"), a("many"), ["t", "x"]], "hidden field": [a("secret")], "unknown field": [a("nope")], "text field": [a("t")], "number field": [a("n", "5")], "json field": [a("j", "x.json", '{"a":1}')], "select field": [a("s", "a", "a")], "bool field": [a("b", "x", "true")], "id": [a("id", "x", "r00000000000009")], "in another case": [a("One")], "name with spaces": [a(" one ")],
    "text for a file": [["one", "x.txt"]], "empty text for a file": [["one", ""]], "text and a file": [["one", "x.txt"], a("one")], "file and a text": [a("one"), ["one", "x.txt"]], "texts and a file": [["many", "x.txt"], ["many", "y.txt"], a("many")], "empty text and a file": [["many", ""], a("many")], "json text and a file": [["many", "[]"], a("many")], "text with the sign and a file": [["many+", "x.txt"], a("many+")],
    "payload": [payload({ t: "x", n: 5 }), a("one")], "payload names the field": [payload({ many: ["x.txt"] }), a("many")], "payload empties the field": [payload({ many: [] }), a("many")], "payload has null": [payload({ many: null }), a("many")], "payload has a text": [payload({ one: "" }), a("one")], "payload has a number": [payload({ one: 5 }), a("one")], "payload has an object": [payload({ one: {} }), a("one")], "payload behind": [a("one"), payload({ t: "x" })], "broken payload": [payload("{"), a("one")], "payload as a file": [{ ...file("@jsonPayload", "x.json", '{"t":"x"}') }, a("one")], "payload with a sign": [payload({ "many+": ["x.txt"] }), a("many+")],
    "empty file": [a("one", "a.txt", "")], "empty file called nothing": [a("one", "", "")], "file called nothing": [a("one", "")], "several called nothing": [a("many", "", ""), a("many", "", "")],
    "at the limit": [a("small", "a.txt", "0123456789")], "above the limit": [a("small", "a.txt", "0123456789x")], "one of two above the limit": [a("small", "a.txt", "x"), a("small", "b.txt", "0123456789x")], "too many and too large": [a("small", "a.txt", "0123456789x"), a("small", "b.txt"), a("small", "c.txt")], "right type": [file("pictures", "a.txt", FILES.png, "text/plain")], "wrong type": [file("pictures", "a.png", "text", "image/png")], "one of two of the wrong type": [file("pictures", "a.png", FILES.png), file("pictures", "b.png", "text")],
    "several problems": [a("small", "a.txt", "0123456789x"), file("pictures", "a.png", "text"), ["t", "x"], ["s", "nope"]], "same name twice": [a("many"), a("many")], "5 MiB": [a("one", "a.bin", Buffer.alloc(5 << 20))], "above 5 MiB": [a("one", "a.bin", Buffer.alloc((5 << 20) + 1))], "a record id": [["id", "r00000000000001"], a("one")], "a taken record id": [["id", "r00000000000001"], a("one")], "a bad record id": [["id", "BAD"], a("one")], "the query": [a("one")],
  };
  for (const [name, parts] of Object.entries(created)) await both.same(`create: ${name}`, upload(name === "the query" ? `${R}?one=x.txt&t=query` : R, parts));
  for (const [name, body] of Object.entries({ "text": { one: "x.txt" }, "list": { many: ["x.txt"] }, "empty": { one: "" }, "null": { one: null }, "empty list": { many: [] }, "object": { one: {} }, "number": { one: 5 }, "true": { one: true }, "nested": { many: [["x"]] }, "data": { one: "data:text/plain;base64,eA==" }, "plus": { "one+": "x.txt" }, "plus in front": { "+many": ["x.txt"] }, "minus": { "many-": ["x.txt"] }, "many unknown": { many: [..."abcdef"] }, "path": { one: "../../x" }, "long": { one: "x".repeat(400) }, "wide": { one: "é".repeat(200) } })) {
    await both.same(`create by JSON: ${name}`, post(R, body));
  }
  await both.sameAll({
    "required: none": post("/api/collections/needy/records", {}),
    "required: one of two": upload("/api/collections/needy/records", [a("one")]),
    "required: both": upload("/api/collections/needy/records", [a("one"), a("many")]),
    "required: empty files": upload("/api/collections/needy/records", [a("one", "a.txt", ""), a("many", "a.txt", "")]),
    "required: with signs": upload("/api/collections/needy/records", [a("one+"), a("+many")]),
    "required: names only": upload("/api/collections/needy/records", [["one", "x"], ["many", "y"]]),
  });

  // Changing a record that has files: every time a new one.
  let count = 0;
  const changed = async (name, partsOf, { method = change, had = 2, random } = {}) => {
    const id = `c${String(++count).padStart(14, "0")}`;
    const made = await both.setUp(`update: ${name}: before`, upload(R, [["id", id], a("one", "one.txt"), ..."abc".slice(0, had).split("").map((c) => a("many", `${c.repeat(3)}.txt`))]));
    const had_ = { one: namesIn(made, "one"), many: namesIn(made, "many") };
    await both.same(`update: ${name}`, (i) => method(`${R}/${id}`, partsOf(had_.many[i], had_.one[i][0])), { random });
    await both.same(`update: ${name}: after`, get(`${R}/${id}`));
    for (const [field, index] of [["one", 0], ["many", 0], ["many", 1]]) {
      if (had_[field].every((names) => names[index])) await both.same(`update: ${name}: file ${field} ${index}`, (i) => get(`/api/files/items/${id}/${had_[field][i][index]}`), { content: "bytes" });
    }
  };
  const b = (field, name = "new.txt") => file(field, name, "new text");
  const forms = {
    "one": () => [b("one")], "one, twice": () => [b("one"), b("one", "newer.txt")], "one+": () => [b("one+")], "+one": () => [b("+one")], "one-": (_, one) => [["one-", one]], "one- unknown": () => [["one-", "x.txt"]], "one- and one": (_, one) => [["one-", one], b("one")], "one- and one+": (_, one) => [["one-", one], b("one+")], "one kept": (_, one) => [["one", one]], "one kept and new": (_, one) => [["one", one], b("one")], "one emptied": () => [["one", ""]], "one emptied and new": () => [["one", ""], b("one")], "one unknown": () => [["one", "x.txt"]],
    "many": () => [b("many")], "many+": () => [b("many+")], "+many": () => [b("+many")], "many+, too many": () => [b("many+"), b("many+", "newer.txt")], "many+ and +many, too many": () => [b("many+"), b("+many", "newer.txt")], "many kept": (many) => [["many", many[0]], ["many", many[1]]], "many kept in another order": (many) => [["many", many[1]], ["many", many[0]]], "many: one kept": (many) => [["many", many[1]]], "many: one kept and new": (many) => [["many", many[1]], b("many")], "many: new and one kept": (many) => [b("many"), ["many", many[1]]], "many: all kept and too many new": (many) => [["many", many[0]], ["many", many[1]], b("many"), b("many", "newer.txt")],
    "many: kept as JSON": (many) => [["many", JSON.stringify(many)]], "many: kept as JSON and new": (many) => [["many", JSON.stringify([many[0]])], b("many")], "many: kept twice": (many) => [["many", many[0]], ["many", many[0]]], "many: kept and unknown": (many) => [["many", many[0]], ["many", "x.txt"]], "many emptied": () => [["many", ""]], "many emptied twice": () => [["many", ""], ["many", ""]], "many emptied and new": () => [["many", ""], b("many")],
    "many-": (many) => [["many-", many[0]]], "many- both": (many) => [["many-", many[0]], ["many-", many[1]]], "many- as JSON": (many) => [["many-", JSON.stringify(many)]], "many- unknown": () => [["many-", "x.txt"]], "many- empty": () => [["many-", ""]], "many- and many+": (many) => [["many-", many[0]], b("many+")], "many- and +many": (many) => [["many-", many[0]], b("+many")], "many- and many": (many) => [["many-", many[0]], b("many")], "many- and many kept": (many) => [["many-", many[0]], ["many", many[0]], ["many", many[1]]], "many- as a file": () => [b("many-")],
    "many+ with a name that is there": (many) => [["many+", many[0]]], "+many with a name that is there": (many) => [["+many", many[1]]], "many+ with an unknown name": () => [["many+", "x.txt"]], "many+ with a name and a file": (many) => [["many+", many[0]], b("many+")], "many and many+": () => [b("many"), b("many+", "newer.txt")], "many and +many": () => [b("many"), b("+many", "newer.txt")], "names of the other field": (_, one) => [["many", one]], "names of the other field, swapped": (many, one) => [["many", one], ["one", many[0]]],
    "payload keeps": (many) => [payload({ many: [many[1]] }), b("many")], "payload empties": () => [payload({ many: [] }), b("many")], "payload null": () => [payload({ many: null }), b("many")], "payload removes": (many) => [payload({ "many-": many[0] }), b("many+")], "payload removes, file replaces": (many) => [payload({ "many-": many[0] }), b("many")], "payload keeps one": (_, one) => [payload({ one }), b("one")], "payload adds an unknown name": () => [payload({ "many+": "x" }), b("many+")], "payload removes a list": (many) => [payload({ "many-": many }), b("one")],
    "nothing": () => [], "other fields": () => [["t", "x"]], "empty part": () => [a("one", "", "")], "empty parts": () => [a("many", "", "")], "too large": () => [a("one", "a.bin", Buffer.alloc((5 << 20) + 1))], "another field fails": () => [["s", "nope"], b("one")], "the id changes": () => [["id", "another00000000"], b("one")],
  };
  for (const [name, parts] of Object.entries(forms)) await changed(name, parts);
  const json = {
    "empty text": () => ({ many: "", one: "" }), "null": () => ({ many: null, one: null }), "empty list": () => ({ many: [], one: [] }), "kept": (many, one) => ({ many, one }), "kept as a list": (_, one) => ({ one: [one] }), "other order": (many) => ({ many: [many[1], many[0]] }), "subset": (many) => ({ many: [many[1]] }), "text instead of a list": (many) => ({ many: many[1] }), "twice": (many) => ({ many: [many[0], many[0]] }), "unknown": () => ({ many: ["x.txt"] }), "kept and unknown": (many) => ({ many: [...many, "x.txt"] }), "with an empty one": (many) => ({ many: [many[0], "", null] }), "JSON in text": (many) => ({ many: JSON.stringify(many) }),
    "minus": (many) => ({ "many-": many[0] }), "minus list": (many) => ({ "many-": many }), "minus null": () => ({ "many-": null }), "plus unknown": () => ({ "many+": ["x.txt"] }), "plus known": (many) => ({ "many+": [many[0]] }), "plus in front, known": (many) => ({ "+many": [many[1]] }), "plus null": () => ({ "many+": null }), "plus empty": () => ({ "+many": [] }), "object": () => ({ many: {} }), "object of names": (many) => ({ many: { a: many[0] } }), "number": () => ({ many: 1 }), "true": () => ({ one: true }), "two names for one": (many, one) => ({ one: [one, "x"] }),
    "nothing": () => ({}), "hidden": () => ({ secret: "x" }),
  };
  for (const [name, body] of Object.entries(json)) await changed(`by JSON: ${name}`, body, { method: patch });
  for (const [name, body] of Object.entries({ "name of another case": (_, one) => ({ one: one.toUpperCase() }), "name with a path": (_, one) => ({ one: `x/${one}` }), "name with spaces": (_, one) => ({ one: ` ${one} ` }) })) {
    await changed(`by JSON: ${name}`, body, { method: patch, random: { "body.data.one.params.invalidFiles.0": /one_[a-z0-9]{10}.txt/i } });
  }
  await changed("more than fit by then", () => [b("many+"), b("many+")], { had: 3 });

  // Fields that change under the files they have, and files of records that go.
  const made = await both.setUp("schema: record", upload(R, [["id", "schema000000001"], a("one"), a("many"), a("many", "bbb.txt"), a("many", "ccc.txt")]));
  const many = namesIn(made, "many");
  const one = namesIn(made, "one");
  const fields = both.servers.map(() => undefined);
  for (const i of fields.keys()) fields[i] = JSON.parse((await both.sendTo(i, get("/api/collections/items"))).text).fields;
  const altered = (change) => (i) => patch("/api/collections/items?fields=name", { fields: fields[i].map((field) => ({ ...field, ...change[field.name] })) });
  await both.same("schema: fewer allowed", altered({ many: { maxSelect: 2 } }));
  await both.same("schema: fewer allowed: record", get(`${R}/schema000000001`));
  await both.same("schema: fewer allowed: other change", patch(`${R}/schema000000001`, { t: "x" }));
  await both.same("schema: fewer allowed: one away", (i) => patch(`${R}/schema000000001`, { "many-": many[i][0] }));
  await both.same("schema: single", altered({ many: { maxSelect: 1 } }));
  await both.same("schema: single: record", get(`${R}/schema000000001`));
  await both.same("schema: multiple", altered({ one: { maxSelect: 5 } }));
  await both.same("schema: multiple: record", get(`${R}/schema000000001`));
  await both.same("schema: multiple: file", (i) => get(`/api/files/items/schema000000001/${one[i][0]}`), { content: "bytes" });
  await both.same("schema: renamed", altered({ one: { name: "first", maxSelect: 1 } }));
  await both.same("schema: renamed: record", get(`${R}/schema000000001`));
  await both.same("schema: renamed: file", (i) => get(`/api/files/items/schema000000001/${one[i][0]}`), { content: "bytes" });
  await both.same("schema: other types accepted", altered({ one: { name: "first", mimeTypes: ["image/png"], maxSize: 1 } }));
  await both.same("schema: other types accepted: other change", patch(`${R}/schema000000001`, { t: "y" }));
  await both.same("schema: field away", (i) => patch("/api/collections/items?fields=name", { fields: fields[i].filter((field) => field.name !== "one") }));
  await both.same("schema: field away: record", get(`${R}/schema000000001`));
  await both.same("schema: field away: file", (i) => get(`/api/files/items/schema000000001/${one[i][0]}`), { content: "bytes" });
  await both.same("collection renamed", patch("/api/collections/items?fields=name", { name: "things" }));
  const path = (i, collection) => get(`/api/files/${collection}/schema000000001/${many[i].at(-1)}`);
  await both.same("collection renamed: file", (i) => path(i, "things"), { content: "bytes" });
  await both.same("collection renamed: file by the old name", (i) => path(i, "items"), { content: "bytes" });
  await both.same("record away", del("/api/collections/things/records/schema000000001"));
  await both.same("record away: file", (i) => path(i, "things"), { content: "bytes" });
  await both.same("collection away: record", upload("/api/collections/needy/records", [["id", "needy0000000001"], a("one"), file("many", "p.png", png(3, 3))]));
  await both.same("collection away: truncated", del("/api/collections/needy/truncate"));
  await both.same("collection away", del("/api/collections/needy"));
  await both.same("collection away: file", get("/api/files/needy/needy0000000001/x.txt"));
}
