//! Turns a question into the engine's terms for one snapshot.
//!
//! A typed word matches in any of the allowed fields, and a document's score is the sum over them: by the word's own
//! frequencies, as the engine ranks it. What stands in for the word (words that begin with it, words it may be mistyped
//! for) adds nothing where the word itself is, and counts for less where it is not.

use std::collections::HashMap;
use std::sync::Arc;

use tantivy::Term;
use tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, DisjunctionMaxQuery, Occur, PhrasePrefixQuery, PhraseQuery, Query, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};

use super::analyzer::{Kind, Words};
use super::exclusion::Excluded;
use super::expand::{Expander, Expansion, Expansions};
use super::highlight::Highlighter;
use super::marks::{FieldMarks, PhraseMark};
use super::query::{Ending, Part};
use super::{Request, SearchError, Snapshot, WordsNeeded};

/// What the word as written counts where its stem matches, too.
const WRITTEN_BONUS: f32 = 0.5;

/// What a word counts that begins with what was typed.
const PREFIX_BOOST: f32 = 0.7;

/// What a word counts that what was typed is a typo of.
const TYPO_BOOST: f32 = 0.4;

/// How many times as many pairs a single character of an unspaced script may stand for: it is a word, not the beginning of
/// one.
const CHARACTER_EXPANSIONS: usize = 4;

/// Most words that the last word of a phrase may be the beginning of.
const PHRASE_EXPANSIONS: u32 = 128;

/// A compiled question.
pub(super) struct Compiled {
    /// `None` if there are no words in the question.
    pub(super) query: Option<Box<dyn Query>>,
    /// How frequent words count that stand in for others.
    pub(super) stand_ins: HashMap<Term, u64>,
    pub(super) highlighter: Highlighter,
    /// Whether the time was up.
    pub(super) is_cut: bool,
}

/// A word of a question.
#[derive(Clone, Debug, PartialEq)]
struct Word {
    folded: String,
    written: String,
    kind: Kind,
}

/// What must or must not be there.
#[derive(PartialEq)]
struct Clause {
    field: Option<usize>,
    is_excluded: bool,
    words: Vec<(usize, Word)>,
    /// Whether more may follow the last word.
    is_open: bool,
    /// Whether the word is meant as it is written.
    is_exact: bool,
}

/// Compiles the question of a request.
pub(super) fn compile(snapshot: &Snapshot, request: &Request<'_>) -> Result<Compiled, SearchError> {
    let clauses = drop_stop_words(snapshot, clauses(snapshot, request));
    let marks = vec![FieldMarks::default(); snapshot.shared.spec.fields.len()];
    let mut compiler = Compiler {
        snapshot,
        request,
        stand_ins: HashMap::new(),
        marks,
        is_cut: false,
        typo_words: snapshot.shared.limits.max_typo_words,
        expansions: snapshot.shared.limits.max_question_expansions,
    };
    let mut wanted = Vec::new();
    let mut excluded = Vec::new();
    for clause in &clauses {
        let query = compiler.clause(clause)?;
        let list = if clause.is_excluded { &mut excluded } else { &mut wanted };
        list.push(query);
    }
    let query = combine(wanted, excluded, request.matching.words);
    let highlighter = Highlighter::new(snapshot.shared.clone(), Arc::new(compiler.marks));
    Ok(Compiled { query, stand_ins: compiler.stand_ins, highlighter, is_cut: compiler.is_cut })
}

/// The clauses of a question.
fn clauses(snapshot: &Snapshot, request: &Request<'_>) -> Vec<Clause> {
    let mut clauses = Vec::new();
    let mut room = snapshot.shared.limits.max_question_words;
    for part in &request.question.parts {
        let words = words_of(&part.text);
        let is_open = match part.ending {
            Ending::Closed => false,
            Ending::Open => request.matching.prefix,
            Ending::Star => true,
        };
        for (words, is_last) in groups(part, words, request.matching.words) {
            if words.len() > room {
                return clauses;
            }
            room -= words.len();
            let clause = Clause {
                field: part.field,
                is_excluded: part.is_excluded,
                words,
                is_open: is_open && is_last && !part.is_excluded,
                is_exact: part.is_phrase,
            };
            // Saying something twice does not make it count twice.
            if !clauses.contains(&clause) {
                clauses.push(clause);
            }
        }
    }
    clauses
}

