// The flows that go through a mailbox: verification, password reset, change of the address. First with real mails; then every
// kind of token after everything that may have happened since, with tokens signed by keys both servers know.

import { del, get, patch, post } from "../lib/http.mjs";
import { claimsOf, signToken } from "../lib/tokens.mjs";
import { startMailServer } from "../../sdk/mail-server.mjs";

const PASSWORD = "12345678";
const NEW_PASSWORD = "abcdefghij";
const SECRET = "s".repeat(50);
const OPEN = { listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "" };
const TOKENS = ["authToken", "verificationToken", "passwordResetToken", "emailChangeToken", "fileToken"];

const idOf = (prefix, n) => `${prefix}${String(n).padStart(15 - prefix.length, "0")}`;
const tokenKeyOf = (id) => "k".repeat(35) + id;
const secrets = (duration) => Object.fromEntries(TOKENS.map((name) => [name, { secret: SECRET, duration }]));
/** The token of the link in a mail. */
const tokenIn = (mail) => /eyJ[\w-]+\.[\w-]+\.[\w-]+/.exec(mail.html)[0];

export default async function (both) {
  const mails = await Promise.all(both.servers.map(() => startMailServer()));
  try {
    await cases(both, mails);
  } finally {
    await Promise.all(mails.map((server) => server.stop()));
  }
}

