//! Deleting collections.

use super::*;
use crate::collections::delete;

fn try_delete(conn: &Connection, name: &str) -> String {
    codes(in_savepoint(conn, || delete(conn, name)))
}

#[test]
fn a_collection_in_use_stays() {
    let conn = database();
    let posts = posts(&conn);
    let relation = json!({"name": "post", "type": "relation", "collectionId": posts.id});
    created(&conn, json!({"name": "comments", "fields": [relation]}));
    created(&conn, json!({"name": "v", "type": "view", "viewQuery": "select id, post from comments"}));
    created(&conn, json!({"name": "w", "type": "view", "viewQuery": "select id from v"}));
    for (name, want) in [
        ("nope", "NotFound"),
        ("_mfas", "System(\"_mfas\")"),
        ("posts", "Referenced([\"comments\", \"v\"])"),
        ("comments", "UsedByViews([\"v\", \"w\"])"),
        ("v", "UsedByViews([\"w\"])"),
        ("W", "ok"),
        ("v", "ok"),
        ("comments", "ok"),
        ("posts", "ok"),
    ] {
        assert_eq!(try_delete(&conn, name), want, "{name}");
    }
    assert_eq!(
        text(&conn, "SELECT count(*) || '' FROM sqlite_master WHERE name IN ('posts', 'comments', 'v', 'w')"),
        "0"
    );
}

#[test]
fn a_collection_may_refer_to_itself() {
    let conn = database();
    let posts = posts(&conn);
    updated(&conn, "posts", json!({"fields": [{"name": "parent", "type": "relation", "collectionId": posts.id}]}));
    assert_eq!(try_delete(&conn, "posts"), "ok");
}

#[test]
fn rows_about_users_go_with_their_collection() {
    let conn = database();
    conn.execute_batch(
        "INSERT INTO _mfas (collectionRef) VALUES ('_pb_users_auth_'), ('other');
         INSERT INTO _authOrigins (collectionRef) VALUES ('_pb_users_auth_')",
    )
    .unwrap();
    assert_eq!(try_delete(&conn, "users"), "ok");
    assert_eq!(text(&conn, "SELECT group_concat(collectionRef) FROM _mfas"), "other");
    assert_eq!(text(&conn, "SELECT count(*) || '' FROM _authOrigins"), "0");
}

#[test]
fn a_view_that_is_broken_already_hinders_nobody() {
    let conn = database();
    posts(&conn);
    conn.execute_batch("CREATE VIEW stray AS SELECT * FROM nowhere").unwrap();
    assert_eq!(try_delete(&conn, "posts"), "ok");
}