/// The words of a text with their places. The last character of an unspaced run is in the pair before it already.
fn words_of(text: &str) -> Vec<(usize, Word)> {
    let mut words = Words::new(text);
    let mut folded = String::new();
    let mut found = Vec::new();
    let mut run_end = None;
    let mut place = 0;
    while let Some(word) = words.next(&mut folded) {
        if word.kind != Kind::Last || run_end != Some(word.range.end) {
            found.push((
                place,
                Word { folded: folded.clone(), written: text[word.range.clone()].to_owned(), kind: word.kind },
            ));
        }
        run_end = Some(word.range.end);
        place += 1;
    }
    found
}

/// Words that belong together: all of a phrase; of what was typed without spaces, those of one manner of writing.
/// Tells of each whether it is the last.
fn groups(part: &Part, words: Vec<(usize, Word)>, needed: WordsNeeded) -> Vec<(Vec<(usize, Word)>, bool)> {
    let mut groups: Vec<Vec<(usize, Word)>> = Vec::new();
    for word in words {
        let joins = groups.last().and_then(|group| group.last()).is_some_and(|(_, before)| {
            let is_unspaced = word.1.kind != Kind::Word;
            part.is_phrase
                || part.is_excluded
                || ((before.kind != Kind::Word) == is_unspaced && !(is_unspaced && needed == WordsNeeded::Most))
        });
        match groups.last_mut() {
            Some(group) if joins => group.push(word),
            _ => groups.push(vec![word]),
        }
    }
    let count = groups.len();
    groups.into_iter().enumerate().map(|(i, group)| (group, i + 1 == count)).collect()
}

/// Leaves out words that say little, unless there would be none left.
fn drop_stop_words(snapshot: &Snapshot, clauses: Vec<Clause>) -> Vec<Clause> {
    let is_stop = |clause: &Clause| match clause.words.as_slice() {
        [(_, word)] if !clause.is_excluded && !clause.is_exact && clause.field.is_none() => {
            snapshot.shared.with_stems(|stems| stems.is_stop_word(&word.written)).unwrap_or(false)
        }
        _ => false,
    };
    let stops: Vec<bool> = clauses.iter().map(is_stop).collect();
    if !clauses.iter().zip(&stops).any(|(clause, is_stop)| !clause.is_excluded && !is_stop) {
        return clauses;
    }
    clauses.into_iter().zip(stops).filter(|(_, is_stop)| !is_stop).map(|(clause, _)| clause).collect()
}

/// How many of so many words a document must have.
fn needed_of(count: usize) -> usize {
    match count {
        0 | 1 => count,
        2..=4 => count - 1,
        _ => count * 2 / 3,
    }
}

/// What is wanted without what is excluded. Only exclusions leave all other documents.
fn combine(wanted: Vec<Box<dyn Query>>, excluded: Vec<Box<dyn Query>>, needed: WordsNeeded) -> Option<Box<dyn Query>> {
    if wanted.is_empty() && excluded.is_empty() {
        return None;
    }
    let count = wanted.len();
    let wanted: Box<dyn Query> = match (count, needed) {
        (0, _) => Box::new(AllQuery),
        (1, _) => return Some(exclude(wanted.into_iter().next()?, excluded)),
        (_, WordsNeeded::All) => return Some(Box::new(with_all(wanted, excluded))),
        (_, WordsNeeded::Most) => {
            let clauses = wanted.into_iter().map(|query| (Occur::Should, query)).collect();
            Box::new(BooleanQuery::with_minimum_required_clauses(clauses, needed_of(count)))
        }
    };
    Some(exclude(wanted, excluded))
}

fn exclude(wanted: Box<dyn Query>, excluded: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    if excluded.is_empty() { wanted } else { Box::new(with_all(vec![wanted], excluded)) }
}

fn with_all(wanted: Vec<Box<dyn Query>>, excluded: Vec<Box<dyn Query>>) -> BooleanQuery {
    let wanted = wanted.into_iter().map(|query| (Occur::Must, query));
    let excluded = excluded.into_iter().map(|query| (Occur::MustNot, Excluded::boxed(query)));
    BooleanQuery::new(wanted.chain(excluded).collect())
}

/// The sum of queries, of which there may be one or none.
fn any_of(mut queries: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    match queries.len() {
        1 => queries.remove(0),
        _ => Box::new(BooleanQuery::union(queries)),
    }
}

