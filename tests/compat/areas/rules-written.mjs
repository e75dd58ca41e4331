// The written cases of the rule and filter language (spec, part 2, section 15), about the small records of `world.mjs`.

import { get, patch, post } from "../lib/http.mjs";
import { compareLists, records } from "../lib/lists.mjs";
import { inParallel } from "../lib/pair.mjs";
import { id, setUpWorld } from "../lib/world.mjs";

/** Filters sent by a superuser to the items. */
const FILTERS = [
  ["A01", "label = 'Lamp'"],
  ["A02", "label ~ 'LAMP'"],
  ["A03", "label ~ 'lamp%'"],
  ["A04", "label ~ '0%_'"],
  ["A05", "label ~ '50%_off'"],
  ["A06", "label ~ '\\%'"],
  ["A07", "label ~ '\\%_'"],
  ["A08", "label ~ '__'"],
  ["A09", "label ~ '_'"],
  ["A10", "label !~ 'lamp'"],
  ["A11", "label = 'a\\\\b'"],
  ["A12", "label = 'a\\b'"],
  ["A13", "label = 'x\\'y' || qty = 1"],
  ["A14", "qty = 1 || qty = 2 && label = 'nope'"],
  ["A15", "(qty = 1 || qty = 2) && label = 'nope'"],
  ["A16", "qty = 1 (qty = 2)"],
  ["A17", "qty = 1 || qty = 2 (qty = 0)"],
  ["A18", "qty = 1 // tail comment"],
  ["A19", "label = '// no'"],
  ["A20", "label = ''"],
  ["A21", "label = null"],
  ["A22", "qty = ''"],
  ["A23", "qty = 0"],
  ["A24", "qty = '1'"],
  ["A25", "qty > -6 && qty < 0"],
  ["A26", "label = 5"],
  ["A27", "label = '5'"],
  ["A28", "label ~ 5"],
  ["A29", "live != true"],
  ["A30", "live = 'true'"],
  ["A31", "due = ''"],
  ["A32", "due >= '2024-03-01'"],
  ["A33", "due = '2024-01-15'"],
  ["A34", "due > '2024-01-15T00:00:00'"],
  ["A35", "label > null"],
  ["A36", "tags = 'red'"],
  ["A37", "tags = '[\"red\"]'"],
  ["A38", "tags ~ 'red'"],
  ["A39", "tags = ''"],
  ["A40", "tags:length >= 2"],
  ["A41", "tags:each = 'red'"],
  ["A42", "tags:each ?= 'red'"],
  ["A43", "tags:each != 'red'"],
  ["A44", "tags:each ?= 'red' && tags:each ?= 'green'"],
  ["A45", "tags:each = 'red' || tags:each = 'green'"],
  ["A46", "tags:each ~ 'r%'"],
  ["A47", "label:lower = 'lamp'"],
  ["A48", "label:length = 'Lamp'"],
  ["A49", "label:isset = true"],
  ["A50", "meta.a = 1"],
  ["A51", "meta.a = '1'"],
  ["A52", "meta.t = true"],
  ["A53", "meta.e = null"],
  ["A54", "meta.nil = null"],
  ["A55", "meta.zzz != 'x'"],
  ["A56", "meta.b.c.1 = 20"],
  ["A57", "meta = 5"],
  ["A58", "meta = ''"],
  ["A59", "meta = null"],
  ["A60", "spot.lon > 5"],
  ["A61", "owner.name = ''"],
  ["A62", "owner.name != 'Ann'"],
  ["A63", "clubs.name = 'Oak'"],
  ["A64", "clubs.name ?= 'Oak'"],
  ["A65", "clubs.id != ''"],
  ["A66", "clubs.id = ''"],
  ["A67", "clubs.lead.name = 'Bob'"],
  ["A68", "clubs.lead.name != 'Ann'"],
  ["A69", "clubs.lead.name != ''"],
  ["A70", "clubs:each ?= 'k10000000000000'"],
  ["A71", "owner.skills:each ?= 'go'"],
  ["A72", "owner.prefs.lvl = 2"],
  ["A73", "parent.label = 'Lamp'"],
  ["A74", "items_via_parent.qty < 10"],
  ["A75", "reviews_via_item.text = 'ok'"],
  ["A76", "reviews_via_item.text ?= 'ok'"],
  ["A77", "reviews_via_item.id = ''"],
  ["A78", "reviews_via_item.score ?> 1 && reviews_via_item.text ?= 'ok'"],
  ["A79", "reviews_via_items.text ?= 'ok'"],
  ["A80", "reviews_via_items.text = 'ok'"],
  ["A81", "owner.cards_via_person.nick != 'annie'"],
  ["A82", "reviews_via_item:length = 1"],
  ["A83", "clubs.name = tags:each"],
  ["A84", "@collection.clubs.name ?= 'Oak'"],
  ["A85", "@collection.clubs.name = 'Oak'"],
  ["A86", "@collection.clubs.tier ?= qty"],
  ["A87", "@collection.clubs.tier ?= qty && @collection.clubs.name ?= 'Elm'"],
  ["A88", "@collection.clubs.tier ?= qty && @collection.clubs:o.name ?= 'Elm'"],
  ["A89", "@collection.CLUBS.name ?= 'Oak'"],
  ["A90", "@collection.vault.item ?= id"],
  ["A91", "@request.auth.nope = ''"],
  ["A92", "strftime('%Y-%m', due) = '2024-01'"],
  ["A93", "strftime('%Y', due) = ''"],
  ["A94", "strftime('%d', due, '+1 day') = '16'"],
  ["A95", "strftime('%m', items_via_parent.due) = '06'"],
  ["A96", "strftime('%m', items_via_parent.due) != ''"],
  ["A97", "geoDistance(spot.lon, spot.lat, 10, 20) < 1"],
  ["A98", "geoDistance(1,2,3,'4') < 1"],
  ["A99", "null = ''"],
  ["A100", "qty = TRUE"],
  ["A101", "Qty = 1"],
  ["A103", "label:nope = 1"],
  ["A104", "owner.nope = 1"],
  ["A105", "label.x = 1"],
];

