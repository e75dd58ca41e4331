//! Filters and sorts that are not meant to work, and what must not be learnt from those that do.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value as Json, json};

use crate::server::{Client, TestServer};

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

async fn status(client: &Client, collection: &str, parameter: &str, value: &str) -> u16 {
    let path = format!("/api/collections/{collection}/records?{parameter}={}", encoded(value));
    client.get(&path).await.status.as_u16()
}

async fn ids(client: &Client, collection: &str, query: &str) -> Vec<String> {
    let answer = client.get(&format!("/api/collections/{collection}/records?{query}")).await.expect(200);
    let items = answer["items"].as_array().unwrap();
    items.iter().map(|item| item["id"].as_str().unwrap().trim_end_matches('0').to_owned()).collect()
}

async fn collection(root: &Client, name: &str, fields: Json, rules: Json) -> String {
    let mut body = json!({"name": name, "type": "base", "fields": fields});
    body.as_object_mut().unwrap().extend(rules.as_object().unwrap().clone());
    root.post("/api/collections", body).await.expect(200)["id"].as_str().unwrap().to_owned()
}

/// Everything here is refused with 400 for guests and superusers alike, and the server goes on.
#[tokio::test]
async fn bad_filters_and_sorts_are_refused() {
    let server = TestServer::start();
    let (root, guest) = (server.superuser().await, server.guest());
    let fields = json!([
        {"name": "title", "type": "text"}, {"name": "n", "type": "number"}, {"name": "meta", "type": "json"},
        {"name": "secret", "type": "text", "hidden": true}, {"name": "pass", "type": "password"},
    ]);
    collection(&root, "things", fields, json!({"listRule": ""})).await;
    let long = format!("title = '{}'", "x".repeat(4000));
    let deep = format!("{}n = 1{}", "(".repeat(10_000), ")".repeat(10_000));
    let many = vec!["n=1"; 201].join("||");
    for filter in [
        "rowid = 1",
        "_rowid_ = 1",
        "oid = 1",
        "b.title = 'x'",
        "j0.id = 'x'",
        "`title` = 'x'",
        "\"title\" = 'x' OR 1 = 1 --",
        "title = 'x'; drop table things",
        "title = 'x' union select 1",
        "sqlite_master.name = 'x'",
        "_larder_changes.seq = 1",
        "things.title = 'x'",
        "title' = 1",
        "title = 'x",
        "title = (select 1)",
        "load_extension('x') = 1",
        "lower(title) = 'x'",
        "strftime() = ''",
        "strftime('%Y', title, n) = ''",
        "strftime('%Y',1,'a','b','c','d','e','f','g','h','i') = ''",
        "geoDistance(1,2,3) = 1",
        "geoDistance(n,n,n,strftime('%Y')) = 1",
        "meta.a.#b = 1",
        "title.x = 1",
        "title:each:lower = 1",
        "title:regexp = 'x'",
        "@nope = 1",
        "@request = 1",
        "@collection = 1",
        "collectionId = 'x'",
        "expand.x = 1",
        " ",
        "// only a comment",
        "\u{a0}n = 1",
        "n = 1e400",
        &format!("n = {}", "9".repeat(400)),
        &long,
        &deep,
        &many,
    ] {
        for (who, client) in [("guest", &guest), ("superuser", &root)] {
            assert_eq!(status(client, "things", "filter", filter).await, 400, "{who}: {filter:.80}");
        }
    }
    for sort in
        ["rowid", "title,", "title desc", "(select 1)", "`title`", "title;", "pass.x", "--title", &"n,".repeat(9)]
    {
        for client in [&guest, &root] {
            assert_eq!(status(client, "things", "sort", sort).await, 400, "{sort}");
        }
    }
    for hidden in ["secret", "pass", "secret:lower"] {
        assert_eq!(status(&guest, "things", "filter", &format!("{hidden} != ''")).await, 400, "{hidden}");
        assert_eq!(status(&guest, "things", "filter", &format!("n = 1 || '' = {hidden}")).await, 400, "{hidden}");
        assert_eq!(status(&guest, "things", "sort", hidden).await, 400, "{hidden}");
        assert_eq!(status(&root, "things", "filter", &format!("{hidden} = ''")).await, 200, "{hidden}");
    }
    // A statement has room for so many joins: more would take longer to plan than to answer.
    let things = root.get("/api/collections/things").await.expect(200);
    let mut fields = things["fields"].as_array().unwrap().clone();
    fields.push(json!({"name": "rel", "type": "relation", "collectionId": things["id"], "maxSelect": 5}));
    root.patch("/api/collections/things", json!({"fields": fields})).await.expect(200);
    let many_hops = vec!["rel.rel.rel.rel.rel.rel.n=1"; 120].join("&&");
    let many_rows = vec!["rel.n=1"; 200].join("&&");
    for client in [&guest, &root] {
        assert_eq!(status(client, "things", "filter", &many_hops).await, 400);
        assert_eq!(status(client, "things", "filter", &many_rows).await, 200);
    }
    // What works stays within its time and its stack, however it is nested.
    let nested = format!("{}n = 1{}", "(n = 1 && (n = 1 || ".repeat(99), "))".repeat(99));
    for filter in ["title ~ '%a%a%a%a%a%a%a%a%a%a%a%a%a%a%'", &vec!["n=1"; 200].join("||"), &nested] {
        assert_eq!(status(&root, "things", "filter", filter).await, 200, "{filter:.80}");
    }
    guest.get("/api/health").await.expect(200);
}

