//! The three functions against the SQL they stand for.

use proptest::prelude::*;
use rusqlite::{Connection, params};

use super::super::testing::any_value;
use super::*;

fn json_extract(column: &SqlValue, path: &str) -> Result<SqlValue, NotSupported> {
    super::json_extract(column, path).map(Scalar::into_value)
}

fn json_each(column: &SqlValue) -> Result<Vec<SqlValue>, NotSupported> {
    Ok(super::json_each(column)?.into_iter().map(Scalar::into_value).collect())
}

fn text(text: &str) -> SqlValue {
    SqlValue::Text(text.to_owned())
}

/// A table with the value in a column that changes nothing, so that no subtype is left.
fn database(value: &SqlValue) -> Connection {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch("CREATE TABLE t (c)").unwrap();
    conn.execute("INSERT INTO t VALUES (?)", params![value]).unwrap();
    conn
}

fn sqlite_values(conn: &Connection, sql: &str, path: Option<&str>) -> Option<Vec<SqlValue>> {
    let mut query = conn.prepare_cached(sql).ok()?;
    let parameters: &[&dyn rusqlite::ToSql] = if let Some(path) = &path { &[path] } else { &[] };
    let mut rows = query.query(parameters).ok()?;
    let mut values = Vec::new();
    while let Some(row) = rows.next().ok()? {
        values.push(SqlValue::from_column(row.get_ref(0).ok()?)?);
    }
    Some(values)
}

fn sqlite_extract(conn: &Connection, path: &str) -> Option<SqlValue> {
    let sql = "SELECT CASE WHEN json_valid(c) THEN json_extract(c, '$' || ?1)
               ELSE json_extract(json_object('pb', c), '$.pb' || ?1) END FROM t";
    sqlite_values(conn, sql, Some(path))?.pop()
}

fn sqlite_length(conn: &Connection) -> Option<SqlValue> {
    let sql = "SELECT json_array_length(CASE WHEN iif(json_valid(c), json_type(c) = 'array', FALSE) THEN c
               ELSE CASE WHEN c = '' OR c IS NULL THEN json_array() ELSE json_array(c) END END) FROM t";
    sqlite_values(conn, sql, None)?.pop()
}

fn sqlite_each(conn: &Connection) -> Option<Vec<SqlValue>> {
    let sql = "SELECT e.value FROM t,
               json_each(CASE WHEN iif(json_valid(c), json_type(c) = 'array', FALSE) THEN c ELSE json_array(c) END) e";
    sqlite_values(conn, sql, None)
}

/// Compares all functions with SQLite and says whether they were supported.
fn check(value: &SqlValue, paths: &[String]) -> Result<bool, TestCaseError> {
    let conn = database(value);
    let mut is_supported = true;
    for path in paths {
        match json_extract(value, path) {
            Ok(ours) => {
                let theirs = sqlite_extract(&conn, path).unwrap();
                prop_assert_eq!(bits(vec![ours]), bits(vec![theirs]), "{:?} {}", value, path);
            }
            Err(NotSupported) => is_supported = false,
        }
    }
    match json_length(value) {
        Ok(ours) => {
            let ours = SqlValue::Integer(i64::try_from(ours).unwrap());
            prop_assert_eq!(ours, sqlite_length(&conn).unwrap(), "{:?}", value);
        }
        Err(NotSupported) => is_supported = false,
    }
    match json_each(value) {
        Ok(ours) => prop_assert_eq!(bits(ours), bits(sqlite_each(&conn).unwrap()), "{:?}", value),
        Err(NotSupported) => is_supported = false,
    }
    Ok(is_supported)
}

/// Tells apart what `==` does not: zeros of both signs.
fn bits(values: Vec<SqlValue>) -> Vec<(SqlValue, u64)> {
    let bits = |value: &SqlValue| if let SqlValue::Real(number) = value { number.to_bits() } else { 0 };
    values
        .into_iter()
        .map(|value| {
            let bits = bits(&value);
            (value, bits)
        })
        .collect()
}