/** The same, without names. */
const MORE_FILTERS = [
  "qty = 1\r\n", "qty == 1", "qty = .5", "qty = +1", "qty = 1e2", "label = `Lamp`", "qty = 1 and qty = 2", "qty = 1 &&", "()", "geoDistance(owner.clubs_via_lead.tier, 0, 10, 20) > 1",
];

/** Rules by collection, who asks, and the filter. */
const RULES = [
  ["B01", {}, "guest", "note = 'n1'"],
  ["B02", {}, "guest", "note = null || qty = 1"],
  ["B03", {}, "su", "note = 'n1'"],
  ["B04", {"items": {"listRule": "note = 'n1'"}}, "guest", null],
  ["B05", {}, "guest", "owner.pin = 'p-ann'"],
  ["B06", {}, "guest", "owner.tokenKey != ''"],
  ["B07", {}, "guest", "@request.auth.id = ''"],
  ["B08", {}, "guest", "label = '@request.x'"],
  ["B09", {}, "guest", "label = '@request'"],
  ["B10", {}, "guest", "@now > created"],
  ["B11", {}, "guest", "owner.email = 'ann@t.io'"],
  ["B12", {}, "guest", "owner.email = 'bob@t.io'"],
  ["B13", {}, "bob", "owner.email = 'bob@t.io'"],
  ["B14", {}, "guest", "owner.email = 'bob@t.io' || owner.name = 'Bob'"],
  ["B15", {}, "guest", "vault_via_item.x = 'gold'"],
  ["B16", {"items": {"listRule": "vault_via_item.x = 'gold'"}}, "guest", null],
  ["B17", {"clubs": {"listRule": null}}, "guest", "clubs.name ?= 'Oak'"],
  ["B18", {"clubs": {"listRule": null}}, "guest", "clubs.id ?= 'k10000000000000'"],
  ["B19", {"clubs": {"listRule": null}}, "guest", "clubs:each ?= 'k10000000000000'"],
  ["B20", {"people": {"listRule": null}}, "guest", "owner.id = 'ann000000000000'"],
  ["B21", {"clubs": {"listRule": "tier > 1"}}, "guest", "clubs.name ?= 'Oak'"],
  ["B22", {"clubs": {"listRule": "tier > 1"}}, "guest", "qty = 0 || clubs.name ?= 'Fir'"],
  ["B23", {"clubs": {"listRule": "tier > 1"}}, "guest", "qty = 2 || clubs.name ?= 'Fir'"],
  ["B24", {"clubs": {"listRule": "lead.name = 'Ann'"}}, "guest", "clubs.name ?= 'Oak'"],
  ["B25", {"people": {"listRule": "id = @request.auth.id"}}, "guest", "owner.name = 'Ann'"],
  ["B26", {"people": {"listRule": "id = @request.auth.id"}}, "ann", "owner.name = 'Ann'"],
  ["B27", {"items": {"listRule": "clubs.lead ?= @request.auth.id"}}, "ann", null],
  ["B28", {"items": {"listRule": "clubs.lead ?= @request.auth.id"}}, "ann", "clubs.name ?= 'Elm'"],
  ["B29", {"items": {"listRule": "clubs.lead ?= @request.auth.id"}}, "ann", "clubs.name ?= 'Oak'"],
  ["B30", {"items": {"listRule": "owner = @request.auth.id"}}, "ann", null],
  ["B31", {"items": {"listRule": "owner = @request.auth.id"}}, "guest", null],
  ["B32", {"items": {"listRule": "@request.auth.id != '' && owner = @request.auth.id"}}, "guest", null],
  ["B33", {"items": {"listRule": "@request.auth.clubs.id ?= clubs.id"}}, "cat", null],
  ["B34", {"items": {"listRule": "@request.auth.skills:each ?= 'go'"}}, "ann", null],
  ["B35", {"items": {"listRule": "@request.auth.skills:each = 'go'"}}, "ann", null],
  ["B36", {"items": {"listRule": "@request.auth.skills:length = 2"}}, "ann", null],
  ["B37", {"items": {"listRule": "@request.auth.pin = 'p-ann'"}}, "ann", null],
  ["B38", {"items": {"listRule": "@request.auth.verified = false"}}, "guest", null],
  ["B39", {"items": {"listRule": "@request.auth.rank = ''"}}, "guest", null],
  ["B40", {"items": {"listRule": "@request.auth.rank != 'boss'"}}, "guest", null],
  ["B41", {"items": {"listRule": "@request.auth.id:isset = true"}}, "ann", null],
  ["B42", {"items": {"listRule": "@request.auth.clubs_via_lead.name = 'Oak'"}}, "ann", null],
  ["B43", {"items": {"listRule": "@request.auth.name.x = 1"}}, "guest", null],
  ["B44", {"items": {"listRule": "@request.auth.name.x = 1"}}, "ann", null],
  ["B45", {"items": {"listRule": "@request.method = 'GET' && @request.context = 'default'"}}, "guest", null],
];

