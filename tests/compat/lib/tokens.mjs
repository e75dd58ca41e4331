// Tokens signed with keys that both servers have been given.

import { createHmac } from "node:crypto";

/**
 * A JSON Web Token.
 *
 * @param {object | string} claims a text is taken as it is
 * @param {{key: string, header?: object, hash?: string}} options `key` is the record's token key with the collection's secret
 */
export function signToken(claims, { key, header = { alg: "HS256", typ: "JWT" }, hash = "sha256" }) {
  const encode = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
  const text = `${encode(header)}.${encode(claims)}`;
  return `${text}.${createHmac(hash, key).update(text).digest("base64url")}`;
}

/** The claims of a token, unverified. */
export const claimsOf = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
