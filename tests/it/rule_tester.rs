//! The rule tester: verdicts, explanations, and tests that make no sense. That it agrees with the real actions is also
//! checked by every row of `conformance` that asks a rule.

use serde_json::{Value as Json, json};

use crate::conformance::FIXTURE;
use crate::conformance::fixture::Fixture;
use crate::server::{Client, PASSWORD, TestServer};

/// Ids of the fixture.
const I1: &str = "i10000000000000";
const ANN: &str = "ann000000000000";
const BOB: &str = "bob000000000000";

async fn stage() -> (TestServer, Client) {
    let server = TestServer::start();
    let root = server.superuser().await;
    Fixture::read(&[FIXTURE]).make(&root).await;
    (server, root)
}

fn person(id: &str) -> Json {
    json!({"collection": "people", "id": id})
}

async fn test(root: &Client, collection: &str, test: Json) -> Json {
    root.post(&format!("/api/collections/{collection}/rules/test"), test).await.expect(200)
}

/// The verdict of a draft view rule of `items` on `i1` for ann.
async fn view(root: &Client, rule: &str) -> Json {
    test(root, "items", json!({"action": "view", "rule": rule, "caller": person(ANN), "record": I1})).await
}

/// `text=result*` of a node, a star for decisive, its parts in brackets.
fn outline(node: &Json) -> String {
    let mark = if node["decisive"] == true { "*" } else { "" };
    let parts: Vec<String> = node["children"].as_array().unwrap().iter().map(outline).collect();
    let result = node["result"].to_string().replace('"', "");
    match node["kind"].as_str().unwrap() {
        "comparison" => format!("{}={result}{mark}", node["text"].as_str().unwrap()),
        kind => format!("{kind}={result}{mark}[{}]", parts.join(" | ")),
    }
}

#[tokio::test]
async fn reasons() {
    let (_server, root) = stage().await;
    root.patch("/api/collections/items", json!({"viewRule": "owner = @request.auth.id", "deleteRule": null}))
        .await
        .expect(200);
    let superuser = root.get("/api/collections/_superusers/records").await.body["items"][0]["id"].clone();
    let superuser = json!({"collection": "_superusers", "id": superuser});
    for (body, allowed, reason) in [
        (json!({"action": "list", "record": I1}), true, "open"),
        (json!({"action": "view", "record": I1}), false, "rule"),
        (json!({"action": "view", "record": I1, "caller": person(ANN)}), true, "rule"),
        (json!({"action": "view", "record": I1, "caller": person(BOB)}), false, "rule"),
        (json!({"action": "view", "record": I1, "caller": superuser}), true, "superuser"),
        (json!({"action": "view", "record": I1, "rule": ""}), true, "open"),
        (json!({"action": "view", "record": I1, "rule": null}), false, "locked"),
        (json!({"action": "delete", "record": I1, "caller": person(ANN)}), false, "locked"),
        (json!({"action": "delete", "record": I1, "caller": superuser}), true, "superuser"),
        (json!({"action": "create", "body": {"qty": 3}, "rule": "qty = 3"}), true, "rule"),
        (json!({"action": "create", "body": {"qty": 3}, "rule": "@request.body.qty > 3"}), false, "rule"),
        (json!({"action": "update", "record": I1, "body": {"qty+": 3}, "rule": "@request.body.qty = 4"}), true, "rule"),
        (json!({"action": "view", "record": I1, "rule": "qty ="}), false, "invalid_rule"),
        (json!({"action": "view", "record": I1, "rule": "qty = nope"}), false, "invalid_rule"),
        (json!({"action": "create", "rule": "reviews_via_item.id != ''"}), false, "invalid_rule"),
        (json!({"action": "view", "record": I1, "rule": "@request.query.q = 7", "query": {"q": "7"}}), false, "rule"),
        (json!({"action": "view", "record": I1, "rule": "@request.query.q = '7'", "query": {"q": 7}}), true, "rule"),
        (
            json!({"action": "view", "record": I1, "rule": "@request.headers.x_a = 'b'", "headers": {"X-A": "b"}}),
            true,
            "rule",
        ),
        (
            json!({"action": "view", "record": I1, "rule": "@request.headers.host != ''", "headers": {"Host": "b"}}),
            false,
            "rule",
        ),
        (json!({"action": "view", "record": I1, "rule": "@request.method = 'GET'"}), true, "rule"),
        (json!({"action": "create", "rule": "@request.method = 'POST'"}), true, "rule"),
        (json!({"action": "create", "rule": "@request.method = 'PUT'", "method": "put"}), true, "rule"),
        (json!({"action": "view", "record": I1, "rule": "@request.context = 'default'"}), true, "rule"),
        (
            json!({"action": "view", "record": I1, "rule": "@request.context = 'expand'", "context": "expand"}),
            true,
            "rule",
        ),
    ] {
        let got = test(&root, "items", body.clone()).await;
        assert_eq!((&got["allowed"], &got["reason"]), (&json!(allowed), &json!(reason)), "{body}: {got}");
        assert_eq!(got["error"].is_string(), reason == "invalid_rule", "{body}: {got}");
    }
}

