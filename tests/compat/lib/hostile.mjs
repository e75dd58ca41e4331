// What does not belong into a request.

/** Values that no key expects, as JSON text. */
export const VALUES = {
  "object": '{"a":1}',
  "empty object": "{}",
  "list": '["x"]',
  "empty list": "[]",
  "number": "12345678",
  "fraction": "1.5",
  "negative": "-1",
  "huge number": "1e400",
  "true": "true",
  "false": "false",
  "null": "null",
  "empty": '""',
  "blank": '" "',
  "255 characters": JSON.stringify("x".repeat(255)),
  "300 characters": JSON.stringify("x".repeat(300)),
  "200 wide characters": JSON.stringify("é".repeat(200)),
  "40 wide characters": JSON.stringify("é".repeat(40)),
  "50 KB": JSON.stringify("x".repeat(50_000)),
  "NUL inside": '"a\\u0000b@t.io"',
  "only a NUL": '"\\u0000"',
  "line breaks": '"a@t.io\\r\\nBcc: b@t.io"',
  "half a surrogate pair": '"\\ud800"',
  "bidirectional": '"\\u202eann@t.io"',
  "injection": '"\' OR 1=1 --"',
  "address with a name": '"Ann <ann@t.io>"',
  "two addresses": '"ann@t.io,bob@t.io"',
  "address without a dot": '"ann@localhost"',
  "address in capitals": '"ANN@T.IO"',
  "wide address": '"änn@t.io"',
  "long address": JSON.stringify(`${"x".repeat(64)}@${"y".repeat(60)}.${"z".repeat(60)}.${"w".repeat(60)}.io`),
  "too long address": JSON.stringify(`${"x".repeat(64)}@${"y".repeat(60)}.${"z".repeat(60)}.${"w".repeat(60)}.${"v".repeat(10)}.io`),
  "unquoted": "x",
};

/** Cases in which more than one key is odd, or something around them: texts of whole bodies by name. */
export function bodiesOf(good) {
  const text = JSON.stringify(good);
  const keys = Object.keys(good);
  const capitals = Object.fromEntries(keys.map((key) => [key.toUpperCase(), good[key]]));
  const twice = (first, second) => `{${keys.map((key) => `${JSON.stringify(key)}:${JSON.stringify(first(key))},${JSON.stringify(key)}:${JSON.stringify(second(key))}`)}}`;
  return {
    "good": text,
    "no keys": "{}",
    "capitals": JSON.stringify(capitals),
    "capitals after the keys": JSON.stringify({ ...good, ...Object.fromEntries(Object.keys(capitals).map((key) => [key, ""])) }),
    "capitals before the keys": JSON.stringify({ ...Object.fromEntries(Object.keys(capitals).map((key) => [key, ""])), ...good }),
    "twice, the first empty": twice(() => "", (key) => good[key]),
    "twice, the second empty": twice((key) => good[key], () => ""),
    "twice, the second null": twice((key) => good[key], () => null),
    "trailing words": `${text} x`,
    "trailing object": `${text}${text}`,
    "trailing bracket": `${text}]`,
    "white space": `\n\t ${text}\r\n`,
    "byte order mark": `\ufeff${text}`,
    "list": `[${text}]`,
    "text": '"x"',
    "number": "1",
    "null": "null",
    "true": "true",
    "nothing": "",
    "blank": " ",
    "cut off": text.slice(0, -1),
    "single quotes": text.replaceAll('"', "'"),
    "comment": `/* x */${text}`,
    "comma at the end": `${text.slice(0, -1)},}`,
  };
}
