// Random expressions of the rule and filter language.
//
// An expression is a tree, so that a differing one can be made smaller: `{items, joins}` is a list of comparisons and groups
// with a join between each two, `{text, tags}` a comparison. Tags say what to expect of it, see `Tags`.

import { DATES, NUMBERS, TEXTS, WORLD } from "./world.mjs";

/**
 * What is known about a comparison:
 * `hides` an all-match over rows or e-mails that the caller may not see, where Larder may answer less;
 * `comment` a comment inside parentheses, which only Larder understands;
 * `password` a field of passwords that is not hidden, by which only superusers may filter in Larder.
 *
 * @typedef {"hides" | "comment" | "password"} Tag
 */

/** How many joined rows an expression may make of one record, roughly; the reference needs minutes for more. */
const BUDGET = 250;

const SIGNS = ["=", "!=", ">", ">=", "<", "<=", "~", "!~", "?=", "?!=", "?>", "?>=", "?<", "?<=", "?~", "?!~"];

/** Values that both servers make up, so that only what holds for all of them can be compared. */
const isMadeUp = (field) => field.type === "autodate" || field.name === "tokenKey" || field.type === "password";

const LISTS = ["select", "file", "relation"];

const escapeText = (text, quote) => text.replaceAll("\\", "\\\\").replaceAll(quote, `\\${quote}`);

/** A text literal, in either quotes, with some characters written as escapes. */
function textLiteral(random, text) {
  const quote = random.chance(0.8) ? "'" : '"';
  let body = random.chance(0.9) ? escapeText(text, quote) : text.replaceAll(quote, `\\${quote}`);
  if (random.chance(0.5)) body = body.replaceAll("\n", "\\n").replaceAll("\t", "\\t");
  // A backslash must not swallow the closing quote.
  if (/(^|[^\\])(\\\\)*\\$/.test(body)) body += "\\";
  return quote + body + quote;
}

const numberLiteral = (value) => (Math.abs(value) >= 1e21 ? "0" : String(value));

/** A pattern that may match `text`. */
function pattern(random, text) {
  const characters = [...text];
  const from = random.below(characters.length + 1);
  const part = characters.slice(from, from + random.between(1, 4)).join("");
  const wild = random.chance(0.2) ? part.replace(/./u, "_") : part;
  switch (random.below(8)) {
    case 0: return `${wild}%`;
    case 1: return `%${wild}`;
    case 2: return `%${wild}%`;
    case 3: return `${wild}\\%`;
    case 4: return random.pick(["%", "_", "__", "\\%_", "%_", "\\\\%", "\\", "_\\", "%%", "\\%", "\\_", "\\\\_", "_%_", "a\\%b"]);
    default: return part;
  }
}

/**
 * Makes expressions about one collection for one kind of caller.
 *
 * @typedef {object} Setting
 * @property {string} base the collection
 * @property {"filter" | "rule"} where
 * @property {boolean} all whether hidden fields, `@request` and `@collection` are allowed (superusers and rules)
 * @property {boolean} [body] whether there is a body to speak of
 * @property {Record<string, string[]>} ids ids of the records of each collection
 * @property {Record<string, Record<string, object>>} records
 * @property {Record<string, string | null>} [listRules] of the collections that are not open to all
 * @property {number} [spent] what joins of a rule beside this expression cost already, see `cost`
 * @property {object[]} [seen] paths of another expression, to be taken up: joins are shared between rules and filters
 */
export class Expressions {
  #random;
  #setting;
  /** Prefixes of paths joined so far, and what they cost together. */
  #joined = new Set();
  #cost = 1;
  /** The paths over relations so far. */
  seen = [];

  /** How many joined rows the last expression makes of one record, roughly. */
  get cost() {
    return this.#cost;
  }

  /** @param {import("./random.mjs").Random} random @param {Setting} setting */
  constructor(random, setting) {
    this.#random = random;
    this.#setting = { listRules: {}, ...setting };
  }

