// Comparing lists of records whose order is free, and cases about filters.

import { differences } from "./compare.mjs";
import { render, smaller, tagsOf } from "./expressions.mjs";
import { get } from "./http.mjs";
import { smallest } from "./pair.mjs";

/**
 * How two answers to a list request differ: `more` and `fewer` are what Larder answers beyond and short of the reference,
 * `refused` what it does not answer at all.
 *
 * @param {{ordered?: boolean}} options `ordered` when the request asks for a full order
 */
export const compareLists = ({ ordered = false } = {}) => (expected, got) => {
  if (expected.status !== 200 || got.status !== 200) {
    if (expected.status === got.status) return differences(expected, got);
    return [{ path: expected.status === 200 && got.status >= 400 ? "refused" : "status", expected: [expected.status, idsOf(expected) ?? expected.body], got: [got.status, idsOf(got) ?? got.body] }];
  }
  const [theirs, ours] = [idsOf(expected), idsOf(got)];
  const beyond = (some, others) => {
    const left = [...others];
    return some.filter((one) => {
      const at = left.indexOf(one);
      if (at >= 0) left.splice(at, 1);
      return at < 0;
    });
  };
  const [more, fewer] = [beyond(ours, theirs), beyond(theirs, ours)];
  const out = [];
  if (more.length) out.push({ path: "more", expected: theirs.join(" "), got: more.join(" ") });
  if (fewer.length) out.push({ path: "fewer", expected: theirs.join(" "), got: ours.join(" ") });
  if (out.length) return out;
  if (ordered && theirs.join() !== ours.join()) return [{ path: "order", expected: theirs.join(" "), got: ours.join(" ") }];
  if (ordered) return differences(expected, got);
  // Records sorted, so that their order does not matter, and the rest as it is.
  const byId = ({ items, ...rest }) => ({ ...rest, items: items.map((item) => [JSON.stringify(item), item]).sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item) });
  return differences({ ...expected, body: byId(expected.body) }, { ...got, body: byId(got.body) });
};

/** What tells the records of a list apart. */
const idsOf = ({ body }) => body?.items?.map?.((item) => item.id ?? "?");

export const records = (collection, query = {}) => {
  const pairs = Object.entries(query).map(([key, value]) => `${key}=${encodeURIComponent(value)}`);
  return `/api/collections/${collection}/records${pairs.length ? `?${pairs.join("&")}` : ""}`;
};

const note = (tags) => tags.map((tag) => `[${tag}] `).join("");

/** One line of a text, for the name of a case. */
const short = (text) => text.replaceAll(/\s+/g, " ").slice(0, 120);

/**
 * A case about a client filter.
 *
 * @param {string} title the beginning of the name; `as` who asks
 * @param {object} tree of `Expressions`, or `text` that is no tree
 */
export async function sameFilter(both, title, { as, collection, tree, text = render(tree), query = {}, ordered = false, tags = tree ? tagsOf(tree) : [], about = {} }) {
  const compare = compareLists({ ordered });
  const request = (filter) => get(records(collection, { fields: "id", perPage: 500, ...query, filter }), { as });
  const shrink = tree && (async () => {
    const found = await smallest(tree, smaller, (part) => both.differs(request(render(part)), { compare }));
    return found && { text: render(found.tree), differences: found.differences };
  });
  await both.same(`${title} ${note(tags)}${short(text)}`, request(text), { compare, about: { ...about, filter: text }, shrink });
}
