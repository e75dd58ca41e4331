// Replaces what two correct servers may answer differently (ids, times, tokens, random names, wording) by placeholders,
// and leaves everything else, so that plain comparison does the rest.

/** How far from now a date may lie to count as "now", in milliseconds. */
const NOW_MS = 60 * 60 * 1000;

const DATE = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z$/;
const GENERATED_ID = /^[a-z0-9]{15}$/;
const JWT = /^eyJ[\w-]*\.[\w-]+\.[\w-]+$/;

/** Random parts inside longer strings. */
const RANDOM_PARTS = [
  [/^_clone_[A-Za-z0-9]{4}$/, "_clone_<random>"],
  [/^temp_view_\w+$/, "<temporary view>"],
  // The scaffold of an auth collection, whose name is not known yet.
  [/\bidx_(tokenKey|email)_[a-z0-9]{10}\b(?=` ON ``)/, "idx_$1_<random>"],
];

/** The name of a stored file without what is random. */
export function maskStoredName(name) {
  const [, size = "", rest = name] = name.match(/^(\d+x\d+[tbf]?_)?(.*)$/s);
  const masked = rest
    .replace(/^([a-z0-9_]{0,2})[a-z0-9]{10}_[a-z0-9]{10}(?=\.[\w.*+=#-]{1,21}$|$)/, "$1<random>_<random>")
    .replace(/^([a-z0-9_]{3,100})_[a-z0-9]{10}(?=\.[\w.*+=#-]{1,21}$|$)/, "$1_<random>");
  return size + masked;
}

/** Every string of a request, so that what a client chose itself is compared as it is. */
export function collectStrings(value, into) {
  if (typeof value === "string") into.add(value);
  else if (value && typeof value === "object" && !Buffer.isBuffer(value)) {
    for (const [key, item] of Object.entries(value)) {
      into.add(key);
      collectStrings(item, into);
    }
  }
  return into;
}

function claimsOf(token) {
  const [header, claims] = token.split(".", 2).map((part) => JSON.parse(Buffer.from(part, "base64url").toString()));
  const { exp, ...rest } = claims;
  // Rounded, because the two servers are asked a moment apart.
  const ttl = exp === undefined ? "none" : Math.round((exp - Date.now() / 1000) / 10) * 10;
  return { header, claims: rest, ttl };
}

function string(text, sent) {
  if (sent.has(text)) return text;
  if (DATE.test(text)) return Math.abs(Date.parse(text) - Date.now()) < NOW_MS ? "<now>" : text;
  if (GENERATED_ID.test(text)) return "<id>";
  if (JWT.test(text)) return { jwt: tree(claimsOf(text), sent, "") };
  for (const [pattern, placeholder] of RANDOM_PARTS) {
    if (pattern.test(text)) return text.replace(pattern, placeholder);
  }
  return maskStoredName(text);
}

function tree(value, sent, key) {
  if (typeof value === "string") {
    // The wording of mails is free, as long as nobody has set it.
    if (key === "body" && value.includes("<") && !sent.has(value)) return "<wording>";
    return string(value, sent);
  }
  if (Array.isArray(value)) return value.map((item) => tree(item, sent, key));
  if (value && typeof value === "object") {
    const out = Object.fromEntries(Object.entries(value).map(([name, item]) => [name, tree(item, sent, name)]));
    // The id of a temporary view follows from its random name.
    if (out.collectionName === "<temporary view>") out.collectionId = "<id>";
    return out;
  }
  return value;
}

/** Any value in comparable form. */
export const normaliseValue = (value, sent) => tree(value, sent, "");

/** Messages of an error envelope: at the top, beside every code, and in the envelopes of a batch's items. */
function hideMessages(envelope) {
  const walk = (item) => {
    if (!item || typeof item !== "object") return item;
    const out = Object.fromEntries(Object.entries(item).map(([key, value]) => [key, walk(value)]));
    if ((typeof item.code === "string" || typeof item.status === "number") && typeof item.message === "string") out.message = "<wording>";
    return out;
  };
  const { message, data, ...rest } = envelope;
  return { ...rest, message: typeof message === "string" ? "<wording>" : message, data: walk(data) };
}

/** A header in comparable form. */
function header(name, value) {
  switch (name) {
    // Lists of names mean the same in any order and case.
    case "vary": return value.toLowerCase().split(/,\s*/).sort().join(", ");
    case "content-disposition": return value.replace(/(?<=filename=).*/, maskStoredName);
    case "last-modified": return Math.abs(Date.parse(value) - Date.now()) < NOW_MS ? "<now>" : value;
    case "content-type": return value.replace(/(?<=boundary=).*/, "<boundary>");
    default: return value;
  }
}

/** The format and the size of a picture, all that two programs that make the same one have to agree about. */
export function describePicture(bytes) {
  const jpeg = () => {
    for (let at = 2; at + 9 < bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
      const marker = bytes[at + 1];
      if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) return `${bytes.readUInt16BE(at + 7)}x${bytes.readUInt16BE(at + 5)}`;
    }
    return "?";
  };
  if (bytes.subarray(1, 4).toString("latin1") === "PNG") return `png ${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`;
  if (bytes.subarray(0, 3).toString("latin1") === "GIF") return `gif ${bytes.readUInt16LE(6)}x${bytes.readUInt16LE(8)}`;
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return `jpeg ${jpeg()}`;
  return `no picture of ${bytes.length} bytes`;
}

/** The headers that are compared in every case. */
const HEADERS = ["content-type"];

/**
 * An answer in comparable form.
 *
 * @param {{status: number, headers: Record<string, string>, text: string}} answer
 * @param {Set<string>} sent strings the client has sent so far
 * @param {string[]} extraHeaders further headers to compare, lower case
 * @param {"json" | "bytes" | "picture"} content what the body of a good answer is; bytes are compared as they are
 */
export function normalise({ status, headers, text, bytes }, sent, extraHeaders = [], content = "json") {
  const kept = [...HEADERS, ...extraHeaders].filter((name) => headers[name] !== undefined);
  const out = { status, headers: Object.fromEntries(kept.map((name) => [name, header(name, headers[name])])) };
  if (content !== "json" && status < 300) {
    const boundary = headers["content-type"]?.match(/boundary=(.*)/)?.[1];
    if (boundary) return { ...out, body: text.replaceAll(boundary, "<boundary>") };
    return { ...out, body: content === "picture" ? describePicture(bytes) : bytes.toString("latin1") };
  }
  if (text === "") return { ...out, body: "" };
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    // Pages for people: that there is one is all that can be compared.
    return { ...out, body: "<text>" };
  }
  // Deeper than this walk can go, and nothing in it is made up by a server.
  if (/\[{2000}|(\{"a":){2000}/.test(text)) return { ...out, body: text };
  if (body && typeof body === "object" && typeof body.message === "string" && ("status" in body || "code" in body)) {
    body = hideMessages(body);
  }
  return { ...out, body: tree(body, sent, "") };
}
