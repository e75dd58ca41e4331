//! Words that stand for typed ones, within limits.

use std::time::{Duration, Instant};

use super::*;

/// Documents whose first field has many words that begin with `mark` or are nearly `marker`, and whose second has one.
fn crowded(limits: &Limits) -> Fixture {
    let folder = TempDir::new().unwrap();
    let spec = spec(&[("crowd", 1.0), ("quiet", 1.0)], None);
    let index = Arc::new(Index::create(&folder.path().join("index"), &spec, limits).unwrap());
    let fixture = Fixture { index, _folder: folder, writers: Writers::new(WriterLimits::default()) };
    let letters = || 'a'..='z';
    let words: Vec<String> = letters().flat_map(|a| letters().map(move |b| format!("mark{a}{b}"))).collect();
    // Words of the second field sort after those of the first.
    fixture.write(1, &[document("a", &[&words.join(" "), "none"]), document("b", &["none", "markzzz markez"])]);
    fixture.write(2, &[document("c", &[&words.join(" "), "none"]), document("d", &["none", "markzzz markez"])]);
    fixture
}

#[test]
fn a_field_of_many_words_leaves_something_to_the_others() {
    let limits = Limits { max_scanned_words: 40, ..Limits::default() };
    let fixture = crowded(&limits);
    for typed in ["mark", "marke "] {
        let mut found = fixture.find(typed, TYPING);
        found.sort();
        assert_eq!(found, ["a", "b", "c", "d"], "{typed}");
    }
}

#[test]
fn what_a_field_does_not_scan_others_may() {
    // The first field has no such words: the second needs what it left.
    let limits = Limits { max_scanned_words: 16, max_expansions: 1000, ..Limits::default() };
    let folder = TempDir::new().unwrap();
    let index = Index::create(&folder.path().join("index"), &spec(&[("a", 1.0), ("b", 1.0)], None), &limits).unwrap();
    let fixture = Fixture { index: Arc::new(index), _folder: folder, writers: Writers::new(WriterLimits::default()) };
    let documents: Vec<_> =
        (0..15).map(|i| document(&format!("id{i:02}"), &["none", &format!("mark{i:02}")])).collect();
    fixture.write(1, &documents);
    assert_eq!(fixture.find("mark", TYPING).len(), 15);
}

#[test]
fn expansion_ends_when_time_is_up() {
    let fixture = crowded(&Limits::default());
    let snapshot = fixture.index.snapshot();
    let fields = [0, 1].map(|i| fixture.index.shared.layout.texts[i].words);
    let expand = |deadline| {
        let limits = &Limits::default();
        let expander =
            expand::Expander { searcher: &snapshot.searcher, fields: &fields, limits, deadline, max_words: 64 };
        [expander.beginning_with("mark").unwrap(), expander.mistyped("markes", false).unwrap()]
    };
    for expansions in expand(Some(Instant::now())) {
        assert!(expansions.is_cut && expansions.words.is_empty());
    }
    for expansions in expand(Some(Instant::now() + Duration::from_hours(1))) {
        assert!(!expansions.is_cut && !expansions.words.is_empty());
    }
}
