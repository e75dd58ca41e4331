// Listeners on both servers, and what each of them heard while something happened.

import { EventStream } from "../../sdk/event-stream.mjs";
import { differences } from "./compare.mjs";
import { get, post } from "./http.mjs";
import { records } from "./lists.mjs";

/** Everybody may hear of what is in there: that a record of it came says that what was written before has come as well. */
const MARKS = "marks";
let marks = 0;
let places = 0;

/**
 * Somebody who listens to a topic.
 *
 * @typedef {object} Listener
 * @property {string} name unique within a scene
 * @property {string} as who it is: connections are shared by those of the same name
 * @property {string} collection
 * @property {string} [target] id of a record; all without
 * @property {{query?: Record<string, string>, headers?: Record<string, string>}} [options]
 * @property {boolean} [isOld] whether to ask for the collection in the old way
 * @property {boolean} [isUnlikeRest] whether other things hold here than for reading records
 * @property {string[]} [tags] for `expected-differences`: those of its filter, and `secret` if the rule looks at what is not kept of
 *   records that are deleted
 */

export const topicOf = ({ collection, target = "*", options, isOld }) =>
  (isOld ? collection : `${collection}/${target}`) + (options ? `?options=${encodeURIComponent(JSON.stringify(options))}` : "");

/** The request that shows what a listener may hear of. */
function readingOf({ as, collection, target, options: { query = {}, headers } = {} }) {
  if (target === undefined) return get(records(collection, { perPage: 500, skipTotal: true, ...query }), { as, headers });
  return get(`${records(collection)}/${target}?${new URLSearchParams(query)}`, { as, headers });
}

/** Makes what `withAudience` needs. */
export const setUpMarks = (both) => both.same("set up: marks", post("/api/collections", { name: MARKS, listRule: "", fields: [] }));

/** How what was heard differs: `more` and `fewer` are what Larder tells beyond and short of the reference. */
const compareHeard = ({ value: theirs }, { value: ours }) =>
  [...new Set([...Object.keys(theirs), ...Object.keys(ours)])].flatMap((key) => {
    const [expected, got] = [theirs[key] ?? [], ours[key] ?? []];
    if (expected.length === got.length) return differences(expected, got, key);
    const beyond = (some, others) => {
      const left = others.map((record) => JSON.stringify(record));
      return some.filter((record) => {
        const at = left.indexOf(JSON.stringify(record));
        if (at >= 0) left.splice(at, 1);
        return at < 0;
      });
    };
    return [
      ...beyond(expected, got).map((record) => ({ path: "fewer", expected: [key, record], got: undefined })),
      ...beyond(got, expected).map((record) => ({ path: "more", expected: undefined, got: [key, record] })),
    ];
  });

/** A value with its keys in order. */
const ordered = (value) => {
  if (Array.isArray(value)) return value.map(ordered);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, ordered(value[key])]));
};

/** The records of events by what happened to them, so that the order does not matter: the reference does not keep it. */
function byContent(events) {
  const text = ({ created, updated, ...rest }) => JSON.stringify(rest);
  const out = {};
  for (const { action, record } of events) (out[`${action} ${record.id}`] ??= []).push(ordered(record));
  for (const list of Object.values(out)) list.sort((a, b) => (text(a) < text(b) ? -1 : 1));
  return out;
}

/** In a list, a record may go without `expand` when there is nothing in it. */
function withoutEmptyExpand({ action, record: { expand, ...rest } }) {
  return { action, record: expand && Object.keys(expand).length ? { ...rest, expand } : rest };
}

/** One connection to each server. */
class Ears {
  constructor(both, as) {
    this.both = both;
    this.as = as;
    this.headers = { "x-forwarded-for": `172.16.${(++places >> 8) & 255}.${places & 255}` };
  }

  async open(topics) {
    this.streams = await Promise.all(this.both.servers.map(({ url }) => EventStream.open(url, { headers: this.headers })));
    for (const [i, stream] of this.streams.entries()) {
      const { status, text } = await stream.subscribe([...topics, `${MARKS}/*`], { token: this.both.tokenOf(this.as, i), headers: this.headers });
      if (status !== 204) throw new Error(`${this.as} cannot subscribe to ${topics}: ${status} ${text}`);
    }
  }

  /** Whether Larder's events come in the order of their numbers: those of the reference have none. */
  get areOrdered() {
    return this.streams[1].connect.seq !== undefined;
  }

