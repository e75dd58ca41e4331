//! View collections.

use super::*;
use crate::collections::{dry_run_view, get};

const RUNAWAY: &str = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) as id from n";

fn view(conn: &Connection, query: &str) -> Result<Collection, CollectionError> {
    try_create(conn, json!({"name": "v", "type": "view", "viewQuery": query}))
}

#[test]
fn queries_are_checked() {
    let conn = database();
    posts(&conn);
    let invalid = "viewQuery=invalid_view_query";
    let no_fields = format!("fields=required {invalid}");
    let no_id = format!("fields=missing_primary_key {invalid}");
    for (query, want) in [
        ("", "fields=required viewQuery=required".to_owned()),
        (" ;", no_fields.clone()),
        ("select * from posts", no_fields.clone()),
        ("select id, * from posts", no_fields.clone()),
        ("select title from posts", no_id.clone()),
        ("select ID from posts", no_id),
        ("select id from posts union select id from users", no_fields.clone()),
        ("select id, rank + 1 as x from posts", no_fields.clone()),
        ("select id from nope", no_fields.clone()),
        ("select id, nope from posts", no_fields.clone()),
        ("select id from posts; select 1", no_fields.clone()),
        ("select id from posts); drop table posts; --", no_fields.clone()),
        ("select id from posts where id = ?1", no_fields.clone()),
        ("select id from posts where id = :name", no_fields.clone()),
        ("select id, title as `my-col` from posts", format!("fields.1.name=match_invalid {invalid}")),
        ("select id, title as collectionId from posts", format!("fields.1.name=not_in_invalid {invalid}")),
        ("select id, title, title from posts", format!("fields.2.name=match_invalid {invalid}")),
        ("select '' as id", invalid.to_owned()),
        ("select null as id", invalid.to_owned()),
        ("select 'a' as id from posts", invalid.to_owned()),
        (RUNAWAY, invalid.to_owned()),
        ("select printf('%.*c', 900000000, 'x') as id", invalid.to_owned()),
        // Writing, reaching outside and reading secrets.
        ("delete from posts returning id", no_fields.clone()),
        ("attach 'x' as y", no_fields.clone()),
        ("pragma table_info(posts)", no_fields.clone()),
        ("select name as id from pragma_table_info('posts')", no_fields.clone()),
        ("select load_extension('x') as id", no_fields.clone()),
        ("select id from _params", no_fields.clone()),
        ("select count(*) as id from _PARAMS", no_fields.clone()),
        ("select id, options from _collections", no_fields.clone()),
        ("select name as id from sqlite_master", no_fields.clone()),
        ("select name as id from sqlite_schema", no_fields.clone()),
        ("select file as id from _migrations", no_fields.clone()),
        ("select id, password from users", no_fields.clone()),
        ("select id, (password || '') as x from users", no_fields.clone()),
        ("select id, TOKENKEY from USERS", no_fields.clone()),
        ("select id from users where tokenKey > 'a'", no_fields.clone()),
        ("select id from (select * from users)", no_fields.clone()),
        ("with u as (select id, password p from users) select id, p from u", no_fields.clone()),
        ("select id, password from _otps", no_fields),
    ] {
        assert_eq!(codes(view(&conn, query)), want, "{query}");
    }
    assert_eq!(text(&conn, "SELECT group_concat(title) FROM posts"), "one,two");
}

#[test]
fn a_query_that_is_too_long_is_refused() {
    let conn = database();
    let query = format!("select '1' as id, ('{}') as x", "x".repeat(50_000));
    assert_eq!(codes(view(&conn, &query)), "fields=required viewQuery=invalid_view_query");
    let query = format!("select '1' as id, {}1{} as x", "(".repeat(10_000), ")".repeat(10_000));
    assert_eq!(codes(view(&conn, &query)), "fields=required viewQuery=invalid_view_query");
}

#[test]
fn views_have_neither_write_rules_nor_indexes() {
    let conn = database();
    for (key, value, want) in [
        ("createRule", json!(""), "createRule=nil"),
        ("updateRule", json!("id = 1"), "updateRule=nil"),
        ("deleteRule", json!(""), "deleteRule=nil"),
        ("indexes", json!(["create index i on v (id)"]), "indexes=indexes_not_supported"),
        ("fields", json!([{"name": "own", "type": "text"}]), "ok"),
    ] {
        let mut body = json!({"name": "v", "type": "view", "viewQuery": "select '1' as id"});
        body[key] = value;
        assert_eq!(codes(try_create(&conn, body)), want, "{key}");
    }
    assert_eq!(field_list(&get(&conn, "v").unwrap()), "id:text");
}

