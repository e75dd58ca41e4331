// Signing in through other services: who gets into which record, and what becomes of it.

import { del, get, patch, post } from "../lib/http.mjs";
import { codeOf, startProvider } from "../lib/provider.mjs";
import { signToken } from "../lib/tokens.mjs";

const PASSWORD = "12345678";
const SECRET = "s".repeat(50);
const TOKEN_KEY = "k".repeat(35);
const OPEN = { listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "" };
const LINKS = "/api/collections/_externalAuths/records";

/** All combinations of one value of each list. */
const combinations = (lists) => Object.entries(lists).reduce((all, [key, values]) => all.flatMap((one) => values.map((value) => ({ ...one, [key]: value }))), [{}]);

/** Record ids have 15 characters. */
const idOf = (prefix, n) => `${prefix}${String(n).padStart(15 - prefix.length, "0")}`;

export default async function (both) {
  const provider = await startProvider();
  try {
    await cases(both, provider);
  } finally {
    await provider.stop();
  }
}

async function cases(both, provider) {
  const oauth2 = { enabled: true, providers: ["oidc", "oidc2"].map(provider.options), mappedFields: { id: "", name: "name", username: "nick", avatarURL: "picture" } };
  const collection = {
    ...OPEN, type: "auth", authAlert: { enabled: false }, authToken: { secret: SECRET, duration: 1000 }, oauth2,
    fields: [
      { name: "name", type: "text" }, { name: "nick", type: "text", max: 20 }, { name: "picture", type: "text" }, { name: "hid", type: "text", hidden: true },
      { name: "email", type: "email", required: false, system: true }, { name: "password", type: "password", required: true, system: true, hidden: true, cost: 4, min: 8 },
    ],
  };
  const [made] = await both.same("set-up: people", post("/api/collections", { ...collection, name: "people", indexes: ["create unique index people_nick on people (nick) where nick != ''"] }));
  const collectionId = JSON.parse(made.text).id;
  await both.same("set-up: others", post("/api/collections", { ...collection, name: "others" }));
  // Wrong passwords are counted for each address.
  await both.same("set-up: addresses", patch("/api/settings", { trustedProxy: { headers: ["X-Forwarded-For"], useLeftmostIP: false } }));
  both.isFromEverywhere = true;

  const tokenKeyOf = (id) => TOKEN_KEY + id;
  const tokenOf = (id) => signToken({ id, collectionId, type: "auth", refreshable: true, exp: Math.floor(Date.now() / 1000) + 1000 }, { key: tokenKeyOf(id) + SECRET });
  const account = (id, rest) => both.send(post("/api/collections/people/records", { id, password: PASSWORD, passwordConfirm: PASSWORD, tokenKey: tokenKeyOf(id), ...rest }));
  const link = (recordRef, name, providerId) => both.send(post(LINKS, { collectionRef: collectionId, recordRef, provider: name, providerId }));
  const signIn = (user, rest = {}, { to = "people", name = "oidc", ...request } = {}) =>
    post(`/api/collections/${to}/auth-with-oauth2`, { provider: name, code: codeOf(user), redirectURL: "http://x.test", ...rest }, { as: "guest", ...request });
  /** What became of a record. */
  async function aftermath(name, id, email) {
    await both.same(`${name}, record`, get(`/api/collections/people/records/${id}`));
    await both.same(`${name}, links`, get(`${LINKS}?filter=recordRef='${id}'&sort=provider,providerId`));
    await both.same(`${name}, old session`, post("/api/collections/people/auth-refresh", undefined, { as: "guest", headers: { authorization: tokenOf(id) } }));
    if (email) await both.same(`${name}, old password`, post("/api/collections/people/auth-with-password", { identity: email, password: PASSWORD }, { as: "guest" }));
  }

  // Records that exist.
  const worlds = combinations({
    verified: [false, true],
    own: ["own", ""],
    link: ["none", "same", "other provider", "other user", "both"],
    requester: ["guest", "itself", "another", "superuser"],
    told: ["none", "own", "fresh", "taken", "unverified own", "capitals"],
  }).filter(({ own, told }) => own || (told !== "unverified own" && told !== "capitals" && told !== "own"));
  for (const [n, { verified, own, link: linked, requester, told }] of worlds.entries()) {
    const name = `existing ${n}: ${verified ? "verified" : "unverified"}, ${own || "no"} address, link ${linked}, by ${requester}, provider tells ${told}`;
    if (!both.wants(name)) continue;
    const [id, other, user] = [idOf("ann", n), idOf("bob", n), `user${n}`];
    const email = own && `ann${n}@t.io`;
    const taken = `bob${n}@t.io`;
    await account(id, { email, verified });
    await account(other, { email: taken, verified: n % 3 === 0 });
    if (linked === "same" || linked === "both") await link(id, "oidc", user);
    if (linked === "other provider" || linked === "both") await link(id, "oidc2", user);
    if (linked === "other user") await link(id, "oidc", `${user}-2`);
    const address = { none: "", own: email, fresh: `new${n}@t.io`, taken, "unverified own": email, capitals: email.toUpperCase() }[told];
    const authorization = { itself: tokenOf(id), another: tokenOf(other) }[requester];
    const request = requester === "superuser" ? { as: "superuser" } : { headers: authorization ? { authorization } : {} };
    const claims = { sub: user, name: "Name", preferred_username: `nick${n}`, email: address, email_verified: told !== "unverified own" };
    await both.same(name, signIn(claims, {}, request));
    await aftermath(name, id, email);
    await aftermath(`${name}, bob`, other, taken);
    await both.same(`${name}, again`, signIn(claims));
    await both.same(`${name}, total`, get(`/api/collections/people/records?filter=email~'${n}@t.io'%26%26email~'new'&fields=totalItems`));
    // Also those that were made along the way.
    const links = await both.send(get(`${LINKS}?filter=providerId~'user'&fields=recordRef`));
    const records = links.map(({ text }) => [...new Set([id, other, ...JSON.parse(text).items.map((item) => item.recordRef)])]);
    for (let i = 0; i < Math.max(...records.map((list) => list.length)); i++) await both.send((server) => del(`/api/collections/people/records/${records[server][i] ?? "none"}`));
  }

  // New records.
  const claims = { sub: "new", name: "Name", preferred_username: "nick", email: "made@t.io", email_verified: true, picture: "http://x.test/p.png" };
  const created = {
    "nothing": {},
    "fields": { createData: { name: "Mine", nick: "mine", picture: "mine" } },
    "empty fields": { createData: { name: "", nick: "", picture: "" } },
    "null fields": { createData: { name: null, nick: null } },
    "own address": { createData: { email: "mine@t.io" } },
    "same address": { createData: { email: "made@t.io" } },
    "same address in capitals": { createData: { email: "MADE@t.io" } },
    "empty address": { createData: { email: "" } },
    "null address": { createData: { email: null } },
    "number address": { createData: { email: 5 } },
    "no address at all": { createData: { email: "x" } },
    "taken address": { createData: { email: "taken@t.io" } },
    "visible": { createData: { emailVisibility: true } },
    "verified": { createData: { verified: true } },
    "verified, own address": { createData: { verified: true, email: "mine@t.io" } },
    "password": { createData: { password: "longenough", passwordConfirm: "longenough" } },
    "password without confirmation": { createData: { password: "longenough" } },
    "confirmation without password": { createData: { passwordConfirm: "longenough" } },
    "short password": { createData: { password: "x", passwordConfirm: "x" } },
    "empty password": { createData: { password: "", passwordConfirm: "" } },
    "number password": { createData: { password: 1234567890, passwordConfirm: 1234567890 } },
    "token key": { createData: { tokenKey: "t".repeat(50) } },
    "hidden field": { createData: { hid: "x" } },
    "own id": { createData: { id: "myownid00000000" } },
    "bad id": { createData: { id: "x" } },
    "unknown fields": { createData: { nope: 1, "name+": "x", "@x": 1 } },
    "long name": { createData: { nick: "x".repeat(21) } },
    "taken name": { createData: { nick: "taken" } },
    "autogenerate": { createData: { "nick:autogenerate": "ab" } },
    "list": { createData: [] },
    "text": { createData: "x" },
    "null": { createData: null },
    "mfaId": { mfaId: "x" },
    "old key of the address": { redirectUrl: "http://x.test" },
  };
  const told = {
    "all": claims,
    "no address": { ...claims, email: undefined },
    "unverified address": { ...claims, email_verified: false },
    "address as verified text": { ...claims, email_verified: "true" },
    "empty address": { ...claims, email: "" },
    "odd address": { ...claims, email: "x" },
    "long name": { ...claims, preferred_username: "x".repeat(21) },
    "taken name": { ...claims, preferred_username: "taken" },
    "no names": { sub: "new", email: claims.email, email_verified: true },
    "number id": { ...claims, sub: 12345 },
    "taken address": { ...claims, email: "taken@t.io" },
    "taken unverified address": { ...claims, email: "loose@t.io" },
    "odd types": { ...claims, name: 5, preferred_username: [], picture: {} },
    "NUL": { ...claims, name: "a\0b" },
    "a lot": { ...claims, name: "x".repeat(6000) },
  };
  await account("taken0000000000", { email: "taken@t.io", nick: "taken", verified: true });
  const takenLoose = () => account("loose0000000000", { email: "loose@t.io" });
  await takenLoose();
  async function create(name, request) {
    if (!both.wants(name)) return;
    const answers = await both.same(name, request);
    const ids = answers.map(({ text }) => JSON.parse(text).record?.id ?? "none");
    await both.same(`${name}, record`, (i) => get(`/api/collections/people/records/${ids[i]}`));
    await both.same(`${name}, links`, (i) => get(`${LINKS}?filter=recordRef='${ids[i]}'`));
    await both.same(`${name}, password`, (i) => post("/api/collections/people/auth-with-password", { identity: JSON.parse(answers[i].text).record?.email || "none", password: "longenough" }, { as: "guest" }));
    await both.same(`${name}, session`, (i) => post("/api/collections/people/auth-refresh", undefined, { as: "guest", headers: { authorization: JSON.parse(answers[i].text).token ?? "none" } }));
    await both.send((i) => del(`/api/collections/people/records/${ids[i]}`));
  }
  for (const [name, rest] of Object.entries(created)) await create(`create with ${name}`, signIn(claims, rest));
  for (const [name, user] of Object.entries(told)) {
    await create(`provider tells ${name}`, signIn(user));
    await account("taken0000000000", { email: "taken@t.io", nick: "taken", verified: true });
    await takenLoose();
  }
  for (const [name, rest] of Object.entries({ "own address": { email: "mine@t.io" }, "its address": { email: "made@t.io" }, "nothing": {} })) await create(`unverified address, create with ${name}`, signIn({ ...claims, email_verified: false }, { createData: rest }));
  for (const [name, [change, requests]] of Object.entries({
    "create rule null": [{ createRule: null }, [{}, { as: "superuser" }]],
    "create rule of the body": [{ createRule: "@request.body.name = 'Name'" }, [{}]],
    "create rule of the record": [{ createRule: "nick = 'nick' && email = 'made@t.io'" }, [{}]],
    "create rule of the context": [{ createRule: "@request.context = 'oauth2'" }, [{}]],
    "create rule of the caller": [{ createRule: "@request.auth.id != ''" }, [{}, { as: "superuser" }]],
    "create rule of the code": [{ createRule: "@request.body.code != ''" }, [{}]],
    "create rule of the method": [{ createRule: "@request.method = 'POST'" }, [{}]],
    "create rule of the query": [{ createRule: "@request.query.x = '1'" }, [{}, { path: "/api/collections/people/auth-with-oauth2?x=1" }]],
    "create rule of a header": [{ createRule: "@request.headers.x_x = '1'" }, [{}, { headers: { "X-X": "1" } }]],
    "auth rule null": [{ createRule: "", authRule: null }, [{}, { as: "superuser" }]],
    "auth rule verified": [{ authRule: "verified = true" }, [{}]],
    "auth rule of the context": [{ authRule: "@request.context = 'oauth2'" }, [{}]],
    "auth rule of the body": [{ authRule: "@request.body.provider = 'oidc'" }, [{}]],
    "auth rule of the caller": [{ authRule: "@request.auth.id != ''" }, [{}, { as: "superuser" }]],
    "no mapped fields": [{ authRule: "", oauth2: { mappedFields: { id: "", name: "", username: "", avatarURL: "" } } }, [{}]],
    "mapped id": [{ oauth2: { mappedFields: { id: "nick", name: "nick", username: "", avatarURL: "" } } }, [{}]],
    "mapped to what is gone": [{ oauth2: { mappedFields: { id: "nope", name: "", username: "", avatarURL: "" } } }, [{}]],
    "required address": [{ oauth2, fields: [{ name: "email", type: "email", required: true, system: true }] }, [{}]],
  })) {
    const answers = await both.send(get("/api/collections/people"));
    // Fields by id, which differ between the servers.
    await both.same(`${name}, change`, (i) => {
      const fields = change.fields && JSON.parse(answers[i].text).fields.map((field) => ({ ...field, ...change.fields.find((f) => f.name === field.name) }));
      return patch("/api/collections/people", { ...change, ...(fields && { fields }) });
    });
    for (const [n, request] of requests.entries()) await create(`${name} ${n}`, { ...signIn(claims), ...request });
    await create(`${name}, no address`, signIn({ ...claims, email: "" }));
    await both.same(`${name}, existing`, signIn({ sub: "existing", email: "taken@t.io", email_verified: true }));
  }

  // What is refused.
  await both.sameAll({
    "refused: code": signIn(claims, { code: "refused" }),
    "refused: token": signIn(claims, { code: "nobody" }),
    "refused: no id": signIn({ email: "x@t.io", email_verified: true }),
    "refused: unknown provider": signIn(claims, { provider: "nope" }),
    "refused: known but not configured": signIn(claims, { provider: "oidc3" }),
    "refused: provider in another case": signIn(claims, { provider: "OIDC" }),
    "refused: superusers": signIn(claims, {}, { to: "_superusers" }),
    "refused: off": signIn(claims, {}, { to: "users" }),
    "others: account of people": signIn({ sub: "new", email: "taken@t.io", email_verified: true }, {}, { to: "others" }),
    "others: signed in to people": signIn({ sub: "new2", email: "other@t.io", email_verified: true }, {}, { to: "others", headers: { authorization: tokenOf("taken0000000000") } }),
    "others: links": get(`${LINKS}?filter=collectionRef.name='others'`),
    "others: fields": { ...signIn({ sub: "new2" }), path: "/api/collections/others/auth-with-oauth2?fields=meta.isNew,record.email" },
    "others: expand": { ...signIn({ sub: "new2" }), path: "/api/collections/others/auth-with-oauth2?expand=nope" },
  });
}
