//! Realtime fan-out. Every subscriber is a connection of its own. Created records carry a number
//! in `"bseq":K`, by which a delivery is recognised, whatever the server's event format is.
//!
//! Phase 1: creates one at a time, each after the last one reached everybody it is for.
//! Phase 2: burst creates over a few connections, until there are no more or `--burst-seconds` are over; deliveries per second.
//!
//! A create is for every subscriber; with `--owned 1`, create K is for subscriber K modulo their number and nobody else.
//! `--headers FILE` has one line for each subscriber, a header of its requests. With `--hold 1` there are no creates: what
//! is idle stays open until standard input ends.
use crate::{fail, hist, hist_json, http, http::Conn, replay::load_plan, replay::status_ok, target, Args};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::io::AsyncReadExt;

struct Shared {
    counts: Vec<u32>, // deliveries per seq, to those it is for
    strays: u64,      // deliveries to others
    last: Vec<Option<Instant>>,
    total: u64,
    ready: usize,
    closed: usize,
    client_ids: Vec<Option<String>>,
    wake: Rc<tokio::sync::Notify>,
    wait_seq: usize,
    wait_total: u64,
    subs: usize,
    owned: bool,
    asked: Vec<Option<Instant>>, // when each subscriber asked for its stream
    h_connect: hdrhistogram::Histogram<u64>,
}

impl Shared {
    /// How many subscribers a create is for.
    fn audience(&self) -> u32 {
        if self.owned {
            1
        } else {
            self.subs as u32
        }
    }

    fn is_ready(&mut self, i: usize) {
        self.ready += 1;
        if let Some(asked) = self.asked[i] {
            self.h_connect.saturating_record(asked.elapsed().as_micros().max(1) as u64);
        }
        self.wake.notify_one();
    }
}

