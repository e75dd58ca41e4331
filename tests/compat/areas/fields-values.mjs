// What every field type makes of every kind of input: casts, stored values, validation codes.

import { patch, post } from "../lib/http.mjs";

/** Values of every JSON kind, for every type. */
const ANY = [
  null, true, false, 0, 1, -1, 1.5, -0.25, 1e21, 1e-7, 123456789012345680000, 9007199254740993, "", " ", "0", "1", "true", "false", "t", "T", "TRUE", "True", "tRUE", "yes", "null", "NaN", "Infinity", "-Inf",
  "abc", " abc ", "1e3", "1_000", "0x10", "007", "1.50", " 1", "1 ", "+1", "-1", "--1", "1,5", "١", [], [null], [""], ["a"], ["a", "b"], ["a", "a"], [1, true, "x"], [["a"]], [{}], {}, { a: 1 }, '["a","b"]', "[1,2]",
  '["a"', "[]", '{"a":1}', "{}", '"quoted"', "a\u0000b", "\ud83d\ude00", "<script>&\u2028", "line\nbreak\ttab",
];

/** Per type: a list of `[label, options, extra inputs]`; each becomes a collection with one field `f`. */
const TYPES = {
  text: [
    ["plain", {}, ["x".repeat(5000), "x".repeat(5001), "é".repeat(5000)]],
    ["bounded", { min: 2, max: 4 }, ["a", "ab", "abcd", "abcde", "éééé", "ééééé", "😀😀", "  "]],
    ["pattern", { pattern: "^[a-z]+$" }, ["abc", "ABC", "abc\n"]],
    ["unanchored pattern", { pattern: "b" }, ["abc", "ac"]],
    ["required", { required: true }, [" "]],
    ["required pattern", { required: true, pattern: "^\\d+$", min: 2 }, ["1", "12", "a"]],
  ],
  editor: [["plain", {}, []], ["small", { maxSize: 4 }, ["abcd", "abcde", "éé", "ééé"]], ["required", { required: true }, ["<p></p>"]]],
  number: [
    ["plain", {}, ["1.7976931348623157e308", "1e400", "-1e400", "5e-324", "1e-400", "0.1", "00.5", ".5", "5.", "1__0", "_1", "1_", "1e+2", "1E2", "Inf", "+Inf", "nan", "0b1", "0o7", "1f"]],
    ["bounded", { min: 2, max: 4.5 }, [2, 1.99, 4.5, 4.51, -3]],
    ["positive with zero", { min: 5 }, [5, 4]],
    ["negative", { max: -1 }, [-1, -0.5]],
    ["whole", { onlyInt: true }, [1.0, 1.1, -2, "3.0", "3.5", 1e15, 1e300]],
    ["required", { required: true }, []],
    ["required bounded", { required: true, min: -5, max: 5 }, [-5, -6, 6]],
  ],
  bool: [["plain", {}, ["TRUE ", "on", "2", 2, -5, 0.1]], ["required", { required: true }, []]],
  email: [
    ["plain", {}, [
      "a@b.co", "a@b.c", "A@B.C", "a@b", "a@localhost", "@b.co", "a@", "a b@c.de", " a@b.co", "a@b.co ", "a@b.co\n", "a..b@c.de", ".a@c.de", "a.@c.de", "a@c..de", "a@.de", "a@c.de.", "a@-c.de", "a@c-.de", "a@c_d.de",
      "a@b.c1", "a@b.12", "a@[1.2.3.4]", "a@1.2.3.4", '"a b"@c.de', '"ab"@c.de', "a+b@c.de", "a!#$%&'*+-/=?^_`{|}~@c.de", "ä@b.de", "a@é.com", "用户@例子.广告", "a@b.co, c@d.co", "Name <a@b.co>", `${"a".repeat(64)}@b.co`,
      `${"a".repeat(65)}@b.co`, `a@${"b".repeat(63)}.co`, `a@${"b".repeat(64)}.co`, `${"a".repeat(250)}@b.co`, "a@b@c.de", "a(c)@b.de", "a,b@c.de", "a;b@c.de", "a@xn--bcher-kva.example", "mailto:a@b.co", "a@b.co?x",
    ]],
    ["only", { onlyDomains: ["a.com", "b.org"] }, ["x@a.com", "x@A.com", "x@b.org", "x@c.a.com", "x@com", "x@a.com."]],
    ["except", { exceptDomains: ["a.com"] }, ["x@a.com", "x@A.com", "x@c.a.com", "x@b.org"]],
    ["required", { required: true }, ["a@b.co"]],
  ],
  url: [
    ["plain", {}, [
      "http://a.com", "https://a.com", "HTTP://a.com", "ftp://a.com", "ws://a.com", "wss://a.com", "tcp://a.com", "udp://a.com", "s3://a.com", "file:///x", "mailto:a@b.c", "javascript:alert(1)", "data:text/plain,x", "//a.com", "a.com",
      "a.b", "a.bc", "www.a.com", "localhost", "localhost:3000", "http://localhost", "http://localhost:3000/x", "http://a", "http://a.", "http://.a.com", "http://a..com", "http://-a.com", "http://a-.com", "http://a_b.com", "http://a.com:80", "http://a.com:99999",
      "http://a.com:123456", "http://a.com:", "http://a.com:x", "http://user@a.com", "http://user:pass@a.com", "http://1.2.3.4", "http://1.2.3.4:80/x", "http://256.1.1.1", "http://[::1]", "http://[::1]:80/x", "http://[1::2::3]", "http://a.com/p?q=1#f", "http://a.com?q", "http://a.com#f",
      "http://a.com/a b", "http://a.com/ä", "http://ä.de", "http://例子.广告", "http://a.com/%zz", "http://a.com\n", " http://a.com", "http://a.com ", "http://", "http:/a.com", "http:a.com", "/path", "?q", "#f", "http://a.com//x", "http://a.com/\"", "http://a.com/<x>",
      `http://a.com/${"x".repeat(2068)}`, `http://a.com/${"x".repeat(2070)}`, "http://xn--bcher-kva.example", "http://a.com/x y", "a.com:80", "a:80", "127.0.0.1", "http://0.0.0.0", "http://a.c", "http://a.1", "irc://a.com", "http://a.com.", "http://a.com./x",
    ]],
    ["only", { onlyDomains: ["a.com"] }, ["http://a.com", "http://a.com:80", "http://A.com", "http://b.a.com", "http://user@a.com", "a.com", "www.a.com", "https://a.com/x?y"]],
    ["except", { exceptDomains: ["a.com"] }, ["http://a.com", "http://a.com:80", "http://b.a.com", "http://b.com"]],
    ["required", { required: true }, ["http://a.com"]],
  ],
  date: [
    ["plain", {}, [
      "2024-01-02 03:04:05.678Z", "2024-01-02 03:04:05Z", "2024-01-02 03:04:05", "2024-01-02 03:04", "2024-01-02", "2024-1-2", "20240102", "2024/01/02", "02.01.2024", "01/02/2024", "2024-01-02T03:04:05Z", "2024-01-02T03:04:05z", "2024-01-02t03:04:05Z", "2024-01-02T03:04:05",
      "2024-01-02T03:04Z", "2024-01-02T03:04:05.1Z", "2024-01-02T03:04:05.123456789Z", "2024-01-02T03:04:05.9999Z", "2024-01-02T03:04:05,5Z", "2024-01-02T03:04:05+02:00", "2024-01-02T03:04:05+0200", "2024-01-02T03:04:05+02", "2024-01-02T03:04:05-11:30", "2024-01-02 03:04:05+02:00",
      "2024-01-02 03:04:05 +02:00", "2024-01-02 03:04:05 +0200", "2024-01-02 03:04:05 +0200 CEST", "2024-01-02 03:04:05 +0200 +0200", "2024-01-02 03:04:05.5 +0200 UTC", "2024-01-02 03:04:05 UTC", "2024-01-02 03:04:05 -0700", "02 Jan 2024", "2 Jan 2024", "02 January 2024", "Mon, 02 Jan 2006 15:04:05 MST", "Mon, 02 Jan 2006 15:04:05 GMT",
      "Mon, 02 Jan 2006 15:04:05 -0700", "Monday, 02-Jan-06 15:04:05 MST", "02 Jan 06 15:04 MST", "02 Jan 06 15:04 -0700", "Mon Jan  2 15:04:05 2006", "Mon Jan 2 15:04:05 2006", "Mon Jan  2 15:04:05 MST 2006", "Mon Jan 02 15:04:05 -0700 2006", "3:04PM", "15:04:05", "Jan  2 15:04:05", "Jan  2 15:04:05.000",
      "2024-02-29", "2023-02-29", "2024-13-01", "2024-00-01", "2024-01-32", "2024-01-02 24:00:00", "2024-01-02 23:59:60", "2024-12-31 23:59:59.999Z", "0000-01-01", "0001-01-01 00:00:00.000Z", "9999-12-31 23:59:59Z", "10000-01-01", "-2024-01-01", " 2024-01-02", "2024-01-02 ", "1704164645", "1704164645000", 1704164645,
      1704164645000, "now", "today", "2024-W01-1", "2024-01-02T03:04:05.678+00:00", "1970-01-01", "1969-12-31 23:59:59.999Z", "2024-01-02T03:04:05 Z", "2024-01-02  03:04:05Z", "2024-01-02T25:00:00Z", "2024-01-02T03:04:05+25:00",
    ]],
    ["bounded", { min: "2024-01-01 00:00:00.000Z", max: "2024-12-31 00:00:00.000Z" }, ["2024-01-01", "2023-12-31 23:59:59.999Z", "2024-12-31", "2024-12-31 00:00:00.001Z", "2024-06-01", "nonsense"]],
    ["required", { required: true }, ["2024-01-01", "nonsense"]],
  ],
  select: [
    ["single", { values: ["a", "b", "1", "true", " ", "a b"], maxSelect: 1 }, ["A", "b", ["a", "z"], ["z", "a"], ["b", ""], '["a"]', '["z","b"]', "[a", "a,b"]],
    ["single by zero", { values: ["a", "b"], maxSelect: 0 }, [["a", "b"]]],
    ["multiple", { values: ["a", "b", "c", "1", "true"], maxSelect: 2 }, [["a", "b", "c"], ["a", "z"], ["a", "a", "b"], ["b", "a"], "a", '["a","b","c"]', "a,b", ["a", null, "b"], ["a", "", "b"], [1, "1"]]],
    ["required single", { values: ["a"], maxSelect: 1, required: true }, ["a"]],
    ["required multiple", { values: ["a", "b"], maxSelect: 2, required: true }, [["a"], ["a", "b"]]],
  ],
  json: [
    ["plain", {}, [
      " 1", "1 ", "01", "-", "-1", "1.50", "1e5", "tru", "nul", '"a', '"a"', "[1", "[1,]", "{a:1}", "{'a':1}", '{"a":1,}', '{"a":1} x', '{"b":1,"a":2}', '{"a":1,"a":2}', "\\", "é", { z: 1, a: { y: [1, { x: null }] } }, [1, "two", null, [true]], 1.0, 12345678901234567890, 0.1, -0, "1.7976931348623157e309",
      '"\\u003c"', "[[[[[[]]]]]]", "undefined", "NaN", "TRUE", "Null", "[1, 2]", '{ "a" : 1 }', "9007199254740993", "1e1000", "\t[1]", "{\"a\":\"\u0000\"}",
    ]],
    ["small", { maxSize: 5 }, ["abc", "abcd", [1, 2], [10, 2], { a: 1 }, 12345, 123456, "12345", "123456"]],
    ["required", { required: true }, [[0], { a: null }, '""', '"x"', "[]", "{}", " "]],
  ],
  password: [
    ["plain", {}, ["x".repeat(71), "x".repeat(72), "x".repeat(73), "é".repeat(36), "é".repeat(37), "12345678"]],
    ["bounded", { min: 3, max: 5 }, ["ab", "abc", "abcde", "abcdef", "ééé"]],
    ["pattern", { pattern: "^[a-z]+$", cost: 4 }, ["abc", "ABC"]],
    ["required", { required: true, cost: 4 }, ["x"]],
  ],
  geoPoint: [
    ["plain", {}, [
      { lon: 1, lat: 2 }, { lon: 180, lat: 90 }, { lon: -180, lat: -90 }, { lon: 180.01, lat: 0 }, { lon: 0, lat: 90.01 }, { lon: -181, lat: -91 }, { lon: "1", lat: "2" }, { lon: "x" }, { lon: 1 }, { lat: 1 }, { LON: 1, Lat: 2 }, { lon: 1, lat: 2, alt: 3 }, { lon: null, lat: null }, [1, 2], [], "1,2", '{"lon":1,"lat":2}',
      '{"lon":1', '{"LAT":5}', "[1,2]", { lon: 1e-9, lat: 0.1 }, { lon: [1], lat: 2 }, { lon: true, lat: 2 }, { lon: 12.123456789012345, lat: -0 },
    ]],
    ["required", { required: true }, [{ lon: 0, lat: 0 }, { lon: 0, lat: 1 }]],
  ],
  autodate: [["on create", { onCreate: true }, ["2001-01-01 00:00:00.000Z"]], ["on update", { onUpdate: true }, ["2001-01-01 00:00:00.000Z"]]],
  file: [["single", { maxSelect: 1 }, ["a.txt", ["a.txt"]]], ["multiple", { maxSelect: 3 }, ["a.txt", ["a.txt", "b.txt"]]], ["required", { required: true, maxSelect: 1 }, []]],
};

