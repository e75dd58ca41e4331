"""How to set up and talk to each kind of server. Every adapter offers the same operations."""
import base64
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
import uuid
from urllib.parse import quote

from . import data as D
from . import load
from .load import Client, Req, jreq
from .procs import BenchError, Server, clean_env, expand

ADMIN, ADMIN_PW = "admin@bench.example", "bench-admin-password"
THUMBS = ["100x100", "300x200f", "0x400"]


def boundary_form(fields, files):
    """A multipart/form-data body with a fixed boundary."""
    b = b"----benchboundary7f3a"
    out = bytearray()
    for k, v in fields.items():
        out += b"--" + b + f'\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode()
    for k, (name, ctype, content) in files.items():
        out += b"--" + b + (f'\r\nContent-Disposition: form-data; name="{k}"; filename="{name}"\r\n'
                            f"Content-Type: {ctype}\r\n\r\n").encode() + content + b"\r\n"
    out += b"--" + b + b"--\r\n"
    return "multipart/form-data; boundary=" + b.decode(), bytes(out)


class Adapter:
    kind = "?"
    health = "/api/health"
    sse_kind = "plain"
    seed_version = 1
    supports = set()  # groups of cases
    lacks = set()  # cases of those that are left out all the same

    def __init__(self, name, binary, port, data, opts):
        self.name, self.bin, self.port, self.data, self.opts = name, os.path.abspath(binary), port, data, opts
        if not os.access(self.bin, os.X_OK):
            raise BenchError(f"{name}: no executable at {binary}")
        self.root = os.path.join(load.WORK, "run", name)
        self.dir = os.path.join(self.root, "data")
        self.client = Client(port)
        self.admin_token = self.token = None
        self.batch_works = True
        self.people = None
        self.seed_s = None

    # --- life cycle

    def version(self):
        for flag in ("--version", "version"):
            try:
                p = subprocess.run([self.bin, flag], capture_output=True, text=True, timeout=10,
                                   stdin=subprocess.DEVNULL, env=clean_env())
            except (OSError, subprocess.TimeoutExpired):
                continue
            if p.returncode == 0 and p.stdout.strip():
                return p.stdout.strip().splitlines()[0]
        return "unknown"

    def argv(self):
        raise NotImplementedError

    def env(self):
        return {}

    def idle_env(self, n):
        """What else the environment of a server holds that is to keep n idle streams of one address."""
        return {}

    def server(self):
        return Server(self.name, self.argv(), self.port, self.root, os.path.join(self.root, "server.log"),
                      self.health, self.env())

    def seed_key(self):
        with open(self.bin, "rb") as f:
            h = hashlib.file_digest(f, "sha256")
        h.update(f"{self.kind}|{D.VERSION}|{self.seed_version}|{self.seed_opts()}".encode())
        return h.hexdigest()[:16]

    def seed_opts(self):
        return ""

    def prepare(self, reseed=False):
        """Puts a freshly seeded directory in place; seeding is cached per binary."""
        cache = os.path.join(load.WORK, "seed", f"{self.kind}-{self.seed_key()}")
        shutil.rmtree(self.root, ignore_errors=True)
        if reseed:
            shutil.rmtree(cache, ignore_errors=True)
        if not os.path.exists(os.path.join(cache, "done")):
            shutil.rmtree(cache, ignore_errors=True)
            os.makedirs(self.dir)
            t = time.time()
            self.seed()
            self.seed_s = time.time() - t
            os.makedirs(os.path.dirname(cache), exist_ok=True)
            shutil.copytree(self.root, cache, symlinks=True)
            json.dump({"seed_s": self.seed_s}, open(os.path.join(cache, "done"), "w"))
        else:
            shutil.copytree(cache, self.root, symlinks=True)
            self.seed_s = json.load(open(os.path.join(cache, "done")))["seed_s"]

    def seed(self):
        raise NotImplementedError

    def login(self):
        """After the server is up: obtain tokens."""

    def seed_connections(self):
        """Single creates need company for the server's group commit; batches already are one transaction each."""
        return 2 if self.batch_works else 32

    # --- operations, shared shapes

    def parse_list(self, body):
        j = json.loads(body)
        return j["items"], j.get("totalItems", -1)

    def post_id(self, d):
        return d["id"]


