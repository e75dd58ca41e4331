// The comparison itself: a harness that sees no difference where there is one is worse than none.

import assert from "node:assert/strict";
import { test } from "node:test";
import { differences } from "./compare.mjs";
import { Expressions, render, smaller } from "./expressions.mjs";
import { png } from "./files.mjs";
import { compareLists } from "./lists.mjs";
import { describePicture, normalise } from "./normalise.mjs";
import { smallest } from "./pair.mjs";
import { Random } from "./random.mjs";
import { recordsOf, WORLD } from "./world.mjs";

const answer = (body, status = 200, headers = {}) => ({ status, headers, text: typeof body === "string" ? body : JSON.stringify(body) });
const same = (a, b, sent = []) => differences(normalise(a, new Set(sent)), normalise(b, new Set(sent))).map(({ path }) => path);

test("values, types and missing keys differ", () => {
  assert.deepEqual(same(answer({ a: 1, b: [1, { c: null }] }), answer({ b: [1, { c: null }], a: 1 })), []);
  assert.deepEqual(same(answer({ a: 1 }), answer({ a: "1" })), ["body.a"]);
  assert.deepEqual(same(answer({ a: null }), answer({})), ["body.a"]);
  assert.deepEqual(same(answer({ a: [1, 2] }), answer({ a: [2, 1] })), ["body.a.0", "body.a.1"]);
  assert.deepEqual(same(answer({ a: {} }), answer({ a: [] })), ["body.a"]);
  assert.deepEqual(same(answer(""), answer({})), ["body"]);
  assert.deepEqual(same(answer({}, 200), answer({}, 204)), ["status"]);
  assert.deepEqual(same(answer({}, 200, { "content-type": "a" }), answer({}, 200, { "content-type": "b" })), ["headers.content-type"]);
});

test("generated ids and times are alike, chosen ones are not", () => {
  const [one, two] = [answer({ id: "abcdefghij12345" }), answer({ id: "54321abcdefghij" })];
  assert.deepEqual(same(one, two), []);
  assert.deepEqual(same(one, two, ["abcdefghij12345"]), ["body.id"]);
  const now = new Date().toISOString().replace("T", " ");
  assert.deepEqual(same(answer({ d: now }), answer({ d: now.replace(/\d{3}Z$/, "999Z") })), []);
  assert.deepEqual(same(answer({ d: now }), answer({ d: "2001-01-01 00:00:00.000Z" })), ["body.d"]);
  assert.deepEqual(same(answer({ d: now }), answer({ d: "" })), ["body.d"]);
});

test("messages of errors are alike, those of records are not", () => {
  const error = (message, code) => answer({ status: 400, message, data: { f: { code, message, params: { min: 1 } } } });
  assert.deepEqual(same(error("One.", "c"), error("Two.", "c")), []);
  assert.deepEqual(same(error("One.", "c"), error("One.", "d")), ["body.data.f.code"]);
  assert.deepEqual(same(answer({ message: "One." }), answer({ message: "Two." })), ["body.message"]);
});

test("tokens are compared by header, claims and time to live", () => {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const token = (claims, signature) => answer({ token: `${part({ alg: "HS256" })}.${part(claims)}.${signature}` });
  const exp = Math.floor(Date.now() / 1000) + 600;
  assert.deepEqual(same(token({ exp, type: "auth" }, "one"), token({ exp, type: "auth" }, "two")), []);
  assert.deepEqual(same(token({ exp, type: "auth" }, "one"), token({ exp, type: "file" }, "one")), ["body.token.jwt.claims.type"]);
  assert.deepEqual(same(token({ exp }, "one"), token({ exp: exp + 600 }, "one")), ["body.token.jwt.ttl"]);
});

const list = (ids, rest) => ({ status: 200, headers: {}, body: { items: ids.map((id) => ({ id })), page: 1, totalItems: ids.length, ...rest } });
const listPaths = (a, b, options) => compareLists(options)(a, b).map(({ path }) => path);

