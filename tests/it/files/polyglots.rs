//! Files that are several things at once, or pass for another: a browser runs none of them.

use reqwest::Method;
use reqwest::multipart::Form;
use serde_json::json;

use super::{DOCS, file};
use crate::server::TestServer;

/// Types that a browser shows in place without running anything.
const HARMLESS: [&str; 8] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/bmp",
    "image/x-icon",
    "application/pdf",
    "audio/mpeg",
];

/// How a file may be called.
const NAMES: [&str; 20] = [
    "x.svg",
    "x.html",
    "x.htm",
    "x.xhtml",
    "x.js",
    "x.mjs",
    "x.css",
    "x.xml",
    "x.svgz",
    "x.swf",
    "x.png",
    "x.jpg",
    "x.gif",
    "x.pdf",
    "x.mp3",
    "x.html.png",
    "x.png.svg",
    "x.SVG",
    "x.hTmL",
    "x",
];

#[tokio::test]
async fn nothing_that_can_run_is_shown_in_place() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let fields = json!([{"name": "files", "type": "file", "maxSelect": 99, "thumbs": ["20x10"]}]);
    root.open_collection("docs", fields).await;
    let guest = server.guest();
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    let html = "<!DOCTYPE html><script>alert(1)</script>";
    let late = format!("{}{html}", " \n".repeat(2000));
    let xhtml = format!("<?xml version=\"1.0\"?><html xmlns=\"http://www.w3.org/1999/xhtml\">{html}</html>");
    let entity =
        "<?xml version=\"1.0\"?><?xml-stylesheet href=\"javascript:alert(1)\"?><!DOCTYPE svg [<!ENTITY a \"b\">]>";
    let gif = "GIF89a/*\u{0}\u{0}*/=1;alert(1)";
    let pdf = format!("%PDF-1.7\n{html}");
    let png = [b"\x89PNG\r\n\x1a\n".as_slice(), html.as_bytes()].concat();
    let jpeg = [b"\xff\xd8\xff\xe0".as_slice(), html.as_bytes()].concat();
    let wide: Vec<u8> = std::iter::once(0xfeff).chain(html.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let mut shown_in_place = 0;
    for content in [
        svg.as_bytes(),
        html.as_bytes(),
        late.as_bytes(),
        xhtml.as_bytes(),
        entity.as_bytes(),
        gif.as_bytes(),
        pdf.as_bytes(),
        &png,
        &jpeg,
        &wide,
        b"alert(1)",
        b"",
        b"\x00",
        b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    ] {
        let form = NAMES.iter().fold(Form::new(), |form, name| form.part("files", file(name, content)));
        let made = guest.submit(Method::POST, DOCS, form).await.expect(200);
        for (name, stored) in NAMES.iter().zip(made["files"].as_array().unwrap()) {
            let url = format!("/api/files/docs/{}/{}", made["id"].as_str().unwrap(), stored.as_str().unwrap());
            for suffix in ["?download=0", "?thumb=20x10"] {
                let answer = guest.get(&format!("{url}{suffix}")).await;
                let case =
                    format!("{name}{suffix} of {:?}", String::from_utf8_lossy(&content[..content.len().min(20)]));
                assert_eq!(answer.status, 200, "{case}: {}", answer.text);
                let header = |name: &str| answer.headers[name].to_str().unwrap();
                assert_eq!(header("x-content-type-options"), "nosniff", "{case}");
                let policy = header("content-security-policy");
                assert!(policy.contains("sandbox") && policy.contains("default-src 'none'"), "{case}: {policy}");
                assert!(!policy.contains("allow-"), "{case}: {policy}");
                let (kind, disposition) = (header("content-type"), header("content-disposition"));
                let essence = kind.split(';').next().unwrap();
                let is_saved = disposition.starts_with("attachment");
                assert!(is_saved || HARMLESS.contains(&essence), "{case}: {kind}, {disposition}");
                assert!(
                    is_saved || !["svg", "js", "mjs"].contains(&name.rsplit('.').next().unwrap()),
                    "{case}: {disposition}"
                );
                shown_in_place += usize::from(!is_saved);
            }
        }
    }
    // What begins like a picture or a document is shown as one, whatever else it is.
    assert!(shown_in_place > 0);
}