#[tokio::test]
async fn rules_of_views() {
    let (_server, root) = stage().await;
    let body = json!({"action": "view", "record": I1, "rule": "twice = 2 && owner.name = 'Ann'"});
    let got = test(&root, "items_view", body).await;
    assert_eq!((&got["allowed"], &got["reason"]), (&json!(true), &json!("rule")), "{got}");
    assert_eq!(outline(&got["explanation"]), "and=true*[twice = 2=true* | owner.name = 'Ann'=true*]");
}

#[tokio::test]
async fn rules_of_auth_collections() {
    let (_server, root) = stage().await;
    root.patch("/api/collections/people", json!({"manageRule": "rank != 'boss'"})).await.expect(200);
    for (body, allowed, reason) in [
        (json!({"action": "manage", "record": ANN, "caller": person(BOB)}), false, "rule"),
        (json!({"action": "manage", "record": BOB, "caller": person(ANN)}), true, "rule"),
        (json!({"action": "manage", "body": {"rank": "x"}, "caller": person(ANN)}), true, "rule"),
        (json!({"action": "manage", "body": {"rank": "boss"}, "caller": person(ANN)}), false, "rule"),
        // Guests have nobody to manage.
        (json!({"action": "manage", "record": BOB}), false, "rule"),
        (json!({"action": "manage", "record": BOB, "rule": ""}), false, "invalid_rule"),
        (json!({"action": "auth", "record": BOB}), true, "open"),
        (json!({"action": "auth", "record": BOB, "rule": "verified = true"}), false, "rule"),
        (json!({"action": "auth", "record": ANN, "rule": "verified = true"}), true, "rule"),
        (
            json!({"action": "auth", "record": ANN, "rule": "@request.context = 'password'", "context": "password"}),
            true,
            "rule",
        ),
        // A candidate is never verified, and has the hash of its password.
        (json!({"action": "create", "body": {"verified": true}, "rule": "verified = true"}), false, "rule"),
        (json!({"action": "create", "body": {"password": "secret12"}, "rule": "password != ''"}), true, "rule"),
        (json!({"action": "create", "rule": "password != ''"}), false, "rule"),
    ] {
        let got = test(&root, "people", body.clone()).await;
        assert_eq!((&got["allowed"], &got["reason"]), (&json!(allowed), &json!(reason)), "{body}: {got}");
    }
    let got = test(&root, "people", json!({"action": "manage", "record": BOB})).await;
    assert_eq!(got["note"], "guests never manage records");
}

