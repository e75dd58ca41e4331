// Options of auth collections: defaults, limits, merging on update.

import { get, patch, post } from "../lib/http.mjs";

const MAIL = { subject: "s {TOKEN}", body: "<p>b {TOKEN}</p>" };

/** Options of one auth collection each. */
const OPTIONS = {
  "authRule null": { authRule: null },
  "authRule empty": { authRule: "" },
  "manageRule empty": { manageRule: "" },
  "manageRule null": { manageRule: null },
  "authAlert off": { authAlert: { enabled: false } },
  "authAlert template empty": { authAlert: { emailTemplate: { subject: "", body: "" } } },
  "authAlert null": { authAlert: null },
  "password auth off": { passwordAuth: { enabled: false } },
  "password auth off without fields": { passwordAuth: { enabled: false, identityFields: [] } },
  "no identity fields": { passwordAuth: { identityFields: [] } },
  "identity fields null": { passwordAuth: { identityFields: null } },
  "unknown identity field": { passwordAuth: { identityFields: ["nope"] } },
  "identity field without an index": { passwordAuth: { identityFields: ["email", "nick"] } },
  "identity field id": { passwordAuth: { identityFields: ["id"] } },
  "identity fields twice": { passwordAuth: { identityFields: ["email", "email"] } },
  "identity field with an index": { passwordAuth: { identityFields: ["nick", "email"] }, indexes: ["create unique index IDX on NAME (nick)"] },
  "identity field with a partial index": { passwordAuth: { identityFields: ["nick"] }, indexes: ["create unique index IDX on NAME (nick) where nick != ''"] },
  "identity field with a compound index": { passwordAuth: { identityFields: ["nick"] }, indexes: ["create unique index IDX on NAME (nick, email)"] },
  "identity field with a plain index": { passwordAuth: { identityFields: ["nick"] }, indexes: ["create index IDX on NAME (nick)"] },
  "identity field password": { passwordAuth: { identityFields: ["password"] } },
  "otp on": { otp: { enabled: true } },
  "otp short": { otp: { enabled: true, duration: 9, length: 3 } },
  "otp long": { otp: { enabled: true, duration: 86401, length: 4 } },
  "otp zero": { otp: { enabled: true, duration: 0, length: 0 } },
  "otp off with odd values": { otp: { enabled: false, duration: 1, length: 1 } },
  "otp template empty": { otp: { emailTemplate: { subject: "", body: "x" } } },
  "mfa alone": { mfa: { enabled: true } },
  "mfa with otp": { mfa: { enabled: true }, otp: { enabled: true } },
  "mfa duration": { mfa: { enabled: true, duration: 5 }, otp: { enabled: true } },
  "mfa off with odd values": { mfa: { enabled: false, duration: 1 } },
  "oauth2 on without providers": { oauth2: { enabled: true } },
  "oauth2 mapped fields": { oauth2: { mappedFields: { name: "nick", id: "nope", username: "email", avatarURL: "" } } },
  "oauth2 unknown provider": { oauth2: { enabled: true, providers: [{ name: "nope", clientId: "a", clientSecret: "b" }] } },
  "oauth2 incomplete provider": { oauth2: { enabled: true, providers: [{ name: "google" }] } },
  "oauth2 bad urls": { oauth2: { enabled: true, providers: [{ name: "oidc", clientId: "a", clientSecret: "b", authURL: "x", tokenURL: "y", userInfoURL: "z" }] } },
  "oauth2 duplicated": { oauth2: { enabled: true, providers: [{ name: "google", clientId: "a", clientSecret: "b" }, { name: "google", clientId: "c", clientSecret: "d" }] } },
  "oauth2 off with a bad provider": { oauth2: { enabled: false, providers: [{ name: "nope" }] } },
  "oauth2 provider": { oauth2: { enabled: true, providers: [{ name: "github", clientId: "a", clientSecret: "b", pkce: false, extra: { x: 1 }, displayName: "Hub" }] } },
  "authToken short": { authToken: { duration: 9 } },
  "authToken zero": { authToken: { duration: 0 } },
  "authToken long": { authToken: { duration: 94670857 } },
  "authToken longest": { authToken: { duration: 94670856 } },
  "authToken short secret": { authToken: { secret: "x".repeat(29) } },
  "authToken long secret": { authToken: { secret: "x".repeat(256) } },
  "authToken empty secret": { authToken: { secret: "" } },
  "authToken own secret": { authToken: { secret: "x".repeat(30), duration: 10 } },
  "fileToken short": { fileToken: { duration: 1 } },
  "other tokens": { passwordResetToken: { duration: 5 }, emailChangeToken: { duration: 5 }, verificationToken: { duration: 5 } },
  "templates": { verificationTemplate: MAIL, resetPasswordTemplate: MAIL, confirmEmailChangeTemplate: MAIL, otp: { emailTemplate: MAIL }, authAlert: { emailTemplate: MAIL } },
  "templates empty": { verificationTemplate: { subject: "", body: "" }, resetPasswordTemplate: { subject: "" }, confirmEmailChangeTemplate: { body: "" } },
  "templates null": { verificationTemplate: null },
  "wrong types": { authToken: { duration: "5" } },
  "wrong types 2": { otp: true },
  "wrong types 3": { passwordAuth: { identityFields: "email" } },
  "fractional duration": { authToken: { duration: 10.5 } },
  "several at once": { authToken: { duration: 1 }, otp: { enabled: true, length: 1 }, manageRule: "", passwordAuth: { identityFields: [] }, name: "a b" },
  "mfa and option errors": { mfa: { enabled: true }, authToken: { duration: 1 } },
};

