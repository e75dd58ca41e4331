//! Changing settings.

use serde_json::{Map, Value as Json};

use super::store::{self, save};
use super::{Settings, SettingsError};
use crate::db::WriteTx;
use crate::identity::Superuser;

/// Applies a request body to the stored settings and returns the new ones. The caller replaces the snapshot in an
/// after-commit effect.
///
/// # Errors
/// [`SettingsError`]; nothing is changed then.
pub fn update(tx: &WriteTx<'_>, _superuser: &Superuser, body: &Map<String, Json>) -> Result<Settings, SettingsError> {
    let settings = store::load(tx)?.merged(body)?;
    settings.check().into_result().map_err(SettingsError::Invalid)?;
    save(tx, &settings, &tx.now())?;
    Ok(settings)
}
