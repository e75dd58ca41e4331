//! Deleting all records of a collection.

use super::{RecordError, delete_unchecked};
use crate::db::WriteTx;
use crate::identity::Superuser;
use crate::query::{Catalog, quote_identifier};

/// Deletes every record one by one, with cascades, so that whoever follows the changes sees each.
///
/// # Errors
/// [`RecordError`]; nothing is deleted then.
pub fn truncate(
    tx: &mut WriteTx<'_>,
    catalog: &Catalog,
    _superuser: &Superuser,
    collection: &str,
) -> Result<(), RecordError> {
    let plan = catalog.find(collection).ok_or(RecordError::CollectionNotFound)?;
    if plan.is_view() {
        return Err(RecordError::ViewCannotBeTruncated);
    }
    let sql = format!("SELECT `id` FROM {} LIMIT 1000", quote_identifier(&plan.collection().name));
    loop {
        let ids: Vec<String> = tx.prepare_cached(&sql)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        if ids.is_empty() {
            return Ok(());
        }
        for id in ids {
            match delete_unchecked(tx, catalog, collection, &id) {
                // A cascade of an earlier one may have taken it along.
                Ok(()) | Err(RecordError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
    }
}
