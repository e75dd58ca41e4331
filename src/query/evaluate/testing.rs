//! Random collections, rows, requests and expressions.

use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::select;
use rusqlite::{Connection, params_from_iter};
use serde_json::{Map, Value as Json, json};

use crate::query::{AuthInfo, Catalog, Context, Plan, RequestHead, RequestInfo, SqlValue, quote_identifier};
use crate::schema::fields::{FileOptions, RelationOptions, SelectOptions};
use crate::schema::{AuthOptions, Collection, CollectionKind, Field, FieldOptions, Rules, defaults};

/// Id of the record conditions are about.
pub(super) const RECORD: &str = "item1";

/// Id of the caller.
pub(super) const CALLER: &str = "user1";

/// Every type, most of them twice so that fields can be compared with each other.
const FIELDS: [(&str, &str); 22] = [
    ("title", "text"),
    ("slug", "text"),
    ("content", "editor"),
    ("qty", "number"),
    ("rank", "number"),
    ("done", "bool"),
    ("open", "bool"),
    ("mail", "email"),
    ("link", "url"),
    ("due", "date"),
    ("made", "autodate"),
    ("kind", "select"),
    ("tags", "select"),
    ("owner", "relation"),
    ("members", "relation"),
    ("cover", "file"),
    ("gallery", "file"),
    ("secret", "password"),
    ("meta", "json"),
    ("extra", "json"),
    ("place", "geoPoint"),
    ("spot", "geoPoint"),
];

const LISTS: [&str; 6] = ["kind", "tags", "owner", "members", "cover", "gallery"];

/// Texts that stand in rows, requests and expressions alike, so that they meet.
const TEXTS: [&str; 33] = [
    "",
    "a",
    "A",
    "b",
    "ab",
    "aB%",
    "a_b",
    "%",
    "_",
    r"\",
    r"a\%b",
    "é",
    "É",
    "5",
    "5.0",
    "05",
    " 5 ",
    "-1.5",
    "1e3",
    "0",
    "1",
    "true",
    "null",
    "user1",
    "user2",
    "gone",
    "[]",
    r#"["a","b"]"#,
    "2024-02-29 13:05:09.250Z",
    "2024",
    "5\0",
    "a\0b",
    "9007199254740993",
];

const JSON: [&str; 22] = [
    "null",
    "5",
    "5.0",
    "-1.5",
    "\"a\"",
    "\"5\"",
    "true",
    "false",
    "[]",
    "{}",
    "[1,2]",
    r#"["a","b"]"#,
    r#"["a",null,5,true]"#,
    r#"{"a":{"b":[1,"x",null]},"s":"aB%","n":5}"#,
    r#"{"a":"a","n":"5","0":1}"#,
    r#"[{"a":1},[2]]"#,
    r#" [ "user1" , "a" ] "#,
    r#"{"a":null,"s":"\u00e9"}"#,
    "{broken",
    "[1,]",
    r#"{"a":1,"a":2}"#,
    "1e400",
];

const PLACES: [&str; 7] = [
    r#"{"lon":0,"lat":0}"#,
    r#"{"lon":10,"lat":20}"#,
    r#"{"lon":10.00001,"lat":20}"#,
    r#"{"lon":-179.9,"lat":-89.5}"#,
    r#"{"lon":"10","lat":"x"}"#,
    r#"{"lon":null}"#,
    "{broken",
];

/// A schema, the rows in it and a request.
#[derive(Debug)]
pub(super) struct World {
    pub(super) catalog: Catalog,
    pub(super) request: RequestInfo,
    /// The record's values, as they are written.
    pub(super) values: Vec<SqlValue>,
    users: Vec<Vec<SqlValue>>,
}

impl World {
    /// A record of these values, and one user, who is the caller unless the request has a guest.
    pub(super) fn new(
        items: (Vec<Field>, Vec<SqlValue>),
        users: (Vec<Field>, Vec<SqlValue>),
        request: RequestInfo,
    ) -> Self {
        let auth = CollectionKind::Auth(Box::<AuthOptions>::default());
        let items_table = collection("items", CollectionKind::Base, items.0);
        let catalog = Catalog::new(vec![items_table, collection("users", auth, users.0)]);
        Self { catalog, request, values: items.1, users: vec![users.1] }
    }

    /// Who calls, if it is the user.
    pub(super) fn sign_in(&mut self) {
        self.request.auth = Some(AuthInfo {
            plan: Arc::clone(self.user_plan()),
            id: CALLER.to_owned(),
            email: String::new(),
            email_visibility: false,
            verified: true,
        });
    }

    pub(super) fn items(&self) -> &Arc<Plan> {
        self.catalog.find("items").unwrap()
    }