/** Create rule of the items, who creates, and the body. */
const CREATES = [
  ["C01", null, "guest", {}],
  ["C02", "label = 'x'", "guest", {"label": "x"}],
  ["C03", "qty = 5", "guest", {"qty": "5"}],
  ["C04", "qty = '5'", "guest", {"qty": 5}],
  ["C05", "live = '1'", "guest", {"live": true}],
  ["C06", "@request.body.qty = '5'", "guest", {"qty": 5}],
  ["C07", "id != ''", "guest", {}],
  ["C08", "created = '' && updated = ''", "guest", {}],
  ["C09", "@request.body.label:isset = true", "guest", {"label": null}],
  ["C10", "@request.body.label:isset = true", "guest", {}],
  ["C11", "@request.body.label:changed = true", "guest", {"label": "x"}],
  ["C12", "@request.body.foo.bar = 'z'", "guest", {"foo": {"bar": "z"}}],
  ["C13", "@request.body.foo.1 = 'z'", "guest", {"foo": ["y", "z"]}],
  ["C14", "@request.body.foo = ''", "guest", {"foo": false}],
  ["C15", "@request.body.foo = false", "guest", {}],
  ["C16", "@request.body.note:isset = false", "guest", {"note": "x"}],
  ["C17", "@request.body.due = '2024-01-01 00:00:00.000Z'", "guest", {"due": "2024-01-01"}],
  ["C18", "@request.body.due = ''", "guest", {"due": "garbage"}],
  ["C19", "@request.body.meta.a = 1", "guest", {"meta": {"a": 1}}],
  ["C20", "@request.body.meta = 5", "guest", {"meta": 5}],
  ["C21", "@request.body.meta = '5'", "guest", {"meta": 5}],
  ["C22", "meta = 5", "guest", {"meta": 5}],
  ["C23", "@request.body.meta = '\"s\"'", "guest", {"meta": "s"}],
  ["C24", "@request.body.spot.lon = 3", "guest", {"spot": {"lon": 3, "lat": 4}}],
  ["C25", "@request.body.tags:length = 2", "guest", {"tags": ["red", "red", "green"]}],
  ["C26", "@request.body.tags:length = 2", "guest", {"tags+": ["red", "green"]}],
  ["C27", "@request.body.tags:isset = true", "guest", {"tags+": "red"}],
  ["C28", "@request.body.kind:length = 1", "guest", {"kind": ""}],
  ["C29", "@request.body.tags:each = 'red'", "guest", {"tags": ["red", "green"]}],
  ["C30", "@request.body.tags:each != 'red'", "guest", {}],
  ["C31", "@request.body.owner.name = 'Ann'", "guest", {"owner": "ann000000000000"}],
  ["C32", "@request.body.owner.name = ''", "guest", {}],
  ["C33", "@request.body.owner.pin = 'p-ann'", "guest", {"owner": "ann000000000000"}],
  ["C34", "@request.body.clubs.name = 'Oak'", "guest", {"clubs": ["k10000000000000", "k20000000000000"]}],
  ["C35", "@request.body.clubs.name ?= 'Oak'", "guest", {"clubs": ["k10000000000000", "k20000000000000"]}],
  ["C36", "@request.body.clubs.id ?= @request.auth.clubs.id", "cat", {"clubs": ["k10000000000000"]}],
  ["C37", "clubs.lead = @request.auth.id", "ann", {"clubs": ["k10000000000000"]}],
  ["C38", "clubs.lead = @request.auth.id", "ann", {"clubs": ["k10000000000000", "k20000000000000"]}],
  ["C39", "parent.qty = 1", "guest", {"parent": "i10000000000000"}],
  ["C40", "reviews_via_item.id = ''", "guest", {}],
  ["C41", "@collection.items.label ?!= label", "guest", {"label": "Lamp"}],
  ["C42", "@request.auth.id != ''", "guest", {}],
  ["C43", "owner = @request.auth.id", "guest", {}],
];

