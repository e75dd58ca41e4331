//! Writers, commits and what survives.

use super::*;

#[test]
fn a_commit_is_seen_at_once_and_survives() {
    let fixture = Fixture::new(&spec(&[("text", 1.0)], None));
    assert_eq!(fixture.index.applied_seq(), 0);
    let before = fixture.index.snapshot();
    fixture.write(41, &[document("a", &["one"])]);
    fixture.write(42, &[document("b", &["one two"])]);
    assert_eq!(fixture.index.applied_seq(), 42);
    assert_eq!((before.seq(), before.count_documents()), (0, 0), "a snapshot stays as it was");
    assert_eq!(fixture.find("one", PLAIN), ["a", "b"]);
    fixture.writers.close();
    let reopened = fixture.reopen().unwrap();
    assert_eq!((reopened.applied_seq(), reopened.snapshot().count_documents()), (42, 2));
}

#[test]
fn documents_are_replaced_and_deleted_by_id() {
    let fixture = Fixture::new(&spec(&[("text", 1.0)], None));
    fixture.write(1, &[document("a", &["old"]), document("b", &["old"]), document("a", &["new"])]);
    assert_eq!(fixture.find("old", PLAIN), ["b"]);
    assert_eq!(fixture.find("new", PLAIN), ["a"]);
    fixture.write(2, &[document("a", &["newest"]), document("aa", &["newest"])]);
    let mut writer = fixture.writers.open(&fixture.index).unwrap();
    writer.delete("b").unwrap();
    writer.delete("unknown").unwrap();
    writer.add(&document("c", &["old"])).unwrap();
    writer.commit(3, None).unwrap();
    assert_eq!(fixture.find("old", PLAIN), ["c"]);
    assert_eq!(fixture.find("newest", PLAIN), ["a", "aa"]);
    assert_eq!(fixture.index.snapshot().count_documents(), 3);
}

#[test]
fn clearing_removes_committed_and_uncommitted_documents() {
    let fixture = Fixture::of_texts(None, &["one", "two"]);
    let mut writer = fixture.writers.open(&fixture.index).unwrap();
    writer.add(&document("x", &["one"])).unwrap();
    writer.clear().unwrap();
    writer.add(&document("y", &["one"])).unwrap();
    writer.commit(7, None).unwrap();
    drop(writer);
    assert_eq!(fixture.find("one", PLAIN), ["y"]);
    assert_eq!(fixture.index.snapshot().count_documents(), 1);
    fixture.writers.close();
    assert_eq!(fixture.reopen().unwrap().snapshot().count_documents(), 1);
}

#[test]
fn what_is_not_committed_did_not_happen() {
    let fixture = Fixture::of_texts(None, &["one"]);
    let mut writer = fixture.writers.open(&fixture.index).unwrap();
    writer.add(&document("x", &["two"])).unwrap();
    writer.delete("a").unwrap();
    drop(writer);
    fixture.write(2, &[document("y", &["three"])]);
    assert_eq!(fixture.find("one", PLAIN), ["a"]);
    assert!(fixture.find("two", PLAIN).is_empty());
    assert_eq!(fixture.find("three", PLAIN), ["y"]);
}

#[test]
fn documents_that_do_not_fit_change_nothing() {
    let fixture = Fixture::of_texts(None, &["one"]);
    let mut writer = fixture.writers.open(&fixture.index).unwrap();
    for id in ["", "nul\0", &"x".repeat(2000)] {
        assert!(matches!(writer.upsert(&document(id, &["one"])), Err(WriteError::Id)), "{id:?}");
    }
    assert!(matches!(writer.upsert(&document("a", &["one", "two"])), Err(WriteError::Shape)));
    let facets = vec![vec![FacetValue::Bool(true)]];
    assert!(matches!(writer.upsert(&Document { facets, ..document("a", &["one"]) }), Err(WriteError::Shape)));
    writer.commit(2, None).unwrap();
    assert_eq!(fixture.find("one", PLAIN), ["a"]);
}

