// What uploads are taken for, what they are called, and as what they are served.

import { get, patch, post } from "../lib/http.mjs";
import { file, FILES, namesIn, upload } from "../lib/files.mjs";

const SERVED = ["content-disposition", "content-length", "x-content-type-options", "content-security-policy"];

export default async function (both) {
  await both.setUp("set-up", post("/api/collections", { name: "items", viewRule: "", createRule: "", fields: [{ name: "f", type: "file", maxSelect: 1 }] }));
  const path = "/api/collections/items/records";

  const store = async (name, part) => {
    const answers = await both.same(name, upload(path, [part]));
    if (answers.some(({ status }) => status !== 200)) return undefined;
    const [ids, names] = [answers.map(({ text }) => JSON.parse(text).id), namesIn(answers, "f")];
    return (i, query = "") => get(`/api/files/items/${ids[i]}/${encodeURIComponent(names[i][0])}${query}`, { as: "guest" });
  };

  const long = (length) => "x".repeat(length);
  const names = [
    "Test Name.PNG", "MyTESTFile.Txt", "a.tar.gz", "a.b.c.d", "noext", ".", "..", "...", ".htaccess", ".a.b", "/", "a/", "/etc/passwd", "../../x.txt", "a\\\\b.txt", "C:\\\\dir\\\\File.TXT", "con", "CON.txt", "nul.", "com1.tar.gz", "\u202eabc.txt", "a.t\u202ext", "über Größe.pdf", "日本語.jpg", "日本語", `${long(300)}.txt`, `${long(99)}Ab.t`, `a.${"b".repeat(30)}`, `.${"b".repeat(400)}`, `${"é".repeat(100)}.txt`,
    `a.xx.${"c".repeat(18)}`, "a b  c__d--e.txt", "_a_.txt", "__", "HTTPServer.go", "1A2B", "foo..bar", "foo...", "foo. ", "foo.t;x", "foo.*", "foo.+=#", "foo.-", 'foo.\\"q\\"', "a;b=c.txt", "a%20b.txt", "tab\there.txt", "AéB.txt", "abc.é", "a.é.b", "~!@$.png", "image (1).png", "file!.t!ar.gz", "x y.z w", "'.'", "ab", "abc",
  ];
  for (const name of names) {
    const stored = await store(`name: ${name}`, file("f", name));
    if (stored) await both.same(`name: ${name}: served`, (i) => stored(i), { headers: SERVED, content: "bytes" });
  }

  for (const [kind, content] of Object.entries(FILES)) {
    const bare = await store(`type: ${kind}`, file("f", "some name", content));
    if (bare) await both.same(`type: ${kind}: served`, (i) => bare(i), { headers: SERVED, content: "bytes" });
  }
  for (const kind of ["text", "png", "html", "svg", "zip", "pdf", "mp4"]) {
    for (const extension of ["svg", "SVG", "css", "js", "mjs", "MJS", "min.js", "js.txt", "xlsx", "docx", "pptx", "html", "png", "pdf", "json"]) {
      const named = await store(`${kind} called ${extension}`, file("f", `name.${extension}`, FILES[kind], "image/png"));
      if (named) await both.same(`${kind} called ${extension}: served`, (i) => named(i), { headers: SERVED, content: "bytes" });
    }
  }

  // What fields accept.
  const accepted = {
    "image/png": ["png", "jpeg", "text"], "IMAGE/PNG": ["png"], " image/png ": ["png"], "image/png;a=b": ["png"], "image/*": ["png"], "*/*": ["png"], ".png": ["png"], "png": ["png"], "": ["png"], "text/plain": ["text", "utf-8", "latin 1", "empty", "html", "json", "csv"], "text/plain; charset=utf-8": ["text", "latin 1"], "text/html": ["html", "svg"], "image/jpg": ["jpeg"], "application/x-zip-compressed": ["zip", "docx"], "application/zip": ["zip", "docx", "jar"], "audio/mp3": ["mp3", "mp3 without a tag"],
    "audio/wave": ["wav"], "application/xml": ["xml", "svg with a declaration"], "application/x-gzip": ["gzip"], "image/x-ms-bmp": ["bmp"], "application/octet-stream": ["png", "nul"], "application/rtf": ["rtf"], "video/avi": ["avi"], "application/x-sqlite3": ["sqlite"], "audio/x-m4a": ["m4a"], "video/mp4": ["mp4", "m4a", "mov"], "application/javascript": ["text"], "application/x-pdf": ["pdf", "pdf behind something"],
  };
  for (const [mimeType, kinds] of Object.entries(accepted)) {
    await both.same(`accepts ${mimeType}`, patch("/api/collections/items", { fields: [{ name: "f", type: "file", maxSelect: 1, mimeTypes: [mimeType] }] }));
    for (const kind of kinds) await both.same(`accepts ${mimeType}: ${kind}`, upload(path, [file("f", "name.png", FILES[kind], "image/png")]));
  }
  for (const mimeTypes of [[], null, ["image/jpeg", "image/png"]]) {
    await both.same(`accepts ${JSON.stringify(mimeTypes)}`, patch("/api/collections/items", { fields: [{ name: "f", type: "file", maxSelect: 1, mimeTypes }] }));
    for (const kind of ["png", "gif"]) await both.same(`accepts ${JSON.stringify(mimeTypes)}: ${kind}`, upload(path, [file("f", "name.png", FILES[kind])]));
  }
}
