//! Counting values.

use super::*;

fn fixture() -> Fixture {
    let kinds = [FacetKind::Text, FacetKind::Number, FacetKind::Bool, FacetKind::Date];
    let facets = kinds.iter().enumerate().map(|(i, kind)| FacetField { name: format!("f{i}"), kind: *kind }).collect();
    let fixture = Fixture::new(&IndexSpec { facets, ..spec(&[("text", 1.0)], None) });
    let with = |id: &str, text: &str, tags: &[&str], number: Option<f64>, truth: bool| Document {
        facets: vec![
            tags.iter().map(|t| FacetValue::Text((*t).to_owned())).collect(),
            number.into_iter().map(FacetValue::Number).collect(),
            vec![FacetValue::Bool(truth)],
            vec![FacetValue::Date(if truth { -1 } else { 1_700_000_000_000 })],
        ],
        ..document(id, &[text])
    };
    fixture.write(
        1,
        &[
            with("a", "soup", &["Hot", "red"], Some(1.5), true),
            with("b", "soup", &["hot", "red", "red"], Some(-0.0), true),
            with("c", "bread", &["Hot"], None, true),
        ],
    );
    // Another segment.
    fixture.write(2, &[with("d", "soup", &["Hot"], Some(0.0), false), with("e", "soup", &[], Some(f64::NAN), false)]);
    fixture
}

fn ask(fixture: &Fixture, typed: &str, facets: &[usize], best: usize) -> Answer {
    let snapshot = fixture.index.snapshot();
    let question = Question::parse(typed, snapshot.spec(), &Limits::default());
    let fields = FieldSet::all(snapshot.spec());
    snapshot
        .find(&Request { question: &question, fields: &fields, matching: PLAIN, best, facets, deadline: None })
        .unwrap()
}

fn show(counts: &FacetCounts) -> Vec<(FacetValue, u64)> {
    counts.values.iter().map(|c| (c.value.clone(), c.count)).collect()
}

#[test]
fn values_of_all_hits_are_counted_exactly() {
    let fixture = fixture();
    for best in [0, 1, 10] {
        let answer = ask(&fixture, "soup", &[0, 1, 2, 3], best);
        assert_eq!((answer.total, answer.best.len()), (4, best.min(4)));
        let text = |t: &str| FacetValue::Text(t.to_owned());
        assert_eq!(show(&answer.facets[0]), [(text("Hot"), 2), (text("red"), 2), (text("hot"), 1)]);
        assert_eq!(show(&answer.facets[1]), [(FacetValue::Number(0.0), 2), (FacetValue::Number(1.5), 1)]);
        assert_eq!(show(&answer.facets[2]), [(FacetValue::Bool(false), 2), (FacetValue::Bool(true), 2)]);
        assert_eq!(show(&answer.facets[3]), [(FacetValue::Date(-1), 2), (FacetValue::Date(1_700_000_000_000), 2)]);
        assert_eq!(answer.facets[0].distinct, 3);
    }
}

#[test]
fn values_of_given_documents_are_counted_exactly() {
    let fixture = fixture();
    let answer = ask(&fixture, "soup", &[], 10);
    let snapshot = fixture.index.snapshot();
    let all: Vec<_> = answer.best.iter().map(|hit| hit.document).collect();
    let counts = snapshot.count_facets(&all, &[0, 1, 2, 3], None).unwrap().unwrap();
    assert_eq!(counts, ask(&fixture, "soup", &[0, 1, 2, 3], 0).facets);
    let some: Vec<_> = all.iter().copied().filter(|d| ["d", "a"].contains(&snapshot.id(*d).as_str())).collect();
    let counts = snapshot.count_facets(&some, &[0], None).unwrap().unwrap();
    assert_eq!(show(&counts[0]), [(FacetValue::Text("Hot".to_owned()), 2), (FacetValue::Text("red".to_owned()), 1)]);
    assert_eq!(snapshot.count_facets(&[], &[0], None).unwrap().unwrap()[0], FacetCounts::default());
}

