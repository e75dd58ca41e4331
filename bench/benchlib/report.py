"""Medians, ratios, and tables."""
import statistics

REFS = ("pocketbase", "limit")  # ratios are to the first server of the first of these kinds that took part
KEYS = ("rps", "p50_ms", "p99_ms", "cpu_ms_per_req", "peak_rss_mb", "cpu_busy", "gen_busy", "foreign")


def ref_name(names):
    return next((n for ref in REFS for n in names if n.startswith(ref)), None)


def quiet(r):
    """Was the machine ours during this measurement?"""
    return r["foreign"] < 0.15 and r["steal"] < 0.1


def summary(all_runs):
    """Medians over the undisturbed measurements; over all of them if there are none."""
    runs = [r for r in all_runs if quiet(r)] or all_runs
    s = {k: statistics.median(r[k] for r in runs) for k in KEYS if all(k in r for r in runs)}
    s["errors"] = sum(r["errors"] for r in all_runs)
    s["used"] = f"{len(runs)}/{len(all_runs)}" + ("" if any(quiet(r) for r in runs) else "!")
    rates = [r["rps"] for r in runs]
    s["spread"] = (max(rates) - min(rates)) / s["rps"] if s["rps"] else 0.0
    s["foreign_max"] = max(r["foreign"] for r in runs)
    s["steal_max"] = max(r["steal"] for r in runs)
    s["n"] = sum(r["ok"] for r in runs)
    extra = {}
    for k in runs[0].get("extra", {}):
        extra[k] = statistics.median(r["extra"][k] for r in runs)
    s["extra"] = extra
    return s


def ratios(first, entry, keys):
    """Of each server that took part in both cases: the medians of its figures in this one over those in the first,
    round by round, in rounds that were undisturbed if there are any."""
    out = {}
    for n, runs in entry["runs"].items():
        firsts = {r["round"]: r for r in first["runs"].get(n, [])}
        both = [(firsts[r["round"]], r) for r in runs if r["round"] in firsts]
        both = [p for p in both if quiet(p[0]) and quiet(p[1])] or both
        found = {k: [b[k] / a[k] for a, b in both if a.get(k) and k in b] for k in keys}
        if both:
            out[n] = {k: statistics.median(v) for k, v in found.items() if v}
    return out


def versus_text(entry, name):
    """What `ratios` found, in words."""
    v = entry.get("versus")
    if not v or name not in v["ratios"]:
        return ""
    label = {"rps": "rate", "p99_ms": "p99", "cpu_ms_per_req": "CPU"}
    return f"over {v['wid']}: " + ", ".join(f"{label[k]} × {x:.2f}" for k, x in v["ratios"][name].items())


def notes(entry, name, s):
    return "; ".join(t for t in (versus_text(entry, name), extra_text(s["extra"])) if t)


def num(x):
    if x >= 1000:
        return f"{x:,.0f}"
    if x >= 100:
        return f"{x:.0f}"
    if x >= 10:
        return f"{x:.1f}"
    if x >= 0.1 or x == 0:
        return f"{x:.2f}"
    return f"{x:.3f}"


def pct(s, k):
    return f"{s[k] * 100:.0f}" if k in s else ""


def extra_text(e):
    return ", ".join(f"{k} {num(v)}" for k, v in e.items() if v or k.endswith("ms"))


def rows(entry, names):
    ref = ref_name(entry["runs"])
    base = summary(entry["runs"][ref]) if ref else None
    out = []
    for n in names:
        if n in entry["runs"]:
            s = summary(entry["runs"][n])
            ratio = cpu = tail = None
            if base and n != ref:
                ratio = s["rps"] / base["rps"] if base["rps"] else None
                cpu = base["cpu_ms_per_req"] / s["cpu_ms_per_req"] if s["cpu_ms_per_req"] > 0 else None
                tail = base["p99_ms"] / s["p99_ms"] if s["p99_ms"] > 0 else None
            out.append((n, s, ratio, cpu, tail))
    return out


def case_lines(entry, names):
    lines = [f"\n[{entry['mode']}] {entry['wid']}  {entry['title']}"]
    lines.append(f"  {'server':<16}{entry['unit'] + '/s':>11}{'p50 ms':>9}{'p99 ms':>9}{'err':>5}{'CPU s/1k':>10}"
                 f"{'peak MB':>9}{'srv%':>6}{'gen%':>6}{'spread':>8}{'noise':>7}{'used':>6}{'x rate':>8}{'x CPU':>7}{'x p99':>7}")
    x = lambda v: "" if v is None else f"{v:.2f}"
    for n, s, ratio, cpu, tail in rows(entry, names):
        lines.append(f"  {n:<16}{num(s['rps']):>11}{num(s['p50_ms']):>9}{num(s['p99_ms']):>9}{s['errors']:>5}"
                     f"{s['cpu_ms_per_req']:>10.3f}{s['peak_rss_mb']:>9.0f}{pct(s, 'cpu_busy'):>6}{pct(s, 'gen_busy'):>6}{s['spread'] * 100:>7.0f}%"
                     f"{s['foreign_max']:>7.2f}{s['used']:>6}{x(ratio):>8}{x(cpu):>7}{x(tail):>7}")
        if notes(entry, n, s):
            lines.append(" " * 18 + notes(entry, n, s))
    for n, e in entry["failed"].items():
        lines.append(f"  {n:<16} FAILED {e}")
    return "\n".join(lines)


