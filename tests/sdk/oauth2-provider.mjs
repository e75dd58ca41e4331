// An OAuth2 and OpenID Connect provider on loopback, as strict as real ones: it checks the client's secret, the redirect
// URL and the PKCE verifier, and exchanges each code once. It plays Apple, too.

import { createHash, generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";

const CLIENT = { id: "larder-tests", secret: "a secret & more" };

/** The cookie of somebody the provider knows. */
const cookieOf = (user) => `user=${Buffer.from(JSON.stringify(user)).toString("base64url")}`;
const userOf = (cookie) => JSON.parse(Buffer.from(cookie.slice("user=".length), "base64url"));

const escapeHtml = (text) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
const unescapeHtml = (text) => text.replaceAll("&lt;", "<").replaceAll("&quot;", '"').replaceAll("&amp;", "&");

/**
 * Starts the provider. `options(name)` configures it in a collection; `user` is what the provider tells (`sub`, `email`, …).
 *
 * * `signIn(authURL, redirectURL, user)` is somebody who opens the address and agrees, and answers what the browser brings back.
 * * `browse(url, user)` is a browser that opens the provider's page and goes back to the server from there; without a user,
 *   somebody who does not agree. Answers the server's answer, which is not followed.
 */
export async function startOAuth2Provider() {
  const consents = new Map();
  const users = new Map();
  const key = generateKeyPairSync("ec", { namedCurve: "P-256" });

  /** Notes that `user` agrees to what an authorization request asks for, and answers the code. */
  function consent(query, user) {
    if (query.get("client_id") !== CLIENT.id || query.get("response_type") !== "code") throw new Error(`a wrong request: ${query}`);
    const code = randomUUID();
    consents.set(code, { redirectURL: query.get("redirect_uri"), challenge: query.get("code_challenge"), isApple: query.get("response_mode") === "form_post", user });
    return code;
  }

  /** What Apple tells of a user instead of answering requests: all but the name. */
  function idToken({ name, ...user }) {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: "https://appleid.apple.com", aud: CLIENT.id, iat: now, exp: now + 600, ...user };
    const parts = [{ alg: "ES256", kid: "tests" }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
    const signature = sign("sha256", Buffer.from(parts.join(".")), { key: key.privateKey, dsaEncoding: "ieee-p1363" });
    return [...parts, signature.toString("base64url")].join(".");
  }

  /** The page where users agree, or not: sends the browser back at once, with a redirect or, as Apple does, a form. */
  function authorize(query, cookie, response) {
    const user = cookie && userOf(cookie);
    const told = { state: query.get("state"), ...(user ? { code: consent(query, user) } : { error: "access_denied" }) };
    const back = query.get("redirect_uri");
    if (query.get("response_mode") === "form_post") {
      // Text, or what Apple makes of a name.
      if (user?.name !== undefined) told.user = typeof user.name === "string" ? user.name : JSON.stringify({ name: user.name, email: user.email });
      const inputs = Object.entries(told).map(([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`);
      response.writeHead(200, { "Content-Type": "text/html" }).end(`<form method="post" action="${escapeHtml(back)}">${inputs.join("")}</form>`);
    } else {
      const url = new URL(back);
      for (const [name, value] of Object.entries(told)) url.searchParams.append(name, value);
      response.writeHead(302, { Location: url.href }).end();
    }
  }

  /** Answers the form of a token request, or the reason it is refused for. */
  function exchange(form, authorization) {
    const [id, secret] = authorization?.startsWith("Basic ")
      ? Buffer.from(authorization.slice(6), "base64").toString().split(":").map(decodeFormText)
      : [form.get("client_id"), form.get("client_secret")];
    if (id !== CLIENT.id || secret !== CLIENT.secret) return "invalid_client";
    const agreed = consents.get(form.get("code"));
    // Whoever brings a code uses it up, rightly or not.
    consents.delete(form.get("code"));
    const challenge = createHash("sha256").update(form.get("code_verifier") ?? "").digest("base64url");
    const isRight =
      form.get("grant_type") === "authorization_code" &&
      form.get("redirect_uri") === agreed?.redirectURL &&
      (agreed.challenge === null || agreed.challenge === challenge);
    if (!isRight) return "invalid_grant";
    const token = randomUUID();
    users.set(token, agreed.user);
    const tokens = { access_token: token, refresh_token: randomUUID(), token_type: "Bearer", expires_in: 600 };
    return agreed.isApple ? { ...tokens, id_token: idToken(agreed.user) } : tokens;
  }

  const server = createServer(async (request, response) => {
    const answer = (status, body) => {
      response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    };
    const { authorization, cookie } = request.headers;
    const { pathname, searchParams } = new URL(request.url, "http://x");
    if (request.method === "POST" && request.url === "/token") {
      const result = exchange(new URLSearchParams(await text(request)), authorization);
      if (typeof result === "string") answer(result === "invalid_client" ? 401 : 400, { error: result });
      else answer(200, result);
    } else if (request.method === "GET" && pathname === "/authorize") {
      authorize(searchParams, cookie, response);
    } else if (request.method === "GET" && pathname === "/keys") {
      answer(200, { keys: [{ ...key.publicKey.export({ format: "jwk" }), kid: "tests", alg: "ES256", use: "sig" }] });
    } else if (request.method === "GET" && pathname === "/userinfo") {
      const user = users.get(authorization?.replace("Bearer ", ""));
      answer(user ? 200 : 401, user ?? {});
    } else {
      answer(404, {});
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${server.address().port}`;

  return {
    options: (name = "oidc", extra = {}) => ({
      name,
      clientId: CLIENT.id,
      clientSecret: CLIENT.secret,
      authURL: `${url}/authorize`,
      tokenURL: `${url}/token`,
      userInfoURL: `${url}/userinfo`,
      ...extra,
    }),

    /** @returns {{code: string, state: string}} */
    signIn(authURL, redirectURL, user) {
      // As clients do: the redirect URL goes to the end.
      const query = new URL(authURL + encodeURIComponent(redirectURL)).searchParams;
      if (!authURL.startsWith(`${url}/authorize?`)) throw new Error(`a wrong address: ${authURL}`);
      return { code: consent(query, user), state: query.get("state") };
    },

    /** @returns {Promise<{status: number, location: string, back: () => Promise<object>}>} `back` goes there once more */
    async browse(address, user) {
      const page = await fetch(address, { redirect: "manual", headers: user ? { cookie: cookieOf(user) } : {} });
      const location = page.headers.get("location");
      const html = await page.text();
      const fields = [...html.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name, unescapeHtml(value)]);
      const back = async () => {
        const answer = location
          ? await fetch(location, { redirect: "manual" })
          : await fetch(unescapeHtml(html.match(/action="([^"]*)"/)[1]), { method: "POST", redirect: "manual", body: new URLSearchParams(fields) });
        return { status: answer.status, location: answer.headers.get("location") };
      };
      return { ...(await back()), back };
    },

    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** User name and password in the Authorization header are form-encoded (RFC 6749, section 2.3.1). */
const decodeFormText = (part) => decodeURIComponent(part.replaceAll("+", " "));