  /** A tree of 1 to 6 comparisons. */
  expression(most = 6) {
    this.#joined.clear();
    this.#cost = this.#setting.spent ?? 1;
    return this.#list(this.#random.pick([1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 6].filter((n) => n <= most)), 0);
  }

  #list(count, depth) {
    const random = this.#random;
    const list = { items: [], joins: [] };
    while (count > 0) {
      const inner = depth < 3 && random.chance(0.35) ? random.between(1, count) : 0;
      list.items.push(inner ? this.#list(inner, depth + 1) : this.comparison());
      count -= inner || 1;
      if (count > 0) list.joins.push(random.chance(0.5) ? "&&" : "||");
    }
    return list;
  }

  /** The same operands as often as not, because paths that share a join are where it gets difficult. */
  #previous;

  comparison() {
    const random = this.#random;
    const { seen } = this.#setting;
    const taken = seen?.length && random.chance(0.5) ? random.pick(seen) : random.chance(0.25) ? this.#previous : undefined;
    const left = taken ? this.#sibling(taken) : this.operand();
    if (left.at && left.joins.length) {
      this.#previous = left;
      this.seen.push(left);
    }
    if (left.madeUp) return this.#aboutMadeUp(left);
    let sign = this.#sign(left);
    const right = this.#counterpart(left, sign);
    if (right.madeUp) return this.#aboutMadeUp(right);
    // The digits of this moment are not the same for long.
    if (left.field?.type === "moment" || right.field?.type === "moment") sign = sign.replace(/!?~/, "<");
    const [first, second] = random.chance(0.12) ? [right, left] : [left, right];
    const space = random.chance(0.9) ? " " : random.pick(["", "\n", "\t", "  ", " \n "]);
    return { text: `${first.text}${space}${sign}${space}${second.text}`, tags: this.#tags(sign, [left, right]) };
  }

  #tags(sign, operands) {
    if (this.#setting.all || this.#setting.where === "rule") return [];
    const password = operands.some(({ field }) => field?.type === "password" && !field.hidden) ? ["password"] : [];
    if (sign.startsWith("?")) return password;
    const isGuarded = (name) => (this.#setting.listRules[name] ?? "") !== "";
    const hides = operands.some(({ many, joins = [], field }) => many && (joins.some(isGuarded) || (field?.system && field.name === "email")));
    return hides ? ["hides", ...password] : password;
  }

  #sign({ field, modifier }) {
    const random = this.#random;
    if (random.chance(0.3)) return random.pick(SIGNS);
    const type = modifier === ":length" ? "number" : field?.type;
    const bare = type === "number" || type === "date" ? random.pick(["=", "!=", ">", ">=", "<", "<="]) : random.pick(["=", "!=", "=", "!=", "~", "!~"]);
    return random.chance(0.45) ? `?${bare}` : bare;
  }

  /** Left or right: a path, or something else now and then. */
  operand() {
    const random = this.#random;
    const { all, where, body } = this.#setting;
    const rule = where === "rule";
    const kind = random.weighted({
      path: 70,
      collection: all ? 5 : 0.3,
      auth: rule ? 14 : all ? 3 : 0.3,
      body: rule ? (body ? 28 : 3) : all ? 1 : 0,
      request: rule ? 6 : all ? 1.5 : 0,
      function: 6,
      literal: 2,
      macro: 2,
    });
    switch (kind) {
      case "collection": return this.#collectionPath();
      case "auth": return this.#authPath();
      case "body": return this.#bodyPath();
      case "request": return this.#requestValue();
      case "function": return this.#function();
      case "literal": return this.#anyLiteral();
      case "macro": return this.#macro();
      default: return this.#path();
    }
  }

  // --- paths

  #ownField() {
    return this.#walk(this.#setting.base, "", 0);
  }

