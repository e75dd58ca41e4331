// Paths, methods, headers: what every request has in common.

import { get, post } from "../lib/http.mjs";

const SECURITY = ["x-xss-protection", "x-content-type-options", "x-frame-options", "vary", "allow", "location", "www-authenticate"];
const CORS = ["vary", "access-control-allow-origin", "access-control-allow-methods", "access-control-allow-headers", "access-control-allow-credentials", "access-control-expose-headers", "access-control-max-age"];

export default async function (both) {
  await both.same("set-up", post("/api/collections", { name: "open", listRule: "", viewRule: "", fields: [{ name: "t", type: "text" }] }));
  await both.same("record", post("/api/collections/open/records", { id: "r00000000000001", t: "x" }));
  const record = "/api/collections/open/records/r00000000000001";

  // Health.
  await both.same("health", get("/api/health", { as: "guest" }));
  await both.same("health as a superuser", get("/api/health"));

  // Methods on known paths, and paths nobody knows.
  const paths = ["/api/health", "/api/collections", "/api/collections/open", "/api/collections/open/records", record, "/api/collections/import", "/api/collections/meta/scaffolds", "/api/collections/open/truncate", "/api/collections/users/auth-refresh", "/api/collections/users/auth-methods", "/api/nope", "/nope", "/api"];
  for (const path of paths) {
    for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
      for (const as of ["guest", "superuser"]) {
        // Not those that do what they say.
        if (as === "superuser" && ((method === "DELETE" && path.startsWith("/api/collections/open")) || (method === "POST" && path.endsWith("/records")))) continue;
        await both.same(`${method} ${path} as ${as}`, { method, path, as }, { headers: SECURITY });
      }
    }
  }
  for (const path of ["/api", "/api/", "/api/nope", "/api/health/", "/api/health/x", "/api/collections/", "/api/collections/open/", "/api/collections/open/nope", "/api/collections/open/records/", "/api/collections/open/records/x/y", "/API/health", "/api/Health", "/nope", "/nope.txt"]) {
    await both.same(`GET ${path}`, get(path, { as: "guest" }), { headers: SECURITY });
  }

  // Odd spellings of paths.
  for (const path of ["//api/health", "/api//health", "/api/./health", "/api/../api/health", "/api/health/..", "/%61pi/health", "/api%2Fhealth", "/api/health?", "/api/health?a=1&a=2", "/api/health#x", "/api/health;x=1", "/api/collections/op%65n/records", "/api/collections/open%2Frecords", "/api/collections/%6Fpen/records?fields=id", "/api/collections/%zz/records", "/api/collections/%/records", "/api/collections/%00/records", "/api/collections/%FF/records", "/api/collections/../collections/open/records"]) {
    await both.same(`path ${path}`, get(path, { as: "guest" }), { headers: ["location"] });
  }

  // HEAD.
  for (const path of ["/api/health", "/api/collections/open/records", record, "/api/collections/open/records/nope", "/api/collections", "/api/collections/users/auth-methods", "/api/nope"]) {
    await both.same(`HEAD ${path}`, { method: "HEAD", path, as: "guest" }, { headers: SECURITY });
  }
  await both.same("HEAD as a superuser", { method: "HEAD", path: "/api/collections" });

  // Security headers on good and bad answers.
  for (const path of [record, "/api/collections/open/records/nope", "/api/collections", "/api/health", "/api/collections/nope/records"]) {
    await both.same(`security headers of ${path}`, get(path, { as: "guest" }), { headers: SECURITY });
  }
  await both.same("headers on create", post("/api/collections/open/records", { id: "r00000000000002" }), { headers: SECURITY });
  await both.same("headers on delete", { method: "DELETE", path: "/api/collections/open/records/r00000000000002" }, { headers: [...SECURITY, "content-length"] });

  // CORS.
  const origin = { origin: "https://app.example" };
  const preflight = (rest) => ({ ...origin, "access-control-request-method": "PATCH", ...rest });
  const options = (path, headers) => ({ method: "OPTIONS", path, headers, as: "guest" });
  await both.sameAll(
    {
      "cors: GET": get(record, { headers: origin, as: "guest" }),
      "cors: GET with a token": get(record, { headers: origin }),
      "cors: POST": post("/api/collections/open/records", { id: "r00000000000003" }, { headers: origin }),
      "cors: error": get("/api/collections", { headers: origin, as: "guest" }),
      "cors: unknown path": get("/api/collections/nope", { headers: origin, as: "guest" }),
      "cors: null origin": get(record, { headers: { origin: "null" }, as: "guest" }),
      "cors: odd origin": get(record, { headers: { origin: "nonsense" }, as: "guest" }),
      "cors: empty origin": get(record, { headers: { origin: "" }, as: "guest" }),
      "cors: none": get(record, { as: "guest" }),
      "cors: preflight": options(record, preflight()),
      "cors: preflight with headers": options(record, preflight({ "access-control-request-headers": "authorization,content-type,x-own" })),
      "cors: preflight of a private network": options(record, preflight({ "access-control-request-private-network": "true" })),
      "cors: preflight of an unknown path": options("/nope", preflight()),
      "cors: preflight of an unknown api path": options("/api/nope", preflight()),
      "cors: preflight for a method nobody has": options(record, { ...origin, "access-control-request-method": "BREW" }),
      "cors: OPTIONS with an origin only": options(record, origin),
      "cors: OPTIONS alone": options(record, {}),
      "cors: OPTIONS without an origin": options(record, { "access-control-request-method": "PATCH" }),
      "cors: OPTIONS on the root": options("/", preflight()),
      "cors: HEAD": { method: "HEAD", path: record, headers: origin, as: "guest" },
    },
    { headers: CORS },
  );

  // Things clients send that must not matter.
  await both.sameAll({
    "accept": get(record, { headers: { accept: "text/html" }, as: "guest" }),
    "accept-language": get(record, { headers: { "accept-language": "de" }, as: "guest" }),
    "if-none-match": get(record, { headers: { "if-none-match": "*" }, as: "guest" }),
    "if-modified-since": get(record, { headers: { "if-modified-since": "Wed, 21 Oct 2065 07:28:00 GMT" }, as: "guest" }),
    "range": get(record, { headers: { range: "bytes=0-3" }, as: "guest" }),
    "method override": post(record, {}, { headers: { "x-http-method-override": "PATCH" } }),
    "host": get(record, { headers: { host: "evil.example" }, as: "guest" }),
    "forwarded": get("/api/health", { headers: { "x-forwarded-for": "1.2.3.4", "x-real-ip": "1.2.3.4" } }),
    "content type on GET": get(record, { headers: { "content-type": "text/plain" }, as: "guest" }),
    "content encoding": post("/api/collections/open/records", { id: "r00000000000005" }, { headers: { "content-encoding": "gzip" } }),
    "cookies": get(record, { headers: { cookie: "a=b; c" }, as: "guest" }),
    "unknown method": { method: "PROPFIND", path: record },
    "TRACE": { method: "TRACE", path: "/api/health" },
  });

  // Sizes. 413 comes before anything else is looked at.
  const big = Buffer.alloc(33_554_433, 0x20);
  await both.sameAll({
    "size: sign in over the limit": { method: "POST", path: "/api/collections/users/auth-with-password", raw: big, type: "application/json", as: "guest" },
    "size: collections over the limit as a guest": { method: "POST", path: "/api/collections", raw: big, type: "application/json", as: "guest" },
    "size: import over the limit": { method: "PUT", path: "/api/collections/import", raw: big, type: "application/json" },
    "size: record over the limit": { method: "POST", path: "/api/collections/open/records", raw: big, type: "application/json" },
    "size: record at the limit": { method: "POST", path: "/api/collections/open/records", raw: Buffer.concat([Buffer.from('{"t":"x"}'), big.subarray(0, 33_554_432 - 9)]), type: "application/json" },
    "size: unknown path": { method: "POST", path: "/api/nope", raw: big, type: "application/json", as: "guest" },
    "size: long query": get(`/api/health?x=${"y".repeat(8000)}`, { as: "guest" }),
  });
}