async function cases(both, mails) {
  await both.send((i) => patch("/api/settings", { smtp: mails[i].smtp(), meta: { appName: "Compat", appURL: "http://app.test", senderName: "Sender", senderAddress: "sender@t.io" } }));
  await both.send(patch("/api/settings", { trustedProxy: { headers: ["X-Forwarded-For"], useLeftmostIP: false } }));
  both.isFromEverywhere = true;
  const base = {
    ...OPEN, type: "auth", authAlert: { enabled: false }, ...secrets(1000),
    fields: [{ name: "name", type: "text" }, { name: "password", type: "password", required: true, system: true, hidden: true, cost: 4, min: 8 }],
  };
  const [made] = await both.same("set-up: people", post("/api/collections", { ...base, name: "people" }));
  const [made2] = await both.same("set-up: others", post("/api/collections", { ...base, name: "others" }));
  const ids = { people: JSON.parse(made.text).id, others: JSON.parse(made2.text).id };
  const account = (id, rest, collection = "people") =>
    both.send(post(`/api/collections/${collection}/records`, { id, email: `${id}@t.io`, password: PASSWORD, passwordConfirm: PASSWORD, tokenKey: tokenKeyOf(id), ...rest }));
  const asGuest = (endpoint, body, collection = "people") => post(`/api/collections/${collection}/${endpoint}`, body, { as: "guest" });
  const sign = (type, id, more, collection = "people") =>
    signToken({ id, collectionId: ids[collection], type, exp: Math.floor(Date.now() / 1000) + 1000, ...more }, { key: tokenKeyOf(id) + SECRET });
  const withToken = (endpoint, body, authorization) => post(`/api/collections/people/${endpoint}`, body, { as: "guest", headers: { authorization } });
  const authToken = (id) => sign("auth", id, { refreshable: true });

  /** The mails to an address, compared in what is not wording. Returns the tokens in them. */
  async function received(name, to) {
    const pair = await Promise.all(mails.map((server) => server.nextMail(to)));
    const visible = ({ from, to, links, headers }) => ({ from, to, sender: headers.get("from").text, links: links.map((link) => link.split("/eyJ")[0]) });
    both.sameValues(`${name}: mail`, pair.map(visible));
    const tokens = pair.map(tokenIn);
    const claims = tokens.map((token) => ({ ...claimsOf(token), exp: Math.round((claimsOf(token).exp - Date.now() / 1000) / 10) }));
    both.sameValues(`${name}: claims`, claims);
    return tokens;
  }
  async function state(name, id) {
    await both.same(`${name}: record`, get(`/api/collections/people/records/${id}`));
    await both.same(`${name}: session`, withToken("auth-refresh", undefined, authToken(id)));
    for (const password of [PASSWORD, NEW_PASSWORD]) await both.same(`${name}: ${password}`, asGuest("auth-with-password", { identity: `${id}@t.io`, password }));
  }

  // Real mails.
  const ann = "ann000000000000";
  await account(ann, { name: "Ann" });
  await both.same("verification: request", asGuest("request-verification", { email: `${ann}@t.io` }));
  const verification = await received("verification", `${ann}@t.io`);
  await both.same("verification: confirm", (i) => asGuest("confirm-verification", { token: verification[i] }));
  await state("verification", ann);
  await both.same("verification: confirm again", (i) => asGuest("confirm-verification", { token: verification[i] }));
  await both.same("verification: of the verified", asGuest("request-verification", { email: `${ann}@t.io` }));
  await both.same("change: request", withToken("request-email-change", { newEmail: "ann2@t.io" }, authToken(ann)));
  const change = await received("change", "ann2@t.io");
  await both.same("change: wrong password", (i) => asGuest("confirm-email-change", { token: change[i], password: "wrong password" }));
  await both.same("change: confirm", (i) => asGuest("confirm-email-change", { token: change[i], password: PASSWORD }));
  await state("change", ann);
  await both.same("change: confirm again", (i) => asGuest("confirm-email-change", { token: change[i], password: PASSWORD }));
  await both.same("reset: request", asGuest("request-password-reset", { email: "ann2@t.io" }));
  const reset = await received("reset", "ann2@t.io");
  await both.same("reset: confirm", (i) => asGuest("confirm-password-reset", { token: reset[i], password: NEW_PASSWORD, passwordConfirm: NEW_PASSWORD }));
  await state("reset", ann);
  await both.same("reset: confirm again", (i) => asGuest("confirm-password-reset", { token: reset[i], password: NEW_PASSWORD, passwordConfirm: NEW_PASSWORD }));
  await both.same("reset: allowed after a success", asGuest("request-password-reset", { email: "ann2@t.io" }));
  await received("reset after a success", "ann2@t.io");
  for (const [name, email] of Object.entries({ unknown: "nobody@t.io", capitals: "ANN2@T.IO", padded: " ann2@t.io " })) {
    for (const endpoint of ["request-password-reset", "request-verification"]) await both.same(`${endpoint}: ${name}`, asGuest(endpoint, { email }));
  }
  await both.sameAll({
    "superuser: verification": asGuest("request-verification", { email: "root@example.com" }, "_superusers"),
    "superuser: confirm verification": asGuest("confirm-verification", { token: "x" }, "_superusers"),
    "superuser: change": post("/api/collections/_superusers/request-email-change", { newEmail: "x@t.io" }),
    "superuser: confirm change": asGuest("confirm-email-change", { token: "x", password: "x" }, "_superusers"),
    "superuser: installer's reset": asGuest("request-password-reset", { email: "__pbinstaller@example.com" }, "_superusers"),
    "superuser: reset": asGuest("request-password-reset", { email: "root@example.com" }, "_superusers"),
  });
  const rootReset = await received("superuser: reset", "root@example.com");
  await both.same("superuser: reset of another collection", (i) => asGuest("confirm-password-reset", { token: rootReset[i], password: NEW_PASSWORD, passwordConfirm: NEW_PASSWORD }));
  await both.same("superuser: short", (i) => asGuest("confirm-password-reset", { token: rootReset[i], password: "x", passwordConfirm: "x" }, "_superusers"));
  await both.same("superuser: confirm", (i) => asGuest("confirm-password-reset", { token: rootReset[i], password: "root-password-1", passwordConfirm: "root-password-1" }, "_superusers"));
  await both.same("superuser: old session", get("/api/settings"));
  await both.signInSuperuser();
  // Nothing else was sent: the mail that comes next is the one asked for now.
  await account("last00000000000");
  await both.same("last: request", asGuest("request-verification", { email: "last00000000000@t.io" }));
  await received("last", "last00000000000@t.io");
  both.sameValues("mails nobody waited for", mails.map((server) => server.unread()));

  // Every kind of token after every event.
  const emailOf = (id) => `${id}@t.io`;
  const endpoints = {
    verification: (id, token) => asGuest("confirm-verification", { token }),
    passwordReset: (id, token) => asGuest("confirm-password-reset", { token, password: NEW_PASSWORD, passwordConfirm: NEW_PASSWORD }),
    emailChange: (id, token) => asGuest("confirm-email-change", { token, password: PASSWORD }),
    auth: (id, token) => withToken("auth-refresh", undefined, token),
  };
  const purposes = Object.keys(endpoints);
  const issue = (purpose, id, more = {}, collection) =>
    purpose === "auth" ? sign("auth", id, { refreshable: true, ...more }, collection) : sign(purpose, id, { email: emailOf(id), ...(purpose === "emailChange" && { newEmail: `new${id}@t.io` }), ...more }, collection);
  const record = (id) => `/api/collections/people/records/${id}`;
  const options = (change, back) => [(_) => [patch("/api/collections/people", change)], [patch("/api/collections/people", back)]];
  /** What happens before a token is used; what puts the collection back. */
  const events = {
    "nothing": [() => []],
    "used once": [(id, use) => [use]],
    "another mail confirmed": [(id) => [asGuest("confirm-verification", { token: issue("verification", id) })]],
    "password changed": [(id) => [patch(record(id), { password: "somethingelse", passwordConfirm: "somethingelse" })]],
    "same password set": [(id) => [patch(record(id), { password: PASSWORD, passwordConfirm: PASSWORD })]],
    "password reset": [(id) => [asGuest("confirm-password-reset", { token: issue("passwordReset", id), password: PASSWORD, passwordConfirm: PASSWORD })]],
    "address changed": [(id) => [patch(record(id), { email: `x${id}@t.io` })]],
    "address changed, key kept": [(id) => [patch(record(id), { email: `x${id}@t.io` }), patch(record(id), { tokenKey: tokenKeyOf(id) })]],
    "address changed and back": [(id) => [patch(record(id), { email: `x${id}@t.io` }), patch(record(id), { email: emailOf(id) }), patch(record(id), { tokenKey: tokenKeyOf(id) })]],
    "address emptied": [(id) => [patch(record(id), { email: "" })]],
    "address in capitals": [(id) => [patch(record(id), { email: emailOf(id).toUpperCase() }), patch(record(id), { tokenKey: tokenKeyOf(id) })]],
    "new address taken": [(id, use, n) => [post("/api/collections/people/records", { id: idOf("tkn", n), email: `new${id}@t.io`, password: PASSWORD, passwordConfirm: PASSWORD })]],
    "new address taken elsewhere": [(id, use, n) => [post("/api/collections/others/records", { id: idOf("tkn", n), email: `new${id}@t.io`, password: PASSWORD, passwordConfirm: PASSWORD })]],
    "verified": [(id) => [patch(record(id), { verified: true })]],
    "verified with a link": [(id) => [post("/api/collections/_externalAuths/records", { collectionRef: ids.people, recordRef: id, provider: "google", providerId: id }), patch(record(id), { verified: true })]],
    "linked": [(id) => [post("/api/collections/_externalAuths/records", { collectionRef: ids.people, recordRef: id, provider: "google", providerId: id })]],
    "key changed": [(id) => [patch(record(id), { "tokenKey:autogenerate": "" })]],
    "named": [(id) => [patch(record(id), { name: "x" })]],
    "deleted": [(id) => [del(record(id))]],
    "deleted and made again": [(id) => [del(record(id)), post("/api/collections/people/records", { id, email: emailOf(id), password: PASSWORD, passwordConfirm: PASSWORD })]],
    "secrets changed": options(Object.fromEntries(TOKENS.map((name) => [name, { secret: "t".repeat(50) }])), secrets(1000)),
    "durations changed": options(secrets(10), secrets(1000)),
    "no passwords": options({ passwordAuth: { enabled: false }, otp: { enabled: true } }, { passwordAuth: { enabled: true }, otp: { enabled: false } }),
    "auth rule null": options({ authRule: null }, { authRule: "" }),
    "auth rule verified": options({ authRule: "verified = true" }, { authRule: "" }),
    "manage rule": options({ manageRule: "@request.auth.id = id" }, { manageRule: null }),
    "update rule null": options({ updateRule: null }, { updateRule: "" }),
  };
  let n = 0;
  for (const [event, [before, after = []]] of Object.entries(events)) {
    for (const purpose of purposes) {
      for (const verified of [false, true]) {
        n += 1;
        const [name, id] = [`${purpose} of the ${verified ? "verified" : "unverified"}, ${event}`, idOf("rec", n)];
        if (!both.wants(name)) continue;
        await account(id, { verified });
        const token = issue(purpose, id);
        const use = endpoints[purpose](id, token);
        for (const [step, request] of before(id, use, n).entries()) await both.same(`${name}: before ${step}`, request);
        await both.same(name, use);
        for (const request of after) await both.send(request);
        await state(name, id);
        await both.same(`${name}: links`, get(`/api/collections/_externalAuths/records?filter=recordRef='${id}'`));
        await both.same(`${name}: again`, use);
      }
    }
  }

  // Tokens that are not what they should be.
  const other = idOf("oth", 1);
  await account(other, {}, "others");
  const odd = {
    "expired": { exp: Math.floor(Date.now() / 1000) - 1 },
    "without an address": { email: undefined },
    "with an empty address": { email: "" },
    "with another address": { email: "x@t.io" },
    "with the address in capitals": (id) => ({ email: emailOf(id).toUpperCase() }),
    "with a number as the address": { email: 5 },
    "without a new address": { newEmail: undefined },
    "with an empty new address": { newEmail: "" },
    "with its own new address": (id) => ({ newEmail: emailOf(id) }),
    "with no address as the new one": { newEmail: "x" },
    "with a list as the new one": { newEmail: ["x@t.io"] },
    "of another record": { id: ann },
    "of another collection": () => ({ collectionId: ids.others }),
    "of a collection by name": { collectionId: "people" },
    "of no collection": { collectionId: "nope" },
    "of a list type": { type: ["verification"] },
    "with more": { x: 1, refreshable: true },
  };
  for (const purpose of purposes) {
    for (const type of ["verification", "passwordReset", "emailChange", "auth", "file"]) {
      const id = idOf("cross", ++n);
      await account(id);
      await both.same(`${purpose} with a token of ${type}`, endpoints[purpose](id, sign(type, id, { email: emailOf(id), newEmail: `new${id}@t.io`, refreshable: true })));
      await state(`${purpose} with a token of ${type}`, id);
    }
    for (const [name, more] of Object.entries(odd)) {
      const id = idOf("odd", ++n);
      await account(id);
      await both.same(`${purpose} ${name}`, endpoints[purpose](id, issue(purpose, id, typeof more === "function" ? more(id) : more)));
      await both.same(`${purpose} ${name}: record`, get(record(id)));
    }
    // Ids are unique among all accounts, so nobody is there.
    const twin = idOf("twin", ++n);
    await account(twin);
    await both.same(`${purpose} of the same id in another collection`, endpoints[purpose](twin, issue(purpose, twin, {}, "others")));
    await both.same(`${purpose} at another collection`, { ...endpoints[purpose](twin, issue(purpose, twin)), path: endpoints[purpose](twin, "x").path.replace("people", "others") });
    await both.same(`${purpose} of the same id: record`, get(record(twin)));
  }

  // What may be asked for.
  const asker = idOf("ask", 1);
  await account(asker);
  await both.sameAll({
    "ask: as a guest": asGuest("request-email-change", { newEmail: "free@t.io" }),
    "ask: as a superuser": post("/api/collections/people/request-email-change", { newEmail: "free@t.io" }),
    "ask: from another collection": { ...asGuest("request-email-change", { newEmail: "free@t.io" }), headers: { authorization: sign("auth", other, { refreshable: true }, "others") } },
    "ask: own address": withToken("request-email-change", { newEmail: emailOf(asker) }, authToken(asker)),
    "ask: taken address": withToken("request-email-change", { newEmail: "ann2@t.io" }, authToken(asker)),
    "ask: taken address, another field is wrong": withToken("request-email-change", { newEmail: "ann2@t.io", x: 1 }, authToken(asker)),
    "ask: reset without passwords": patch("/api/collections/people", { passwordAuth: { enabled: false }, otp: { enabled: true } }),
    "ask: reset where there are none": asGuest("request-password-reset", { email: "x" }),
    "ask: confirm where there are none": asGuest("confirm-password-reset", { token: "x", password: "x", passwordConfirm: "y" }),
    "ask: change where there are none": withToken("request-email-change", { newEmail: "x" }, authToken(asker)),
  });
  await both.send((i) => patch("/api/settings", { smtp: { ...mails[i].smtp(), port: 9 } }));
  await both.same("ask: change without a mail server", withToken("request-email-change", { newEmail: "free@t.io" }, authToken(asker)));
}
