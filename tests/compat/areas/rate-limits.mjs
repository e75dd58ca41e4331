// Which rule counts a request, and how many requests it lets through. Windows are so long that none ends in between.

import { get, patch, post } from "../lib/http.mjs";

const PASSWORD = "12345678";
const OPEN = { listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "" };
const DURATION = 3600;

const rule = (label, maxRequests = 2, audience = "") => ({ label, maxRequests, audience, duration: DURATION });

export default async function (both) {
  for (const [name, id] of [["people", "ann000000000000"], ["others", "bob000000000000"]]) {
    await both.same(`set-up: ${name}`, post("/api/collections", { ...OPEN, name, type: "auth", authAlert: { enabled: false } }));
    await both.same(`set-up: account of ${name}`, post(`/api/collections/${name}/records`, { id, email: "ann@t.io", password: PASSWORD, passwordConfirm: PASSWORD }));
  }
  await both.same("set-up: posts", post("/api/collections", { ...OPEN, name: "posts", type: "base", fields: [{ name: "title", type: "text" }] }));
  await both.send(post("/api/collections/posts/records", { id: "first0000000000", title: "x" }));
  await both.signIn("ann", "people", "ann@t.io", PASSWORD);

  const guest = { as: "guest" };
  const ann = { as: "ann" };
  const routes = {
    health: get("/api/health", guest),
    "health as ann": get("/api/health", ann),
    "health as superuser": get("/api/health?fields=code"),
    "health, HEAD": { method: "HEAD", path: "/api/health", ...guest },
    "health with a query": get("/api/health?x=1", guest),
    "health with a bad token": get("/api/health", { as: "guest", headers: { authorization: "x" } }),
    list: get("/api/collections/posts/records", guest),
    "list as ann": get("/api/collections/posts/records", ann),
    "list of people": get("/api/collections/people/records", guest),
    view: get("/api/collections/posts/records/first0000000000", guest),
    create: post("/api/collections/posts/records", { title: "x" }, guest),
    update: patch("/api/collections/posts/records/first0000000000", { title: "x" }, guest),
    "update, refused": patch("/api/collections/posts/records/nope", { title: "x" }, guest),
    password: post("/api/collections/people/auth-with-password", { identity: "ann@t.io", password: PASSWORD }, guest),
    "password of others": post("/api/collections/others/auth-with-password", { identity: "ann@t.io", password: PASSWORD }, guest),
    "password, empty": post("/api/collections/people/auth-with-password", {}, guest),
    otp: post("/api/collections/people/auth-with-otp", {}, guest),
    oauth2: post("/api/collections/people/auth-with-oauth2", {}, guest),
    "request otp": post("/api/collections/people/request-otp", {}, guest),
    methods: get("/api/collections/people/auth-methods", guest),
    refresh: post("/api/collections/people/auth-refresh", {}, ann),
    "refresh as a guest": post("/api/collections/people/auth-refresh", {}, guest),
    "request reset": post("/api/collections/people/request-password-reset", {}, guest),
    "confirm reset": post("/api/collections/people/confirm-password-reset", {}, guest),
    "request verification": post("/api/collections/people/request-verification", {}, guest),
    "confirm verification": post("/api/collections/people/confirm-verification", {}, guest),
    "request change": post("/api/collections/people/request-email-change", {}, ann),
    "confirm change": post("/api/collections/people/confirm-email-change", {}, guest),
    impersonate: post("/api/collections/people/impersonate/ann000000000000", {}, guest),
    settings: get("/api/settings", guest),
    collections: get("/api/collections", guest),
    "auth with an unknown route": post("/api/collections/people/auth-with-nothing", {}, guest),
    unknown: post("/api/nope", {}, guest),
  };
  const sets = {
    "nothing": [],
    "everything": [rule("/api/")],
    "everything for guests": [rule("/api/", 2, "@guest")],
    "everything for accounts": [rule("/api/", 2, "@auth")],
    "apart": [rule("/api/", 1, "@guest"), rule("/api/", 3, "@auth")],
    "more of it first": [rule("/api/", 1), rule("/api/health", 3), rule("GET /api/health", 2)],
    "method and path": [rule("GET /api/health")],
    "path": [rule("/api/health")],
    "HEAD": [rule("HEAD /api/health", 1)],
    "a path with a slash": [rule("/api/health/")],
    "method and folder": [rule("POST /api/")],
    "folder of collections": [rule("/api/collections/")],
    "folder of a collection": [rule("/api/collections/people/")],
    "path of a list": [rule("/api/collections/posts/records")],
    "path of a record": [rule("GET /api/collections/posts/records/first0000000000", 1)],
    "any list": [rule("*:list")],
    "one list": [rule("posts:list")],
    "one list and any": [rule("*:list", 1), rule("posts:list", 3)],
    "any create": [rule("*:create", 1)],
    "view and update": [rule("posts:view", 1), rule("posts:update", 1)],
    "any auth": [rule("*:auth", 2)],
    "auth of people": [rule("people:auth", 2)],
    "password before auth": [rule("*:auth", 1), rule("people:authWithPassword", 3)],
    "any password, auth of people": [rule("*:authWithPassword", 1), rule("people:auth", 3)],
    "auth before folders": [rule("/api/", 1), rule("*:auth", 2)],
    "otp": [rule("*:authWithOTP", 1), rule("*:requestOTP", 1)],
    "oauth2": [rule("*:authWithOAuth2", 1), rule("*:listAuthMethods", 1)],
    "refresh": [rule("*:authRefresh", 1)],
    "refresh for guests": [rule("*:authRefresh", 1, "@guest")],
    "mails": [rule("*:requestPasswordReset", 1), rule("*:confirmPasswordReset", 1), rule("*:requestVerification", 1), rule("*:confirmVerification", 1), rule("*:requestEmailChange", 1), rule("*:confirmEmailChange", 1)],
    "unknown collection": [rule("nope:auth", 1)],
    "impersonate": [rule("*:impersonate", 1), rule("POST /api/collections/people/impersonate/", 1)],
    "capitals": [rule("/API/health", 1), rule("get /api/health", 1)],
    "audiences and labels": [rule("*:list", 1, "@auth"), rule("/api/", 2)],
    "a lot": [rule("/api/", 5), rule("*:auth", 4), rule("*:create", 3), rule("posts:list", 2, "@guest"), rule("posts:list", 1, "@auth"), rule("GET /api/health", 2)],
  };
  for (const [name, rules] of Object.entries(sets)) {
    if (!both.wants(name)) continue;
    // Saving the settings forgets all counts.
    await both.same(`${name}: rules`, patch("/api/settings", { rateLimits: { enabled: true, rules } }));
    for (let round = 0; round < 4; round++) {
      for (const [route, request] of Object.entries(routes)) await both.same(`${name}: ${route} ${round}`, request);
    }
    // One route to its end, after which only others are still free.
    await both.same(`${name}: rules again`, patch("/api/settings", { rateLimits: { enabled: true, rules } }));
    const random = both.random(name);
    for (let step = 0; step < 40; step++) {
      const route = random.pick(Object.keys(routes));
      await both.same(`${name}: step ${step}: ${route}`, routes[route]);
    }
  }

  // Addresses.
  await both.same("addresses: rules", patch("/api/settings", { trustedProxy: { headers: ["X-Forwarded-For"], useLeftmostIP: false }, rateLimits: { enabled: true, rules: [rule("/api/", 1)], excludedIPs: ["192.0.2.1", "198.51.100.0/24"] } }));
  const from = (address) => get("/api/health", { as: "guest", headers: { "X-Forwarded-For": address } });
  for (const address of ["192.0.2.1", "192.0.2.2", "192.0.2.3", "198.51.100.7", "203.0.113.1, 192.0.2.2", "192.0.2.2, 203.0.113.9", "10.0.0.1", "192.0.2.1, 10.0.0.2"]) {
    for (let n = 0; n < 3; n++) await both.same(`address ${address}: ${n}`, from(address));
  }

  // Batches.
  await both.same("batch: rules", patch("/api/settings", { batch: { enabled: true, maxRequests: 10, timeout: 5 }, rateLimits: { enabled: true, rules: [rule("*:create", 2)], excludedIPs: [] } }));
  const create = { method: "POST", url: "/api/collections/posts/records", body: { title: "b" } };
  for (const [n, count] of [1, 1, 1].entries()) await both.same(`batch ${n}`, post("/api/batch", { requests: Array(count).fill(create) }, guest));
  await both.same("batch: create outside", routes.create);
  await both.same("batch: rules of the batch", patch("/api/settings", { rateLimits: { enabled: true, rules: [rule("POST /api/batch", 1)] } }));
  for (let n = 0; n < 2; n++) await both.same(`batch itself ${n}`, post("/api/batch", { requests: [create] }, guest));
  await both.same("off", patch("/api/settings", { rateLimits: { enabled: false } }));
  await both.same("off: health", routes.health);
}
