// Odd requests to the realtime endpoints, and odd topics: how they are answered, and what is heard by them.

import { EventStream } from "../../sdk/event-stream.mjs";
import { bodiesOf, VALUES } from "../lib/hostile.mjs";
import { patch, post } from "../lib/http.mjs";
import { records } from "../lib/lists.mjs";

const PASSWORD = "12345678";
const OPEN = { listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "" };
const JSON_TYPE = "application/json";
const REALTIME = "/api/realtime";
const REDIRECT = "/api/oauth2-redirect";
const TARGET = "target000000000";

const options = (value) => encodeURIComponent(typeof value === "string" ? value : JSON.stringify(value));

/** Topics by which something may be heard, or not: of notes, of which `TARGET` is one. */
const TOPICS = [
  "notes/*", "notes", `notes/${TARGET}`, "cnotes000000000", "cnotes000000000/*", `cnotes000000000/${TARGET}`,
  "NOTES/*", "Notes", "notes/", "notes//", "notes/*/", "notes/**", "notes/%2A", "notes%2F*", "/notes/*", " notes/*", "notes/* ", "notes /*", "notes/ *", `notes/${TARGET.toUpperCase()}`, `notes/${TARGET}/*`, `notes/${TARGET}/`, "*", "*/*", "/*", "notes.*", "notes*", "not%", "n_tes/*", "ñotes/*", "notes/*\u00a0", "notes/\u{1f389}", "'; drop table notes; --/*", "notes/*' or 1=1 --",
  "?", "notes?", "notes/*?", "notes/*?x", "notes/*?x=1", "notes/*?options", "notes/*?options=", "notes/*?options= ", "notes/*?options={}", "notes/*?options=null", "notes/*?options=[]", 'notes/*?options="x"', "notes/*?options=1", "notes/*?options=true", "notes/*?options={", "notes/*?options=%", "notes/*?options=%7B", "notes/*?options=%zz", "notes/*?Options={}", "notes/*?options={}&options={", "notes/*?x=1&options={}", "notes/*?options={}#x", "notes/*#x", "notes/*&options={}", "notes/*?options=%257B%257D", "notes?options={}", `notes/${TARGET}?options={}`, "notes/*??options={}", "notes/*?;options={}", "notes/*?options={}?",
];

