//! How SQLite goes about the statements that matter, so that an index no longer used shows in review.
//!
//! A `SCAN` of a table of records inside of another scan is what must not appear here, but for `@collection` and for
//! lists of ids, which no index can help.

use std::sync::Arc;

use insta::assert_snapshot;
use rusqlite::{Connection, params_from_iter};

use super::evaluate::testing::{collection, create_table};
use super::{
    AuthInfo, Catalog, Condition, ParsedRule, RequestInfo, Selection, SelectionQuery, SqlValue, Statement, Window,
    select_by_ids,
};
use crate::schema::fields::RelationOptions;
use crate::schema::{AuthOptions, Collection, CollectionKind, Field, FieldOptions, defaults};

fn relation(name: &str, target: &str, max_select: i64) -> Field {
    let collection_id = format!("id_{target}");
    Field::new(
        name,
        FieldOptions::Relation(RelationOptions { collection_id, max_select, ..RelationOptions::default() }),
    )
}

fn field(name: &str, type_name: &str) -> Field {
    Field::new(name, FieldOptions::new(type_name).unwrap())
}

fn base(name: &str, fields: Vec<Field>, columns: &[&str]) -> Collection {
    let fields = std::iter::once(defaults::id_field()).chain(fields).collect();
    let indexes = columns.iter().map(|column| format!("CREATE INDEX {name}_{column} ON {name} ({column})")).collect();
    let rules = crate::schema::Rules { list: Some(String::new()), ..crate::schema::Rules::default() };
    Collection { rules, indexes, ..collection(name, CollectionKind::Base, fields) }
}

/// Items belong to a user and are in clubs; reviews, notes and pins refer to items. Notes have no index.
fn catalog() -> Catalog {
    let auth = CollectionKind::Auth(Box::<AuthOptions>::default());
    let mut user_fields = defaults::system_fields(&auth);
    user_fields.push(field("name", "text"));
    Catalog::new(vec![
        base(
            "items",
            vec![
                field("label", "text"),
                field("qty", "number"),
                field("created", "autodate"),
                relation("owner", "users", 1),
                relation("clubs", "clubs", 9),
            ],
            &["label", "created", "owner"],
        ),
        collection("users", auth, user_fields),
        base("clubs", vec![field("name", "text"), relation("lead", "users", 1)], &["name"]),
        base("reviews", vec![relation("item", "items", 1), field("score", "number")], &["item"]),
        base("notes", vec![relation("item", "items", 1), field("text", "text")], &[]),
        base("pins", vec![relation("items", "items", 9), field("text", "text")], &[]),
    ])
}

/// SQLite's plan, indented by depth.
fn explain(catalog: &Catalog, statement: &Statement) -> String {
    let conn = Connection::open_in_memory().unwrap();
    for collection in catalog.schema().all() {
        conn.execute_batch(&create_table(collection)).unwrap();
        conn.execute_batch(&collection.indexes.join(";")).unwrap();
    }
    let mut query = conn.prepare(&format!("EXPLAIN QUERY PLAN {}", statement.sql)).unwrap();
    let mut rows = query.query(params_from_iter(&statement.values)).unwrap();
    let mut depths = std::collections::HashMap::from([(0_i64, 0)]);
    let mut lines = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let (id, parent): (i64, i64) = (row.get(0).unwrap(), row.get(1).unwrap());
        let depth = depths[&parent];
        depths.insert(id, depth + 1);
        lines.push(format!("{}{}", "  ".repeat(depth), row.get::<_, String>(3).unwrap()));
    }
    lines.join("\n")
}

fn request(catalog: &Catalog) -> RequestInfo {
    let auth = AuthInfo {
        plan: Arc::clone(catalog.find("users").unwrap()),
        id: "me".to_owned(),
        email: String::new(),
        email_visibility: false,
        verified: true,
    };
    RequestInfo { auth: Some(auth), ..RequestInfo::default() }
}

