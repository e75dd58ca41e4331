// Uploads: parts of bodies, small files of known types, and names that the servers made up.

import { deflateSync, crc32 } from "node:zlib";

/** A part with a file. `type` is what a client says it is. */
export const file = (field, name, content = "some text", type = "application/octet-stream") => ({
  head: `Content-Disposition: form-data; name="${field}"; filename="${name}"\r\nContent-Type: ${type}`,
  content,
});

/** A request with parts of a form: files and `[name, text]`. */
export const upload = (path, parts, rest) => ({ method: "POST", path, multipart: parts, ...rest });
export const change = (path, parts, rest) => ({ method: "PATCH", path, multipart: parts, ...rest });

/** The value of a field in what both servers answered, as a list for each: names that differ in what is random. */
export const namesIn = (answers, field) =>
  answers.map(({ text }) => {
    const value = JSON.parse(text)[field];
    return Array.isArray(value) ? value : value ? [value] : [];
  });

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const out = Buffer.alloc(8 + body.length);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), 4 + body.length);
  return out;
}

/** A picture of one colour. */
export function png(width, height) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const rows = Buffer.concat(Array.from({ length: height }, () => Buffer.concat([Buffer.from([0]), Buffer.alloc(width * 3, 0x7f)])));
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), chunk("IHDR", header), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

const latin1 = (text) => Buffer.from(text, "latin1");
const zeros = "\0".repeat(64);

/** An archive of empty, uncompressed entries, without its directory. */
const archive = (...names) => latin1(names.map((name) => `PK\x03\x04\x14${"\0".repeat(21)}${String.fromCharCode(name.length)}\0\0\0${name}`).join(""));

/** Files by what they are. */
export const FILES = {
  "empty": Buffer.alloc(0), "text": latin1("hello"), "utf-8": Buffer.from("grüße!"), "latin 1": latin1("gr\xfc\xdfe!"), "utf-16": latin1("\xff\xfeh\0i\0"), "nul": latin1("a\0b"),
  "html": latin1("<!DOCTYPE html><p>x</p>"), "html in latin 1": latin1("<p>\xfc</p>"), "script": latin1("<script>alert(1)</script>"), "comment": latin1("<!-- x --><b>"), "image element": latin1("<img src=x>"),
  "svg": latin1('<svg xmlns="http://www.w3.org/2000/svg"></svg>'), "svg with a declaration": latin1('<?xml version="1.0"?><svg></svg>'), "svg without a namespace": latin1("<svg></svg>"), "xml": latin1('<?xml version="1.0"?><a/>'), "xhtml": latin1('<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">'), "rss": latin1('<?xml version="1.0"?><rss>'),
  "json": latin1('{"a":1}'), "broken json": latin1('{"a":'), "json lines": latin1('{"a":1}\n{"b":2}\n'), "geojson": latin1('{"type":"Point"}'), "csv": latin1("a,b\n1,2\n"), "uneven csv": latin1("a,b\n1,2,3\n"), "tsv": latin1("a\tb\n1\t2\n"), "css": latin1("body { color: red }"), "shell": latin1("#!/bin/sh\n"), "php": latin1("<?php echo 1;"), "rtf": latin1("{\\rtf1\\ansi}"), "calendar": latin1("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"), "vtt": latin1("WEBVTT\n\n"), "playlist": latin1("#EXTM3U\nx"), "mail": latin1("From: a\r\nTo: b\r\n\r\nx"),
  "pdf": latin1("%PDF-1.4\n"), "pdf behind something": latin1("x\n%PDF-1.4\n"), "postscript": latin1("%!PS-Adobe-3.0\n"),
  "png": png(2, 2), "jpeg": latin1(`\xff\xd8\xff\xe0\0\x10JFIF\0${zeros}`), "gif": latin1(`GIF89a\x01\0\x01\0${zeros}`), "gif that is a script": latin1("GIF89a=1;alert(1)//"), "webp": latin1(`RIFF\x24\0\0\0WEBPVP8 ${zeros}`), "bmp": latin1(`BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0${zeros}`), "icon": latin1(`\0\0\x01\0\x01\0${zeros}`), "tiff": latin1(`II*\0${zeros}`), "avif": latin1(`\0\0\0\x1cftypavif\0\0\0\0${zeros}`), "heic": latin1(`\0\0\0\x1cftypheic\0\0\0\0${zeros}`), "jxl": latin1(`\xff\x0a${zeros}`),
  "mp4": latin1(`\0\0\0\x14ftypisom\0\0\x02\0isom${zeros}`), "mov": latin1(`\0\0\0\x14ftypqt  \0\0\x02\0${zeros}`), "webm": latin1(`\x1a\x45\xdf\xa3\x42\x82\x84webm${zeros}`), "mkv": latin1(`\x1a\x45\xdf\xa3\x42\x82\x88matroska${zeros}`), "avi": latin1(`RIFF\x24\0\0\0AVI LIST${zeros}`), "mpeg": latin1(`\0\0\x01\xba${zeros}`), "asf": latin1(`\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\0\xaa\0\x62\xce\x6c${zeros}`),
  "mp3": latin1(`ID3\x03${zeros}`), "mp3 without a tag": latin1(`\xff\xfb\x90${zeros}`), "wav": latin1(`RIFF\x24\0\0\0WAVEfmt ${zeros}`), "ogg": latin1(`OggS\0\x02${"\0".repeat(20)}\x01\x1e\x01vorbis${zeros}`), "flac": latin1(`fLaC\0\0\0\x22${zeros}`), "aac": latin1(`\xff\xf1\x50${zeros}`), "m4a": latin1(`\0\0\0\x14ftypM4A \0\0\x02\0${zeros}`), "midi": latin1(`MThd\0\0\0\x06${zeros}`), "aiff": latin1(`FORM\0\0\0\0AIFFCOMM${zeros}`), "au": latin1(`.snd\0${zeros}`),
  "zip": archive("a.txt"), "docx": archive("[Content_Types].xml", "word/document.xml"), "xlsx": archive("_rels/.rels", "xl/workbook.xml"), "pptx": archive("docProps/app.xml", "ppt/x"), "jar": archive("META-INF/MANIFEST.MF"), "apk": archive("AndroidManifest.xml"), "gzip": latin1("\x1f\x8b\x08\0"), "bzip2": latin1("BZh91AY"), "xz": latin1("\xfd7zXZ\0"), "7z": latin1("7z\xbc\xaf\x27\x1c\0"), "rar": latin1("Rar!\x1a\x07\0"), "zstd": latin1("\x28\xb5\x2f\xfd\0"),
  "exe": latin1(`MZ\x90\0${zeros}`), "elf": latin1(`\x7fELF\x02\x01\x01${"\0".repeat(9)}\x02\0${zeros}`), "wasm": latin1("\0asm\x01\0\0\0"), "flash": latin1("CWS\x0a"), "sqlite": latin1(`SQLite format 3\0${zeros}`), "font": latin1(`wOFF\0\x01${zeros}`), "ole": latin1(`\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1${zeros}`),
};
