//! Uploads that nobody means well: a 4xx in the envelope or a save that is right, and nothing left behind.

use std::time::Duration;

use reqwest::Method;
use reqwest::multipart::Form;
use serde_json::{Value as Json, json};
use tokio::io::AsyncWriteExt as _;

use super::raw::{END, changed, connect, exchange, head, part, read_answer, send};
use super::{DOCS, arriving, await_named, await_stored, await_that, docs, file};
use crate::server::{TestServer, config};

const FORM: &str = "multipart/form-data; boundary=b";

/// Asserts that an error looks like one.
#[track_caller]
fn is_refusal(case: &str, status: u16, body: &Json) {
    assert!((400..500).contains(&status), "{case}: {status} {body}");
    assert_eq!(body["status"], status, "{case}: {body}");
    assert!(body["message"].is_string() && body["data"].is_object(), "{case}: {body}");
}

#[tokio::test]
async fn names_of_files() {
    let server = TestServer::start();
    let (_, collection) = docs(&server).await;
    let guest = server.guest();
    let long = format!("{}.txt", "x".repeat(300));
    for name in [
        "..",
        ".",
        "...",
        "/",
        "../../../../etc/passwd",
        "..\\..\\windows\\system.ini",
        "C:\\x.txt",
        "a/../../b.txt",
        "\u{202e}gpj.exe",
        "\u{200f}abc\u{202d}.txt",
        &long,
        "CON",
        "con.txt",
        "NUL.",
        "COM1.tar.gz",
        "LPT9 .txt",
        "aux",
        ".htaccess",
        "..%2f..%2fx.txt",
        "%00.txt",
        "a;b=c.txt",
        "'; rm -rf ~; '.txt",
        "<script>.txt",
        "data.db",
        " ",
        "thumbs_x/20x10_x.png",
        "x.txt.attrs",
        "\t.txt",
        "日本語",
        "a\u{0}b.txt\u{0}",
    ] {
        let body = [part("many", name, b"content"), END.to_vec()].concat();
        let answer = send(&guest, FORM, body).await;
        if answer.status != 200 {
            is_refusal(name, answer.status.as_u16(), &answer.body);
            // A header cannot hold it; everything else can be stored under some name.
            assert!(name.contains('\0'), "{name}: {}", answer.text);
            continue;
        }
        let stored = answer.body["many"][0].as_str().unwrap_or_else(|| panic!("{name}: {}", answer.text));
        assert!(stored.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.*-+=#".contains(&b)), "{name}: {stored}");
        assert!(!stored.starts_with('.') && !stored.contains("..") && stored.len() <= 150, "{name}: {stored}");
        let url = format!("/api/files/docs/{}/{stored}", answer.body["id"].as_str().unwrap());
        assert_eq!(guest.get(&url).await.text, "content", "{name}");
    }
    await_named(&server, &collection).await;
    let data = server.folder.path().join("data");
    let outside: Vec<_> = std::fs::read_dir(server.folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(outside.iter().all(|path| *path == data || path.ends_with("public")), "{outside:?}");
}

#[tokio::test]
async fn bodies_that_are_no_forms() {
    let server = TestServer::start();
    let (_, collection) = docs(&server).await;
    let guest = server.guest();
    let text = |text: &str| text.replace('\n', "\r\n").into_bytes();
    let good = || [part("many", "a.txt", b"x"), END.to_vec()].concat();
    let disposition = "Content-Disposition: form-data; name=\"many\"; filename=\"a.txt\"";
    let long = format!("multipart/form-data; boundary={}", "b".repeat(5000));
    let nested = "--b\nContent-Disposition: form-data; name=\"many\"; filename=\"n.txt\"\n\
                  Content-Type: multipart/mixed; boundary=c\n\n--c\n\nin\n--c--\n--b--\n";
    let cases: Vec<(&str, &str, Vec<u8>)> = vec![
        ("no boundary", "multipart/form-data", good()),
        ("empty boundary", "multipart/form-data; boundary=", good()),
        ("another boundary", "multipart/form-data; boundary=other", good()),
        ("a boundary that is no token", "multipart/form-data; boundary=\"", good()),
        ("empty", FORM, Vec::new()),
        ("no parts at all", FORM, b"just text".to_vec()),
        ("half a boundary", FORM, b"--".to_vec()),
        ("cut off in the headers", FORM, text(&format!("--b\n{disposition}"))),
        ("cut off in the content", FORM, text(&format!("--b\n{disposition}\n\nabc"))),
        ("cut off in the boundary", FORM, text(&format!("--b\n{disposition}\n\nabc\n--"))),
        ("no headers", FORM, text("--b\n\nabc\n--b--\n")),
        ("no disposition", FORM, text("--b\nContent-Type: text/plain\n\nabc\n--b--\n")),
        ("another disposition", FORM, text("--b\nContent-Disposition: attachment; name=\"one\"\n\nabc\n--b--\n")),
        ("no name", FORM, text("--b\nContent-Disposition: form-data; filename=\"a.txt\"\n\nabc\n--b--\n")),
        ("no colon", FORM, text("--b\nContent-Disposition form-data\n\nabc\n--b--\n")),
        ("binary header", FORM, [b"--b\r\nContent-Disposition: \x00\xff\r\n\r\nabc\r\n".as_slice(), END].concat()),
        ("length that is no number", FORM, text(&format!("--b\n{disposition}\nContent-Length: -1\n\nabc\n--b--\n"))),
        ("length too long", FORM, text(&format!("--b\n{disposition}\nContent-Length: 99999\n\nabc\n--b--\n"))),
        (
            "length beyond numbers",
            FORM,
            text(&format!("--b\n{disposition}\nContent-Length: 99999999999999999999\n\na\n--b--\n")),
        ),
        ("200 headers", FORM, text(&format!("--b\n{disposition}\n{}\nabc\n--b--\n", "X: y\n".repeat(200)))),
        ("100 KB header", FORM, text(&format!("--b\n{disposition}\nX: {}\n\nabc\n--b--\n", "y".repeat(100_000)))),
        ("long boundary that does not come", &long, good()),
        ("boundary that never ends", FORM, [b"--".to_vec(), vec![b'b'; 1 << 20]].concat()),
        ("a form in a form", FORM, text(nested)),
        ("a file field as text", FORM, text("--b\nContent-Disposition: form-data; name=\"one\"\n\n../../x\n--b--\n")),
        ("a file without a name", FORM, part("one", "", b"abc").into_iter().chain(END.to_vec()).collect()),
    ];
    for (case, content_type, body) in cases {
        let answer = send(&guest, content_type, body).await;
        is_refusal(case, answer.status.as_u16(), &answer.body);
        guest.get("/api/health").await.expect(200);
    }
    assert_eq!(guest.get(DOCS).await.expect(200)["totalItems"], 0);
    await_stored(&server, &[]).await;
    // Odd, and well formed.
    let long = format!("multipart/form-data; boundary={}", "b".repeat(200));
    let swapped =
        "--b\nCONTENT-TYPE: image/png\ncontent-disposition: form-data; filename=\"a.txt\"; name=many\n\nin\n--b--\n";
    let several = [part("one", "a.txt", b"first"), part("one", "b.txt", b"in"), END.to_vec()].concat();
    let around = [b"preamble\r\n".to_vec(), part("one", "a.txt", b"in"), END.to_vec(), b"epilogue".to_vec()].concat();
    let unknown = [part("none", "a.txt", b"x"), part("one", "a.txt", b"in"), END.to_vec()].concat();
    let other = part("one", "a.txt", b"in").into_iter().chain(END.to_vec()).collect::<Vec<u8>>();
    let other = String::from_utf8(other).unwrap().replace("--b", &format!("--{}", "b".repeat(200)));
    for (case, content_type, body) in [
        ("long boundary", long.as_str(), other.into_bytes()),
        ("odd order and case", FORM, text(swapped)),
        ("two files for one", FORM, several),
        ("text around the parts", FORM, around),
        ("a file for no field", FORM, unknown),
    ] {
        let answer = send(&guest, content_type, body).await;
        assert_eq!(answer.status, 200, "{case}: {}", answer.text);
        let made = answer.body;
        let name = made["one"].as_str().filter(|name| !name.is_empty()).or_else(|| made["many"][0].as_str());
        let name = name.unwrap_or_else(|| panic!("{case}: {made}"));
        let answer = guest.get(&format!("/api/files/docs/{}/{name}", made["id"].as_str().unwrap())).await;
        assert!(answer.text.contains("in"), "{case}: {}", answer.text);
    }
    await_named(&server, &collection).await;
}

#[tokio::test]
async fn many_parts() {
    let server = TestServer::start();
    let (_, collection) = docs(&server).await;
    let guest = server.guest();
    let text = b"--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nx\r\n";
    for (case, part, count, status) in [
        ("texts", text.to_vec(), 60_000, 400),
        ("files", part("many", "a.txt", b"x"), 5000, 413),
        ("files just below the limit", part("many", "a.txt", b"x"), 1000, 400),
        ("files of an unknown field", part("none", "a.txt", b"x"), 5000, 200),
    ] {
        let body = [part.repeat(count), END.to_vec()].concat();
        let answer = send(&guest, FORM, body).await;
        assert_eq!(answer.status.as_u16(), status, "{case}: {}", answer.text);
        guest.get("/api/health").await.expect(200);
    }
    await_named(&server, &collection).await;
}

#[tokio::test]
async fn lengths_that_lie() {
    let server = TestServer::start();
    let (_, collection) = docs(&server).await;
    let body = [part("one", "a.txt", b"content"), END.to_vec()].concat();
    let length = |n: usize| head(&format!("Content-Length: {n}"));
    let chunked = |body: &[u8]| [format!("{:x}\r\n", body.len()).as_bytes(), body, b"\r\n0\r\n\r\n"].concat();
    let by_chunks = || head("Transfer-Encoding: chunked");
    let both = head(&format!("Content-Length: {}\r\nTransfer-Encoding: chunked", body.len()));
    for (case, head, body, status) in [
        ("right", length(body.len()), body.clone(), Some(200)),
        ("chunked", by_chunks(), chunked(&body), Some(200)),
        ("too short", length(body.len() - 20), body.clone(), Some(400)),
        ("nothing", length(0), body.clone(), Some(400)),
        ("too long", length(body.len() + 1), body.clone(), None),
        ("absent", head("X: y"), body.clone(), Some(400)),
        ("no number", head("Content-Length: x"), body.clone(), Some(400)),
        ("negative", head("Content-Length: -5"), body.clone(), Some(400)),
        ("two", head("Content-Length: 5\r\nContent-Length: 6"), body.clone(), Some(400)),
        ("both", both, chunked(&body), Some(400)),
        ("chunk that does not end", by_chunks(), [b"ffffff\r\n".as_slice(), &body].concat(), None),
        ("chunk of no length", by_chunks(), [b"zz\r\n".as_slice(), &body].concat(), Some(400)),
    ] {
        let answer = exchange(&server.base, &[head.as_bytes(), &body].concat(), status.is_none()).await;
        // Who says that more comes and hangs up may or may not be answered.
        match (answer, status) {
            (Some((answered, _)), Some(status)) => assert_eq!(answered, status, "{case}"),
            (Some((answered, body)), None) => is_refusal(case, answered, &body),
            (None, status) => assert_eq!(status, None, "{case}: not answered"),
        }
        server.guest().get("/api/health").await.expect(200);
    }
    assert_eq!(server.guest().get(DOCS).await.expect(200)["totalItems"], 2);
    await_named(&server, &collection).await;
}

#[tokio::test]
async fn many_clients_leave_half_way() {
    let server = TestServer::start();
    docs(&server).await;
    let data = server.folder.path().join("data");
    let start = [head("Content-Length: 4000000").into_bytes(), part("many", "a.txt", &vec![b'x'; 600_000])].concat();
    let mut sockets = Vec::new();
    for _ in 0..60 {
        let mut socket = connect(&server.base).await;
        socket.write_all(&start).await.unwrap();
        sockets.push(socket);
    }
    await_that(&data, || arriving(&data).len() == sockets.len()).await;
    assert_eq!(arriving(&data).len(), sockets.len(), "not all uploads began");
    server.guest().get("/api/health").await.expect(200);
    drop(sockets);
    await_stored(&server, &[]).await;
    server.guest().get("/api/health").await.expect(200);
}

#[tokio::test]
async fn who_may_not_write_gets_nothing_on_the_disk() {
    let server = TestServer::start();
    let (root, collection) = docs(&server).await;
    let spool = server.folder.path().join("data/storage/.uploads");
    let before = changed(&spool);
    root.patch("/api/collections/docs", json!({"createRule": null})).await.expect(200);
    let start = [head("Content-Length: 4000000").into_bytes(), part("many", "a.txt", &vec![b'x'; 600_000])].concat();
    let mut socket = connect(&server.base).await;
    // Answered before everything was sent.
    let _ = socket.write_all(&start).await;
    let (status, body) = read_answer(&mut socket).await.unwrap();
    assert_eq!((status, &body["status"]), (403, &json!(403)));
    let form = || Form::new().part("many", file("a.txt", vec![b'x'; 600_000]));
    server.guest().submit(Method::POST, DOCS, form()).await.expect(403);
    assert_eq!(changed(&spool), before, "something was spooled");
    // Whoever may write does leave traces there.
    root.submit(Method::POST, DOCS, form()).await.expect(200);
    assert_ne!(changed(&spool), before);
    root.patch("/api/collections/docs", json!({"createRule": ""})).await.expect(200);
    await_named(&server, &collection).await;
}

/// The room that large files have is theirs alone: everything else of a body is kept in memory.
#[tokio::test]
async fn only_files_may_be_as_large_as_files() {
    let folder = tempfile::tempdir().unwrap();
    let config = larder::config::Config { max_body_mb: 1, ..config(&folder) };
    let server = TestServer::with(folder, config);
    let (_, collection) = docs(&server).await;
    let guest = server.guest();
    let large = 3 << 20;
    let text = Form::new().text("title", "x".repeat(large));
    guest.submit(Method::POST, DOCS, text).await.expect(413);
    let texts = (0..30).fold(Form::new(), |form, _| form.text("title", "x".repeat(large / 30)));
    guest.submit(Method::POST, DOCS, texts).await.expect(413);
    guest.post(DOCS, json!({"title": "x".repeat(large)})).await.expect(413);
    guest.submit(Method::POST, DOCS, Form::new().part("many", file("a.bin", vec![b'x'; large]))).await.expect(200);
    await_named(&server, &collection).await;
}

#[tokio::test]
async fn bodies_without_a_length_end_where_they_have_to() {
    let folder = tempfile::tempdir().unwrap();
    let config = larder::config::Config { max_body_mb: 1, ..config(&folder) };
    let server = TestServer::with(folder, config);
    let (root, collection) = docs(&server).await;
    // No more than 2 MB are room for files.
    root.open_collection("small", json!([{"name": "one", "type": "file", "maxSelect": 1, "maxSize": 1_000_000}])).await;
    let header = format!("X: {}\r\n", "y".repeat(50_000));
    for (case, start, again) in [
        ("text before the first part", "", "line\r\n".repeat(10_000)),
        ("headers", "", format!("--b\r\nContent-Disposition: form-data; name=\"none\"\r\n{header}\r\nx\r\n")),
        ("a file", "--b\r\nContent-Disposition: form-data; name=\"one\"; filename=\"a\"\r\n\r\n", "x".repeat(60_000)),
        (
            "a file of no field",
            "--b\r\nContent-Disposition: form-data; name=\"none\"; filename=\"a\"\r\n\r\n",
            "x".repeat(60_000),
        ),
    ] {
        let mut socket = connect(&server.base).await;
        let head = head("Transfer-Encoding: chunked").replace("/docs/", "/small/");
        socket.write_all(head.as_bytes()).await.unwrap();
        let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len());
        if !start.is_empty() {
            socket.write_all(chunk(start).as_bytes()).await.unwrap();
        }
        // Whatever is sent, the server says at some point that it is too much.
        let (mut reader, mut writer) = socket.into_split();
        let sending = tokio::spawn(async move {
            let chunk = format!("{:x}\r\n{again}\r\n", again.len());
            for _ in 0..1000 {
                if writer.write_all(chunk.as_bytes()).await.is_err() {
                    return;
                }
            }
        });
        let mut answer = [0; 12];
        let read =
            tokio::time::timeout(Duration::from_mins(1), tokio::io::AsyncReadExt::read_exact(&mut reader, &mut answer));
        assert!(read.await.unwrap().is_ok(), "{case}: no answer");
        assert_eq!(&answer, b"HTTP/1.1 413", "{case}");
        sending.abort();
        server.guest().get("/api/health").await.expect(200);
    }
    await_named(&server, &collection).await;
}
