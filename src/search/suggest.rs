//! Completing what somebody is typing: words and titles of records that the caller may list.

use std::time::Duration;

use serde::Serialize;

use super::find::{FEW, Finder, ways};
use super::list::time_of;
use super::sight::Sight;
use super::standing::Standing;
use super::{Indexes, SearchFailure};
use crate::db::ReadTx;
use crate::fulltext::Highlighter;
use crate::records::{self, ListQuery, Record, RecordError, Request};

/// Suggestions without `limit`.
const DEFAULT_LIMIT: usize = 8;

/// Most suggestions.
const MAX_LIMIT: usize = 20;

/// Records whose words are suggested.
const RECORDS_READ: usize = 50;

/// Longest title, in characters.
const MAX_TITLE_CHARS: usize = 120;

/// Longest word that is suggested, in characters.
const MAX_WORD_CHARS: usize = 64;

/// Bytes of a text in which words are looked for: what somebody waits for at every key must not depend on long texts.
const MAX_TEXT_BYTES: usize = 16 * 1024;

/// Suggestions.
#[derive(Debug, Default, Serialize)]
pub struct Suggestions {
    /// Words that the last typed one may become, as they are written in the records, those of the best records first.
    pub words: Vec<String>,
    /// The best records.
    pub records: Vec<SuggestedRecord>,
}

/// A record that is suggested.
#[derive(Debug, Serialize)]
pub struct SuggestedRecord {
    /// Its id.
    pub id: String,
    /// Its text of the greatest weight.
    pub title: String,
}

/// What somebody is typing.
#[derive(Debug, Clone, Copy, Default)]
pub struct SuggestQuery<'a> {
    /// So far.
    pub text: &'a str,
    /// How many words and records are wanted at most.
    pub limit: &'a str,
}

/// Completes what is being typed. `patience`: longest time for superusers.
///
/// # Errors
/// As a list of the collection: whoever may not list gets no suggestions.
pub fn suggest(
    tx: &ReadTx<'_>,
    request: Request<'_>,
    indexes: &Indexes,
    collection: &str,
    query: &SuggestQuery<'_>,
    patience: Duration,
) -> Result<Suggestions, SearchFailure> {
    let time = time_of(request, patience);
    let prepared = records::prepare(tx, request, collection, &ListQuery::default())?;
    let records::PreparedList { plan, mut selection, .. } = prepared;
    let index = indexes.snapshot(&plan.collection().id)?;
    let limit = match query.limit {
        "" => DEFAULT_LIMIT,
        text => match text.parse() {
            Ok(limit @ 1..=MAX_LIMIT) => limit,
            _ => {
                return Err(
                    RecordError::BadQuery(format!("`limit` must be a whole number from 1 to {MAX_LIMIT}")).into()
                );
            }
        },
    };
    let sight = Sight::new(plan, &index, request.caller.is_superuser());
    let question = sight.question(query.text, indexes.limits());
    let standing = Standing::new(tx, request, plan, &index, &sight)?;
    let mut finder = Finder {
        indexes,
        plan,
        index: &index,
        sight: &sight,
        standing: &standing,
        question,
        facets: &[],
        time,
        best: RECORDS_READ,
        counted: FEW,
    };
    let found = finder.find(tx, &mut selection, query.text)?;
    let last = last_word(&mut finder, query.text, found.highlighter)?;

    let mut suggestions = Suggestions::default();
    let texts = sight.by_weight();
    for hit in found.hits.iter().take(RECORDS_READ) {
        tx.limit_time(time.left()?);
        let Some(record) = Record::find(tx, plan, &hit.id)? else { continue };
        if suggestions.records.len() < limit
            && let Some(title) = texts.iter().find_map(|text| sight.texts(&record, *text).into_iter().next())
        {
            let title = title.chars().take(MAX_TITLE_CHARS).collect();
            suggestions.records.push(SuggestedRecord { id: hit.id.clone(), title });
        }
        for text in &texts {
            // Taking the markup out of long texts takes its time.
            if suggestions.words.len() >= limit {
                break;
            }
            time.left()?;
            for content in sight.texts(&record, *text) {
                let content = &content[..content.floor_char_boundary(MAX_TEXT_BYTES)];
                for word in last.matching_words(*text, content) {
                    let lower = word.to_lowercase();
                    let is_new = !suggestions.words.iter().any(|known| known.to_lowercase() == lower);
                    if is_new && suggestions.words.len() < limit && word.chars().count() <= MAX_WORD_CHARS {
                        suggestions.words.push(word);
                    }
                }
            }
        }
        if suggestions.words.len() >= limit && suggestions.records.len() >= limit {
            break;
        }
    }
    Ok(suggestions)
}

/// What shows the words that the last typed one may become.
fn last_word(finder: &mut Finder<'_>, text: &str, whole: Highlighter) -> Result<Highlighter, SearchFailure> {
    let last = text.split_whitespace().next_back().filter(|_| !text.ends_with(char::is_whitespace));
    match last {
        // A part of a phrase or something excluded is no word to go on with.
        Some(last) if last.len() < text.trim().len() && !last.starts_with('-') && !text.contains('"') => {
            finder.question = finder.sight.question(last, finder.indexes.limits());
            // What it stands for, not where it is.
            let answer = finder.ask(ways(finder.index, last)[0], 0, &[])?;
            Ok(answer.highlighter)
        }
        _ => Ok(whole),
    }
}