    fn user_plan(&self) -> &Arc<Plan> {
        self.catalog.find("users").unwrap()
    }

    /// The record's row.
    pub(super) fn row(&self) -> Vec<SqlValue> {
        self.items().stored_values(not_null(self.items(), self.values.clone()))
    }

    /// The caller's row; nothing for guests.
    pub(super) fn caller(&self) -> Option<Vec<SqlValue>> {
        self.request.auth.as_ref()?;
        Some(self.user_plan().stored_values(not_null(self.user_plan(), self.users[0].clone())))
    }

    /// A database with all of it.
    pub(super) fn database(&self) -> Connection {
        let conn = Connection::open_in_memory().unwrap();
        for plan in [self.items(), self.user_plan()] {
            conn.execute_batch(&create_table(plan.collection())).unwrap();
        }
        conn.execute(self.items().insert(), params_from_iter(not_null(self.items(), self.values.clone()))).unwrap();
        for user in &self.users {
            let values = not_null(self.user_plan(), user.clone());
            conn.execute(self.user_plan().insert(), params_from_iter(values)).unwrap();
        }
        conn
    }
}

/// Only json columns may hold NULL.
fn not_null(plan: &Plan, mut values: Vec<SqlValue>) -> Vec<SqlValue> {
    for (value, field) in values.iter_mut().zip(&plan.collection().fields) {
        if *value == SqlValue::Null && !matches!(field.options, FieldOptions::Json(_)) {
            *value = SqlValue::Text(String::new());
        }
    }
    values
}

/// The table of a collection.
pub(in crate::query) fn create_table(collection: &Collection) -> String {
    let columns: Vec<String> = collection
        .fields
        .iter()
        .map(|field| format!("{} {}", quote_identifier(&field.name), field.column_type_sql()))
        .collect();
    format!("CREATE TABLE {} ({});", quote_identifier(&collection.name), columns.join(","))
}

/// A collection without rules.
pub(in crate::query) fn collection(name: &str, kind: CollectionKind, fields: Vec<Field>) -> Collection {
    Collection {
        id: format!("id_{name}"),
        name: name.to_owned(),
        system: false,
        rules: Rules::default(),
        fields,
        indexes: Vec::new(),
        created: String::new(),
        updated: String::new(),
        search: None,
        kind,
    }
}

/// A field; relations point at `users`.
pub(super) fn field(name: &str, type_name: &str, is_multiple: bool) -> Field {
    let max_select = if is_multiple { 9 } else { 1 };
    let options = match type_name {
        "select" => FieldOptions::Select(SelectOptions { max_select, ..SelectOptions::default() }),
        "file" => FieldOptions::File(FileOptions { max_select, ..FileOptions::default() }),
        "relation" => FieldOptions::Relation(RelationOptions {
            collection_id: "id_users".to_owned(),
            max_select,
            ..RelationOptions::default()
        }),
        other => FieldOptions::new(other).unwrap(),
    };
    Field::new(name, options)
}

/// The fields in any order, those that can be lists single or multiple.
fn fields() -> impl Strategy<Value = Vec<Field>> {
    let fields = (Just(FIELDS.to_vec()).prop_shuffle(), any::<u32>());
    fields.prop_map(|(fields, multiple)| {
        let fields = fields.into_iter().enumerate();
        fields.map(|(n, (name, type_name))| field(name, type_name, multiple >> n & 1 == 1)).collect()
    })
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![8 => select(TEXTS.to_vec()).prop_map(str::to_owned), 1 => "[a-cA-C%_\\\\ ]{0,4}"]
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => select(vec![0.0, 1.0, 5.0, -1.5, 10.0, 20.0, 1e3]),
        1 => (-9000..9000_i32).prop_map(|n| f64::from(n) / 50.0),
        1 => any::<i32>().prop_map(|n| f64::from(n) * 1e15),
    ]
}

fn written(text: &str) -> SqlValue {
    SqlValue::Text(text.to_owned())
}

/// A value for a column: mostly one of its type, at times something odd that an imported table may hold.
fn column_value(field: &Field) -> BoxedStrategy<SqlValue> {
    let usual = match &field.options {
        FieldOptions::Number(_) => number().prop_map(SqlValue::Real).boxed(),
        FieldOptions::Bool => (0..2_i64).prop_map(SqlValue::Integer).boxed(),
        FieldOptions::Json(_) => select(JSON.to_vec()).prop_map(written).boxed(),
        FieldOptions::GeoPoint => place(),
        _ if field.is_multiple() => {
            prop::collection::vec(text(), 0..4).prop_map(|list| SqlValue::Text(json!(list).to_string())).boxed()
        }
        _ => text().prop_map(SqlValue::Text).boxed(),
    };
    let odd = prop_oneof![
        Just(SqlValue::Null),
        text().prop_map(SqlValue::Text),
        select(JSON.to_vec()).prop_map(written),
        number().prop_map(SqlValue::Real),
        any::<i64>().prop_map(SqlValue::Integer),
    ];
    prop_oneof![5 => usual, 1 => odd].boxed()
}

