// Multipart bodies as they should not be: heads of parts, names, lengths, ends.

import { get, post } from "../lib/http.mjs";
import { file } from "../lib/files.mjs";

export default async function (both) {
  await both.setUp("set-up", post("/api/collections", { name: "items", createRule: "", updateRule: "", fields: [{ name: "f", type: "file", maxSelect: 9 }, { name: "one", type: "file", maxSelect: 1, maxSize: 1000 }, { name: "t", type: "text" }] }));
  const path = "/api/collections/items/records";
  const part = (head, content = "x") => ({ head, content });
  const send = (parts, rest) => ({ method: "POST", path, multipart: parts, ...rest });
  const named = (text) => part(`Content-Disposition: form-data; ${text}`);

  // How a part says its names.
  const heads = [
    'name="f"; filename="a.txt"', "name=f; filename=a.txt", 'filename="a.txt"; name="f"', 'name="f";filename="a.txt"', 'name = "f" ; filename = "a.txt"', 'NAME="f"; FILENAME="a.txt"', 'name="f"; filename="a.txt";', 'name="f"; filename="a.txt"; size=1', 'name="f"; filename="a.txt"; filename="b.txt"', 'name="f"; name="one"; filename="a.txt"', 'name="f"; filename=""', 'name="f"; filename=', 'name="f"; filename', "name=\"f\"; filename*=UTF-8''a%20b.txt", "name=\"f\"; filename=\"a.txt\"; filename*=UTF-8''b%20c.txt", "name=\"f\"; filename*=UTF-8''%zz.txt", "name=\"f\"; filename*=utf-8'en'%E2%82%AC.txt",
    'name="f"; filename*=x', 'name="f"; filename="a\\"b.txt"', 'name="f"; filename="a%22b.txt"', 'name="f"; filename="a;b.txt"', 'name="f"; filename="unclosed.txt', 'name="f; filename="a.txt"', "name='f'; filename='a.txt'", 'name=""; filename="a.txt"', 'filename="a.txt"', 'name="f"', "name*=UTF-8''f; filename=\"a.txt\"", 'name="f+"; filename="a.txt"', 'name="%66"; filename="a.txt"', 'name="f"; filename="C:\\fakepath\\a.txt"', 'name="f"; filename="ä.txt"', 'name="f"; filename="=?utf-8?B?w6QudHh0?="', 'name="nömé"', 'name="f"; filename="a.txt" x', 'name="f",filename="a.txt"', "", "name",
  ];
  for (const head of heads) await both.same(`form-data; ${head || "nothing"}`, send([named(head)]));
  const dispositions = ['attachment; name="f"; filename="a.txt"', 'file; name="f"; filename="a.txt"', 'FORM-DATA; name="f"; filename="a.txt"', '; name="f"; filename="a.txt"', 'name="f"; filename="a.txt"', "form-data", ""];
  for (const disposition of dispositions) await both.same(`disposition ${disposition || "empty"}`, send([part(`Content-Disposition: ${disposition}`)]));
  const good = 'Content-Disposition: form-data; name="f"; filename="a.txt"';
  const lines = {
    "lower case": 'content-disposition: form-data; name="f"; filename="a.txt"', "no blank": 'Content-Disposition:form-data; name="f"; filename="a.txt"', "folded": 'Content-Disposition: form-data;\r\n name="f"; filename="a.txt"', "twice": `${good}\r\nContent-Disposition: form-data; name="one"; filename="b.txt"`, "a type": `${good}\r\nContent-Type: text/html`, "an odd type": `${good}\r\nContent-Type: x`, "an empty type": `${good}\r\nContent-Type:`, "multipart within": `${good}\r\nContent-Type: multipart/mixed; boundary=y`, "base64": `${good}\r\nContent-Transfer-Encoding: base64`, "quoted printable": `${good}\r\nContent-Transfer-Encoding: quoted-printable`, "8bit": `${good}\r\nContent-Transfer-Encoding: 8bit`,
    "a length": `${good}\r\nContent-Length: 1`, "a wrong length": `${good}\r\nContent-Length: 1000`, "unknown headers": `${good}\r\nX-A: b\r\nX-C: d`, "no header at all": "", "no colon": "Content-Disposition form-data", "a blank name": ": x", "a long header": `${good}\r\nX-A: ${"x".repeat(5000)}`, "many headers": `${good}\r\n${Array.from({ length: 200 }, (_, i) => `X-${i}: y`).join("\r\n")}`, "a control character": `${good}\r\nX-A: \x01`, "a type and no name": 'Content-Disposition: form-data; name="f"\r\nContent-Type: image/png', "octets and no name": 'Content-Disposition: form-data; name="f"\r\nContent-Type: application/octet-stream', "json for a text": 'Content-Disposition: form-data; name="t"\r\nContent-Type: application/json',
  };
  for (const [name, head] of Object.entries(lines)) await both.same(`head: ${name}`, send([part(head)]));

  // What is between the parts.
  const raw = (body, type = "multipart/form-data; boundary=x", rest) => ({ method: "POST", path, raw: body, type, ...rest });
  const whole = `--x\r\n${good}\r\n\r\ncontent\r\n--x--\r\n`;
  await both.sameAll({
    "body: good": raw(whole),
    "body: no line break at the end": raw(whole.slice(0, -2)),
    "body: cut in the last boundary": raw(whole.slice(0, -4)),
    "body: cut in the content": raw(`--x\r\n${good}\r\n\r\ncont`),
    "body: cut in the head": raw(`--x\r\n${good.slice(0, 30)}`),
    "body: cut behind the head": raw(`--x\r\n${good}\r\n\r\n`),
    "body: cut behind the first boundary": raw("--x\r\n"),
    "body: no content": raw(`--x\r\n${good}\r\n\r\n\r\n--x--\r\n`),
    "body: no line before the boundary": raw(`--x\r\n${good}\r\n\r\n--x--\r\n`),
    "body: boundary within the content": raw(`--x\r\n${good}\r\n\r\na--x--b\r\n--xy\r\n--x--\r\n`),
    "body: line feeds only": raw(whole.replaceAll("\r\n", "\n")),
    "body: preamble and epilogue": raw(`before\r\n${whole}after`),
    "body: boundary with blanks": raw(whole.replace("--x\r\n", "--x  \r\n")),
    "body: second end": raw(`${whole}${whole}`),
    "body: quoted boundary": raw(whole, 'multipart/form-data; boundary="x"'),
    "body: boundary in capitals": raw(whole, "multipart/form-data; BOUNDARY=x"),
    "body: other boundary": raw(whole, "multipart/form-data; boundary=y"),
    "body: empty boundary": raw(whole, "multipart/form-data; boundary="),
    "body: boundary of 70 characters": raw(whole.replaceAll("--x", `--${"x".repeat(70)}`), `multipart/form-data; boundary=${"x".repeat(70)}`),
    "body: boundary of 200 characters": raw(whole.replaceAll("--x", `--${"x".repeat(200)}`), `multipart/form-data; boundary=${"x".repeat(200)}`),
    "body: multipart/mixed": raw(whole, "multipart/mixed; boundary=x"),
    "body: type in capitals": raw(whole, "Multipart/Form-Data; boundary=x"),
    "body: chunked": raw(whole, undefined, { headers: { "transfer-encoding": "chunked" } }),
    "body: empty": raw(""),
    "body: urlencoded with a file name": { method: "POST", path, form: [["f", "x.txt"]] },
  });
  await both.sameAll({
    "1000 text parts": send(Array.from({ length: 1000 }, () => ["x", "y"])),
    "1500 text parts": send(Array.from({ length: 1500 }, (_, i) => [`x${i}`, "y"])),
    "200 files for nothing": send(Array.from({ length: 200 }, (_, i) => file(`x${i}`, "a.txt"))),
    "10 files where 9 may be": send(Array.from({ length: 10 }, (_, i) => file("f", `${i}.txt`))),
    "a long text": send([["t", "x".repeat(5000)], file("f", "a.txt")]),
    "a text that is too long": send([["t", "x".repeat(5001)], file("f", "a.txt")]),
    "a file above everything": send([file("one", "a.bin", Buffer.alloc(3 << 20))]),
    "a nul in a text": send([["t", "a\0b"], file("f", "a.txt")]),
    "broken UTF-8 in a text": send([part('Content-Disposition: form-data; name="t"', Buffer.from([0xff, 0xfe, 0x41]))]),
    "a file for an unknown collection": send([file("f", "a.txt")], { path: "/api/collections/nope/records" }),
    "a file for a superuser's collection": send([file("f", "a.txt")], { path: "/api/collections/_superusers/records", as: "guest" }),
    "a file for a list": send([file("f", "a.txt")], { path: "/api/collections" }),
    "a file for settings": { method: "PATCH", path: "/api/settings?fields=meta.appName", multipart: [file("meta", "a.txt")] },
    "a file for a sign-in": send([["identity", "x@y.zz"], ["password", "12345678"], file("f", "a.txt")], { path: "/api/collections/users/auth-with-password" }),
    "a file for a record that is not there": { method: "PATCH", path: `${path}/missing00000000`, multipart: [file("f", "a.txt")] },
    "a file on deletion": { method: "DELETE", path: `${path}/missing00000000`, multipart: [file("f", "a.txt")] },
    "what is there": get(`${path}?fields=totalItems`),
  });
}
