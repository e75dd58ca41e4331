//! Whether a collection still has bcrypt hashes of an import.
//!
//! bcrypt and Argon2id take different times, so in such a collection the time of a refused sign-in would tell accounts
//! with a bcrypt hash from unknown ones. There, every attempt does the work of both.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use rusqlite::OptionalExtension;

use super::AuthError;
use crate::db::Db;
use crate::identity::PasswordHash;
use crate::query::{Catalog, quote_identifier};

/// One bcrypt hash of each collection that has any, looked up once: new ones only come with an import, into a folder
/// that is not served yet.
#[derive(Debug, Clone, Default)]
pub struct LegacyHashes(Arc<Mutex<HashMap<String, Option<PasswordHash>>>>);

impl LegacyHashes {
    /// A bcrypt hash of the collection, if it had one when this was first asked.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn sample(
        &self,
        db: &Db,
        catalog: &Arc<ArcSwap<Catalog>>,
        collection_id: &str,
    ) -> Result<Option<PasswordHash>, AuthError> {
        if let Some(known) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(collection_id) {
            return Ok(known.clone());
        }
        let (catalog, id) = (Arc::clone(catalog), collection_id.to_owned());
        let find = move |tx: &crate::db::ReadTx<'_>| {
            let catalog = catalog.load();
            let plan = catalog.find(&id).ok_or(AuthError::CollectionNotFound)?;
            let table = quote_identifier(&plan.collection().name);
            let mut query =
                tx.prepare(&format!("SELECT `password` FROM {table} WHERE `password` GLOB '$2*' LIMIT 1"))?;
            Ok::<_, AuthError>(query.query_row([], |row| row.get(0)).optional()?.map(PasswordHash))
        };
        let found = db.read_slow(find).await?;
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(collection_id.to_owned(), found.clone());
        Ok(found)
    }
}
