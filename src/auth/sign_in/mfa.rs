//! Second factors: the first one opens a session in `_mfas`, another method closes it (reference part 3, section 8.9).

use rusqlite::Connection;
use serde_json::{Map, json};

use super::{AuthError, Proof, auth_options};
use crate::db::WriteTx;
use crate::files::Uploads;
use crate::query::{Catalog, RequestInfo, Rule};
use crate::records::{
    CreateRequest, PasswordWork, Record, RecordError, Request, SaveOptions, as_larder, create, delete_unchecked,
    satisfies_surely,
};
use crate::schema::dates;

/// Collection of the sessions.
const MFAS: &str = "_mfas";

/// Whether the collection asks the record for a second factor. A rule that cannot be evaluated lets nobody in.
pub(super) fn is_needed(conn: &Connection, request: Request<'_>, record: &Record) -> Result<bool, AuthError> {
    match record.plan().rules().mfa() {
        Rule::Locked => Ok(false),
        Rule::Open => Ok(true),
        Rule::Expression(rule) => {
            let found = satisfies_surely(conn, request, record.plan(), rule, record.id());
            found.map_err(|error| match error {
                RecordError::BadQuery(reason) => {
                    tracing::warn!(collection = record.collection().name, reason, "the MFA rule cannot be evaluated");
                    AuthError::Failed
                }
                other => other.into(),
            })
        }
    }
}

/// Opens a session after the first factor and returns its id.
///
/// # Errors
/// If the store fails or the record changed meanwhile.
pub fn open_mfa(
    tx: &mut WriteTx<'_>,
    catalog: &Catalog,
    proof: &Proof,
    options: SaveOptions,
) -> Result<String, AuthError> {
    proof.find(tx, catalog)?;
    let mut body = Map::new();
    body.insert("collectionRef".into(), json!(proof.collection));
    body.insert("recordRef".into(), json!(proof.record));
    body.insert("method".into(), json!(proof.method.as_str()));
    let what = CreateRequest {
        collection: MFAS,
        body: &body,
        passwords: &PasswordWork::default(),
        uploads: Uploads::NONE,
        options,
    };
    let saved = create(tx, as_larder(catalog, &RequestInfo::default()), &what)?;
    Ok(saved.record.id().to_owned())
}

/// Closes the session of the first factor with the second one. It can be used once.
///
/// # Errors
/// [`AuthError::MfaSessionExpired`], [`AuthError::OtherMfaSession`], [`AuthError::SameMethod`].
pub fn close_mfa(tx: &mut WriteTx<'_>, catalog: &Catalog, proof: &Proof, session: &str) -> Result<(), AuthError> {
    let record = proof.find(tx, catalog)?;
    let duration = auth_options(record.collection())?.mfa.duration;
    let plan = catalog.find(MFAS).ok_or(AuthError::CollectionNotFound)?;
    let found = Record::find(tx, plan, session)?.ok_or(AuthError::MfaSessionExpired)?;
    if is_older(found.text("created"), duration, tx.now_millis()) {
        return Err(AuthError::MfaSessionExpired);
    }
    if found.text("collectionRef") != proof.collection || found.text("recordRef") != proof.record {
        return Err(AuthError::OtherMfaSession);
    }
    if found.text("method") == proof.method.as_str() {
        return Err(AuthError::SameMethod);
    }
    delete_unchecked(tx, catalog, MFAS, session)?;
    Ok(())
}

/// Whether a stored moment lies further back than so many seconds. One that cannot be read does.
pub(in crate::auth) fn is_older(created: &str, seconds: i64, now_ms: i64) -> bool {
    dates::parse_millis(created).is_none_or(|created| now_ms - created >= seconds.saturating_mul(1000))
}
