// Relations between records: what is checked, and what happens when a target is deleted.

import { del, get, patch, post } from "../lib/http.mjs";

export default async function (both) {
  const [made] = await both.same("targets", post("/api/collections", { name: "targets", fields: [{ name: "t", type: "text" }] }));
  const collectionId = JSON.parse(made.text).id;
  const ids = Array.from({ length: 9 }, (_, i) => `t0000000000000${i}`);
  for (const id of ids) await both.same(`target ${id}`, post("/api/collections/targets/records", { id }));
  const relation = (name, rest) => ({ name, type: "relation", collectionId, ...rest });
  const insert = (collection, record) => post(`/api/collections/${collection}/records`, record);
  const list = (collection) => get(`/api/collections/${collection}/records?sort=id`);

  // Values.
  await both.same("all kinds", post("/api/collections", { name: "kinds", fields: [relation("one", { maxSelect: 1 }), relation("many", { maxSelect: 3 }), relation("some", { minSelect: 2, maxSelect: 3 })] }));
  const values = [
    { one: ids[0] }, { one: "nope" }, { one: [ids[0], ids[1]] }, { one: [ids[0], "nope"] }, { one: ["nope", ids[0]] }, { one: "" }, { one: null }, { one: [] }, { one: `["${ids[0]}"]` }, { one: 5 }, { one: ids[0].toUpperCase() }, { one: ` ${ids[0]}` }, { many: ids[0] }, { many: [ids[0], ids[0]] }, { many: ids.slice(0, 4) },
    { many: [ids[0], "nope"] }, { many: [ids[2], ids[0], ids[1]] }, { many: `["${ids[0]}","${ids[1]}"]` }, { many: `${ids[0]},${ids[1]}` }, { some: [ids[0]] }, { some: [ids[0], ids[1]] }, { some: [] }, { some: [ids[0], ids[0]] }, { many: {} }, { many: [[ids[0]]] }, { one: { id: ids[0] } }, { some: ["nope"], one: "nope", many: ["nope"] },
  ];
  for (const [i, value] of values.entries()) await both.same(`value ${i} ${JSON.stringify(value)}`, insert("kinds", { id: `k${String(i).padStart(14, "0")}`, ...value }));

  // Deleting targets.
  const variants = {
    loose_one: { maxSelect: 1 }, loose_many: { maxSelect: 3 }, need_one: { maxSelect: 1, required: true }, need_many: { maxSelect: 3, required: true }, min_many: { maxSelect: 3, minSelect: 2 }, cascade_one: { maxSelect: 1, cascadeDelete: true }, cascade_many: { maxSelect: 3, cascadeDelete: true },
    cascade_need: { maxSelect: 1, cascadeDelete: true, required: true },
  };
  for (const [name, options] of Object.entries(variants)) {
    const target = ids[Object.keys(variants).indexOf(name)];
    const multiple = options.maxSelect > 1;
    await both.sameAll({
      [`${name}: set-up`]: post("/api/collections", { name, fields: [relation("to", options), { name: "u", type: "autodate", onCreate: true, onUpdate: true }] }),
      [`${name}: alone`]: insert(name, { id: "a00000000000001", to: multiple ? (options.minSelect ? [target, ids[8]] : [target]) : target }),
      [`${name}: together`]: insert(name, { id: "a00000000000002", to: multiple ? [target, ids[8]] : target }),
      [`${name}: delete the target`]: del(`/api/collections/targets/records/${target}`),
      [`${name}: what is left`]: list(name),
      [`${name}: is the target there`]: get(`/api/collections/targets/records/${target}`),
      [`${name}: delete the second`]: del(`/api/collections/${name}/records/a00000000000002`),
      [`${name}: delete the first`]: del(`/api/collections/${name}/records/a00000000000001`),
      [`${name}: drop`]: del(`/api/collections/${name}`),
    });
  }

  // Chains, circles and itself.
  const [tree] = await both.same("tree", post("/api/collections", { name: "tree", fields: [{ name: "t", type: "text" }] }));
  const parent = (rest) => ({ name: "parent", type: "relation", collectionId: JSON.parse(tree.text).id, maxSelect: 1, ...rest });
  await both.same("tree: parent", patch("/api/collections/tree", { fields: [{ name: "t", type: "text" }, parent({ cascadeDelete: true })] }));
  await both.same("tree: root", insert("tree", { id: "n00000000000000" }));
  for (let i = 1; i < 5; i++) await both.same(`tree: ${i}`, insert("tree", { id: `n0000000000000${i}`, parent: `n0000000000000${i - 1}` }));
  await both.sameAll({
    "tree: itself": patch("/api/collections/tree/records/n00000000000000", { parent: "n00000000000000" }),
    "tree: a circle": patch("/api/collections/tree/records/n00000000000000", { parent: "n00000000000004" }),
    "tree: itself on create": insert("tree", { id: "n00000000000009", parent: "n00000000000009" }),
    "tree: delete in the middle": del("/api/collections/tree/records/n00000000000002"),
    "tree: left": list("tree"),
  });
  await both.sameAll({
    "chain: a": post("/api/collections", { name: "chain_a", fields: [relation("to", { maxSelect: 1, cascadeDelete: true })] }),
    "chain: a record": insert("chain_a", { id: "a00000000000001", to: ids[8] }),
  });
  const [answer] = await both.same("chain: a again", get("/api/collections/chain_a"));
  await both.sameAll({
    "chain: b": post("/api/collections", { name: "chain_b", fields: [{ name: "to", type: "relation", collectionId: JSON.parse(answer.text).id, maxSelect: 1, required: true }] }),
    "chain: b record": insert("chain_b", { id: "b00000000000001", to: "a00000000000001" }),
    "chain: a required one at the end blocks": del(`/api/collections/targets/records/${ids[8]}`),
    "chain: nothing happened": list("chain_a"),
    "chain: free": del("/api/collections/chain_b/records/b00000000000001"),
    "chain: now": del(`/api/collections/targets/records/${ids[8]}`),
    "chain: a is empty": list("chain_a"),
  });
}
