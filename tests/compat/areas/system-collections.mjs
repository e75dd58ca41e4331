// The collections every installation has, and the records of those that keep the books of sign-in.

import { del, get, patch, post } from "../lib/http.mjs";

export default async function (both) {
  for (const name of ["_mfas", "_otps", "_externalAuths", "_authOrigins", "_superusers", "users"]) {
    await both.same(`${name}`, get(`/api/collections/${name}`));
    await both.same(`${name} records`, get(`/api/collections/${name}/records?fields=email,collectionName`));
    await both.same(`${name} records as a guest`, get(`/api/collections/${name}/records`, { as: "guest" }));
  }
  const user = "user00000000001";
  const password = { password: "12345678", passwordConfirm: "12345678" };
  await both.same("user", post("/api/collections/users/records", { id: user, email: "u@t.io", ...password }));
  await both.same("base", post("/api/collections", { name: "base" }));
  const [made] = await both.same("base's id", get("/api/collections/base?fields=id"));
  const base = JSON.parse(made.text).id;

  const owner = { collectionRef: "_pb_users_auth_", recordRef: user };
  const rows = {
    _externalAuths: { ...owner, provider: "google", providerId: "g1" },
    _authOrigins: { ...owner, fingerprint: "print" },
    _mfas: { ...owner, method: "password" },
    _otps: { ...owner, password: "123456", sentTo: "u@t.io" },
  };
  for (const [name, row] of Object.entries(rows)) {
    const path = `/api/collections/${name}/records`;
    const id = "ref000000000001";
    await both.sameAll({
      [`${name}: nothing`]: post(path, {}),
      [`${name}: unknown collection`]: post(path, { ...row, collectionRef: "nope" }),
      [`${name}: name instead of an id`]: post(path, { ...row, collectionRef: "users" }),
      [`${name}: base collection`]: post(path, { ...row, collectionRef: base }),
      [`${name}: unknown record`]: post(path, { ...row, recordRef: "nope" }),
      [`${name}: no record`]: post(path, { ...row, recordRef: "" }),
      [`${name}: guest`]: post(path, row, { as: "guest" }),
      [`${name}: good`]: post(path, { id, ...row }),
      [`${name}: again`]: post(path, row),
      [`${name}: view`]: get(`${path}/${id}`),
      [`${name}: view as a guest`]: get(`${path}/${id}`, { as: "guest" }),
      [`${name}: update`]: patch(`${path}/${id}`, { method: "otp", fingerprint: "other" }),
      [`${name}: update the owner`]: patch(`${path}/${id}`, { recordRef: "nope" }),
      [`${name}: delete as a guest`]: del(`${path}/${id}`, { as: "guest" }),
    });
  }
  await both.sameAll({
    "_externalAuths: unknown provider": post("/api/collections/_externalAuths/records", { ...rows._externalAuths, provider: "nope" }),
    "_externalAuths: same account, other record": post("/api/collections/_externalAuths/records", { ...rows._externalAuths, providerId: "g2" }),
    "password change": patch(`/api/collections/users/records/${user}`, password),
    "mfas after it": get("/api/collections/_mfas/records"),
    "origins after it": get("/api/collections/_authOrigins/records"),
    "otps after it": get("/api/collections/_otps/records"),
    "links after it": get("/api/collections/_externalAuths/records"),
    "delete the user": del(`/api/collections/users/records/${user}`),
    "links after the user": get("/api/collections/_externalAuths/records"),
    "unknown system table": get("/api/collections/_params/records"),
    "migrations": get("/api/collections/_migrations/records"),
    "collections as records": get("/api/collections/_collections/records"),
  });
}
