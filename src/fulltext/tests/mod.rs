//! Tests of whole indexes, in temporary folders.

mod basics;
mod damage;
mod expansion;
mod facets;
mod kill;
mod model;
mod odd_input;
mod ranking;
mod relevance;
mod waiting;
mod writing;

use std::sync::Arc;

use tempfile::TempDir;

use super::*;

/// An index in a folder of its own, which goes with it.
pub(super) struct Fixture {
    pub(super) _folder: TempDir,
    pub(super) index: Arc<Index>,
    pub(super) writers: Writers,
}

pub(super) fn spec(fields: &[(&str, f32)], language: Option<Language>) -> IndexSpec {
    let fields = fields.iter().map(|(name, weight)| TextField { name: (*name).to_owned(), weight: *weight }).collect();
    IndexSpec { fields, language, facets: Vec::new() }
}

pub(super) fn document(id: &str, texts: &[&str]) -> Document {
    let texts = texts.iter().map(|t| vec![(*t).to_owned()]).collect();
    Document { id: id.to_owned(), texts, facets: Vec::new() }
}

impl Fixture {
    pub(super) fn new(spec: &IndexSpec) -> Self {
        let folder = TempDir::new().unwrap();
        let index = Index::create(&folder.path().join("index"), spec, &Limits::default()).unwrap();
        Self { _folder: folder, index: Arc::new(index), writers: Writers::new(WriterLimits::default()) }
    }

    /// An index of one field, with the texts as documents `a`, `b` and so on.
    pub(super) fn of_texts(language: Option<Language>, texts: &[&str]) -> Self {
        let fixture = Self::new(&spec(&[("text", 1.0)], language));
        let documents: Vec<_> = ('a'..).zip(texts).map(|(id, text)| document(&id.to_string(), &[text])).collect();
        fixture.write(1, &documents);
        fixture
    }

    pub(super) fn write(&self, seq: i64, documents: &[Document]) {
        let mut writer = self.writers.open(&self.index).unwrap();
        for document in documents {
            writer.upsert(document).unwrap();
        }
        writer.commit(seq, None).unwrap();
    }

    pub(super) fn reopen(&self) -> Result<Index, OpenError> {
        Index::open(self.index.folder(), self.index.spec(), &Limits::default(), Check::Doubtful)
    }

    /// What is found, by ids, best first.
    pub(super) fn find(&self, typed: &str, matching: Matching) -> Vec<String> {
        let fields = FieldSet::all(self.index.spec());
        let (answer, snapshot) = self.answer(typed, matching, &fields);
        assert_eq!(answer.total, answer.best.len() as u64, "{typed}");
        answer.best.iter().map(|hit| snapshot.id(hit.document)).collect()
    }

    pub(super) fn answer(&self, typed: &str, matching: Matching, fields: &FieldSet) -> (Answer, Snapshot) {
        let snapshot = self.index.snapshot();
        let question = Question::parse(typed, snapshot.spec(), &Limits::default());
        let request = Request { question: &question, fields, matching, best: 100, facets: &[], deadline: None };
        (snapshot.find(&request).unwrap(), snapshot)
    }
}

/// Words as they are written, all of them.
pub(super) const PLAIN: Matching = Matching { words: WordsNeeded::All, prefix: false, typos: false };
/// As somebody types.
pub(super) const TYPING: Matching = Matching { words: WordsNeeded::All, prefix: true, typos: true };
/// When little was found.
pub(super) const GENEROUS: Matching = Matching { words: WordsNeeded::Most, prefix: true, typos: true };
