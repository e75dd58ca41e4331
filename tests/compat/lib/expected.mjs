// The list of differences that are meant to be there.

import { readFile } from "node:fs/promises";

const escape = (text) => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");

/**
 * Reads lines `area: case = reason` or `area: case @ path = reason`, where `*` stands for any text.
 *
 * @returns {Promise<{text: string, reason: string, used: boolean, matches: (area: string, name: string, path: string) => boolean}[]>}
 */
export async function readExpected(file) {
  const lines = (await readFile(file, "utf8")).split("\n").map((line) => line.trim());
  return lines
    .filter((line) => line && !line.startsWith("#"))
    .map((line) => {
      const split = line.lastIndexOf(" = ");
      if (split < 0) throw new Error(`no reason given: ${line}`);
      const text = line.slice(0, split).trim();
      const [subject, path = "*"] = text.split(" @ ");
      const subjectPattern = new RegExp(`^${escape(subject)}$`);
      const pathPattern = new RegExp(`^${escape(path)}$`);
      return {
        text,
        reason: line.slice(split + 3).trim(),
        used: false,
        matches: (area, name, where) => subjectPattern.test(`${area}: ${name}`) && pathPattern.test(where),
      };
    });
}
