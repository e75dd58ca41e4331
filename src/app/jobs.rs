//! What the server does by itself from time to time.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;

use crate::auth;
use crate::clock::date_text;
use crate::db::{Db, DbError, WriteTx, prune_changes};
use crate::logs::Logs;
use crate::query::Catalog;

/// Time between two runs.
const PERIOD: Duration = Duration::from_hours(1);

/// Age from which changes are removed from the feed: what deleted records held must not stay for ever.
const FEED_AGE: Duration = Duration::from_hours(3 * 24);

/// Runs until it is stopped, the first time at once.
pub(super) async fn run(db: Db, catalog: Arc<ArcSwap<Catalog>>, logs: Logs) {
    let mut timer = tokio::time::interval(PERIOD);
    timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        timer.tick().await;
        if let Err(error) = purge(&db, &catalog).await {
            tracing::warn!(%error, "expired codes and sessions could not be removed");
        }
        if let Err(error) = prune_feed(&db).await {
            tracing::warn!(%error, "old changes could not be removed from the feed");
        }
        logs.prune(false).await;
    }
}

/// Removes expired codes and sessions, a part at a time, so that other writes get their turn.
async fn purge(db: &Db, catalog: &Arc<ArcSwap<Catalog>>) -> Result<(), auth::AuthError> {
    loop {
        let catalog = Arc::clone(catalog);
        let removed = db.write(move |tx: &mut WriteTx<'_>| auth::purge_expired(tx, &catalog.load())).await?;
        if removed == 0 {
            return Ok(());
        }
    }
}

/// Removes old changes from the feed, a part at a time like [`purge`].
async fn prune_feed(db: &Db) -> Result<(), DbError> {
    let age = i64::try_from(FEED_AGE.as_millis()).unwrap_or(i64::MAX);
    loop {
        let removed = db.write(move |tx| prune_changes(tx, &date_text(tx.now_millis() - age))).await?;
        if removed == 0 {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::db::{ChangeAction, DbOptions, OpenedDb, oldest_seq, record_change};

    #[tokio::test]
    async fn the_feed_keeps_three_days() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::system();
        let db = OpenedDb::open(folder.path(), DbOptions::default(), clock.clone()).unwrap().start(|_| Ok(())).unwrap();
        let append = |count: usize| {
            db.write(move |tx| {
                (0..count).try_for_each(|_| record_change(tx, "items", "a", ChangeAction::Update))?;
                Ok::<_, DbError>(())
            })
        };
        let oldest = || db.read_blocking(|tx| oldest_seq(tx)).unwrap();
        append(2500).await.unwrap();
        clock.advance(Duration::from_hours(24));
        append(1).await.unwrap();
        clock.advance(Duration::from_hours(47));
        prune_feed(&db).await.unwrap();
        assert_eq!(oldest(), Some(1));
        clock.advance(Duration::from_hours(2));
        prune_feed(&db).await.unwrap();
        assert_eq!(oldest(), Some(2501));
    }
}
