// An OpenID Connect provider without a memory: a code is the user it stands for.

import { once } from "node:events";
import { createServer } from "node:http";

const json = (response, status, body) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));

/** The code for a user, given as the claims the provider will tell. */
export const codeOf = (user) => Buffer.from(JSON.stringify(user)).toString("base64url");

/** Starts the provider; `options(name)` configures it in a collection. */
export async function startProvider() {
  const server = createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      if (request.url === "/token") {
        const code = new URLSearchParams(Buffer.concat(chunks).toString()).get("code");
        if (!code || code === "refused") return json(response, 400, { error: "invalid_grant" });
        return json(response, 200, { access_token: code, token_type: "Bearer", refresh_token: "again", expires_in: 600 });
      }
      const token = (request.headers.authorization ?? "").replace("Bearer ", "");
      const user = Buffer.from(token, "base64url").toString();
      if (user.startsWith("{")) return response.writeHead(200, { "content-type": "application/json" }).end(user);
      return json(response, 401, {});
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    options: (name) => ({ name, clientId: "client", clientSecret: "secret", authURL: `${url}/auth`, tokenURL: `${url}/token`, userInfoURL: `${url}/user` }),
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
