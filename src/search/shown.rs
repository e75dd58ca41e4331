//! What a search adds to the records it answers with.

use super::SearchFailure;
use super::find::SearchTime;
use super::sight::{Facet, Sight};
use crate::clock::date_text;
use crate::fulltext::{FacetCounts, FacetValue, Highlighter};
use crate::records::Record;
use crate::schema::json_text;

/// Longest highlight of one text, in characters; of longer texts the part where most matches.
const HIGHLIGHT_CHARS: usize = 240;

/// Most texts of one field that are highlighted: fields with several entries have several.
const MAX_FRAGMENTS: usize = 3;

/// What is shown of texts.
pub(super) struct Highlights<'a> {
    pub(super) sight: &'a Sight,
    pub(super) highlighter: &'a Highlighter,
    /// Texts of the index that are highlighted.
    pub(super) texts: &'a [usize],
    pub(super) time: SearchTime,
}

/// Appends the member `@search` of a record that was found.
///
/// # Errors
/// [`SearchFailure::TooSlow`]: long texts take their time.
pub(super) fn write_member(
    score: f32,
    record: &Record,
    highlights: &Highlights<'_>,
    out: &mut Vec<u8>,
) -> Result<(), SearchFailure> {
    out.extend_from_slice(b"\"@search\":{");
    let mut is_first = true;
    for text in highlights.texts {
        let Some(html) = highlights.of(record, *text)? else { continue };
        out.extend_from_slice(if is_first { b"\"highlights\":{" } else { b"," });
        is_first = false;
        json_text::write_string(out, highlights.sight.name(*text));
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
    Ok(())
}

impl Highlights<'_> {
    /// A record's text with what matches marked, as safe HTML. `None` if nothing matches there.
    fn of(&self, record: &Record, text: usize) -> Result<Option<String>, SearchFailure> {
        let mut fragments: Vec<String> = Vec::new();
        for content in self.sight.texts(record, text) {
            self.time.left()?;
            fragments.extend(self.highlighter.highlight(text, &content, HIGHLIGHT_CHARS));
            if fragments.len() == MAX_FRAGMENTS {
                break;
            }
        }
        Ok((!fragments.is_empty()).then(|| fragments.join(" … ")))
    }
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
