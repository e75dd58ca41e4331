"""The workloads of realtime subscriptions (W12)."""
import resource

from . import data as D
from . import load
from .load import Client
from .procs import BenchError
from .workloads import Case, need


class Realtime(Case):
    """Everybody hears every record: no identities, an empty rule."""
    group = wid = "W12"
    unit = "event"
    collection = "bench_rt"
    owned = False  # create K is for subscriber K only, modulo their number
    burst_seconds = None

    def __init__(self, ctx):
        super().__init__(ctx)
        self.subs, self.creates = ctx.subs, ctx.creates
        self.title = f"realtime: {self.subs} subscribers, {self.creates} creates"

    def fields(self, adapter, k):
        """Of the k-th record, beside its number."""
        return {}

    def burst_size(self):
        return self.creates

    def setup(self, adapter):
        with open(self.plan(adapter, "-connect"), "wb") as f:
            f.write(load.raw(adapter.rt_connect()))
        self.write(adapter, self.creates, self.burst_size())

    def write(self, adapter, n, burst):
        req = lambda k: adapter.rt_create_req(k, self.collection, **self.fields(adapter, k))
        load.write_plan(self.plan(adapter), map(req, range(n)))
        load.write_plan(self.plan(adapter, "-burst"), map(req, range(n, n + burst)))

    def run(self, adapter, **options):
        """One run of the load generator."""
        if self.burst_seconds:
            options = {"burst_seconds": self.burst_seconds, **options}
        return load.loadgen("sse", self.ctx.load_cpus, **{**dict(
            port=adapter.port, subs=self.subs, kind=adapter.sse_kind, connect=self.plan(adapter, "-connect"),
            plan=self.plan(adapter), burst=self.plan(adapter, "-burst"), topic=self.collection + "/*",
            owned=int(self.owned), timeout=5, budget=12), **options})

    def measure(self, adapter, server, round_no):
        d = self.run(adapter)
        # Not slow or incomplete but wrong: there is nothing to compare then.
        need(d["strays"] == 0, f"{d['strays']} events reached somebody they are not for")
        lost = d["phase1_expected"] - d["phase1_events"] + d["burst_expected"] - d["burst_events"]
        return {"ok": d["phase1_events"] + d["burst_events"], "errors": d["errors"] + max(0, lost),
                "rps": d["events_per_s"], "seconds": d["phase1_s"] + d["burst_s"],
                "p50_ms": d["send_to_last"]["p50_us"] / 1e3, "p99_ms": d["send_to_last"]["p99_us"] / 1e3,
                "extra": {"after_response_p50_ms": d["response_to_last"]["p50_us"] / 1e3,
                          "after_response_p99_ms": d["response_to_last"]["p99_us"] / 1e3,
                          "create_p50_ms": d["create"]["p50_us"] / 1e3, "lost_events": lost,
                          "duplicates": max(0, -lost), "sequential_creates": d["creates"]}}


class WithIdentities(Realtime):
    """Every subscriber is somebody else, and the list rule asks who."""

    def setup(self, adapter):
        self.people = adapter.rt_people(self.subs)
        super().setup(adapter)
        with open(self.plan(adapter, "-headers"), "w") as f:
            f.writelines(f"Authorization: {token}\n" for _, token in self.people)
        self.verify(adapter)

    def verify(self, adapter):
        """A record that is one person's reaches that person, and nobody else."""
        d = self.private_run(adapter)
        need(d["strays"] == 0, f"{d['strays']} events reached somebody they are not for")
        need(d["phase1_events"] == d["phase1_expected"] == 4 and d["errors"] == 0,
             f"{d['phase1_events']} of 4 events reached those they are for, {d['errors']} errors")

    def private_run(self, adapter):
        private = lambda k: adapter.rt_create_req(k, self.collection, owner=self.people[k % 3][0])
        check = self.plan(adapter, "-check")
        load.write_plan(check, map(private, range(4)))
        load.write_plan(check + "-burst", [private(4)])
        return self.run(adapter, subs=3, owned=1, plan=check, burst=check + "-burst")

    def run(self, adapter, **options):
        return super().run(adapter, headers=self.plan(adapter, "-headers"), **options)


class Identities(WithIdentities):
    """What the rule costs where it lets everybody through: W12 is the same without."""
    group = wid = "W12.ids"
    collection = "bench_rt_ids"

    def __init__(self, ctx):
        super().__init__(ctx)
        self.title = f"realtime: {self.subs} subscribers, each somebody else, {self.creates} creates, " \
                     "list rule that lets through what is shared or the caller's"

    def fields(self, adapter, k):
        return {"shared": True}


class Owners(WithIdentities):
    """What a create costs that one of many subscribers may see."""
    group = wid = "W12.owner"
    unit = "create"
    collection = "bench_rt_owner"
    owned = True

    def __init__(self, ctx):
        super().__init__(ctx)
        self.burst_seconds = ctx.seconds
        self.title = f"realtime: {self.subs} subscribers, each hears the creates of its own, " \
                     "list rule owner = @request.auth.id"

    def fields(self, adapter, k):
        return {"owner": self.people[k % self.subs][0]}

    def burst_size(self):
        return int(20_000 * max(1.0, self.ctx.seconds))  # more than fits into that time


class Idle(Case):
    """What a connection costs that nothing happens on. The server is started anew: memory that other cases left with it
    would be used first."""
    group = wid = "W12.idle"
    unit = "connection"
    manages_server = True

    def __init__(self, ctx):
        super().__init__(ctx)
        # Server and load generator need some files besides; both inherit the limit.
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        self.n = ctx.idle if files == resource.RLIM_INFINITY else min(ctx.idle, files - 500)
        self.title = f"realtime: {self.n} idle subscribers, each with a connection and a subscription"

    def setup(self, adapter):
        with open(self.plan(adapter, "-connect"), "wb") as f:
            f.write(load.raw(adapter.rt_connect()))

    def held(self, adapter, n):
        return load.HeldStreams(self.ctx.load_cpus, port=adapter.port, subs=n, kind=adapter.sse_kind,
                                connect=self.plan(adapter, "-connect"), topic="bench_rt/*")

    def measure(self, adapter, server, round_no):
        server.note_peak()
        server.stop()
        # Larder's limit for one address is there to stop just this. Older ones do not know the variable and do not start.
        env, server.env = server.env, {**server.env, **adapter.idle_env(self.n)}
        try:
            server.start(self.ctx.server_cpus)
            adapter.client = Client(adapter.port)
            return self.hold(adapter, server)
        finally:
            server.env = env
            server.stop()
            server.start(self.ctx.server_cpus)

    def hold(self, adapter, server):
        # The first connections load and make what all of them share.
        with self.held(adapter, min(100, self.n)):
            pass
        server.settle()
        before, cpu = server.rss(), server.cpu()
        with self.held(adapter, self.n) as streams:
            server.settle()
            after = server.rss()
        d = streams.result
        if streams.closed:
            raise BenchError(f"{streams.closed} of {self.n} idle connections were closed")
        return {"ok": self.n, "errors": 0, "rps": self.n / d["setup_s"], "seconds": d["setup_s"],
                "p50_ms": d["connect"]["p50_us"] / 1e3, "p99_ms": d["connect"]["p99_us"] / 1e3, "cpu_s": server.cpu() - cpu,
                "peak_rss_mb": server.peak_rss(),
                "extra": {"kb_per_connection": (after - before) * 1024 / self.n, "rss_before_mb": before, "rss_held_mb": after}}