/** Update rule of the items, who updates, which record, the body, headers and query. */
const UPDATES = [
  ["D01", "label = 'Lamp'", "guest", "i1", {"label": "New"}, {}, {}],
  ["D02", "label = 'New'", "guest", "i1", {"label": "New"}, {}, {}],
  ["D03", "owner = @request.auth.id", "ann", "i1", {"owner": "bob000000000000"}, {}, {}],
  ["D04", "owner = @request.auth.id && @request.body.owner:changed = false", "ann", "i1", {"owner": "bob000000000000"}, {}, {}],
  ["D05", "owner = @request.auth.id && @request.body.owner:changed = false", "ann", "i1", {"owner": "ann000000000000", "label": "q"}, {}, {}],
  ["D06", "owner = @request.auth.id && @request.body.owner:isset = false", "ann", "i1", {"owner": "ann000000000000"}, {}, {}],
  ["D07", "@request.body.label:changed = true", "guest", "i1", {}, {}, {}],
  ["D08", "@request.body.label:changed = true", "guest", "i1", {"label": "Lamp"}, {}, {}],
  ["D09", "@request.body.label:changed = true", "guest", "i1", {"label": "New"}, {}, {}],
  ["D10", "@request.body.qty = 2", "guest", "i1", {"qty+": 1}, {}, {}],
  ["D11", "@request.body.qty:changed = false", "guest", "i1", {"qty": "1"}, {}, {}],
  ["D12", "@request.body.tags:each = 'red'", "guest", "i1", {"tags-": "green"}, {}, {}],
  ["D13", "@request.body.tags:changed = true", "guest", "i1", {"tags": ["green", "red"]}, {}, {}],
  ["D14", "@request.body.due:changed = false", "guest", "i1", {"due": "2024-01-15T12:00:00+02:00"}, {}, {}],
  ["D15", "@request.body.meta:changed = false", "guest", "i1", {"meta": {"t": true, "s": "str", "nil": null, "e": "", "b": {"c": [10, 20]}, "a": 1}}, {}, {}],
  ["D16", "@request.body.meta:changed = false", "guest", "i5", {"meta": 5}, {}, {}],
  ["D17", "@request.body.owner.name = 'Ann'", "guest", "i1", {}, {}, {}],
  ["D18", "@request.body.created:changed = false", "guest", "i1", {"created": "2020-01-01 00:00:00.000Z"}, {}, {}],
  ["D19", "clubs.lead ?= @request.auth.id", "bob", "i1", {}, {}, {}],
  ["D20", "@request.headers.x_api_key = 'k'", "guest", "i1", {}, {"X-Api-Key": "k"}, {}],
  ["D21", "@request.headers.X_Api_Key = 'k'", "guest", "i1", {}, {"X-Api-Key": "k"}, {}],
  ["D22", "@request.query.a = '1'", "guest", "i1", {}, {}, {"a": ["1", "2"]}],
  ["D23", "@request.query.a = 1", "guest", "i1", {}, {}, {"a": "1"}],
  ["D24", "@request.query.qty = 1", "guest", "i1", {}, {}, {"qty": "1"}],
  ["D25", "@request.auth.name.x = 1", "ann", "i1", {}, {}, {}],
];

