//! Paging by cursor, and totals that are counted only so far: additions of Larder.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value as Json, json};

use crate::conformance::FIXTURE;
use crate::conformance::fixture::Fixture;
use crate::server::{Client, TestServer};

const ITEMS: &str = "/api/collections/items/records";
const VIEW: &str = "/api/collections/items_view/records";

/// The fixture, with more items: ties in every field.
async fn stage() -> (TestServer, Client) {
    let server = TestServer::start();
    let root = server.superuser().await;
    Fixture::read(&[FIXTURE]).make(&root).await;
    let people = ["ann000000000000", "bob000000000000", "cat000000000000", ""];
    let clubs = ["k10000000000000", "k20000000000000", "k30000000000000"];
    let metas = [json!(null), json!(1), json!(1.5), json!("1"), json!("b"), json!([2]), json!({"a": 1}), json!(true)];
    for n in 0..17 {
        let label = ["", "a", "B", "é", "b\u{1}c"][n % 5];
        let qty = [0.0, -1.5, 2.0, 0.1, 1e300][n % 5];
        let due = ["", "2024-01-01", "2025-02-02"][n % 3];
        let kind = ["", "a", "b"][n % 3];
        let tags = [json!([]), json!(["red"]), json!(["blue", "red"])][n % 3].clone();
        let body = json!({
            "label": label, "qty": qty, "live": n % 2 == 0, "due": due, "kind": kind, "tags": tags,
            "meta": metas[n % 8].clone(), "spot": {"lon": n % 3, "lat": 1}, "owner": people[n % 4],
            "clubs": &clubs[..n % 4],
        });
        root.post(ITEMS, body).await.expect(200);
    }
    (server, root)
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn ids(page: &Json) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

/// The next page; `None` once `nextCursor` is null.
fn next(page: &Json) -> Option<String> {
    assert!(page.get("nextCursor").is_some(), "{page}");
    page["nextCursor"].as_str().map(str::to_owned)
}

/// All ids, page by page; the last page is never empty unless it is the only one.
async fn walk(client: &Client, path: &str, size: usize) -> Vec<String> {
    let mut all = Vec::new();
    let mut cursor = Some(String::new());
    while let Some(text) = cursor {
        let join = if path.contains('?') { '&' } else { '?' };
        let page = client.get(&format!("{path}{join}perPage={size}&cursor={text}")).await.expect(200);
        let got = ids(&page);
        cursor = next(&page);
        assert!(got.len() == size || cursor.is_none(), "{path}: {page}");
        assert!(!got.is_empty() || all.is_empty(), "{path}: an empty page at the end");
        all.extend(got);
        assert!(all.len() < 1000, "{path} never ends");
    }
    all
}

/// All ids by page number.
async fn by_number(client: &Client, path: &str) -> Vec<String> {
    let join = if path.contains('?') { '&' } else { '?' };
    ids(&client.get(&format!("{path}{join}perPage=1000")).await.expect(200))
}

#[tokio::test]
async fn every_sort_yields_every_record_once_and_in_order() {
    let (server, root) = stage().await;
    let guest = server.guest();
    let keys = [
        "label",
        "qty",
        "live",
        "due",
        "kind",
        "tags",
        "meta",
        "spot",
        "owner",
        "clubs",
        "created",
        "updated",
        "id",
        "label:lower",
        "tags:length",
        "clubs:length",
        "tags:each",
        "clubs:each",
        "owner.name",
        "owner.club.name",
        "owner.rank:lower",
        "owner.skills",
        "owner.prefs",
        "owner.prefs.lvl",
        "owner.email",
        "clubs.name",
        "clubs.tier",
        "clubs.lead.name",
        "parent.owner.name",
        "meta.a",
        "meta.0",
        "spot.lon",
        "docs",
        "reviews_via_item.score",
        "reviews_via_items.text",
        "owner.cards_via_person.nick",
        "@rowid",
    ];
    let mut sorts: Vec<String> = keys.iter().flat_map(|key| [format!("{key},id"), format!("-{key},-id")]).collect();
    sorts.extend(
        ["live,-kind,qty,id", "-owner.name,clubs.name,-meta,id", "tags:each,-clubs.tier,label,id", "-live,-@rowid"]
            .map(str::to_owned),
    );
    for sort in sorts {
        let path = format!("{ITEMS}?sort={}", encoded(&sort));
        for client in [&guest, &root] {
            let want = by_number(client, &path).await;
            assert_eq!(want.len(), 23, "{sort}");
            for size in [1, 4, 23] {
                assert_eq!(walk(client, &path, size).await, want, "{sort} by {size}");
            }
        }
    }
}

#[tokio::test]
async fn incomplete_orders_are_completed() {
    let (server, _root) = stage().await;
    let guest = server.guest();
    for path in [ITEMS.to_owned(), format!("{ITEMS}?sort=live"), format!("{ITEMS}?sort=-kind,tags:each")] {
        let want = by_number(&guest, &path).await;
        for size in [1, 5, 22, 23, 24] {
            let got = walk(&guest, &path, size).await;
            if path == ITEMS {
                assert_eq!(got, by_number(&guest, &format!("{ITEMS}?sort=id")).await, "by {size}");
            }
            assert_eq!(sorted(got), sorted(want.clone()), "{path} by {size}");
        }
    }
}

#[tokio::test]
async fn views_and_filters() {
    let (server, _root) = stage().await;
    let guest = server.guest();
    for sort in ["id", "label,id", "-twice,id", "owner,-id", "-owner.name,tags,id", "qty,-twice,id"] {
        let path = format!("{VIEW}?sort={}", encoded(sort));
        let want = by_number(&guest, &path).await;
        assert_eq!(want.len(), 23, "{sort}");
        for size in [1, 4, 23] {
            assert_eq!(walk(&guest, &path, size).await, want, "{sort} by {size}");
        }
    }
    assert_eq!(sorted(walk(&guest, VIEW, 3).await), by_number(&guest, &format!("{VIEW}?sort=id")).await);
    guest.get(&format!("{VIEW}?cursor=&sort=@rowid")).await.expect(400);
    for filter in
        ["qty > 1", "clubs.name ?= 'Elm' || live = true", "owner.rank = 'boss'", "qty = 12345", "meta != null"]
    {
        for sort in ["id", "-owner.name,id", "clubs.name,id", "meta,id"] {
            let path = format!("{ITEMS}?filter={}&sort={}", encoded(filter), encoded(sort));
            let want = by_number(&guest, &path).await;
            for size in [1, 3, want.len().max(1)] {
                assert_eq!(walk(&guest, &path, size).await, want, "{filter} {sort} by {size}");
            }
        }
    }
}

#[tokio::test]
async fn changes_during_a_walk_move_nothing_else() {
    let (server, root) = stage().await;
    let guest = server.guest();
    for sort in ["label,id", "-owner.name,id", "", "-clubs.tier,qty", "meta"] {
        let path = format!("{ITEMS}?perPage=4&sort={}", encoded(sort));
        let before = by_number(&guest, ITEMS).await;
        let mut seen = Vec::new();
        let (mut made, mut gone) = (Vec::new(), Vec::new());
        let mut cursor = Some(String::new());
        while let Some(text) = cursor {
            let page = guest.get(&format!("{path}&cursor={text}")).await.expect(200);
            seen.extend(ids(&page));
            cursor = next(&page);
            // Records that sort first, in the middle and last come, and the page's first and last one go.
            for label in ["", "m", "zz"] {
                if made.len() < 15 {
                    let body = json!({"label": label, "meta": label, "owner": "bob000000000000"});
                    made.push(root.post(ITEMS, body).await.expect(200)["id"].as_str().unwrap().to_owned());
                }
            }
            for id in [ids(&page).first(), ids(&page).last()].into_iter().flatten() {
                if !gone.contains(id) {
                    root.delete(&format!("{ITEMS}/{id}")).await.expect(204);
                    gone.push(id.clone());
                }
            }
        }
        let mut once = sorted(seen.clone());
        once.dedup();
        assert_eq!(once.len(), seen.len(), "{sort}: a record came twice");
        for id in &before {
            assert!(seen.contains(id), "{sort}: {id} was skipped");
        }
        for _ in 0..gone.len() {
            root.post(ITEMS, json!({"label": "again"})).await.expect(200);
        }
        for id in made.iter().filter(|id| !gone.contains(id)) {
            root.delete(&format!("{ITEMS}/{id}")).await.expect(204);
        }
    }
}

#[tokio::test]
async fn cursors_that_do_not_fit_are_refused() {
    let (server, root) = stage().await;
    let guest = server.guest();
    let first = guest.get(&format!("{ITEMS}?cursor=&perPage=2&sort=qty&filter=qty%3E0")).await.expect(200);
    let cursor = next(&first).unwrap();
    let fits = format!("sort=qty&filter=qty%3E0&cursor={cursor}");
    guest.get(&format!("{ITEMS}?{fits}")).await.expect(200);
    // Another size is fine.
    guest.get(&format!("{ITEMS}?{fits}&perPage=7")).await.expect(200);
    for (path, query) in [
        (ITEMS, format!("sort=-qty&filter=qty%3E0&cursor={cursor}")),
        (ITEMS, format!("sort=qty&cursor={cursor}")),
        (ITEMS, format!("filter=qty%3E0&cursor={cursor}")),
        (ITEMS, format!("sort=qty&filter=qty%3E1&cursor={cursor}")),
        (ITEMS, format!("{fits}x")),
        (ITEMS, format!("sort=qty&filter=qty%3E0&cursor={}", &cursor[1..])),
        (ITEMS, format!("sort=qty&filter=qty%3E0&cursor={}", &cursor[..cursor.len() - 4])),
        (ITEMS, "cursor=1".to_owned()),
        (ITEMS, "cursor=null".to_owned()),
        (ITEMS, format!("cursor={}", "A".repeat(40_000))),
        (ITEMS, "cursor=&sort=@random".to_owned()),
        (ITEMS, "cursor=&sort=qty,-@random".to_owned()),
        (ITEMS, "cursor=&filter=nope%3D1".to_owned()),
        ("/api/collections/items_view/records", fits.clone()),
        ("/api/collections/clubs/records", format!("cursor={cursor}")),
    ] {
        let answer = guest.get(&format!("{path}?{query}")).await;
        assert_eq!(answer.status.as_u16(), 400, "{query:.200}: {}", answer.text);
        assert_eq!(answer.body["data"], json!({}), "{query:.200}");
    }
    root.patch("/api/collections/items", json!({"listRule": null})).await.expect(200);
    guest.get(&format!("{ITEMS}?{fits}")).await.expect(403);
}

/// A cursor of values that no request could bring back is not handed out.
#[tokio::test]
async fn values_too_long_for_a_cursor() {
    let server = TestServer::start();
    let root = server.superuser().await;
    root.open_collection("texts", json!([{"name": "body", "type": "editor"}])).await;
    for _ in 0..3 {
        root.post("/api/collections/texts/records", json!({"body": "x".repeat(100_000)})).await.expect(200);
    }
    let path = "/api/collections/texts/records";
    root.get(&format!("{path}?sort=body&cursor=&perPage=2")).await.expect(400);
    root.get(&format!("{path}?sort=body&cursor=&perPage=3")).await.expect(200);
    assert_eq!(walk(&root, path, 1).await.len(), 3);
    for n in 0..3 {
        let body = format!("{n}{}", "x".repeat(20_000));
        root.post("/api/collections/texts/records", json!({"body": body})).await.expect(200);
    }
    let filter = encoded("body !~ 'xxx%' && (body ~ '0x%' || body ~ '1x%' || body ~ '2x%')");
    assert_eq!(walk(&root, &format!("{path}?sort=body&filter={filter}"), 1).await.len(), 3);
}

#[tokio::test]
async fn rules_hold_on_every_page() {
    let (server, root) = stage().await;
    root.patch("/api/collections/items", json!({"listRule": "live = false || owner = @request.auth.id"}))
        .await
        .expect(200);
    let sign_in = json!({"identity": "ann@t.io", "password": crate::conformance::fixture::PASSWORD});
    let ann = server.guest().post("/api/collections/people/auth-with-password", sign_in).await.expect(200);
    let ann = server.guest().signed_in(&ann);
    let guest = server.guest();
    let path = format!("{ITEMS}?sort=qty,id");
    for client in [&guest, &ann, &root] {
        assert_eq!(walk(client, &path, 2).await, by_number(client, &path).await);
    }
    let seen_by_ann = by_number(&ann, &path).await;
    assert_ne!(seen_by_ann, by_number(&guest, &path).await);
    // A guest's cursor only says where to go on.
    let first = guest.get(&format!("{path}&perPage=3&cursor=")).await.expect(200);
    let last = ids(&first).pop().unwrap();
    let rest = format!("{path}&perPage=100&cursor={}", next(&first).unwrap());
    let all = by_number(&root, &path).await;
    let behind = |list: &[String]| -> Vec<String> {
        let at = all.iter().position(|id| *id == last).unwrap();
        all[at + 1..].iter().filter(|id| list.contains(id)).cloned().collect()
    };
    assert_eq!(ids(&ann.get(&rest).await.expect(200)), behind(&seen_by_ann));
    assert_eq!(ids(&root.get(&rest).await.expect(200)), behind(&all));
}

#[tokio::test]
async fn with_the_other_parameters() {
    let (server, _root) = stage().await;
    let guest = server.guest();
    let page = guest.get(&format!("{ITEMS}?cursor=&perPage=2&sort=id")).await.expect(200);
    assert_eq!((&page["totalItems"], &page["totalPages"], &page["perPage"]), (&json!(23), &json!(12), &json!(2)));
    assert!(page.get("totalIsCapped").is_none());
    let page = guest.get(&format!("{ITEMS}?cursor=&perPage=2&sort=id&skipTotal=1")).await.expect(200);
    assert_eq!((&page["totalItems"], &page["totalPages"]), (&json!(-1), &json!(-1)));
    assert!(page["nextCursor"].is_string());
    let page = guest.get(&format!("{ITEMS}?cursor=&perPage=2&sort=id&maxTotal=5")).await.expect(200);
    assert_eq!((&page["totalItems"], &page["totalIsCapped"]), (&json!(5), &json!(true)));
    let query = "sort=-owner.name,id&expand=owner,clubs&fields=id,expand.owner.name&perPage=3";
    let mut seen = Vec::new();
    let mut cursor = Some(String::new());
    while let Some(text) = cursor {
        let page = guest.get(&format!("{ITEMS}?{query}&cursor={text}")).await.expect(200);
        for item in page["items"].as_array().unwrap() {
            let keys: Vec<&String> = item.as_object().unwrap().keys().collect();
            assert!(keys == ["expand", "id"] || keys == ["id"], "{item}");
            seen.push((item["expand"]["owner"]["name"].clone(), item["id"].clone()));
        }
        cursor = next(&page);
    }
    let whole = guest.get(&format!("{ITEMS}?{query}&perPage=100")).await.expect(200);
    assert_eq!(seen.len(), 23);
    assert_eq!(seen[0].0, "Cat");
    assert!(whole.get("nextCursor").is_none());
    // No records at all.
    let page = guest.get(&format!("{ITEMS}?cursor=&filter=qty%3D12345")).await.expect(200);
    assert_eq!((&page["items"], &page["nextCursor"]), (&json!([]), &Json::Null));
}

#[tokio::test]
async fn totals_are_counted_up_to_a_limit() {
    let (server, root) = stage().await;
    let guest = server.guest();
    for filter in ["", "&filter=id!%3D''", "&filter=clubs.name!%3D'x'||id!%3D''", "&sort=-owner.name", "&cursor="] {
        for (max, items, is_capped, pages) in
            [("1", 1, true, 1), ("22", 22, true, 5), ("23", 23, false, 5), ("24", 23, false, 5), ("%2B5", 5, true, 1)]
        {
            let page = guest.get(&format!("{ITEMS}?perPage=5&maxTotal={max}{filter}")).await.expect(200);
            let got = (&page["totalItems"], &page["totalIsCapped"], &page["totalPages"]);
            assert_eq!(got, (&json!(items), &json!(is_capped), &json!(pages)), "{max} {filter}");
            assert_eq!(ids(&page).len(), 5);
        }
    }
    let page = guest.get(&format!("{ITEMS}?maxTotal=9223372036854775807")).await.expect(200);
    assert_eq!((&page["totalItems"], &page["totalIsCapped"]), (&json!(23), &json!(false)));
    let page = guest.get(&format!("{ITEMS}?maxTotal=5&skipTotal=true")).await.expect(200);
    assert_eq!((&page["totalItems"], &page["totalIsCapped"]), (&json!(-1), &json!(false)));
    // The total says nothing about which pages there are.
    let page = guest.get(&format!("{ITEMS}?maxTotal=5&perPage=5&page=3&sort=id")).await.expect(200);
    assert_eq!(ids(&page), by_number(&guest, &format!("{ITEMS}?sort=id")).await[10..15]);
    let page = guest.get(&format!("{ITEMS}?maxTotal=")).await.expect(200);
    assert!(page.get("totalIsCapped").is_none(), "{page}");
    for max in ["0", "-1", "x", "1.5", "1e3", "%201", "9223372036854775808"] {
        let answer = guest.get(&format!("{ITEMS}?maxTotal={max}")).await;
        assert_eq!(answer.status, 400, "{max}: {}", answer.text);
    }
    root.patch("/api/collections/items", json!({"listRule": "live = true"})).await.expect(200);
    let all = guest.get(ITEMS).await.expect(200)["totalItems"].as_i64().unwrap();
    let page = guest.get(&format!("{ITEMS}?maxTotal={}", all - 1)).await.expect(200);
    assert_eq!((&page["totalItems"], &page["totalIsCapped"]), (&json!(all - 1), &json!(true)));
    let view = guest.get("/api/collections/items_view/records?maxTotal=7").await.expect(200);
    assert_eq!((&view["totalItems"], &view["totalIsCapped"]), (&json!(7), &json!(true)));
}
