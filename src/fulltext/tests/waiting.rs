//! What waits for the engine's thread, and how much of it.

use super::*;

#[test]
fn long_documents_wait_by_their_bytes() {
    let limits = WriterLimits { max_open: 16, heap_mb: 16 };
    let max_waiting = (48 << 20) / limits.max_open;
    let fixture = Fixture::new(&spec(&[("text", 1.0)], None));
    let writers = Writers::new(limits);
    let megabyte = "many words of some letters each ".repeat(1 << 15);
    let mut writer = writers.open_for_build(&fixture.index).unwrap();
    for i in 0..12 {
        writer.add(&document(&format!("id{i}"), &[&megabyte])).unwrap();
        assert!(writer.room().most() <= max_waiting, "{} bytes", writer.room().most());
    }
    assert!(writer.room().most() > megabyte.len(), "they did wait");
    writer.commit(1, None).unwrap();
    assert_eq!(writer.room().waiting(), 0, "what is indexed does not wait");
    writer.upsert(&document("id0", &["changed"])).unwrap();
    writer.commit(2, None).unwrap();
    drop(writer);
    let fields = FieldSet::all(fixture.index.spec());
    assert_eq!(fixture.answer("letters", PLAIN, &fields).0.total, 11);
}

#[test]
fn a_document_that_is_longer_than_the_room_goes_alone() {
    let fixture = Fixture::new(&spec(&[("a", 1.0), ("b", 1.0)], None));
    let writers = Writers::new(WriterLimits { max_open: 48, heap_mb: 16 });
    let megabyte = "word ".repeat(200_000);
    let mut writer = writers.open(&fixture.index).unwrap();
    for i in 0..2 {
        writer.upsert(&document(&format!("id{i}"), &[&megabyte, &megabyte])).unwrap();
        writer.upsert(&document(&format!("short{i}"), &["word", "word"])).unwrap();
    }
    writer.commit(1, None).unwrap();
    drop(writer);
    let fields = FieldSet::all(fixture.index.spec());
    assert_eq!(fixture.answer("word", PLAIN, &fields).0.total, 4);
}

#[test]
fn documents_that_are_not_committed_leave_their_places() {
    let fixture = Fixture::of_texts(None, &["one"]);
    let mut writer = fixture.writers.open(&fixture.index).unwrap();
    let room = writer.room();
    for i in 0..500 {
        writer.add(&document(&format!("id{i}"), &["two"])).unwrap();
    }
    writer.clear().unwrap();
    for i in 0..500 {
        writer.add(&document(&format!("id{i}"), &["three"])).unwrap();
    }
    drop(writer);
    assert_eq!(room.waiting(), 0);
    assert_eq!(fixture.find("one", PLAIN), ["a"]);
}
