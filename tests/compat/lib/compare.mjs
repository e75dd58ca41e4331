// Differences between two normalised answers, as a list of paths.

const kind = (value) => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);

/**
 * @returns {{path: string, expected: unknown, got: unknown}[]} `undefined` stands for a missing key
 */
export function differences(expected, got, path = "") {
  if (kind(expected) !== kind(got)) return [{ path, expected, got }];
  if (kind(expected) === "array") {
    if (expected.length !== got.length) return [{ path, expected, got }];
    return expected.flatMap((item, i) => differences(item, got[i], `${path}.${i}`));
  }
  if (kind(expected) === "object") {
    const keys = new Set([...Object.keys(expected), ...Object.keys(got)]);
    return [...keys].flatMap((key) => differences(expected[key], got[key], path ? `${path}.${key}` : key));
  }
  return expected === got ? [] : [{ path, expected, got }];
}
