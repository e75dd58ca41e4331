// Downloads: what is there, parts of it, conditions, parameters; and files that need a token.

import { get, patch, post, put } from "../lib/http.mjs";
import { file, FILES, namesIn, png, upload } from "../lib/files.mjs";
import { claimsOf, signToken } from "../lib/tokens.mjs";

const HEADERS = ["content-disposition", "content-length", "content-range", "accept-ranges", "last-modified", "cache-control", "content-security-policy", "x-content-type-options", "x-frame-options", "x-xss-protection", "vary", "content-encoding"];
const guest = { as: "guest" };
const bytes = { headers: HEADERS, content: "bytes" };

export default async function (both) {
  await both.setUp("set-up", post("/api/collections", { name: "items", viewRule: "", fields: [{ name: "f", type: "file", maxSelect: 9, thumbs: ["40x20", "20x10t", "20x10b", "20x10f", "30x0", "0x30", "500x500", "7x7f"] }, { name: "one", type: "file", maxSelect: 1 }, { name: "t", type: "text" }] }));
  const text = "0123456789".repeat(30);
  const kinds = ["text", "empty", "png", "gif", "jpeg", "webp", "svg", "pdf", "html"];
  const contents = { ...FILES, text, "png": png(100, 60) };
  const made = await both.setUp("files", upload("/api/collections/items/records", [["id", "items0000000001"], ...kinds.map((kind) => file("f", `${kind}file`, contents[kind]))]));
  const names = namesIn(made, "f");
  const url = (i, kind, query = "") => `/api/files/items/items0000000001/${names[i][kinds.indexOf(kind)]}${query}`;

  for (const kind of kinds) {
    await both.same(`${kind}`, (i) => get(url(i, kind), guest), bytes);
    await both.same(`${kind}: HEAD`, (i) => ({ method: "HEAD", path: url(i, kind), as: "guest" }), bytes);
  }
  for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) await both.same(`method ${method}`, (i) => ({ method, path: url(i, "text") }));
  await both.same("with an origin", (i) => get(url(i, "text"), { headers: { origin: "https://x.example" }, as: "guest" }), { headers: ["access-control-allow-origin", "vary"], content: "bytes" });
  await both.same("compression wanted", (i) => get(url(i, "text"), { headers: { "accept-encoding": "gzip, br" }, as: "guest" }), bytes);
  await both.same("as the superuser", (i) => get(url(i, "text")), bytes);

  const ranges = ["bytes=0-9", "bytes=0-0", "bytes=10-", "bytes=-10", "bytes=-1000", "bytes=290-1000", "bytes=299-299", "bytes=300-", "bytes=300-310", "bytes=1000-", "bytes=10-5", "bytes=-0", "bytes=-", "bytes=", "bytes", "bytes=a-b", "bytes=0-9,20-29", "bytes=0-9, 20-29 ,-5", "bytes=0-9,5-20", "bytes=0-299,0-299", "bytes=0-9,1000-", "bytes=1000-,2000-", "items=0-9", "bytes = 0-9", "BYTES=0-9", "bytes=0-9;", "bytes=+1-5", "bytes=0x1-5", "bytes=99999999999999999999-", "bytes=0-99999999999999999999", ",", "bytes=,", "bytes=0-9,"];
  for (const range of ranges) {
    await both.same(`range ${range}`, (i) => get(url(i, "text"), { headers: { range }, as: "guest" }), bytes);
    await both.same(`range ${range}: HEAD`, (i) => ({ method: "HEAD", path: url(i, "text"), headers: { range }, as: "guest" }), bytes);
  }
  for (const range of ["bytes=0-0", "bytes=0-", "bytes=-5"]) await both.same(`range ${range} of nothing`, (i) => get(url(i, "empty"), { headers: { range }, as: "guest" }), bytes);

  // Dates as each server has told them.
  const dates = [];
  for (const i of both.servers.keys()) dates.push((await both.sendTo(i, get(url(i, "text"), guest))).headers["last-modified"]);
  const past = "Wed, 21 Oct 2015 07:28:00 GMT";
  const future = "Wed, 21 Oct 2065 07:28:00 GMT";
  const conditions = {
    "modified since then": (i) => ({ "if-modified-since": dates[i] }), "modified since the past": () => ({ "if-modified-since": past }), "modified since the future": () => ({ "if-modified-since": future }), "modified since nonsense": () => ({ "if-modified-since": "x" }), "modified since, no zone": (i) => ({ "if-modified-since": dates[i].replace(" GMT", "") }), "modified since, other form": () => ({ "if-modified-since": "Wednesday, 21-Oct-65 07:28:00 GMT" }), "unmodified since then": (i) => ({ "if-unmodified-since": dates[i] }), "unmodified since the past": () => ({ "if-unmodified-since": past }), "unmodified since the future": () => ({ "if-unmodified-since": future }), "unmodified since nonsense": () => ({ "if-unmodified-since": "x" }),
    "match any": () => ({ "if-match": "*" }), "match another": () => ({ "if-match": '"x"' }), "match nonsense": () => ({ "if-match": "x" }), "none match any": () => ({ "if-none-match": "*" }), "none match another": () => ({ "if-none-match": '"x"' }), "none match another, modified since then": (i) => ({ "if-none-match": '"x"', "if-modified-since": dates[i] }),
    "range if of then": (i) => ({ range: "bytes=0-9", "if-range": dates[i] }), "range if of the past": () => ({ range: "bytes=0-9", "if-range": past }), "range if of the future": () => ({ range: "bytes=0-9", "if-range": future }), "range if another": () => ({ range: "bytes=0-9", "if-range": '"x"' }), "range if nonsense": () => ({ range: "bytes=0-9", "if-range": "x" }), "range, modified since then": (i) => ({ range: "bytes=0-9", "if-modified-since": dates[i] }), "range that is not there, modified since then": (i) => ({ range: "bytes=1000-", "if-modified-since": dates[i] }),
  };
  for (const [name, headers] of Object.entries(conditions)) {
    for (const method of ["GET", "HEAD"]) await both.same(`if ${name}: ${method}`, (i) => ({ method, path: url(i, "text"), headers: headers(i), as: "guest" }), bytes);
  }

  for (const value of ["", "1", "0", "t", "T", "true", "TRUE", "True", "tRUE", "f", "false", "yes", "on", "2", " 1", "1&download=0", "0&download=1", "%31"]) {
    await both.same(`download=${value}`, (i) => get(url(i, "png", `?download=${value}`), guest), { headers: ["content-disposition"] });
  }
  await both.same("download alone", (i) => get(url(i, "png", "?download"), guest), { headers: ["content-disposition"] });
  await both.same("unknown parameters", (i) => get(url(i, "text", "?a=b&fields=x&expand=y"), guest), bytes);
  await both.same("a token nobody needs", (i) => get(url(i, "text", "?token=x"), guest), bytes);
  await both.same("a bad authorization nobody needs", (i) => get(url(i, "text"), { headers: { authorization: "x" } }), bytes);

  // Thumbnails; of pictures made by two programs only the size is compared.
  const sizes = ["40x20", "20x10t", "20x10b", "20x10f", "30x0", "0x30", "500x500", "7x7f", "100x100", "100x100t", "41x20", "0x0", "40X20", "40x20x", "x", "-1x5", "40x20 ", "%20", "040x20", "4000x4000", "99999999999999999999x1", ""];
  for (const size of sizes) {
    for (const kind of ["png", "text", "svg", "empty", "pdf"]) await both.same(`thumb=${size} of ${kind}`, (i) => get(url(i, kind, `?thumb=${size}`), guest), { headers: ["content-disposition"], content: kind === "png" ? "picture" : "bytes" });
  }
  await both.same("thumb again", (i) => get(url(i, "png", "?thumb=40x20"), guest), { headers: ["content-disposition", "cache-control", "accept-ranges", "content-security-policy", "x-frame-options"], content: "picture" });
  await both.same("thumb: HEAD", (i) => ({ method: "HEAD", path: url(i, "png", "?thumb=40x20"), as: "guest" }), { headers: ["content-disposition"], content: "picture" });
  await both.same("thumb and download", (i) => get(url(i, "png", "?thumb=40x20&download=1"), guest), { headers: ["content-disposition"], content: "picture" });
  await both.same("thumb of a broken picture", (i) => get(url(i, "jpeg", "?thumb=40x20"), guest), { headers: ["content-disposition"], content: "bytes" });
  await both.same("thumb twice", (i) => get(url(i, "png", "?thumb=40x20&thumb=30x0"), guest), { headers: ["content-disposition"], content: "picture" });

  // What is not there.
  const name = (i) => names[i][0];
  const paths = {
    "unknown collection": (i) => `/api/files/nope/items0000000001/${name(i)}`, "unknown record": (i) => `/api/files/items/items0000000002/${name(i)}`, "unknown name": () => "/api/files/items/items0000000001/x.txt", "no name": () => "/api/files/items/items0000000001/", "no record": () => "/api/files/items/", "two only": () => "/api/files/items/items0000000001", "nothing": () => "/api/files/", "files": () => "/api/files", "more": (i) => `${url(i, "text")}/x`, "slash behind": (i) => `${url(i, "text")}/`, "id of the collection": (i) => url(i, "text").replace("/items/", `/${JSON.parse(made[i].text).collectionId}/`),
    "collection in capitals": (i) => url(i, "text").replace("/items/", "/ITEMS/"), "record in capitals": (i) => url(i, "text").replace("items0000000001", "ITEMS0000000001"), "name in capitals": (i) => url(i, "text").toUpperCase().replace("/API/FILES/ITEMS/ITEMS", "/api/files/items/items"), "escaped name": (i) => url(i, "text").replace("text", "%74ext"), "escaped slash": (i) => `/api/files/items/items0000000001%2F${name(i)}`, "dots": (i) => `/api/files/items/../items/items0000000001/${name(i)}`, "escaped dots": (i) => `/api/files/items/items0000000001/..%2Fitems0000000001%2F${name(i)}`, "attributes": (i) => `${url(i, "text")}.attrs`, "thumb folder": (i) => `/api/files/items/items0000000001/thumbs_${names[i][2]}/40x20_${names[i][2]}`, "thumb by name": (i) => `/api/files/items/items0000000001/40x20_${names[i][2]}`, "nul": (i) => `${url(i, "text")}%00`, "broken escape": () => "/api/files/items/items0000000001/%zz", "long name": () => `/api/files/items/items0000000001/${"x".repeat(500)}`, "wide name": () => "/api/files/items/items0000000001/%C3%A4", "not UTF-8": () => "/api/files/items/items0000000001/%FF", "superusers": () => "/api/files/_superusers/items0000000001/x.txt", "empty collection": (i) => `/api/files//items0000000001/${name(i)}`,
  };
  for (const [what, path] of Object.entries(paths)) {
    await both.same(`path: ${what}`, (i) => get(path(i), guest), { content: "bytes", headers: ["cache-control", "x-frame-options"] });
    await both.same(`path: ${what}: as the superuser`, (i) => get(path(i)), { content: "bytes" });
  }

  // Files that need a token.
  const account = (id) => ({ id, email: `${id}@example.com`, password: "password 1", passwordConfirm: "password 1", verified: true });
  for (const id of ["ann000000000001", "bob000000000001"]) {
    await both.setUp(`account ${id}`, post("/api/collections/users/records", account(id)));
    await both.signIn(id, "users", `${id}@example.com`, "password 1");
  }
  await both.setUp("another auth collection", post("/api/collections", { name: "staff", type: "auth" }));
  await both.setUp("another account", post("/api/collections/staff/records", account("eve000000000001")));
  await both.signIn("eve000000000001", "staff", "eve000000000001@example.com", "password 1");
  const tokens = both.servers.map(() => ({}));
  for (const as of ["superuser", "ann000000000001", "bob000000000001", "eve000000000001"]) {
    const answers = await both.same(`token of ${as}`, post("/api/files/token", undefined, { as }));
    answers.forEach(({ text }, i) => (tokens[i][as] = JSON.parse(text).token));
  }
  await both.sameAll({
    "token of a guest": post("/api/files/token", undefined, guest),
    "token by a bad authorization": post("/api/files/token", {}, { headers: { authorization: "x" } }),
    "token with a body": post("/api/files/token", { a: 1 }),
    "token with a malformed body": { method: "POST", path: "/api/files/token", raw: "{", type: "application/json" },
    "token with fields": post("/api/files/token?fields=x"),
    "token by GET": get("/api/files/token"),
    "token by PUT": put("/api/files/token", {}),
    "token at another path": post("/api/files/token/", {}),
  });
  const key = "k".repeat(40);
  await both.setUp("secrets", patch("/api/collections/users?fields=name", { fileToken: { duration: 180, secret: key }, authToken: { duration: 1000, secret: "a".repeat(40) } }));
  // The secrets have changed, and with them the tokens of users.
  for (const id of ["ann000000000001", "bob000000000001"]) await both.signIn(id, "users", `${id}@example.com`, "password 1");
  for (const as of ["ann000000000001", "bob000000000001"]) {
    for (const i of both.servers.keys()) tokens[i][`old ${as}`] = tokens[i][as];
    const answers = await both.same(`token of ${as} with a known secret`, post("/api/files/token", undefined, { as }));
    answers.forEach(({ text }, i) => (tokens[i][as] = JSON.parse(text).token));
  }
  // Signed with the secret alone: the record's own part of the key is not known to anybody.
  const forged = (i) => signToken(claimsOf(tokens[i].ann000000000001), { key });
  const fields = [{ name: "f", type: "file", maxSelect: 9, protected: true, thumbs: ["40x20"] }, { name: "one", type: "file", maxSelect: 1 }, { name: "t", type: "text" }];
  await both.setUp("protected", patch("/api/collections/items?fields=name", { fields, viewRule: "@request.auth.id = 'ann000000000001'" }));
  const wanted = {
    "none": () => "", "empty": () => "?token=", "nonsense": () => "?token=x", "user": (i) => `?token=${tokens[i].ann000000000001}`, "another user": (i) => `?token=${tokens[i].bob000000000001}`, "of another collection": (i) => `?token=${tokens[i].eve000000000001}`, "superuser": (i) => `?token=${tokens[i].superuser}`, "before the secret changed": (i) => `?token=${tokens[i]["old ann000000000001"]}`, "auth token": (i) => `?token=${both.tokenOf("ann000000000001", i)}`, "superuser's auth token": (i) => `?token=${both.tokenOf("superuser", i)}`, "forged": (i) => `?token=${forged(i)}`, "unsigned": (i) => `?token=${forged(i).replace(/[^.]+$/, "")}`, "with Bearer": (i) => `?token=Bearer%20${tokens[i].ann000000000001}`, "twice, good first": (i) => `?token=${tokens[i].ann000000000001}&token=x`, "twice, good last": (i) => `?token=x&token=${tokens[i].ann000000000001}`,
  };
  const rules = ["@request.auth.id = 'ann000000000001'", "", null, "@request.auth.id != ''", "@request.auth.collectionName = 'staff'", "@request.context = 'protectedFile'", "@request.context = 'default'", "@request.query.token != ''", "@request.query.token:isset = false", "@request.headers.x_key = 'k'", "@request.method = 'GET'", "t = 'x'", "f:length > 2", "@request.auth.verified = true", "@request.body.x:isset = false", "@collection.users.id ?= @request.auth.id"];
  for (const rule of rules) {
    await both.setUp(`rule ${rule}`, patch("/api/collections/items?fields=name", { viewRule: rule }));
    for (const [what, query] of Object.entries(wanted)) await both.same(`rule ${rule}: ${what}`, (i) => get(url(i, "text", query(i)), guest), { content: "bytes" });
    await both.same(`rule ${rule}: signed in, no token`, (i) => get(url(i, "text"), { as: "ann000000000001" }), { content: "bytes" });
    await both.same(`rule ${rule}: a superuser, no token`, (i) => get(url(i, "text")), { content: "bytes" });
    await both.same(`rule ${rule}: with a header`, (i) => get(url(i, "text", `?token=${tokens[i].bob000000000001}`), { as: "guest", headers: { "x-key": "k" } }), { content: "bytes" });
    await both.same(`rule ${rule}: HEAD`, (i) => ({ method: "HEAD", path: url(i, "text", `?token=${tokens[i].ann000000000001}`), as: "guest" }), { content: "bytes" });
    await both.same(`rule ${rule}: thumb`, (i) => get(url(i, "png", `?thumb=40x20&token=${tokens[i].ann000000000001}`), guest), { content: "picture" });
    await both.same(`rule ${rule}: thumb without a token`, (i) => get(url(i, "png", "?thumb=40x20"), guest), { content: "picture" });
  }
  await both.setUp("rule of all", patch("/api/collections/items?fields=name", { viewRule: "@request.auth.id = 'ann000000000001'" }));
  await both.same("headers of a protected file", (i) => get(url(i, "text", `?token=${tokens[i].ann000000000001}`), guest), bytes);
  await both.setUp("one open field", upload("/api/collections/items/records", [["id", "items0000000003"], file("one", "open.txt", "open"), file("f", "shut.txt", "shut")]));
  const mixed = (await both.send(get("/api/collections/items/records/items0000000003"))).map(({ text }) => JSON.parse(text));
  await both.same("an open field beside", (i) => get(`/api/files/items/items0000000003/${mixed[i].one}`, guest), bytes);
  await both.same("a protected field beside", (i) => get(`/api/files/items/items0000000003/${mixed[i].f[0]}`, guest), { content: "bytes" });
  await both.setUp("short tokens", patch("/api/collections/users?fields=name", { fileToken: { duration: 10, secret: key } }));
  await both.same("a short token", post("/api/files/token", undefined, { as: "ann000000000001" }));
  await both.setUp("ann's password changes", patch("/api/collections/users/records/ann000000000001?fields=id", { password: "password 2", passwordConfirm: "password 2" }));
  await both.same("a token from before", (i) => get(url(i, "text", wanted.user(i)), guest), { content: "bytes" });
  await both.setUp("bob goes", { method: "DELETE", path: "/api/collections/users/records/bob000000000001" });
  await both.same("a token of somebody who is gone", (i) => get(url(i, "text", wanted["another user"](i)), guest), { content: "bytes" });
}