/** Who asks, collection and sort. */
const SORTS = [
  ["F01", "su", "items", "qty"],
  ["F02", "su", "items", " -live , +qty "],
  ["F03", "su", "items", "-@rowid"],
  ["F04", "su", "items", "owner.name,-qty"],
  ["F05", "su", "items", "clubs.tier,qty"],
  ["F06", "su", "items", "-clubs.tier,qty"],
  ["F07", "su", "items", "label:lower"],
  ["F08", "su", "items", "meta.a,qty"],
  ["F09", "su", "items", "qty,"],
  ["F10", "su", "items", "qty,label,live,due,kind,id,owner,created"],
  ["F11", "su", "items", "qty,label,live,due,kind,id,owner,created,updated"],
  ["F12", "guest", "items", "note"],
  ["F13", "guest", "items", "@request.auth.id"],
  ["F14", "guest", "items", "vault_via_item.x"],
  ["F15", "su", "items_view", "@rowid"],
  ["F16", "guest", "items_view", "-qty"],
];

/** Rules, who asks, the record and what to expand. */
const EXPANDS = [
  ["G01", {}, "guest", "items/i1", "owner"],
  ["G02", {}, "guest", "items/i1", "clubs"],
  ["G03", {}, "guest", "items/i2", "owner"],
  ["G04", {}, "guest", "items/i1", "label"],
  ["G05", {}, "guest", "items/i1", "owner.nope"],
  ["G06", {}, "guest", "items/i1", "owner,nope"],
  ["G07", {}, "guest", "items/i1", "owner.club,owner.clubs"],
  ["G08", {}, "guest", "items/i1", "reviews_via_item"],
  ["G09", {}, "guest", "items/i1", "owner.cards_via_person"],
  ["G10", {}, "guest", "items/i1", "reviews_via_item.items"],
  ["G11", {}, "guest", "items/i1", "vault_via_item"],
  ["G12", {"clubs": {"viewRule": "tier > 1"}}, "guest", "items/i1", "clubs"],
  ["G13", {"clubs": {"viewRule": "lead = @request.auth.id"}}, "ann", "items/i1", "clubs"],
  ["G14", {"clubs": {"viewRule": "@request.context = 'expand'"}}, "guest", "items/i1", "clubs"],
  ["G15", {"clubs": {"listRule": null}}, "guest", "items/i1", "clubs"],
  ["G16", {}, "guest", "items/i1", " owner , .clubs. "],
  ["G17", {}, "guest", "items_view/i1", "owner"],
];

