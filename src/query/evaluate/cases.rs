//! Named cases: what the reference says about empty values, types, patterns and lists (part 2, sections 2.5, 4 and 5).

use serde_json::{Value as Json, json};

use super::testing::{CALLER, RECORD, World, field};
use super::tests::yields_row;
use crate::query::{Condition, ParsedRule, RequestInfo, SqlValue};
use crate::schema::{Field, defaults};

/// A record: `label` 'x' and the rest empty, but for what is given.
fn world(given: &[(&str, SqlValue)]) -> World {
    let mut fields: Vec<Field> = [
        ("label", "text", false),
        ("title", "text", false),
        ("qty", "number", false),
        ("done", "bool", false),
        ("due", "date", false),
        ("tags", "select", true),
        ("owner", "relation", false),
        ("clubs", "relation", true),
        ("meta", "json", false),
        ("place", "geoPoint", false),
    ]
    .map(|(name, type_name, is_multiple)| field(name, type_name, is_multiple))
    .into();
    fields.push(defaults::id_field());
    let value_of = |field: &Field| match given.iter().find(|(name, _)| *name == field.name) {
        Some((_, value)) => value.clone(),
        None => match field.name.as_str() {
            "id" => text(RECORD),
            "label" => text("x"),
            "qty" => SqlValue::Real(0.0),
            "done" => SqlValue::Integer(0),
            "tags" | "clubs" => text("[]"),
            "meta" => SqlValue::Null,
            "place" => text(r#"{"lon":0,"lat":0}"#),
            _ => text(""),
        },
    };
    let values = fields.iter().map(value_of).collect();
    let user = vec![text("boss"), text(r#"["a","b"]"#), text(CALLER)];
    let user_fields = vec![field("rank", "text", false), field("roles", "select", true), defaults::id_field()];
    World::new((fields, values), (user_fields, user), RequestInfo::default())
}

fn text(text: &str) -> SqlValue {
    SqlValue::Text(text.to_owned())
}

/// What the evaluator says to a rule on the stored record and on the candidate; SQLite must not say otherwise.
fn answers(world: &World, rule: &str) -> [Option<bool>; 2] {
    let parsed = ParsedRule::new(rule);
    let (catalog, request, plan) = (&world.catalog, &world.request, world.items());
    let conn = world.database();
    let caller = world.caller();
    let stored = Condition::of_stored(catalog, request, plan, &parsed).unwrap();
    let candidate = Condition::of_candidate(catalog, request, plan, &parsed).unwrap();
    let pairs = [
        (stored.matches(&world.row(), caller.as_deref()), stored.select_match(RECORD)),
        (candidate.matches(&world.values, caller.as_deref()), candidate.select_candidate(world.values.clone())),
    ];
    pairs.map(|(answer, statement)| {
        if let Some(answer) = answer {
            assert_eq!(answer, yields_row(&conn, &statement), "SQLite: {rule}");
        }
        answer
    })
}

const YES: Option<bool> = Some(true);
const NO: Option<bool> = Some(false);

/// The rule, the one value of interest, and the answers on the stored record and on the candidate.
type Case<'c> = (&'c str, (&'c str, SqlValue), Option<bool>, Option<bool>);

fn check(cases: &[Case<'_>]) {
    for (rule, given, stored, candidate) in cases {
        let world = world(std::slice::from_ref(given));
        assert_eq!(answers(&world, rule), [*stored, *candidate], "{rule} with {given:?}");
    }
}

#[test]
fn empty_values() {
    let null = || SqlValue::Null;
    check(&[
        ("label = ''", ("label", text("")), YES, YES),
        // A text column does not keep NULL.
        ("label = ''", ("label", null()), YES, YES),
        ("label != ''", ("label", null()), NO, NO),
        ("label = null", ("label", text("")), YES, YES),
        ("label = 'y'", ("label", null()), NO, NO),
        ("label != 'y'", ("label", null()), YES, YES),
        ("label = title", ("label", null()), YES, YES),
        ("label != title", ("label", text("x")), YES, YES),
        ("null = ''", ("label", null()), YES, YES),
        ("null != ''", ("label", null()), NO, NO),
        ("true = ''", ("label", null()), NO, NO),
        ("qty = ''", ("qty", SqlValue::Real(0.0)), NO, NO),
        ("@request.query.none = 'x'", ("label", null()), NO, NO),
        ("@request.query.none = label", ("label", text("")), YES, YES),
        // NULL is a value of its own here.
        ("meta = null", ("meta", null()), YES, YES),
        ("meta = ''", ("meta", null()), NO, NO),
        ("meta.a = null", ("meta", text(r#"{"a":null}"#)), YES, YES),
        ("meta.a != 1", ("meta", text(r#"{"a":null}"#)), YES, YES),
        ("label > null", ("label", text("x")), NO, NO),
        ("label <= null", ("label", null()), NO, NO),
    ]);
}

#[test]
fn types() {
    let five = || SqlValue::Real(5.0);
    check(&[
        ("qty = 5", ("qty", five()), YES, YES),
        ("qty = '5'", ("qty", five()), YES, NO),
        ("qty = '5.0'", ("qty", five()), YES, NO),
        ("qty > '4'", ("qty", five()), YES, NO),
        ("qty:lower = '5'", ("qty", five()), YES, NO),
        ("qty:lower = '5.0'", ("qty", five()), NO, YES),
        ("label = 5", ("label", text("5")), NO, NO),
        ("label = 5", ("label", text("5.0")), YES, NO),
        ("done = true", ("done", SqlValue::Integer(1)), YES, YES),
        ("done = 'true'", ("done", SqlValue::Integer(1)), NO, NO),
        ("done = '1'", ("done", SqlValue::Integer(1)), YES, NO),
        ("due >= '2024-02'", ("due", text("2024-02-29 13:05:09.250Z")), YES, YES),
        ("due >= '2024-02-29T'", ("due", text("2024-02-29 13:05:09.250Z")), NO, NO),
        // The column keeps a number, which is JSON again when it is read.
        ("meta = 5", ("meta", text("5")), YES, YES),
        ("meta = '5'", ("meta", text("5")), NO, NO),
        ("meta = '5'", ("meta", text("\"5\"")), YES, YES),
        ("meta = true", ("meta", text("true")), YES, YES),
        ("meta.a = 'b'", ("meta", text("no JSON")), NO, NO),
        ("meta = 'no JSON'", ("meta", text("no JSON")), YES, YES),
        ("meta.l.1 = 2", ("meta", text(r#"{"l":[1,2]}"#)), YES, YES),
        ("meta.l = '[1,2]'", ("meta", text(r#"{"l":[1, 2]}"#)), YES, YES),
        ("place.lon > 9", ("place", text(r#"{"lon":10,"lat":20}"#)), YES, YES),
        ("place = '{\"lon\":10,\"lat\":20}'", ("place", text(r#"{"lon":10,"lat":20}"#)), YES, YES),
        ("tags = '[\"red\"]'", ("tags", text(r#"["red"]"#)), YES, YES),
        ("geoDistance(place.lon, place.lat, 0, 0) = 0", ("label", text("")), YES, YES),
        ("geoDistance(place.lon, place.lat, 0, 1) > 111", ("label", text("")), YES, YES),
        ("geoDistance(meta.lon, place.lat, 0, 1) = null", ("label", text("")), YES, YES),
    ]);
}

#[test]
fn patterns() {
    check(&[
        ("label ~ 'AMP'", ("label", text("lamp")), YES, YES),
        ("label !~ 'amp'", ("label", text("lamp")), NO, NO),
        ("label ~ 'amp%'", ("label", text("lamp")), NO, NO),
        ("label ~ 'a_b'", ("label", text("aXb")), NO, NO),
        ("label ~ '%a_b'", ("label", text("aXb")), YES, YES),
        ("label ~ 'É'", ("label", text("é")), NO, NO),
        ("label ~ 5", ("label", text("a5b")), YES, YES),
        ("tags ~ 'red'", ("tags", text(r#"["red"]"#)), YES, YES),
        // A word without a parameter: the pattern is made by SQL.
        ("done ~ true", ("done", SqlValue::Integer(1)), YES, YES),
        ("label ~ title", ("label", text("x")), YES, YES),
        ("label ~ @request.query.none", ("label", text("x")), NO, NO),
        ("label !~ @request.query.none", ("label", text("x")), NO, NO),
        ("meta !~ 'x'", ("meta", SqlValue::Null), NO, NO),
        ("qty ~ '5'", ("qty", SqlValue::Real(1.5)), YES, YES),
    ]);
}

#[test]
fn lists() {
    let list = |list: &str| ("tags", text(list));
    check(&[
        ("tags:each = 'a'", list("[]"), NO, NO),
        ("tags:each != 'a'", list("[]"), YES, YES),
        ("tags:each = ''", list("[]"), YES, YES),
        ("tags:each !~ 'a'", list("[]"), NO, NO),
        ("tags:each = 'a'", list(r#"["a","b"]"#), NO, NO),
        ("tags:each ?= 'a'", list(r#"["a","b"]"#), YES, YES),
        ("tags:each ?= 'a' && tags:each ?= 'b'", list(r#"["a","b"]"#), NO, NO),
        ("tags:each = 'a' || tags:each = 'b'", list(r#"["a","b"]"#), NO, NO),
        ("tags:each = 'a'", list(r#"["a",null]"#), YES, YES),
        // A bare value is the one element.
        ("tags:each = 'a' && tags:length = 1", list("a"), YES, YES),
        ("tags:length = 0", list(""), YES, YES),
        ("tags:length = 2", list(r#"["a","b"]"#), YES, YES),
        ("tags:length = '2'", list(r#"["a","b"]"#), NO, NO),
        // Elements are those of a column, which has no type.
        ("tags:each = 5", list(r#"["5"]"#), NO, NO),
        ("tags:each = 5", list("[5]"), YES, YES),
    ]);
}

#[test]
fn what_is_not_known() {
    let owner = || ("owner", text("somebody"));
    check(&[
        ("owner.rank = 'boss'", owner(), None, None),
        ("owner.id = 'somebody'", owner(), YES, YES),
        ("label = 'y' && owner.rank = 'boss'", owner(), NO, NO),
        ("owner.rank = 'boss' && label = 'y'", owner(), NO, NO),
        ("owner.rank = 'boss' || label = 'x'", owner(), YES, YES),
        ("@collection.users.rank ?= 'boss' && label = 'y'", owner(), NO, NO),
        ("@collection.users.rank ?= 'boss'", owner(), None, None),
        // Nothing is joined to an empty list, which is known.
        ("clubs.rank = 'boss'", ("clubs", text("[]")), NO, NO),
        ("clubs.rank = ''", ("clubs", text("[]")), YES, YES),
        ("clubs.rank = 'boss'", ("clubs", text(r#"["a"]"#)), None, None),
        ("clubs.rank = 'boss' && clubs:each = 'b'", ("clubs", text(r#"["a"]"#)), NO, NO),
        ("strftime('%Y', due) = '2024'", ("due", text("2024-02-29 13:05:09.250Z")), None, None),
    ]);
}

#[test]
fn the_callers_own_record() {
    let mut world = world(&[]);
    let table = [
        ("@request.auth.rank = 'boss'", NO, YES),
        ("@request.auth.rank != 'boss'", YES, NO),
        ("@request.auth.roles:each ?= 'b'", NO, YES),
        ("@request.auth.roles:length = 2", NO, YES),
        ("@request.auth.verified = true", NO, YES),
        ("@request.auth.none = ''", YES, YES),
        ("owner = @request.auth.id", YES, NO),
    ];
    for (rule, guest, _) in table {
        assert_eq!(answers(&world, rule), [guest, guest], "{rule} for a guest");
    }
    world.sign_in();
    for (rule, _, user) in table {
        assert_eq!(answers(&world, rule), [user, user], "{rule} for the user");
    }
    let rule = ParsedRule::new("@request.auth.rank = 'boss'");
    let condition = Condition::of_stored(&world.catalog, &world.request, world.items(), &rule).unwrap();
    assert_eq!(condition.matches(&world.row(), None), None, "without the caller's row");
}

#[test]
fn too_long_patterns_and_lists_are_left_to_sqlite() {
    let mut world = world(&[]);
    world.request.body.insert("long".to_owned(), Json::String("%".repeat(60_000)));
    world.request.body.insert("tags".to_owned(), json!(vec!["a"; 30_000]));
    for rule in ["label ~ @request.body.long || label = 'x'", "@request.body.tags:each = 'a'"] {
        assert_eq!(answers(&world, rule), [None, None], "{rule}");
    }
}

/// SQLite would fail on it even where the rest of the rule decides.
#[test]
fn paths_with_a_nameless_segment_have_no_meaning() {
    let world = world(&[]);
    for rule in ["label = 'x' || meta..a = 1", "@request.auth.id = '' || meta.a.:.b = 1"] {
        let rule = ParsedRule::new(rule);
        assert!(Condition::of_stored(&world.catalog, &world.request, world.items(), &rule).is_err(), "{}", rule.text);
    }
}
