// Settings: reading, merging, every check. `superuserIPs` is only ever refused: the reference would lock the test out.

import { get, patch, post } from "../lib/http.mjs";

const rule = (label, audience) => ({ label, audience, maxRequests: 1, duration: 1 });

export default async function (both) {
  await both.sameAll({
    "defaults": get("/api/settings"),
    "picked": get("/api/settings?fields=meta.appName,batch"),
    "guest": get("/api/settings", { as: "guest" }),
    "guest: patch": patch("/api/settings", {}, { as: "guest" }),
    "put": { method: "PUT", path: "/api/settings", json: {} },
    "delete": { method: "DELETE", path: "/api/settings" },
    "no body": patch("/api/settings"),
    "other type": { method: "PATCH", path: "/api/settings", raw: "x", type: "text/plain" },
    "json payload": { method: "PATCH", path: "/api/settings", multipart: [["@jsonPayload", '{"meta":{"appName":"Form"}}']] },
    "picked patch": patch("/api/settings?fields=meta.appName", { meta: { appName: "Picked" } }),
  });

  const bodies = [
    {}, [], 5, "x", { unknown: 1, batch: null }, { BATCH: { Enabled: true } }, { batch: { enabled: "true" } }, { batch: { enabled: 1 } }, { batch: { enabled: null } },
    { batch: { enabled: true, maxRequests: 0, timeout: 0 } }, { batch: { enabled: false, maxRequests: -1, timeout: -1, maxBodySize: -1 } }, { batch: { maxRequests: 1.5 } }, { batch: { maxRequests: "5" } }, { batch: [] }, { batch: { maxBodySize: 5 } },
    { meta: { appName: "", senderName: "", appURL: "", senderAddress: "", accentColor: "red" } }, { meta: { appName: "  ", accentColor: "#12345g", appURL: "x", senderAddress: "x" } }, { meta: { accentColor: "" } }, { meta: { accentColor: "#ABCDEF" } }, { meta: { accentColor: "#fff" } },
    ...["localhost", "http://localhost", "ftp://a", "/x", "localhost:9000", "https://example.com/x?y=1#z", "https://exa mple.com", "example.com"].map((appURL) => ({ meta: { appURL } })),
    { meta: { senderAddress: "a@localhost" } }, { meta: { senderAddress: "Bob <a@b.co>" } }, { meta: { senderAddress: "ä@b.co" } }, { meta: { appName: "x".repeat(256) } }, { meta: { senderName: "é".repeat(128) } }, { meta: { appName: "x".repeat(255), hideControls: true } }, { meta: { hideControls: "x" } },
    { superuserIPs: ["", 1] }, { superuserIPs: ["", "x", "1.2.3.4/33", "::1", "1.2.3.0/24", "300.1.1.1", " 1.2.3.4 ", "1.2.3.0/024", "01.2.3.4"] }, { superuserIPs: null }, { superuserIPs: "x" }, { superuserIPs: [] },
    { rateLimits: { excludedIPs: ["", "y"] } }, { rateLimits: { excludedIPs: ["::1", "10.0.0.0/8"] } }, { rateLimits: { enabled: true, rules: [] } }, { rateLimits: { rules: [] } }, { rateLimits: { rules: [{}] } }, { rateLimits: { rules: [null] } }, { rateLimits: { rules: [5] } }, { rateLimits: { rules: {} } },
    { rateLimits: { rules: [{ label: "bad label", maxRequests: -1, duration: 0, audience: "x" }, rule("a:b", "")] } }, { rateLimits: { rules: [rule("a:b", ""), rule("a:b", ""), rule("a:b", "")] } }, { rateLimits: { rules: [rule("/api/", "@guest"), rule("/api/", "")] } }, { rateLimits: { rules: [rule("/api/", ""), rule("/api/", "@auth")] } },
    { rateLimits: { rules: [rule("/api/", "@guest"), rule("/api/", "@auth")] } }, { rateLimits: { rules: ["é:b", "GET /api/", "/api/x.y", "a:b\n", "a b", "*", "*:x", "a:*", "/", "x"].map((label) => rule(label, "")) } },
    { logs: { maxDays: -1 } }, { logs: { minLevel: -100, maxDays: 0 } }, { logs: { minLevel: 1e2 } }, { logs: { logIP: false, logAuthId: true } },
    { smtp: { enabled: true, host: "", port: 0 } }, { smtp: { enabled: false, host: "bad host", port: -1, authMethod: "X", localName: "bad host" } }, { smtp: { port: 70000 } }, { smtp: { authMethod: "plain" } }, { smtp: { authMethod: "LOGIN", tls: true, username: "u", password: "p" } },
    ...["a..b", "-a.b", "a.b.", "1.2.3", "[::1]", "日本.jp", "a:25", "x", "", "1.2.3.4", "::1", "a_b.c", "localhost"].map((host) => ({ smtp: { host, localName: host } })),
    { s3: { enabled: true } }, ...["bad endpoint", "localhost", "localhost:9000", "s3.example.com", "http://minio:9000", "http://a_b:9000/x", ""].map((endpoint) => ({ s3: { endpoint } })), { backups: { s3: { enabled: true, bucket: "b" } } },
    { s3: { enabled: true, endpoint: "s3.example.com", bucket: "b", region: "r", accessKey: "k", secret: "s" } }, { s3: { secret: null } }, { s3: { secret: "" } }, { s3: { enabled: false, secret: "" } },
    ...[
      "x", "* * * * *", "@daily", "*/0 * * * *", "5-1 * * * *", "60 * * * *", "* * * * 7", "* * * * MON", "0 0 1,15 */2 1-5", " 0 0 1 1 1 ", "0  0 1 1 1", "1/2 * * * *", "1-10/2 * * * *", "* * 0 * *", "@reboot", "*/61 * * * *", "*/1 1-5/1 5/1 * *", "1, * * * *",
      "1- * * * *", "+5 * * * *", "*,5 * * * *", "-5 * * * *", "1-2-3 * * * *", "1/1/1 * * * *", "*-5 * * * *", "05 * * * *", "5-5 * * * *", "1-5/6 * * * *", "1-59/59 * * * *", "* * */31 */12 */6", "* * */31 */12 */7", "@Daily", "@midnight", "@annually", "@yearly",
      "@monthly", "@weekly", "@hourly", "@every 1h", "   ", "*/59 */23 * * *", "*/60 * * * *", "* */24 * * *", "",
    ].map((cron) => ({ backups: { cron } })),
    { backups: { cron: "* * * * *", cronMaxKeep: 0 } }, { backups: { cron: "", cronMaxKeep: -1 } }, { backups: { cron: "", cronMaxKeep: 0 } },
    { trustedProxy: { headers: ["", 1] } }, { trustedProxy: { headers: ["", "x y"], useLeftmostIP: null } }, { trustedProxy: { headers: null } }, { trustedProxy: { headers: ["X-Real-IP"], useLeftmostIP: true } },
  ];
  for (const [i, body] of bodies.entries()) await both.same(`${i}: ${JSON.stringify(body).slice(0, 70)}`, patch("/api/settings", body));
  await both.same("at last", get("/api/settings"));

  const tryS3 = (json, rest) => post("/api/settings/test/s3", json, rest);
  const nowhere = { enabled: true, endpoint: "http://127.0.0.1:1", bucket: "b", region: "r", accessKey: "k", secret: "s", forcePathStyle: true };
  await both.sameAll({
    "s3: guest": tryS3({ filesystem: "storage" }, { as: "guest" }),
    "s3: get": get("/api/settings/test/s3"),
    "s3: no body": tryS3(),
    "s3: text": { method: "POST", path: "/api/settings/test/s3", raw: "x", type: "text/plain" },
    "s3: form": { method: "POST", path: "/api/settings/test/s3", form: [["filesystem", "x"]] },
  });
  for (const body of [{}, [], 5, "x", { filesystem: null }, { filesystem: "" }, { filesystem: "x" }, { filesystem: "Storage" }, { filesystem: 5 }, { filesystem: "storage" }, { filesystem: "backups" }]) {
    await both.same(`s3: ${JSON.stringify(body)}`, tryS3(body));
  }
  await both.same("s3: to be tried", patch("/api/settings", { s3: nowhere }));
  await both.same("s3: nobody listens", tryS3({ filesystem: "storage" }));
  await both.same("s3: off again", patch("/api/settings", { s3: { enabled: false } }));
}