fn with_selection(
    rule: &str,
    filter: &str,
    sort: &str,
    statement: impl FnOnce(&mut Selection<'_>) -> Statement,
) -> String {
    let catalog = catalog();
    let request = request(&catalog);
    let rule = (!rule.is_empty()).then(|| ParsedRule::new(rule));
    let query = SelectionQuery { rule: rule.as_ref(), filter, sort, is_superuser: true };
    let mut selection = Selection::compile(&catalog, &request, catalog.find("items").unwrap(), &query).unwrap();
    explain(&catalog, &statement(&mut selection))
}

/// The plan of a page.
fn page(filter: &str, sort: &str) -> String {
    with_selection("", filter, sort, |selection| {
        selection.select_page(&Window { limit: 30, offset: 0, after: None }, false)
    })
}

/// The plan of a look at every record.
fn positions(filter: &str) -> String {
    with_selection("", filter, "", |selection| selection.select_positions())
}

fn view(rule: &str) -> String {
    let catalog = catalog();
    let request = request(&catalog);
    let rule = ParsedRule::new(rule);
    let condition = Condition::of_stored(&catalog, &request, catalog.find("items").unwrap(), &rule).unwrap();
    explain(&catalog, &condition.select_match("i1"))
}

#[test]
fn own_columns() {
    assert_snapshot!(page("label = 'x'", ""), @"SEARCH b USING INDEX items_label (label=?)");
    assert_snapshot!(page("label >= 'x' && qty > 5", ""), @"SEARCH b USING INDEX items_label (label>?)");
    assert_snapshot!(positions("label = 'x'"), @"SEARCH b USING COVERING INDEX items_label (label=?)");
    assert_snapshot!(page("label ~ 'x'", ""), @"SCAN b");
}

#[test]
fn rule_of_the_owner() {
    let rule = "owner = @request.auth.id";
    let window = Window { limit: 30, offset: 0, after: None };
    assert_snapshot!(with_selection(rule, "", "", |selection| selection.select_page(&window, false)), @"SEARCH b USING INDEX items_owner (owner=?)");
    assert_snapshot!(with_selection(rule, "", "-created", |selection| selection.select_page(&window, false)), @r"
    SEARCH b USING INDEX items_owner (owner=?)
    USE TEMP B-TREE FOR ORDER BY
    ");
    assert_snapshot!(with_selection(rule, "", "", |selection| selection.select_count(None)), @"SEARCH b USING COVERING INDEX items_owner (owner=?)");
    let rule = "owner = @request.auth.id || @request.auth.name = 'boss'";
    assert_snapshot!(with_selection(rule, "", "", |selection| selection.select_page(&window, false)), @r"
    SCAN b
    SEARCH j0 USING INDEX sqlite_autoindex_users_1 (id=?) LEFT-JOIN
    ");
}

#[test]
fn single_relation() {
    assert_snapshot!(page("owner.name = 'Ann'", ""), @r"
    SCAN b
    SEARCH j0 USING INDEX sqlite_autoindex_users_1 (id=?)
    ");
    assert_snapshot!(positions("owner.name = 'Ann'"), @r"
    SEARCH b USING COVERING INDEX items_owner (owner=?)
    LIST SUBQUERY 1
      SCAN j0
    ");
    assert_snapshot!(page("owner.name != 'Ann'", ""), @r"
    SCAN b
    SEARCH j0 USING INDEX sqlite_autoindex_users_1 (id=?) LEFT-JOIN
    ");
    assert_snapshot!(positions("owner.name != 'Ann'"), @r"
    SCAN b USING COVERING INDEX items_owner
    SEARCH j0 USING INDEX sqlite_autoindex_users_1 (id=?) LEFT-JOIN
    ");
}

#[test]
fn multiple_relation() {
    assert_snapshot!(page("clubs.name ?= 'Oak'", ""), @r"
    SCAN b
    CORRELATED SCALAR SUBQUERY 1
      SEARCH j1 USING INDEX clubs_name (name=?)
      SCAN j0 VIRTUAL TABLE INDEX 1:
    ");
    assert_snapshot!(positions("clubs.name ?= 'Oak'"), @r"
    SCAN b
    SCAN j0 EXISTS VIRTUAL TABLE INDEX 1:
    LIST SUBQUERY 1
      SEARCH j1 USING INDEX clubs_name (name=?)
      CREATE BLOOM FILTER
    ");
    assert_snapshot!(page("clubs.name = 'Oak'", ""), @r"
    SCAN b
    CORRELATED SCALAR SUBQUERY 1
      SCAN j2 VIRTUAL TABLE INDEX 1:
      SEARCH j3 USING INDEX sqlite_autoindex_clubs_1 (id=?)
    CORRELATED SCALAR SUBQUERY 2
      SEARCH j1 USING INDEX clubs_name (name=?)
      SCAN j0 VIRTUAL TABLE INDEX 1:
    ");
    assert_snapshot!(positions("clubs.name = 'Oak'"), @r"
    SCAN b
    CORRELATED SCALAR SUBQUERY 2
      SCAN j2 VIRTUAL TABLE INDEX 1:
      LIST SUBQUERY 1
        SCAN j3
        CREATE BLOOM FILTER
    SCAN j0 EXISTS VIRTUAL TABLE INDEX 1:
    LIST SUBQUERY 3
      SEARCH j1 USING INDEX clubs_name (name=?)
      CREATE BLOOM FILTER
    ");
    assert_snapshot!(positions("clubs.lead.name ?= 'Bob'"), @r"
    SCAN b
    CORRELATED SCALAR SUBQUERY 2
      SCAN j0 VIRTUAL TABLE INDEX 1:
      SEARCH j1 USING INDEX sqlite_autoindex_clubs_1 (id=?)
      LIST SUBQUERY 1
        SCAN j2
        CREATE BLOOM FILTER
    ");
}

#[test]
fn back_relation_with_an_index() {
    assert_snapshot!(page("reviews_via_item.score ?> 3", ""), @r"
    SCAN b
    CORRELATED SCALAR SUBQUERY 2
      CO-ROUTINE (subquery-1)
        SCAN CONSTANT ROW
      SEARCH j0 USING INDEX reviews_item (item=?)
      SCAN (subquery-1)
    ");
    assert_snapshot!(positions("reviews_via_item.score ?> 3"), @r"
    SEARCH b USING COVERING INDEX sqlite_autoindex_items_1 (id=?)
    LIST SUBQUERY 1
      SCAN j0
    ");
    assert_snapshot!(page("reviews_via_item.score > 3", ""), @r"
    SCAN b
    CORRELATED SCALAR SUBQUERY 2
      CO-ROUTINE (subquery-1)
        SCAN CONSTANT ROW
      SEARCH j1 USING INDEX reviews_item (item=?)
      SCAN (subquery-1)
    CORRELATED SCALAR SUBQUERY 4
      CO-ROUTINE (subquery-3)
        SCAN CONSTANT ROW
      SEARCH j0 USING INDEX reviews_item (item=?)
      SCAN (subquery-3)
    ");
    assert_snapshot!(positions("reviews_via_item.score > 3"), @r"
    SEARCH b USING COVERING INDEX sqlite_autoindex_items_1 (id=?)
    LIST SUBQUERY 2
      SCAN j0
    LIST SUBQUERY 1
      SCAN j1
      CREATE BLOOM FILTER
    ");
}

#[test]
fn back_relation_without_an_index() {
    assert_snapshot!(page("notes_via_item.text ?= 'x'", ""), @r"
    SCAN b
    CORRELATED SCALAR SUBQUERY 2
      CO-ROUTINE (subquery-1)
        SCAN CONSTANT ROW
      SCAN (subquery-1)
      BLOOM FILTER ON j0 (text=? AND item=?)
      SEARCH j0 USING AUTOMATIC PARTIAL COVERING INDEX (text=? AND item=?)
    ");
    assert_snapshot!(positions("notes_via_item.text ?= 'x'"), @r"
    SEARCH b USING COVERING INDEX sqlite_autoindex_items_1 (id=?)
    LIST SUBQUERY 1
      SCAN j0
    ");
    assert_snapshot!(page("notes_via_item.text = 'x'", ""), @r"
    SCAN b
    CORRELATED SCALAR SUBQUERY 2
      CO-ROUTINE (subquery-1)
        SCAN CONSTANT ROW
      SCAN (subquery-1)
      BLOOM FILTER ON j1 (item=?)
      SEARCH j1 USING AUTOMATIC PARTIAL COVERING INDEX (item=?)
    CORRELATED SCALAR SUBQUERY 4
      CO-ROUTINE (subquery-3)
        SCAN CONSTANT ROW
      SCAN (subquery-3)
      BLOOM FILTER ON j0 (text=? AND item=?)
      SEARCH j0 USING AUTOMATIC PARTIAL COVERING INDEX (text=? AND item=?)
    ");
    assert_snapshot!(positions("notes_via_item.text = 'x'"), @r"
    SEARCH b USING COVERING INDEX sqlite_autoindex_items_1 (id=?)
    LIST SUBQUERY 2
      SCAN j0
    LIST SUBQUERY 1
      SCAN j1
      CREATE BLOOM FILTER
    ");
}

#[test]
fn back_relation_of_a_list() {
    assert_snapshot!(page("pins_via_items.text ?= 'x'", ""), @r"
    SCAN b
    CORRELATED SCALAR SUBQUERY 3
      CO-ROUTINE (subquery-1)
        SCAN CONSTANT ROW
      SCAN (subquery-1)
      BLOOM FILTER ON j0 (text=?)
      SEARCH j0 USING AUTOMATIC PARTIAL COVERING INDEX (text=?)
      CORRELATED LIST SUBQUERY 2
        SCAN json_each VIRTUAL TABLE INDEX 1:
    ");
    assert_snapshot!(positions("pins_via_items.text ?= 'x'"), @r"
    SEARCH b USING COVERING INDEX sqlite_autoindex_items_1 (id=?)
    LIST SUBQUERY 1
      SCAN j0
      SCAN e VIRTUAL TABLE INDEX 1:
    ");
    assert_snapshot!(positions("pins_via_items.text = 'x'"), @r"
    SEARCH b USING COVERING INDEX sqlite_autoindex_items_1 (id=?)
    LIST SUBQUERY 2
      SCAN j0
      SCAN e VIRTUAL TABLE INDEX 1:
    LIST SUBQUERY 1
      SCAN j1
      SCAN e VIRTUAL TABLE INDEX 1:
      CREATE BLOOM FILTER
    ");
}

#[test]
fn other_collections() {
    assert_snapshot!(page("@collection.clubs.name ?= label", ""), @r"
    SCAN b
    CORRELATED SCALAR SUBQUERY 2
      CO-ROUTINE (subquery-1)
        SCAN CONSTANT ROW
      SCAN (subquery-1)
      SCAN j0 USING COVERING INDEX clubs_name LEFT-JOIN
    ");
    assert_snapshot!(positions("@collection.clubs.name ?= label"), @r"
    SCAN b USING COVERING INDEX items_label
    CORRELATED SCALAR SUBQUERY 2
      CO-ROUTINE (subquery-1)
        SCAN CONSTANT ROW
      SCAN (subquery-1)
      SCAN j0 USING COVERING INDEX clubs_name LEFT-JOIN
    ");
    assert_snapshot!(page("@collection.reviews.item ?= id && @collection.reviews.score ?> 3", ""), @r"
    SCAN b
    CORRELATED SCALAR SUBQUERY 2
      CO-ROUTINE (subquery-1)
        SCAN CONSTANT ROW
      SEARCH j0 USING INDEX reviews_item (item=?)
      SCAN (subquery-1)
    ");
}

#[test]
fn sorted_lists() {
    assert_snapshot!(page("", "-created"), @"SCAN b USING INDEX items_created");
    assert_snapshot!(page("qty > 5", "created"), @"SCAN b USING INDEX items_created");
    assert_snapshot!(page("", "owner.name"), @r"
    SCAN b
    SEARCH j0 USING INDEX sqlite_autoindex_users_1 (id=?) LEFT-JOIN
    USE TEMP B-TREE FOR ORDER BY
    ");
    assert_snapshot!(page("", "@rowid"), @"SCAN b");
}

#[test]
fn pages_behind_a_cursor() {
    let behind = |sort: &str, after: Vec<SqlValue>| {
        with_selection("", "", sort, |selection| {
            selection.order_completely();
            selection.select_page(&Window { limit: 30, offset: 0, after: Some(after) }, true)
        })
    };
    let date = SqlValue::Text("2024".to_owned());
    let id = || SqlValue::Text("i7".to_owned());
    assert_snapshot!(behind("", vec![id()]), @"SEARCH b USING INDEX sqlite_autoindex_items_1 (id>?)");
    assert_snapshot!(behind("created", vec![date.clone(), id()]), @r"
    SEARCH b USING INDEX items_created (created>?)
    USE TEMP B-TREE FOR LAST TERM OF ORDER BY
    ");
    assert_snapshot!(behind("-created", vec![date, id()]), @r"
    SEARCH b USING INDEX items_created (created<?)
    USE TEMP B-TREE FOR LAST TERM OF ORDER BY
    ");
}

#[test]
fn one_record() {
    assert_snapshot!(view("owner.name = 'Ann'"), @r"
    SEARCH b USING INDEX sqlite_autoindex_items_1 (id=?)
    SEARCH j0 USING INDEX sqlite_autoindex_users_1 (id=?)
    ");
    assert_snapshot!(view("clubs.lead ?= @request.auth.id"), @r"
    SEARCH b USING INDEX sqlite_autoindex_items_1 (id=?)
    CORRELATED SCALAR SUBQUERY 1
      SCAN j0 VIRTUAL TABLE INDEX 1:
      SEARCH j1 USING INDEX sqlite_autoindex_clubs_1 (id=?)
    ");
    assert_snapshot!(view("clubs.name = 'Oak'"), @r"
    SEARCH b USING INDEX sqlite_autoindex_items_1 (id=?)
    CORRELATED SCALAR SUBQUERY 1
      SCAN j2 VIRTUAL TABLE INDEX 1:
      SEARCH j3 USING INDEX sqlite_autoindex_clubs_1 (id=?)
    CORRELATED SCALAR SUBQUERY 2
      SEARCH j1 USING INDEX clubs_name (name=?)
      SCAN j0 VIRTUAL TABLE INDEX 1:
    ");
    assert_snapshot!(view("reviews_via_item.score ?> 3"), @r"
    SEARCH j0 EXISTS USING INDEX reviews_item (item=?)
    SEARCH b USING COVERING INDEX sqlite_autoindex_items_1 (id=?)
    ");
    assert_snapshot!(view("notes_via_item.text ?= 'x'"), @r"
    SCAN j0 EXISTS
    SEARCH b USING COVERING INDEX sqlite_autoindex_items_1 (id=?)
    ");
    assert_snapshot!(view("pins_via_items.text ?= 'x'"), @r"
    SCAN j0 EXISTS
    CORRELATED LIST SUBQUERY 1
      SCAN json_each VIRTUAL TABLE INDEX 1:
    SEARCH b USING COVERING INDEX sqlite_autoindex_items_1 (id=?)
    ");
    assert_snapshot!(view("@collection.clubs.name ?= label"), @r"
    SEARCH b USING INDEX sqlite_autoindex_items_1 (id=?)
    CORRELATED SCALAR SUBQUERY 2
      CO-ROUTINE (subquery-1)
        SCAN CONSTANT ROW
      SCAN (subquery-1)
      SCAN j0 USING COVERING INDEX clubs_name LEFT-JOIN
    ");
    assert_snapshot!(view("@request.auth.name = 'boss'"), @r"
    SEARCH b USING COVERING INDEX sqlite_autoindex_items_1 (id=?)
    SEARCH j0 USING INDEX sqlite_autoindex_users_1 (id=?)
    ");
}

#[test]
fn records_of_ids() {
    let catalog = catalog();
    let plan = catalog.find("items").unwrap();
    assert_snapshot!(explain(&catalog, &select_by_ids(plan, &["i1", "i2"])), @r"
    SEARCH b USING INDEX sqlite_autoindex_items_1 (id=?)
    LIST SUBQUERY 1
      SCAN json_each VIRTUAL TABLE INDEX 1:
    ");
    let (request, rule) = (request(&catalog), ParsedRule::new("owner.name = 'Ann' && clubs.name ?= 'Oak'"));
    let condition = Condition::of_stored(&catalog, &request, plan, &rule).unwrap();
    assert_snapshot!(explain(&catalog, &condition.select_by_ids(&["i1", "i2"])), @r"
    SEARCH b USING INDEX sqlite_autoindex_items_1 (id=?)
    LIST SUBQUERY 1
      SCAN json_each VIRTUAL TABLE INDEX 1:
    CORRELATED SCALAR SUBQUERY 2
      SEARCH j2 USING INDEX clubs_name (name=?)
      SCAN j1 VIRTUAL TABLE INDEX 1:
    SEARCH j0 USING INDEX sqlite_autoindex_users_1 (id=?)
    ");
}

#[test]
fn what_is_kept_of_a_list() {
    let kept = |rule: &str, ids: usize| {
        let ids: Vec<String> = (0..ids).map(|n| format!("i{n}")).collect();
        with_selection(rule, "qty > 1", "-label", |selection| {
            selection.keep_only(&ids);
            selection.select_kept()
        })
    };
    // Sorting is not for this statement.
    assert_snapshot!(kept("", 2), @r"
    SCAN kept VIRTUAL TABLE INDEX 1:
    SEARCH b USING INDEX sqlite_autoindex_items_1 (id=?)
    ");
    assert_snapshot!(kept("owner.name = 'Ann'", 2), @r"
    SCAN kept VIRTUAL TABLE INDEX 1:
    SEARCH b USING INDEX sqlite_autoindex_items_1 (id=?)
    SEARCH j0 USING INDEX sqlite_autoindex_users_1 (id=?)
    ");
    assert_snapshot!(kept("owner.name = 'Ann'", 5000), @r"
    SCAN kept VIRTUAL TABLE INDEX 1:
    SEARCH b USING INDEX sqlite_autoindex_items_1 (id=?)
    LIST SUBQUERY 1
      SCAN j0
      CREATE BLOOM FILTER
    ");
}
