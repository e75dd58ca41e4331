// The grammar: literals, escapes, patterns, blanks, comments, groups, limits, macros and functions.

import { sameFilter } from "../lib/lists.mjs";
import { inParallel } from "../lib/pair.mjs";
import { setUpWorld } from "../lib/world.mjs";

const many = (count, text, join) => Array.from({ length: count }, () => text).join(join);

const WRITTEN = [
  // Blanks and what is none.
  "", " ", "\t\n ", "qty=1", " qty  =  1 ", "qty\n=\n1", "qty\t=\t1", "qty\r=1", "qty =1\r\n", "qty = 1\u00a0", "qty\u00a0= 1", "qty\u000b= 1", "qty\f= 1", "\ufeffqty = 1", "qty = 1\u2028", "qty = 1\0", "\0qty = 1", "(qty = 1\0)", "qty = 1 \0 && qty = 1", "label = 'a\0'",
  // Comments outside of groups.
  "qty = 1 // x", "// x\nqty = 1", "qty // x\n = // y\n 1", "qty = 1 // && (", "qty = 1 && // x\n live = true", "// x", "qty = 1 // x\r\n", "qty = 1 //", "qty = 1 / 1", "qty = 1 /* x */", "label = '// x'", "strftime('%Y', // x\n due) = '2024'", "qty = 1 // x\n && // y\n qty = 1 // z", "qty = 1 # x", "qty = 1 -- x",
  // Groups and joins.
  "(qty = 1)", "((qty = 1))", " ( ( qty = 1 ) ) ", "()", "( )", "(qty = 1", "qty = 1)", "(qty = 1))", ")(", "(qty = 1)(qty = 1)", "(qty = 1) (qty = 2)", "qty = 1 (qty = 2)", "qty = 1 || qty = 2 (qty = 0)", "qty = 1 && qty = 1 || qty = 2 (qty = 0)", "(qty = 1) qty = 2", "(qty = 1) || qty = 2 && label = 'x'", "qty = 1 || qty = 2 && label = 'x' || qty = 0",
  "(qty = 1 || qty = 2) && (live = true || qty = 2)", "qty = 1 &&", "&& qty = 1", "qty = 1 && && qty = 1", "qty = 1 || || qty = 1", "qty = 1 & qty = 1", "qty = 1 | qty = 1", "qty = 1 &&& qty = 1", "qty = 1 ||| qty = 1", "qty = 1 &&|| qty = 1", "qty = 1&&qty = 1", "qty = 1||qty = 2", "qty = 1 and qty = 1", "qty = 1 AND qty = 1", "not (qty = 1)", "!(qty = 1)", "qty = 1, qty = 2", "qty = 1; qty = 2",
  "((qty = 1) && (((qty = 1)) || ((qty = 2))))", "(qty = ')')", "(label = '(')", "(label = \"(\")", "(label = 'a\\'b)')", "(label = '\\\\')", "(qty = 1 && (label = ')') )", "((label = ')'))",
  // Signs.
  ...["==", "===", "<>", "=>", "=<", "=!", "! =", "? =", "?", "!", "!!=", "~~", "~!", "~=", "=~", "!~~", "??=", "?!", "?==", "?~!", "!?=", "<=>", ">>", "<<", "=?", "in", "like", "is", ""].map((sign) => `qty ${sign} 1`), "qty", "1", "= 1", "qty =", "qty = 1 = 1", "qty = = 1", "qty < 1 > 0", "qty =1&&qty!=2&&qty>0&&qty<2&&label~'a'&&label!~'z'", "qty?=1", "qty?!=1",
  // Numbers.
  ...["1", "1.0", "1.", ".5", "-.5", "-0", "--1", "+1", "1e0", "1E0", "0x1", "1_0", "1,0", "1.2.3", "- 1", "-", "-5.5", "-5.50", "0005", "00", "1a", "a1", "1.a", "9007199254740993", "99999999999999999999999999999999", "1".repeat(310), "-1.", "-a", "1-", "0.1", "00.1", "1..0", "٣", "Infinity", "NaN", "1e400"].map((number) => `qty >= ${number}`),
  // Texts.
  ...["'", "''", "'''", "''''", '""', '"\'"', "'\"'", "'\\'", "'\\''", "'\\\\'", "'\\\\\\'", "'\\\\\\''", "'a''b'", "'a'b", "`a`", "'a\\nb'", "'a\\tb'", "'a\\rb'", "'a\nb'", "'\\u0041'", "'\\x41'", "'\\0'", "'\\a'", "'\\\"'", '"\\\'"', "'é'", "'\\é'", "'\u{1F389}'", "'it\\'s'", '"it\'s"', "“a”", "'a\\\\b'", "'a\\b'", "'a\\\\\\\\b'", "'$1'", "'{:p0}'", "'?'", "':p0'", "'@p1'", "'%'", "'--'", "'/*'", "'; drop table items'", "'{{label}}'", "'[[label]]'"].flatMap((text) => [`label = ${text}`, `label != ${text}`, `label ~ ${text}`, `(label = ${text})`]),
  // Words.
  ...["null", "NULL", "Null", "nULL", "true", "TRUE", "tRue", "false", "False", "undefined", "none", "nil", "yes", "now", "null:lower", "true:isset", "null.x", "true.x"].flatMap((word) => [`label = ${word}`, `live = ${word}`, `meta = ${word}`, `${word} = ${word}`, `label ~ ${word}`, `label < ${word}`]),
  // Names.
  ...["label", "Label", "LABEL", "_label", "label_", "label.", ".label", "label:", ":label", "label::lower", "label:lower", "label:Lower", "label:LOWER", "label:lower:each", "label.lower", "label:lower.x", "label-x", "lab el", "#label", "label#", "@label", "@", "#", "label@", "items.label", "label..x", "owner..name", "owner.", ".owner.name", "owner:id", "owner.name:lower", "owner:lower.name", "owner.name.x", "owner.club.name", "owner.clubs.name", "owner.clubs:length", "owner.clubs:each",
    "meta.", "meta..a", "meta.a.", "meta.a", "meta.A", "meta:a", "meta.a:lower", "meta:lower", "meta.s:lower", "meta.slower", "meta.b.c.0", "meta.b.c[0]", "meta.b.c.00", "meta.b.c.-1", "meta.b.c.1e0", "meta.b.c:length", "meta.b.c:each", "meta:length", "meta:each", "meta.@a", "meta.#a", "meta.a#", "meta.a_b", "meta.9999999999999999999999", "meta.b.c.#-1", "meta.b.c.*", "meta.*", "spot", "spot.lon", "spot.lat", "spot.x", "spot.lon.x", "spot:lower",
    "id", "id:lower", "collectionId", "collectionName", "expand", "created", "rowid", "_rowid_", "@rowid", "@random", "parent", "parent.id", "parent.id:lower", "parent.parent.id", "parent:id", "owner.id", "owner.id:lower", "owner.id.x", "clubs.id", "clubs", "clubs.0", "docs", "docs:length", "docs.x", "tags.0", "tags:0", "kind:length",
    "reviews_via_item", "reviews_via_item.id", "REVIEWS_via_item.id", "reviews_VIA_item.id", "reviews_via_Item.id", "reviews_via_items.text", "reviews_via_nope.text", "nope_via_item.text", "reviews_via_text.text", "clubs_via_lead.name", "items_via_parent.items_via_parent.label", "reviews_via_item:each", "reviews_via_item:length", "c0reviews000000_via_item.text", "owner.items_via_owner.label", "owner.reviews_via_item.text", "items_view_via_owner.label", "owner.items_view_via_owner.label",
  ].flatMap((name) => [`${name} = ''`, `${name} != 'zz'`, `${name} ?~ '1'`]),
  // Hops.
  ...[5, 6, 7, 8].flatMap((hops) => [`${many(hops, "parent", ".")}.label = ''`, `${many(hops, "parent", ".")}.id = ''`, `${many(hops, "items_via_parent", ".")}.label ?= ''`, `owner.${many(hops, "club.lead", ".")}.name = ''`]), `meta.${many(40, "a", ".")} = null`,
  // How many.
  ...[199, 200, 201].flatMap((count) => [many(count, "qty=1", "||"), many(count, "qty=1", "&&"), many(count, "(qty=1)", "||"), `(${many(count, "qty=1", "||")})`]), many(2, `(${many(101, "qty=1", "||")})`, "&&"),
  ...[3499, 3500, 3501].flatMap((length) => [`label = '${"x".repeat(length - 10)}'`, `label != '${"é".repeat((length - 11) / 2)}'`, `qty = 1${" ".repeat(length - 7)}`]),
  ...[10, 100, 400, 800].map((depth) => `${"(".repeat(depth)}qty = 1${")".repeat(depth)}`), `${"(".repeat(100)}qty = 1${")".repeat(99)}`, "(".repeat(1000), `${"(".repeat(1500)}qty=1${")".repeat(1500)}`,
  // Macros.
  ...["@now", "@second", "@minute", "@hour", "@weekday", "@day", "@month", "@year", "@yesterday", "@tomorrow", "@todayStart", "@todayEnd", "@monthStart", "@monthEnd", "@yearStart", "@yearEnd"].flatMap((macro) => [`due < ${macro}`, `due > ${macro}`, `${macro} > 0`, `${macro} != ''`, `${macro} >= 2024`, `${macro} < '2199'`, `${macro} = null`, `meta < ${macro}`, `${macro}:lower != ''`]),
  "@Now > due", "@NOW > due", "@now.x = 1", "@nope = 1", "@ now = 1", "@now = @now", "created <= @now", "created >= @todayStart || created < @todayStart", "@month <= 12 && @day <= 31 && @hour < 24 && @weekday < 7", "strftime('%Y', @now) = @year", "strftime('%Y', @now) != ''", "@yearStart ~ '-01-01 00:00:00.000Z'", "@yearEnd ~ '-12-31 23:59:59.999Z'", "@todayEnd ~ '23:59:59.999Z'", "@monthStart ~ '-01 00:00:00.000Z'",
  // Functions.
  ...["geoDistance(1,2,3,4)", "geoDistance( 1 , 2 , 3 , 4 )", "geoDistance(1,2,3,4,)", "geoDistance(,1,2,3,4)", "geoDistance(1,2,3)", "geoDistance(1,2,3,4,5)", "geoDistance()", "geoDistance (1,2,3,4)", "GeoDistance(1,2,3,4)", "geoDistance('1',2,3,4)", "geoDistance(1,2,3,null)", "geoDistance(true,2,3,4)", "geoDistance(@year,2,3,4)", "geoDistance(@now,2,3,4)", "geoDistance(spot.lon,spot.lat,10,20)", "geoDistance(spot,spot,10,20)", "geoDistance(qty,qty,qty,qty)", "geoDistance(label,1,2,3)", "geoDistance(nope,1,2,3)", "geoDistance(clubs.tier,1,2,3)",
    "geoDistance(tags:each,1,2,3)", "geoDistance(items_via_parent.spot.lon,items_via_parent.spot.lat,10,20)", "geoDistance(strftime('%Y'),1,2,3)", "geoDistance(geoDistance(1,2,3,4),1,2,3)", "geoDistance(200,100,10,20)", "geoDistance(-10,-20,-10,-20)", "geoDistance(1,2,3,4):lower", "geoDistance(1 2 3 4)", "geoDistance(1,2,3,4", "geoDistance(1,,2,3,4)", "geoDistance(@request.auth.x,1,2,3)", "geoDistance(@request.query.x,1,2,3)", "geoDistance(meta.a,meta.a,1,1)", "geoDistance(owner.club.tier, 1, 1, 1)", "geoDistance(@collection.clubs.tier, 1, 1, 1)",
  ].flatMap((call) => [`${call} > 1`, `${call} < 5000`, `${call} != null`, `${call} = ''`]),
  ...["strftime('%Y')", "strftime()", "strftime('%Y',due)", "strftime( '%Y' , due )", "strftime('%Y',due,)", "strftime(\"%Y\", due)", "strftime(label, due)", "strftime(5, due)", "strftime('%Y', label)", "strftime('%Y', qty)", "strftime('%Y', 0)", "strftime('%Y', 2460000.5)", "strftime('%Y', '2024-01-15')", "strftime('%Y', '2024-01-15 10:00:00.000Z')", "strftime('%Y', 'garbage')", "strftime('%Y', null)", "strftime('%Y', true)", "strftime('%Y', nope)", "strftime('%Y', due, '+1 year')", "strftime('%Y', due, label)", "strftime('%Y', due, 5)", "strftime('%Y', due, 'x')",
    "strftime('%Y', due, '+1 day', '+1 month', '+1 year', '+1 day', '+1 day', '+1 day', '+1 day', '+1 day')", "strftime('%Y', due, '+1 day', '+1 month', '+1 year', '+1 day', '+1 day', '+1 day', '+1 day', '+1 day', '+1 day')", "strftime('%Y', strftime('%Y', due))", "strftime('', due)", "strftime('%', due)", "strftime('%q', due)", "strftime('%%Y', due)", "strftime('%Y-%m-%dT%H:%M:%fZ', due)", "strftime('%s', due)", "strftime('%J', due)", "strftime('%W', due)", "strftime('%Y', items_via_parent.due)", "strftime('%Y', owner.name)", "strftime('%Y', @now)", "strftime('%Y', meta.a)", "strftime('%Y', @collection.items.due)", "Strftime('%Y', due)", "strftime ('%Y', due)",
    "strftime('%Y', @request.auth.x)", "strftime('it\\'s', due)",
  ].flatMap((call) => [`${call} = '2024'`, `${call} != ''`, `${call} ?= ''`, `${call} ~ '2'`, `label ~ ${call}`]),
  "nope(1) = 1", "lower(label) = 'lamp'", "label(1) = 1", "@now() > 0", "length(tags) = 1", "(strftime('%Y', due) = '2024')", "(strftime('%Y)', due) = '2024)')", "((geoDistance(1,2,3,4) > 1))",
];