#[test]
fn field_types_follow_from_the_query() {
    let conn = database();
    let posts = posts(&conn);
    let query = "select p.id, p.title, p.rank as r, tags, u.email as mail, p.id as pid, u.id uid, \
                 count(p.id) c, total(rank) t, cast(rank as int) i, cast(rank as real) f, cast(rank as text) s, \
                 cast(rank as bool) b, sum(rank) j, 'x' as l, (rank + 1) as e, P.title as other \
                 from posts as p left join users u on u.id = p.id group by p.id;";
    let view = view(&conn, query).unwrap();
    assert_eq!(
        field_list(&view),
        "id:text title:text r:number tags:select mail:email pid:relation uid:relation c:number t:number i:number \
         f:number s:text b:bool j:json l:json e:json other:json"
    );
    let field = |name: &str| view.find_field(name).unwrap().to_json();
    let clone = field("tags");
    assert!(clone["id"].as_str().unwrap().starts_with("_clone_"));
    assert_eq!((&clone["values"], &clone["maxSelect"]), (&json!(["x", "y"]), &json!(2)));
    assert_eq!(
        (&field("c")["onlyInt"], &field("t")["onlyInt"], &field("i")["onlyInt"]),
        (&json!(true), &json!(false), &json!(true))
    );
    assert_eq!(
        (&field("pid")["collectionId"], &field("uid")["collectionId"]),
        (&json!(posts.id), &json!("_pb_users_auth_"))
    );
    assert_eq!((&field("pid")["maxSelect"], &field("j")["maxSize"]), (&json!(1), &json!(1)));
    let id = field("id");
    assert_eq!(
        (&id["id"], &id["min"], &id["system"], &id["primaryKey"]),
        (&json!("text3208210256"), &json!(0), &json!(true), &json!(true))
    );
    assert_eq!(view.kind, CollectionKind::View { query: query.to_owned() }, "the query is stored as submitted");
}

#[test]
fn views_read_views_and_tables_of_json() {
    let conn = database();
    posts(&conn);
    view(&conn, "select id, title as heading from posts").unwrap();
    let body = json!({"name": "w", "type": "view", "viewQuery": "select id, heading, id as vid from v"});
    assert_eq!(field_list(&created(&conn, body)), "id:text heading:text vid:relation");
    let query = "select (p.id || t.value) as id, t.value as tag from posts p, json_each(p.tags) t";
    let body = json!({"name": "t", "type": "view", "viewQuery": query});
    assert_eq!(field_list(&created(&conn, body)), "id:text tag:json");
    assert_eq!(text(&conn, "SELECT group_concat(id) FROM t"), "ax,ay");
    let query = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 3) select i as id from n";
    created(&conn, json!({"name": "n", "type": "view", "viewQuery": query}));
}

#[test]
fn ids_that_are_no_text_are_cast() {
    let conn = database();
    posts(&conn);
    view(&conn, "select (row_number() over()) as id, title from posts").unwrap();
    assert_eq!(
        catalogue(&conn, "v"),
        [
            "CREATE VIEW `v` AS SELECT * FROM (SELECT CAST(`id` as TEXT) `id`,`title` FROM (select (row_number() over()) as \
          id, title AS `title` from posts))"
        ]
    );
    created(&conn, json!({"name": "w", "type": "view", "viewQuery": " select id from posts ; "}));
    assert_eq!(catalogue(&conn, "w"), ["CREATE VIEW `w` AS SELECT * FROM (select id AS `id` from posts)"]);
    created(&conn, json!({"name": "x", "type": "view", "viewQuery": "select id from posts -- all"}));
}

#[test]
fn a_view_cannot_select_from_itself() {
    let conn = database();
    posts(&conn);
    view(&conn, "select id from posts").unwrap();
    let result = try_update(&conn, "v", json!({"viewQuery": "select id from v"}));
    assert_eq!(codes(result), "fields=required viewQuery=invalid_view_query");
    assert_eq!(text(&conn, "SELECT group_concat(id) FROM v"), "a,b");
}