export default async function (both) {
  for (const [i, [name, options]] of Object.entries(OPTIONS).entries()) {
    const text = JSON.stringify({ name: `auth${i}`, type: "auth", fields: [{ name: "nick", type: "text" }], ...options });
    await both.same(name, post("/api/collections", JSON.parse(text.replaceAll("NAME", `auth${i}`).replaceAll("IDX", `idx_own_${i}`))));
  }

  const update = (body) => patch("/api/collections/merge", body);
  await both.sameAll({
    "merge: create": post("/api/collections", { name: "merge", type: "auth", fields: [{ name: "nick", type: "text" }], authToken: { duration: 100 }, otp: { duration: 60, length: 6 } }),
    "merge: one key of otp": update({ otp: { enabled: true } }),
    "merge: empty objects": update({ authToken: {}, otp: {}, mfa: {}, oauth2: {}, passwordAuth: {}, authAlert: {} }),
    "merge: nulls": update({ authToken: null, otp: null, mfa: null, oauth2: null, passwordAuth: null, authAlert: null }),
    "merge: providers": update({ oauth2: { enabled: true, providers: [{ name: "google", clientId: "a", clientSecret: "b" }, { name: "github", clientId: "c", clientSecret: "d" }] } }),
    "merge: a provider without its secret": update({ oauth2: { providers: [{ name: "google", clientId: "a2" }, { name: "github", clientId: "c2" }] } }),
    "merge: fewer providers": update({ oauth2: { providers: [{ name: "google", clientId: "a3" }] } }),
    "merge: no providers": update({ oauth2: { providers: [] } }),
    "merge: a new provider without a secret": update({ oauth2: { providers: [{ name: "gitlab", clientId: "a" }] } }),
    "merge: providers null": update({ oauth2: { providers: null, enabled: false } }),
    "merge: mapped fields": update({ oauth2: { mappedFields: { name: "nick" } } }),
    "merge: dropping the mapped field": update({ fields: [] }),
    "merge: bad duration": update({ authToken: { duration: 1 } }),
    "merge: authRule null": update({ authRule: null }),
    "merge: as it is": get("/api/collections/merge"),
    "merge: options of others are ignored": update({ viewQuery: "select 1" }),
  });

  // Rules of every kind that do not read.
  const broken = ["nope = 1", "id =", "(", "id = 'x' &&", "@request.auth.nope = 1", "@collection.nope.id = 1", "1", " ", "id ~ 'a' || "];
  for (const rule of broken) {
    await both.same(`rule ${JSON.stringify(rule)}`, post("/api/collections", { name: `r${broken.indexOf(rule)}`, listRule: rule, viewRule: rule, createRule: rule, updateRule: rule, deleteRule: rule }));
  }
  const good = ["id != ''", "@request.auth.id = id", "@request.auth.id != '' && id = @request.auth.id", "@request.body.x = 1 || id ~ 'a%'"];
  for (const rule of good) await both.same(`rule ${rule}`, post("/api/collections", { name: `g${good.indexOf(rule)}`, listRule: rule, createRule: rule }));
}
