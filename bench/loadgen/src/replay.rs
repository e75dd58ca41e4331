//! Replays raw HTTP requests from a plan file.
//!
//! Plan: repeated records of u8 class, u16 expected status (LE, 0 = any 2xx), u32 length (LE), bytes.
//! Orders: `seq` (cycle until the time is up), `rand` (random pick until the time is up), `once`
//! (each request exactly once, until exhausted or the time is up).
//! --rate R switches to open loop: request i is due at start + i/R. A request which is sent late
//! because all connections were busy is timed from when it was due, so a stalled server cannot
//! hide its stall (no coordinated omission).
use crate::{fail, gen::Rng, hist, hist_json, http::Conn, target, Args};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

pub struct Req {
    pub class: u8,
    pub expect: u16,
    pub bytes: Vec<u8>,
}

pub fn load_plan(path: &str) -> Vec<Req> {
    let data = std::fs::read(path).unwrap_or_else(|e| fail(&format!("{path}: {e}")));
    let mut out = Vec::new();
    let mut p = 0;
    while p < data.len() {
        if p + 7 > data.len() {
            fail("truncated plan");
        }
        let class = data[p];
        let expect = u16::from_le_bytes([data[p + 1], data[p + 2]]);
        let len = u32::from_le_bytes([data[p + 3], data[p + 4], data[p + 5], data[p + 6]]) as usize;
        p += 7;
        if p + len > data.len() {
            fail("truncated plan");
        }
        out.push(Req { class, expect, bytes: data[p..p + len].to_vec() });
        p += len;
    }
    if out.is_empty() {
        fail("empty plan");
    }
    out
}

pub fn status_ok(expect: u16, got: u16) -> bool {
    if expect == 0 {
        (200..300).contains(&got)
    } else {
        got == expect
    }
}

struct State {
    next: u64,
    rng: Rng,
    ok: u64,
    errors: u64,
    bytes: u64,
    first_error: Option<String>,
    all: hdrhistogram::Histogram<u64>,
    by_class: Vec<Option<hdrhistogram::Histogram<u64>>>,
    statuses: std::collections::BTreeMap<u16, u64>,
    last_done: Instant,
}

pub async fn run(args: &Args) {
    let addr = target(args);
    let plan = Rc::new(load_plan(&args.str("plan")));
    let conns: usize = args.num("conns", 8);
    let duration = Duration::from_secs_f64(args.num("duration", 3.0));
    let order = args.opt("order").unwrap_or_else(|| "seq".into());
    let rate: f64 = args.num("rate", 0.0);
    let limit: u64 = match order.as_str() {
        "once" => plan.len() as u64,
        _ => args.num("max", u64::MAX),
    };
    let random = order == "rand";

    // Connect first: connection set-up is not what is measured.
    let mut cs = Vec::new();
    for _ in 0..conns {
        let mut c = Conn::new(addr);
        if let Err(e) = c.ensure().await {
            fail(&e);
        }
        cs.push(c);
    }
    let start = Instant::now();
    let end = start + duration;
    let st = Rc::new(RefCell::new(State {
        next: 0,
        rng: Rng::new(args.num("seed", 1)),
        ok: 0,
        errors: 0,
        bytes: 0,
        first_error: None,
        all: hist(),
        by_class: (0..256).map(|_| None).collect(),
        statuses: Default::default(),
        last_done: start,
    }));
    let mut tasks = Vec::new();
    for mut c in cs {
        let (st, plan) = (st.clone(), plan.clone());
        tasks.push(tokio::task::spawn_local(async move {
            loop {
                let (idx, due) = {
                    let mut s = st.borrow_mut();
                    if s.next >= limit {
                        return;
                    }
                    let k = s.next;
                    let due = if rate > 0.0 { Some(start + Duration::from_secs_f64(k as f64 / rate)) } else { None };
                    if due.unwrap_or_else(Instant::now) >= end {
                        return;
                    }
                    s.next += 1;
                    let i =
                        if random { s.rng.below(plan.len() as u64) as usize } else { (k % plan.len() as u64) as usize };
                    (i, due)
                };
                let t0 = match due {
                    None => Instant::now(),
                    Some(d) => {
                        if Instant::now() < d {
                            // The timer ticks in ms; time spent in it is not the server's.
                            tokio::time::sleep_until(d.into()).await;
                            Instant::now()
                        } else {
                            d
                        }
                    }
                };
                let r = &plan[idx];
                let res = c.call(&r.bytes, None).await;
                let now = Instant::now();
                let us = (now - t0).as_micros().max(1) as u64;
                let mut s = st.borrow_mut();
                s.last_done = s.last_done.max(now);
                match res {
                    Ok((code, n)) => {
                        *s.statuses.entry(code).or_insert(0) += 1;
                        s.bytes += n as u64;
                        if status_ok(r.expect, code) {
                            s.ok += 1;
                        } else {
                            s.errors += 1;
                            if s.first_error.is_none() {
                                s.first_error = Some(format!("status {code}"));
                            }
                        }
                        s.all.saturating_record(us);
                        s.by_class[r.class as usize].get_or_insert_with(hist).saturating_record(us);
                    }
                    Err(e) => {
                        s.errors += 1;
                        if s.first_error.is_none() {
                            s.first_error = Some(e);
                        }
                        if s.errors > 1000 {
                            return;
                        }
                    }
                }
            }
        }));
    }
    for t in tasks {
        let _ = t.await;
    }
    let s = st.borrow();
    let elapsed = (s.last_done - start).as_secs_f64().max(1e-9);
    let classes: serde_json::Map<String, serde_json::Value> =
        s.by_class.iter().enumerate().filter_map(|(i, h)| h.as_ref().map(|h| (i.to_string(), hist_json(h)))).collect();
    println!(
        "{}",
        serde_json::json!({
            "ok": s.ok, "errors": s.errors, "first_error": s.first_error, "bytes": s.bytes,
            "elapsed_s": elapsed, "rps": s.ok as f64 / elapsed,
            "latency": hist_json(&s.all), "classes": classes,
            "statuses": s.statuses.iter().map(|(k, v)| (k.to_string(), *v)).collect::<std::collections::BTreeMap<_, _>>(),
        })
    );
}