/** Options as JSON or text: what is in there are conditions, fields, expands or nothing at all. */
const OPTIONS = [
  { query: {} }, { query: null }, { query: [] }, { query: "x" }, { query: 1 }, { headers: {} }, { headers: null }, { headers: [] }, { headers: "x" }, { headers: 1 }, { query: {}, headers: null }, { Query: { fields: "id" } }, { QUERY: { fields: "id" } }, { query: { Fields: "id" } }, { body: { a: 1 } }, { x: { y: { z: [] } } },
  { query: { fields: "id" } }, { query: { fields: "" } }, { query: { fields: "*" } }, { query: { fields: "nope" } }, { query: { fields: "id,title:excerpt(1)" } }, { query: { fields: "title:excerpt(" } }, { query: { fields: "expand.owner.id,id" }, }, { query: { fields: "record.id" } }, { query: { fields: null } }, { query: { fields: 1 } }, { query: { fields: ["id"] } }, { query: { fields: { id: true } } }, { query: { fields: true } }, { query: { fields: "x,".repeat(500) } },
  { query: { expand: "owner" } }, { query: { expand: "" } }, { query: { expand: "nope" } }, { query: { expand: "owner.nope,notes_via_owner" } }, { query: { expand: "owner,owner,owner.notes_via_owner.owner" } }, { query: { expand: null } }, { query: { expand: 1 } }, { query: { expand: ["owner"] } }, { query: { expand: `owner${".notes_via_owner.owner".repeat(6)}` } },
  { query: { filter: "" } }, { query: { filter: " " } }, { query: { filter: "title = 'hello'" } }, { query: { filter: "title != 'hello'" } }, { query: { filter: "id = 'x' || title ~ 'hell'" } }, { query: { filter: "title" } }, { query: { filter: "title = " } }, { query: { filter: "(" } }, { query: { filter: "nope = 1" } }, { query: { filter: "secret = 'x'" } }, { query: { filter: "secret != 'q'" } }, { query: { filter: "owner.email != 'q'" } }, { query: { filter: "owner.tokenKey != 'q'" } }, { query: { filter: "owner.locked_via_owner.title != 'q'" } },
  { query: { filter: "@request.auth.id = ''" } }, { query: { filter: "@request.context = 'realtime'" } }, { query: { filter: "@collection.notes.id != ''" } }, { query: { filter: "@now > '2000-01-01'" } }, { query: { filter: "'@request.auth' != 'x'" } }, { query: { filter: "title = '@collection.x' || title = 'hello'" } }, { query: { filter: "title = 'hello' // comment" } }, { query: { filter: "1 = 1" } }, { query: { filter: "1 = 2" } }, { query: { filter: "created > 0" } }, { query: { filter: "strftime('%Y', created) > 2000" } }, { query: { filter: "geoDistance(0,0,0,0) = 0" } }, { query: { filter: "title:lower = 'hello'" } }, { query: { filter: "title:isset = true" } }, { query: { filter: "tags:each ?= 'a'" } }, { query: { filter: "tags:length > 1" } }, { query: { filter: "notes_via_owner.id = 'x'" } },
  { query: { filter: null } }, { query: { filter: 1 } }, { query: { filter: 0 } }, { query: { filter: true } }, { query: { filter: false } }, { query: { filter: ["title = 'hello'"] } }, { query: { filter: ["title = 'x'", "title = 'hello'"] } }, { query: { filter: [] } }, { query: { filter: {} } }, { query: { filter: { title: "hello" } } }, { query: { filter: "(".repeat(500) } }, { query: { filter: `${"(".repeat(50)}title = 'hello'${")".repeat(50)}` } }, { query: { filter: "title = 'hello' && ".repeat(20) + "title = 'hello'" } }, { query: { filter: "title = 'hello' || ".repeat(80) + "title = 'hello'" } },
  { query: { sort: "nope", page: "x", perPage: "-1", skipTotal: "maybe" } }, { query: { a: { b: 1 } } }, { query: { a: null } }, { query: { "": "x" } },
  '{"query":{"fields":"id"},"query":{"fields":"title"}}', '{"query":{"fields":"id","fields":"title"}}', '{"query":{"fields":"id"}}x', '{"query":{"fields":"id"}} ', ' {"query":{"fields":"id"}}', "{'query':{'fields':'id'}}", '{"query":{"fields":"id"},}', "[".repeat(600), '{"query":'.repeat(200), '{"query":{"fields":"\\u0069d"}}', '{"query":{"fields":"id"},"x":1e999}', '{"query":{"n":12345678901234567890,"fields":"id"}}',
];

/**
 * Options that the rule of `asked` looks at: query and headers of all kinds become text. None has a header twice: the reference
 * takes one of them at random.
 */
const ASKING = [
  { query: { q: "yes" } }, { query: { q: " yes" } }, { query: { q: "YES" } }, { query: { q: ["yes"] } }, { query: { q: ["yes", "no"] } }, { query: { q: { a: "yes" } } }, { query: { q: null } }, { query: { q: "" } }, { query: { q: 1 } }, { query: { q: 1.5 } }, { query: { q: 1e21 } }, { query: { q: -0 } }, { query: { q: true } }, { query: { q: false } }, { query: { Q: "yes" } }, { query: { "q ": "yes" } }, { query: { q: 12345678901234 } }, { query: { q: 0.1 } }, { query: { q: 1e6 } }, { query: { q: 123456789 } },
  { headers: { "x-q": "yes" } }, { headers: { "X-Q": "yes" } }, { headers: { x_q: "yes" } }, { headers: { xQ: "yes" } }, { headers: { XQ: "yes" } }, { headers: { "x q": "yes" } }, { headers: { "x.q": "yes" } }, { headers: { "x--q": "yes" } }, { headers: { "-x-q-": "yes" } }, { headers: { "x-q": 1 } }, { headers: { "x-q": true } }, { headers: { "x-q": null } }, { headers: { "x-q": ["yes"] } }, { headers: { "x-q": { a: 1 } } }, { headers: { "x-q": "" } }, { headers: { authorization: "x", host: "y", "content-type": "z" } },
];