/// The error names the place, and looks the same for what is not there and for what must not be known.
#[tokio::test]
async fn errors_name_the_place_and_nothing_hidden() {
    let server = TestServer::start();
    let (root, guest) = (server.superuser().await, server.guest());
    let fields = json!([{"name": "title", "type": "text"}, {"name": "secret", "type": "text", "hidden": true}]);
    let things = collection(&root, "things", fields, json!({"listRule": ""})).await;
    let relation = json!([{"name": "thing", "type": "relation", "collectionId": things, "maxSelect": 1}]);
    collection(&root, "locked", relation, json!({})).await;
    let said = async |filter: &str| {
        let path = format!("/api/collections/things/records?filter={}", encoded(filter));
        guest.get(&path).await.expect(400)["message"].as_str().unwrap().to_owned()
    };
    assert!(said("title = 'x' && nope = 1").await.contains("position 16"), "{}", said("title = 'x' && nope = 1").await);
    assert!(said("title == 'x'").await.contains("position 7"));
    let blank = |message: String, name: &str| message.replace(name, "NAME");
    assert_eq!(blank(said("secret = 1").await, "secret"), blank(said("nope = 1").await, "nope"));
    let unknown = blank(said("nope_via_thing.id = 1").await, "nope_via_thing.id");
    assert_eq!(blank(said("locked_via_thing.id = 1").await, "locked_via_thing.id"), unknown);
}