fn boosted(query: Box<dyn Query>, boost: f32) -> Box<dyn Query> {
    // Exactly one means that nothing has to be done.
    if (boost - 1.0).abs() < f32::EPSILON { query } else { Box::new(BoostQuery::new(query, boost)) }
}

fn term_query(term: Term) -> Box<dyn Query> {
    Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs))
}

struct Compiler<'a> {
    snapshot: &'a Snapshot,
    request: &'a Request<'a>,
    stand_ins: HashMap<Term, u64>,
    marks: Vec<FieldMarks>,
    is_cut: bool,
    /// How many more words may be searched with typos.
    typo_words: usize,
    /// How many more words in their fields typed ones may stand for.
    expansions: usize,
}

impl Compiler<'_> {
    fn clause(&mut self, clause: &Clause) -> Result<Box<dyn Query>, SearchError> {
        let allowed = self.request.fields.iter().filter(|f| clause.field.is_none_or(|wanted| wanted == *f));
        let fields: Vec<usize> = allowed.filter(|f| *f < self.marks.len()).collect();
        match clause.words.as_slice() {
            [(_, word)] => self.word(clause, word, &fields),
            words => Ok(self.phrase(clause, words, &fields)),
        }
    }

    fn words_field(&self, field: usize) -> Field {
        self.snapshot.shared.layout.texts[field].words
    }

    fn weight(&self, field: usize) -> f32 {
        self.snapshot.shared.spec.fields[field].weight
    }

    fn phrase(&mut self, clause: &Clause, words: &[(usize, Word)], fields: &[usize]) -> Box<dyn Query> {
        let first = words.first().map_or(0, |(place, _)| *place);
        // A single character of an unspaced script is the beginning of a pair. Elsewhere than at the end the engine has
        // no way to say so, and the characters around it have to do.
        let last = words.len() - 1;
        let kept = words.iter().enumerate().filter(|(i, (_, word))| word.kind != Kind::Last || *i == last);
        let words: Vec<(usize, String)> = kept.map(|(_, (place, word))| (place - first, word.folded.clone())).collect();
        let is_open = clause.is_open || clause.words.last().is_some_and(|(_, word)| word.kind == Kind::Last);
        let mut queries = Vec::new();
        for field in fields {
            let words_field = self.words_field(*field);
            let terms: Vec<_> =
                words.iter().map(|(place, word)| (*place, Term::from_field_text(words_field, word))).collect();
            let query: Box<dyn Query> = match terms.len() {
                1 => term_query(terms[0].1.clone()),
                _ if is_open => {
                    let mut phrase = PhrasePrefixQuery::new_with_offset(terms);
                    phrase.set_max_expansions(PHRASE_EXPANSIONS);
                    Box::new(phrase)
                }
                _ => Box::new(PhraseQuery::new_with_offset(terms)),
            };
            queries.push(boosted(query, self.weight(*field)));
            if !clause.is_excluded {
                self.marks[*field].phrases.push(PhraseMark { words: words.clone(), is_open });
            }
        }
        any_of(queries)
    }

    fn word(&mut self, clause: &Clause, word: &Word, fields: &[usize]) -> Result<Box<dyn Query>, SearchError> {
        let stems = if word.kind == Kind::Word && !clause.is_exact { self.stems(word) } else { Vec::new() };
        let mut alternatives: Vec<Vec<Box<dyn Query>>> = Vec::new();
        for field in fields {
            let exact = self.exact(*field, word, &stems);
            alternatives.push(vec![exact]);
            if !clause.is_excluded {
                let marks = &mut self.marks[*field];
                marks.stems.extend(stems.iter().cloned());
                if word.kind == Kind::Last {
                    marks.characters.push(word.folded.clone());
                } else {
                    marks.words.insert(word.folded.clone());
                }
            }
        }
        // An excluded character excludes where it stands, as it is found where it stands.
        if word.kind == Kind::Last || clause.is_open {
            self.add_prefixed(word, fields, &mut alternatives)?;
        }
        let may_be_mistyped =
            self.request.matching.typos && !clause.is_excluded && !clause.is_exact && word.kind == Kind::Word;
        if may_be_mistyped && self.typo_words > 0 {
            self.typo_words -= 1;
            self.add_mistyped(word, clause.is_open, fields, &mut alternatives)?;
        }
        let by_field = alternatives.into_iter().zip(fields).map(|(mut alternatives, field)| {
            let query: Box<dyn Query> = match alternatives.len() {
                1 => alternatives.remove(0),
                _ => Box::new(DisjunctionMaxQuery::new(alternatives)),
            };
            boosted(query, self.weight(*field))
        });
        Ok(any_of(by_field.collect()))
    }

    /// The stems of a word as typed: with its accents, and without them, for who types none.
    fn stems(&self, word: &Word) -> Vec<String> {
        let stems = self.snapshot.shared.with_stems(|stems| vec![stems.stem(&word.written), stems.stem(&word.folded)]);
        let mut stems = stems.unwrap_or_default();
        stems.dedup();
        stems
    }

    /// The word as written, or in another form where there is a language.
    fn exact(&self, field: usize, word: &Word, stems: &[String]) -> Box<dyn Query> {
        let written = term_query(Term::from_field_text(self.words_field(field), &word.folded));
        let Some(stems_field) = self.snapshot.shared.layout.texts[field].stems else { return written };
        if stems.is_empty() {
            return written;
        }
        let mut queries: Vec<_> =
            stems.iter().map(|stem| term_query(Term::from_field_text(stems_field, stem))).collect();
        queries.push(boosted(written, WRITTEN_BONUS));
        any_of(queries)
    }

    fn add_prefixed(
        &mut self,
        word: &Word,
        fields: &[usize],
        alternatives: &mut [Vec<Box<dyn Query>>],
    ) -> Result<(), SearchError> {
        let expansions = self.expander(&self.fields_of(fields), word).beginning_with(&word.folded)?;
        self.take(&expansions, fields);
        for (position, field) in fields.iter().enumerate() {
            self.add_stand_ins(*field, position, word, &expansions.words, PREFIX_BOOST, &mut alternatives[position])?;
            if word.kind != Kind::Last {
                self.marks[*field].prefixes.push(word.folded.clone());
            }
        }
        Ok(())
    }

    fn add_mistyped(
        &mut self,
        word: &Word,
        is_open: bool,
        fields: &[usize],
        alternatives: &mut [Vec<Box<dyn Query>>],
    ) -> Result<(), SearchError> {
        let expansions = self.expander(&self.fields_of(fields), word).mistyped(&word.folded, is_open)?;
        self.take(&expansions, fields);
        for (position, field) in fields.iter().enumerate() {
            self.add_stand_ins(*field, position, word, &expansions.words, TYPO_BOOST, &mut alternatives[position])?;
            self.marks[*field].words.extend(expansions.words.iter().map(|e| e.word.clone()));
        }
        Ok(())
    }

    fn fields_of(&self, fields: &[usize]) -> Vec<Field> {
        fields.iter().map(|f| self.words_field(*f)).collect()
    }

    /// Notes what a word was found to stand for.
    fn take(&mut self, expansions: &Expansions, fields: &[usize]) {
        self.is_cut |= expansions.is_cut;
        self.expansions = self.expansions.saturating_sub(expansions.words.len() * fields.len());
    }

    fn expander<'b>(&'b self, fields: &'b [Field], word: &Word) -> Expander<'b> {
        let Self { snapshot, request, .. } = self;
        let limits = &snapshot.shared.limits;
        let max_words = match word.kind {
            Kind::Last => limits.max_expansions * CHARACTER_EXPANSIONS,
            _ => limits.max_expansions,
        };
        let max_words = max_words.min(self.expansions / fields.len().max(1));
        Expander { searcher: &snapshot.searcher, fields, limits, deadline: request.deadline, max_words }
    }

    /// Adds words that stand in for a typed one. Together with it they count as one word, as frequent as all of them.
    fn add_stand_ins(
        &mut self,
        field: usize,
        position: usize,
        word: &Word,
        expansions: &[Expansion],
        boost: f32,
        alternatives: &mut Vec<Box<dyn Query>>,
    ) -> Result<(), SearchError> {
        let words_field = self.words_field(field);
        let own = self.snapshot.searcher.doc_freq(&Term::from_field_text(words_field, &word.folded))?;
        let there = || expansions.iter().filter(|e| e.frequencies[position] > 0);
        let together = own + there().map(|e| e.frequencies[position]).sum::<u64>();
        for expansion in there() {
            let term = Term::from_field_text(words_field, &expansion.word);
            self.stand_ins.insert(term.clone(), together);
            alternatives.push(boosted(term_query(term), boost));
        }
        Ok(())
    }
}