const OPEN = { listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "" };
const caller = (who) => (who === "su" ? "superuser" : who);

export default async function (both) {
  const world = await setUpWorld(both);
  let changes = 0;
  const setRules = (name, rules) => both.same(`rules ${++changes}: ${name} ${JSON.stringify(rules)}`, patch(`/api/collections/${name}`, rules));
  /** Runs `work` under other rules and puts them back. */
  async function under(rules, work) {
    for (const [name, changed] of Object.entries(rules)) await setRules(name, changed);
    await work();
    for (const [name, changed] of Object.entries(rules)) {
      await setRules(name, Object.fromEntries(Object.keys(changed).map((key) => [key, key === "manageRule" ? null : OPEN[key]])));
    }
  }
  const list = (query) => records("items", { fields: "id", perPage: 500, ...query });
  // Cat has no part in the larger records.
  await both.signIn("cat", "people", "cat@t.io", "12345678");

  await inParallel([...FILTERS, ...MORE_FILTERS.map((filter, i) => [`more ${i}`, filter])], async ([name, filter]) => {
    await both.same(`${name} ${JSON.stringify(filter)}`, get(list({ filter })), { compare: compareLists() });
  });
  for (const [name, rules, who, filter] of RULES) {
    await under(rules, () => both.same(`${name} ${JSON.stringify(rules)} ${filter}`, get(list(filter ? { filter } : {}), { as: caller(who) }), { compare: compareLists() }));
  }
  for (const [name, createRule, as, body] of CREATES) {
    await under({ items: { createRule } }, async () => {
      await both.same(`${name} ${createRule}`, post(records("items"), body, { as }));
    });
  }
  await both.same("created", get(records("items", { perPage: 500, sort: "@rowid", skipTotal: 1 })), { compare: (a, b) => (a.body.items?.length === b.body.items?.length ? [] : [{ path: "items", expected: a.body.items, got: b.body.items }]) });
  for (const [name, updateRule, as, target, body, headers, query] of UPDATES) {
    const search = Object.entries(query).flatMap(([key, value]) => [value].flat().map((one) => `${key}=${encodeURIComponent(one)}`)).join("&");
    await under({ items: { updateRule } }, () => both.same(`${name} ${updateRule}`, { ...patch(`/api/collections/items/records/${id(target)}?${search}`, body, { as }), headers }));
    await both.same(`${name} restore`, patch(`/api/collections/items/records/${id(target)}`, { label: "", qty: 0, due: "", tags: [], clubs: [], meta: null, owner: "", ...world.records.items[id(target)] }));
  }
  for (const [name, who, collection, sort] of SORTS) {
    await both.same(`${name} ${sort}`, get(records(collection, { fields: "id", perPage: 500, sort: `${sort}`, filter: "id ~ 'i_0000000000000%'" }), { as: caller(who) }), { compare: compareLists({ ordered: true }) });
  }
  for (const [name, rules, who, target, expand] of EXPANDS) {
    const [collection, record] = target.split("/");
    await under(rules, () => both.same(`${name} ${JSON.stringify(rules)} ${expand}`, get(`/api/collections/${collection}/records/${id(record)}?expand=${encodeURIComponent(expand)}`, { as: caller(who) })));
  }
}