class PocketBaseAPI(Adapter):
    kind = "pocketbase-api"
    sse_kind = "pb"
    supports = {"W1", "W2", "W3", "W4", "W5", "W6", "W7", "W8", "W9", "W10", "W11", "W12", "W12.ids", "W12.owner",
                "W12.idle", "W13", "W14", "W15", "W16", "W17", "W18", "W19", "W20", "W21"}
    seed_version = D.SEED
    default_start = "{bin} serve --http 127.0.0.1:{port} --dir {dir}"
    default_superuser = "{bin} superuser create {email} {password} --dir {dir}"
    default_search = "/api/collections/big/records?perPage=30&filter={filter}"

    def argv(self):
        t = self.opts.get("start") or self.default_start
        return expand(t, bin=self.bin, port=self.port, dir=self.dir)

    def seed_opts(self):
        return "nologs" if self.opts.get("no_request_logs") else ""

    def seed(self):
        t = self.opts.get("superuser") or self.default_superuser
        argv = expand(t, bin=self.bin, port=self.port, dir=self.dir, email=ADMIN, password=ADMIN_PW)
        p = subprocess.run(argv, cwd=self.root, capture_output=True, text=True, timeout=60,
                           stdin=subprocess.DEVNULL, env=clean_env())
        if p.returncode != 0:
            raise BenchError(f"{self.name}: creating the superuser failed: {p.stdout[-500:]} {p.stderr[-500:]}")
        server = self.server()
        server.start(f"0-{os.cpu_count() - 1}")
        try:
            self._schema()
            self._rows()
        finally:
            server.stop()

    def _admin(self):
        r = self.client.json(jreq("POST", "/api/collections/_superusers/auth-with-password",
                                  {"identity": ADMIN, "password": ADMIN_PW}))
        self.admin_token = r["token"]

    def _try(self, what, f):
        """A server still in the making may lack a feature: say so and let the cases that need it fail."""
        try:
            return f()
        except BenchError as e:
            print(f"{self.name}: {what}: {e}", file=sys.stderr, flush=True)
            return None

    def _schema(self):
        self._admin()
        c, token = self.client, self.admin_token
        settings = {"batch": {"enabled": True, "maxRequests": 200, "timeout": 30}}
        if self.opts.get("no_request_logs"):
            settings["logs"] = {"maxDays": 0}
        self._try("settings", lambda: c.json(jreq("PATCH", "/api/settings", settings, token)))
        auto = [{"name": "created", "type": "autodate", "onCreate": True},
                {"name": "updated", "type": "autodate", "onCreate": True, "onUpdate": True}]
        text = lambda n, **k: dict({"name": n, "type": "text"}, **k)
        doc = [text("title"), {"name": "body", "type": "editor"}, {"name": "public", "type": "bool"},
               {"name": "views", "type": "number"}]

        def collection(name, fields, **rules):
            base = {"listRule": None, "viewRule": None, "createRule": None, "updateRule": None, "deleteRule": None}
            return self._try(f"collection {name}", lambda: c.json(jreq(
                "POST", "/api/collections", dict(base, name=name, type="base", fields=fields + auto, **rules),
                token)))

        authors = collection("authors", [text("name")], listRule="", viewRule="")
        rel = {"name": "author", "type": "relation", "collectionId": (authors or {}).get("id"), "maxSelect": 1}
        if not collection("posts", doc + [rel], listRule="", viewRule=""):
            collection("posts", doc + [text("author")], listRule="", viewRule="")
        collection("bench_create", doc, createRule="", viewRule="")
        collection("bench_rule", doc, viewRule="",
             createRule="@request.auth.id != '' && @request.body.public:isset = true")
        collection("bench_upd", doc, updateRule="", viewRule="")
        collection("bench_del", doc, deleteRule="", createRule="")
        collection("bench_batch", doc, createRule="")
        collection("bench_rt", [text("title"), {"name": "bseq", "type": "number"}],
                   createRule="", listRule="", viewRule="")
        collection("bench_files", [{"name": "doc", "type": "file", "maxSelect": 1, "maxSize": 5_000_000}],
             createRule="", viewRule="")
        collection("bench_img", [{"name": "doc", "type": "file", "maxSelect": 1, "maxSize": 5_000_000, "thumbs": THUMBS}],
             createRule="", viewRule="")
        collection("big", [text("title"), text("body", max=20000), {"name": "views", "type": "number"}],
             listRule="", viewRule="")
        # W2.none and W2.owner: the same fields, so that only the rule tells them apart.
        users = self._try("users", lambda: c.json(jreq("GET", "/api/collections/users", None, token)))
        owner = {"name": "author", "type": "relation", "collectionId": (users or {}).get("id"), "maxSelect": 1}
        collection("bench_none", doc + [owner], createRule="", viewRule="")
        collection("bench_owner", doc + [owner], viewRule="", createRule="@request.auth.id != '' && author = @request.auth.id")
        people = collection("people", [text("name"), {"name": "active", "type": "bool"}])
        collection("teamdocs", [text("title"), {"name": "members", "type": "relation", "maxSelect": 10,
                                                "collectionId": (people or {}).get("id")}])
        for u in self.data.users:
            user = {"email": u, "password": D.PASSWORD, "passwordConfirm": D.PASSWORD, "verified": True}
            if not self._try("user", lambda: c.json(jreq("POST", "/api/collections/users/records", user, token))):
                break

    def probe_batch(self):
        """Batch may be missing, or off when the settings could not be changed: rows then go in one by one."""
        d = dict(self.body(self.data.create[0]))
        status, _ = self.client.send(jreq("POST", "/api/batch", {"requests": [
            {"method": "POST", "url": "/api/collections/bench_create/records", "body": d}]}))
        self.batch_works = status == 200

    def _rows(self):
        self.probe_batch()
        if not self.batch_works:
            print(f"{self.name}: no batch API, seeding one record at a time", file=sys.stderr, flush=True)
        authors = self.data.authors
        aid = [a["id"] for a in authors]
        plain = lambda d: {k: d[k] for k in ("id", "title", "body", "public", "views")}
        many = lambda name, docs: self._try(f"rows of {name}", lambda: self._batch(name, docs))
        many("authors", ({"id": a["id"], "name": a["title"]} for a in authors))
        many("posts", (dict(plain(d), author=aid[d["author"]]) for d in self.data.posts))
        many("bench_upd", (plain(d) for d in self.data.upd))
        many("big", ({k: d[k] for k in ("id", "title", "body", "views")} for d in self.data.big()))
        pid = [p["id"] for p in self.data.people]
        many("people", self.data.people)
        many("teamdocs", (dict(d, members=[pid[p] for p in d["members"]]) for d in self.data.teamdocs))

    def _batch(self, collection, docs, size=200):
        path = os.path.join(self.root, "seed.plan")
        url = f"/api/collections/{collection}/records"

        def reqs():
            buf = []
            for d in docs:
                if not self.batch_works:
                    yield jreq("POST", url, d, self.admin_token)
                    continue
                buf.append({"method": "POST", "url": url, "body": d})
                if len(buf) == size:
                    yield jreq("POST", "/api/batch", {"requests": buf}, self.admin_token, 200)
                    buf.clear()
            if buf:
                yield jreq("POST", "/api/batch", {"requests": buf}, self.admin_token, 200)

        load.write_plan(path, reqs())
        r = load.replay(self.port, path, self.seed_connections(), order="once", duration=900)
        os.remove(path)
        if r["errors"]:
            raise BenchError(f"{self.name}: seeding {collection}: {r['errors']} errors, first: {r['first_error']}")

    def login(self):
        self._admin()
        self.probe_batch()
        r = self._try("user login", lambda: self.client.json(self.login_req(self.data.users[0])))
        self.token, self.user_id = (r["token"], r["record"]["id"]) if r else (None, None)

    # --- operations

    def body(self, d, **extra):
        return dict({k: d[k] for k in ("title", "body", "public", "views")}, **extra)

    def create_req(self, collection, d, auth=False):
        return jreq("POST", f"/api/collections/{collection}/records", self.body(d), self.token if auth else None)

    def owned_req(self, collection, d, author, auth=True):
        return jreq("POST", f"/api/collections/{collection}/records", self.body(d, author=author),
                    self.token if auth else None)

    def set_list_rule(self, collection, rule):
        self.client.json(jreq("PATCH", f"/api/collections/{collection}", {"listRule": rule}, self.admin_token))

    def create_with_id_req(self, collection, d, rid):
        return jreq("POST", f"/api/collections/{collection}/records", self.body(d, id=rid))

    def view_req(self, d):
        return Req("GET", f"/api/collections/posts/records/{d['id']}")

    def update_req(self, d, views):
        return jreq("PATCH", f"/api/collections/bench_upd/records/{d['id']}", {"views": views})

    def view_upd_req(self, d):
        return Req("GET", f"/api/collections/bench_upd/records/{d['id']}")

    def delete_req(self, rid):
        return Req("DELETE", f"/api/collections/bench_del/records/{rid}", {}, b"", 204)

    def del_pool(self, docs):
        """Requests that create the rows which W8 then deletes, and their ids."""
        url = "/api/collections/bench_del/records"
        ids = [i for i, _ in docs]
        if not self.batch_works:
            return ids, [self.create_with_id_req("bench_del", d, i) for i, d in docs]
        reqs = []
        for k in range(0, len(docs), 100):
            reqs.append(jreq("POST", "/api/batch", {"requests": [
                {"method": "POST", "url": url, "body": self.body(d, id=i)} for i, d in docs[k:k + 100]]}, None, 200))
        return ids, reqs

    def list_req(self, kind, arg=None):
        u = "/api/collections/"
        if kind == "page":
            return Req("GET", u + f"posts/records?page={arg}&perPage=30&skipTotal=1")
        if kind == "filter":
            f = quote(f"(views > {arg} && public = true)", safe="")
            return Req("GET", u + f"posts/records?perPage=30&sort=-created&filter={f}")
        if kind in ("rel", "relskip"):
            f = quote(f"author.name ~ '{arg}'", safe="")
            skip = "&skipTotal=1" if kind == "relskip" else ""
            return Req("GET", u + f"posts/records?perPage=30{skip}&expand=author&filter={f}")
        if kind == "teams":
            return Req("GET", u + f"teamdocs/records?page={arg}&perPage=30")
        if kind == "scan":
            f = quote(f"(title ~ '{arg}' || body ~ '{arg}')", safe="")
            return Req("GET", u + f"big/records?perPage=30&filter={f}")
        if kind == "big":
            return Req("GET", u + f"big/records?page={arg}&perPage=30")
        if kind == "bigneedle":
            return Req("GET", u + "big/records?perPage=30&filter=" + quote(f"title ~ '{arg}'", safe=""))
        if kind == "bigcount":
            return Req("GET", u + "big/records?perPage=1")
        if kind == "search":
            t = self.opts.get("search") or self.default_search
            f = quote(f"(title ~ '{arg}' || body ~ '{arg}')", safe="")
            return Req("GET", t.format(filter=f, q=quote(arg, safe="")))
        raise BenchError(kind)

    def index_texts(self, collection, fields):
        """Has a collection's texts indexed where the server can do that; seconds that took, or None."""
        status, _ = self.client.send(jreq("GET", "/api/search/status", None, self.admin_token))
        if status != 200:
            return None
        t0 = time.monotonic()
        option = {"search": {"fields": fields, "typos": False}}
        self.client.json(jreq("PATCH", f"/api/collections/{collection}", option, self.admin_token))
        while time.monotonic() - t0 < 600:
            indexes = self.client.json(jreq("GET", "/api/search/status", None, self.admin_token))["indexes"]
            if any(i["collectionName"] == collection and i["state"] == "ready" for i in indexes):
                return time.monotonic() - t0
            time.sleep(0.05)
        raise BenchError(f"{self.name}: the index of {collection} did not become ready")

    def text_collection(self, name, is_searched):
        """A collection as `bench_create`, with its texts indexed or not; False where the server cannot do that."""
        if self.client.send(jreq("GET", "/api/search/status", None, self.admin_token))[0] != 200:
            return False
        like = self.client.json(jreq("GET", "/api/collections/bench_create", None, self.admin_token))
        fields = [{k: v for k, v in f.items() if k != "id"} for f in like["fields"] if not f["system"]]
        body = {"name": name, "type": "base", "fields": fields, "createRule": "", "viewRule": ""}
        if is_searched:
            body["search"] = {"fields": ["title", "body"]}
        self.client.json(jreq("POST", "/api/collections", body, self.admin_token))
        return True

    def refresh_req(self):
        return jreq("POST", "/api/collections/users/auth-refresh", {}, self.token)

    def login_req(self, email):
        return jreq("POST", "/api/collections/users/auth-with-password", {"identity": email, "password": D.PASSWORD})

    def login_ok(self, j):
        return bool(j.get("token")) and bool(j.get("record", {}).get("id"))

    def count(self, collection):
        r = Req("GET", f"/api/collections/{collection}/records?perPage=1", {"Authorization": self.admin_token})
        return self.client.json(r)["totalItems"]

    def expand_name(self, item):
        return item["expand"]["author"]["name"]

    def rt_create_req(self, seq, collection="bench_rt", **fields):
        return jreq("POST", f"/api/collections/{collection}/records", {"title": "realtime event", "bseq": seq, **fields})

    def idle_env(self, n):
        """Limits for n streams of one address. Only Larder reads LARDER_*, and it does not start with one it does not know."""
        return {"LARDER_REALTIME_CONNECTIONS_PER_IP": str(n + 100)}

    def rt_people(self, n):
        """n accounts with their tokens, and collections whose records belong to one of them. Made by the cases that need
        them: hashing the passwords takes longer than most cases."""
        if self.people and len(self.people) >= n:
            return self.people[:n]
        c, token = self.client, self.admin_token
        accounts = c.json(jreq("POST", "/api/collections", {"name": "bench_rt_people", "type": "auth"}, token))
        fields = [{"name": "title", "type": "text"}, {"name": "bseq", "type": "number"}, {"name": "shared", "type": "bool"},
                  {"name": "owner", "type": "relation", "collectionId": accounts["id"], "maxSelect": 1}]
        mine = "owner = @request.auth.id"
        for name, rule in (("bench_rt_ids", "shared = true || " + mine), ("bench_rt_owner", mine)):
            c.json(jreq("POST", "/api/collections", {"name": name, "type": "base", "fields": fields, "createRule": "",
                                                     "listRule": rule, "viewRule": rule}, token))
        ids, path = D.new_ids(n, 12), os.path.join(self.root, "people.plan")
        load.write_plan(path, (jreq("POST", "/api/collections/bench_rt_people/records", {
            "id": i, "email": f"rt{k}@bench.example", "password": D.PASSWORD, "passwordConfirm": D.PASSWORD}, token)
            for k, i in enumerate(ids)))
        r = load.replay(self.port, path, 2, order="once", duration=300)
        if r["errors"]:
            raise BenchError(f"{r['errors']} of {n} accounts could not be made: {r['first_error']}")
        self.people = [(i, c.json(jreq("POST", f"/api/collections/bench_rt_people/impersonate/{i}", {"duration": 86400},
                                       token))["token"]) for i in ids]
        return self.people

    def rt_connect(self):
        return Req("GET", "/api/realtime", {"Accept": "text/event-stream"})

    def batch_req(self, docs):
        return jreq("POST", "/api/batch", {"requests": [
            {"method": "POST", "url": "/api/collections/bench_batch/records", "body": self.body(d)} for d in docs]})

    def batch_ok(self, j, n):
        return len(j) == n and all(x["status"] == 200 for x in j)

    def upload_req(self, collection, name, ctype, content):
        ct, body = boundary_form({}, {"doc": (name, ctype, content)})
        return Req("POST", f"/api/collections/{collection}/records", {"Content-Type": ct}, body)

    def download_req(self, j, collection="bench_files", thumb=None):
        q = f"?thumb={thumb}" if thumb else ""
        return Req("GET", f"/api/files/{collection}/{j['id']}/{j['doc']}{q}")