#[test]
fn views_follow_the_collections_they_read() {
    let conn = database();
    let mut fields: Vec<Json> = posts(&conn).fields[1..].iter().map(|field| Json::Object(field.to_json())).collect();
    view(&conn, "select id, title, tags from posts").unwrap();
    created(&conn, json!({"name": "w", "type": "view", "viewQuery": "select id, title from v"}));
    let before = get(&conn, "v").unwrap();
    fields[0]["max"] = json!(7);
    updated(&conn, "posts", json!({"fields": fields}));
    let max = |name: &str| get(&conn, name).unwrap().find_field("title").unwrap().to_json()["max"].clone();
    assert_eq!((max("v"), max("w")), (json!(7), json!(7)));
    assert_eq!(get(&conn, "v").unwrap().fields[1].id, before.fields[1].id, "copied fields keep their ids");
    // SQLite follows a renamed column, the stored query does not: the view works, and stays as it is.
    fields[0]["name"] = json!("heading");
    updated(&conn, "posts", json!({"fields": fields}));
    assert_eq!(text(&conn, "SELECT group_concat(title) FROM v"), "one,two");
    updated(&conn, "v", json!({"listRule": ""}));
    assert_eq!(field_list(&get(&conn, "v").unwrap()), "id:text title:text tags:select");
    let result = try_update(&conn, "v", json!({"viewQuery": "select id, title from posts "}));
    assert_eq!(codes(result), "fields=required viewQuery=invalid_view_query");
    assert_eq!(updated(&conn, "v", json!({"viewQuery": "select id, heading from posts"})).fields.len(), 2);
}

#[test]
fn renaming_a_view_or_its_source_keeps_it_working() {
    let conn = database();
    posts(&conn);
    view(&conn, "select id, title from posts").unwrap();
    updated(&conn, "v", json!({"name": "w"}));
    assert_eq!(text(&conn, "SELECT group_concat(title) FROM w"), "one,two");
    assert_eq!(text(&conn, "SELECT count(*) || '' FROM sqlite_master WHERE name = 'v'"), "0");
    updated(&conn, "posts", json!({"name": "articles"}));
    assert_eq!(text(&conn, "SELECT group_concat(title) FROM w"), "one,two");
}

#[test]
fn a_broken_view_hinders_no_rename() {
    let conn = database();
    let posts = posts(&conn);
    conn.execute_batch("CREATE VIEW stray AS SELECT * FROM nowhere").unwrap();
    let mut field = Json::Object(posts.fields[1].to_json());
    field["name"] = json!("heading");
    updated(&conn, "posts", json!({"name": "articles", "fields": [field]}));
    assert_eq!(catalogue(&conn, "stray"), ["CREATE VIEW stray AS SELECT * FROM nowhere"]);
}

#[test]
fn dry_runs_show_fields_and_rows_and_change_nothing() {
    let conn = database();
    posts(&conn);
    let run = dry_run_view(&conn, "select id, title, 1 as one from posts").unwrap();
    assert_eq!(run.fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>(), ["id", "title", "one"]);
    assert_eq!(run.sample.len(), 2);
    let row: Json = serde_json::from_str(&run.sample[0]).unwrap();
    assert!(row["collectionName"].as_str().unwrap().starts_with("temp_view_"));
    assert_eq!((&row["id"], &row["title"], &row["one"]), (&json!("a"), &json!("one"), &json!(1)));
    assert_eq!(text(&conn, "SELECT count(*) || '' FROM sqlite_master WHERE type = 'view'"), "0");
    for (query, want) in [
        ("", "query=required"),
        ("select 1", "ViewQuery("),
        ("select '' as id", "ViewQuery("),
        ("select id, password from users", "ViewQuery("),
        (RUNAWAY, "ViewQuery("),
        ("drop table posts", "ViewQuery("),
    ] {
        let got = codes(dry_run_view(&conn, query));
        assert!(got.starts_with(want), "{query}: {got}");
    }
    assert_eq!(codes(dry_run_view(&conn, &"x".repeat(5001))), "query=length_too_long");
}