#[tokio::test]
async fn parts_on_their_own() {
    let (_server, root) = stage().await;
    for (rule, want) in [
        ("qty = 1", "qty = 1=true*"),
        ("qty = 1 && label = 'x'", "and=false*[qty = 1=true | label = 'x'=false*]"),
        ("qty = 1 || label = 'x'", "or=true*[qty = 1=true* | label = 'x'=false]"),
        ("qty = 2 || label = 'x'", "or=false*[qty = 2=false* | label = 'x'=false*]"),
        ("(qty = 1 && live = true)", "and=true*[qty = 1=true* | live = true=true*]"),
        (
            "qty = 1 && (label = 'x' || kind = 'a' && live = false)",
            "and=false*[qty = 1=true | or=false*[label = 'x'=false* | and=false*[kind = 'a'=true | live = false=false*]]]",
        ),
        ("qty > null", "qty > null=null*"),
        ("qty = 1 && qty > null", "and=null*[qty = 1=true | qty > null=null*]"),
        // Elm is tier 2, Oak tier 1: no club is both.
        ("clubs.name ?= 'Elm' && clubs.tier ?= 1", "and=false*[clubs.name ?= 'Elm'=true* | clubs.tier ?= 1=true*]"),
        (
            "qty = 2 || clubs.name ?= 'Elm' && (clubs.tier ?= 1 || qty = 3)",
            "or=false*[qty = 2=false* | and=false*[clubs.name ?= 'Elm'=true* | or=true*[clubs.tier ?= 1=true* | qty = 3=false]]]",
        ),
        ("clubs.name ?= 'Elm' && clubs.tier ?= 2", "and=true*[clubs.name ?= 'Elm'=true* | clubs.tier ?= 2=true*]"),
        ("qty = 1 || nope = 2", "or=error*[qty = 1=true | nope = 2=error*]"),
    ] {
        let got = view(&root, rule).await;
        assert_eq!(outline(&got["explanation"]), want, "{rule}: {got}");
        assert_eq!(got["allowed"], got["explanation"]["result"] == true, "{rule}");
    }
}

#[tokio::test]
async fn details_of_an_explanation() {
    let (_server, root) = stage().await;
    let got = view(&root, "label != 'é' && ( clubs.name ?= 'Elm' && clubs.tier ?= 1 )").await;
    let root_node = &got["explanation"];
    assert_eq!((&root_node["start"], &root_node["end"]), (&json!(0), &json!(58)), "{got}");
    assert_eq!(root_node["note"], "no single related row satisfies all of these");
    // Groups joined as they are themselves joined are taken over.
    assert_eq!(root_node["children"].as_array().unwrap().len(), 3);
    assert_eq!(root_node["children"][1]["start"], 18);
    assert_eq!(root_node["children"][1]["end"], 37);
    let apart = view(&root, "qty = 2 && clubs.name ?= 'Elm'").await;
    assert_eq!(apart["explanation"]["note"], Json::Null);

    let got = view(&root, "qty = 1 && nope.x = 2").await;
    assert_eq!(got["error"], "unknown field in `nope.x` at position 12");
    assert_eq!(got["explanation"]["children"][1]["error"], "unknown field in `nope.x` at position 12");
    assert_eq!(got["explanation"]["error"], Json::Null);
    let got = view(&root, "qty = 1 &&").await;
    assert_eq!(got["explanation"], Json::Null);
    assert!(got["error"].as_str().unwrap().contains("position 11"), "{got}");
}

