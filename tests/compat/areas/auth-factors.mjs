// One-time codes, second factors, places a sign-in comes from, impersonation, and the rules about signing in.

import { get, patch, post } from "../lib/http.mjs";
import { signToken } from "../lib/tokens.mjs";
import { startMailServer } from "../../sdk/mail-server.mjs";

const PASSWORD = "12345678";
const SECRET = "s".repeat(50);
const OPEN = { listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "" };
const idOf = (prefix, n) => `${prefix}${String(n).padStart(15 - prefix.length, "0")}`;
const tokenKeyOf = (id) => "k".repeat(35) + id;
const emailOf = (id) => `${id}@t.io`;

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
  const collection = {
    ...OPEN, type: "auth", authAlert: { enabled: false }, authToken: { secret: SECRET, duration: 1000 },
    otp: { enabled: true, duration: 600, length: 8, emailTemplate: { subject: "Code", body: "<p>[{OTP}] ({OTP_ID})</p>" } },
    fields: [{ name: "name", type: "text" }, { name: "hid", type: "text", hidden: true }, { name: "password", type: "password", required: true, system: true, hidden: true, cost: 4, min: 8 }],
  };
  const [made] = await both.same("set-up: people", post("/api/collections", { ...collection, name: "people" }));
  await both.same("set-up: others", post("/api/collections", { ...collection, name: "others" }));
  const collectionId = JSON.parse(made.text).id;
  const account = (id, rest, to = "people") => both.send(post(`/api/collections/${to}/records`, { id, email: emailOf(id), password: PASSWORD, passwordConfirm: PASSWORD, tokenKey: tokenKeyOf(id), ...rest }));
  const ask = (endpoint, body, rest) => post(`/api/collections/people/${endpoint}`, body, { as: "guest", ...rest });
  const change = (body) => both.send(patch("/api/collections/people", body));
  const session = (id) => ask("auth-refresh", undefined, { headers: { authorization: signToken({ id, collectionId, type: "auth", refreshable: true, exp: Math.floor(Date.now() / 1000) + 1000 }, { key: tokenKeyOf(id) + SECRET }) } });
  const withPassword = (id, rest, more) => ask("auth-with-password", { identity: emailOf(id), password: PASSWORD, ...rest }, more);
  const rows = (name, id) => get(`/api/collections/${name}/records?filter=recordRef='${id}'&sort=created`);

  /** Asks for a code and returns, for each server, its id and its digits. */
  async function code(id, path = "people") {
    const answers = await both.send(ask("request-otp", { email: emailOf(id) }, { path: `/api/collections/${path}/request-otp` }));
    const received = await Promise.all(mails.map((server) => server.nextMail(emailOf(id))));
    const codes = answers.map(({ text }, i) => ({ otpId: JSON.parse(text).otpId, password: /\[(\d+)\]/.exec(received[i].html)[1] }));
    // The reference notes where it has sent the code after the mail has arrived.
    for (;;) {
      const stored = await both.send((i) => get(`/api/collections/_otps/records/${codes[i].otpId}`));
      if (stored.every(({ text }) => JSON.parse(text).sentTo)) return codes;
    }
  }
  async function state(name, id) {
    await both.same(`${name}: record`, get(`/api/collections/people/records/${id}`));
    for (const rowsOf of ["_otps", "_mfas", "_externalAuths"]) await both.same(`${name}: ${rowsOf}`, rows(rowsOf, id));
    await both.same(`${name}: session`, session(id));
    await both.same(`${name}: password`, withPassword(id));
  }

  // Codes.
  const record = (id) => `/api/collections/people/records/${id}`;
  const events = {
    "nothing": () => [],
    "used once": (id, use) => [use],
    "a wrong guess": (id, use) => [(i) => ({ ...use(i), json: { ...use(i).json, password: "00000000" } })],
    "five wrong guesses": (id, use) => Array.from({ length: 5 }, () => (i) => ({ ...use(i), json: { ...use(i).json, password: "00000000" }, headers: { "X-Forwarded-For": "192.0.2.7" } })),
    "password changed": (id) => [patch(record(id), { password: "somethingelse", passwordConfirm: "somethingelse" })],
    "address changed": (id) => [patch(record(id), { email: `x${emailOf(id)}` })],
    "address changed and back": (id) => [patch(record(id), { email: `x${emailOf(id)}` }), patch(record(id), { email: emailOf(id) })],
    "key changed": (id) => [patch(record(id), { "tokenKey:autogenerate": "" })],
    "verified": (id) => [patch(record(id), { verified: true })],
    "named": (id) => [patch(record(id), { name: "x" })],
    "linked": (id) => [post("/api/collections/_externalAuths/records", { collectionRef: collectionId, recordRef: id, provider: "google", providerId: id })],
    "deleted": (id) => [{ method: "DELETE", path: record(id) }],
    "duration changed": () => [patch("/api/collections/people", { otp: { duration: 10 } })],
    "codes off": () => [patch("/api/collections/people", { otp: { enabled: false } })],
    "passwords off": () => [patch("/api/collections/people", { passwordAuth: { enabled: false } })],
    "auth rule null": () => [patch("/api/collections/people", { authRule: null })],
    "auth rule verified": () => [patch("/api/collections/people", { authRule: "verified = true" })],
    "auth rule of the context": () => [patch("/api/collections/people", { authRule: "@request.context = 'otp'" })],
    "auth rule of the body": () => [patch("/api/collections/people", { authRule: "@request.body.otpId != '' && @request.method = 'POST'" })],
    "auth rule broken later": () => [patch("/api/collections/people", { authRule: "@request.body.x.y.z = 1" })],
    "second factor on": () => [patch("/api/collections/people", { mfa: { enabled: true, duration: 600 } })],
  };
  let n = 0;
  for (const [event, before] of Object.entries(events)) {
    for (const verified of [false, true]) {
      const [name, id] = [`code of the ${verified ? "verified" : "unverified"}, ${event}`, idOf("otp", ++n)];
      if (!both.wants(name)) continue;
      await account(id, { verified });
      const codes = await code(id);
      const headers = { "X-Forwarded-For": "192.0.2.7" };
      const use = (i) => ask("auth-with-otp", codes[i], event === "five wrong guesses" ? { headers } : {});
      for (const [step, request] of before(id, use).entries()) await both.same(`${name}: before ${step}`, request);
      await both.same(name, use);
      await change({ otp: { enabled: true, duration: 600 }, passwordAuth: { enabled: true }, authRule: "", mfa: { enabled: false } });
      await state(name, id);
      await both.same(`${name}: again`, use);
    }
  }
  const ann = idOf("ann", 1);
  await account(ann);
  const given = await code(ann);
  await both.same("code at another collection", (i) => ({ ...ask("auth-with-otp", given[i]), path: "/api/collections/others/auth-with-otp" }));
  await both.same("code as a number", (i) => ask("auth-with-otp", { ...given[i], password: Number(given[i].password) }));
  await both.same("code padded", (i) => ask("auth-with-otp", { ...given[i], password: ` ${given[i].password}` }));
  await both.same("code of a list", (i) => ask("auth-with-otp", { ...given[i], otpId: [given[i].otpId] }));
  await both.same("code as a superuser", (i) => ask("auth-with-otp", given[i], { as: "superuser" }));
  for (const length of [4, 10]) {
    await change({ otp: { length } });
    const codes = await code(ann);
    both.sameValues(`code of ${length} digits`, codes.map(({ password }) => password.length));
    await both.same(`code of ${length} digits: row`, rows("_otps", ann));
  }
  await change({ otp: { length: 8 } });
  const bob = idOf("bob", 1);
  await account(bob);
  const many = [];
  const oneAddress = { headers: { "X-Forwarded-For": "192.0.2.9" } };
  for (let i = 0; i < 12; i++) many.push((await both.send(ask("request-otp", { email: emailOf(bob) }, oneAddress))).map(({ text }) => JSON.parse(text).otpId));
  both.sameValues("twelve codes asked for", [0, 1].map((server) => new Set(many.map((ids) => ids[server])).size));
  for (let i = 0; i < 10; i++) await Promise.all(mails.map((server) => server.nextMail(emailOf(bob))));

  // Second factors.
  const second = {
    "password then code": ["password", "otp"],
    "code then password": ["otp", "password"],
    "password twice": ["password", "password"],
    "code twice": ["otp", "otp"],
  };
  const between = {
    "nothing": () => [],
    "password changed": (id) => [patch(record(id), { password: "somethingelse", passwordConfirm: "somethingelse" })],
    "address changed": (id) => [patch(record(id), { email: `x${emailOf(id)}` })],
    "key changed": (id) => [patch(record(id), { "tokenKey:autogenerate": "" })],
    "duration changed": () => [patch("/api/collections/people", { mfa: { duration: 10 } })],
    "second factor off": () => [patch("/api/collections/people", { mfa: { enabled: false } })],
    "rule that does not hold": () => [patch("/api/collections/people", { mfa: { rule: "name = 'nobody'" } })],
    "auth rule null": () => [patch("/api/collections/people", { authRule: null })],
  };
  for (const [order, [first, then]] of Object.entries(second)) {
    for (const [event, before] of Object.entries(between)) {
      for (const place of event === "nothing" ? ["body", "query", "both", "wrong query", "wrong body", "nowhere", "of another", "of another collection"] : ["body"]) {
        const [name, id, rival] = [`${order}, ${event}, ${place}`, idOf("mfa", ++n), idOf("riv", n)];
        if (!both.wants(name)) continue;
        await account(id, { verified: n % 2 === 0 });
        await account(rival);
        await change({ mfa: { enabled: true, duration: 600, rule: "" }, authRule: "" });
        await both.send(patch("/api/collections/others", { mfa: { enabled: true, duration: 600, rule: "" } }));
        const bodyOf = async (method, owner) => (method === "otp" ? code(owner) : [0, 1].map(() => ({ identity: emailOf(owner), password: PASSWORD })));
        const endpoint = { otp: "auth-with-otp", password: "auth-with-password" };
        const bodies = await bodyOf(first, place === "of another" ? rival : id);
        let opened;
        if (place === "of another collection") {
          const stranger = idOf("str", n);
          await account(stranger, {}, "others");
          opened = await both.same(`${name}: first`, post("/api/collections/others/auth-with-password", { identity: emailOf(stranger), password: PASSWORD }, { as: "guest" }));
        } else {
          opened = await both.same(`${name}: first`, (i) => ask(endpoint[first], bodies[i]));
        }
        const sessions = opened.map(({ text }) => JSON.parse(text).mfaId);
        await both.same(`${name}: rows`, rows("_mfas", place === "of another" ? rival : id));
        const more = await bodyOf(then, id);
        for (const [step, request] of before(id).entries()) await both.same(`${name}: before ${step}`, request);
        const inBody = { "wrong body": "wrong0000000000", query: undefined, nowhere: undefined };
        const inQuery = { query: (i) => sessions[i], both: (i) => sessions[i], "wrong query": () => "wrong0000000000", "wrong body": (i) => sessions[i] }[place];
        const complete = (i) => ask(endpoint[then], { ...more[i], mfaId: place in inBody ? inBody[place] : sessions[i] }, inQuery && { path: `/api/collections/people/${endpoint[then]}?mfaId=${inQuery(i)}` });
        await both.same(`${name}: second`, complete);
        await both.same(`${name}: second again`, complete);
        await change({ mfa: { enabled: false, rule: "" }, authRule: "" });
        await both.send(patch("/api/collections/others", { mfa: { enabled: false, rule: "" } }));
        await state(name, id);
      }
    }
  }
  const carl = idOf("carl", 1);
  await account(carl, { name: "carl", verified: true });
  for (const [name, mfa] of Object.entries({
    "of the record": { rule: "name = 'carl'" },
    "of the record, not": { rule: "name != 'carl'" },
    "of the body": { rule: "@request.body.x = '1'" },
    "of the caller": { rule: "@request.auth.id = ''" },
    "of the context": { rule: "@request.context = 'password'" },
    "of a relation that is none": { rule: "@request.auth.name.x = ''" },
    "broken": { rule: "nope = 1" },
    "too short": { duration: 9 },
  })) {
    await both.same(`mfa rule ${name}: change`, patch("/api/collections/people", { mfa: { enabled: true, duration: 600, rule: "", ...mfa } }));
    await both.same(`mfa rule ${name}`, withPassword(carl));
    await both.same(`mfa rule ${name}: as somebody`, withPassword(carl, {}, { headers: session(carl).headers }));
    await both.same(`mfa rule ${name}: refresh`, session(carl));
    await both.same(`mfa rule ${name}: impersonate`, post(`/api/collections/people/impersonate/${carl}`, {}));
    await both.same(`mfa rule ${name}: as a superuser`, withPassword(carl, {}, { as: "superuser" }));
  }
  await change({ mfa: { enabled: false, rule: "" } });

  // Rules about signing in.
  for (const authRule of ["", null, "verified = true", "verified = false", "name = 'carl'", "@request.auth.id = ''", "@request.auth.id = id", "@request.context = 'password'", "@request.context = 'default'", "@request.body.identity = email", "@request.body.password:isset = true", "@request.query.x = '1'", "@request.headers.x_x = '1'", "@request.method = 'POST'", "email ~ 't.io' && hid = ''", "@collection.others.id != ''", "@collection.others.name = 'none'", "created > '2020-01-01'"]) {
    await both.same(`auth rule ${authRule}: change`, patch("/api/collections/people", { authRule }));
    await both.same(`auth rule ${authRule}`, withPassword(carl));
    await both.same(`auth rule ${authRule}: wrong`, withPassword(carl, { password: "wrong" }));
    await both.same(`auth rule ${authRule}: with more`, { ...withPassword(carl, {}, { headers: { "X-X": "1" } }), path: "/api/collections/people/auth-with-password?x=1" });
    await both.same(`auth rule ${authRule}: as itself`, withPassword(carl, {}, { headers: session(carl).headers }));
    await both.same(`auth rule ${authRule}: as a superuser`, withPassword(carl, {}, { as: "superuser" }));
    await both.same(`auth rule ${authRule}: refresh`, session(carl));
    await both.same(`auth rule ${authRule}: impersonate`, post(`/api/collections/people/impersonate/${carl}`, { duration: 100 }));
    await both.same(`auth rule ${authRule}: refresh with a body`, { ...session(carl), json: { identity: emailOf(carl), password: "x" } });
  }
  await change({ authRule: "" });

  // Impersonation, and what its token is worth.
  const answers = await both.same("impersonate", post(`/api/collections/people/impersonate/${carl}`, { duration: 50 }));
  both.keepTokens("impersonated", answers);
  await both.sameAll({
    "impersonated: refresh": post("/api/collections/people/auth-refresh", undefined, { as: "impersonated" }),
    "impersonated: own record": get(record(carl), { as: "impersonated" }),
    "impersonated: change": post("/api/collections/people/request-email-change", { newEmail: emailOf(carl) }, { as: "impersonated" }),
    "impersonated: impersonates": post(`/api/collections/people/impersonate/${carl}`, {}, { as: "impersonated" }),
    "impersonate: fields": { ...post(`/api/collections/people/impersonate/${carl}`, {}), path: `/api/collections/people/impersonate/${carl}?fields=record.id,record.hid` },
    "impersonate: collection by id": post(`/api/collections/${collectionId}/impersonate/${carl}`, {}),
    "impersonate: over the most": post(`/api/collections/people/impersonate/${carl}`, { duration: 94670857 }),
    "impersonate: the most": post(`/api/collections/people/impersonate/${carl}`, { duration: 94670856 }),
  });

  // Places.
  await change({ authAlert: { enabled: true, emailTemplate: { subject: "New place", body: "<p>[{ALERT_INFO}] {RECORD:name} {RECORD:hid}</p>" } } });
  const dora = idOf("dora", 1);
  await account(dora, { name: "<b>Dora</b>" });
  const origins = (name) => both.same(name, get(`/api/collections/_authOrigins/records?filter=recordRef='${dora}'&sort=created`));
  const from = (agent, address = "192.0.2.1") => withPassword(dora, {}, { headers: { "X-Forwarded-For": address, ...(agent !== undefined && { "user-agent": agent }) } });
  await both.same("place: first", from("Browser"));
  await origins("place: first, rows");
  for (const [n, [agent, address]] of [["Browser", "192.0.2.2"], ["Phone <b>", "192.0.2.1"], ["", "192.0.2.1"], ["x".repeat(200), "192.0.2.1"], ["x".repeat(300), "192.0.2.1"], ["Watch", "2001:db8::1"]].entries()) {
    await both.same(`place ${n}`, from(agent, address));
    const received = await Promise.all(mails.map((server) => server.nextMail(emailOf(dora))));
    // The date at the beginning is now.
    both.sameValues(`place ${n}: mail`, received.map(({ subject, html }) => [subject, /\[[^\]]*?( - [^\]]*)\]([^<]*(?:<b>)?[^\n]*?)<\/p>/s.exec(html)?.slice(1)]));
    // The reference stores the place after the mail is sent.
    await origins(`place ${n}: rows`);
    await both.same(`place ${n}: known`, from(agent, address));
    await origins(`place ${n}: rows after`);
  }
  await both.same("place: no longer known", from("Browser"));
  await Promise.all(mails.map((server) => server.nextMail(emailOf(dora))));
  await both.send(patch(record(dora), { password: "somethingelse", passwordConfirm: "somethingelse" }));
  await origins("place: after a new password");
  both.sameValues("mails nobody waited for", mails.map((server) => server.unread()));
}
