"""The workloads. A case checks that the server answers correctly (`verify`), then puts load on it
(`measure`), once per server and round. Errors during the load are reported, never dropped."""
import json
import os
import random
import statistics
import time

from . import data as D
from . import load
from .load import Req, jreq
from .procs import BenchError


def need(condition, message):
    if not condition:
        raise BenchError("wrong response: " + message)


class Case:
    wid = group = title = ""
    unit = "req"
    # Cases next to each other with the same `pair` are measured in turns, round by round; the later ones are compared
    # with the first, by the figures named in `versus`.
    pair = None
    versus = ()

    def __init__(self, ctx):
        self.ctx = ctx

    def plan(self, adapter, suffix=""):
        return os.path.join(adapter.root, f"{self.wid}{suffix}.plan")

    def setup(self, adapter):
        """Once per server: check responses, write plans."""

    def measure(self, adapter, server, round_no):
        raise NotImplementedError

    def after(self, adapter, server, res):
        """After the measurement (not timed): check what it left behind."""


class Wrk(Case):
    conns = 32

    def reqs(self, adapter):
        raise NotImplementedError

    def verify(self, adapter):
        raise NotImplementedError

    def setup(self, adapter):
        self.verify(adapter)
        reqs = self.reqs(adapter)
        self.write(adapter, reqs)
        # What a right answer weighs, to be compared with the answers under load.
        adapter.sizes = getattr(adapter, "sizes", {})
        if all(r.method == "GET" for r in reqs):
            sample = reqs[:: max(1, len(reqs) // 20)]
            adapter.sizes[self.wid] = sum(len(adapter.client.send(r)[1]) for r in sample) / len(sample)

    def write(self, adapter, reqs):
        load.write_wrk_plan(self.plan(adapter), reqs)

    def measure(self, adapter, server, round_no):
        return load.wrk(adapter.port, self.plan(adapter), self.conns, self.ctx.seconds, self.ctx.load_cpus, round_no + 1)

    def after(self, adapter, server, res):
        want = adapter.sizes.get(self.wid)
        if want and res["ok"] and res["mb"] * 1e6 / res["ok"] < 0.7 * want:
            raise BenchError(f"{adapter.name} {self.wid}: answers under load average {res['mb'] * 1e6 / res['ok']:.0f} "
                             f"bytes, checked ones {want:.0f}")


class Slow(Wrk):
    """For requests that may take seconds: every request that was begun is waited for and counted
    (wrk drops what is in flight when its time is up)."""
    conns = 8

    def write(self, adapter, reqs):
        load.write_plan(self.plan(adapter), reqs)

    def measure(self, adapter, server, round_no):
        return load.replay(adapter.port, self.plan(adapter), self.conns, self.ctx.load_cpus, order="rand",
                           seed=round_no + 1, duration=self.ctx.seconds)


# --- writes

class Create(Wrk):
    group, collection, auth = "W1", "bench_create", False

    def __init__(self, ctx, conns):
        super().__init__(ctx)
        self.conns = conns
        self.wid = f"{self.group}.c{conns}"
        self.title = f"create, {conns} connections" + (", auth rule" if self.auth else "")

    def verify(self, adapter):
        d = adapter.data.create[0]
        n0 = self.settled_count(adapter)
        j = adapter.client.json(adapter.create_req(self.collection, d, self.auth))
        if "title" in j:
            need(j["title"] == d["title"] and j["body"] == d["body"] and j["views"] == d["views"], "create echo")
        need(adapter.count(self.collection) == n0 + 1, "create did not add a record")
        if self.auth:
            status, _ = adapter.client.send(adapter.create_req(self.collection, d, False))
            need(status in (400, 401, 403, 404), f"create without a token answered {status}")

    def reqs(self, adapter):
        return [adapter.create_req(self.collection, d, self.auth) for d in adapter.data.create]

    def settled_count(self, adapter):
        """The number of records once the requests that wrk left in flight are through."""
        last = adapter.count(self.collection)
        for _ in range(50):
            time.sleep(0.1)
            now = adapter.count(self.collection)
            if now == last:
                break
            last = now
        return last

    def measure(self, adapter, server, round_no):
        n0 = self.settled_count(adapter)
        r = super().measure(adapter, server, round_no)
        r["_before"] = n0
        return r

    def after(self, adapter, server, res):
        # wrk leaves up to `conns` requests in flight when it stops; those may be stored too.
        added = self.settled_count(adapter) - res.pop("_before")
        if not res["ok"] <= added <= res["ok"] + self.conns:
            raise BenchError(f"{adapter.name} {self.wid}: {res['ok']} creates were confirmed, {added} records were added")


class CreateRule(Create):
    group, collection, auth = "W2", "bench_rule", True


class CreateOwned(Create):
    """The same request with and without a rule."""
    group, pair, versus = "W2", "W2.rule", ("rps", "cpu_ms_per_req")

    def __init__(self, ctx, sub):
        super().__init__(ctx, 32)
        self.wid, self.collection = f"W2.{sub}", f"bench_{sub}"
        self.title = "create with a token, 32 connections, " + {
            "none": "createRule ''", "owner": "rule @request.auth.id != '' && author = @request.auth.id"}[sub]

    def verify(self, adapter):
        d, me = adapter.data.create[0], adapter.user_id
        other = adapter.client.json(adapter.login_req(adapter.data.users[1]))["record"]["id"]
        n0 = self.settled_count(adapter)
        j = adapter.client.json(adapter.owned_req(self.collection, d, me))
        need(j["title"] == d["title"] and j["body"] == d["body"] and j["author"] == me, "create echo")
        free = self.wid == "W2.none"
        for what, r in (("no token", adapter.owned_req(self.collection, d, me, auth=False)),
                        ("another's id", adapter.owned_req(self.collection, d, other))):
            status, _ = adapter.client.send(r)
            need(status == 200 if free else status in (400, 403, 404), f"create with {what} answered {status}")
        need(adapter.count(self.collection) == n0 + (3 if free else 1), "number of records after the creates")

    def reqs(self, adapter):
        return [adapter.owned_req(self.collection, d, adapter.user_id) for d in adapter.data.create]


class CreateSearched(Create):
    """The same request with and without a full-text index."""
    group, pair, versus = "W17", "W17.create", ("rps", "cpu_ms_per_req")

    def __init__(self, ctx, sub):
        super().__init__(ctx, 32)
        self.is_searched = sub == "searched"
        self.wid, self.collection = f"W17.create.{sub}", f"bench_{sub}"
        self.title = "create, 32 connections, " + ("two texts are indexed" if self.is_searched else "no text is indexed")

    def setup(self, adapter):
        if not hasattr(adapter, "text_collection") or not adapter.text_collection(self.collection, self.is_searched):
            raise BenchError(f"{adapter.name}: no full-text search")
        super().setup(adapter)


class Update(Wrk):
    group = wid = "W7"
    title = "update a random record"

    def verify(self, adapter):
        d = adapter.data.upd[17]
        adapter.client.json(adapter.update_req(d, 123456))
        need(adapter.client.json(adapter.view_upd_req(d))["views"] == 123456, "update was not stored")

    def reqs(self, adapter):
        rng = random.Random(1)
        return [adapter.update_req(d, rng.randrange(10_000)) for d in adapter.data.upd]


class Delete(Case):
    group = wid = "W8"
    title = "delete"
    conns = 32

    def setup(self, adapter):
        ids, reqs = adapter.del_pool(list(zip(D.new_ids(3, f"{adapter.name}v"), adapter.data.create)))
        for r in reqs:
            adapter.client.json(r)
        n0 = adapter.count("bench_del")
        status, _ = adapter.client.send(adapter.delete_req(ids[0]))
        need(status in (200, 204), f"delete answered {status}")
        need(adapter.count("bench_del") == n0 - 1, "delete did not remove the record")
        status, _ = adapter.client.send(adapter.delete_req(ids[0]))
        need(status >= 400, f"second delete answered {status}")
        # How many deletes last about as long as the other workloads: found out with a small pool.
        adapter.pool_size = 1500
        self.before(adapter, "calibrate")
        r = load.replay(adapter.port, self.plan(adapter), self.conns, self.ctx.load_cpus, order="once", duration=30)
        self.after(adapter, None, r)

    def measure(self, adapter, server, round_no):
        return load.replay(adapter.port, self.plan(adapter), self.conns, self.ctx.load_cpus, order="once", duration=30)

    def before(self, adapter, round_no):
        n = adapter.pool_size
        new_ids = D.new_ids(n, f"{adapter.name}{round_no}{os.getpid()}")
        docs = [(i, adapter.data.create[k % 2000]) for k, i in enumerate(new_ids)]
        ids, reqs = adapter.del_pool(docs)
        p = load.write_plan(self.plan(adapter, "-pool"), reqs)
        r = load.replay(adapter.port, p, adapter.seed_connections(), order="once", duration=120)
        need(r["errors"] == 0, f"pool for deletes: {r['first_error']}")
        load.write_plan(self.plan(adapter), [adapter.delete_req(i) for i in ids])

    def after(self, adapter, server, res):
        need(res["ok"] == adapter.pool_size, f"{res['ok']} of {adapter.pool_size} deletes succeeded")
        # the next round's pool should last for about the wanted time
        adapter.pool_size = int(min(40_000, max(2000, res["rps"] * min(2.0, self.ctx.seconds))))


class Batch(Wrk):
    group = wid = "W18"
    title = "batch of 50 creates in one transaction"
    conns = 8
    unit = "batch"

    def verify(self, adapter):
        n0 = adapter.count("bench_batch")
        j = adapter.client.json(adapter.batch_req(adapter.data.create[:50]))
        need(adapter.batch_ok(j, 50), "batch results")
        need(adapter.count("bench_batch") == n0 + 50, "batch did not add 50 records")

    def reqs(self, adapter):
        return [adapter.batch_req(adapter.data.create[k:k + 50]) for k in range(0, 2000, 50)]

    def measure(self, adapter, server, round_no):
        n0 = adapter.count("bench_batch")
        r = super().measure(adapter, server, round_no)
        added = adapter.count("bench_batch") - n0
        if not r["ok"] * 50 <= added <= (r["ok"] + self.conns) * 50:
            raise BenchError(f"{adapter.name} W18: {r['ok']} batches were confirmed, {added} records were added")
        r["extra"] = {"records_per_s": round(r["rps"] * 50)}
        return r


# --- reads

class View(Wrk):
    group = wid = "W3"
    title = "view one record by random id"

    def verify(self, adapter):
        for d in random.Random(3).sample(adapter.data.posts, 5):
            j = adapter.client.json(adapter.view_req(d))
            need(j["title"] == d["title"] and j["body"] == d["body"] and j["views"] == d["views"], "view")
            need("created" in j and "updated" in j, "view lacks the autodates")

    def reqs(self, adapter):
        return [adapter.view_req(d) for d in adapter.data.posts]


class Lists:
    def get(self, adapter, kind, arg=None):
        status, body = adapter.client.send(adapter.list_req(kind, arg))
        need(status == 200, f"list answered {status}: {body[:200]!r}")
        return adapter.parse_list(body)


class ListPage(Lists, Wrk):
    group = wid = "W4"
    title = "list 30 of 10k, no totals"

    def verify(self, adapter):
        items, _ = self.get(adapter, "page", 2)
        need(len(items) == 30 and all(i["title"] and i["body"] and "created" in i for i in items), "list page")
        need({i["id"] for i in items}.isdisjoint(i["id"] for i in self.get(adapter, "page", 3)[0]), "pages overlap")

    def reqs(self, adapter):
        return [adapter.list_req("page", p) for p in range(1, 11)]


class ListFilter(Lists, Slow):
    group = wid = "W5"
    title = "list 30 of 10k, filter, sort -created, totals"

    def verify(self, adapter):
        for x, n in adapter.data.filters[:4]:
            items, total = self.get(adapter, "filter", x)
            need(len(items) == 30 and total == n, f"filter: {len(items)} items, total {total}, expected {n}")
            need(all(i["views"] > x and i["public"] in (True, 1) for i in items), "filter not applied")
            c = [i["created"] for i in items]
            need(c == sorted(c, reverse=True), "not sorted by created")

    def reqs(self, adapter):
        return [adapter.list_req("filter", x) for x, _ in adapter.data.filters]


class ListRel(Lists, Slow):
    group = "W6"

    def __init__(self, ctx, skip=False):
        super().__init__(ctx)
        self.kind, self.wid = ("relskip", "W6.skip") if skip else ("rel", "W6")
        self.title = "list 30, filter on relation, expand, " + ("skipTotal" if skip else "totals")

    def verify(self, adapter):
        for w, n in adapter.data.rel[:4]:
            items, total = self.get(adapter, self.kind, w)
            want = -1 if self.kind == "relskip" else n
            need(len(items) == min(30, n) and total == want,
                 f"relation filter: {len(items)}, total {total}, expected {want}")
            need(all(w in adapter.expand_name(i).lower() for i in items), "expand")

    def reqs(self, adapter):
        return [adapter.list_req(self.kind, w) for w, _ in adapter.data.rel]


class Big(Lists, Slow):
    group = "W16"
    conns = 4

    def __init__(self, ctx, kind, arg, sub, title):
        super().__init__(ctx)
        self.kind, self.arg, self.wid, self.title = kind, arg, f"W16.{sub}", title
        if kind == "bigneedle":
            self.conns = 2

    def verify(self, adapter):
        items, total = self.get(adapter, self.kind, self.arg)
        want = adapter.data.n_needle if self.kind == "bigneedle" else D.N_BIG
        need(total == want, f"{self.wid}: total {total}, expected {want}")
        need(len(items) == (1 if self.kind == "bigcount" else 30), f"{self.wid}: {len(items)} items")
        if self.kind == "bigneedle":
            need(all(D.NEEDLE in i["title"] for i in items), "needle filter")

    def reqs(self, adapter):
        if self.kind == "big":
            return [adapter.list_req("big", self.arg + k) for k in range(5)]
        return [adapter.list_req(self.kind, self.arg)]


class Search(Lists, Slow):
    group = wid = "W17"
    title = "search a word in 2 text fields of 100k records"
    conns = 2

    def setup(self, adapter):
        # A word and a space: a whole word, as if something else was to follow. What the reference finds is a part of one.
        if not adapter.opts.get("search") and hasattr(adapter, "index_texts"):
            seconds = adapter.index_texts("big", ["title", "body"])
            if seconds is not None:
                adapter.opts["search"] = "/api/collections/big/records?perPage=30&search={q}%20"
                print(f"{adapter.name}: indexed {D.N_BIG} records in {seconds:.1f} s", flush=True)
        super().setup(adapter)

    def verify(self, adapter):
        custom = bool(adapter.opts.get("search"))
        for s in (adapter.data.search[0], adapter.data.search[12]):
            items, total = self.get(adapter, "search", s["word"])
            need(len(items) == 30, f"search {s['word']}: {len(items)} items")
            need(all(s["word"] in (i["title"] + " " + i["body"]).lower() for i in items), "search: word not in result")
            # a tokenised search may report no total, or count whole words; TrailBase's $like minds the case
            ok = total in (s["like"], s["tokens"]) or (custom and total < 0) or \
                (adapter.kind == "trailbase" and total == s["like_cs"])
            need(ok, f"search {s['word']}: total {total}, expected {s['like']}")

    def reqs(self, adapter):
        return [adapter.list_req("search", s["word"]) for s in adapter.data.search]


class Teams(Lists, Slow):
    """A list rule over a multiple relation, asked by a guest. The rule is set anew by each of these cases."""
    group = "W19"
    conns = 1
    pages = (1, 2)

    def __init__(self, ctx, sub, rule):
        super().__init__(ctx)
        self.wid, self.rule = f"W19.{sub}", rule
        self.title = f"list 30 of 100k, list rule {rule}, totals"

    def setup(self, adapter):
        adapter.set_list_rule("teamdocs", self.rule)
        # Each answer may take the server seconds: the checked ones also tell what a right one weighs.
        want = adapter.data.any_active if self.wid == "W19.any" else adapter.data.all_active
        seen, size, reqs = set(), 0, self.reqs(adapter)
        for r in reqs:
            status, body = adapter.client.send(r)
            need(status == 200, f"list answered {status}: {body[:200]!r}")
            items, total = adapter.parse_list(body)
            need(total == len(want), f"{self.wid}: total {total}, expected {len(want)}")
            need(len(items) == 30, f"{self.wid}: {len(items)} items")
            need(all(i["id"] in want and i["title"] and i["members"] for i in items), f"{self.wid}: rule not applied")
            seen |= {i["id"] for i in items}
            size += len(body)
        need(len(seen) == 30 * len(reqs), "pages overlap")
        adapter.sizes = getattr(adapter, "sizes", {})
        adapter.sizes[self.wid] = size / len(reqs)
        self.write(adapter, reqs)

    def reqs(self, adapter):
        return [adapter.list_req("teams", p) for p in self.pages]


class ViewUnderScans(View):
    """Views of single records, alone and while others keep the server scanning."""
    group, pair, versus = "W20", "W20", ("rps", "p99_ms")
    conns = 16
    scans = 6

    def __init__(self, ctx, flood):
        super().__init__(ctx)
        self.flood, self.wid = flood, "W20.flood" if flood else "W20.alone"
        self.title = f"view one record by random id, {self.conns} connections, " + \
            (f"beside {self.scans} connections that scan big" if flood else "alone")

    def setup(self, adapter):
        super().setup(adapter)
        if self.flood:
            s = adapter.data.search[0]
            status, body = adapter.client.send(adapter.list_req("scan", s["word"]))
            need(status == 200, f"scan answered {status}")
            items, total = adapter.parse_list(body)
            like = s["like_cs"] if adapter.kind == "trailbase" else s["like"]
            need(len(items) == 30 and total == like, f"scan: {len(items)} items, total {total}, expected {like}")
            load.write_plan(self.plan(adapter, "-scans"),
                            [adapter.list_req("scan", s["word"]) for s in adapter.data.search])

    def measure(self, adapter, server, round_no):
        if not self.flood:
            return super().measure(adapter, server, round_no)
        with load.Flood(adapter.port, self.plan(adapter, "-scans"), self.scans, self.ctx.seconds, self.ctx.load_cpus,
                        round_no + 1) as flood:
            r = super().measure(adapter, server, round_no)
        if not r["ok"]:
            raise BenchError(f"no view was answered within {self.ctx.seconds} s beside the scans")
        f = flood.result
        r["errors"] += f["errors"]
        r["extra"] = {"scans_per_s": f["rps"], "scan_p50_ms": f["p50_ms"], "scan_p99_ms": f["p99_ms"],
                      "scan_errors": f["errors"]}
        r["load_seconds"] = f["seconds"]
        return r


# --- auth

class Refresh(Wrk):
    group = wid = "W9"
    title = "auth-refresh with a user token"

    def verify(self, adapter):
        need(adapter.client.json(adapter.refresh_req()), "refresh")
        bad = adapter.refresh_req()
        h = dict(bad.headers, **({"Authorization": bad.headers["Authorization"][:-3] + "xyz"}
                                 if "Authorization" in bad.headers else {}))
        body = bad.body if "Authorization" in bad.headers else b'{"refresh_token":"nonsense"}'
        status, _ = adapter.client.send(bad._replace(headers=h, body=body))
        need(status >= 400, f"a bad token was answered with {status}")

    def reqs(self, adapter):
        return [adapter.refresh_req()]


class Login(Case):
    group = wid = "W10"
    title = "auth-with-password (20 logins, 2 at a time)"
    unit = "login"

    def setup(self, adapter):
        need(adapter.login_ok(adapter.client.json(adapter.login_req(adapter.data.users[1]))), "login")
        bad = adapter.login_req(adapter.data.users[0])
        status, _ = adapter.client.send(bad._replace(body=bad.body.replace(b"bench-password-1", b"bench-password-2")))
        need(status >= 400, f"a wrong password was answered with {status}")
        load.write_plan(self.plan(adapter), [adapter.login_req(u) for u in adapter.data.users])

    def measure(self, adapter, server, round_no):
        return load.replay(adapter.port, self.plan(adapter), 2, self.ctx.load_cpus, order="once", duration=60)


class ViewUnderLogins(Case):
    """Views of single records at a fixed rate, alone and while others keep the server hashing passwords."""
    group, pair, versus = "W21", "W21", ("p99_ms",)
    rate = 500
    logins = 250

    def __init__(self, ctx, flood):
        super().__init__(ctx)
        self.flood, self.wid = flood, "W21.flood" if flood else "W21.alone"
        self.title = f"view one record by random id, open loop at {self.rate}/s, " + \
            (f"beside {self.logins} connections that sign in" if flood else "alone")

    def setup(self, adapter):
        load.write_plan(self.plan(adapter), [adapter.view_req(d) for d in adapter.data.posts])
        if self.flood:
            load.write_plan(self.plan(adapter, "-logins"), [adapter.login_req(u) for u in adapter.data.users])

    def measure(self, adapter, server, round_no):
        def views():
            return load.replay(adapter.port, self.plan(adapter), 16, self.ctx.load_cpus, duration=self.ctx.seconds,
                               rate=self.rate)
        if not self.flood:
            return views()
        with load.Flood(adapter.port, self.plan(adapter, "-logins"), self.logins, self.ctx.seconds, self.ctx.load_cpus,
                        round_no + 1) as flood:
            r = views()
        f = flood.result
        r["errors"] += f["errors"]
        r["extra"] = {"logins_per_s": f["rps"], "login_p50_ms": f["p50_ms"], "login_p99_ms": f["p99_ms"],
                      "login_errors": f["errors"]}
        r["load_seconds"] = f["seconds"]
        return r


# --- mixed

def mixed(adapter):
    """60% views, 30% lists, 5% creates, 5% updates, in a fixed shuffled order."""
    rng = random.Random(11)
    out = []
    for _ in range(4000):
        u = rng.random()
        if u < 0.6:
            out.append(adapter.view_req(rng.choice(adapter.data.posts))._replace(cls=1))
        elif u < 0.9:
            out.append(adapter.list_req("page", rng.randrange(1, 11))._replace(cls=1))
        elif u < 0.95:
            out.append(adapter.create_req("bench_create", rng.choice(adapter.data.create))._replace(cls=2))
        else:
            out.append(adapter.update_req(rng.choice(adapter.data.upd), rng.randrange(10_000))._replace(cls=2))
    return out


class MixedRate(Case):
    group, wid = "W11", "W11.rate"

    def __init__(self, ctx):
        super().__init__(ctx)
        self.title = f"mixed 90% reads 10% writes, open loop at {ctx.mixed_rate}/s"

    def setup(self, adapter):
        load.write_plan(self.plan(adapter), mixed(adapter))

    def measure(self, adapter, server, round_no):
        r = load.replay(adapter.port, self.plan(adapter), 64, self.ctx.load_cpus, duration=self.ctx.seconds,
                        rate=self.ctx.mixed_rate)
        c = r["classes"]
        r["extra"] = {f"{n}_{p}_ms": c[k][f"{p}_us"] / 1e3 for k, n in (("1", "read"), ("2", "write"))
                      if k in c for p in ("p50", "p99")}
        return r


class MixedMax(Wrk):
    group, wid = "W11", "W11.max"
    title = "mixed 90% reads 10% writes, closed loop, 32 connections"

    def verify(self, adapter):
        pass

    def reqs(self, adapter):
        return mixed(adapter)


# --- files

class Upload(Case):
    group, wid = "W13", "W13.up"
    title = "upload a 100 KB file (multipart), 8 connections"

    def setup(self, adapter):
        r = adapter.upload_req("bench_files", "blob.bin", "application/octet-stream", adapter.data.blob)
        j = adapter.client.json(r)
        status, got = adapter.client.send(adapter.download_req(j))
        need(status == 200 and got == adapter.data.blob, f"uploaded file came back with {status}, {len(got)} bytes")
        load.write_plan(self.plan(adapter), [r])

    def measure(self, adapter, server, round_no):
        # The number is bounded so that no server's rate fills the disk's write-back queue.
        return load.replay(adapter.port, self.plan(adapter), 8, self.ctx.load_cpus,
                           duration=min(2.0, self.ctx.seconds), max=3000)


class Download(Wrk):
    group, wid = "W13", "W13.down"
    title = "download a 100 KB file, 16 connections"
    conns = 16

    def verify(self, adapter):
        adapter.files = []
        for k in range(8):
            upload = adapter.upload_req("bench_files", f"b{k}.bin", "application/octet-stream", adapter.data.blob)
            j = adapter.client.json(upload)
            status, got = adapter.client.send(adapter.download_req(j))
            need(status == 200 and got == adapter.data.blob, "download")
            adapter.files.append(j)

    def reqs(self, adapter):
        return [adapter.download_req(j) for j in adapter.files]


def is_image(b):
    return b[:3] == b"\xff\xd8\xff" or b[:8] == b"\x89PNG\r\n\x1a\n" or b[8:12] == b"WEBP"


class ThumbFirst(Case):
    group, wid = "W14", "W14.first"
    title = "thumb, first generation (1600x1200 JPEG, 3 sizes)"
    unit = "thumb"

    def setup(self, adapter):
        self.before(adapter, -1)
        status, got = adapter.client.send(adapter.thumbs[0])
        need(status == 200 and is_image(got) and len(got) < 60_000, f"thumb answered {status}, {len(got)} bytes")

    def before(self, adapter, round_no):
        from .adapters import THUMBS
        imgs = []
        for k in range(8):
            content = open(adapter.data.images[k % 4], "rb").read()
            imgs.append(adapter.client.json(adapter.upload_req("bench_img", f"p{k}.jpg", "image/jpeg", content)))
        adapter.thumbs = [adapter.download_req(j, "bench_img", t) for t in THUMBS for j in imgs]
        load.write_plan(self.plan(adapter), adapter.thumbs)

    def measure(self, adapter, server, round_no):
        return load.replay(adapter.port, self.plan(adapter), 2, self.ctx.load_cpus, order="once", duration=60)


class ThumbCached(Wrk):
    group, wid = "W14", "W14.cached"
    title = "thumb, cached, 16 connections"
    conns = 16

    def verify(self, adapter):
        if not getattr(adapter, "thumbs", None):
            ThumbFirst(self.ctx).setup(adapter)
        for r in adapter.thumbs:
            status, got = adapter.client.send(r)
            need(status == 200 and is_image(got), f"thumb answered {status}")
        self.kept = list(adapter.thumbs)

    def reqs(self, adapter):
        return self.kept


# --- start-up and memory

class ColdStart(Case):
    group = wid = "W15"
    title = "start to first healthy response, idle RSS, RSS after load"
    unit = "start"
    manages_server = True

    def measure(self, adapter, server, round_no):
        if not hasattr(adapter, "rss_after_load"):
            adapter.rss_after_load = server.rss()
        times, cpu, rss = [], [], []
        for _ in range(5):
            server.stop()
            times.append(server.start(self.ctx.server_cpus))
            cpu.append(server.cpu())
            time.sleep(0.4)
            rss.append(server.rss())
        times.sort()
        return {"ok": len(times), "errors": 0, "rps": 1 / statistics.median(times), "seconds": sum(times),
                "p50_ms": statistics.median(times) * 1e3, "p99_ms": times[-1] * 1e3,
                "cpu_s": statistics.median(cpu) * len(times),
                "extra": {"idle_rss_mb": round(statistics.median(rss), 1),
                          "rss_after_load_mb": round(adapter.rss_after_load, 1)}}


def all_cases(ctx):
    from . import realtime  # it builds on this module
    return [
        Create(ctx, 32), Create(ctx, 256), CreateRule(ctx, 32),
        CreateOwned(ctx, "none"), CreateOwned(ctx, "owner"), View(ctx), ListPage(ctx), ListFilter(ctx),
        ListRel(ctx), ListRel(ctx, skip=True), Update(ctx), Delete(ctx), Refresh(ctx), Login(ctx), MixedRate(ctx), MixedMax(ctx),
        realtime.Realtime(ctx), realtime.Identities(ctx), realtime.Owners(ctx), realtime.Idle(ctx),
        Upload(ctx), Download(ctx), ThumbFirst(ctx), ThumbCached(ctx),
        Big(ctx, "big", 1, "p1", "100k table, page 1, totals"),
        Big(ctx, "big", 1000, "p1000", "100k table, page 1000, totals"),
        Big(ctx, "bigneedle", D.NEEDLE, "like", "100k table, filter on unindexed text (LIKE), totals"),
        Big(ctx, "bigcount", None, "count", "100k table, full count, 1 item"),
        Search(ctx), CreateSearched(ctx, "unsearched"), CreateSearched(ctx, "searched"), Batch(ctx),
        Teams(ctx, "all", "members.active = true"), Teams(ctx, "any", "members.active ?= true"),
        Teams(ctx, "neq", "members.active != false"),
        ViewUnderScans(ctx, False), ViewUnderScans(ctx, True),
        ViewUnderLogins(ctx, False), ViewUnderLogins(ctx, True), ColdStart(ctx),
    ]