#[test]
fn long_lists_of_values_are_cut() {
    let facets = vec![FacetField { name: "tag".to_owned(), kind: FacetKind::Text }];
    let fixture = Fixture::new(&IndexSpec { facets, ..spec(&[("text", 1.0)], None) });
    let documents: Vec<_> = (0..300)
        .map(|i| Document {
            facets: vec![vec![FacetValue::Text(format!("tag{}", i / 2))]],
            ..document(&i.to_string(), &["x"])
        })
        .collect();
    fixture.write(1, &documents);
    let answer = ask(&fixture, "x", &[0], 0);
    assert_eq!((answer.facets[0].distinct, answer.facets[0].values.len()), (150, Limits::default().max_facet_values));
    assert!(answer.facets[0].values.iter().all(|v| v.count == 2));
}

#[test]
fn no_more_values_are_counted_than_there_is_room_for() {
    let kinds = [FacetKind::Text, FacetKind::Number];
    let facets = kinds.iter().map(|kind| FacetField { name: format!("{kind:?}"), kind: *kind }).collect();
    let folder = TempDir::new().unwrap();
    let limits = Limits { max_counted_values: 10, ..Limits::default() };
    let spec = IndexSpec { facets, ..spec(&[("text", 1.0)], None) };
    let index = Arc::new(Index::create(&folder.path().join("index"), &spec, &limits).unwrap());
    let fixture = Fixture { index, _folder: folder, writers: Writers::new(WriterLimits::default()) };
    let with = |id: u16, number: u16| Document {
        facets: vec![vec![FacetValue::Text(format!("tag{number:03}"))], vec![FacetValue::Number(f64::from(number))]],
        ..document(&id.to_string(), &[if number < 10 { "few x" } else { "x" }])
    };
    // Two segments, each with more different values than are counted; the first value is the most frequent.
    let documents: Vec<_> = (0..60_u16).map(|i| with(i, if i % 3 == 0 { 1 } else { i })).collect();
    for (seq, part) in (1..).zip(documents.chunks(30)) {
        fixture.write(seq, part);
    }
    let answer = ask(&fixture, "x", &[0, 1], 0);
    assert_eq!(answer.total, 60);
    for (counts, first) in answer.facets.iter().zip([FacetValue::Text("tag001".to_owned()), FacetValue::Number(1.0)]) {
        assert!(counts.is_partial);
        assert_eq!(counts.distinct, 10);
        assert_eq!(counts.values[0], FacetCount { value: first, count: 21 });
    }
    let answer = ask(&fixture, "few", &[0, 1], 0);
    assert!(answer.facets.iter().all(|counts| !counts.is_partial && counts.distinct == 6), "{:?}", answer.facets);
}

#[test]
fn no_more_facets_are_counted_than_there_may_be() {
    let fixture = fixture();
    let answer = ask(&fixture, "soup", &[0; MAX_FACETS + 5], 0);
    assert_eq!(answer.facets.len(), MAX_FACETS);
}

#[test]
fn a_document_with_many_equal_values_counts_once() {
    let facets = [FacetKind::Text, FacetKind::Number, FacetKind::Bool, FacetKind::Date];
    let facets = facets.map(|kind| FacetField { name: format!("{kind:?}"), kind }).to_vec();
    let fixture = Fixture::new(&IndexSpec { facets, ..spec(&[("text", 1.0)], None) });
    let values =
        [FacetValue::Text("a".to_owned()), FacetValue::Number(0.0), FacetValue::Bool(true), FacetValue::Date(7)];
    let mut facets = values.map(|value| vec![value; 50_000]).to_vec();
    facets[1].push(FacetValue::Number(-0.0));
    fixture.write(1, &[Document { facets, ..document("a", &["x"]) }]);
    for counts in ask(&fixture, "x", &[0, 1, 2, 3], 0).facets {
        assert_eq!(counts.values.iter().map(|v| v.count).collect::<Vec<_>>(), [1]);
    }
}