def merge(docs):
    """One document out of several: a case of a later file replaces that of an earlier one."""
    out = docs[0]
    out.setdefault("parts", [{k: out.get(k) for k in ("date", "argv", "wall_s", "rounds", "seconds", "machine")}])
    for d in docs[1:]:
        out["parts"].append({k: d.get(k) for k in ("date", "argv", "wall_s", "rounds", "seconds", "machine")})
        for n, s in d["servers"].items():
            out["servers"].setdefault(n, s)
        out["cases"].update(d["cases"])
    order = lambda n: (not n.startswith(REFS[0]), n.startswith("trailbase"), n.startswith("limit"), n)
    out["servers"] = {n: out["servers"][n] for n in sorted(out["servers"], key=order)}
    return out


def compact(doc, mode):
    """One row per workload: rate, p99 and CPU of each server, and the rate over the reference's."""
    names = list(doc["servers"])
    out = ["| workload | " + " | ".join(names) + " |", "|---|" + "---|" * len(names)]
    for c in doc["cases"].values():
        if c["mode"] != mode:
            continue
        cells = {}
        for n, s, ratio, cpu, tail in rows(c, names):
            if c["wid"] == "W15":
                e = s["extra"]
                cells[n] = (f"{num(s['p50_ms'])} ms, idle {num(e['idle_rss_mb'])} MB, "
                            f"after load {num(e['rss_after_load_mb'])} MB")
                continue
            if c["wid"] == "W12.idle":
                cells[n] = f"{num(s['extra']['kb_per_connection'])} KB per connection"
                continue
            rate = "" if c["wid"] == "W11.rate" else f"{num(s['rps'])}/s, "
            cells[n] = f"{rate}p99 {num(s['p99_ms'])} ms, {num(s['cpu_ms_per_req'])} ms CPU"
            if s["used"].endswith("!"):
                cells[n] += " (disturbed)"
            if ratio is not None and rate:
                cells[n] += f", **{num(ratio)}×**"
            if versus_text(c, n):
                cells[n] += f" ({versus_text(c, n)})"
        out.append(f"| **{c['wid']}** {c['title']} | " + " | ".join(cells.get(n, "") for n in names) + " |")
    return out


def markdown(doc):
    m = doc["machine"]
    out = [f"Run {doc['date']} UTC: {doc['rounds']} rounds of {doc['seconds']} s, servers interleaved within each "
           f"round; wall time {doc.get('wall_s', '?')} s. Machine: {m['cpu']}, {m['cores']} cores, {m['mem_gb']} GB, "
           f"Linux {m['kernel']}; load average {m['load_at_start'][0]:.2f} at start"
           + (f", {m['load_at_end'][0]:.2f} at end." if "load_at_end" in m else "."), "",
           "| server | version | binary MB | seeding s | RSS after start, MB | highest RSS of the run, MB |",
           "|---|---|---:|---:|---:|---:|"]
    if "parts" in doc:
        out[0] = "Merged from: " + "; ".join(
            f"{p['date']} UTC ({p['rounds']} rounds of {p['seconds']} s, {p.get('wall_s', '?')} s wall, load average "
            f"{p['machine']['load_at_start'][0]:.2f} at start)" for p in doc["parts"]) + \
            f". Machine: {m['cpu']}, {m['cores']} cores, {m['mem_gb']} GB, Linux {m['kernel']}."
    for n, s in doc["servers"].items():
        peak = max((v for k, v in s.items() if k.startswith("run_peak_rss_")), default=None)
        out.append(f"| {n} | {s['version']} | {s['binary_mb']:.0f} | {s['seed_s']:.1f} | {s['idle_rss_mb']:.0f} | "
                   f"{'' if peak is None else f'{peak:.0f}'} |")
    names = list(doc["servers"])
    ref = ref_name(names) or "reference"
    for mode in ("pinned", "shared"):
        cases = [c for c in doc["cases"].values() if c["mode"] == mode]
        if not cases:
            continue
        out += ["", f"### In short ({mode}): rate, p99, server CPU per request, rate over that of {ref}", ""]
        out += compact(doc, mode)
        head = {"pinned": "Pinned: server on cpu 0, load generator on cpu 1 (rates are per core)",
                "shared": "Shared: server and load generator both on both cores"}[mode]
        out += ["", f"### {head}", "",
                "| workload | server | per s | p50 ms | p99 ms | errors | CPU s per 1000 | peak RSS MB | server/load CPU % "
                f"| spread | noise | used | rate × {ref} | CPU saved × | p99 better × |",
                "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"]
        x = lambda v: "" if v is None else f"{v:.2f}"
        for c in cases:
            first = f"**{c['wid']}** {c['title']}"
            for n, s, ratio, cpu, tail in rows(c, names):
                out.append(f"| {first} | {n} | {num(s['rps'])} | {num(s['p50_ms'])} | {num(s['p99_ms'])} | {s['errors']} | "
                           f"{s['cpu_ms_per_req']:.3f} | {s['peak_rss_mb']:.0f} | {pct(s, 'cpu_busy')}/{pct(s, 'gen_busy')} | {s['spread'] * 100:.0f}% | "
                           f"{s['foreign_max']:.2f} | {s['used']} | {x(ratio)} | {x(cpu)} | {x(tail)} |")
                if notes(c, n, s):
                    out.append(f"| | ↳ {notes(c, n, s)} | | | | | | | | | | | | | |")
                first = ""
            for n, e in c["failed"].items():
                out.append(f"| {first} | {n} | failed: {e[:160]} | | | | | | | | | | | | |".replace("\n", " "))
                first = ""
    return "\n".join(out) + "\n"
