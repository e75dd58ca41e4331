// Every key of every auth endpoint, with what does not belong there.

import { bodiesOf, VALUES } from "../lib/hostile.mjs";
import { del, patch, post } from "../lib/http.mjs";
import { signToken } from "../lib/tokens.mjs";

const PASSWORD = "12345678";
const SECRET = "s".repeat(50);
const TOKEN_KEY = "k".repeat(50);
const ID = "ann000000000000";
const OPEN = { listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "" };
const JSON_TYPE = "application/json";

export default async function (both) {
  const collection = {
    ...OPEN, type: "auth", authAlert: { enabled: false }, authToken: { secret: SECRET, duration: 1000 },
    verificationToken: { secret: SECRET, duration: 1000 }, passwordResetToken: { secret: SECRET, duration: 1000 }, emailChangeToken: { secret: SECRET, duration: 1000 },
    otp: { enabled: true, duration: 600, length: 8 },
    oauth2: { enabled: true, providers: [{ name: "oidc", clientId: "c", clientSecret: "s", authURL: "http://127.0.0.1:9/a", tokenURL: "http://127.0.0.1:9/t", userInfoURL: "http://127.0.0.1:9/u" }] },
  };
  const account = (id, rest) => post("/api/collections/people/records", { id, email: `${id}@t.io`, password: PASSWORD, passwordConfirm: PASSWORD, ...rest });
  const [made] = await both.same("set-up", post("/api/collections", { ...collection, name: "people" }));
  const collectionId = JSON.parse(made.text).id;
  await both.sameAll({
    "set-up: account": account(ID, { tokenKey: TOKEN_KEY }),
    // Guesses at a password are counted for each address.
    "set-up: addresses": patch("/api/settings", { trustedProxy: { headers: ["X-Forwarded-For"], useLeftmostIP: false } }),
  });
  both.isFromEverywhere = true;
  const exp = Math.floor(Date.now() / 1000) + 1000;
  const token = (type, more) => signToken({ id: ID, collectionId, type, exp, ...more }, { key: TOKEN_KEY + SECRET });
  const restore = async () => {
    await both.send(patch(`/api/collections/people/records/${ID}`, { email: `${ID}@t.io`, verified: false, password: PASSWORD, passwordConfirm: PASSWORD }));
    await both.send(patch(`/api/collections/people/records/${ID}`, { tokenKey: TOKEN_KEY }));
  };
  const bearer = { authorization: token("auth", { refreshable: true }) };

  const email = `${ID}@t.io`;
  /** Endpoints with bodies that get far; `effect` if they change the account. */
  const endpoints = {
    "auth-with-password": { good: { identity: email, password: PASSWORD, identityField: "email", mfaId: "x" } },
    "auth-with-otp": { good: { otpId: "unknown", password: "12345678", mfaId: "x" } },
    "auth-with-oauth2": { good: { provider: "oidc", code: "x", codeVerifier: "x", redirectURL: "http://x.test", redirectUrl: "http://x.test", createData: {}, mfaId: "x" } },
    "request-otp": { good: { email: "nobody@t.io" } },
    "request-verification": { good: { email: "nobody@t.io" } },
    "confirm-verification": { good: { token: token("verification", { email }) }, effect: true },
    "request-password-reset": { good: { email: "nobody@t.io" } },
    "confirm-password-reset": { good: { token: token("passwordReset", { email }), password: PASSWORD, passwordConfirm: PASSWORD }, effect: true },
    // An address that is taken, so that no mail is sent.
    "request-email-change": { good: { newEmail: email }, headers: bearer },
    "confirm-email-change": { good: { token: token("emailChange", { email, newEmail: "new@t.io" }), password: PASSWORD }, effect: true },
    [`impersonate/${ID}`]: { good: { duration: 100 }, as: "superuser" },
    "auth-refresh": { good: { x: "y" }, headers: bearer },
  };
  for (const [endpoint, { good, headers, effect, as = "guest" }] of Object.entries(endpoints)) {
    const path = `/api/collections/people/${endpoint}`;
    const ask = async (name, { raw, ...rest }) => {
      // Guesses at a code are counted for each code.
      const fresh = raw?.replace('"unknown"', `"unknown${both.cases}"`);
      const answers = await both.same(`${endpoint}: ${name}`, { method: "POST", path, as, headers, raw: fresh, ...rest });
      if (effect && answers.some(({ status }) => status < 300)) await restore();
    };
    for (const [key] of Object.entries(good)) {
      const { [key]: _, ...rest } = good;
      await ask(`${key}: missing`, { raw: JSON.stringify(rest), type: JSON_TYPE });
      for (const [name, value] of Object.entries(VALUES)) {
        const others = Object.entries(rest).map(([other, item]) => `,${JSON.stringify(other)}:${JSON.stringify(item)}`);
        await ask(`${key}: ${name}`, { raw: `{${JSON.stringify(key)}:${value}${others.join("")}}`, type: JSON_TYPE });
      }
    }
    for (const [name, raw] of Object.entries(bodiesOf(good))) await ask(name, { raw, type: JSON_TYPE });
    const pairs = Object.entries(good).map(([key, value]) => [key, typeof value === "object" ? JSON.stringify(value) : String(value)]);
    const odd = pairs.map(([key]) => key);
    const encodings = { form: (list) => ({ form: list }), multipart: (list) => ({ multipart: list }) };
    for (const [name, encoded] of Object.entries(encodings)) {
      await ask(name, encoded(pairs));
      await ask(`${name}: nothing`, encoded([]));
      await ask(`${name}: capitals`, encoded(pairs.map(([key, value]) => [key.toUpperCase(), value])));
      for (const value of ["", " ", "0", "007", "1.50", "true", "null", "[]", "{}", '"x"', "a\0b", "x".repeat(300)]) await ask(`${name}: all ${JSON.stringify(value).slice(0, 20)}`, encoded(odd.map((key) => [key, value])));
      await ask(`${name}: twice`, encoded([...pairs, ...pairs.map(([key]) => [key, "x"])]));
      await ask(`${name}: payload`, encoded([["@jsonPayload", JSON.stringify(good)]]));
      await ask(`${name}: payload and keys`, encoded([...pairs, ["@jsonPayload", JSON.stringify({})]]));
      await ask(`${name}: broken payload`, encoded([["@jsonPayload", "{"]]));
    }
    const text = JSON.stringify(good);
    await ask("form in the query", { path: `${path}?${new URLSearchParams(pairs)}` });
    for (const type of ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=x", "APPLICATION/JSON", "application/json; charset=utf-16", "application/vnd.api+json", ""]) await ask(`type ${type}`, { raw: text, type });
    for (const method of ["GET", "PUT", "PATCH", "DELETE", "HEAD"]) await ask(`method ${method}`, { method, raw: text, type: JSON_TYPE });
    for (const [name, other] of Object.entries({ unknown: "nope", system: "_mfas", superusers: "_superusers", "in capitals": "PEOPLE", "with a NUL": "people%00", "by id": collectionId })) await ask(`collection ${name}`, { path: path.replace("people", other), raw: text, type: JSON_TYPE });
    for (const broken of ["x", "a.b.c", bearer.authorization.slice(0, -2), token("file"), token("passwordReset", { email })]) await ask(`token ${broken.slice(0, 5)}${broken.length}`, { raw: text, type: JSON_TYPE, headers: { authorization: broken } });
    if (!as.startsWith("super") && !headers) await ask("signed in", { raw: text, type: JSON_TYPE, headers: bearer });
    if (headers) for (const other of ["people", "nope", "_mfas", "_superusers"]) await ask(`guest, collection ${other}`, { path: path.replace("people", other), raw: text, type: JSON_TYPE, headers: {} });
  }
  await both.sameAll({
    "impersonate: unknown record": post("/api/collections/people/impersonate/nope", {}),
    "impersonate: odd id": post("/api/collections/people/impersonate/%27%20or%201=1", {}),
    "impersonate: as a guest": post(`/api/collections/people/impersonate/${ID}`, {}, { as: "guest" }),
    "impersonate: as the record": post(`/api/collections/people/impersonate/${ID}`, {}, { as: "guest", headers: bearer }),
    "impersonate: guest, unknown collection": post("/api/collections/nope/impersonate/x", {}, { as: "guest" }),
    "impersonate: guest, malformed": { method: "POST", path: `/api/collections/people/impersonate/${ID}`, as: "guest", raw: "{", type: JSON_TYPE },
    "end: account": del(`/api/collections/people/records/${ID}`),
  });
}
