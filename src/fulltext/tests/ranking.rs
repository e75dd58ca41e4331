//! Ranking is the engine's own.

use tantivy::collector::TopDocs;
use tantivy::query::QueryParser;

use super::*;

/// Texts of words of which some are frequent and most are rare; the same each time.
fn random_texts(count: usize, seed: u64) -> Vec<String> {
    let mut state = seed;
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    let mut text = || {
        let length = 3 + next() % 40;
        let words = (0..length).map(|_| {
            let below = 1 + next() % 200;
            format!("w{}", next() % below)
        });
        words.collect::<Vec<_>>().join(" ")
    };
    (0..count).map(|_| text()).collect()
}

fn fixture(fields: &[(&str, f32)]) -> Fixture {
    let fixture = Fixture::new(&spec(fields, None));
    let texts: Vec<_> = (0..fields.len()).map(|i| random_texts(600, i as u64 + 1)).collect();
    let documents: Vec<_> = (0..600)
        .map(|i| document(&format!("id{i:04}"), &texts.iter().map(|t| t[i].as_str()).collect::<Vec<_>>()))
        .collect();
    for (seq, part) in (1..).zip(documents.chunks(250)) {
        fixture.write(seq, part);
    }
    fixture
}

/// The engine's own best ten: all words must be there, in any field.
fn of_the_engine(fixture: &Fixture, typed: &str) -> Vec<(f32, String)> {
    let snapshot = fixture.index.snapshot();
    let shared = &fixture.index.shared;
    let fields = shared.layout.texts.iter().map(|f| f.words).collect();
    let mut parser = QueryParser::for_index(&fixture.index.engine, fields);
    parser.set_conjunction_by_default();
    for (field, of_spec) in shared.layout.texts.iter().zip(&shared.spec.fields) {
        parser.set_field_boost(field.words, of_spec.weight);
    }
    let query = parser.parse_query(typed).unwrap();
    let best = snapshot.searcher.search(&*query, &TopDocs::with_limit(10).order_by_score()).unwrap();
    best.into_iter().map(|(score, address)| (score, snapshot.id(snapshot::DocumentRef::of(address)))).collect()
}

#[test]
fn the_best_ten_are_those_of_the_engine() {
    for fields in [&[("a", 1.0)][..], &[("a", 1.0), ("b", 1.0)], &[("a", 3.0), ("b", 1.0), ("c", 0.5)]] {
        let fixture = fixture(fields);
        let all = FieldSet::all(fixture.index.spec());
        for typed in ["w1", "w0 w3", "w150", "w2 w5 w9", "\"w1 w0\"", "w0 -w1", "w7 w7", "w0 w1 w2 w3 w4 w5"] {
            let expected = of_the_engine(&fixture, typed);
            assert!(!expected.is_empty(), "{typed}");
            let (answer, snapshot) = fixture.answer(typed, PLAIN, &all);
            let found: Vec<_> = answer.best.iter().take(10).map(|hit| (hit.score, snapshot.id(hit.document))).collect();
            for ((score, id), (expected_score, expected_id)) in found.iter().zip(&expected) {
                assert!(
                    (score - expected_score).abs() < 1e-4 * score.abs(),
                    "{typed}: {id} {score}, {expected_id} {expected_score}"
                );
            }
            // Among equal scores the order is ours.
            let last = expected.last().unwrap().0;
            for (score, id) in &expected {
                assert!(*score <= last * 1.0001 || found.iter().any(|(_, f)| f == id), "{typed}: {id} is missing");
            }
            assert_eq!(found.len(), expected.len(), "{typed}");
        }
    }
}

#[test]
fn fewer_of_the_best_are_the_first_of_more() {
    let fixture = fixture(&[("a", 1.0)]);
    let snapshot = fixture.index.snapshot();
    let fields = FieldSet::all(snapshot.spec());
    let question = Question::parse("w0 w1", snapshot.spec(), &Limits::default());
    let ask = |best| {
        let request =
            Request { question: &question, fields: &fields, matching: GENEROUS, best, facets: &[], deadline: None };
        snapshot.find(&request).unwrap()
    };
    let all = ask(1000);
    assert!(all.total > 100);
    assert_eq!(all.best.len() as u64, all.total);
    let in_order = |a: &Hit, b: &Hit| match b.score.total_cmp(&a.score) {
        std::cmp::Ordering::Equal => snapshot.id(a.document) < snapshot.id(b.document),
        order => order.is_lt(),
    };
    assert!(all.best.is_sorted_by(in_order));
    for best in [0, 1, 7, 50] {
        let answer = ask(best);
        assert_eq!((answer.total, answer.best.len()), (all.total, best));
        for (some, of_all) in answer.best.iter().zip(&all.best) {
            assert_eq!(some.document, of_all.document);
        }
    }
}

#[test]
fn the_word_itself_ranks_before_what_stands_in_for_it() {
    let fixture = Fixture::of_texts(
        None,
        &[
            "words and more",
            "word and more",
            "worm and more",
            "worcestershire and more",
            "word again and more",
            "some word more",
        ],
    );
    for typed in ["word", "word "] {
        let found = fixture.find(typed, TYPING);
        let mut first: Vec<_> = found[..3].to_vec();
        first.sort();
        assert_eq!(first, ["b", "e", "f"], "{typed}: {found:?}");
    }
    let found = fixture.find("wor", TYPING);
    assert_eq!(found.len(), 6);
    assert_ne!(found[0], "d", "that a word is rare does not make it a better guess");
}

#[test]
fn weights_decide_between_fields() {
    for (title, body, first) in [(5.0, 1.0, "t"), (1.0, 5.0, "b")] {
        let fixture = Fixture::new(&spec(&[("title", title), ("body", body)], None));
        fixture.write(1, &[document("b", &["bread", "soup"]), document("t", &["soup", "bread"])]);
        assert_eq!(fixture.find("soup", PLAIN)[0], first);
    }
}
