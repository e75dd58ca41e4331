//! What somebody may not see neither matches nor shows, and does not change what else is found.

use serde_json::json;

use super::{add, caught_up, list, searched, titles, values};
use crate::server::TestServer;

#[tokio::test]
async fn hidden_fields_are_for_superusers() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let fields = json!([
        {"name": "title", "type": "text"},
        {"name": "secret", "type": "text", "hidden": true},
        {"name": "level", "type": "select", "values": ["low", "high"], "hidden": true},
    ]);
    let id = searched(&root, "notes", fields, json!({"fields": ["title", "secret"], "facets": ["level"]})).await;
    add(&root, "notes", json!({"title": "public words", "secret": "treasure words", "level": "high"})).await;
    caught_up(&server, &root, &id).await;
    let guest = server.guest();
    for question in ["treasure", "treas", "treasurre", "secret:treasure", "public -treasure", "\"treasure words\""] {
        let (guest_finds, root_finds) =
            (titles(&guest, "notes", question).await, titles(&root, "notes", question).await);
        let is_excluded = question.starts_with("public");
        assert_eq!(guest_finds.len(), usize::from(is_excluded), "{question}");
        assert_eq!(root_finds.len(), usize::from(!is_excluded), "{question}");
    }
    let all = [("search", "words"), ("highlight", "*")];
    assert!(!list(&guest, "notes", &all).await.text.contains("treasure"));
    let shown = list(&root, "notes", &all).await.expect(200);
    assert_eq!(shown["items"][0]["@search"]["highlights"]["secret"], "treasure <mark>words</mark>");
    for (key, name) in [("highlight", "secret"), ("facets", "level")] {
        let refused = list(&guest, "notes", &[("search", "words"), (key, name)]).await;
        let unknown = list(&guest, "notes", &[("search", "words"), (key, "nope")]).await;
        assert_eq!((refused.status, unknown.status), (400.try_into().unwrap(), 400.try_into().unwrap()));
        assert_eq!(refused.text.replace(name, "nope"), unknown.text, "a hidden field is one that is not there");
        list(&root, "notes", &[("search", "words"), (key, name)]).await.expect(200);
    }
    // Names wander, what is hidden stays so: also while the index of before still answers.
    let mut fields = root.get("/api/collections/notes").await.expect(200)["fields"].clone();
    for field in fields.as_array_mut().unwrap() {
        if field["name"] == "secret" {
            field["name"] = json!("was_secret");
        }
    }
    fields.as_array_mut().unwrap().push(json!({"name": "secret", "type": "text"}));
    let search = json!({"fields": ["title", "secret", "was_secret"]});
    root.patch("/api/collections/notes", json!({"fields": fields, "search": search})).await.expect(200);
    assert_eq!(titles(&guest, "notes", "treasure").await, Vec::<String>::new());
    caught_up(&server, &root, &id).await;
    assert_eq!(titles(&guest, "notes", "treasure").await, Vec::<String>::new());
    assert_eq!(titles(&root, "notes", "was_secret:treasure").await.len(), 1);
    // A field that becomes hidden is hidden at once.
    let mut fields = root.get("/api/collections/notes").await.expect(200)["fields"].clone();
    for field in fields.as_array_mut().unwrap() {
        field["hidden"] = json!(field["name"] != "id");
    }
    root.patch("/api/collections/notes", json!({"fields": fields})).await.expect(200);
    let page = list(&guest, "notes", &[("search", "public")]).await.expect(200);
    assert_eq!(page["totalItems"], 0);
}

#[tokio::test]
async fn addresses_are_for_superusers() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let changed = json!({"listRule": "", "viewRule": "", "search": {"fields": ["name", "email"]}});
    let id = root.patch("/api/collections/users", changed).await.expect(200)["id"].as_str().unwrap().to_owned();
    let ann = server.user("ann").await;
    let body = json!({
        "email": "visible@example.org", "emailVisibility": true, "name": "Carol",
        "password": crate::server::PASSWORD, "passwordConfirm": crate::server::PASSWORD,
    });
    root.post("/api/collections/users/records", body).await.expect(200);
    caught_up(&server, &root, &id).await;
    for question in ["example", "ann@example.com", "email:example", "visible@example.org"] {
        for client in [&server.guest(), &ann] {
            let page = list(client, "users", &[("search", question), ("highlight", "*")]).await.expect(200);
            assert!(!page.to_string().contains("<mark>example"), "{question}: {page}");
            let by_name = question.starts_with("ann");
            assert!(page["totalItems"].as_i64().unwrap() <= i64::from(by_name), "{question}: {page}");
        }
        let page = list(&root, "users", &[("search", question)]).await.expect(200);
        assert!(page["totalItems"].as_i64().unwrap() >= 1, "{question}: {page}");
    }
    list(&ann, "users", &[("search", "ann"), ("highlight", "email")]).await.expect(400);
}

#[tokio::test]
async fn hidden_records_do_not_change_what_is_found() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let fields = json!([{"name": "title", "type": "text"}, {"name": "public", "type": "bool"}]);
    let id = searched(&root, "pets", fields, json!({"fields": ["title"], "facets": ["public"]})).await;
    root.patch("/api/collections/pets", json!({"listRule": "public = true"})).await.expect(200);
    add(&root, "pets", json!({"title": "a kiten", "public": true})).await;
    for n in 0..20 {
        add(&root, "pets", json!({"title": format!("kitten {n}"), "public": false})).await;
    }
    caught_up(&server, &root, &id).await;
    // Twenty that match exactly would be enough, but they are not for guests.
    let page = list(&server.guest(), "pets", &[("search", "kitten"), ("facets", "public")]).await.expect(200);
    assert_eq!((values(&page, "title"), &page["totalItems"]), (vec!["a kiten"], &json!(1)));
    assert_eq!(page["facets"], json!({"public": [{"count": 1, "value": true}]}));
    let page = list(&root, "pets", &[("search", "kitten")]).await.expect(200);
    assert_eq!(page["totalItems"], 20);
    // A record that is gone is not found, wherever the index is by then.
    for n in 0..20 {
        let gone = list(&root, "pets", &[("search", &format!("\"kitten {n}\""))]).await.expect(200);
        let id = gone["items"][0]["id"].as_str().unwrap().to_owned();
        root.delete(&format!("/api/collections/pets/records/{id}")).await.expect(204);
        let left = list(&root, "pets", &[("search", "kitten"), ("facets", "public")]).await.expect(200);
        let titles = values(&left, "title");
        assert_eq!(left["totalItems"], titles.len());
        assert!(!left.to_string().contains(&id), "{left}");
    }
}
