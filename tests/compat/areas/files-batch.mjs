// Batches with files, whose parts say which item they belong to.

import { get, patch, post } from "../lib/http.mjs";
import { differences } from "../lib/compare.mjs";
import { file, namesIn, upload } from "../lib/files.mjs";

const R = "/api/collections/items/records";

/** In batches the reference makes a name of a name: what it adds twice is added once. */
const once = (answer) => JSON.parse(JSON.stringify(answer).replace(/([a-z0-9]{0,}_)[a-z0-9]{10}_<random>/g, "$1<random>"));
const compare = (expected, got) => differences(once(expected), once(got));

export default async function (both) {
  await both.setUp("on", patch("/api/settings?fields=batch", { batch: { enabled: true, maxRequests: 20 } }));
  await both.setUp("set-up", post("/api/collections", { name: "items", listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "", fields: [{ name: "one", type: "file", maxSelect: 1, maxSize: 100 }, { name: "many", type: "file", maxSelect: 3 }, { name: "t", type: "text" }] }));
  const item = (method, url, body) => ({ method, url, body });
  const batch = (requests, parts, rest) => ({ method: "POST", path: "/api/batch", multipart: [["@jsonPayload", JSON.stringify({ requests })], ...parts], ...rest });
  const creates = (count) => Array.from({ length: count }, (_, i) => item("POST", R, { t: `${i}` }));

  const keys = {
    "dots": "requests.0.one", "brackets": "requests[0].one", "brackets twice": "requests[0][one]", "dots, plus": "requests.0.many+", "brackets, plus": "requests[0].many+", "dots, plus in front": "requests.0.+many", "brackets, plus in front": "requests[0].+many", "dots, minus": "requests.0.many-", "another item": "requests.1.one", "no such item": "requests.7.one", "negative": "requests.-1.one", "leading zero": "requests.00.one", "not a number": "requests.x.one", "no item": "requests.one", "no field": "requests.0", "empty field": "requests.0.", "empty index": "requests..one", "body": "requests.0.body.one", "nested": "requests.0.one.0", "unknown field": "requests.0.nope", "text field": "requests.0.t", "capitals": "Requests.0.one", "blank": " requests.0.one", "only the field": "one", "brackets without a dot": "requests[0]one", "unclosed bracket": "requests[0.one", "huge": "requests.99999999999999999999.one", "mixed": "requests.0[one]", "other word": "items.0.one",
  };
  for (const [name, key] of Object.entries(keys)) {
    await both.same(`key: ${name}`, batch(creates(2), [file(key, "aaa.txt", "content")]), { compare });
    await both.same(`key: ${name}, text`, batch(creates(2), [[key, "text"]]), { compare });
  }
  await both.sameAll({
    "two items": batch(creates(2), [file("requests.0.one", "aaa.txt"), file("requests.1.one", "bbb.txt")]),
    "both forms for one item": batch(creates(1), [file("requests.0.many", "aaa.txt"), file("requests[0].many", "bbb.txt")]),
    "several files for one item": batch(creates(1), [file("requests.0.many", "aaa.txt"), file("requests.0.many", "bbb.txt"), file("requests.0.many+", "ccc.txt")]),
    "too many": batch(creates(2), "abcd".split("").map((c) => file("requests.1.many", `${c}.txt`))),
    "too large": batch(creates(2), [file("requests.0.one", "aaa.txt"), file("requests.1.one", "bbb.txt", "x".repeat(101))]),
    "names in the body": batch([item("POST", R, { many: ["x.txt"] })], [file("requests.0.many", "aaa.txt")]),
    "empty list in the body": batch([item("POST", R, { many: [] })], [file("requests.0.many", "aaa.txt")]),
    "null in the body": batch([item("POST", R, { one: null })], [file("requests.0.one", "aaa.txt")]),
    "no body": batch([{ method: "POST", url: R }], [file("requests.0.one", "aaa.txt")]),
    "a file nobody chose": batch(creates(1), [file("requests.0.one", "", "")]),
    "an empty file": batch(creates(1), [file("requests.0.one", "aaa.txt", "")]),
    "the payload behind": { method: "POST", path: "/api/batch", multipart: [file("requests.0.one", "aaa.txt"), ["@jsonPayload", JSON.stringify({ requests: creates(1) })]] },
    "no payload": { method: "POST", path: "/api/batch", multipart: [file("requests.0.one", "aaa.txt")] },
    "two payloads": batch(creates(1), [["@jsonPayload", JSON.stringify({ requests: creates(2) })], file("requests.1.one", "aaa.txt")]),
    "for a deletion": batch([item("POST", R, { id: "gone00000000001" }), item("DELETE", `${R}/gone00000000001`)], [file("requests.1.one", "aaa.txt"), file("requests.0.one", "aaa.txt")]),
    "for another collection's field": batch([item("POST", "/api/collections/users/records", { email: "a@b.cc", password: "password 1", passwordConfirm: "password 1" })], [file("requests.0.avatar", "a.png", "no picture")]),
    "for an unknown collection": batch([item("POST", "/api/collections/nope/records", {})], [file("requests.0.one", "a.txt")]),
  }, { compare });

  const made = await both.setUp("record", upload(R, [["id", "batch0000000001"], file("one", "one.txt"), file("many", "aaa.txt"), file("many", "bbb.txt")]));
  const many = namesIn(made, "many");
  const record = `${R}/batch0000000001`;
  const updates = {
    "append": () => batch([item("PATCH", record, {})], [file("requests.0.many+", "ccc.txt")]),
    "one too many": () => batch([item("PATCH", record, {})], [file("requests.0.many+", "ddd.txt")]),
    "remove and append": (i) => batch([item("PATCH", record, { "many-": many[i][0] })], [file("requests.0.many+", "eee.txt")]),
    "keep and add": (i) => batch([item("PATCH", record, { many: [many[i][1]] })], [file("requests.0.many", "fff.txt")]),
    "replace": () => batch([item("PATCH", record, {})], [file("requests.0.many", "ggg.txt")]),
    "put what is there": () => batch([item("PUT", R, { id: "batch0000000001" })], [file("requests.0.one", "hhh.txt")]),
    "put what is not there": () => batch([item("PUT", R, { id: "batch0000000002" })], [file("requests.0.one", "iii.txt")]),
    "twice the same record": () => batch([item("PATCH", record, {}), item("PATCH", record, {})], [file("requests.0.one", "jjj.txt"), file("requests.1.one", "kkk.txt")]),
    "create, then change": () => batch([item("POST", R, { id: "batch0000000003" }), item("PATCH", `${R}/batch0000000003`, {})], [file("requests.0.many", "lll.txt"), file("requests.1.many+", "mmm.txt")]),
    "create, then take away": () => batch([item("POST", R, { id: "batch0000000004" }), item("PATCH", `${R}/batch0000000004`, { many: [] })], [file("requests.0.many", "nnn.txt")]),
    "the last fails": () => batch([item("PATCH", record, {}), item("POST", R, { id: "BAD" })], [file("requests.0.one", "ooo.txt"), file("requests.1.one", "ppp.txt")]),
    "the first fails": () => batch([item("POST", R, { id: "BAD" }), item("PATCH", record, {})], [file("requests.0.one", "qqq.txt"), file("requests.1.one", "rrr.txt")]),
  };
  for (const [name, request] of Object.entries(updates)) {
    await both.same(`update: ${name}`, request, { compare });
    await both.same(`update: ${name}: after`, get(record), { compare });
  }
  await both.setUp("rules", patch("/api/collections/items?fields=name", { createRule: "@request.body.one:isset = true && @request.body.many:length < 2" }));
  await both.sameAll({
    "rule: with": batch(creates(1), [file("requests.0.one", "aaa.txt")], { as: "guest" }),
    "rule: without": batch(creates(1), [], { as: "guest" }),
    "rule: one of two": batch(creates(2), [file("requests.0.one", "aaa.txt")], { as: "guest" }),
    "rule: too many": batch(creates(1), [file("requests.0.one", "aaa.txt"), file("requests.0.many", "aaa.txt"), file("requests.0.many", "bbb.txt")], { as: "guest" }),
    "what is there": get(`${R}?fields=totalItems`),
  }, { compare });
}
