//! Tables follow their definitions, and keep their data.

use super::*;

fn rows(conn: &Connection, columns: &str) -> String {
    text(conn, &format!("SELECT group_concat({columns}, '; ') FROM (SELECT * FROM posts ORDER BY id)"))
}

/// The stored fields as JSON, without `id`.
fn fields_json(collection: &Collection) -> Vec<Json> {
    collection.fields[1..].iter().map(|field| Json::Object(field.to_json())).collect()
}

#[test]
fn new_columns_are_in_order_of_their_names() {
    let conn = database();
    posts(&conn);
    assert_eq!(
        catalogue(&conn, "posts"),
        [
            "CREATE TABLE `posts` (`id` TEXT PRIMARY KEY DEFAULT ('r'||lower(hex(randomblob(7)))) NOT NULL, `rank` NUMERIC \
          DEFAULT 0 NOT NULL, `tags` JSON DEFAULT '[]' NOT NULL, `title` TEXT DEFAULT '' NOT NULL)"
        ]
    );
}

#[test]
fn a_renamed_field_keeps_its_column() {
    let conn = database();
    let mut fields = fields_json(&posts(&conn));
    fields[0]["name"] = json!("heading");
    updated(&conn, "posts", json!({"fields": fields}));
    assert_eq!(rows(&conn, "heading || rank"), "one1; two2");
}

#[test]
fn names_can_be_swapped() {
    let conn = database();
    let mut fields = fields_json(&posts(&conn));
    (fields[0]["name"], fields[1]["name"]) = (json!("rank"), json!("title"));
    updated(&conn, "posts", json!({"fields": fields}));
    assert_eq!(rows(&conn, "rank || title"), "one1; two2");
}

#[test]
fn a_new_field_can_take_the_name_of_a_removed_one() {
    let conn = database();
    let mut fields = fields_json(&posts(&conn));
    fields[0] = json!({"id": "other", "name": "title", "type": "number"});
    fields.push(json!({"name": "place", "type": "geoPoint"}));
    updated(&conn, "posts", json!({"fields": fields}));
    assert_eq!(rows(&conn, "title || place"), r#"0{"lon":0,"lat":0}; 0{"lon":0,"lat":0}"#);
}

#[test]
fn a_field_without_an_id_keeps_the_column_of_its_name() {
    let conn = database();
    posts(&conn);
    updated(&conn, "posts", json!({"fields": [{"name": "title", "type": "text", "max": 5}]}));
    assert_eq!(rows(&conn, "title"), "one; two");
    assert_eq!(text(&conn, "SELECT group_concat(name) FROM pragma_table_info('posts')"), "id,title");
}

#[test]
fn an_empty_list_drops_all_own_columns() {
    let conn = database();
    posts(&conn);
    assert_eq!(field_list(&updated(&conn, "posts", json!({"fields": null}))), "id:text");
    assert_eq!(text(&conn, "SELECT group_concat(name) FROM pragma_table_info('posts')"), "id");
}

#[test]
fn a_renamed_collection_keeps_its_rows_and_indexes() {
    let conn = database();
    let indexes = json!(["CREATE INDEX `by_rank` ON `posts` (`rank`)"]);
    posts(&conn);
    updated(&conn, "posts", json!({"indexes": indexes}));
    let after = updated(&conn, "posts", json!({"name": "articles"}));
    assert_eq!(after.indexes, ["CREATE INDEX `by_rank` ON `articles` (`rank`)"]);
    assert_eq!(text(&conn, "SELECT group_concat(title) FROM articles"), "one,two");
    assert_eq!(catalogue(&conn, "articles")[1], "CREATE INDEX `by_rank` ON `articles` (`rank`)");
}

#[test]
fn indexes_are_replaced() {
    let conn = database();
    posts(&conn);
    updated(&conn, "posts", json!({"indexes": ["create index a on posts (rank)", "create index b on posts (title)"]}));
    updated(&conn, "posts", json!({"indexes": ["create unique index b on posts (rank)"]}));
    assert_eq!(catalogue(&conn, "posts")[1..], ["CREATE UNIQUE INDEX `b` ON `posts` (`rank`)"]);
    conn.execute_batch("UPDATE posts SET rank = 7 WHERE title = 'one'").unwrap();
    let body = json!({"indexes": ["create unique index b on posts (length(title))"]});
    assert_eq!(codes(try_update(&conn, "posts", body)), "indexes.0=invalid_index_expression");
    assert_eq!(catalogue(&conn, "posts")[1..], ["CREATE UNIQUE INDEX `b` ON `posts` (`rank`)"]);
}

#[test]
fn an_indexed_field_cannot_go_alone() {
    let conn = database();
    posts(&conn);
    updated(&conn, "posts", json!({"indexes": ["create index b on posts (rank)"]}));
    let body = json!({"fields": [{"name": "title", "type": "text"}]});
    assert_eq!(codes(try_update(&conn, "posts", body)), "indexes.0=invalid_index_expression");
    assert_eq!(rows(&conn, "rank"), "1; 2");
}

#[test]
fn values_survive_a_change_between_single_and_multiple() {
    let conn = database();
    let mut fields = fields_json(&posts(&conn));
    created(&conn, json!({"name": "v", "type": "view", "viewQuery": "select id, tags from posts"}));
    conn.execute_batch(
        r#"INSERT INTO posts (id, tags) VALUES ('c', ''), ('d', 'y'), ('e', '["x"]'), ('f', '[broken')"#,
    )
    .unwrap();
    fields[2]["maxSelect"] = json!(1);
    updated(&conn, "posts", json!({"fields": fields}));
    assert_eq!(rows(&conn, "tags"), "y; ; ; y; x; [broken");
    assert_eq!(text(&conn, "SELECT tags FROM v WHERE id = 'a'"), "y");
    conn.execute_batch("UPDATE posts SET tags = '5' WHERE id = 'b'").unwrap();
    fields[2]["maxSelect"] = json!(2);
    updated(&conn, "posts", json!({"fields": fields}));
    assert_eq!(rows(&conn, "tags"), r#"["y"]; ["5"]; []; ["y"]; ["x"]; ["[broken"]"#);
    let view = crate::collections::get(&conn, "v").unwrap();
    assert_eq!(view.fields[1].to_json()["maxSelect"], json!(2));
}

#[test]
fn a_refused_change_leaves_everything_as_it_was() {
    let conn = database();
    posts(&conn);
    created(&conn, json!({"name": "v", "type": "view", "viewQuery": "select id, title from posts"}));
    let before = (crate::collections::store::load_all(&conn).unwrap(), catalogue(&conn, "posts"));
    let result = try_update(&conn, "posts", json!({"name": "other", "fields": [{"name": "rank", "type": "number"}]}));
    assert!(codes(result).starts_with("rejected: error in view v"), "dropping a column that a view needs");
    assert_eq!((crate::collections::store::load_all(&conn).unwrap(), catalogue(&conn, "posts")), before);
}

#[test]
fn odd_names_are_quoted() {
    let conn = database();
    let fields =
        json!([{"name": "select", "type": "text"}, {"name": "1", "type": "bool"}, {"name": "rowid", "type": "text"}]);
    let index = "create index `order` on `table` (`select`, \"1\")";
    created(&conn, json!({"name": "table", "fields": fields, "indexes": [index]}));
    updated(&conn, "table", json!({"name": "group"}));
    assert_eq!(catalogue(&conn, "group")[1], "CREATE INDEX `order` ON `group` (\n  `select`,\n  `1`\n)");
}