class Limit(PocketBaseAPI):
    """The ceiling: hard-coded routes in bench/limit. Answers in PocketBase's shapes where the
    harness checks them, and takes what it can of the same requests."""
    kind = "limit"
    sse_kind = "plain"
    supports = {"W1", "W2", "W3", "W4", "W5", "W6", "W7", "W8", "W9", "W10", "W11", "W12", "W12.idle", "W13", "W15",
                "W16", "W17", "W18", "W20", "W21"}
    lacks = {"W2.none", "W2.owner", "W6.skip"}
    seed_version = 1

    def version(self):
        return (f"actix-web + rusqlite, synchronous={(self.opts.get('sync') or 'normal').upper()}, "
                f"{self.opts.get('ids') or 'random'} ids, checkpoints by {self.opts.get('ckpt') or 'writer'}")

    def argv(self):
        return [self.bin, "--dir", self.dir, "--http", f"127.0.0.1:{self.port}", "--workers",
                "1" if self.opts.get("pinned") else "2", "--sync", self.opts.get("sync") or "normal",
                "--ids", self.opts.get("ids") or "random", "--checkpoint", self.opts.get("ckpt") or "writer"]

    def seed(self):
        os.makedirs(os.path.join(self.dir, "files"))
        db = sqlite3.connect(os.path.join(self.dir, "data.db"))
        db.execute("PRAGMA journal_mode=WAL")
        doc = "id TEXT PRIMARY KEY NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL DEFAULT '', " \
              "public BOOLEAN NOT NULL DEFAULT 0, views INTEGER NOT NULL DEFAULT 0, bseq INTEGER NOT NULL DEFAULT 0, " \
              "author TEXT NOT NULL DEFAULT '', created TEXT NOT NULL, updated TEXT NOT NULL"
        for t in ("posts", "bench_upd", "bench_create", "bench_rule", "bench_del", "bench_rt", "bench_batch"):
            db.execute(f"CREATE TABLE {t} ({doc})")
        db.execute("CREATE TABLE big (id TEXT PRIMARY KEY NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL, "
                   "views INTEGER NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL)")
        db.execute("CREATE TABLE authors (id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL)")
        db.execute("CREATE TABLE users (id TEXT PRIMARY KEY NOT NULL, email TEXT UNIQUE NOT NULL, hash TEXT NOT NULL)")
        aid = [a["id"] for a in self.data.authors]
        when = lambda i: "2026-01-01 %02d:%02d:%02d.%03dZ" % (i // 3600000 % 24, i // 60000 % 60, i // 1000 % 60, i % 1000)
        ins = "INSERT INTO {} (id,title,body,public,views,author,created,updated) VALUES (?,?,?,?,?,?,?,?)"
        row = lambda d, a: (d["id"], d["title"], d["body"], d["public"], d["views"], a, when(d["i"]), when(d["i"]))
        db.executemany("INSERT INTO authors VALUES (?,?)", [(a["id"], a["title"]) for a in self.data.authors])
        db.executemany(ins.format("posts"), [row(d, aid[d["author"]]) for d in self.data.posts])
        db.executemany(ins.format("bench_upd"), [row(d, "") for d in self.data.upd])
        db.executemany("INSERT INTO big VALUES (?,?,?,?,?,?)", (
            (d["id"], d["title"], d["body"], d["views"], when(d["i"]), when(d["i"])) for d in self.data.big()))
        # (Python has had no bcrypt in its standard library since 3.13.)
        pw = subprocess.run([self.bin, "--hash", D.PASSWORD], capture_output=True, text=True, check=True).stdout.strip()
        db.executemany("INSERT INTO users VALUES (?,?,?)",
                       [(i, u, pw) for i, u in zip(D.new_ids(len(self.data.users), 77), self.data.users)])
        db.commit()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()

    def login(self):
        self.token = self.client.json(self.login_req(self.data.users[0]))["token"]

    def list_req(self, kind, arg=None):
        q = {"page": f"page={arg}", "big": f"page={arg}", "filter": f"views={arg}", "rel": f"name={arg}",
             "bigneedle": f"q={arg}", "search": f"q={arg}", "bigcount": "", "scan": f"q={arg}"}[kind]
        kind = "search" if kind == "scan" else kind
        return Req("GET", f"/limit/{kind}?{q}")

    def count(self, collection):
        return self.client.json(Req("GET", f"/limit/count?t={collection}"))["totalItems"]

    def download_req(self, j, collection="bench_files", thumb=None):
        return Req("GET", f"/limit/file/{j['id']}")


class TrailBase(Adapter):
    """TrailBase's own record API on an equivalent schema: STRICT tables with UUIDv7 keys, `created` by
    default and `updated` by trigger."""
    kind = "trailbase"
    health = "/api/healthcheck"
    supports = {"W1", "W2", "W3", "W4", "W5", "W7", "W8", "W9", "W10", "W11", "W12", "W12.idle", "W13", "W15", "W16", "W17", "W18",
                "W20", "W21"}
    lacks = {"W2.none", "W2.owner"}
    R = "/api/records/v1/"

    def version(self):
        return self.opts.get("version") or "trailbase " + super().version()

    def argv(self):
        return [self.bin, "--depot", self.dir, "run", "--address", f"127.0.0.1:{self.port}"]

    @staticmethod
    def _uuid7(i, salt):
        h = hashlib.blake2b(f"{salt}/{i}".encode(), digest_size=10).digest()
        ms = 1_767_225_600_000 + i
        b = bytearray(ms.to_bytes(6, "big") + h)
        b[6] = 0x70 | (b[6] & 0x0F)
        b[8] = 0x80 | (b[8] & 0x3F)
        return bytes(b)

    def seed(self):
        mig = os.path.join(self.dir, "migrations", "main")
        os.makedirs(mig)
        key = "id BLOB PRIMARY KEY NOT NULL CHECK(is_uuid_v7(id)) DEFAULT (uuid_v7())"
        doc = f"{key}, title TEXT NOT NULL DEFAULT '', body TEXT NOT NULL DEFAULT '', " \
              "public INTEGER NOT NULL DEFAULT 0, views INTEGER NOT NULL DEFAULT 0"
        auto = "created INTEGER NOT NULL DEFAULT (UNIXEPOCH()), updated INTEGER NOT NULL DEFAULT (UNIXEPOCH())"
        sql = [f"CREATE TABLE authors ({key}, name TEXT NOT NULL) STRICT;",
               f"CREATE TABLE posts ({doc}, author BLOB REFERENCES authors(id), {auto}) STRICT;"]
        for t in ("bench_create", "bench_rule", "bench_upd", "bench_del", "bench_batch", "big"):
            sql.append(f"CREATE TABLE {t} ({doc}, {auto}) STRICT;")
        sql.append(f"CREATE TABLE bench_rt ({key}, title TEXT NOT NULL, bseq INTEGER NOT NULL, {auto}) STRICT;")
        sql.append(f"CREATE TABLE bench_files ({key}, doc TEXT CHECK(jsonschema('std.FileUpload', doc)), {auto}) STRICT;")
        for t in ("bench_upd", "bench_create"):
            sql.append(f"CREATE TRIGGER {t}_updated AFTER UPDATE ON {t} FOR EACH ROW BEGIN "
                       f"UPDATE {t} SET updated = UNIXEPOCH() WHERE id = OLD.id; END;")
        ins = "INSERT INTO _user (email, password_hash, verified) SELECT column1, h, TRUE FROM (VALUES {}), " \
              "(SELECT hash_password('" + D.PASSWORD + "') AS h);"
        sql.append(ins.format(",".join(f"('{u}')" for u in self.data.users)))
        with open(os.path.join(mig, "U1760000000__bench.sql"), "w") as f:
            f.write("\n".join(sql) + "\n")

        def api(name, acl, extra=""):
            return f'record_apis {{\n  name: "{name}"\n  table_name: "{name}"\n  acl_world: [{acl}]\n{extra}}}\n'

        rule = "_USER_.id IS NOT NULL AND 'public' IN _REQ_FIELDS_"
        cfg = ("email {}\nserver { application_name: \"bench\" enable_record_transactions: true }\n"
               "auth {}\njobs {}\n"
               + api("authors", "READ") + api("posts", "READ", '  expand: ["author"]\n')
               + api("bench_create", "CREATE, READ") + api("bench_upd", "READ, UPDATE")
               + api("bench_del", "CREATE, READ, DELETE") + api("bench_batch", "CREATE, READ")
               + api("bench_files", "CREATE, READ") + api("big", "READ")
               + api("bench_rt", "CREATE, READ", "  enable_subscriptions: true\n")
               + 'record_apis {\n  name: "bench_rule"\n  table_name: "bench_rule"\n'
                 '  acl_authenticated: [CREATE, READ]\n'
                 f'  create_access_rule: "{rule}"\n}}\n')
        with open(os.path.join(self.dir, "config.textproto"), "w") as f:
            f.write(cfg)
        server = self.server()
        server.start()  # applies the migrations
        server.stop()
        db = sqlite3.connect(os.path.join(self.dir, "data", "main.db"))
        db.create_function("is_uuid_v7", 1, lambda b: 1, deterministic=True)
        db.create_function("uuid_v7", 0, lambda: uuid.uuid4().bytes)
        ids = [self._uuid7(d["i"], "authors") for d in self.data.authors]
        db.executemany("INSERT INTO authors VALUES (?,?)", [(k, a["title"]) for k, a in zip(ids, self.data.authors)])
        cols = "id,title,body,public,views,created,updated"
        t0 = 1_767_225_600
        row = lambda d, t: (self._uuid7(d["i"], t), d["title"], d["body"], int(d["public"]), d["views"],
                            t0 + d["i"], t0 + d["i"])
        db.executemany(f"INSERT INTO posts ({cols},author) VALUES (?,?,?,?,?,?,?,?)",
                       [row(d, "posts") + (ids[d["author"]],) for d in self.data.posts])
        db.executemany(f"INSERT INTO bench_upd ({cols}) VALUES (?,?,?,?,?,?,?)", [row(d, "upd") for d in self.data.upd])
        db.executemany(f"INSERT INTO big ({cols}) VALUES (?,?,?,?,?,?,?)", (row(d, "big") for d in self.data.big()))
        db.commit()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()

    @staticmethod
    def b64(b):
        return base64.urlsafe_b64encode(b).decode()

    def login(self):
        r = self.client.json(self.login_req(self.data.users[0]))
        self.token, self.refresh_token = "Bearer " + r["auth_token"], r["refresh_token"]

    def body(self, d, **extra):
        return dict({"title": d["title"], "body": d["body"], "public": int(d["public"]), "views": d["views"]}, **extra)

    def create_req(self, collection, d, auth=False):
        return jreq("POST", self.R + collection, self.body(d), self.token if auth else None)

    def view_req(self, d):
        return Req("GET", self.R + "posts/" + self.b64(self._uuid7(d["i"], "posts")))

    def update_req(self, d, views):
        return jreq("PATCH", self.R + "bench_upd/" + self.b64(self._uuid7(d["i"], "upd")), {"views": views})

    def view_upd_req(self, d):
        return Req("GET", self.R + "bench_upd/" + self.b64(self._uuid7(d["i"], "upd")))

    def delete_req(self, rid):
        return Req("DELETE", self.R + "bench_del/" + rid)

    def del_pool(self, docs):
        salt = docs[0][0]
        ids = [self.b64(self._uuid7(k, salt)) for k in range(len(docs))]
        return ids, [self._tx("bench_del", [self.body(d, id=i) for i, (_, d) in zip(ids[k:k + 100], docs[k:k + 100])])
                     for k in range(0, len(docs), 100)]

    def _tx(self, collection, bodies):
        return jreq("POST", "/api/transaction/v1/execute", {"transaction": True, "operations": [
            {"Create": {"api_name": collection, "value": b}} for b in bodies]})

    def parse_list(self, body):
        j = json.loads(body)
        return j["records"], j.get("total_count") if j.get("total_count") is not None else -1

    def list_req(self, kind, arg=None):
        u = self.R
        if kind == "page":
            return Req("GET", u + f"posts?limit=30&offset={(arg - 1) * 30}")
        if kind == "filter":
            return Req("GET", u + f"posts?limit=30&count=true&order=-created&filter[views][$gt]={arg}&filter[public]=1")
        if kind == "big":
            return Req("GET", u + f"big?limit=30&count=true&offset={(arg - 1) * 30}")
        if kind == "bigneedle":
            return Req("GET", u + f"big?limit=30&count=true&filter[title][$like]=%25{arg}%25")
        if kind == "bigcount":
            # (TrailBase 0.33 takes 140 ms for this and 3 ms for the same with limit=30: a slip of its planner.)
            return Req("GET", u + "big?limit=1&count=true")
        if kind in ("search", "scan"):
            return Req("GET", u + f"big?limit=30&count=true&filter[$or][0][title][$like]=%25{arg}%25"
                                  f"&filter[$or][1][body][$like]=%25{arg}%25")
        raise BenchError(kind)

    def refresh_req(self):
        return jreq("POST", "/api/auth/v1/refresh", {"refresh_token": self.refresh_token})

    def login_req(self, email):
        return jreq("POST", "/api/auth/v1/login", {"email": email, "password": D.PASSWORD})

    def login_ok(self, j):
        return bool(j.get("auth_token"))

    def count(self, collection):
        auth = {"Authorization": self.token} if collection == "bench_rule" else {}
        return self.client.json(Req("GET", self.R + f"{collection}?limit=1&count=true", auth))["total_count"]

    def rt_create_req(self, seq, collection="bench_rt"):
        return jreq("POST", self.R + collection, {"title": "realtime event", "bseq": seq})

    def rt_connect(self):
        return Req("GET", self.R + "bench_rt/subscribe/*", {"Accept": "text/event-stream"})

    def batch_req(self, docs):
        return self._tx("bench_batch", [self.body(d) for d in docs])

    def batch_ok(self, j, n):
        return len(j["results"]) == n and all("Id" in x for x in j["results"])

    def upload_req(self, collection, name, ctype, content):
        ct, body = boundary_form({}, {"doc": (name, ctype, content)})
        return Req("POST", self.R + collection, {"Content-Type": ct}, body)

    def download_req(self, j, collection="bench_files", thumb=None):
        return Req("GET", self.R + f"{collection}/{j['ids'][0]}/file/doc")


KINDS = {a.kind: a for a in (PocketBaseAPI, Limit, TrailBase)}
