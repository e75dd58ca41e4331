// Two servers that are asked the same things.

import { SUPERUSER } from "../../sdk/server.mjs";
import { differences } from "./compare.mjs";
import { exchange, post } from "./http.mjs";
import { collectStrings, normalise, normaliseValue } from "./normalise.mjs";
import { Random } from "./random.mjs";

/** The value at `path` ("body.items.0.id") of an answer, replaced when it matches: both servers made it up. */
function maskRandom(answer, random) {
  for (const [path, pattern] of Object.entries(random)) {
    const keys = path.split(".");
    const last = keys.pop();
    const holder = keys.reduce((item, key) => item?.[key], answer);
    if (typeof holder?.[last] === "string" && pattern.test(holder[last])) holder[last] = `<${pattern}>`;
  }
}

/** How many requests making one case smaller may take, and how many cases of an area are made smaller. */
const SHRINK_STEPS = 80;
const SHRINK_CASES = 60;

export class Pair {
  /** Cases seen, and those that differ: `{name, request, about, differences, expected, got, shrunk}`. */
  cases = 0;
  failures = [];
  /** What the reference answered, in order. */
  answers = [];
  #names = new Set();
  #sent = new Set();
  #tokens = [{}, {}];
  #shrunk = 0;
  #strangers = 0;
  /** Whether every request comes from another address: both slow down those who get many empty answers. */
  isFromEverywhere = false;

  /**
   * @param {{url: string}[]} servers the reference first
   * @param {{area?: string, seed?: string, scale?: number, only?: string}} options of the generated cases: what they are made
   *   from, how many there are compared to the usual, and a part of the names of those to run
   */
  constructor(servers, { area = "", seed = "1", scale = 1, only } = {}) {
    this.servers = servers;
    this.area = area;
    this.seed = seed;
    this.scale = scale;
    this.only = only;
  }

  /** Random choices for what is called `name`, which do not depend on any other. */
  random(name) {
    return new Random(`${this.seed} ${this.area} ${name}`);
  }

  /** 0 to `count`, times the scale. */
  numbers(count) {
    return Array.from({ length: Math.ceil(count * this.scale) }, (_, i) => i);
  }

  /** Whether a generated case, or one of the group that is called so, is to be run. */
  wants(name) {
    return this.only === undefined || name.includes(this.only) || this.only.startsWith(name);
  }

  /** Signs in on both servers; requests with `as: name` then carry the token. */
  async signIn(name, collection, identity, password) {
    const request = post(`/api/collections/${collection}/auth-with-password`, { identity, password });
    const answers = await Promise.all(this.servers.map((server) => exchange(server.url, request)));
    this.keepTokens(name, answers);
  }