  #path(hops) {
    return this.#walk(this.#setting.base, "", hops ?? Number(this.#random.weighted({ 0: 42, 1: 33, 2: 18, 3: 7 })));
  }

  /** Another field behind the same joins. */
  #sibling({ prefix, at, many, joins }) {
    return this.#last(at, prefix, { many, joins });
  }

  #collectionPath() {
    const random = this.#random;
    const name = random.pick(["clubs", "people", "reviews", "teams", "authors", "gated", "vault", "locked", "cards", this.#setting.base, this.#setting.base]);
    const size = Math.max(this.#setting.ids[name].length, 2);
    const alias = random.chance(0.2) ? `:${random.pick(["x", "y"])}_${name}` : "";
    const named = random.chance(0.85) ? name : random.pick([WORLD[name].id, name.toUpperCase()]);
    return this.#walk(name, `@collection.${named}${alias}.`, Number(random.weighted({ 0: 80, 1: 20 })), { many: true, joins: [name], cost: size });
  }

  #authPath() {
    const random = this.#random;
    // Superusers, who are the only ones to do this in filters, have an id that is made up.
    if (this.#setting.where === "filter" && random.chance(0.2)) return { text: "@request.auth.id", field: {}, madeUp: true };
    if (random.chance(0.35)) return { text: `@request.auth.${random.pick(this.#setting.where === "filter" ? ["email", "verified", "collectionName"] : ["id", "id", "id", "email", "verified", "collectionName", "collectionId", "emailVisibility"])}`, field: { type: "relation", target: random.pick(["people", "authors"]) } };
    const path = this.#walk(random.pick(["people", "authors"]), "@request.auth.", Number(random.weighted({ 0: 55, 1: 35, 2: 10 })));
    return path.text === "@request.auth.id" && this.#setting.where === "filter" ? { ...path, madeUp: true } : path;
  }

  #bodyPath() {
    const random = this.#random;
    const fields = Object.values(WORLD[this.#setting.base].fields).filter((f) => f.name !== "password" && f.name !== "tokenKey");
    const field = random.pick(fields);
    const kind = random.weighted({ own: 60, rel: 15, nested: 8, unknown: 17 });
    if (kind === "rel") {
      const relations = fields.filter((f) => f.target);
      if (relations.length) {
        const relation = random.pick(relations);
        return this.#walk(relation.target, `@request.body.${relation.name}.`, Number(random.weighted({ 0: 75, 1: 25 })), { many: relation.maxSelect > 1, cost: 2 });
      }
    }
    if (kind === "nested") {
      const nested = fields.filter((f) => f.type === "json" || f.type === "geoPoint");
      if (nested.length) {
        const holder = random.pick(nested);
        return { text: `@request.body.${holder.name}.${this.#jsonKeys(holder)}`, field: { type: "json" } };
      }
    }
    if (kind === "unknown") return { text: `@request.body.${random.pick(["foo", "foo.bar", "foo.0", "foo.1", "list", "list.0.a", "n", "foo:isset", "foo.bar:isset", "foo:lower", "passwordConfirm", "oldPassword:isset"])}`, field: { type: "json" } };
    const modifier = random.chance(0.5) ? random.pick([":isset", ":isset", ":changed", ":changed", ":lower", ...(LISTS.includes(field.type) ? [":length", ":each"] : [])]) : "";
    return { text: `@request.body.${field.name}${modifier}`, field, modifier, many: modifier === ":each" && field.maxSelect > 1, isTruth: modifier === ":isset" || modifier === ":changed" };
  }

  #requestValue() {
    const random = this.#random;
    return {
      text: random.pick(["@request.query.a", "@request.query.q", "@request.query.qty", "@request.query.views", "@request.query.a:isset", "@request.query.zz:isset", "@request.query.q:lower", "@request.headers.x_api_key", "@request.headers.X_Api_Key", "@request.headers.x_api_key:isset", "@request.headers.x_team", "@request.headers.content_type", "@request.method", "@request.method", "@request.context", "@request.context"]),
      field: { type: "request" },
    };
  }

  /** Keys inside JSON. */
  #jsonKeys({ type }) {
    if (type === "geoPoint") return this.#random.pick(["lon", "lat", "lon", "lat", "zzz"]);
    return this.#random.pick(["a", "a", "b", "b.c", "b.c.0", "b.c.1", "s", "t", "e", "nil", "0", "1", "0.a", "1.a", "lvl", "zzz", "a.1.0", "b.d", "s:lower"]);
  }

  /** Follows `hops` relations from a collection and ends at a field. */
  #walk(name, prefix, hops, { many = false, joins = [], cost = 1 } = {}) {
    const random = this.#random;
    let at = name;
    let text = prefix;
    let price = cost;
    const fresh = new Set();
    if (cost > 1 && !this.#joined.has(prefix)) fresh.add(prefix);
    for (let i = 0; i < hops; i++) {
      const { fields, back } = WORLD[at];
      const onward = Object.values(fields).filter((f) => f.target && (!f.hidden || this.#mayHidden()));
      const inward = back.filter((b) => (!b.hidden || this.#mayHidden()) && (!b.from.endsWith("_view") || random.chance(0.3)) && (!WORLD[b.from].closed || this.#setting.all || random.chance(0.15)));
      if (!onward.length && !inward.length) break;
      const forward = onward.length && (!inward.length || random.chance(0.6));
      const isPerPath = { cost: 1 };
      if (forward) {
        const relation = random.pick(onward);
        text += `${relation.name}.`;
        at = relation.target;
        if (relation.maxSelect > 1) {
          many = true;
          isPerPath.cost = 2;
        }
      } else {
        const { from, field, multiple } = random.pick(inward);
        text += `${from}_via_${field}.`;
        at = from;
        const isUnique = (from === "cards" && field === "person") || (from === "profiles" && (field === "owner" || field === "main"));
        many ||= !isUnique;
        isPerPath.cost = multiple ? 7 : 5;
      }
      joins = [...joins, at];
      if (!this.#joined.has(text)) {
        fresh.add(text);
        price *= isPerPath.cost;
      }
    }
    if (this.#cost * price > BUDGET && fresh.size) return this.#ownField();
    this.#cost *= fresh.size ? price : 1;
    for (const one of fresh) this.#joined.add(one);
    return this.#last(at, text, { many, joins });
  }

  #mayHidden() {
    return this.#random.chance(this.#setting.all ? 1 : 0.02);
  }

  /** The last segment, with its modifier. */
  #last(at, prefix, { many, joins }) {
    const random = this.#random;
    const fields = Object.values(WORLD[at].fields).filter((f) => !f.hidden || this.#mayHidden());
    const field = random.pick(fields);
    const made = { prefix, at, joins, field, many };
    if ((field.type === "json" || field.type === "geoPoint") && random.chance(0.75)) return { ...made, text: `${prefix}${field.name}.${this.#jsonKeys(field)}`, field: { type: "json" } };
    if (isMadeUp(field)) return { ...made, text: prefix + field.name, madeUp: true };
    let modifier = "";
    if (LISTS.includes(field.type) ? random.chance(0.5) : random.chance(0.12)) {
      modifier = LISTS.includes(field.type) ? random.pick([":each", ":each", ":each", ":length", ":length", ":lower", ":isset"]) : random.pick([":lower", ":lower", ":each", ":length", ":isset", ":changed"]);
    }
    if (modifier === ":each" && LISTS.includes(field.type) && field.maxSelect > 1) {
      const text = `${prefix}${field.name}:each`;
      const price = this.#joined.has(text) ? 1 : 2;
      if (this.#cost * price > BUDGET) return { ...made, text: prefix + field.name };
      this.#cost *= price;
      this.#joined.add(text);
      return { ...made, text, modifier, many: true };
    }
    return { ...made, text: `${prefix}${field.name}${modifier}`, modifier };
  }

  // --- other operands

  #function() {
    const random = this.#random;
    if (random.chance(0.5)) {
      const [lon, lat] = this.#placePath();
      const other = random.chance(0.75) ? [numberLiteral(random.pick([10, 0, 179.9, -20.5])), numberLiteral(random.pick([20, 0, 89, -45.25]))] : this.#placePath();
      return { text: `geoDistance(${lon}, ${lat}, ${other.join(random.pick([", ", ",", " , "]))})`, field: { type: "distance" } };
    }
    const time = this.#timePath();
    const format = random.pick(["%Y", "%Y-%m", "%m", "%d", "%Y-%m-%d", "%w", "%H:%M", "%s", "%j", "x"]);
    const modifiers = random.sample(["'+1 day'", "'-1 month'", "'start of month'", "'weekday 0'", "'nonsense'", "'utc'"], random.pick([0, 0, 0, 1, 2]));
    return { text: `strftime(${["'" + format + "'", time.text, ...modifiers].join(", ")})`, many: time.many, joins: time.joins, field: { type: "time", format } };
  }

  #placePath() {
    const random = this.#random;
    for (let i = 0; i < 12; i++) {
      const path = this.#path(random.pick([0, 0, 1]));
      const place = Object.values(WORLD[path.at ?? "items"].fields).find((f) => f.type === "geoPoint");
      if (place && path.at) return [`${path.prefix}${place.name}.lon`, `${path.prefix}${place.name}.lat`];
    }
    return ["10", "20"];
  }

  #timePath() {
    const random = this.#random;
    for (let i = 0; i < 12; i++) {
      const path = this.#path(random.pick([0, 0, 1]));
      const when = Object.values(WORLD[path.at ?? "items"].fields).find((f) => f.type === "date");
      if (when && path.at) return { ...path, text: path.prefix + when.name };
    }
    return { text: random.pick(["'2024-01-15 10:00:00.000Z'", "0", "2460000.5", "null"]) };
  }

  /** Only where any moment gives the same. */
  #macro() {
    return { text: this.#random.pick(["@now", "@yearEnd", "@yesterday", "@tomorrow", "@monthStart", "@todayEnd"]), field: { type: "moment" } };
  }

  #anyLiteral() {
    const random = this.#random;
    return random.pick([
      () => ({ text: textLiteral(random, random.pick(TEXTS)), field: { type: "text" } }),
      () => ({ text: numberLiteral(random.pick(NUMBERS)), field: { type: "number" } }),
      () => ({ text: random.pick(["true", "false", "null", "TRUE", "False", "NULL", "''"]), field: { type: "bool" } }),
    ])();
  }

  /** Something to compare `left` with, mostly of its type. */
  #counterpart(left, sign) {
    const random = this.#random;
    const { type } = left.field ?? {};
    if (left.isTruth) return { text: random.weighted({ true: 45, false: 45, 1: 3, "'true'": 3, null: 4 }) };
    if (type === "moment") return { text: textLiteral(random, random.pick(["2000-01-01", "2199-01-01", "x"])) };
    if (type === "request") return { text: textLiteral(random, random.pick(["1", "a", "k", "K", "GET", "POST", "PATCH", "DELETE", "default", "expand", "application/json", "", "5"])) };
    if (type === "distance" && random.chance(0.9)) return { text: numberLiteral(random.pick([0, 1, 100, 5000, 10000, 20000])) };
    if (type === "time" && random.chance(0.9)) return { text: textLiteral(random, random.pick(["2024", "2024-01", "01", "15", "2024-01-15", "10:00", "06", "", "x", "16", "1"])) };
    const kind = random.weighted({ literal: 66, mismatch: 10, null: 6, path: 12, same: 4, macro: type === "date" ? 10 : 1 });
    if (kind === "mismatch") return this.#anyLiteral();
    if (kind === "null") return { text: random.pick(["null", "''", "null", "true", "false"]) };
    if (kind === "path") return this.operand();
    if (kind === "same" && left.at) return this.#sibling(left);
    if (kind === "macro") return this.#macro();
    return { text: this.#literalFor(left, sign) };
  }

  /** A value that some record has at the end of this path. */
  #stored({ at, field, modifier, text }) {
    const random = this.#random;
    const records = Object.entries(this.#setting.records[at] ?? {});
    if (!records.length) return undefined;
    const [recordId, record] = random.pick(records);
    const value = field.name === "id" ? recordId : record[field.name];
    if (Array.isArray(value)) return text.endsWith(":each") ? random.pick(value) : value.length ? JSON.stringify(value) : undefined;
    return typeof value === "string" && modifier === ":lower" ? value.toLowerCase() : value;
  }

  #literalFor(left, sign) {
    const { field = {}, modifier } = left;
    const random = this.#random;
    if (modifier === ":length") return numberLiteral(random.pick([0, 1, 2, 3]));
    if (left.at && random.chance(0.6)) {
      const value = this.#stored(left);
      if (typeof value === "number") return numberLiteral(value);
      if (typeof value === "boolean") return String(value);
      if (typeof value === "string") return textLiteral(random, /~$/.test(sign) ? pattern(random, value) : value);
    }
    if (/~$/.test(sign)) {
      const source = field.type === "select" ? random.pick(field.values) : field.type === "relation" ? random.pick(this.#setting.ids[field.target]) : random.pick(TEXTS);
      if (random.chance(0.1)) return numberLiteral(random.pick(NUMBERS));
      return textLiteral(random, pattern(random, source));
    }
    switch (field.type) {
      case "number": return random.chance(0.9) ? numberLiteral(random.pick(NUMBERS)) : textLiteral(random, String(random.pick(NUMBERS)));
      case "bool": return random.weighted({ true: 40, false: 40, 1: 5, 0: 5, "'1'": 4, "'true'": 3, "''": 3 });
      case "date": return textLiteral(random, random.pick([...DATES, "2024", "2024-01-15", "2024-01-15T10:00:00.000Z", "2024-06-01 00:00:00.000Z"]));
      case "select": return textLiteral(random, field.maxSelect > 1 && !modifier && random.chance(0.3) ? JSON.stringify(random.sample(field.values, 1)) : random.pick([...field.values, ""]));
      case "relation": {
        const target = random.pick(this.#setting.ids[field.target]);
        return textLiteral(random, random.weighted({ [target]: 80, [`["${target}"]`]: 10, "": 10 }));
      }
      case "json": return random.pick(["1", "5", "true", "false", "null", "''", "'str'", "'Str'", "10", "20", "'1'", "'5'", "2", "'[]'", "'{}'", "'[1,2,3]'", `'{"a":1}'`, `"it's"`, "0", "'zero'"]);
      case "geoPoint": return random.pick([`'{"lon":0,"lat":0}'`, `'{"lon":10,"lat":20}'`, "''", "0"]);
      case "email": return textLiteral(random, random.pick(field.system ? ["ann@t.io", "bob@t.io", "a1@t.io", "a2@t.io", "a7@t.io", ""] : ["", "a@b.co", "lamp@t.io", "UPPER@t.io"]));
      case "url": return textLiteral(random, random.pick(["", "https://a.co", "http://b.io/x?y=1"]));
      case "text": {
        if (field.name === "id") return textLiteral(random, random.pick(Object.values(this.#setting.ids).flat()));
        const text = random.pick(TEXTS);
        return textLiteral(random, modifier === ":lower" ? text.toLowerCase() : text);
      }
      default: return textLiteral(random, random.pick(TEXTS));
    }
  }

  #aboutMadeUp(operand) {
    const text = this.#sayMadeUp(operand);
    return { text, tags: this.#tags(text.includes("?") ? "?" : "", [operand]) };
  }

  #sayMadeUp({ text, field }) {
    const random = this.#random;
    const any = random.chance(0.4) ? "?" : "";
    if (field.type === "autodate") {
      return random.pick([`${text} ${any}> '2020-01-01'`, `${text} ${any}< '2199'`, `${text} ${any}!= ''`, `${text} ${any}= null`, `${text} ${any}< '2020'`, `${text} ${any}< @tomorrow`, `${text} ${any}> @yesterday`, `strftime('%Y', ${text}) ${any}> '2020'`, `${text} ${any}~ '-'`]);
    }
    return random.pick([`${text} ${any}= ''`, `${text} ${any}!= ''`, `${text} ${any}!= null`, `${text} ${any}= 'x'`]);
  }
}

// --- trees

const isComparison = (node) => node.text !== undefined;

/** The text of a tree. */
export function render(node, random) {
  if (isComparison(node)) return node.text;
  const parts = node.items.map((item, i) => {
    const text = isComparison(item) ? item.text : `(${render(item, random)})`;
    if (!i) return text;
    const gap = random && !random.chance(0.9) ? random.pick(["", "\n", "  ", "\t"]) : " ";
    // A group may follow without a join and repeats the last one, `&&` at first.
    const omit = random?.chance(0.03) && !isComparison(item) && node.joins[i - 1] === (node.joins[i - 2] ?? "&&");
    return omit ? ` ${text}` : `${gap}${node.joins[i - 1]}${gap}${text}`;
  });
  return parts.join("");
}

/** All tags in a tree. */
export const tagsOf = (node) => [...new Set(isComparison(node) ? node.tags : node.items.flatMap(tagsOf))];

/** Trees that say a part of what this one says, smallest first. */
export function smaller(node) {
  if (isComparison(node)) return [];
  if (node.items.length === 1) return [node.items[0]];
  const without = (i) => ({ items: node.items.filter((_, j) => j !== i), joins: node.joins.filter((_, j) => j !== Math.max(i - 1, 0)) });
  const simpler = node.items.flatMap((item, i) =>
    isComparison(item) ? [] : smaller(item).map((part) => ({ ...node, items: node.items.with ? node.items.with(i, part) : node.items.map((old, j) => (j === i ? part : old)) })),
  );
  return [...node.items, ...(node.items.length > 2 ? node.items.map((_, i) => without(i)) : []), ...simpler].sort((a, b) => render(a).length - render(b).length);
}

// --- mistakes

/** Breaks an expression in one of the ways people do. */
export function spoil(random, text) {
  const unknown = ["nope = 1", "title.x = 1", "label.x = 1", "owner.nope = 1", "author.nope != ''", "nope_via_item.x = 1", "reviews_via_nope.text = 1", "reviews_via_item = ''", "label:nope = 1", "title:nope = 1", "title:lower:lower = 'a'", "tags:each:length = 1", "@nope = 1", "@request.nope = 1", "@request.auth = ''",
    "@collection.nope.id = ''", "@collection.clubs = ''", "nope(1) = 1", "geoDistance(1,2,3) > 1", "geoDistance(1,2,3,'4') > 1", "strftime() = 1", "strftime(title) = 1", "strftime('%Y', strftime('%Y')) = 1", "Label = 1", "collectionId = ''", "expand = ''", "@request.auth.id:nope = 1", "@request.body.n:length = 1", "@request.query.a:each = 1", "created.x = 1"];
  const characters = [...text];
  switch (random.below(4)) {
    case 0: return `${text} ${random.pick(["&&", "||"])} ${random.pick(unknown)}`;
    case 1: return random.pick(unknown);
    case 2: {
      const at = random.below(characters.length + 1);
      characters.splice(at, 0, random.pick(["(", ")", "'", '"', "=", "&", "|", "~", ".", ":", "@", "#", " ", "?", "\\", "-", "\r", "`", ",", "//", "!"]));
      return characters.join("");
    }
    default: {
      characters.splice(random.below(characters.length), 1);
      return characters.join("");
    }
  }
}