export default async function (both) {
  const [people] = await both.same("set up: people", post("/api/collections", { ...OPEN, name: "people", type: "auth", authAlert: { enabled: false } }));
  const make = (name, rest) => both.same(`set up: ${name}`, post("/api/collections", { ...OPEN, id: `c${name}`.padEnd(15, "0"), name, ...rest }));
  const owner = { name: "owner", type: "relation", collectionId: JSON.parse(people.text).id, maxSelect: 1 };
  const fields = [{ name: "title", type: "text" }, { name: "secret", type: "text", hidden: true }, { name: "tags", type: "select", values: ["a", "b"], maxSelect: 2 }, { name: "created", type: "autodate", onCreate: true }, owner];
  await make("notes", { fields });
  await make("locked", { fields, listRule: null, viewRule: null });
  await make("marks", { fields });
  await both.same("set up: account", post(records("people"), { id: "ann000000000000", email: "ann@t.io", password: PASSWORD, passwordConfirm: PASSWORD }));
  await both.same("set up: note", post(records("notes"), { id: TARGET, title: "hello", tags: ["a", "b"], secret: "x", owner: "ann000000000000" }));
  await both.signIn("ann", "people", "ann@t.io", PASSWORD);

  const open = () => Promise.all(both.servers.map(({ url }) => EventStream.open(url)));
  const close = (streams) => Promise.all(streams.map((stream) => stream.close()));
  await subscribing(both, await open(), close);
  for (const as of ["guest", "superuser"]) {
    const streams = await open();
    for (const topic of [...TOPICS, ...OPTIONS.map((value) => `notes/*?options=${options(value)}`), 'notes/*?options={"query":{"fields":"id"}}', 'notes/*?options={"query":{"filter":"title = \'hello\' && id != \'&\'"}}', 'notes/*?options={"query":{"filter":"title=\'hello+\'"}}']) await listening(both, streams, topic, as);
    await both.send(patch("/api/collections/notes", { listRule: "@request.query.q = 'yes' || @request.headers.x_q = 'yes'" }));
    for (const value of ASKING) await listening(both, streams, `notes/*?options=${options(value)}`, as, ", asking for yes");
    for (const [n, value] of ["1", "1.5", "true", "[\"yes\"]", "1e+21", "123456789"].entries()) {
      await both.send(patch("/api/collections/notes", { listRule: `@request.query.q = '${value}' || @request.headers.x_q = '${value}'` }));
      for (const wanted of ASKING) if (typeof wanted.query?.q !== "string" && typeof wanted.headers?.["x-q"] !== "string") await listening(both, streams, `notes/*?options=${options(wanted)}`, as, `, asking for ${n}`);
    }
    await both.send(patch("/api/collections/notes", { listRule: "" }));
    await close(streams);
  }
  await redirecting(both, open, close);
}

/** What is heard by a topic of a change of the note. */
async function listening(both, streams, topic, as, more = "") {
  const name = `${as} listens to ${topic.slice(0, 150)}${more}`;
  await both.same(`${name}: subscribe`, (i) => post(REALTIME, { clientId: streams[i].clientId, subscriptions: [topic, "marks/*"] }, { as }));
  await both.send(patch(`${records("notes")}/${TARGET}`, { title: "hello" }));
  const heard = [[], []];
  // One says it all where there is an order, and what is late is given time to come where there is none.
  for (let left = 3; left > 0; left--) {
    await both.send(post(records("marks"), {}));
    for (const [i, { frames }] of streams.entries()) heard[i].push(...(await frames.until(({ event }) => event === "marks/*")).map(({ event, data: { seq, ...data } }) => ({ isSame: event === topic, data })));
  }
  both.sameValues(`${name}: events`, heard);
}

