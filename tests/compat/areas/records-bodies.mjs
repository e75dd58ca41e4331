// How request bodies are read: JSON, forms, multipart, and everything that is none of these.

import { get, patch, post } from "../lib/http.mjs";

export default async function (both) {
  await both.same("set-up", post("/api/collections", {
    name: "items", createRule: "", updateRule: "", viewRule: "",
    fields: [
      { name: "t", type: "text" }, { name: "n", type: "number" }, { name: "b", type: "bool" }, { name: "j", type: "json" }, { name: "many", type: "select", values: ["a", "b", "1", "true"], maxSelect: 4 }, { name: "one", type: "select", values: ["a", "b"], maxSelect: 1 }, { name: "g", type: "geoPoint" },
      { name: "d", type: "date" }, { name: "e", type: "editor" }, { name: "doc", type: "file", maxSelect: 1 },
    ],
  }));
  const path = "/api/collections/items/records";
  const raw = (raw, type = "application/json", rest) => ({ method: "POST", path, raw, type, ...rest });

  const json = {
    "nothing": undefined, "empty": "", "null": "null", "object": "{}", "list": "[]", "list of objects": '[{"t":"x"}]', "text": '"x"', "number": "5", "bool": "true", "blank": "   ", "newline": "\n", "malformed": "{", "unquoted": "{t:1}", "single quotes": "{'t':'x'}", "trailing comma": '{"t":"x",}', "comment": '{"t":"x"/*c*/}',
    "trailing text": '{"t":"x"} nonsense', "two documents": '{"t":"x"}{"t":"y"}', "duplicate keys": '{"t":"x","t":"y"}', "duplicate keys of two kinds": '{"n":1,"n":"x"}', "bom": '\ufeff{"t":"x"}', "nul": '{"t":"a\u0000b"}', "escaped nul": '{"t":"a\\u0000b"}', "lone surrogate": '{"t":"\\ud800"}', "surrogate pair": '{"t":"\\ud83d\\ude00"}', "control character": '{"t":"a\u0001b"}',
    "invalid utf-8": Buffer.concat([Buffer.from('{"t":"'), Buffer.from([0xff, 0xc0, 0x80]), Buffer.from('"}')]), "overlong key": `{"${"k".repeat(10000)}":1}`, "many keys": `{${Array.from({ length: 5000 }, (_, i) => `"k${i}":${i}`).join(",")}}`, "leading zero": '{"n":01}', "plus": '{"n":+1}', "hex": '{"n":0x1}', "nan": '{"n":NaN}', "infinity": '{"n":Infinity}', "huge exponent": '{"n":1e999}',
    "tiny": '{"n":1e-999}', "long number": `{"n":${"9".repeat(400)}}`, "long fraction": `{"n":0.${"1".repeat(400)}}`, "minus zero": '{"n":-0}', "minus zero float": '{"n":-0.0}', "deep": `{"j":${"[".repeat(900)}${"]".repeat(900)}}`, "too deep": `{"j":${"[".repeat(10500)}${"]".repeat(10500)}}`, "deep objects": `{"j":${'{"a":'.repeat(200)}1${"}".repeat(200)}}`, "empty key": '{"":1}', "key with spaces": '{" t ":"x"}',
    "dotted key": '{"g.lon":5}', "large text": JSON.stringify({ e: "x".repeat(2_000_000) }), "html": '{"t":"<b>&\u2028</b>"}', "@jsonPayload": '{"@jsonPayload":"{\\"t\\":\\"x\\"}"}', "utf-16": Buffer.from('{"t":"x"}', "utf16le"),
  };
  for (const [name, body] of Object.entries(json)) await both.same(`json: ${name}`, raw(body));

  const types = [
    undefined, "", "application/json", "application/json;charset=utf-8", "application/json; charset=latin1", "Application/JSON", "application/json2", "application/vnd.api+json", "text/json", "text/plain", "text/html", "application/xml", "text/xml", "application/octet-stream", "json", "*/*", "application/x-ndjson", "multipart/form-data", "multipart/form-data; boundary=x", "multipart/mixed; boundary=x",
    "application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-8",
  ];
  for (const [i, type] of types.entries()) {
    await both.same(`type ${i} ${type}: with a body`, raw('{"t":"x"}', type));
    await both.same(`type ${i} ${type}: without`, raw(undefined, type));
    await both.same(`type ${i} ${type}: as a patch`, { ...raw('{"t":"x"}', type), method: "PATCH", path: `${path}/missing00000000` });
  }
  await both.same("no content type at all", raw('{"t":"x"}', undefined));

  // Forms: inference, repeated keys, the JSON payload, the query.
  const texts = ["x", "", "true", "false", "TRUE", "null", "1", "-1", "1.5", "1.50", "007", "-0", "0", "1e3", ".5", "5.", "1-2", "--1", "1.2.3", "9007199254740993", "123456789012345678901", " 1", "[1]", '{"a":1}', '"x"', "a,b", "ä", "a b", "a+b", "a%20b", "\n"];
  for (const kind of ["form", "multipart"]) {
    const send = (pairs, rest) => ({ method: "POST", path, [kind]: pairs, ...rest });
    for (const text of texts) {
      for (const field of ["t", "n", "b", "j", "many"]) await both.same(`${kind}: ${field}=${JSON.stringify(text)}`, send([[field, text]]));
    }
    await both.sameAll({
      [`${kind}: repeated text`]: send([["t", "a"], ["t", "b"]]),
      [`${kind}: repeated select`]: send([["many", "a"], ["many", "b"], ["many", "1"], ["many", "true"]]),
      [`${kind}: repeated single select`]: send([["one", "a"], ["one", "b"]]),
      [`${kind}: repeated json`]: send([["j", "1"], ["j", "x"], ["j", "true"]]),
      [`${kind}: payload`]: send([["@jsonPayload", '{"t":"from payload","n":5,"j":{"a":[1]}}']]),
      [`${kind}: payload wins`]: send([["t", "plain"], ["@jsonPayload", '{"t":"payload"}'], ["n", "3"]]),
      [`${kind}: two payloads`]: send([["@jsonPayload", '{"t":"one","n":1}'], ["@jsonPayload", '{"t":"two"}']]),
      [`${kind}: payload is not inferred`]: send([["@jsonPayload", '{"t":"true","j":"1"}']]),
      [`${kind}: broken payload`]: send([["@jsonPayload", "{"]]),
      [`${kind}: payload list`]: send([["@jsonPayload", "[]"]]),
      [`${kind}: payload text`]: send([["@jsonPayload", '"x"']]),
      [`${kind}: payload null`]: send([["@jsonPayload", "null"], ["t", "x"]]),
      [`${kind}: empty payload`]: send([["@jsonPayload", ""], ["t", "x"]]),
      [`${kind}: nothing`]: send([]),
      [`${kind}: empty key`]: send([["", "x"]]),
      [`${kind}: modifiers`]: send([["n+", "5"], ["many+", "a"]]),
      [`${kind}: geo as json`]: send([["g", '{"lon":1,"lat":2}']]),
      [`${kind}: geo with dots`]: send([["g.lon", "5"]]),
      [`${kind}: brackets`]: send([["many[]", "a"], ["many[0]", "b"]]),
      [`${kind}: text for a file`]: send([["doc", "x.txt"]]),
      [`${kind}: query is merged`]: send([["n", "1"]], { path: `${path}?t=from-query` }),
      [`${kind}: body before query`]: send([["t", "body"]], { path: `${path}?t=from-query` }),
      [`${kind}: bad id`]: send([["id", "BAD"]]),
    });
  }
  const part = (head, body) => `--x\r\n${head}\r\n\r\n${body}\r\n--x--\r\n`;
  const multipart = (body) => raw(body, "multipart/form-data; boundary=x");
  await both.sameAll({
    "multipart: no end": multipart('--x\r\nContent-Disposition: form-data; name="t"\r\n\r\nvalue'),
    "multipart: no name": multipart(part("Content-Disposition: form-data", "v")),
    "multipart: no disposition": multipart(part("X-Other: 1", "v")),
    "multipart: wrong boundary": raw(part('Content-Disposition: form-data; name="t"', "v"), "multipart/form-data; boundary=y"),
    "multipart: empty": multipart(""),
    "multipart: only the end": multipart("--x--\r\n"),
    "multipart: line feeds only": multipart('--x\nContent-Disposition: form-data; name="t"\n\nv\n--x--\n'),
    "multipart: content type of a part": multipart(part('Content-Disposition: form-data; name="n"\r\nContent-Type: text/plain', "5")),
    "multipart: preamble": multipart(`preamble\r\n${part('Content-Disposition: form-data; name="t"', "v")}epilogue`),
    "form: broken escape": raw("t=%zz", "application/x-www-form-urlencoded"),
    "form: semicolons": raw("t=a;n=1", "application/x-www-form-urlencoded"),
    "form: no value": raw("t&n=1", "application/x-www-form-urlencoded"),
    "form: plus and escapes": raw("t=a+b%20c%2Bd", "application/x-www-form-urlencoded"),
    "form: invalid utf-8": raw("t=%ff", "application/x-www-form-urlencoded"),
    "form: many equals": raw("t=a=b=c", "application/x-www-form-urlencoded"),
  });

  // The same rules on update.
  const record = `${path}/r00000000000001`;
  await both.sameAll({
    "update: create": post(path, { id: "r00000000000001", t: "x", n: 5, many: ["a"] }),
    "update: by form": { method: "PATCH", path: record, form: [["n+", "2"], ["t", "y"]] },
    "update: by multipart": { method: "PATCH", path: record, multipart: [["many+", "b"], ["@jsonPayload", '{"t":"z"}']] },
    "update: no body": { method: "PATCH", path: record },
    "update: null": { method: "PATCH", path: record, raw: "null", type: "application/json" },
    "update: list": { method: "PATCH", path: record, raw: "[]", type: "application/json" },
    "update: malformed": { method: "PATCH", path: record, raw: "{", type: "application/json" },
    "update: duplicate keys": { method: "PATCH", path: record, raw: '{"t":"1","t":"2"}', type: "application/json" },
    "update: as it is": get(record),
    "update: a body on view": { method: "GET", path: record, raw: "{", type: "application/json" },
    "update: a body on delete": { method: "DELETE", path: `${path}/missing00000000`, raw: "{", type: "application/json" },
    "update: a chunked body": patch(record, { t: "chunked" }, { headers: { "transfer-encoding": "chunked" } }),
  });
}