  /** What each server has told until the mark: lists of `{event, action, record}`. */
  until(mark, context) {
    return Promise.all(
      this.streams.map(async ({ frames }, i) => {
        const before = await frames.until(({ event, data }) => event === `${MARKS}/*` && data.record.id === mark).catch((error) => {
          const waiting = frames.waiting.map(({ event, data }) => `${event} ${data?.action} ${data?.record?.id}`);
          throw new Error(`${context}: ${this.as} on ${this.both.servers[i].url}, waiting for ${mark}: ${error.message}; there are ${waiting}`);
        });
        return before.filter(({ event }) => event !== `${MARKS}/*`).map(({ event, data: { action, record, seq } }) => ({ event, action, record, seq }));
      }),
    );
  }

  close() {
    return Promise.all((this.streams ?? []).map((stream) => stream.close()));
  }
}

/**
 * Lets `listeners` listen while the requests of `steps` are made one after the other, and notes as cases what differs: each one must
 * hear the same from both servers, and from Larder what reading the records shows them, before a deletion or after another change.
 *
 * @param {string} name
 * @param {{collection: string, listeners: Listener[], steps: import("./http.mjs").Request[], about?: Record<string, string>}} scene
 *   `collection` is the one whose changes can be heard
 */
export async function withAudience(both, name, { collection, listeners, steps, about = {} }) {
  const ears = new Map([...new Set(["superuser", ...listeners.map(({ as }) => as)])].map((as) => [as, new Ears(both, as)]));
  // All changes there are.
  const all = topicOf({ collection, options: { headers: { all: "1" } } });
  try {
    for (const [as, one] of ears) await one.open([...(as === "superuser" ? [all] : []), ...listeners.filter((listener) => listener.as === as).map(topicOf)]);
    const heard = new Map(listeners.map((listener) => [listener, [[], []]]));
    const shown = new Map(listeners.map((listener) => [listener, []]));
    const readers = listeners.filter(({ isUnlikeRest }) => !isUnlikeRest);
    /** What each reader is shown now, by id. */
    const look = async () => {
      const pictures = new Map();
      for (const reader of readers) {
        const { status, text } = await both.sendTo(1, readingOf(reader));
        const body = status === 200 ? JSON.parse(text) : undefined;
        const seen = !body ? [] : reader.target === undefined ? body.items : [body];
        pictures.set(reader, new Map(seen.map((record) => [record.id, record])));
      }
      return pictures;
    };

    let before = await look();
    let isInOrder = true;
    for (const step of [...steps, null]) {
      if (step) await both.send(step);
      const told = new Map([...ears.keys()].map((as) => [as, [[], []]]));
      // One says it all where there is an order. With the reference in both places, what is late is given time to come.
      for (let left = ears.get("superuser").areOrdered ? 1 : 4; left > 0; left--) {
        const mark = `mark${String(++marks).padStart(11, "0")}`;
        await both.send(post(records(MARKS), { id: mark }));
        const context = `${name}, after ${step ? `${step.method} ${step.path}` : "the end"}`;
        for (const [as, one] of ears) for (const [i, events] of (await one.until(mark, context)).entries()) told.get(as)[i].push(...events);
      }
      for (const listener of listeners) told.get(listener.as).forEach((events, i) => heard.get(listener)[i].push(...events.filter(({ event }) => event === topicOf(listener))));
      for (const [, [, events]] of told) isInOrder &&= events.every(({ seq }, i) => !i || seq === undefined || events[i - 1].seq <= seq);

      const after = step ? await look() : before;
      for (const { event, action, record } of told.get("superuser")[1]) {
        if (event !== all) continue;
        for (const reader of readers) {
          const seen = (action === "delete" ? before : after).get(reader).get(record.id);
          if (seen) shown.get(reader).push({ action, record: seen });
        }
      }
      before = after;
    }

    for (const listener of listeners) {
      const tags = (listener.tags ?? []).map((tag) => ` [${tag}]`).join("");
      const title = `${name}, ${listener.name} as ${listener.as}${tags}`;
      const said = { ...about, topic: topicOf({ ...listener, options: undefined }), ...(listener.options && { options: JSON.stringify(listener.options) }) };
      both.sameValues(title, heard.get(listener).map(byContent), { about: said, compare: compareHeard });
      if (readers.includes(listener)) both.sameValues(`${title}, compared to reading`, [shown.get(listener), heard.get(listener)[1]].map(byContent), { about: said, compare: compareHeard });
    }
    both.sameValues(`${name}, in order`, [true, isInOrder], { about });
  } finally {
    await Promise.all([...ears.values()].map((one) => one.close()));
  }
}
