//! Whatever is typed gives a sensible answer.

use std::fmt::Write as _;

use reqwest::Method;
use serde_json::json;

use super::{add, caught_up, list, searched};
use crate::server::TestServer;

#[tokio::test]
async fn odd_questions_are_answered() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let fields = json!([{"name": "title", "type": "text"}]);
    let search = json!({"fields": ["title"], "language": "english"});
    let id = searched(&root, "posts", fields, search).await;
    for title in ["the quick brown fox", "שלום עולם", "東京都の天気", "party 🎉 time", "c++ & c#"] {
        add(&root, "posts", json!({"title": title})).await;
    }
    caught_up(&server, &root, &id).await;
    let guest = server.guest();
    let thousands: String = (0..3000).fold(String::new(), |mut all, n| {
        let _ = write!(all, "w{n} ");
        all
    });
    let long = "x".repeat(20_000);
    for (question, want) in [
        ("the of and", None),
        ("*", Some(0)),
        ("* * *", Some(0)),
        ("%", Some(0)),
        ("?", Some(0)),
        ("\"", Some(0)),
        ("-", Some(0)),
        ("-fox", None),
        ("\0", Some(0)),
        ("fox\0", Some(1)),
        ("\u{1}\u{2}\u{7f}", Some(0)),
        ("\u{202e}xof", None),
        ("🎉", None),
        ("👩‍👩‍👧‍👦", None),
        ("שלום", Some(1)),
        ("天気", Some(1)),
        ("AND OR NOT ( ) [ ] { } ~ ^ \\ / : !", None),
        ("title:", None),
        ("nope:fox", None),
        ("title:title:fox", None),
        ("' OR 1=1 --", None),
        (thousands.as_str(), Some(0)),
        (long.as_str(), Some(0)),
    ] {
        let short: String = question.chars().take(40).collect();
        let answer = list(&guest, "posts", &[("search", question), ("highlight", "*")]).await;
        assert_eq!(answer.status, 200, "{short:?}: {}", answer.text);
        let items = answer.body["items"].as_array().unwrap().len();
        assert_eq!(answer.body["totalItems"], items, "{short:?}");
        if let Some(want) = want {
            assert_eq!(items, want, "{short:?}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn parameters_that_make_no_sense_are_refused() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let fields = json!([{"name": "title", "type": "text"}, {"name": "status", "type": "select", "values": ["a"]}]);
    let id = searched(&root, "posts", fields, json!({"fields": ["title"]})).await;
    add(&root, "posts", json!({"title": "fox"})).await;
    caught_up(&server, &root, &id).await;
    let many = vec!["title"; 200].join(",");
    for (key, value, named) in [
        ("facets", "status", "`status`"),
        ("facets", "nope", "`nope`"),
        ("facets", "title", "`title`"),
        ("highlight", "nope", "`nope`"),
        ("highlight", "status", "`status`"),
        ("highlight", many.as_str(), "too many"),
        ("facets", many.as_str(), "too many"),
        ("filter", "nope = 1", ""),
        ("sort", "nope", ""),
        ("page", "x", "page"),
        ("facets", "one,two,three,four,five,six,seven,eight,nine", "up to 8 facets"),
        ("searchAfter", "x", "searchAfter"),
        ("searchAfter", "9000000000000000000", "searchAfter"),
        ("searchAfter", "-1", "searchAfter"),
    ] {
        let answer = list(&server.guest(), "posts", &[("search", "fox"), (key, value)]).await;
        assert_eq!(answer.status, 400, "{key}={value}: {}", answer.text);
        assert!(answer.text.contains(named), "{key}={value}: {}", answer.text);
    }
    // More than a request line may hold, which is refused before anything is read of it.
    let megabyte = "x".repeat(1 << 20);
    let path = format!("/api/collections/posts/records?search={megabyte}");
    // The connection may be closed before all is sent.
    if let Ok(answer) = server.guest().request(Method::GET, &path).send().await {
        assert!(answer.status().is_client_error(), "{}", answer.status());
    }
    assert_eq!(list(&server.guest(), "posts", &[("search", "fox")]).await.body["totalItems"], 1);
}
