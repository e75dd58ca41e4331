// Two servers that are asked the same things.

import { SUPERUSER } from "../../sdk/server.mjs";
import { differences } from "./compare.mjs";
import { exchange, post } from "./http.mjs";
import { collectStrings, normalise } from "./normalise.mjs";

/** The value at `path` ("body.items.0.id") of an answer, replaced when it matches: both servers made it up. */
function maskRandom(answer, random) {
  for (const [path, pattern] of Object.entries(random)) {
    const keys = path.split(".");
    const last = keys.pop();
    const holder = keys.reduce((item, key) => item?.[key], answer);
    if (typeof holder?.[last] === "string" && pattern.test(holder[last])) holder[last] = `<${pattern}>`;
  }
}

export class Pair {
  /** Cases seen, and those that differ: `{name, request, differences, expected, got}`. */
  cases = 0;
  failures = [];
  /** What the reference answered, in order. */
  answers = [];
  #names = new Set();
  #sent = new Set();
  #tokens = [{}, {}];

  /** @param {{url: string}[]} servers the reference first */
  constructor(servers) {
    this.servers = servers;
  }

  /** Signs in on both servers; requests with `as: name` then carry the token. */
  async signIn(name, collection, identity, password) {
    const request = post(`/api/collections/${collection}/auth-with-password`, { identity, password });
    const answers = await Promise.all(this.servers.map((server) => exchange(server.url, request)));
    answers.forEach(({ text }, i) => (this.#tokens[i][name] = JSON.parse(text).token));
  }

  signInSuperuser() {
    return this.signIn("superuser", "_superusers", SUPERUSER.email, SUPERUSER.password);
  }

  /**
   * Sends `request` to both and notes how the answers differ. Returns the reference's and the other's raw answers.
   *
   * @param {string} name unique within the area
   * @param {import("./http.mjs").Request} request
   * @param {{headers?: string[], random?: Record<string, RegExp>}} options `headers`: names to compare beside the content
   *   type; `random`: paths of values that both servers make up, with what they must look like
   */
  async same(name, request, { headers = [], random = {} } = {}) {
    if (this.#names.has(name)) throw new Error(`two cases are called ${name}`);
    this.#names.add(name);
    this.cases += 1;
    collectStrings([request.json, request.form, request.multipart, request.path.split(/[/?&=]/)], this.#sent);
    const as = request.as ?? "superuser";
    const answers = await Promise.all(
      this.servers.map((server, i) =>
        exchange(server.url, request, as === "guest" ? undefined : this.#tokens[i][as]).catch((error) => ({
          status: 0,
          headers: {},
          text: JSON.stringify({ connection: error.code ?? error.message }),
        })),
      ),
    );
    const [expected, got] = answers.map((answer) => {
      const comparable = normalise(answer, this.#sent, headers);
      maskRandom(comparable, random);
      return comparable;
    });
    this.answers.push({ name, status: expected.status, body: answers[0].text });
    const found = differences(expected, got);
    if (found.length) this.failures.push({ name, request, differences: found, expected, got });
    return answers;
  }

  /** `same` for a table of named requests. */
  async sameAll(table, options) {
    for (const [name, request] of Object.entries(table)) await this.same(name, request, options);
  }
}