#[tokio::test]
async fn operands_show_their_values() {
    let (_server, root) = stage().await;
    for (rule, want) in [
        ("qty = 1", json!([{"text": "qty", "value": 1}])),
        ("live = true", json!([{"text": "live", "value": true}, {"text": "true", "value": true}])),
        (
            "owner = @request.auth.id",
            json!([{"text": "owner", "value": ANN}, {"text": "@request.auth.id", "value": ANN}]),
        ),
        ("owner.rank = 'boss'", json!([{"text": "owner.rank", "value": "boss"}])),
        ("parent.label = ''", json!([{"text": "parent.label", "value": null}])),
        ("meta.b.c.1 = 20", json!([{"text": "meta.b.c.1", "value": 20}])),
        ("clubs.name ?= 'Oak'", json!([{"text": "clubs.name", "values": ["Oak", "Elm"], "hasMore": false}])),
        ("tags:each = 'red'", json!([{"text": "tags:each", "values": ["red", "green"], "hasMore": false}])),
        ("clubs:length = 2", json!([{"text": "clubs:length", "value": 2}])),
        (
            "@request.body.qty:isset = false",
            json!([{"text": "@request.body.qty:isset", "value": false}, {"text": "false", "value": false}]),
        ),
        (
            "@request.auth.verified = true",
            json!([{"text": "@request.auth.verified", "value": true}, {"text": "true", "value": true}]),
        ),
        (
            "geoDistance(spot.lon, spot.lat, 10, 20) < 1",
            json!([{"text": "geoDistance(spot.lon, spot.lat, 10, 20)", "value": 0}]),
        ),
        ("strftime('%Y', due) = '2024'", json!([{"text": "strftime('%Y', due)", "value": "2024"}])),
        ("note = 'n1'", json!([{"text": "note", "value": "n1"}])),
        ("'a' = 'b'", json!([])),
        // Nobody is shown these.
        ("owner.password != ''", json!([])),
        ("owner.tokenKey:lower != ''", json!([])),
        ("@request.auth.tokenKey != ''", json!([])),
        ("@collection.people.password ?= owner.tokenKey", json!([])),
        ("strftime('%Y', owner.tokenKey) = ''", json!([])),
        ("@request.body.password = 'x'", json!([])),
    ] {
        let got = view(&root, rule).await;
        assert_eq!(got["explanation"]["operands"], want, "{rule}: {got}");
    }
    let long = "x".repeat(1000);
    let body = json!({"action": "create", "rule": "label != ''", "body": {"label": long}});
    let got = test(&root, "items", body).await;
    let shown = got["explanation"]["operands"][0]["value"].as_str().unwrap();
    assert_eq!(shown.chars().count(), 301);
    let body = json!({"action": "create", "rule": "password = tokenKey", "body": {"password": PASSWORD}});
    let got = test(&root, "people", body).await;
    assert_eq!(got["explanation"]["operands"], json!([]), "{got}");
    assert!(!got.to_string().contains(PASSWORD));
    for n in 0..12 {
        root.post("/api/collections/clubs/records", json!({"name": format!("c{n}")})).await.expect(200);
    }
    let got = view(&root, "@collection.clubs.name ?= 'Oak'").await;
    let operand = &got["explanation"]["operands"][0];
    assert_eq!((operand["values"].as_array().unwrap().len(), &operand["hasMore"]), (10, &json!(true)));
}

#[tokio::test]
async fn tests_that_make_no_sense() {
    let (_server, root) = stage().await;
    for (collection, body, status, code) in [
        ("nope", json!({"action": "view", "record": I1}), 404, json!({})),
        ("items", json!({"action": "view", "record": "nope"}), 404, json!({})),
        ("items", json!({"action": "view"}), 400, json!({"record": "validation_required"})),
        ("items", json!({"record": I1}), 400, json!({"action": "validation_required"})),
        ("items", json!({"action": "fly", "record": I1}), 400, json!({"action": "validation_in_invalid"})),
        ("items", json!({"action": "auth", "record": I1}), 400, json!({"action": "validation_in_invalid"})),
        ("items", json!({"action": "manage", "record": I1}), 400, json!({"action": "validation_in_invalid"})),
        ("items", json!({"action": "create", "record": I1}), 400, json!({"record": "validation_not_empty"})),
        (
            "items",
            json!({"action": "view", "record": I1, "context": "x"}),
            400,
            json!({"context": "validation_in_invalid"}),
        ),
        (
            "items",
            json!({"action": "view", "record": I1, "query": {"a": [1]}}),
            400,
            json!({"query": "validation_invalid_type"}),
        ),
        ("items", json!({"action": "view", "record": I1, "rules": ""}), 400, json!({})),
        ("items", json!({"action": "view", "record": 5}), 400, json!({})),
        ("items", json!({"action": "view", "record": I1, "caller": "ann"}), 400, json!({})),
        ("items_view", json!({"action": "update", "record": I1, "rule": ""}), 400, json!({})),
    ] {
        let got = root.post(&format!("/api/collections/{collection}/rules/test"), body.clone()).await;
        assert_eq!(got.status.as_u16(), status, "{body}: {}", got.text);
        assert_eq!(got.codes(), code, "{body}: {}", got.text);
        assert_eq!(got.body["status"], status, "{body}");
    }
    for caller in [person("nope"), json!({"collection": "items", "id": I1}), json!({"collection": "nope", "id": ANN})] {
        let body = json!({"action": "view", "record": I1, "caller": caller});
        let got = root.post("/api/collections/items/rules/test", body).await;
        assert_eq!(got.status, 400, "{caller}");
        assert!(got.body["data"]["caller"].is_object(), "{}", got.text);
    }
}