test("lists say what is there beyond and short of the reference", () => {
  assert.deepEqual(listPaths(list(["a", "b"]), list(["b", "a"])), []);
  assert.deepEqual(listPaths(list(["a", "b"]), list(["b", "a"]), { ordered: true }), ["order"]);
  assert.deepEqual(listPaths(list(["a"]), list(["a", "b"])), ["more"]);
  assert.deepEqual(listPaths(list(["a", "b"]), list(["b"])), ["fewer"]);
  assert.deepEqual(listPaths(list(["a"]), list(["b"])), ["more", "fewer"]);
  assert.deepEqual(listPaths(list(["a"]), list(["a"], { totalItems: 2 })), ["body.totalItems"]);
  assert.deepEqual(listPaths(list(["a"]), list(["a", "a"])), ["more"]);
  assert.deepEqual(listPaths(list(["a"]), { status: 400, body: {} }), ["refused"]);
  assert.deepEqual(listPaths({ status: 400, body: {} }, list(["a"])), ["status"]);
});

const ids = Object.fromEntries(Object.keys(WORLD).map((name) => [name, ["a00000000000000"]]));
const expressionOf = (seed) => {
  const random = new Random(seed);
  return new Expressions(random, { base: "posts", where: "rule", all: true, body: true, ids, records: {} }).expression();
};

test("a seed repeats what is random, another one does not", () => {
  assert.equal(render(expressionOf("1")), render(expressionOf("1")));
  assert.ok(new Set(Array.from({ length: 50 }, (_, i) => render(expressionOf(String(i))))).size > 45);
  assert.deepEqual(recordsOf("1"), recordsOf("1"));
});

test("an expression is made smaller down to what matters", async () => {
  const leaf = (text) => ({ text, tags: [] });
  const tree = { items: [leaf("a"), { items: [leaf("b"), { items: [leaf("bad"), leaf("c")], joins: ["||"] }], joins: ["&&"] }, leaf("d")], joins: ["||", "&&"] };
  assert.equal(render(tree), "a || (b && (bad || c)) && d");
  const found = await smallest(tree, smaller, async (part) => (render(part).includes("bad") ? [{ path: "more" }] : []));
  assert.equal(render(found.tree), "bad");
  const pair = await smallest(tree, smaller, async (part) => (/b .*c/.test(render(part)) ? [{ path: "more" }] : []));
  assert.equal(render(pair.tree), "b && c");
  assert.equal(await smallest(tree, smaller, async () => []), undefined);
});

test("stored names are alike but for what is random in them", () => {
  assert.deepEqual(same(answer({ f: "a_b_0123456789.txt" }), answer({ f: "a_b_abcdefghij.txt" })), []);
  assert.deepEqual(same(answer({ f: "a0123456789_0123456789.tar.gz" }), answer({ f: "aabcdefghij_abcdefghij.tar.gz" })), []);
  assert.deepEqual(same(answer({ f: "a_b_0123456789.txt" }), answer({ f: "a_c_0123456789.txt" })), ["body.f"]);
  assert.deepEqual(same(answer({ f: "a_b_0123456789.txt" }), answer({ f: "a_b_0123456789.png" })), ["body.f"]);
  assert.deepEqual(same(answer({ f: "aaa_0123456789.txt" }), answer({ f: "aaa_012345678.txt" })), ["body.f"]);
});

test("downloads are compared byte by byte, pictures by their size", () => {
  const download = (bytes) => ({ status: 200, headers: {}, text: "", bytes: Buffer.from(bytes) });
  const differ = (content, a, b) => differences(normalise(download(a), new Set(), [], content), normalise(download(b), new Set(), [], content)).length;
  assert.deepEqual([differ("bytes", "a\xff", "a\xff"), differ("bytes", "a\xff", "a\xfe")], [0, 1]);
  assert.deepEqual([differ("picture", png(3, 2), png(3, 2)), differ("picture", png(3, 2), png(2, 3)), differ("picture", png(3, 2), "x")], [0, 1, 1]);
  assert.equal(describePicture(png(30, 20)), "png 30x20");
});