pub async fn run(args: &Args) {
    let addr = target(args);
    let subs: usize = args.num("subs", 500);
    let kind = args.str("kind"); // pb: connect, then POST the topic with the client id; plain: GET is enough
    let connect_req = std::fs::read(args.str("connect")).unwrap_or_else(|e| fail(&e.to_string()));
    let hold = args.num("hold", 0) == 1;
    let owned = args.num("owned", 0) == 1;
    let plan_of = |key| if hold { Vec::new() } else { load_plan(&args.str(key)) };
    let (seq_plan, burst_plan) = (plan_of("plan"), plan_of("burst"));
    let burst_s = Duration::from_secs_f64(args.num("burst-seconds", 3600.0));
    let headers: Vec<String> = match args.opt("headers") {
        None => vec![String::new(); subs],
        Some(path) => {
            let text = std::fs::read_to_string(path).unwrap_or_else(|e| fail(&e.to_string()));
            text.lines().map(|line| format!("{line}\r\n")).collect()
        }
    };
    if headers.len() < subs {
        fail(&format!("{} lines of headers for {subs} subscribers", headers.len()));
    }
    let n_seq = seq_plan.len();
    let n_all = n_seq + burst_plan.len();
    let topic = args.opt("topic").unwrap_or_default();
    let max_wait = Duration::from_secs_f64(args.num("timeout", 5.0));
    let budget = Duration::from_secs_f64(args.num("budget", 20.0));

    let wake = Rc::new(tokio::sync::Notify::new());
    let sh = Rc::new(RefCell::new(Shared {
        counts: vec![0; n_all],
        strays: 0,
        last: vec![None; n_all],
        total: 0,
        ready: 0,
        closed: 0,
        client_ids: vec![None; subs],
        wake: wake.clone(),
        wait_seq: usize::MAX,
        wait_total: u64::MAX,
        subs,
        owned,
        asked: vec![None; subs],
        h_connect: hist(),
    }));

    let t_setup = Instant::now();
    let Some(request_line) = connect_req.strip_suffix(b"\r\n") else { fail("--connect is no request without a body") };
    for (i, header) in headers.iter().take(subs).enumerate() {
        let mut c = Conn::new(addr);
        sh.borrow_mut().asked[i] = Some(Instant::now());
        if let Err(e) = c.start(&[request_line, header.as_bytes(), b"\r\n"].concat()).await {
            fail(&format!("subscriber {i}: {e}"));
        }
        let sock = c.into_socket().expect("socket");
        tokio::task::spawn_local(reader(i, sock, sh.clone(), kind == "pb"));
    }
    wait_until(&sh, &wake, Duration::from_secs(20), |s| s.ready == subs || s.closed > 0).await;
    {
        let s = sh.borrow();
        if s.ready != subs {
            fail(&format!("only {} of {subs} subscribers connected", s.ready));
        }
    }
    if kind == "pb" {
        let ids: Vec<String> = sh.borrow().client_ids.iter().map(|x| x.clone().unwrap_or_default()).collect();
        let mut c = Conn::new(addr);
        for (id, header) in ids.iter().zip(&headers) {
            let body = serde_json::json!({"clientId": id, "subscriptions": [topic]}).to_string();
            let req = format!(
                "POST /api/realtime HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{header}Content-Length: {}\r\n\r\n{body}",
                body.len()
            );
            match c.call(req.as_bytes(), None).await {
                Ok((204, _)) | Ok((200, _)) => {}
                Ok((code, _)) => fail(&format!("subscribe answered {code}")),
                Err(e) => fail(&format!("subscribe: {e}")),
            }
        }
    }
    let setup_s = t_setup.elapsed().as_secs_f64();
    if hold {
        return held(subs, setup_s, &sh).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;

    // Phase 1
    let audience = sh.borrow().audience();
    let (mut h_resp, mut h_send, mut h_create) = (hist(), hist(), hist());
    let mut errors = 0u64;
    let mut done_seq = 0usize;
    let mut c = Conn::new(addr);
    let began = Instant::now();
    for (k, r) in seq_plan.iter().enumerate() {
        if began.elapsed() > budget {
            break;
        }
        sh.borrow_mut().wait_seq = k;
        let t0 = Instant::now();
        let ok = match c.call(&r.bytes, None).await {
            Ok((code, _)) => status_ok(r.expect, code),
            Err(_) => false,
        };
        let t1 = Instant::now();
        if !ok {
            errors += 1;
            continue;
        }
        let full = wait_until(&sh, &wake, max_wait, |s| s.counts[k] >= audience).await;
        done_seq += 1;
        if !full {
            errors += 1;
            continue;
        }
        let last = sh.borrow().last[k].unwrap_or(t1);
        h_create.saturating_record((t1 - t0).as_micros().max(1) as u64);
        h_send.saturating_record((last - t0).as_micros().max(1) as u64);
        h_resp.saturating_record(last.saturating_duration_since(t1).as_micros().max(1) as u64);
    }
    let phase1_s = began.elapsed().as_secs_f64();

    // Phase 2
    let burst_conns: usize = args.num("burst-conns", 8);
    let before = sh.borrow().total;
    sh.borrow_mut().wait_seq = usize::MAX;
    let plan = Rc::new(burst_plan);
    let next = Rc::new(RefCell::new((0usize, 0u64)));
    let tb = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..burst_conns {
        let (plan, next) = (plan.clone(), next.clone());
        tasks.push(tokio::task::spawn_local(async move {
            let mut c = Conn::new(addr);
            loop {
                let i = {
                    let mut n = next.borrow_mut();
                    if n.0 >= plan.len() || tb.elapsed() > burst_s {
                        return;
                    }
                    n.0 += 1;
                    n.0 - 1
                };
                let ok = match c.call(&plan[i].bytes, None).await {
                    Ok((code, _)) => status_ok(plan[i].expect, code),
                    Err(_) => false,
                };
                if !ok {
                    next.borrow_mut().1 += 1;
                }
            }
        }));
    }
    for t in tasks {
        let _ = t.await;
    }
    let creates_s = tb.elapsed().as_secs_f64();
    let (sent, failed) = *next.borrow();
    let expected = (sent as u64 - failed) * u64::from(audience);
    let want = before + expected;
    sh.borrow_mut().wait_total = want;
    wait_until(&sh, &wake, Duration::from_secs(10), |s| s.total >= want).await;
    // What comes to somebody else may come last.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let s = sh.borrow();
    let delivered = s.total - before;
    let last = s.last[n_seq..].iter().flatten().max().copied().unwrap_or(tb);
    let burst_s = (last - tb).as_secs_f64().max(1e-9);
    errors += failed;
    println!(
        "{}",
        serde_json::json!({
            "subs": subs, "setup_s": setup_s, "errors": errors, "creates": done_seq,
            "create": hist_json(&h_create),
            "send_to_last": hist_json(&h_send), "response_to_last": hist_json(&h_resp),
            "phase1_s": phase1_s,
            "phase1_events": before, "phase1_expected": done_seq as u64 * u64::from(audience),
            "burst_creates": sent, "burst_creates_s": creates_s,
            "burst_events": delivered, "burst_expected": expected, "strays": s.strays,
            "burst_s": burst_s, "events_per_s": delivered as f64 / burst_s,
            "closed": s.closed,
        })
    );
}

/// Says that everybody is connected and subscribed, and keeps them so until standard input ends.
async fn held(subs: usize, setup_s: f64, sh: &Rc<RefCell<Shared>>) {
    println!("{}", serde_json::json!({"subs": subs, "setup_s": setup_s, "connect": hist_json(&sh.borrow().h_connect)}));
    // On a thread of its own: this one keeps reading the streams.
    let (end, ended) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        let _ = end.send(());
    });
    let _ = ended.await;
    println!("{}", serde_json::json!({"closed": sh.borrow().closed}));
}

