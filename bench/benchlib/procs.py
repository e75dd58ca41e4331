"""Server processes, CPU and memory accounting, noise from other processes."""
import os
import resource
import shlex
import signal
import socket
import subprocess
import time

HZ = os.sysconf("SC_CLK_TCK")


class BenchError(Exception):
    pass


def clean_env(extra=None):
    """The environment for a server: LARDER_* would be taken for its configuration, and LARDER_BIN is ours."""
    return {**{k: v for k, v in os.environ.items() if not k.startswith("LARDER_")}, **(extra or {})}


class Server:
    """One server under test. Its pid is kept from Popen; nothing else is ever signalled."""

    def __init__(self, name, argv, port, cwd, log_path, health, env=None):
        self.name, self.argv, self.port, self.cwd = name, argv, port, cwd
        self.log_path, self.health, self.env = log_path, health, env or {}
        self.proc = None
        self.run_peak_mb = 0.0  # highest resident set over the whole run, restarts included

    @property
    def pid(self):
        return self.proc.pid

    def start(self, cpus=None, timeout=60):
        """Starts the server and waits for a healthy answer; returns the seconds that took."""
        if port_open(self.port):
            raise BenchError(f"{self.name}: port {self.port} is already in use")
        argv = self.argv
        if cpus:
            argv = ["taskset", "-c", cpus] + argv
        log = open(self.log_path, "ab")
        env = clean_env(self.env)
        req = (f"GET {self.health} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n").encode()
        t0 = time.perf_counter()
        self.proc = subprocess.Popen(argv, cwd=self.cwd, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                     env=env, start_new_session=True)
        log.close()
        while True:
            t = time.perf_counter()
            if self.proc.poll() is not None:
                tail = open(self.log_path, errors="replace").read()[-1500:]
                raise BenchError(f"{self.name} exited with {self.proc.returncode}:\n{tail}")
            if t - t0 > timeout:
                self.stop()
                raise BenchError(f"{self.name} was not healthy within {timeout} s")
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=5) as s:
                    s.sendall(req)
                    if s.recv(64).split(b" ")[1:2] == [b"200"]:
                        return time.perf_counter() - t0
            except OSError:
                pass
            time.sleep(0.001)

    def stop(self):
        if self.proc is None:
            return
        if self.proc.poll() is None:
            self.note_peak()
            self.proc.send_signal(signal.SIGTERM)
            try:
                self.proc.wait(10)
            except subprocess.TimeoutExpired:
                self.proc.kill()
                self.proc.wait(10)
        self.proc = None

    def alive(self):
        return self.proc is not None and self.proc.poll() is None

    def cpu(self):
        """CPU seconds (user + system) used by the process so far."""
        with open(f"/proc/{self.pid}/stat", "rb") as f:
            s = f.read()
        fields = s[s.rindex(b")") + 2:].split()
        return (int(fields[11]) + int(fields[12])) / HZ

    def _status(self, key):
        with open(f"/proc/{self.pid}/status") as f:
            for line in f:
                if line.startswith(key):
                    return int(line.split()[1]) / 1024
        return 0.0

    def rss(self):
        return self._status("VmRSS:")

    def peak_rss(self):
        return self._status("VmHWM:")

    def note_peak(self):
        """Remembers the kernel's high-water mark before it is reset or lost with the process."""
        self.run_peak_mb = max(self.run_peak_mb, self.peak_rss())
        return self.run_peak_mb

    def reset_peak(self):
        self.note_peak()
        try:
            with open(f"/proc/{self.pid}/clear_refs", "w") as f:
                f.write("5")
        except OSError:
            pass  # the peak then is the one since start

    def settle(self, max_s=1.5):
        """Waits until the server stops using CPU (deferred log and checkpoint work)."""
        end = time.time() + max_s
        last = self.cpu()
        while time.time() < end:
            time.sleep(0.12)
            now = self.cpu()
            if now - last <= 0.01:
                return
            last = now


def port_open(port):
    with socket.socket() as s:
        s.settimeout(0.5)
        return s.connect_ex(("127.0.0.1", port)) == 0


def expand(template, **kw):
    return [a.format(**kw) for a in shlex.split(template)]


def busy_total():
    """Machine-wide CPU seconds (processes with their softirqs), and steal."""
    with open("/proc/stat") as f:
        v = [int(x) for x in f.readline().split()[1:]]
    return (v[0] + v[1] + v[2] + v[5] + v[6]) / HZ, v[7] / HZ


def own_cpu():
    a = resource.getrusage(resource.RUSAGE_SELF)
    b = resource.getrusage(resource.RUSAGE_CHILDREN)
    return a.ru_utime + a.ru_stime + b.ru_utime + b.ru_stime


def children_cpu():
    """CPU seconds of finished child processes: the load generators."""
    b = resource.getrusage(resource.RUSAGE_CHILDREN)
    return b.ru_utime + b.ru_stime


class Noise:
    """CPU used by processes that are neither the servers under test nor the harness, in cores."""

    def __init__(self, servers):
        self.servers = [s for s in servers if s.alive()]

    def __enter__(self):
        self.t0, (self.b0, self.s0), self.o0 = time.time(), busy_total(), own_cpu()
        self.c0 = sum(s.cpu() for s in self.servers)
        return self

    def __exit__(self, *a):
        dt = max(time.time() - self.t0, 1e-6)
        b, s = busy_total()
        ours = (own_cpu() - self.o0) + sum(x.cpu() for x in self.servers if x.alive()) - self.c0
        self.foreign = max(0.0, (b - self.b0 - ours) / dt)
        self.steal = (s - self.s0) / dt


def wait_quiet(servers, threshold=0.12, max_s=30.0):
    """Waits until foreign processes use less than `threshold` cores; returns the seconds waited."""
    t0 = time.time()
    while True:
        with Noise(servers) as n:
            time.sleep(0.2)
        if n.foreign < threshold or time.time() - t0 > max_s:
            return time.time() - t0
        time.sleep(0.3)