#[test]
fn documents() {
    let table = [
        (r#"{"a":1,"b":{"c":[10,20]},"s":"str","t":true,"nil":null,"e":""}"#, ".b.c[1]", SqlValue::Integer(20)),
        (r#"{"a":1,"t":true}"#, ".t", SqlValue::Integer(1)),
        (r#"{"a": [ 1.50 , "x\u0041" ] }"#, ".a", text(r#"[1.50,"x\u0041"]"#)),
        (r#"{"a": [ 1.50 , "x\u0041" ] }"#, ".a[1]", text("xA")),
        (r#"{"a":1,"a":2}"#, ".a", SqlValue::Integer(1)),
        (r#"{"\u0061":1}"#, ".a", SqlValue::Integer(1)),
        (r#""\ud83d\ude00 \/""#, "", text("😀 /")),
        ("[9223372036854775807]", "[0]", SqlValue::Integer(i64::MAX)),
        ("[9223372036854775808]", "[0]", SqlValue::Real(9_223_372_036_854_775_808.0)),
        ("[1,2]", "[99999999999999999999999]", SqlValue::Null),
        ("[1,2]", ".0", SqlValue::Null),
        ("{a:1}", "", text("{a:1}")),
        ("{a:1}", ".a", SqlValue::Null),
        ("plain", "", text("plain")),
        ("", "", text("")),
        ("01", "", text("01")),
    ];
    for (document, path, expected) in table {
        assert_eq!(json_extract(&text(document), path), Ok(expected), "{document} {path}");
        assert!(check(&text(document), &[path.to_owned()]).unwrap(), "{document}");
    }
}

#[test]
fn refused() {
    for path in ["a", ".", ".a.", "[", "[]", "[#-1]", "[-1]", ".*", ".\"a\"", ".a'b", "[1]x", ".é"] {
        assert_eq!(json_extract(&text("[]"), path), Err(NotSupported), "{path}");
    }
    let deep = "[".repeat(100_000);
    for document in ["a\0b", r#""\ud800""#, r#""\udc00\ud800""#, r#""\ud800\u0041""#, &deep] {
        assert_eq!(json_extract(&text(document), ""), Err(NotSupported), "{document:.20?}");
    }
    assert_eq!(json_extract(&SqlValue::Real(f64::INFINITY), ""), Err(NotSupported));
}

fn blank() -> impl Strategy<Value = String> {
    prop_oneof![8 => Just(String::new()), 1 => "[ \t\r\n]{1,2}"]
}

fn string() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z0-9'€😀\u{7f}]{0,3}",
        1 => r#"\\["\\/bfnrt]"#,
        1 => r"\\u00[0-7][1-9a-fA-F]",
        1 => r"\\u[0-9a-cA-C][0-9a-fA-F]{3}",
        1 => r"\\ud8[0-9a-f]{2}\\uDC[0-9A-F]{2}",
    ];
    prop::collection::vec(piece, 0..3).prop_map(|pieces| format!("\"{}\"", pieces.concat()))
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![6 => "\"[abc]\"", 1 => r#""a?\\u006[1-3]""#, 1 => Just("\"\"".to_owned()), 1 => string()]
}

/// Documents of random shape and spelling.
fn document() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        prop::sample::select(vec!["null", "true", "false", "0", "-0", "1E5", "1.50", "-0.0", "1e999", "1e-999"])
            .prop_map(str::to_owned),
        string(),
        any::<i64>().prop_map(|number| number.to_string()),
        "-?[1-9][0-9]{0,25}",
        "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,20})?([eE][-+]?[0-9]{1,3})?",
        any::<f64>()
            .prop_filter("JSON has only finite numbers", |number| number.is_finite())
            .prop_map(|number| format!("{number:e}")),
    ];
    let tree = leaf.prop_recursive(4, 30, 4, |value| {
        let value =
            (blank(), value, blank()).prop_map(|(before, value, after)| format!("{before}{value}{after}")).boxed();
        let member = (blank(), key(), blank(), value.clone()).prop_map(|(b, k, a, v)| format!("{b}{k}{a}:{v}"));
        prop_oneof![
            prop::collection::vec(value, 0..4).prop_map(|values| format!("[{}]", values.join(","))),
            prop::collection::vec(member, 0..4).prop_map(|members| format!("{{{}}}", members.join(","))),
        ]
    });
    (blank(), tree, blank()).prop_map(|(before, tree, after)| format!("{before}{tree}{after}"))
}

fn path() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "(\\.[abc]|\\[[0-2]\\]){1,4}", "[.a\\[\\]0]{1,4}"]
}

proptest! {

    #[test]
    fn documents_like_in_sqlite(document in document(), paths in prop::collection::vec(path(), 6)) {
        check(&text(&document), &paths)?;
    }

    #[test]
    fn broken_documents_like_in_sqlite(
        document in document(),
        at in any::<prop::sample::Index>(),
        other in prop::sample::select(vec!["", " ", "\"", "\\", "{", "}", "[", "]", ",", ":", "0", "x", ".", "-", "e", "\n", "\u{1}", "'", "/*", "\u{feff}", "+"]),
        removed in 0..2_usize,
        paths in prop::collection::vec(path(), 3),
    ) {
        let mut characters: Vec<char> = document.chars().collect();
        let at = at.index(characters.len());
        characters.splice(at..(at + removed).min(characters.len()), other.chars());
        check(&text(&characters.into_iter().collect::<String>()), &paths)?;
    }

    #[test]
    fn other_values_like_in_sqlite(value in any_value(), paths in prop::collection::vec(path(), 2)) {
        check(&value, &paths)?;
    }

    #[test]
    fn other_texts_like_in_sqlite(value in r#"[\[\]{}":,0-9aentruflsNI.+\-eE\\' \n/*]{0,8}|.{0,6}"#, paths in prop::collection::vec(path(), 2)) {
        check(&text(&value), &paths)?;
    }
}
