// The stream of GET /api/realtime without a client, as it is on the wire.

import { once } from "node:events";
import { request } from "node:http";
import { EventQueue } from "./event-queue.mjs";

/** A frame: three lines without blanks after the colons, and an empty one. */
const FRAME = /^id:(?<id>[^\n]*)\nevent:(?<event>[^\n]*)\ndata:(?<data>[^\n]*)$/;

export class EventStream {
  /** The frames in order, `{id, event, data}`, with `data` parsed; the first one is taken already. */
  frames = new EventQueue();
  /** The data of the first frame. */
  connect;
  clientId;
  status;
  headers;
  /** Resolves when the stream ends, from whichever side. */
  ended;
  #url;
  #request;
  #incoming;

  /**
   * Connects and waits for the first frame.
   *
   * @param {string} url base URL of the server
   * @param {{query?: string, headers?: Record<string, string>}} options
   */
  static async open(url, { query = "", headers = {} } = {}) {
    const stream = new EventStream();
    stream.#url = url;
    // A connection of its own, which goes when the stream does.
    stream.#request = request(`${url}/api/realtime${query}`, { agent: false, headers: { accept: "text/event-stream", ...headers } });
    stream.#request.on("error", () => {});
    stream.#request.end();
    const [incoming] = await once(stream.#request, "response");
    stream.#incoming = incoming;
    stream.status = incoming.statusCode;
    stream.headers = incoming.headers;
    stream.ended = new Promise((resolve) => incoming.on("close", resolve));
    let text = "";
    incoming.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
      for (let end; (end = text.indexOf("\n\n")) >= 0; text = text.slice(end + 2)) stream.#receive(text.slice(0, end));
    });
    incoming.on("error", () => {});
    incoming.on("close", () => stream.frames.fail(new Error("the stream has ended")));
    if (stream.status !== 200) return stream;
    const first = await stream.frames.next();
    if (first.event !== "PB_CONNECT") throw new Error(`the first frame is ${JSON.stringify(first)}`);
    stream.connect = first.data;
    stream.clientId = first.data.clientId;
    return stream;
  }

  #receive(text) {
    const frame = text.match(FRAME)?.groups;
    this.frames.push(frame ? { ...frame, raw: frame.data, data: JSON.parse(frame.data) } : { event: "malformed", raw: text, data: null });
  }

  /** Sets the topics, as whoever `token` belongs to; `more` goes into the body. */
  async subscribe(subscriptions, { token, more = {}, headers = {} } = {}) {
    const response = await fetch(`${this.#url}/api/realtime`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(token && { authorization: token }), ...headers },
      body: JSON.stringify({ clientId: this.clientId, subscriptions, ...more }),
    });
    const text = await response.text();
    return { status: response.status, text, body: text && JSON.parse(text) };
  }

  /** Stops reading, as a client that is slow or asleep does. */
  pause() {
    this.#incoming.pause();
  }

  resume() {
    this.#incoming.resume();
  }

  close() {
    this.#request.destroy();
    return this.ended;
  }
}
