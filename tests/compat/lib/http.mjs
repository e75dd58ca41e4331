// Sends one request exactly as written: no redirects, no decompression, no headers of its own but Host and Content-Length.

import { Agent, request as send } from "node:http";

const agent = new Agent({ keepAlive: true });

/** Ends the idle connections, which would hold the process open. */
export const closeConnections = () => agent.destroy();

/** How long one answer may take, in milliseconds. */
const PATIENCE_MS = 20_000;

/**
 * Bodies above this size are sent only after the server has asked for them, or else an early refusal would race with the
 * connection being closed under the client's writing.
 */
const ASK_FIRST_BYTES = 1 << 20;

/** How long to wait for "100 Continue" before sending anyway, in milliseconds. */
const CONTINUE_MS = 3_000;

/**
 * A request of a case. Everything but `method` and `path` is optional.
 *
 * @typedef {object} Request
 * @property {string} method
 * @property {string} path sent as it is, so it must be percent-encoded already
 * @property {unknown} [json] body, sent as JSON
 * @property {[string, string][]} [form] body, sent urlencoded
 * @property {([string, string] | Part)[]} [multipart] body, sent as multipart/form-data
 * @property {string | Buffer} [raw] body, sent as it is
 * @property {string} [type] content type, overriding the one of the body's kind
 * @property {Record<string, string>} [headers]
 * @property {string} [as] who asks: "superuser" (default), "guest", or a name given to `signIn`
 */

/**
 * A part of a multipart body.
 *
 * @typedef {object} Part
 * @property {string} head its header lines, without the line break behind them
 * @property {string | Buffer} content
 */

export const get = (path, rest) => ({ method: "GET", path, ...rest });
export const post = (path, json, rest) => ({ method: "POST", path, json, ...rest });
export const patch = (path, json, rest) => ({ method: "PATCH", path, json, ...rest });
export const put = (path, json, rest) => ({ method: "PUT", path, json, ...rest });
export const del = (path, rest) => ({ method: "DELETE", path, ...rest });

const BOUNDARY = "larder-compat-boundary";

function multipartBody(parts) {
  const bytes = parts.flatMap((part) => {
    const { head, content } = Array.isArray(part) ? { head: `Content-Disposition: form-data; name="${part[0]}"`, content: part[1] } : part;
    return [Buffer.from(`--${BOUNDARY}\r\n${head}\r\n\r\n`), Buffer.from(content), Buffer.from("\r\n")];
  });
  return Buffer.concat([...bytes, Buffer.from(`--${BOUNDARY}--\r\n`)]);
}

/** The body's bytes and its content type; both undefined for a request without a body. */
export function encodeBody({ json, form, multipart, raw, type }) {
  if (raw !== undefined) return [Buffer.from(raw), type];
  if (form) return [Buffer.from(new URLSearchParams(form).toString()), type ?? "application/x-www-form-urlencoded"];
  if (multipart) return [multipartBody(multipart), type ?? `multipart/form-data; boundary=${BOUNDARY}`];
  if (json !== undefined) return [Buffer.from(JSON.stringify(json)), type ?? "application/json"];
  return [undefined, type];
}

/**
 * @param {string} url base URL of the server
 * @param {Request} request
 * @param {string} [token]
 * @returns {Promise<{status: number, headers: Record<string, string>, text: string, bytes: Buffer}>}
 */
export function exchange(url, request, token) {
  const [body, type] = encodeBody(request);
  const headers = { ...request.headers };
  if (token) headers.authorization ??= token;
  if (type) headers["content-type"] = type;
  if (body && !headers["transfer-encoding"]) headers["content-length"] = body.length;
  const asksFirst = body?.length > ASK_FIRST_BYTES;
  if (asksFirst) headers.expect = "100-continue";
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const options = { hostname, port, agent: asksFirst ? undefined : agent, method: request.method, path: request.path, headers };
    let unsolicited;
    const outgoing = send(options, (incoming) => {
      clearTimeout(unsolicited);
      const chunks = [];
      incoming.on("data", (chunk) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => {
        const bytes = Buffer.concat(chunks);
        resolve({ status: incoming.statusCode, headers: incoming.headers, text: bytes.toString("utf8"), bytes });
        if (asksFirst) outgoing.destroy();
      });
    });
    outgoing.setTimeout(PATIENCE_MS, () => outgoing.destroy(new Error("no answer in time")));
    outgoing.on("error", (error) => {
      // The server has closed an idle connection at the moment it was to be used again.
      if (outgoing.reusedSocket && error.code === "ECONNRESET") resolve(exchange(url, request, token));
      else reject(error);
    });
    if (asksFirst) {
      const sendBody = () => {
        clearTimeout(unsolicited);
        outgoing.end(body);
      };
      outgoing.on("continue", sendBody);
      outgoing.flushHeaders();
      unsolicited = setTimeout(sendBody, CONTINUE_MS);
    } else {
      outgoing.end(body);
    }
  });
}
