// The comparison itself: a harness that sees no difference where there is one is worse than none.

import assert from "node:assert/strict";
import { test } from "node:test";
import { differences } from "./compare.mjs";
import { normalise } from "./normalise.mjs";

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
