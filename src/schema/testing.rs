//! Strategies for property tests.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

/// Any JSON, with a liking for text that looks like numbers, lists, dates and points.
pub(in crate::schema) fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        any::<f64>().prop_map(|n| json!(n)),
        any::<i64>().prop_map(|n| json!(n)),
        any::<u64>().prop_map(|n| json!(n)),
        ".*".prop_map(Json::String),
        "[0-9eE.+_-]{0,8}".prop_map(Json::String),
        "[\\[\\]\",a ]{0,12}".prop_map(Json::String),
        "[0-9]{4}-[01][0-9]-[0-3][0-9][ T][0-9:.Z+-]{0,14}".prop_map(Json::String),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Json::Array),
            prop::collection::btree_map("(lon|lat|Lat|[a-z]{0,3}|.*)", inner, 0..4)
                .prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}
