//! What the server does by itself from time to time.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;

use crate::auth;
use crate::db::{Db, WriteTx};
use crate::query::Catalog;

/// Time between two runs.
const PERIOD: Duration = Duration::from_hours(1);

/// Runs until it is stopped, the first time at once.
pub(super) async fn run(db: Db, catalog: Arc<ArcSwap<Catalog>>) {
    let mut timer = tokio::time::interval(PERIOD);
    timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        timer.tick().await;
        if let Err(error) = purge(&db, &catalog).await {
            tracing::warn!(%error, "expired codes and sessions could not be removed");
        }
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