export default async function (both) {
  let n = 0;
  for (const [type, variants] of Object.entries(TYPES)) {
    for (const [label, options, extra] of variants) {
      const collection = `v${++n}`;
      await both.same(`${type} ${label}: set-up`, post("/api/collections", { name: collection, fields: [{ name: "f", type, ...options }] }));
      const path = `/api/collections/${collection}/records`;
      await both.same(`${type} ${label}: absent`, post(path, {}));
      // bcrypt takes its time: only what matters for passwords.
      const inputs = type === "password" ? [null, true, 12345678, "", [], {}, ...extra] : [...ANY, ...extra];
      const seen = new Set();
      for (const input of inputs) {
        const text = JSON.stringify(input);
        if (seen.has(text)) continue;
        seen.add(text);
        await both.same(`${type} ${label}: ${text.length > 60 ? `${text.slice(0, 60)}… (${text.length})` : text}`, post(path, { f: input }));
      }
    }
  }

  // The same over what is already stored: an update with a bad value changes nothing, with a zero value clears.
  const all = [["text", "abc", {}], ["number", 5, { min: 1 }], ["bool", true, {}], ["email", "a@b.co", {}], ["url", "http://a.com", {}], ["date", "2024-01-01 00:00:00.000Z", {}], ["json", { a: 1 }, {}], ["geoPoint", { lon: 1, lat: 2 }, {}], ["editor", "x", {}]];
  for (const [type, value, options] of all) {
    const collection = `u_${type}`;
    const record = `/api/collections/${collection}/records/r00000000000001`;
    await both.sameAll({
      [`update ${type}: set-up`]: post("/api/collections", { name: collection, fields: [{ name: "f", type, ...options }] }),
      [`update ${type}: create`]: post(`/api/collections/${collection}/records`, { id: "r00000000000001", f: value }),
      [`update ${type}: nothing`]: patch(record, {}),
      [`update ${type}: other keys`]: patch(record, { F: "x", g: 1 }),
      [`update ${type}: same`]: patch(record, { f: value }),
      [`update ${type}: number`]: patch(record, { f: 7 }),
      [`update ${type}: text`]: patch(record, { f: "!?" }),
      [`update ${type}: null`]: patch(record, { f: null }),
    });
  }
}
