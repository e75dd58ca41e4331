// Flows with files through the official client, the same wherever the server keeps them.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { png } from "../compat/lib/files.mjs";
import { guest, refused, superuser } from "./client.mjs";
import { isReference, startServer } from "./server.mjs";

const OPEN = { listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "" };

const text = (name, content = `content of ${name}`) => new File([content], name, { type: "text/plain" });
const picture = (name, width, height) => new File([png(width, height)], name, { type: "image/png" });

/** Width and height of a PNG. */
const sizeOf = (bytes) => [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];

/**
 * Defines the tests.
 *
 * @param {(client: import("pocketbase").default) => Promise<void>} prepare what the superuser does first: where files are kept
 */
export function testFiles(prepare = async () => {}) {
  let server, client, posts;
  before(async () => {
    server = await startServer();
    client = await superuser(server);
    await prepare(client);
    await client.collections.create({
      ...OPEN, name: "posts",
      fields: [
        { name: "title", type: "text" },
        { name: "cover", type: "file", maxSelect: 1, thumbs: ["40x20", "20x20f", "0x10"] },
        { name: "papers", type: "file", maxSelect: 4 },
        { name: "pictures", type: "file", maxSelect: 2, maxSize: 2000, mimeTypes: ["image/png", "image/jpeg"] },
        { name: "secret", type: "file", maxSelect: 1, protected: true },
      ],
    });
    await client.collections.update("posts", { viewRule: "title != 'hidden' || @request.auth.id != ''" });
    await client.collections.create({ ...OPEN, name: "needy", fields: [{ name: "paper", type: "file", maxSelect: 1, required: true }] });
    await client.settings.update({ batch: { enabled: true } });
    posts = guest(server).collection("posts");
  });
  after(() => server?.stop());

  const load = async (record, name, query = {}, init = {}) => {
    const answer = await fetch(guest(server).files.getURL(record, name, query), init);
    return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) };
  };
  const read = async (record, name, query) => {
    const { status, bytes } = await load(record, name, query);
    assert.equal(status, 200);
    return bytes.toString();
  };
  const gone = async (record, name) => assert.equal((await load(record, name)).status, 404, name);

  test("a File, a Blob and FormData are uploaded", async () => {
    const made = await posts.create({ title: "mine", cover: picture("My Cover.PNG", 8, 8), papers: [text("one.txt"), new Blob(["blob"])] });
    assert.match(made.cover, /^my_cover_[a-z0-9]{10}\.PNG$/);
    assert.match(made.papers[0], /^one_[a-z0-9]{10}\.txt$/);
    assert.equal(made.papers.length, 2);
    assert.equal(await read(made, made.papers[0]), "content of one.txt");
    assert.equal(await read(made, made.papers[1]), "blob");
    assert.deepEqual(await posts.getOne(made.id), made);

    const form = new FormData();
    form.append("title", "by form");
    form.append("cover", picture("cover.png", 4, 4));
    form.append("papers", text("a paper.txt"));
    form.append("papers", text("b.tar.gz"));
    const formed = await posts.create(form);
    assert.equal(formed.title, "by form");
    assert.match(formed.papers[0], /^a_paper_[a-z0-9]{10}\.txt$/);
    assert.match(formed.papers[1], /^b[a-z0-9]{10}_[a-z0-9]{10}\.tar\.gz$/);
  });

  test("URLs are built from the record, and downloads say what they are", async () => {
    const made = await posts.create({ cover: picture("cover.png", 8, 6), papers: text("page.html", "<!DOCTYPE html><script>alert(1)</script>") });
    const url = guest(server).files.getURL(made, made.cover, { download: true });
    assert.equal(url, `${server.url}/api/files/${made.collectionId}/${made.id}/${made.cover}?download=true`);
    assert.equal(guest(server).files.getURL(made, ""), "");

    const shown = await load(made, made.cover);
    assert.deepEqual(sizeOf(shown.bytes), [8, 6]);
    assert.equal(shown.headers.get("content-type"), "image/png");
    assert.equal(shown.headers.get("content-disposition"), `inline; filename=${made.cover}`);
    assert.equal(shown.headers.get("content-length"), String(shown.bytes.length));
    assert.equal(shown.headers.get("x-content-type-options"), "nosniff");
    assert.match(shown.headers.get("content-security-policy"), /sandbox/);
    assert.equal((await load(made, made.cover, { download: true })).headers.get("content-disposition"), `attachment; filename=${made.cover}`);
    const page = await load(made, made.papers[0]);
    assert.equal(page.headers.get("content-type"), "text/html; charset=utf-8");
    assert.equal(page.headers.get("content-disposition"), `attachment; filename=${made.papers[0]}`);
  });

  test("parts and conditions", async () => {
    const made = await posts.create({ papers: text("digits.txt", "0123456789") });
    const part = await load(made, made.papers[0], {}, { headers: { range: "bytes=2-4" } });
    assert.deepEqual([part.status, part.bytes.toString(), part.headers.get("content-range")], [206, "234", "bytes 2-4/10"]);
    assert.equal((await load(made, made.papers[0], {}, { headers: { range: "bytes=10-" } })).status, 416);
    const modified = (await load(made, made.papers[0])).headers.get("last-modified");
    assert.equal((await load(made, made.papers[0], {}, { headers: { "if-modified-since": modified } })).status, 304);
    const head = await load(made, made.papers[0], {}, { method: "HEAD" });
    assert.deepEqual([head.status, head.headers.get("content-length"), head.bytes.length], [200, "10", 0]);
  });

  test("files are added, put in front, kept, removed and replaced", async () => {
    const made = await posts.create({ papers: [text("one.txt"), text("two.txt")], cover: text("cover.txt") });
    const [one, two] = made.papers;
    const grown = await posts.update(made.id, { "papers+": text("three.txt"), "+papers": [text("zero.txt")] });
    assert.deepEqual(grown.papers.map((name) => name.split("_")[0]), ["zero", "one", "two", "three"]);
    assert.deepEqual(grown.papers.slice(1, 3), [one, two]);
    await refused(posts.update(made.id, { "papers+": text("four.txt") }), 400, { papers: "validation_too_many_files" });

    const shrunk = await posts.update(made.id, { "papers-": [one, grown.papers[0]] });
    assert.deepEqual(shrunk.papers, [two, grown.papers[3]]);
    const kept = await posts.update(made.id, { papers: [two, text("five.txt")] });
    assert.deepEqual([kept.papers.length, kept.papers[0]], [2, two]);
    const turned = await posts.update(made.id, { papers: [...kept.papers].reverse() });
    assert.deepEqual(turned.papers, [...kept.papers].reverse());
    const replaced = await posts.update(made.id, { cover: text("other.txt") });
    assert.notEqual(replaced.cover, made.cover);
    assert.equal(await read(replaced, replaced.cover), "content of other.txt");
    for (const name of [one, grown.papers[0], grown.papers[3], made.cover]) await gone(made, name);
    assert.equal(await read(made, two), "content of two.txt");

    const empty = await posts.update(made.id, { papers: [], cover: null });
    assert.deepEqual([empty.papers, empty.cover], [[], ""]);
    for (const name of [two, replaced.cover]) await gone(made, name);
  });

  test("what a field does not take is refused, and leaves everything as it was", async () => {
    const made = await posts.create({ title: "before", cover: text("cover.txt") });
    await refused(posts.update(made.id, { title: "after", cover: text("new.txt"), pictures: text("a.png", "no picture") }), 400, { pictures: "validation_invalid_mime_type" });
    const tooLarge = await refused(posts.create({ pictures: new File([png(2, 2), "x".repeat(2000)], "big.png") }), 400, { pictures: "validation_file_size_limit" });
    assert.equal(tooLarge.response.data.pictures.params?.maxSize ?? 2000, 2000);
    await refused(posts.create({ pictures: [picture("a.png", 2, 2), picture("b.png", 2, 2), picture("c.png", 2, 2)] }), 400, { pictures: "validation_too_many_files" });
    await refused(posts.create({ cover: "somebody-elses.txt" }), 400, { cover: "validation_invalid_file" });
    await refused(guest(server).collection("needy").create({}), 400, { paper: "validation_required" });
    assert.deepEqual(await posts.getOne(made.id), made);
    assert.equal(await read(made, made.cover), "content of cover.txt");
  });

  test("thumbnails are made in the sizes of the field", async () => {
    const made = await posts.create({ cover: picture("cover.png", 100, 60) });
    for (const [thumb, size] of [["40x20", [40, 20]], ["20x20f", [20, 12]], ["0x10", [17, 10]], ["100x100", [100, 100]], ["41x20", [100, 60]], ["nonsense", [100, 60]]]) {
      // The second one is kept from the first.
      for (let i = 0; i < 2; i++) {
        const { status, headers, bytes } = await load(made, made.cover, { thumb });
        assert.deepEqual([status, headers.get("content-type"), sizeOf(bytes)], [200, "image/png", size], thumb);
      }
    }
    const named = await load(made, made.cover, { thumb: "40x20" });
    assert.equal(named.headers.get("content-disposition"), `inline; filename=40x20_${made.cover}`);
    const together = await Promise.all(Array.from({ length: 8 }, () => load(made, made.cover, { thumb: "20x20f" })));
    for (const { bytes } of together) assert.deepEqual(bytes, together[0].bytes);
    const broken = await posts.create({ cover: new File([png(30, 30).subarray(0, 60)], "broken.png") });
    assert.equal((await load(broken, broken.cover, { thumb: "40x20" })).bytes.length, 60);
    await posts.delete(made.id);
    assert.equal((await load(made, made.cover, { thumb: "40x20" })).status, 404);
  });

  test("thumbnails in another format", { skip: isReference() && "Larder's own" }, async () => {
    const made = await posts.create({ cover: picture("cover.png", 100, 60) });
    const { status, headers, bytes } = await load(made, made.cover, { thumb: "40x20", format: "webp", quality: 50 });
    assert.deepEqual([status, headers.get("content-type"), bytes.subarray(8, 12).toString()], [200, "image/webp", "WEBP"]);
  });

  test("protected files need a token of somebody who may see the record", async () => {
    await client.collection("users").create({ email: "ann@example.com", password: "ann's password", passwordConfirm: "ann's password" });
    const ann = guest(server);
    await ann.collection("users").authWithPassword("ann@example.com", "ann's password");
    const open = await posts.create({ title: "open", secret: text("secret.txt", "told") });
    const hidden = await posts.create({ title: "hidden", secret: text("secret.txt", "told"), cover: text("cover.txt") });
    // The rule lets everybody see the one, and with it its file.
    assert.equal(await read(open, open.secret), "told");
    assert.equal(await read(hidden, hidden.cover), "content of cover.txt");
    const token = await ann.files.getToken();
    assert.equal(await read(hidden, hidden.secret, { token }), "told");
    assert.equal(await read(hidden, hidden.secret, { token: await client.files.getToken() }), "told");
    for (const wrong of [undefined, "", "x", ann.authStore.token]) assert.equal((await load(hidden, hidden.secret, { token: wrong })).status, 404, wrong);
    await refused(guest(server).files.getToken(), 401);
    await refused(guest(server).collection("posts").getOne(hidden.id), 404);
  });

  test("a batch brings files for each of its items", async () => {
    const old = await posts.create({ title: "old", papers: text("old.txt") });
    const batch = guest(server).createBatch();
    batch.collection("posts").create({ title: "first", cover: text("first.txt"), papers: [text("a.txt"), text("b.txt")] });
    batch.collection("posts").update(old.id, { "papers+": text("new.txt") });
    batch.collection("posts").upsert({ id: "upserted0000001", title: "third", cover: text("third.txt") });
    const [first, updated, third] = (await batch.send()).map(({ body }) => body);
    assert.equal(await read(first, first.cover), "content of first.txt");
    assert.equal(await read(first, first.papers[1]), "content of b.txt");
    assert.deepEqual([updated.papers.length, updated.papers[0]], [2, old.papers[0]]);
    assert.equal(await read(updated, updated.papers[1]), "content of new.txt");
    assert.equal(await read(third, third.cover), "content of third.txt");

    const failing = guest(server).createBatch();
    failing.collection("posts").update(old.id, { papers: text("never.txt") });
    failing.collection("needy").create({});
    await assert.rejects(failing.send(), { status: 400 });
    assert.deepEqual((await posts.getOne(old.id)).papers, updated.papers);
    assert.equal(await read(old, old.papers[0]), "content of old.txt");
  });

  test("large files arrive as they were", async () => {
    const bytes = Buffer.alloc(4_900_000);
    for (let i = 0; i < bytes.length; i += 4) bytes.writeUInt32LE((i * 2654435761) % 2 ** 32, i);
    const made = await posts.create({ papers: new File([bytes], "large.bin") });
    assert.ok((await load(made, made.papers[0])).bytes.equals(bytes));
    await refused(posts.create({ papers: new File([Buffer.alloc((5 << 20) + 1)], "larger.bin") }), 400, { papers: "validation_file_size_limit" });
  });
}
