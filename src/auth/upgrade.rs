//! Replaces an imported bcrypt hash once the plain password is known, at a successful sign-in.

use arc_swap::ArcSwap;
use rusqlite::named_params;

use super::AuthError;
use crate::db::Db;
use crate::identity::{Hasher, PasswordHash};
use crate::query::{Catalog, quote_identifier};

/// The hash the record has from now on. A current one stays; a bcrypt one is replaced unless the record changed
/// meanwhile. Sessions go on: the password is still the same. If it cannot be replaced now (a full disk, a full queue),
/// the old one does for another time.
pub async fn upgrade_hash(
    db: &Db,
    catalog: &std::sync::Arc<ArcSwap<Catalog>>,
    hasher: &Hasher,
    collection: &str,
    id: &str,
    password: String,
    verified: PasswordHash,
) -> PasswordHash {
    match try_upgrade(db, catalog, hasher, collection, id, password, verified.clone()).await {
        Ok(hash) => hash,
        Err(error) => {
            tracing::warn!(%error, "cannot replace an imported password hash now");
            verified
        }
    }
}

async fn try_upgrade(
    db: &Db,
    catalog: &std::sync::Arc<ArcSwap<Catalog>>,
    hasher: &Hasher,
    collection: &str,
    id: &str,
    password: String,
    verified: PasswordHash,
) -> Result<PasswordHash, AuthError> {
    if !verified.is_bcrypt() {
        return Ok(verified);
    }
    let fresh = hasher.hash(password).await?;
    let (catalog, collection, id) = (catalog.clone(), collection.to_owned(), id.to_owned());
    let (old, new) = (verified.clone(), fresh.clone());
    let is_replaced = db
        .write(move |tx| {
            let catalog = catalog.load();
            let plan = catalog.find(&collection).ok_or(AuthError::Failed)?;
            let table = quote_identifier(&plan.collection().name);
            let sql = format!("UPDATE {table} SET `password` = :new WHERE `id` = :id AND `password` = :old");
            let keys = named_params! {":new": new.0, ":id": id, ":old": old.0};
            Ok::<_, AuthError>(tx.prepare_cached(&sql)?.execute(keys)? > 0)
        })
        .await?;
    Ok(if is_replaced { fresh } else { verified })
}