/// A client's filter or sort tells nothing about related records it may not list, nor about addresses that are not
/// public: not by items, totals or order, however often it asks.
#[tokio::test]
async fn nothing_is_learnt_about_what_may_not_be_listed() {
    let server = TestServer::start();
    let (root, guest) = (server.superuser().await, server.guest());
    let open = json!({"listRule": ""});
    let clubs = json!([{"name": "name", "type": "text"}, {"name": "tier", "type": "number"}]);
    let clubs = collection(&root, "clubs", clubs, json!({"listRule": "tier > 1"})).await;
    let fields = json!([
        {"name": "clubs", "type": "relation", "collectionId": clubs, "maxSelect": 5},
        {"name": "club", "type": "relation", "collectionId": clubs, "maxSelect": 1},
        {"name": "user", "type": "relation", "collectionId": "_pb_users_auth_", "maxSelect": 1},
        {"name": "users", "type": "relation", "collectionId": "_pb_users_auth_", "maxSelect": 5},
    ]);
    collection(&root, "items", fields, open.clone()).await;
    root.patch("/api/collections/users", open).await.expect(200);
    let id = |short: &str| format!("{short:0<15}");
    for (short, name, tier) in [("hidden", "Oak", 1), ("shown", "Elm", 2)] {
        let body = json!({"id": id(short), "name": name, "tier": tier});
        root.post("/api/collections/clubs/records", body).await.expect(200);
    }
    for (short, email, public) in [("ann", "ann@x.io", true), ("bob", "bob@x.io", false)] {
        let body = json!({
            "id": id(short), "email": email, "emailVisibility": public,
            "password": "12345678", "passwordConfirm": "12345678",
        });
        root.post("/api/collections/users/records", body).await.expect(200);
    }
    for (short, clubs, club, users, user) in [
        ("i1", json!([id("hidden"), id("shown")]), id("hidden"), json!([id("ann"), id("bob")]), id("bob")),
        ("i2", json!([id("shown")]), id("shown"), json!([id("ann")]), id("ann")),
        ("i3", json!([id("hidden")]), String::new(), json!([id("bob")]), String::new()),
    ] {
        let body = json!({"id": id(short), "clubs": clubs, "club": club, "users": users, "user": user});
        root.post("/api/collections/items/records", body).await.expect(200);
    }
    // Whatever is guessed about the hidden club and Bob's address, the answer is the same for a right and a wrong guess.
    for template in [
        "clubs.name = '$'",
        "clubs.name != '$'",
        "clubs.name ?= '$'",
        "clubs.name ~ '$'",
        "clubs.name !~ '$'",
        "clubs.name ?!= '$'",
        "clubs.name < '$'",
        "clubs.name >= '$'",
        "'$' = clubs.name",
        "clubs.name:lower = '$'",
        "club.name = '$'",
        "club.name != '$'",
        "clubs.name != '$' || id != ''",
        "clubs.name = club.name && club.name = '$'",
        "users.email = '$'",
        "users.email != '$'",
        "users.email ?= '$'",
        "users.email ~ '$'",
        "users.email !~ '$'",
        "user.email = '$'",
        "user.email != '$'",
        "'$' != user.email",
        "user.email > '$'",
        "user.email:lower = '$'",
        "users.email != '$' || id = 'i'",
        "strftime('%Y', users.email) != '$'",
    ] {
        let mut answers = Vec::new();
        let is_email = template.contains("email");
        for (right, wrong) in
            if is_email { [("bob@x.io", "bob@x.ix"), ("bob", "bobo")] } else { [("Oak", "Oax"), ("O", "OO")] }
        {
            for guess in [right, wrong] {
                let query = format!("filter={}&sort=id", encoded(&template.replace('$', guess)));
                answers.push(ids(&guest, "items", &query).await);
            }
            let [.., a, b] = answers.as_slice() else { panic!("two answers") };
            assert_eq!(a, b, "{template}: {right} and {wrong} can be told apart");
        }
    }
    // Bob's address sorts as if it were empty, so moving it in the alphabet moves nothing.
    for sort in ["user.email,id", "-user.email,id", "user.email:lower,id"] {
        let before = ids(&guest, "items", &format!("sort={sort}")).await;
        for email in ["aaa@x.io", "zzz@x.io"] {
            root.patch(&format!("/api/collections/users/records/{}", id("bob")), json!({"email": email}))
                .await
                .expect(200);
            assert_eq!(ids(&guest, "items", &format!("sort={sort}")).await, before, "{sort} {email}");
        }
    }
    // The controls: a superuser can tell, so the guesses above were worth making.
    let root_sees = async |filter: &str| ids(&root, "items", &format!("filter={}&sort=id", encoded(filter))).await;
    assert_eq!(root_sees("clubs.name ?= 'Oak'").await, ["i1", "i3"]);
    assert_eq!(root_sees("clubs.name != 'Oak'").await, ["i2"]);
    assert_eq!(root_sees("user.email ~ 'zzz'").await, ["i1"]);
}
