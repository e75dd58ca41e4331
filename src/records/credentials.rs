//! Changes of an auth record that its owner has proven to be entitled to by other means than a rule: a token from a
//! mail, a code, the word of another service.

use super::body::Submitted;
use super::{Action, Record, RecordError, Saved, save, upkeep, validate};
use crate::db::WriteTx;
use crate::files::Uploads;
use crate::identity::PasswordHash;
use crate::query::{Catalog, RequestInfo};
use crate::schema::Value;

/// What changes; the rest stays.
#[derive(Debug, Default)]
pub struct CredentialChange {
    /// Hash of a new password, whose plain form was checked.
    pub password: Option<PasswordHash>,
    /// New address.
    pub email: Option<String>,
    /// Whether the record is verified from now on.
    pub becomes_verified: bool,
}

/// Changes credentials without asking rules; sessions and what else was granted under the old ones end as in any other
/// save (reference part 1, section 11.4).
///
/// Only what changes is validated: a field that was made required since must not keep somebody from a new password.
///
/// # Errors
/// [`RecordError::Invalid`] for an address that is taken or that the field refuses; nothing is written then.
pub fn change_credentials(
    tx: &WriteTx<'_>,
    catalog: &Catalog,
    stored: &Record,
    change: CredentialChange,
) -> Result<Saved, RecordError> {
    let mut record = stored.clone();
    let mut changed = Vec::new();
    let mut set = |name: &'static str, value: Value| {
        if let Some(position) = record.position(name) {
            record.set(position, value);
            changed.push(name);
        }
    };
    if let Some(hash) = change.password {
        set("password", Value::Text(hash.0));
    }
    if let Some(email) = change.email {
        set("email", Value::Text(email));
    }
    if change.becomes_verified {
        set("verified", Value::Bool(true));
    }
    let submitted = Submitted::default();
    let errors = validate::check(tx, catalog, Some(stored), &record, &submitted, Uploads::NONE)?.only(&changed);
    errors.into_result().map_err(|errors| RecordError::Invalid(Action::Update, errors))?;
    upkeep::before_save(&mut record);
    upkeep::before_update(tx, catalog, stored, &mut record, &submitted)?;
    let stamped = save::stamp(&mut record, &tx.now(), false);
    save::update(tx, stored, &record, &stamped)?;
    Ok(Saved { record, info: RequestInfo::default() })
}