fn place() -> BoxedStrategy<SqlValue> {
    let any = (-18_000..18_000_i32, -9000..9000_i32).prop_map(|(lon, lat)| {
        SqlValue::Text(json!({"lon": f64::from(lon) / 100.0, "lat": f64::from(lat) / 100.0}).to_string())
    });
    prop_oneof![select(PLACES.to_vec()).prop_map(written), any].boxed()
}

fn row(fields: &[Field], id: &'static str) -> BoxedStrategy<Vec<SqlValue>> {
    let values: Vec<_> = fields
        .iter()
        .map(|field| if field.name == "id" { Just(written(id)).boxed() } else { column_value(field) })
        .collect();
    values.boxed()
}

fn json_value() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        2 => text().prop_map(Json::String),
        2 => number().prop_map(|n| json!(n)),
        1 => any::<bool>().prop_map(Json::Bool),
        1 => Just(Json::Null),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Json::Array),
            prop::collection::btree_map("[abs0]", inner, 0..3)
                .prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

fn body() -> impl Strategy<Value = Map<String, Json>> {
    let names: Vec<&str> = FIELDS.iter().map(|(name, _)| *name).chain(["foo", "bar"]).collect();
    prop::collection::vec((select(names), json_value()), 0..16)
        .prop_map(|members| members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn pairs(names: &[&'static str]) -> impl Strategy<Value = Vec<(String, String)>> + use<> {
    prop::collection::vec((select(names.to_vec()).prop_map(str::to_owned), text()), 0..4)
}

/// A schema with rows and a request.
pub(super) fn world() -> impl Strategy<Value = World> {
    (fields(), fields()).prop_flat_map(|(mut item_fields, mut user_fields)| {
        let auth = CollectionKind::Auth(Box::<AuthOptions>::default());
        item_fields.insert(item_fields.len() / 2, defaults::id_field());
        user_fields.extend(defaults::system_fields(&auth));
        let rows = (row(&item_fields, RECORD), row(&user_fields, CALLER), row(&user_fields, "user2"));
        let request = (body(), pairs(&["q", "qty", "title"]), pairs(&["x_a", "qty"]), any::<bool>(), any::<bool>());
        (Just((item_fields, user_fields)), rows, request).prop_map(|((items, users), rows, request)| {
            let auth = CollectionKind::Auth(Box::<AuthOptions>::default());
            let items = collection("items", CollectionKind::Base, items);
            let users = collection("users", auth, users);
            let catalog = Catalog::new(vec![items, users]);
            let (body, query, headers, is_guest, flag) = request;
            let auth = (!is_guest).then(|| AuthInfo {
                plan: Arc::clone(catalog.find("users").unwrap()),
                id: CALLER.to_owned(),
                email: if flag { String::new() } else { "a".to_owned() },
                email_visibility: flag,
                verified: !flag,
            });
            let request = RequestInfo {
                has_cast_body: true,
                head: Arc::new(RequestHead { method: "POST".to_owned(), query, headers }),
                context: Context::Default,
                body,
                auth,
                now_ms: 1_709_211_909_250,
            };
            World { catalog, request, values: rows.0, users: vec![rows.1, rows.2] }
        })
    })
}

fn name() -> impl Strategy<Value = &'static str> {
    select(FIELDS.iter().map(|(name, _)| *name).collect::<Vec<_>>())
}

/// A field of the record, or behind a prefix, with any modifier, or a path into it.
fn field_path() -> impl Strategy<Value = String> {
    let modifier = select(vec!["", "", ":lower", ":each", ":length", ":isset", ":changed"]);
    prop_oneof![
        4 => name().prop_map(str::to_owned),
        2 => (name(), modifier).prop_map(|(name, modifier)| format!("{name}{modifier}")),
        2 => (select(LISTS.to_vec()), select(vec![":each", ":length", ":lower"])).prop_map(|(n, m)| format!("{n}{m}")),
        3 => select(vec![
            "meta.a", "meta.s", "meta.n", "meta.0", "meta.1", "meta.a.b", "meta.a.b.0", "meta.a.b.1", "meta.0.a", "meta.s:lower", "meta.4294967296", "extra.18446744073709551616",
            "extra.a", "extra.0", "place.lon", "place.lat", "spot.lon", "spot.lat", "id", "id:lower",
        ]).prop_map(str::to_owned),
    ]
}

fn request_path() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => name().prop_map(|name| format!("body.{name}")),
        2 => (name(), select(vec![":isset", ":lower", ":changed"])).prop_map(|(n, m)| format!("body.{n}{m}")),
        2 => (select(LISTS.to_vec()), select(vec![":each", ":length"])).prop_map(|(n, m)| format!("body.{n}{m}")),
        2 => select(vec![
            "body.foo", "body.foo.a", "body.foo.0", "body.bar.a.b", "body.bar:isset", "body.foo.a:isset", "body.bar:lower",
            "body.meta.a", "body.meta.0", "body.extra.a.b", "body.place.lon", "body.foo.qty", "query.q", "query.qty",
            "query.title:lower", "query.q:isset", "query.none", "headers.x_a", "headers.qty", "headers.x_a:isset", "method",
            "context",
        ]).prop_map(str::to_owned),
        2 => select(vec!["auth.id", "auth.email", "auth.verified", "auth.emailVisibility", "auth.collectionName", "auth.none"])
            .prop_map(str::to_owned),
        2 => field_path().prop_map(|path| format!("auth.{path}")),
    ]
}

