//! Changing settings.

use serde_json::{Map, Value as Json};

use super::checks::check_superuser_ips;
use super::store::{self, save};
use super::{Settings, SettingsError};
use crate::db::{WriteTx, keep_dropped_files};
use crate::identity::Superuser;

/// Applies a request body to the stored settings and returns the new ones. The caller replaces the snapshot in an
/// after-commit effect.
///
/// # Errors
/// [`SettingsError`]; nothing is changed then.
pub fn update(tx: &WriteTx<'_>, _superuser: &Superuser, body: &Map<String, Json>) -> Result<Settings, SettingsError> {
    let before = store::load(tx)?;
    let settings = before.merged(body)?;
    settings.check().into_result().map_err(SettingsError::Invalid)?;
    if settings.files_place() != before.files_place() {
        keep_dropped_files(tx, &before.files_place())?;
    }
    save(tx, &settings, &tx.now())?;
    Ok(settings)
}

/// Replaces the addresses and networks superusers may come from; an empty list opens the door to all. For the command
/// line, which is how people get back in: nothing else of the settings is looked at.
///
/// # Errors
/// [`SettingsError::Invalid`] for an entry that is no address or network; nothing is changed then.
pub fn set_superuser_ips(tx: &WriteTx<'_>, list: Vec<String>) -> Result<(), SettingsError> {
    check_superuser_ips(&list).into_result().map_err(SettingsError::Invalid)?;
    let settings = Settings { superuser_ips: list, ..store::load(tx)? };
    Ok(save(tx, &settings, &tx.now())?)
}
