//! Removes what has expired: sessions of first factors and one-time codes.

use rusqlite::named_params;

use super::AuthError;
use super::sign_in::auth_options;
use crate::clock::date_text;
use crate::db::WriteTx;
use crate::query::Catalog;
use crate::records::delete_unchecked;
use crate::schema::CollectionKind;

/// Most rows removed in one transaction, so that others get their turn.
const MAX_ROWS: i64 = 1000;

/// Removes rows older than their collection says, a thousand of each kind at most; returns how many.
///
/// # Errors
/// If the store fails.
pub fn purge_expired(tx: &mut WriteTx<'_>, catalog: &Catalog) -> Result<usize, AuthError> {
    let mut removed = 0;
    for collection in catalog.schema().all() {
        if !matches!(collection.kind, CollectionKind::Auth(_)) {
            continue;
        }
        let options = auth_options(collection)?;
        for (table, duration) in [("_mfas", options.mfa.duration), ("_otps", options.otp.duration)] {
            let before = date_text(tx.now_millis() - duration.saturating_mul(1000));
            let expired: Vec<String> = tx
                .prepare_cached(&format!(
                    "SELECT `id` FROM `{table}` WHERE `collectionRef` = :collection AND `created` < :before LIMIT :most"
                ))?
                .query_map(named_params! {":collection": collection.id, ":before": before, ":most": MAX_ROWS}, |row| {
                    row.get(0)
                })?
                .collect::<Result<_, _>>()?;
            for id in &expired {
                delete_unchecked(tx, catalog, table, id)?;
            }
            removed += expired.len();
        }
    }
    Ok(removed)
}
