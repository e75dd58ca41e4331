// Signing in with a password, refreshing, the methods on offer, and what tokens are worth.

import { get, patch, post } from "../lib/http.mjs";
import { signToken } from "../lib/tokens.mjs";

const PASSWORD = "12345678";
const OPEN = { listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "" };

/** The parts of a signing key, as set through the API. */
const TOKEN_KEY = "k".repeat(50);
const SECRET = "s".repeat(50);
const sign = (claims, options) => signToken(claims, { key: TOKEN_KEY + SECRET, ...options });

export default async function (both) {
  const auth = (collection, body, rest) => post(`/api/collections/${collection}/auth-with-password`, body, { as: "guest", ...rest });
  const account = (id, rest) => post("/api/collections/people/records", { id, password: PASSWORD, passwordConfirm: PASSWORD, ...rest });

  const [made] = await both.same("set-up", post("/api/collections", {
    ...OPEN, name: "people", type: "auth", authAlert: { enabled: false }, authToken: { secret: SECRET, duration: 1000 },
    fields: [{ name: "nick", type: "text" }, { name: "code", type: "number" }, { name: "hid", type: "text", hidden: true }],
    indexes: ["create unique index people_nick on people (nick collate nocase) where nick != ''", "create unique index people_code on people (code) where code != 0"],
    passwordAuth: { enabled: true, identityFields: ["nick", "email", "code"] },
  }));
  const collectionId = JSON.parse(made.text).id;
  const ann = "ann000000000000";
  await both.sameAll({
    "ann": account(ann, { email: "ann@t.io", nick: "Ann", tokenKey: TOKEN_KEY, hid: "h", code: 42 }),
    "bob": account("bob000000000000", { email: "bob@t.io", nick: "bob", verified: true, emailVisibility: true }),
    "a nick like an address": account("eve000000000000", { email: "eve@t.io", nick: "ann@t.io" }),
    "other": post("/api/collections", { ...OPEN, name: "other", type: "auth", authAlert: { enabled: false } }),
    "other account": post("/api/collections/other/records", { id: "oth000000000000", email: "oth@t.io", password: PASSWORD, passwordConfirm: PASSWORD }),
    "off": post("/api/collections", { name: "off", type: "auth", passwordAuth: { enabled: false } }),
    "nobody": post("/api/collections", { ...OPEN, name: "nobody", type: "auth", authRule: null, authAlert: { enabled: false } }),
    "nobody account": post("/api/collections/nobody/records", { email: "no@t.io", password: PASSWORD, passwordConfirm: PASSWORD }),
    "base": post("/api/collections", { ...OPEN, name: "base" }),
  });

  // Credentials.
  const bodies = {
    "by address": { identity: "ann@t.io", password: PASSWORD },
    "address in another case": { identity: "ANN@t.io", password: PASSWORD },
    "by nick": { identity: "Ann", password: PASSWORD },
    "nick in another case": { identity: "aNN", password: PASSWORD },
    "nick in another case, without nocase for bob": { identity: "BOB", password: PASSWORD },
    "by number": { identity: "42", password: PASSWORD },
    "by number as a number": { identity: 42, password: PASSWORD },
    "by id": { identity: ann, password: PASSWORD },
    "only nick": { identity: "Ann", password: PASSWORD, identityField: "nick" },
    "only email": { identity: "Ann", password: PASSWORD, identityField: "email" },
    "nick that looks like an address": { identity: "ann@t.io", password: PASSWORD, identityField: "nick" },
    "unknown field": { identity: "Ann", password: PASSWORD, identityField: "nope" },
    "field in another case": { identity: "Ann", password: PASSWORD, identityField: "NICK" },
    "empty field": { identity: "Ann", password: PASSWORD, identityField: "" },
    "wrong password": { identity: "ann@t.io", password: "wrong" },
    "password in another case": { identity: "ann@t.io", password: "12345678 " },
    "unknown": { identity: "nobody@t.io", password: PASSWORD },
    "blank": { identity: " ", password: " " },
    "padded": { identity: " ann@t.io ", password: PASSWORD },
    "empty": { identity: "", password: "" },
    "nothing": {},
    "only identity": { identity: "ann@t.io" },
    "only password": { password: PASSWORD },
    "null": { identity: null, password: null },
    "lists": { identity: ["ann@t.io"], password: [PASSWORD] },
    "number password": { identity: "ann@t.io", password: 12345678 },
    "long identity": { identity: "x".repeat(256), password: PASSWORD },
    "long identity at the limit": { identity: "x".repeat(255), password: PASSWORD },
    "long password": { identity: "ann@t.io", password: "x".repeat(256) },
    "long password at the limit": { identity: "ann@t.io", password: "x".repeat(255) },
    "wide identity": { identity: "é".repeat(200), password: PASSWORD },
    "unknown keys": { identity: "ann@t.io", password: PASSWORD, extra: 1 },
    "injection": { identity: "' or 1=1 --", password: PASSWORD },
    "nul": { identity: "ann@t.io\u0000", password: `${PASSWORD}\u0000` },
  };
  for (const [name, body] of Object.entries(bodies)) await both.same(name, auth("people", body));
  const good = { identity: "ann@t.io", password: PASSWORD };
  await both.sameAll({
    "form": { method: "POST", path: "/api/collections/people/auth-with-password", form: Object.entries(good), as: "guest" },
    "multipart": { method: "POST", path: "/api/collections/people/auth-with-password", multipart: Object.entries(good), as: "guest" },
    "payload": { method: "POST", path: "/api/collections/people/auth-with-password", form: [["@jsonPayload", JSON.stringify(good)]], as: "guest" },
    "malformed": { method: "POST", path: "/api/collections/people/auth-with-password", raw: "{", type: "application/json", as: "guest" },
    "list": { method: "POST", path: "/api/collections/people/auth-with-password", raw: "[]", type: "application/json", as: "guest" },
    "text": { method: "POST", path: "/api/collections/people/auth-with-password", raw: "x", type: "text/plain", as: "guest" },
    "no body": { method: "POST", path: "/api/collections/people/auth-with-password", as: "guest" },
    "keys in another case": auth("people", { Identity: "ann@t.io", PASSWORD }),
    "collection by id": auth(collectionId, good),
    "collection in another case": auth("PEOPLE", good),
    "unknown collection": auth("nope", good),
    "base collection": auth("base", good),
    "switched off": auth("off", good),
    "switched off, empty": auth("off", {}),
    "authRule null": auth("nobody", { identity: "no@t.io", password: PASSWORD }),
    "authRule null, wrong": auth("nobody", { identity: "no@t.io", password: "wrong" }),
    "authRule null, as a superuser": auth("nobody", { identity: "no@t.io", password: PASSWORD }, { as: "superuser" }),
    "already signed in": auth("people", good, { as: "superuser" }),
    "fields": { ...auth("people", good), path: "/api/collections/people/auth-with-password?fields=token,record.id,record.nick" },
    "fields all but": { ...auth("people", good), path: "/api/collections/people/auth-with-password?fields=*,record.id" },
    "expand": { ...auth("people", good), path: "/api/collections/people/auth-with-password?expand=nope" },
    "superuser": auth("_superusers", { identity: "root@example.com", password: "root-password-1" }),
    "superuser wrong": auth("_superusers", { identity: "root@example.com", password: "x" }),
    "GET": { method: "GET", path: "/api/collections/people/auth-with-password", as: "guest" },
  });

  // Methods on offer.
  for (const name of ["people", "PEOPLE", collectionId, "other", "off", "nobody", "_superusers", "users", "base", "nope"]) await both.same(`methods of ${name}`, get(`/api/collections/${name}/auth-methods`, { as: "guest" }));
  await both.same("methods picked", get("/api/collections/people/auth-methods?fields=mfa,password.identityFields", { as: "guest" }));
  await both.same("otp and mfa on", patch("/api/collections/other", { otp: { enabled: true, duration: 120, length: 6 }, mfa: { enabled: true, duration: 300 } }));
  await both.same("methods with otp and mfa", get("/api/collections/other/auth-methods", { as: "guest" }));
  await both.same("otp and mfa off", patch("/api/collections/other", { otp: { enabled: false }, mfa: { enabled: false } }));

  // Refresh.
  await both.signIn("ann", "people", "ann@t.io", PASSWORD);
  await both.signIn("bob", "people", "bob@t.io", PASSWORD);
  await both.signIn("oth", "other", "oth@t.io", PASSWORD);
  const refresh = (collection, rest) => post(`/api/collections/${collection}/auth-refresh`, undefined, rest);
  await both.sameAll({
    "refresh": refresh("people", { as: "ann" }),
    "refresh by id": refresh(collectionId, { as: "ann" }),
    "refresh in another case": refresh("PEOPLE", { as: "ann" }),
    "refresh with a body": { ...refresh("people", { as: "ann" }), json: { x: 1 } },
    "refresh with a broken body": { ...refresh("people", { as: "ann" }), raw: "{", type: "application/json" },
    "refresh with fields": { ...refresh("people", { as: "ann" }), path: "/api/collections/people/auth-refresh?fields=record.email" },
    "refresh as a guest": refresh("people", { as: "guest" }),
    "refresh of another collection": refresh("people", { as: "oth" }),
    "refresh as a superuser": refresh("people", { as: "superuser" }),
    "refresh a superuser": refresh("_superusers", { as: "superuser" }),
    "refresh of an unknown collection": refresh("nope", { as: "ann" }),
    "refresh of an unknown collection, guest": refresh("nope", { as: "guest" }),
    "refresh of a base collection": refresh("base", { as: "ann" }),
    "GET refresh": get("/api/collections/people/auth-refresh", { as: "ann" }),
  });

  // Headers.
  const with_ = (authorization) => refresh("people", { as: "guest", headers: { authorization } });
  const now = Math.floor(Date.now() / 1000);
  const claims = { id: ann, collectionId, type: "auth", refreshable: true, exp: now + 500 };
  const token = sign(claims);
  await both.sameAll({
    "header: plain": with_(token),
    "header: Bearer": with_(`Bearer ${token}`),
    "header: bearer": with_(`bearer ${token}`),
    "header: BEARER": with_(`BEARER ${token}`),
    "header: two spaces": with_(`Bearer  ${token}`),
    "header: no space": with_(`Bearer${token}`),
    "header: Basic": with_(`Basic ${token}`),
    "header: twice": with_(`Bearer Bearer ${token}`),
    "header: padded": with_(` ${token} `),
    "header: empty": with_(""),
    "header: only Bearer": with_("Bearer"),
    "header: quoted": with_(`"${token}"`),
    "header: in the query": { ...refresh("people", { as: "guest" }), path: `/api/collections/people/auth-refresh?token=${token}` },
    "header: as a cookie": refresh("people", { as: "guest", headers: { cookie: `pb_auth=${token}` } }),
  });

  // Forged and odd tokens, all with the right key unless said.
  const without = (key) => Object.fromEntries(Object.entries(claims).filter(([name]) => name !== key));
  const [head, body, signature] = token.split(".");
  const tokens = {
    "right": token,
    "wrong key": sign(claims, { key: "wrong" }),
    "only the secret": sign(claims, { key: SECRET }),
    "parts swapped": sign(claims, { key: SECRET + TOKEN_KEY }),
    "expired": sign({ ...claims, exp: now - 1 }),
    "expires in 1970": sign({ ...claims, exp: 0 }),
    "negative exp": sign({ ...claims, exp: -5 }),
    "exp as text": sign({ ...claims, exp: String(now + 500) }),
    "exp as a fraction": sign({ ...claims, exp: now + 500.5 }),
    "exp as null": sign({ ...claims, exp: null }),
    "huge exp": sign({ ...claims, exp: 1e20 }),
    "nbf in the future": sign({ ...claims, nbf: now + 100 }),
    "nbf in the past": sign({ ...claims, nbf: now - 100 }),
    "iat in the future": sign({ ...claims, iat: now + 100 }),
    "iat in the past": sign({ ...claims, iat: now - 100 }),
    "no id": sign(without("id")),
    "no collection": sign(without("collectionId")),
    "no type": sign(without("type")),
    "not refreshable": sign(without("refreshable")),
    "refreshable false": sign({ ...claims, refreshable: false }),
    "refreshable as text": sign({ ...claims, refreshable: "true" }),
    "type file": sign({ ...claims, type: "file" }),
    "type Auth": sign({ ...claims, type: "Auth" }),
    "other id": sign({ ...claims, id: "bob000000000000" }),
    "unknown id": sign({ ...claims, id: "nope00000000000" }),
    "id as a number": sign({ ...claims, id: 5 }),
    "collection name": sign({ ...claims, collectionId: "people" }),
    "other collection": sign({ ...claims, collectionId: "_pb_users_auth_" }),
    "base collection's token": sign({ ...claims, collectionId: "base" }),
    "extra claims": sign({ ...claims, admin: true, aud: "x" }),
    "none": `${Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url")}.${body}.`,
    "none with a signature": sign(claims, { header: { alg: "none", typ: "JWT" } }),
    "None": sign(claims, { header: { alg: "None", typ: "JWT" } }),
    "HS384": sign(claims, { header: { alg: "HS384", typ: "JWT" }, hash: "sha384" }),
    "HS512": sign(claims, { header: { alg: "HS512", typ: "JWT" }, hash: "sha512" }),
    "HS512 named HS256": sign(claims, { hash: "sha512" }),
    "RS256": sign(claims, { header: { alg: "RS256", typ: "JWT" } }),
    "hs256": sign(claims, { header: { alg: "hs256", typ: "JWT" } }),
    "no alg": sign(claims, { header: { typ: "JWT" } }),
    "no typ": sign(claims, { header: { alg: "HS256" } }),
    "kid": sign(claims, { header: { alg: "HS256", typ: "JWT", kid: "../../etc/passwd" } }),
    "crit": sign(claims, { header: { alg: "HS256", typ: "JWT", crit: ["exp"] } }),
    "claims that are a list": sign([]),
    "claims that are no JSON": sign("nonsense"),
    "truncated": token.slice(0, -1),
    "more": `${token}A`,
    "no signature": `${head}.${body}.`,
    "two parts": `${head}.${body}`,
    "four parts": `${token}.x`,
    "other header": `${Buffer.from('{"typ":"JWT","alg":"HS256"}').toString("base64url")}.${body}.${signature}`,
    "padding": `${token}=`,
    "standard base64": `${head}.${body}.${Buffer.from(signature, "base64url").toString("base64")}`,
    "dots": "...",
    "nonsense": "nonsense",
    "long": "a.".repeat(4000),
  };
  for (const [name, value] of Object.entries(tokens)) {
    await both.same(`token: ${name}`, refresh("people", { as: "guest", headers: { authorization: value } }));
    await both.same(`token on an open route: ${name}`, get(`/api/collections/people/records/${ann}`, { as: "guest", headers: { authorization: value } }));
  }

  // What ends tokens.
  const view = () => get(`/api/collections/people/records/${ann}`, { as: "ann" });
  await both.sameAll({
    "ends: own address is seen": view(),
    "ends: another's is not": get(`/api/collections/people/records/${ann}`, { as: "bob" }),
    "ends: a superuser's view": get(`/api/collections/people/records/${ann}`),
    "ends: token duration changes": patch("/api/collections/people", { authToken: { duration: 2000 } }),
    "ends: refresh has the new one": refresh("people", { as: "ann" }),
    "ends: authRule to null": patch("/api/collections/people", { authRule: null }),
    "ends: refresh with authRule null": refresh("people", { as: "ann" }),
    "ends: authRule back": patch("/api/collections/people", { authRule: "" }),
    "ends: refresh after that": refresh("people", { as: "ann" }),
    "ends: rename": patch("/api/collections/people", { name: "persons" }),
    "ends: refresh after the rename": refresh("persons", { as: "ann" }),
    "ends: rename back": patch("/api/collections/persons", { name: "people" }),
    "ends: nick changes": patch(`/api/collections/people/records/${ann}`, { nick: "Anna" }),
    "ends: refresh after the nick": refresh("people", { as: "ann" }),
    "ends: verified": patch(`/api/collections/people/records/${ann}`, { verified: true }),
    "ends: refresh after verified": refresh("people", { as: "ann" }),
    "ends: same address": patch(`/api/collections/people/records/${ann}`, { email: "ann@t.io" }),
    "ends: refresh after the same address": refresh("people", { as: "ann" }),
    "ends: address in another case": patch(`/api/collections/people/records/${ann}`, { email: "Ann@t.io" }),
    "ends: refresh after the address": refresh("people", { as: "ann" }),
    "ends: new tokenKey for bob": patch("/api/collections/people/records/bob000000000000", { "tokenKey:autogenerate": "" }),
    "ends: refresh bob": refresh("people", { as: "bob" }),
  });
  await both.signIn("bob", "people", "bob@t.io", PASSWORD);
  await both.sameAll({
    "ends: same password again": patch("/api/collections/people/records/bob000000000000", { password: PASSWORD, passwordConfirm: PASSWORD }),
    "ends: refresh bob after the same password": refresh("people", { as: "bob" }),
  });
  await both.signIn("bob", "people", "bob@t.io", PASSWORD);
  await both.sameAll({
    "ends: secret": patch("/api/collections/people", { authToken: { secret: "t".repeat(50) } }),
    "ends: refresh after the secret": refresh("people", { as: "bob" }),
    "ends: health with a dead token": get("/api/health", { as: "bob" }),
    "ends: delete oth": { method: "DELETE", path: "/api/collections/other/records/oth000000000000" },
    "ends: refresh oth": refresh("other", { as: "oth" }),
  });
}