/** Comments in groups, which only we understand. */
const COMMENTED = ["(qty = 1 // x)\n)", "(qty = 1 // it's\n)", "(qty = 1 // \"\n)", "(// )\nqty = 1)", "((qty = 1) // ((\n)", "(label = '//' // ')\n)", "(qty = 1 // x (y)\n)"];

/** Characters that mean something in patterns. */
const ALPHABET = ["%", "_", "\\", "a", "5"];

export default async function (both) {
  await setUpWorld(both);
  await inParallel(WRITTEN.entries(), async ([n, text]) => {
    const title = `written ${n}`;
    if (both.wants(title)) await sameFilter(both, title, { collection: "items", text });
  });
  await inParallel(COMMENTED.entries(), async ([n, text]) => {
    const title = `written comment ${n}`;
    if (both.wants(title)) await sameFilter(both, title, { collection: "items", text, tags: ["comment"] });
  });
  // All patterns of three such characters.
  const patterns = ALPHABET.flatMap((a) => ["", ...ALPHABET].flatMap((b) => (b === "" ? [a] : ["", ...ALPHABET].map((c) => a + b + c))));
  await inParallel(patterns, async (one) => {
    const title = `pattern ${one}`;
    const literal = `'${one.replaceAll("\\", "\\\\")}'`;
    if (!both.wants(title)) return;
    await sameFilter(both, `${title} in posts:`, { collection: "posts", text: `title ~ ${literal}` });
    await sameFilter(both, `${title} on the left:`, { collection: "posts", text: `${literal} ~ title` });
    await sameFilter(both, `${title} not:`, { collection: "posts", text: `data !~ ${literal}` });
  });
  // Who may say what; these words are refused before anything is read.
  const words = ["@request.auth.id = ''", "label = '@request.x'", "label = '@request'", "label = '@collection.x'", "@collection.clubs.name ?= 'Oak'", "@requestx = 1", "@REQUEST.auth.id = ''", "@request. = 1", "label = '@Collection.'", "// @request.\n qty = 1", "qty = 1 // @collection.x", "@now > created", "note = ''", "owner.pin = ''", "owner.password = ''", "owner.tokenKey = ''", "owner.email = ''", "vault_via_item.x = ''", "vault_via_item.id = ''", "qty = 1"];
  for (const as of ["guest", "ann", "superuser"]) {
    await inParallel(words.entries(), async ([n, text]) => {
      const title = `words ${n} ${as}`;
      if (!both.wants(title)) return;
      await sameFilter(both, title, { as, collection: "items", text });

    });
  }
}