async fn wait_until(
    sh: &Rc<RefCell<Shared>>,
    wake: &Rc<tokio::sync::Notify>,
    max: Duration,
    cond: impl Fn(&Shared) -> bool,
) -> bool {
    let end = Instant::now() + max;
    loop {
        if cond(&sh.borrow()) {
            return true;
        }
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return false;
        }
        let _ = tokio::time::timeout(left.min(Duration::from_millis(200)), wake.notified()).await;
    }
}

async fn reader(i: usize, mut sock: tokio::net::TcpStream, sh: Rc<RefCell<Shared>>, pb: bool) {
    let mut buf = vec![0u8; 16 * 1024];
    let mut head: Vec<u8> = Vec::new();
    let mut chunked: Option<http::Chunked> = None;
    let mut in_body = false;
    let mut line: Vec<u8> = Vec::new();
    loop {
        let n = match sock.read(&mut buf).await {
            Ok(0) | Err(_) => {
                let mut s = sh.borrow_mut();
                s.closed += 1;
                s.wake.notify_one();
                return;
            }
            Ok(n) => n,
        };
        let mut body: Vec<u8> = Vec::new();
        if !in_body {
            head.extend_from_slice(&buf[..n]);
            match http::parse_head(&head) {
                Ok(None) => continue,
                Err(e) => fail(&e),
                Ok(Some(h)) => {
                    if h.status != 200 {
                        fail(&format!("event stream answered {}", h.status));
                    }
                    in_body = true;
                    if h.chunked {
                        chunked = Some(Default::default());
                    }
                    let rest = head[h.header_len..].to_vec();
                    if !pb {
                        sh.borrow_mut().is_ready(i);
                    }
                    decode(&mut chunked, &rest, &mut body);
                }
            }
        } else {
            decode(&mut chunked, &buf[..n], &mut body);
        }
        for &b in &body {
            if b != b'\n' {
                line.push(b);
                continue;
            }
            on_line(i, &line, &sh, pb);
            line.clear();
        }
    }
}

fn decode(ch: &mut Option<http::Chunked>, inp: &[u8], out: &mut Vec<u8>) {
    match ch {
        None => out.extend_from_slice(inp),
        Some(c) => {
            if let Err(e) = c.feed(inp, |b| out.extend_from_slice(b)) {
                fail(&e);
            }
        }
    }
}

fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len()).position(|w| w == needle)
}

fn on_line(i: usize, line: &[u8], sh: &Rc<RefCell<Shared>>, pb: bool) {
    if !line.starts_with(b"data:") {
        return;
    }
    if let Some(p) = find(line, b"\"bseq\":") {
        let mut k = 0usize;
        for &b in &line[p + 7..] {
            if !b.is_ascii_digit() {
                break;
            }
            k = k * 10 + (b - b'0') as usize;
        }
        let now = Instant::now();
        let mut s = sh.borrow_mut();
        if s.owned && k % s.subs != i {
            s.strays += 1;
        } else if k < s.counts.len() {
            s.counts[k] += 1;
            s.last[k] = Some(now);
            s.total += 1;
            if (s.wait_seq == k && s.counts[k] >= s.audience()) || s.total >= s.wait_total {
                s.wake.notify_one();
            }
        }
    } else if pb {
        if let Some(p) = find(line, b"\"clientId\":\"") {
            let rest = &line[p + 12..];
            let e = rest.iter().position(|&b| b == b'"').unwrap_or(rest.len());
            let mut s = sh.borrow_mut();
            if s.client_ids[i].is_none() {
                s.client_ids[i] = Some(String::from_utf8_lossy(&rest[..e]).into_owned());
                s.is_ready(i);
            }
        }
    }
}