fn literal() -> impl Strategy<Value = String> {
    let macros = vec!["@now", "@todayStart", "@yearEnd", "@year", "@hour", "@weekday"];
    prop_oneof![
        4 => text().prop_map(|text| format!("'{}'", text.replace('\0', "").replace('\\', r"\\"))),
        3 => number().prop_map(|number| format!("{number}")),
        2 => select(vec!["null", "true", "false", "''", "NULL", "True"]).prop_map(str::to_owned),
        1 => select(macros).prop_map(str::to_owned),
    ]
}

fn distance() -> impl Strategy<Value = String> {
    let argument = || {
        prop_oneof![
            select(vec![
                "place.lon",
                "place.lat",
                "spot.lon",
                "spot.lat",
                "@request.auth.place.lon",
                "qty",
                "meta.n",
                "title"
            ])
            .prop_map(str::to_owned),
            number().prop_map(|number| format!("{number}")),
        ]
    };
    let any = [argument(), argument(), argument(), argument()]
        .prop_map(|[a, b, c, d]| format!("geoDistance({a}, {b}, {c}, {d})"));
    prop_oneof![Just("geoDistance(place.lon, place.lat, spot.lon, spot.lat)".to_owned()), any]
}

/// An operand that needs no table but those of the record and the caller.
fn own_operand() -> BoxedStrategy<String> {
    prop_oneof![
        8 => field_path(),
        7 => request_path().prop_map(|path| format!("@request.{path}")),
        6 => literal(),
        1 => distance(),
    ]
    .boxed()
}

/// An operand that reads other tables, or that only SQLite can work out.
fn far_operand() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (select(vec!["owner", "members"]), field_path()).prop_map(|(relation, path)| format!("{relation}.{path}")),
        2 => field_path().prop_map(|path| format!("owner.members.{path}")),
        1 => field_path().prop_map(|path| format!("@request.auth.members.{path}")),
        1 => field_path().prop_map(|path| format!("@request.body.members.{path}")),
        1 => field_path().prop_map(|path| format!("@request.auth.items_via_owner.{path}")),
        1 => field_path().prop_map(|path| format!("@request.auth.items_via_members.{path}")),
        1 => field_path().prop_map(|path| format!("@collection.users.{path}")),
        1 => Just("strftime('%Y', due)".to_owned()),
    ]
}

/// Whether expressions may read other tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tables {
    Own,
    Any,
}

/// An expression.
pub(super) fn expression(tables: Tables) -> impl Strategy<Value = String> {
    let operand = match tables {
        Tables::Own => own_operand(),
        Tables::Any => prop_oneof![3 => own_operand(), 1 => far_operand()].boxed(),
    };
    let signs = vec!["=", "!=", ">", ">=", "<", "<=", "~", "!~"];
    let sign = prop_oneof![
        3 => select(vec!["=", "!="]).prop_map(str::to_owned),
        3 => select(signs.clone()).prop_map(str::to_owned),
        2 => select(signs).prop_map(|sign| format!("?{sign}")),
    ];
    let comparison = (operand.clone(), sign, operand).prop_map(|(left, sign, right)| format!("{left} {sign} {right}"));
    comparison.prop_recursive(3, 12, 3, |part| {
        let join = select(vec![" && ", " || "]);
        (prop::collection::vec(part, 2..4), join).prop_map(|(parts, join)| format!("({})", parts.join(join)))
    })
}
