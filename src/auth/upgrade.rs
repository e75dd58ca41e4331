//! Replaces an imported bcrypt hash once the plain password is known, at a successful sign-in.

use std::sync::Arc;

use arc_swap::ArcSwap;
use rusqlite::named_params;

use super::{AuthError, Proof};
use crate::db::{Db, WriteTx};
use crate::identity::{Hasher, PasswordHash};
use crate::query::{Catalog, quote_identifier};

/// Replaces a bcrypt hash unless the record changed meanwhile; a current one stays. Sessions go on: the password is still
/// the same. If it cannot be replaced now (a full disk, a full queue), the old one does for another time.
pub async fn upgrade_hash(
    db: &Db,
    catalog: &Arc<ArcSwap<Catalog>>,
    hasher: &Hasher,
    proof: &Proof,
    password: String,
    verified: PasswordHash,
) {
    if !verified.is_bcrypt() {
        return;
    }
    if let Err(error) = replace(db, catalog, hasher, proof, password, verified).await {
        tracing::warn!(%error, "cannot replace an imported password hash now");
    }
}

async fn replace(
    db: &Db,
    catalog: &Arc<ArcSwap<Catalog>>,
    hasher: &Hasher,
    proof: &Proof,
    password: String,
    old: PasswordHash,
) -> Result<(), AuthError> {
    let new = hasher.hash(password).await?;
    let (catalog, proof) = (Arc::clone(catalog), proof.clone());
    let write = move |tx: &mut WriteTx<'_>| {
        let catalog = catalog.load();
        let plan = catalog.find(&proof.collection).ok_or(AuthError::Failed)?;
        let table = quote_identifier(&plan.collection().name);
        let sql = format!("UPDATE {table} SET `password` = :new WHERE `id` = :id AND `password` = :old");
        let keys = named_params! {":new": new.0, ":id": proof.record, ":old": old.0};
        tx.prepare_cached(&sql)?.execute(keys)?;
        Ok::<_, AuthError>(())
    };
    db.write(write).await
}
