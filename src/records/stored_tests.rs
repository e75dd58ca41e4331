//! Images: what a row held comes back as it was, but for secrets.

use proptest::prelude::*;

use super::*;
use crate::schema::Rules;

const TYPES: [&str; 14] = [
    "text", "editor", "number", "bool", "email", "url", "date", "autodate", "select", "relation", "file", "password",
    "json", "geoPoint",
];

fn field(id: &str, name: &str, type_name: &str) -> Field {
    Field { id: id.into(), ..Field::new(name, FieldOptions::new(type_name).unwrap()) }
}

fn plan(kind: CollectionKind, fields: Vec<Field>) -> Arc<Plan> {
    Arc::new(Plan::new(Arc::new(Collection {
        id: "c".into(),
        name: "t".into(),
        system: false,
        rules: Rules::default(),
        fields,
        indexes: Vec::new(),
        created: String::new(),
        updated: String::new(),
        search: None,
        kind,
    })))
}

fn auth() -> CollectionKind {
    CollectionKind::Auth(Box::default())
}

/// A field of each type, and those of auth collections.
fn everything() -> Arc<Plan> {
    let mut fields = vec![field("key", "id", "text"), field("k", "tokenKey", "text"), field("p", "pass", "password")];
    fields.extend(TYPES.map(|name| field(&format!("f<\"{name}"), name, name)));
    plan(auth(), fields)
}

/// A table that takes anything, and a row of it.
fn table(plan: &Plan, values: &[SqlValue]) -> Connection {
    let conn = Connection::open_in_memory().unwrap();
    let columns: Vec<String> = plan.collection().fields.iter().map(|field| format!("`{}`", field.name)).collect();
    conn.execute_batch(&format!("CREATE TABLE t ({})", columns.join(","))).unwrap();
    conn.execute(plan.insert(), rusqlite::params_from_iter(values)).unwrap();
    conn
}

fn any_column() -> impl Strategy<Value = SqlValue> {
    prop_oneof![
        Just(SqlValue::Null),
        any::<i64>().prop_map(SqlValue::Integer),
        (-3i64..3).prop_map(SqlValue::Integer),
        any::<f64>().prop_map(SqlValue::Real),
        (-3i32..3).prop_map(|n| SqlValue::Real(f64::from(n))),
        prop_oneof![Just(f64::INFINITY), Just(f64::NEG_INFINITY), Just(f64::MIN_POSITIVE), Just(1e300)]
            .prop_map(SqlValue::Real),
        "\\PC*|[\\x00-\\x7f]{0,12}|[<>&\u{2028}\u{fffd}\"\\\\]{0,6}".prop_map(SqlValue::Text),
        prop::collection::vec(any::<u8>(), 0..8).prop_map(SqlValue::Blob),
    ]
}

proptest! {
    /// Whatever a row holds, it can be had back from its image; the classes of its values too.
    #[test]
    fn rows_survive_their_image(columns in prop::collection::vec(any_column(), TYPES.len() + 2)) {
        let plan = everything();
        let mut values = vec![SqlValue::Text("an id".into())];
        values.extend(columns);
        let conn = table(&plan, &values);
        let stored = Stored::find(&conn, &plan, "an id")?.unwrap();
        let image = stored.image();
        let of_row = conn.query_row(plan.select_by_id(), ["an id"], |row| Ok(image_of(&plan, row).unwrap()))?;
        prop_assert_eq!(&image, &of_row);
        let back = Stored::from_image(&plan, &image).unwrap();
        let record = back.record();
        for (i, field) in plan.collection().fields.iter().enumerate() {
            let is_secret = ["tokenKey", "pass", "password"].contains(&field.name.as_str());
            let want = if is_secret { &SqlValue::Null } else { &stored.values()[i] };
            // Told apart by their text: 0.0 and -0.0 are equal.
            prop_assert_eq!(format!("{:?}", &back.values()[i]), format!("{:?}", want), "{}", &field.name);
            prop_assert_eq!(&record.values()[i], &field.read(ValueRef::from(want)), "{}", &field.name);
        }
        let (read, want) = (stored.record(), Record::find(&conn, &plan, "an id")?.unwrap());
        prop_assert_eq!(read.values(), want.values());
    }
}

#[test]
fn other_text_is_no_image() {
    let plan = everything();
    for (text, want) in [
        ("{}", true),
        (r#"{"key":"x","unknown":true}"#, true),
        ("", false),
        ("null", false),
        ("[]", false),
        ("{", false),
        (r#"{"key":true}"#, false),
        (r#"{"key":[]}"#, false),
        (r#"{"key":{}}"#, false),
        (r#"{"key":{"real":"x"}}"#, false),
        (r#"{"key":{"blob":[256]}}"#, false),
        (r#"{"key":{"real":"inf","blob":[]}}"#, false),
    ] {
        assert_eq!(Stored::from_image(&plan, text).is_some(), want, "{text}");
    }
}

#[test]
fn an_image_keeps_what_numbers_are() {
    let plan = plan(CollectionKind::Base, ["a", "b", "c", "d"].map(|name| field(name, name, "json")).into());
    let values =
        [SqlValue::Real(1.0), SqlValue::Integer(1), SqlValue::Real(f64::NEG_INFINITY), SqlValue::Blob(vec![1, 2])];
    let stored = Stored::new(plan, values.into());
    assert_eq!(stored.image(), r#"{"a":1.0,"b":1,"c":{"real":"-inf"},"d":{"blob":[1,2]}}"#);
}

#[test]
fn secrets_are_not_in_the_image() {
    let fields =
        || vec![field("k", "tokenKey", "text"), field("p", "password", "password"), field("n", "note", "text")];
    let values: Vec<SqlValue> = ["key", "hash", "x"].map(|text| SqlValue::Text(text.into())).into();
    let image = |kind| Stored::new(plan(kind, fields()), values.clone()).image();
    assert_eq!(image(auth()), r#"{"n":"x"}"#);
    assert_eq!(image(CollectionKind::Base), r#"{"k":"key","n":"x"}"#, "an ordinary field of that name");
    // Nor are they read from one.
    let read = Stored::from_image(&plan(auth(), fields()), r#"{"k":"key","p":"hash","n":"x"}"#).unwrap();
    assert_eq!(read.values(), [SqlValue::Null, SqlValue::Null, SqlValue::Text("x".into())]);
    assert_eq!(format!("{read:?}"), r#"Stored { collection: "t", .. }"#);
}

#[test]
fn fields_may_have_changed_since() {
    let old = plan(CollectionKind::Base, vec![field("1", "renamed", "text"), field("2", "removed", "text")]);
    let text = |text: &str| SqlValue::Text(text.into());
    let image = Stored::new(old, vec![text("a"), text("b")]).image();
    let new = plan(CollectionKind::Base, vec![field("3", "added", "number"), field("1", "name", "text")]);
    let stored = Stored::from_image(&new, &image).unwrap();
    assert_eq!(stored.values(), [SqlValue::Null, text("a")]);
    assert_eq!(stored.record().text("name"), "a");
}

#[test]
fn a_record_that_is_not_there_is_not_found() {
    let plan = everything();
    let conn = table(&plan, &vec![SqlValue::Null; plan.collection().fields.len()]);
    assert!(Stored::find(&conn, &plan, "x").unwrap().is_none());
}