/// Every record of a list is one the tester lets through, and no other.
#[tokio::test]
async fn lists_agree() {
    let (server, root) = stage().await;
    let ann = json!({"identity": "ann@t.io", "password": crate::conformance::fixture::PASSWORD});
    let ann = server.guest().post("/api/collections/people/auth-with-password", ann).await.expect(200);
    let ann = server.guest().signed_in(&ann);
    for rule in [
        "owner = @request.auth.id",
        "clubs.name = 'Oak' || tags:each ?= 'blue'",
        "clubs.lead.name = 'Bob'",
        "reviews_via_item.score ?> 1 && reviews_via_item.text ?= 'ok'",
        "@collection.clubs.tier ?= qty && @collection.clubs.name ?= 'Elm'",
        "@request.auth.clubs.id ?= clubs.id",
        "meta.a > 0 || meta = 5",
        "tags:length > 1 && due < @now",
    ] {
        root.patch("/api/collections/items", json!({"listRule": rule})).await.expect(200);
        let all = root.get("/api/collections/items/records").await.expect(200);
        for (client, caller) in [(server.guest(), Json::Null), (ann.clone(), person(ANN))] {
            let listed = client.get("/api/collections/items/records?fields=id").await.expect(200);
            for record in all["items"].as_array().unwrap() {
                let id = &record["id"];
                let body = json!({"action": "list", "record": id, "caller": caller});
                let got = test(&root, "items", body).await;
                let is_listed = listed["items"].as_array().unwrap().iter().any(|item| item["id"] == *id);
                assert_eq!(got["allowed"], is_listed, "{rule} {caller} {id}: {got}");
            }
        }
    }
}

#[tokio::test]
async fn nothing_is_written() {
    let (_server, root) = stage().await;
    let before = root.get("/api/collections/items/records?perPage=100").await.text;
    test(&root, "items", json!({"action": "create", "body": {"label": "new"}, "rule": "label = 'new'"})).await;
    test(&root, "items", json!({"action": "update", "record": I1, "body": {"label": "new"}, "rule": "qty = 1"})).await;
    test(&root, "items", json!({"action": "delete", "record": I1, "rule": "qty = 1"})).await;
    assert_eq!(root.get("/api/collections/items/records?perPage=100").await.text, before);
}

#[tokio::test]
async fn a_deep_rule_is_taken_apart() {
    let (_server, root) = stage().await;
    let mut rule = "qty = 1".to_owned();
    for n in 0..199 {
        rule = format!("({rule}) {} qty = {}", if n % 2 == 0 { "||" } else { "&&" }, n % 3);
    }
    let got = view(&root, &rule).await;
    assert_eq!(got["reason"], "rule");
    let deepest = std::iter::successors(Some(&got["explanation"]), |node| node["children"].get(0)).count();
    assert_eq!(deepest, 50);
}
