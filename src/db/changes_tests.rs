//! The feed: what is appended comes back in order, and is pruned without gaps.

use std::time::Duration;

use tempfile::TempDir;

use super::*;
use crate::clock::{Clock, date_text};
use crate::db::{DbOptions, OpenedDb};

fn open() -> (OpenedDb, Clock, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::system();
    (OpenedDb::open(folder.path(), DbOptions::default(), clock.clone()).unwrap(), clock, folder)
}

fn run<T>(db: &mut OpenedDb, job: impl FnOnce(&WriteTx<'_>) -> Result<T, DbError>) -> T {
    db.transaction(job).unwrap()
}

fn create(tx: &WriteTx<'_>, record: &str) {
    record_change(tx, "items", record, ChangeAction::Create).unwrap();
}

fn image_after(tx: &WriteTx<'_>, seq: i64, record: &str) -> Option<String> {
    deletion_after(tx, seq, "items", record).unwrap().map(|deletion| deletion.image)
}

fn seqs(conn: &Connection) -> Vec<i64> {
    changes_after(conn, 0, i64::MAX).unwrap().iter().map(|change| change.seq).collect()
}

#[test]
fn changes_come_back_in_order() {
    let (mut db, ..) = open();
    run(&mut db, |tx| {
        assert_eq!((last_seq(tx)?, oldest_seq(tx)?), (0, None));
        record_change(tx, "items", "a", ChangeAction::Create)?;
        record_change(tx, "items", "a", ChangeAction::Update)?;
        record_deletion(tx, "items", "a", r#"{"f":1.0}"#)?;
        record_change(tx, "other", "b", ChangeAction::Create)?;
        let change = |seq, collection: &str, record: &str, action| Change {
            seq,
            collection: collection.into(),
            record: record.into(),
            action,
        };
        let all = [
            change(1, "items", "a", ChangeAction::Create),
            change(2, "items", "a", ChangeAction::Update),
            change(3, "items", "a", ChangeAction::Delete),
            change(4, "other", "b", ChangeAction::Create),
        ];
        assert_eq!(changes_after(tx, 0, 10)?, all);
        assert_eq!(changes_after(tx, 1, 2)?, all[1..3]);
        assert_eq!(changes_after(tx, 4, 2)?, []);
        assert_eq!((last_seq(tx)?, oldest_seq(tx)?), (4, Some(1)));
        assert_eq!(image_after(tx, 2, "a").as_deref(), Some(r#"{"f":1.0}"#));
        Ok(())
    });
}

#[test]
fn the_last_number_outlives_its_row() {
    let (mut db, clock, _folder) = open();
    run(&mut db, |tx| {
        (0..3).for_each(|_| create(tx, "a"));
        Ok(())
    });
    clock.advance(Duration::from_secs(1));
    run(&mut db, |tx| {
        assert_eq!(prune_changes(tx, &tx.now())?, 3);
        assert_eq!((last_seq(tx)?, oldest_seq(tx)?), (3, None));
        create(tx, "a");
        assert_eq!((last_seq(tx)?, seqs(tx)), (4, vec![4]));
        Ok(())
    });
}

#[test]
fn the_first_deletion_after_a_change_is_found() {
    let (mut db, ..) = open();
    run(&mut db, |tx| {
        create(tx, "a");
        record_deletion(tx, "items", "a", "first")?;
        record_deletion(tx, "items", "b", "of another record")?;
        record_deletion(tx, "others", "a", "of another collection")?;
        create(tx, "a");
        record_change(tx, "items", "a", ChangeAction::Update)?;
        record_deletion(tx, "items", "a", "second")?;
        for (seq, want) in [(0, Some("first")), (1, Some("first")), (2, Some("second")), (6, Some("second")), (7, None)]
        {
            assert_eq!(image_after(tx, seq, "a").as_deref(), want, "after {seq}");
        }
        assert_eq!(deletion_after(tx, 0, "items", "c")?, None);
        tx.execute(
            "INSERT INTO _larder_changes (at, collection, record, action) VALUES ('', 'items', 'd', 'delete')",
            [],
        )?;
        assert_eq!(deletion_after(tx, 0, "items", "d")?, None, "a deletion of before there were images");
        Ok(())
    });
}

#[test]
fn deletions_are_found_by_their_indexes() {
    let (mut db, ..) = open();
    let plan = |tx: &WriteTx<'_>, sql: &str| -> Result<Vec<String>, DbError> {
        let mut query = tx.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
        let keys = named_params! {":seq": 0, ":collection": "", ":record": ""};
        let steps = query.query_map(keys, |row| row.get("detail"))?;
        Ok(steps.collect::<Result<_, _>>()?)
    };
    run(&mut db, |tx| {
        let search = "SEARCH _larder_changes USING";
        let want = format!("{search} INDEX _larder_changes_deletions (collection=? AND record=? AND rowid>?)");
        assert_eq!(plan(tx, DELETION_AFTER)?, [want]);
        let want = format!("{search} COVERING INDEX _larder_changes_deletions (collection=? AND record=? AND rowid>?)");
        assert_eq!(plan(tx, WAS_DELETED_AFTER)?, [want]);
        let want = format!("{search} INDEX _larder_changes_deletions_in_order (collection=? AND rowid>?)");
        assert_eq!(plan(tx, OTHER_DELETION_AFTER)?, [want]);
        Ok(())
    });
}

#[test]
fn deletions_know_what_was_before_the_write() {
    let (mut db, ..) = open();
    let since = |tx: &WriteTx<'_>, record: &str| deletion_after(tx, 0, "items", record).unwrap().unwrap().since;
    run(&mut db, |tx| {
        create(tx, "a");
        record_deletion(tx, "items", "a", "")?;
        Ok(())
    });
    run(&mut db, |tx| {
        record_deletion(tx, "items", "b", "")?;
        record_change(tx, "others", "a", ChangeAction::Update)?;
        record_deletion(tx, "items", "c", "")?;
        assert_eq!(["a", "b", "c"].map(|record| since(tx, record)), [0, 2, 2]);
        Ok(())
    });
}

#[test]
fn deletions_are_found_by_what_came_before() {
    let (mut db, ..) = open();
    run(&mut db, |tx| {
        create(tx, "a");
        record_deletion(tx, "items", "a", "")?;
        record_deletion(tx, "others", "b", "")?;
        record_deletion(tx, "items", "c", "")?;
        for (seq, a, other_than_a, other_than_c) in
            [(0, true, true, true), (1, true, true, true), (2, false, true, false), (4, false, false, false)]
        {
            let told = (
                was_deleted_after(tx, seq, "items", "a")?,
                has_other_deletions_after(tx, seq, "items", "a")?,
                has_other_deletions_after(tx, seq, "items", "c")?,
            );
            assert_eq!(told, (a, other_than_a, other_than_c), "after {seq}");
        }
        Ok(())
    });
}

#[test]
fn old_changes_are_pruned_a_part_at_a_time() {
    let (mut db, clock, _folder) = open();
    run(&mut db, |tx| {
        (0..MAX_PRUNED + 500).for_each(|_| create(tx, "old"));
        Ok(())
    });
    clock.advance(Duration::from_hours(1));
    let before = clock.now_text();
    run(&mut db, |tx| {
        create(tx, "new");
        assert_eq!(prune_changes(tx, &date_text(0))?, 0);
        assert_eq!(prune_changes(tx, &before)?, 1000);
        assert_eq!(prune_changes(tx, &before)?, 500);
        assert_eq!(prune_changes(tx, &before)?, 0);
        assert_eq!(seqs(tx), [MAX_PRUNED + 501]);
        Ok(())
    });
}

/// A gap would hide from readers that they missed something.
#[test]
fn pruning_leaves_no_gap_when_the_clock_was_put_back() {
    let (mut db, ..) = open();
    run(&mut db, |tx| {
        for (seq, at) in [(1, "2030-01-01"), (2, "2020-01-01"), (3, "2031-01-01"), (4, "2031-01-02")] {
            create(tx, "a");
            tx.execute("UPDATE _larder_changes SET at = ?1 WHERE seq = ?2", rusqlite::params![at, seq])?;
        }
        assert_eq!(prune_changes(tx, "2025-01-01")?, 2);
        assert_eq!(seqs(tx), [3, 4]);
        Ok(())
    });
}

#[test]
fn the_feed_is_never_read_whole() {
    let (mut db, clock, folder) = open();
    run(&mut db, |tx| {
        create(tx, "a");
        Ok(())
    });
    // As a server leaves it that ends while the feed is short, and as earlier versions left it.
    db.conn.execute_batch("ANALYZE").unwrap();
    drop(db);
    let db = OpenedDb::open(folder.path(), DbOptions::default(), clock).unwrap();
    let sql = "EXPLAIN QUERY PLAN SELECT seq, collection, record, action FROM _larder_changes WHERE seq > 1 ORDER BY seq LIMIT 2";
    for round in 0..2 {
        let plan: String = db.conn.query_row(sql, [], |row| row.get(3)).unwrap();
        assert!(plan.starts_with("SEARCH"), "{round}: {plan}");
        crate::db::statistics::gather(&db.conn).unwrap();
    }
}
