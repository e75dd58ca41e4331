// Rules and filters that read file fields, of the body and of what is stored.

import { get, patch, post } from "../lib/http.mjs";
import { change, file, namesIn, upload } from "../lib/files.mjs";

const R = "/api/collections/items/records";

export default async function (both) {
  const fields = [{ name: "one", type: "file", maxSelect: 1 }, { name: "many", type: "file", maxSelect: 3 }, { name: "t", type: "text" }];
  await both.setUp("set-up", post("/api/collections", { name: "items", listRule: "", viewRule: "", createRule: "", updateRule: "", fields }));
  const guest = { as: "guest" };
  const bodies = {
    "nothing": [], "one": [file("one", "a.txt")], "many": [file("many", "a.txt"), file("many", "second.txt")], "many+": [file("many+", "needle.txt")], "+many": [file("+many", "needle.txt")], "both": [file("one", "needle.txt"), file("many", "second.txt")], "empty file": [file("one", "needle.txt", "")], "no name": [file("one", "")], "empty text": [["one", ""], ["many", ""]], "text": [["one", "x.txt"]], "texts": [["many", "x.txt"], ["many", "y.txt"]], "text and file": [["many", "x.txt"], file("many", "needle.txt")],
    "payload and file": [["@jsonPayload", '{"t":"x"}'], file("one", "needle.txt")], "payload list and file": [["@jsonPayload", '{"many":[]}'], file("many", "needle.txt")], "unknown": [file("nope", "needle.txt")],
  };
  const rules = [
    "@request.body.one:isset = true", "@request.body.one:isset = false", "@request.body.many:isset = true", "@request.body.nope:isset = true", "@request.body.one = ''", "@request.body.one != ''", "@request.body.one != null", "@request.body.one = 'a.txt'", "@request.body.one ~ 'needle'", "@request.body.one ~ '.txt'", "@request.body.one:length > 0", "@request.body.one:length = 1", "@request.body.many:length = 0", "@request.body.many:length = 1", "@request.body.many:length > 1", "@request.body.many:each ~ '.txt'", "@request.body.many:each ~ 'second'", "@request.body.many:each ?~ 'second'",
    "@request.body.many = ''", "@request.body.many != ''", "@request.body.many ~ 'needle'", "@request.body.many ?~ 'needle'", "@request.body.many.0 != ''", "@request.body.many.length = 1", "@request.body.one:changed = true", "@request.body.many:changed = true", "@request.body.one:changed = false", "@request.body.one:lower ~ 'needle'", "@request.body.nope != ''", "@request.body.one = one", "@request.body.many = many", "one != ''", "one ~ 'needle'", "one:length = 1", "many:length = 1", "many:length > 1", "many:each ~ 'second'", "many ~ 'needle'", "many != ''", "one:each != ''", "@request.body.one.size > 0", "@request.body.one.name ~ 'needle'",
  ];
  for (const rule of rules) {
    await both.same(`create: ${rule}`, patch("/api/collections/items?fields=createRule", { createRule: rule }));
    for (const [name, parts] of Object.entries(bodies)) await both.same(`create: ${rule}: ${name}`, upload(R, parts, guest));
  }
  let count = 0;
  for (const rule of rules) {
    await both.same(`update: ${rule}`, patch("/api/collections/items?fields=updateRule", { updateRule: rule }));
    const id = `u${String(++count).padStart(14, "0")}`;
    const made = await both.same(`update: ${rule}: record`, upload(R, [["id", id], file("one", "needle.txt"), file("many", "second.txt")]));
    if (made.some(({ status }) => status !== 200)) continue;
    const [one, many] = [namesIn(made, "one"), namesIn(made, "many")];
    const more = {
      "kept": (i) => [["one", one[i][0]], ["many", many[i][0]]], "one kept": (i) => [["one", one[i][0]]], "minus": (i) => [["many-", many[i][0]]], "kept and new": (i) => [["many", many[i][0]], file("many", "other.txt")],
    };
    // Refused or not: what is there decides about the next, so that the order matters.
    for (const [name, parts] of Object.entries(more)) await both.same(`update: ${rule}: ${name}`, (i) => change(`${R}/${id}`, parts(i), guest));
    for (const [name, parts] of Object.entries(bodies)) await both.same(`update: ${rule}: ${name}`, change(`${R}/${id}`, parts, guest));
  }

  // Filters, orders and what answers show.
  await both.setUp("open again", patch("/api/collections/items?fields=createRule", { createRule: "", updateRule: "" }));
  const filters = ["one = ''", "one != ''", "one ~ 'needle'", "one ~ '%.txt'", "one:length = 1", "one:each ~ 'needle'", "many = ''", "many = '[]'", "many:length = 2", "many:length > 0", "many:length = 0", "many ~ 'second'", "many:each ~ 'second'", "many:each ?~ 'second'", "many:each != ''", "many:each ?= ''", "one:lower ~ 'NEEDLE'", "many.0 ~ 'needle'", "one = many", "one = null", "many = null", "one:isset = true", "one > 'a'", "many:lower ~ 'needle'"];
  for (const filter of filters) await both.same(`filter: ${filter}`, get(`${R}?filter=${encodeURIComponent(filter)}&fields=totalItems&perPage=1`));
  for (const sort of ["one:length", "many", "one", "many:length", "many:each"]) await both.same(`sort: ${sort}`, get(`${R}?sort=${sort},id&perPage=3&fields=items.t,totalItems`));
  for (const picked of ["one", "many", "*", "one:excerpt(3)", "many:excerpt(3)", "items.one", "one.x", "collectionId,one"]) await both.same(`fields: ${picked}`, get(`${R}/u00000000000001?fields=${encodeURIComponent(picked)}`));

  // Views with columns of files.
  await both.setUp("view", post("/api/collections", { name: "seen", type: "view", listRule: "", viewRule: "", viewQuery: "select id, one, many, one as other, t from items" }));
  await both.setUp("view by a join", post("/api/collections", { name: "joined", type: "view", listRule: "", viewRule: "", viewQuery: "select (a.id || 'x') as id, b.many as files, upper(a.one) as shouted from items a join items b on b.id = a.id" }));
  const made = await both.setUp("view: record", upload(R, [["id", "view00000000001"], file("one", "needle.txt", "of one"), file("many", "second.txt", "of many"), file("many", "other.txt", "of many too")]));
  const [one, many] = [namesIn(made, "one"), namesIn(made, "many")];
  const from = (collection, id, name, query = "") => (i) => get(`/api/files/${collection}/${id}/${name[i][0]}${query}`, guest);
  await both.same("view: row", get("/api/collections/seen/records/view00000000001", guest));
  await both.same("view: joined row", get("/api/collections/joined/records/view00000000001x?fields=id,files", guest));
  const downloads = {
    "file": from("seen", "view00000000001", one), "second file": from("seen", "view00000000001", many), "by a join": from("joined", "view00000000001x", many), "by a join, id of the table": from("joined", "view00000000001", many), "not among the columns": from("joined", "view00000000001x", one), "unknown row": from("seen", "view00000000002", one), "download": from("seen", "view00000000001", one, "?download=1"),
  };
  for (const [name, request] of Object.entries(downloads)) await both.same(`view: ${name}`, request, { content: "bytes", headers: ["content-disposition"] });
  await both.same("view: protected at the table", patch("/api/collections/items?fields=name", { fields: fields.map((field) => ({ ...field, protected: field.type === "file" })), viewRule: null }));
  for (const [name, request] of Object.entries(downloads)) await both.same(`view: ${name}: protected`, request, { content: "bytes" });
  await both.same("view: uploads are refused", upload("/api/collections/seen/records", [file("one", "a.txt")]));
}
