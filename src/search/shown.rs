//! What a search adds to the records it answers with.

use super::sight::{Facet, Sight};
use crate::clock::date_text;
use crate::fulltext::{FacetCounts, FacetValue, Highlighter};
use crate::records::Record;
use crate::schema::json_text;

/// Longest highlight of one text, in characters; of longer texts the part where most matches.
const HIGHLIGHT_CHARS: usize = 240;

/// Most texts of one field that are highlighted: fields with several entries have several.
const MAX_FRAGMENTS: usize = 3;

/// Appends the member `@search` of a record that was found. `highlight`: texts of the index.
pub(super) fn write_member(
    score: f32,
    record: &Record,
    sight: &Sight,
    highlighter: &Highlighter,
    highlight: &[usize],
    out: &mut Vec<u8>,
) {
    out.extend_from_slice(b"\"@search\":{");
    let mut is_first = true;
    for text in highlight {
        let Some(html) = highlighted(record, sight, highlighter, *text) else { continue };
        out.extend_from_slice(if is_first { b"\"highlights\":{" } else { b"," });
        is_first = false;
        json_text::write_string(out, sight.name(*text));
        out.push(b':');
        json_text::write_string(out, &html);
    }
    if !is_first {
        out.extend_from_slice(b"},");
    }
    out.extend_from_slice(b"\"score\":");
    // More digits would tell nothing.
    json_text::write_number(out, (f64::from(score) * 1e4).round() / 1e4);
    out.push(b'}');
}

/// A record's text with what matches marked, as safe HTML. `None` if nothing matches there.
fn highlighted(record: &Record, sight: &Sight, highlighter: &Highlighter, text: usize) -> Option<String> {
    let texts = sight.texts(record, text);
    let fragments = texts.iter().filter_map(|t| highlighter.highlight(text, t, HIGHLIGHT_CHARS));
    let fragments: Vec<String> = fragments.take(MAX_FRAGMENTS).collect();
    (!fragments.is_empty()).then(|| fragments.join(" … "))
}

/// The counts of facets as JSON: `{"status":[{"value":"open","count":3}]}`.
pub(super) fn facets_json(facets: &[Facet], counts: &[FacetCounts]) -> String {
    let mut all = serde_json::Map::new();
    for (facet, counts) in facets.iter().zip(counts) {
        let values = counts.values.iter().map(|counted| {
            let value = match &counted.value {
                FacetValue::Bool(flag) => (*flag).into(),
                FacetValue::Number(number) => number_json(*number),
                FacetValue::Date(millis) => date_text(*millis).into(),
                FacetValue::Text(text) => text.as_str().into(),
            };
            serde_json::json!({"count": counted.count, "value": value})
        });
        all.insert(facet.name.clone(), values.collect());
    }
    serde_json::Value::Object(all).to_string()
}

/// A number as records have it.
fn number_json(number: f64) -> serde_json::Value {
    let mut text = Vec::new();
    json_text::write_number(&mut text, number);
    serde_json::from_slice(&text).unwrap_or_default()
}
