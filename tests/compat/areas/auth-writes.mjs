// Writing auth records as a guest, as oneself, as another, and as a superuser.

import { del, get, patch, post } from "../lib/http.mjs";

const PASSWORD = "12345678";
const OPEN = { listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "" };
const pair = (password, passwordConfirm = password) => ({ password, passwordConfirm });

export default async function (both) {
  await both.same("set-up", post("/api/collections", { ...OPEN, name: "people", type: "auth", authAlert: { enabled: false }, fields: [{ name: "name", type: "text" }, { name: "pin", type: "text", hidden: true }] }));
  const path = (id) => `/api/collections/people/records${id ? `/${id}` : ""}`;
  const bob = "bob000000000000";
  const ann = "ann000000000000";
  await both.same("ann", post(path(), { id: ann, email: "ann@t.io", emailVisibility: true, verified: true, name: "Ann", ...pair(PASSWORD) }));
  await both.same("bob", post(path(), { id: bob, email: "bob@t.io", name: "Bob", ...pair(PASSWORD) }));
  const signIn = async () => {
    await both.signIn("ann", "people", "ann@t.io", PASSWORD);
    await both.signIn("bob", "people", "bob@t.io", PASSWORD);
  };
  await signIn();

  // Who sees which address.
  for (const as of ["guest", "ann", "superuser"]) {
    await both.same(`list as ${as}`, get(`${path()}?sort=@rowid`, { as }));
    await both.same(`bob as ${as}`, get(path(bob), { as }));
    await both.same(`ann as ${as}`, get(path(ann), { as }));
    await both.same(`fields as ${as}`, get(`${path(bob)}?fields=email,id,password,tokenKey`, { as }));
  }

  // Sign-up.
  let n = 0;
  const email = () => `n${++n}@t.io`;
  const creates = {
    "nothing": {},
    "only an address": { email: email() },
    "only a password": { password: PASSWORD },
    "no confirmation": { email: email(), password: PASSWORD },
    "wrong confirmation": { email: email(), ...pair(PASSWORD, "87654321") },
    "confirmation only": { email: email(), passwordConfirm: PASSWORD },
    "short": { email: email(), ...pair("1234567") },
    "short and confirmed wrongly": { email: email(), ...pair("1", "2") },
    "longest": { email: email(), ...pair("x".repeat(71)) },
    "too long": { email: email(), ...pair("x".repeat(72)) },
    "long in bytes": { email: email(), ...pair("é".repeat(40)) },
    "blank": { email: email(), ...pair(" ".repeat(8)) },
    "number password": { email: email(), ...pair(12345678) },
    "number and text": { email: email(), ...pair(12345678, "12345678") },
    "null password": { email: email(), ...pair(null) },
    "list password": { email: email(), ...pair(["12345678"]) },
    "no address": pair(PASSWORD),
    "empty address": { email: "", ...pair(PASSWORD) },
    "bad address": { email: "x", ...pair(PASSWORD) },
    "taken address": { email: "ann@t.io", ...pair(PASSWORD) },
    "taken address in another case": { email: "Ann@t.io", ...pair(PASSWORD) },
    "verified": { email: email(), verified: true, ...pair(PASSWORD) },
    "verified as text": { email: email(), verified: "true", ...pair(PASSWORD) },
    "verified false": { email: email(), verified: false, ...pair(PASSWORD) },
    "verified null": { email: email(), verified: null, ...pair(PASSWORD) },
    "visible": { email: email(), emailVisibility: true, ...pair(PASSWORD) },
    "old password": { email: email(), oldPassword: "x", ...pair(PASSWORD) },
    "tokenKey": { email: email(), tokenKey: "x".repeat(40), ...pair(PASSWORD) },
    "short tokenKey": { email: email(), tokenKey: "x", ...pair(PASSWORD) },
    "hidden field": { email: email(), pin: "1", ...pair(PASSWORD) },
    "everything wrong": { id: "X", email: "x", verified: true, ...pair("1", "2") },
    "id of another collection's record": { id: "sharedid0000001", email: email(), ...pair(PASSWORD) },
  };
  await both.same("an account elsewhere", post("/api/collections/users/records", { id: "sharedid0000001", email: "shared@t.io", ...pair(PASSWORD) }));
  for (const as of ["guest", "ann", "superuser"]) {
    for (const [name, body] of Object.entries(creates)) {
      const unique = body.email?.startsWith("n") ? { ...body, email: email() } : body;
      await both.same(`create as ${as}: ${name}`, post(path(), unique, { as }));
    }
  }

  // The same as forms, where a password of digits arrives as a number.
  const formPairs = (address, password) => [["email", address], ["password", password], ["passwordConfirm", password]];
  for (const kind of ["form", "multipart"]) {
    for (const password of ["12345678", "-1234.5678", "truetrue", "1234567.0", "00001234"]) {
      const address = email();
      await both.same(`${kind}: create with ${password}`, { method: "POST", path: path(), [kind]: formPairs(address, password), as: "guest" });
      await both.same(`${kind}: sign in with ${password}`, { method: "POST", path: "/api/collections/people/auth-with-password", [kind]: [["identity", address], ["password", password]], as: "guest" });
      await both.same(`${kind}: sign in by JSON with ${password}`, post("/api/collections/people/auth-with-password", { identity: address, password }));
    }
  }

  // Changes. Those that end a session come last and sign in again.
  const updates = {
    "nothing": {},
    "name": { name: "Bobby" },
    "other address": { email: "b2@t.io" },
    "same address": { email: "bob@t.io", verified: false },
    "address in another case": { email: "BOB@t.io" },
    "empty address": { email: "" },
    "verified": { verified: true },
    "visibility": { emailVisibility: true },
    "visibility back": { emailVisibility: false },
    "password without the old one": pair("87654321"),
    "wrong old password": { ...pair("87654321"), oldPassword: "x" },
    "wrong confirmation": { ...pair("87654321", "zzzzzzzz"), oldPassword: PASSWORD },
    "no confirmation": { password: "87654321", oldPassword: PASSWORD },
    "old password alone": { oldPassword: PASSWORD },
    "wrong old password alone": { oldPassword: "x" },
    "empty old password alone": { oldPassword: "" },
    "confirmation alone": { passwordConfirm: "87654321" },
    "empty password": { password: "", passwordConfirm: "", oldPassword: PASSWORD },
    "empty password alone": { password: "" },
    "null password": { password: null, passwordConfirm: null },
    "short password": { ...pair("1"), oldPassword: PASSWORD },
    "hidden fields": { tokenKey: "x".repeat(40), pin: "q" },
    "empty tokenKey": { tokenKey: "" },
    "short tokenKey": { tokenKey: "x" },
    "id": { id: "other0000000000" },
    "several": { email: "x", verified: true, oldPassword: "x", password: "1" },
  };
  for (const as of ["bob", "ann", "guest"]) {
    for (const [name, body] of Object.entries(updates)) await both.same(`update bob as ${as}: ${name}`, patch(path(bob), body, { as }));
  }
  await both.sameAll({
    "bob as he is": get(path(bob)),
    "bob's session lives": post("/api/collections/people/auth-refresh", undefined, { as: "bob" }),
    "bob changes his password": patch(path(bob), { ...pair("87654321"), oldPassword: PASSWORD }, { as: "bob" }),
    "bob's session is over": post("/api/collections/people/auth-refresh", undefined, { as: "bob" }),
    "the old password is": post("/api/collections/people/auth-with-password", { identity: "bob@t.io", password: PASSWORD }),
    "the new one works": post("/api/collections/people/auth-with-password", { identity: "bob@t.io", password: "87654321" }),
    "bob is back": patch(path(bob), pair(PASSWORD)),
  });
  for (const [name, body] of Object.entries(updates)) await both.same(`update bob as superuser: ${name}`, patch(path(bob), body));
  await both.sameAll({
    "bob after the superuser": get(path(bob)),
    "password as a superuser": patch(path(bob), { ...pair("87654321"), email: "b3@t.io", verified: true }),
    "password as a superuser without confirmation": patch(path(bob), { password: "87654321" }),
    "password as a superuser with a wrong old one": patch(path(bob), { ...pair(PASSWORD), oldPassword: "x" }),
  });

  // An account whose address is not required.
  await both.sameAll({
    "no address: set-up": post("/api/collections", { ...OPEN, name: "anon", type: "auth", fields: [{ name: "email", type: "email", required: false }] }),
    "no address: one": post("/api/collections/anon/records", pair(PASSWORD)),
    "no address: two": post("/api/collections/anon/records", pair(PASSWORD)),
    "no address: empty identity": post("/api/collections/anon/auth-with-password", { identity: "", password: PASSWORD }),
  });

  // Password fields with options of their own.
  await both.sameAll({
    "options: set-up": post("/api/collections", { ...OPEN, name: "strict", type: "auth", fields: [{ name: "password", type: "password", min: 10, max: 20, pattern: "^[a-z]+$", cost: 4 }] }),
    "options: short": post("/api/collections/strict/records", { email: "a@t.io", ...pair("abcdefghi") }),
    "options: long": post("/api/collections/strict/records", { email: "a@t.io", ...pair("a".repeat(21)) }),
    "options: pattern": post("/api/collections/strict/records", { email: "a@t.io", ...pair("ABCDEFGHIJK") }),
    "options: good": post("/api/collections/strict/records", { email: "a@t.io", ...pair("abcdefghijk") }),
    "options: sign in": post("/api/collections/strict/auth-with-password", { identity: "a@t.io", password: "abcdefghijk" }),
  });

  // Superusers.
  const su = (id) => `/api/collections/_superusers/records${id ? `/${id}` : ""}`;
  await both.sameAll({
    "superusers: by a guest": post(su(), { email: "s@t.io", ...pair(PASSWORD) }, { as: "guest" }),
    "superusers: by ann": post(su(), { email: "s@t.io", ...pair(PASSWORD) }, { as: "ann" }),
    "superusers: create": post(su(), { id: "su0000000000001", email: "s@t.io", ...pair(PASSWORD) }),
    "superusers: not verified": post(su(), { id: "su0000000000002", email: "s2@t.io", verified: false, ...pair(PASSWORD) }),
    "superusers: unverify": patch(su("su0000000000001"), { verified: false }),
    "superusers: no confirmation": patch(su("su0000000000001"), { password: "87654321" }),
    "superusers: list": get(`${su()}?sort=email&fields=email,verified,emailVisibility`),
    "superusers: delete": del(su("su0000000000001")),
    "superusers: delete by ann": del(su("su0000000000002"), { as: "ann" }),
  });
}