  /** Requests with `as: name` carry the tokens of these answers from now on. */
  keepTokens(name, answers) {
    answers.forEach(({ text }, i) => (this.#tokens[i][name] = JSON.parse(text).token));
  }

  signInSuperuser() {
    return this.signIn("superuser", "_superusers", SUPERUSER.email, SUPERUSER.password);
  }

  /** The request for each server, which is the same unless it takes what that server has made up. */
  #requests(asked) {
    const requests = this.servers.map((_, i) => (typeof asked === "function" ? asked(i) : asked));
    if (!this.isFromEverywhere) return requests;
    const n = ++this.#strangers;
    const address = `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;
    return requests.map((request) => ({ ...request, headers: { "X-Forwarded-For": address, ...request.headers } }));
  }

  /** What a client has chosen is compared as it is; what it has from a server is in one of the requests only. */
  #noteSent(requests) {
    const [first, second] = requests.map(({ json, form, multipart, path }) => collectStrings([json, form, multipart, path.split(/[/?&=']|%27/)], new Set()));
    for (const text of first) if (!second || second.has(text)) this.#sent.add(text);
  }

  /** The token of somebody who has signed in, on one of the servers; none for guests. */
  tokenOf(as, i) {
    return as === "guest" ? undefined : this.#tokens[i][as];
  }

  /** What both answer, and how that differs. */
  async #ask(asked, { headers = [], random = {}, content, compare = differences }) {
    const requests = this.#requests(asked);
    this.#noteSent(requests);
    const answers = await Promise.all(
      this.servers.map(({ url }, i) =>
        exchange(url, requests[i], this.tokenOf(requests[i].as ?? "superuser", i)).catch((error) => ({
          status: 0,
          headers: {},
          text: JSON.stringify({ connection: error.code ?? error.message }),
          bytes: Buffer.alloc(0),
        })),
      ),
    );
    const [expected, got] = answers.map((answer) => {
      const comparable = normalise(answer, this.#sent, headers, content);
      maskRandom(comparable, random);
      return comparable;
    });
    return { answers, expected, got, differences: compare(expected, got) };
  }

  #note(name) {
    if (this.#names.has(name)) throw new Error(`two cases are called ${name}`);
    this.#names.add(name);
    this.cases += 1;
  }

  /**
   * Sends `request` to both and notes how the answers differ. Returns the reference's and the other's raw answers.
   *
   * @param {string} name unique within the area
   * @param {import("./http.mjs").Request | ((server: number) => import("./http.mjs").Request)} request a function for one
   *   that takes what the server has made up: a token of a mail, an id
   * @param {object} options
   * @param {string[]} [options.headers] names to compare beside the content type
   * @param {"json" | "bytes" | "picture"} [options.content] what the body of a good answer is, see `normalise`
   * @param {Record<string, RegExp>} [options.random] paths of values that both servers make up, with what they must look like
   * @param {(expected: object, got: object) => object[]} [options.compare] instead of `differences`
   * @param {Record<string, string>} [options.about] what to print with a difference: rules, filters
   * @param {() => Promise<object | undefined>} [options.shrink] finds a smaller case that differs, see `smallest`
   */
  async same(name, request, { about, shrink, ...options } = {}) {
    this.#note(name);
    const { answers, expected, got, differences: found } = await this.#ask(request, options);
    this.answers.push({ name, status: expected.status, body: answers[0].text });
    if (found.length) {
      const failure = { name, request: this.#requests(request)[1], about, differences: found, expected, got };
      this.failures.push(failure);
      if (shrink && this.#shrunk < SHRINK_CASES) {
        this.#shrunk += 1;
        failure.shrunk = await shrink();
      }
    }
    return answers;
  }

  /** `same` for what the cases behind it need: they would all agree about nothing if it failed. */
  async setUp(name, request, options) {
    const answers = await this.same(name, request, options);
    const failed = answers.find(({ status }) => status === 0 || status >= 300);
    if (failed) throw new Error(`${name} failed: ${failed.status} ${failed.text}`);
    return answers;
  }

  /** Notes how two values that the servers made differ, such as the mails they sent. */
  sameValues(name, values, { about, compare = differences } = {}) {
    this.#note(name);
    const [expected, got] = values.map((value) => ({ value: normaliseValue(value, this.#sent) }));
    const found = compare(expected, got);
    this.answers.push({ name, status: "", body: JSON.stringify(values[0]) });
    if (found.length) this.failures.push({ name, request: { method: "value", path: "" }, about, differences: found, expected, got });
  }

  /** Sends `request` to both; not a case. */
  async send(request) {
    return (await this.#ask(request, {})).answers;
  }

  /** Sends `request` to one of them; not a case. */
  sendTo(i, request) {
    const sent = this.#requests(() => request)[i];
    return exchange(this.servers[i].url, sent, this.tokenOf(sent.as ?? "superuser", i));
  }

  /** Whether the answers to `request` differ; not a case. */
  async differs(request, options = {}) {
    return (await this.#ask(request, options)).differences;
  }

  /** `same` for a table of named requests. */
  async sameAll(table, options) {
    for (const [name, request] of Object.entries(table)) await this.same(name, request, options);
  }
}

/**
 * Replaces a tree by smaller ones as long as they fail too.
 *
 * @template T
 * @param {T} tree one that fails
 * @param {(tree: T) => T[]} smaller
 * @param {(tree: T) => Promise<object[]>} test how the answers differ
 * @returns {Promise<{tree: T, differences: object[]} | undefined>} the smallest, unless that is `tree` itself
 */
export async function smallest(tree, smaller, test) {
  let best;
  let steps = 0;
  for (let again = true; again; ) {
    again = false;
    for (const part of smaller(best?.tree ?? tree)) {
      if (++steps > SHRINK_STEPS) return best;
      const differences = await test(part);
      if (differences.length) {
        best = { tree: part, differences };
        again = true;
        break;
      }
    }
  }
  return best;
}

/** Calls `work` for every item, a few at a time: for what changes nothing. */
export async function inParallel(items, work, width = 6) {
  const left = items[Symbol.iterator]();
  const worker = async () => {
    for (const item of left) await work(item);
  };
  // The others finish before an error is passed on, because the servers end with it.
  const ends = await Promise.allSettled(Array.from({ length: width }, worker));
  const failed = ends.find((end) => end.status === "rejected");
  if (failed) throw failed.reason;
}
