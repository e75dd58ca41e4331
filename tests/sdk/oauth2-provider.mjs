// An OAuth2 and OpenID Connect provider on loopback, as strict as real ones: it checks the client's secret, the redirect
// URL and the PKCE verifier, and exchanges each code once.

import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";

const CLIENT = { id: "larder-tests", secret: "a secret & more" };

/**
 * Starts the provider. `options(name)` configures it in a collection; `signIn(authURL, redirectURL, user)` is somebody who
 * opens the address and agrees, and answers what the browser brings back; `user` is what the provider tells (`sub`, `email`, …).
 */
export async function startOAuth2Provider() {
  const consents = new Map();
  const users = new Map();

  /** Answers the form of a token request, or the reason it is refused for. */
  function exchange(form, authorization) {
    const [id, secret] = authorization?.startsWith("Basic ")
      ? Buffer.from(authorization.slice(6), "base64").toString().split(":").map(decodeFormText)
      : [form.get("client_id"), form.get("client_secret")];
    if (id !== CLIENT.id || secret !== CLIENT.secret) return "invalid_client";
    const consent = consents.get(form.get("code"));
    // Whoever brings a code uses it up, rightly or not.
    consents.delete(form.get("code"));
    const challenge = createHash("sha256").update(form.get("code_verifier") ?? "").digest("base64url");
    const isRight =
      form.get("grant_type") === "authorization_code" &&
      form.get("redirect_uri") === consent?.redirectURL &&
      (consent.challenge === null || consent.challenge === challenge);
    if (!isRight) return "invalid_grant";
    const token = randomUUID();
    users.set(token, consent.user);
    return { access_token: token, refresh_token: randomUUID(), token_type: "Bearer", expires_in: 600 };
  }

  const server = createServer(async (request, response) => {
    const answer = (status, body) => {
      response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    };
    const { authorization } = request.headers;
    if (request.method === "POST" && request.url === "/token") {
      const result = exchange(new URLSearchParams(await text(request)), authorization);
      if (typeof result === "string") answer(result === "invalid_client" ? 401 : 400, { error: result });
      else answer(200, result);
    } else if (request.method === "GET" && request.url === "/userinfo") {
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
      if (!authURL.startsWith(`${url}/authorize?`) || query.get("client_id") !== CLIENT.id || query.get("response_type") !== "code") {
        throw new Error(`a wrong address: ${authURL}`);
      }
      const code = randomUUID();
      consents.set(code, { redirectURL: query.get("redirect_uri"), challenge: query.get("code_challenge"), user });
      return { code, state: query.get("state") };
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