/** Requests that set topics. */
async function subscribing(both, streams, close) {
  const ask = (name, request) =>
    both.same(`subscribe: ${name}`, (i) => {
      const { path = REALTIME, raw, ...rest } = request(streams[i].clientId);
      return { method: "POST", path, as: "guest", raw, type: raw === undefined ? undefined : JSON_TYPE, ...rest };
    });
  const askText = (name, text) => ask(name, (clientId) => ({ raw: text(clientId) }));
  const quoted = JSON.stringify;

  for (const [name, value] of Object.entries(VALUES)) {
    await askText(`clientId: ${name}`, () => `{"clientId":${value},"subscriptions":["a"]}`);
    await askText(`subscriptions: ${name}`, (clientId) => `{"clientId":${quoted(clientId)},"subscriptions":${value}}`);
    await askText(`a topic: ${name}`, (clientId) => `{"clientId":${quoted(clientId)},"subscriptions":["a",${value}]}`);
    await askText(`more: ${name}`, (clientId) => `{"clientId":${quoted(clientId)},"subscriptions":["a"],"x":${value}}`);
  }
  await askText("clientId: missing", () => '{"subscriptions":["a"]}');
  await askText("clientId: in capitals", (clientId) => `{"clientId":${quoted(clientId.toUpperCase() === clientId ? "x" : clientId.toUpperCase())},"subscriptions":["a"]}`);
  await askText("clientId: with a blank", (clientId) => `{"clientId":${quoted(`${clientId} `)},"subscriptions":["a"]}`);
  await askText("clientId: a part", (clientId) => `{"clientId":${quoted(clientId.slice(1))},"subscriptions":["a"]}`);
  await askText("subscriptions: missing", (clientId) => `{"clientId":${quoted(clientId)}}`);
  for (const [name, topics] of Object.entries({
    "the same twice": ["a", "a"], "1000": Array.from({ length: 1000 }, (_, n) => `t${n}`), "1001": Array.from({ length: 1001 }, (_, n) => `t${n}`), "1001 of the same": Array(1001).fill("t"), "2500 characters": ["x".repeat(2500)], "2501 characters": ["x".repeat(2501)], "two too long": ["x".repeat(2501), "a", "x".repeat(2501)],
    "1250 wide": ["ü".repeat(1250)], "1251 wide": ["ü".repeat(1251)], "2500 wide": ["ü".repeat(2500)], "2501 wide": ["ü".repeat(2501)], "too many and too long": Array(1001).fill("x".repeat(2501)), "nested": [["a"]], "one null": ["a", null], "an empty one": ["a", ""], "many empty": Array(1001).fill(""), "20 MB": Array(10).fill("x".repeat(2_000_000)),
  })) await askText(`topics: ${name}`, (clientId) => JSON.stringify({ clientId, subscriptions: topics }));
  for (const name of Object.keys(bodiesOf({ clientId: "", subscriptions: [] }))) await askText(name, (clientId) => bodiesOf({ clientId, subscriptions: ["a", "b"] })[name]);
  await askText("deep", (clientId) => `{"clientId":${quoted(clientId)},"subscriptions":["a"],"x":${"[".repeat(100)}${"]".repeat(100)}}`);
  for (const type of ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data", "application/json; charset=utf-8", "application/vnd.api+json", ""]) await ask(`type ${type}`, (clientId) => ({ raw: JSON.stringify({ clientId, subscriptions: ["a"] }), type }));
  for (const encoding of ["form", "multipart"]) {
    const encoded = (name, pairs) => ask(`${encoding}: ${name}`, (clientId) => ({ [encoding]: pairs(clientId) }));
    await encoded("one topic", (clientId) => [["clientId", clientId], ["subscriptions", "a"]]);
    await encoded("two topics", (clientId) => [["clientId", clientId], ["subscriptions", "a"], ["subscriptions", "b"]]);
    await encoded("no topic", (clientId) => [["clientId", clientId]]);
    await encoded("empty topic", (clientId) => [["clientId", clientId], ["subscriptions", ""]]);
    await encoded("a list", (clientId) => [["clientId", clientId], ["subscriptions", '["a"]']]);
    await encoded("brackets", (clientId) => [["clientId", clientId], ["subscriptions[]", "a"]]);
    await encoded("too long", (clientId) => [["clientId", clientId], ["subscriptions", "a"], ["subscriptions", "x".repeat(2501)]]);
    await encoded("too many", (clientId) => [["clientId", clientId], ...Array(1001).fill(["subscriptions", "a"])]);
    await encoded("numbers", (clientId) => [["clientId", clientId], ["subscriptions", "1"], ["subscriptions", "true"]]);
    await encoded("unknown client", () => [["clientId", "x"], ["subscriptions", "a"]]);
    await encoded("no client", () => [["subscriptions", "a"]]);
    await encoded("payload", (clientId) => [["@jsonPayload", JSON.stringify({ clientId, subscriptions: ["a"] })]]);
  }
  const good = (clientId) => JSON.stringify({ clientId, subscriptions: ["a"] });
  for (const method of ["PUT", "PATCH", "DELETE"]) await ask(`method ${method}`, (clientId) => ({ method, raw: good(clientId) }));
  for (const path of [`${REALTIME}/`, `${REALTIME}/x`, "/api/Realtime", `${REALTIME}?clientId=x`]) await ask(`path ${path}`, (clientId) => ({ path, raw: good(clientId) }));
  for (const token of ["x", "a.b.c", "Bearer", "Bearer x"]) await ask(`token ${token}`, (clientId) => ({ raw: good(clientId), headers: { authorization: token } }));

  // Whose it is, once it is somebody's.
  for (const [n, as] of ["guest", "ann", "ann", "guest", "superuser", "ann"].entries()) await ask(`taken ${n}, as ${as}`, (clientId) => ({ raw: good(clientId), as }));
  await ask("taken: unknown token", (clientId) => ({ raw: good(clientId), headers: { authorization: "x" } }));
  await ask("taken: malformed topics of another", (clientId) => ({ raw: JSON.stringify({ clientId, subscriptions: ["x".repeat(2501)] }), as: "superuser" }));
  await ask("taken: no topics", (clientId) => ({ raw: JSON.stringify({ clientId, subscriptions: [] }), as: "ann" }));
  await ask("taken: no topics of a guest", (clientId) => ({ raw: JSON.stringify({ clientId, subscriptions: [] }) }));
  await close(streams);
}

/** Browsers that come back from a provider, or pretend to. */
async function redirecting(both, open, close) {
  const location = { headers: ["location"] };
  const TEXTS = ["", "x", " ", "0", "\0", "é", "x".repeat(3000), "'\"<>&;%00", "a\r\nb", "null", "[]"];
  for (const method of ["GET", "POST"]) {
    const encodings = method === "GET" ? ["query"] : ["form", "multipart", "json", "query"];
    for (const encoding of encodings) {
      const sent = (pairs) => {
        if (encoding === "query") return { path: `${REDIRECT}?${new URLSearchParams(pairs)}` };
        return { path: REDIRECT, [encoding]: encoding === "json" ? Object.fromEntries(pairs) : pairs };
      };
      const come = async (name, pairs) => {
        const streams = await open();
        for (const stream of streams) await stream.subscribe(["@oauth2"]);
        const title = `back by ${method} ${encoding}: ${name}`;
        await both.same(title, (i) => ({ method, as: "guest", ...sent(pairs(streams[i].clientId)) }), location);
        // What was told, and by another set of topics that it was all.
        for (const stream of streams) await stream.subscribe(["@oauth2"]);
        await both.send(() => ({ method: "GET", path: REDIRECT, as: "guest" }));
        await Promise.all(streams.map(({ clientId }, i) => both.sendTo(i, { method: "GET", path: `${REDIRECT}?state=${clientId}&code=last`, as: "guest" })));
        const told = await Promise.all(streams.map(async ({ frames, clientId }) => (await frames.until(({ data }) => data?.code === "last")).map(({ event, data }) => ({ event, ...data, state: data.state === clientId }))));
        both.sameValues(`${title}: told`, told);
        await close(streams);
      };
      await come("a code", (state) => [["state", state], ["code", "c"]]);
      await come("an error", (state) => [["state", state], ["error", "e"]]);
      await come("both", (state) => [["state", state], ["error", "e"], ["code", "c"]]);
      await come("neither", (state) => [["state", state]]);
      await come("no state", () => [["code", "c"]]);
      await come("two states", (state) => [["state", "x"], ["state", state], ["code", "c"]]);
      await come("two codes", (state) => [["state", state], ["code", "c"], ["code", "d"]]);
      await come("capitals", (state) => [["STATE", state], ["CODE", "c"]]);
      await come("more", (state) => [["state", state], ["code", "c"], ["scope", "x"], ["user", "{"], ["iss", "y"]]);
      for (const text of TEXTS) {
        await come(`code ${JSON.stringify(text).slice(0, 20)}`, (state) => [["state", state], ["code", text]]);
        await come(`error ${JSON.stringify(text).slice(0, 20)}`, (state) => [["state", state], ["error", text]]);
        await come(`state ${JSON.stringify(text).slice(0, 20)}`, () => [["state", text], ["code", "c"]]);
        await come(`user ${JSON.stringify(text).slice(0, 20)}`, (state) => [["state", state], ["code", "c"], ["user", text]]);
      }
    }
  }
  const bodies = { "broken JSON": { raw: "{", type: JSON_TYPE }, "a list": { raw: "[]", type: JSON_TYPE }, "nothing": { raw: "", type: JSON_TYPE }, "numbers": { json: { state: 1, code: 2 } }, "null": { json: { state: null } }, "XML": { raw: "<x/>", type: "application/xml" }, "no body": {} };
  for (const [name, body] of Object.entries(bodies)) await both.same(`back with ${name}`, { method: "POST", path: REDIRECT, as: "guest", ...body }, location);
  for (const method of ["PUT", "PATCH", "DELETE", "HEAD"]) await both.same(`back by ${method}`, { method, path: `${REDIRECT}?state=x`, as: "guest" }, location);
}