#[test]
fn ids_of_any_length_come_back() {
    let fixture = Fixture::new(&spec(&[("text", 1.0)], None));
    let ids = ["a", "12345678", "123456789", "abcdefghijklmno", "abcdefghijklmnopq", "ünïcödé", &"long".repeat(200)];
    fixture.write(1, &ids.map(|id| document(id, &["same"])));
    let mut expected = ids.to_vec();
    expected.sort_unstable();
    assert_eq!(fixture.find("same", PLAIN), expected, "equal scores are in the order of ids");
    let mut all = Vec::new();
    fixture.index.snapshot().for_each_document(|id, _| all.push(id.to_owned())).unwrap();
    all.sort_unstable();
    assert_eq!(all, expected);
}

#[test]
fn many_indexes_share_few_writers() {
    let limits = WriterLimits { max_open: 2, heap_mb: 32 };
    let writers = Writers::new(limits);
    let fixtures: Vec<_> = (0..6).map(|_| Fixture::new(&spec(&[("text", 1.0)], None))).collect();
    for round in 1..=3 {
        for (i, fixture) in fixtures.iter().enumerate() {
            let mut writer = writers.open(&fixture.index).unwrap();
            writer.upsert(&document(&format!("{i}-{round}"), &["word"])).unwrap();
            writer.commit(round, None).unwrap();
            assert!(writers.count_open() <= limits.max_open);
        }
    }
    assert_eq!(writers.count_open(), limits.max_open, "they stay open for the next time");
    for fixture in &fixtures {
        assert_eq!(fixture.find("word", PLAIN).len(), 3);
    }
    writers.close();
    assert_eq!(writers.count_open(), 0);
}

#[test]
fn who_wants_a_writer_waits_for_who_has_it() {
    let fixture = Fixture::of_texts(None, &["one"]);
    let mut writer = fixture.writers.open(&fixture.index).unwrap();
    let (asking, asked) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            asking.send(()).unwrap();
            let mut writer = fixture.writers.open(&fixture.index).unwrap();
            assert_eq!(fixture.index.applied_seq(), 2, "the first was done by then");
            writer.upsert(&document("z", &["two"])).unwrap();
            writer.commit(3, None).unwrap();
        });
        asked.recv().unwrap();
        writer.upsert(&document("y", &["two"])).unwrap();
        writer.commit(2, None).unwrap();
        drop(writer);
        waiting.join().unwrap();
    });
    assert_eq!(fixture.find("two", PLAIN), ["y", "z"]);
}

#[test]
fn an_index_made_anew_gets_a_writer_of_its_own() {
    let fixture = Fixture::of_texts(None, &["one"]);
    fixture.writers.close_index(&fixture.index);
    let again = Arc::new(Index::create(fixture.index.folder(), fixture.index.spec(), &Limits::default()).unwrap());
    let mut writer = fixture.writers.open(&again).unwrap();
    writer.add(&document("b", &["one"])).unwrap();
    writer.commit(5, None).unwrap();
    drop(writer);
    assert_eq!((again.applied_seq(), again.snapshot().count_documents()), (5, 1));
}

#[test]
fn small_commits_do_not_pile_up() {
    let fixture = Fixture::new(&spec(&[("text", 1.0)], None));
    for seq in 1..=60 {
        fixture.write(seq, &[document(&format!("id{seq}"), &["same word"])]);
    }
    fixture.writers.close();
    let snapshot = fixture.reopen().unwrap().snapshot();
    assert_eq!((snapshot.count_documents(), snapshot.seq()), (60, 60));
    assert!(snapshot.count_segments() < 12, "{} segments", snapshot.count_segments());
}

#[test]
fn an_index_can_be_made_in_one_go() {
    let fixture = Fixture::new(&spec(&[("text", 1.0)], None));
    let mut writer = fixture.writers.open_for_build(&fixture.index).unwrap();
    for i in 0..500 {
        writer.add(&document(&format!("id{i}"), &["built"])).unwrap();
    }
    writer.commit(1, None).unwrap();
    drop(writer);
    assert_eq!(fixture.writers.count_open(), 0, "its memory is given back");
    fixture.write(2, &[document("id3", &["changed"])]);
    let fields = FieldSet::all(fixture.index.spec());
    assert_eq!(fixture.answer("built", PLAIN, &fields).0.total, 499);
}
