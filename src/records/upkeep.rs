//! What saving or deleting an auth record entails: sessions end when credentials change, and rows that belong to the
//! record go with it (reference part 1, section 11.4).

use super::body::Submitted;
use super::stored::image_of;
use super::validate::REFERENCE_COLLECTIONS;
use super::{Record, RecordError, delete_unchecked, files};
use crate::collections::SUPERUSERS;
use crate::db::{DbError, WriteTx, record_deletion};
use crate::query::{Catalog, quote_identifier};
use crate::schema::{Value, ids};

/// Address of the account that exists only until the first superuser is made.
pub const INSTALLER_EMAIL: &str = "__pbinstaller@example.com";

/// Characters of a `tokenKey`.
const TOKEN_KEY_LENGTH: usize = 50;

/// Superusers are always verified.
pub(super) fn before_save(record: &mut Record) {
    if record.collection().name == SUPERUSERS
        && let Some(verified) = record.position("verified")
    {
        record.set(verified, Value::Bool(true));
    }
}

/// The first superuser replaces the installer account, which ends the set-up link.
pub(super) fn after_create(tx: &mut WriteTx<'_>, catalog: &Catalog, record: &Record) -> Result<(), RecordError> {
    if record.collection().name != SUPERUSERS || record.text("email") == INSTALLER_EMAIL {
        return Ok(());
    }
    let table = quote_identifier(SUPERUSERS);
    let installers: Vec<String> = tx
        .prepare_cached(&format!("SELECT `id` FROM {table} WHERE `email` = ?1"))?
        .query_map([INSTALLER_EMAIL], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for id in installers {
        delete_unchecked(tx, catalog, SUPERUSERS, &id)?;
    }
    Ok(())
}

/// Ends sessions if credentials change: a new `tokenKey`, and what was granted under the old one removed.
pub(super) fn before_update(
    tx: &WriteTx<'_>,
    catalog: &Catalog,
    stored: &Record,
    record: &mut Record,
    submitted: &Submitted,
) -> Result<(), RecordError> {
    let submitted_password = submitted.passwords().iter().any(|(_, plain)| !plain.is_empty());
    let changes_password = submitted_password || stored.text("password") != record.text("password");
    let becomes_verified = !stored.flag("verified") && record.flag("verified");
    let drops_links = becomes_verified && delete_belonging(tx, catalog, record, &["_externalAuths"])? > 0;
    let changes_key = stored.text("tokenKey") != record.text("tokenKey");
    if !changes_key && (changes_password || drops_links || stored.text("email") != record.text("email")) {
        rotate_token_key(record);
    }
    if changes_password {
        delete_belonging(tx, catalog, record, &["_mfas", "_authOrigins"])?;
    }
    if stored.text("tokenKey") != record.text("tokenKey") {
        delete_belonging(tx, catalog, record, &["_otps"])?;
    }
    Ok(())
}

/// Gives the record a new `tokenKey`, which ends every token issued for it.
pub fn rotate_token_key(record: &mut Record) {
    if let Some(position) = record.position("tokenKey") {
        record.set(position, Value::Text(ids::random_string(TOKEN_KEY_LENGTH, ids::ALPHANUMERIC)));
    }
}

/// Removes all rows that belong to a deleted auth record.
pub(super) fn after_delete(tx: &WriteTx<'_>, catalog: &Catalog, record: &Record) -> Result<(), RecordError> {
    delete_belonging(tx, catalog, record, &REFERENCE_COLLECTIONS)?;
    Ok(())
}

/// Deletes the rows of these collections that name the record; yields how many.
fn delete_belonging(
    tx: &WriteTx<'_>,
    catalog: &Catalog,
    record: &Record,
    collections: &[&str],
) -> Result<usize, RecordError> {
    let mut deleted = 0;
    for name in collections {
        let plan = catalog.find(name).ok_or(RecordError::CollectionNotFound)?;
        let mut statement = tx.prepare_cached(&plan.delete_belonging())?;
        let keys = [&record.collection().id, record.id()];
        let gone: Vec<(String, String)> = statement
            .query_and_then(keys, |row| {
                let id: String = row.get(plan.id_field())?;
                files::drop_all(tx, plan, &id, row)?;
                Ok::<_, DbError>((id, image_of(plan, row)?))
            })?
            .collect::<Result<_, _>>()?;
        for (id, image) in &gone {
            record_deletion(tx, &plan.collection().id, id, image)?;
        }
        deleted += gone.len();
    }
    Ok(deleted)
}

/// Whether deleting this record would leave no superuser. The installer account does not count.
pub(super) fn is_last_superuser(tx: &WriteTx<'_>, record: &Record) -> Result<bool, RecordError> {
    if record.collection().name != SUPERUSERS || record.text("email") == INSTALLER_EMAIL {
        return Ok(false);
    }
    let sql = format!("SELECT 1 FROM {} WHERE `id` <> ?1 AND `email` <> ?2 LIMIT 1", quote_identifier(SUPERUSERS));
    Ok(!tx.prepare_cached(&sql)?.exists([record.id(), INSTALLER_EMAIL])?)
}
