// Batches: what is refused before anything runs, what items may be, and what each kind of failure answers.

import { get, patch, post, put } from "../lib/http.mjs";

const R = "/api/collections/open/records";
const OPEN = { listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "" };
const item = (method, url, body = { title: "x" }, rest = {}) => ({ method, url, body, ...rest });
const batch = (requests, rest) => post("/api/batch", { requests }, rest);

export default async function (both) {
  await both.sameAll({
    "off": batch([]),
    "off: malformed": { method: "POST", path: "/api/batch", raw: "{", type: "application/json" },
    "on": patch("/api/settings", { batch: { enabled: true, maxRequests: 12 } }),
    "open": post("/api/collections", { ...OPEN, name: "open", fields: [{ name: "title", type: "text", required: true }, { name: "n", type: "number" }] }),
    "locked": post("/api/collections", { name: "locked", fields: [{ name: "title", type: "text" }] }),
    "view": post("/api/collections", { name: "vw", type: "view", viewQuery: "select id, title from open" }),
    "users": patch("/api/collections/users", { updateRule: "" }),
    "get": get("/api/batch", { as: "guest" }),
    "put": put("/api/batch", {}),
  });

  const wholes = [{}, null, [], 5, { requests: null }, { requests: [] }, { requests: {} }, { requests: "x" }, { requests: [1] }, { requests: [{}] }, { requests: Array(13).fill({}) }];
  for (const whole of wholes) await both.same(`whole: ${JSON.stringify(whole).slice(0, 50)}`, post("/api/batch", whole, { as: "guest" }));
  await both.sameAll({
    "no body": { method: "POST", path: "/api/batch" },
    "malformed": { method: "POST", path: "/api/batch", raw: "{", type: "application/json" },
    "other type": { method: "POST", path: "/api/batch", raw: "x", type: "text/plain" },
    "bad methods": batch([item("post", ""), item("X", "x"), item("", R)]),
    "long url": batch([item("POST", "x".repeat(2001))]),
    "longest url": batch([item("POST", "x".repeat(2000))]),
    "long url in bytes": batch([item("POST", "é".repeat(1500))]),
    "wrong types": batch([{ method: "POST", url: 5 }]),
    "keys in any case": batch([{ METHOD: "POST", Url: `${R}?fields=title`, Body: { title: "a" }, other: 1 }]),
  });

  const bodies = { "null": null, "[]": [], "text": "x", "number": 5, "empty": {} };
  for (const [name, body] of Object.entries(bodies)) await both.same(`body: ${name}`, batch([item("POST", `${R}?fields=title`, body)]));
  const headers = { "null": null, "[]": [], "number value": { a: 5 }, "null value": { a: null }, "odd": { "a b": "x\ny", "Content-Type": "text/plain" } };
  for (const [name, value] of Object.entries(headers)) await both.same(`headers: ${name}`, batch([item("POST", `${R}?fields=title`, { title: "a" }, { headers: value })]));

  const urls = [
    `GET ${R}`, `GET ${R}/x`, "POST /api/health", `POST http://x${R}`, `POST ${R}/`, "POST /api/collections/OPEN/records?fields=title", "POST /api/collections/nope/records", `POST ${R}#x`, `POST ${R}?`, `POST  ${R}`, `POST /${R}`, "POST /api/collections/locked/records?fields=title",
    "POST /api/collections/vw/records", `PATCH ${R}`, `PUT ${R}/aaaaaaaaaaaaaaa`, `DELETE ${R}/aaaaaaaaaaaaaaa`, `DELETE ${R}`, "DELETE /api/collections/open/truncate", "POST /api/collections/users/auth-with-password", `POST ${R}?fields=%zz`, `POST ${R}?fields=(`, `POST ${R}?fields=title:nope(1)`,
    "POST /API/collections/open/records", "POST api/collections/open/records", `POST ${R}?a;b&fields=id`, "DELETE /api/collections/nope/records/x", "PATCH /api/collections/locked/records/x", `PATCH ${R}/a%2Fb`, `PATCH ${R}/a/b`, "POST /api/collections//records", "POST /api/collections/a b/records",
    "PUT /api/collections/nope/records", "PUT /api/collections/locked/records", "PUT /api/collections/vw/records", "POST /api/batch", "POST /api/collections", "PATCH /api/settings", `POST ${R}?fields=title:excerpt(1)`,
  ];
  for (const as of ["guest", "superuser"]) {
    for (const url of urls) {
      const [method, path] = [url.slice(0, url.indexOf(" ")), url.slice(url.indexOf(" ") + 1)];
      await both.same(`${as}: ${url}`, batch([item(method, path)], { as }));
    }
  }

  const id = "aaaaaaaaaaaaaaa";
  await both.sameAll({
    "a mix": batch([
      item("POST", R, { id, title: "made", n: 1 }), item("PATCH", `${R}/${id}?fields=title,n`, { title: "changed", "n+": 2 }), item("PUT", R, { id: "bbbbbbbbbbbbbbb", title: "new" }), item("PUT", `${R}?fields=id,title`, { id: "bbbbbbbbbbbbbbb", title: "there" }),
      item("PUT", `${R}?fields=title`, { id: "", title: "empty id" }), item("PUT", `${R}?fields=title`, { id: null, title: "null id" }), item("DELETE", `${R}/bbbbbbbbbbbbbbb?fields=x`), { method: "PATCH", url: `${R}/${id}` },
    ]),
    "outer fields": post("/api/batch?fields=status,body.title", { requests: [item("PATCH", `${R}/${id}`)] }),
    "outer fields unusable": post("/api/batch?fields=(", { requests: [item("PATCH", `${R}/${id}`)] }),
    "second fails": batch([item("POST", R, { title: "undone" }), item("POST", R, { title: "" }), item("POST", R, { title: "" })]),
    "third fails": batch([item("PATCH", `${R}/${id}`, { title: "undone" }), item("DELETE", `${R}/${id}`), item("PATCH", `${R}/${id}`, { title: "gone" })]),
    "number as id": batch([item("PUT", R, { id: 5, title: "x" })]),
    "same id twice": batch([item("POST", R, { id: "ccccccccccccccc", title: "x" }), item("POST", R, { id: "ccccccccccccccc", title: "x" })]),
    "what is left": get(`${R}?sort=title&fields=items.title,items.n,totalItems`),
    "headers cannot sign in": batch([item("POST", "/api/collections/locked/records", {}, { headers: { Authorization: "x" } })], { as: "guest" }),
    "headers cannot sign out": batch([item("POST", "/api/collections/locked/records?fields=title", {}, { headers: { Authorization: "x" } })]),
  });

  const users = "/api/collections/users/records";
  const pass = (id, password, rest) => ({ id, email: `${id}@example.com`, password, passwordConfirm: password, ...rest });
  const one = `${users}/uuuuuuuuuuuuuu1`;
  await both.sameAll({
    "passwords": batch([item("POST", `${users}?fields=id`, pass("uuuuuuuuuuuuuu1", "first password")), item("PATCH", `${one}?fields=id`, { password: "second password", passwordConfirm: "second password" })]),
    "sign in": post("/api/collections/users/auth-with-password?fields=record.id", { identity: "uuuuuuuuuuuuuu1@example.com", password: "second password" }),
    "confirm differs": batch([item("POST", users, { ...pass("uuuuuuuuuuuuuu2", "first password"), passwordConfirm: "x" })], { as: "guest" }),
    "too short": batch([item("POST", users, pass("uuuuuuuuuuuuuu2", "x"))], { as: "guest" }),
    "old password wrong": batch([item("PATCH", one, { oldPassword: "wrong", password: "third password", passwordConfirm: "third password" })], { as: "guest" }),
    "old password right": batch([item("PATCH", `${one}?fields=id`, { oldPassword: "second password", password: "third password", passwordConfirm: "third password" })], { as: "guest" }),
    "old password of the same batch": batch([item("POST", `${users}?fields=id`, pass("uuuuuuuuuuuuuu3", "first password")), item("PATCH", `${users}/uuuuuuuuuuuuuu3?fields=id`, { oldPassword: "first password", password: "third password", passwordConfirm: "third password" })], { as: "guest" }),
  });

  const payload = JSON.stringify({ requests: [item("POST", `${R}?fields=title`)] });
  const multipart = (...parts) => ({ method: "POST", path: "/api/batch", multipart: parts });
  await both.sameAll({
    "multipart": multipart(["@jsonPayload", payload]),
    "multipart: two": multipart(["@jsonPayload", payload], ["@jsonPayload", payload.replace('"x"', '"y"')]),
    "multipart: malformed": multipart(["@jsonPayload", "bad"]),
    "multipart: array": multipart(["@jsonPayload", "[]"]),
    "multipart: text": multipart(["requests", "x"]),
    "multipart: other": multipart(["x", "y"]),
    "multipart: dotted": multipart(["requests.0.method", "POST"], ["requests.0.url", R]),
    "urlencoded": { method: "POST", path: "/api/batch", form: [["@jsonPayload", payload]] },
    "small bodies only": patch("/api/settings?fields=batch", { batch: { maxBodySize: 50 } }),
    "too large": batch([item("POST", R, { title: "x".repeat(50) })]),
    "too large multipart": multipart(["@jsonPayload", payload]),
    "any size": patch("/api/settings?fields=batch", { batch: { maxBodySize: 0 } }),
    "null item": batch([null]),
    "percent-encoded name": batch([item("POST", "/api/collections/o%70en/records?fields=title")]),
  });
}
