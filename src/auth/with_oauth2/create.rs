//! The record of a service's user who has none yet.

use std::sync::Arc;

use rusqlite::Connection;
use serde_json::{Map, Value as Json, json};

use super::{OAuth2SignIn, WantedPicture};
use crate::auth::AuthError;
use crate::auth::lookup::find_by;
use crate::auth::sign_in::auth_options;
use crate::db::WriteTx;
use crate::files::name_in_body;
use crate::identity::PasswordHash;
use crate::query::{Plan, single_column_unique_index};
use crate::records::{
    CreateRequest, CredentialChange, PasswordWork, Record, Request, SaveOptions, change_credentials, create, settle_id,
};
use crate::schema::{FieldOptions, cast};

/// The body of the create: what the client wants, filled up with what the service knows.
pub(super) fn payload(conn: &Connection, plan: &Plan, what: &OAuth2SignIn<'_>) -> Result<Map<String, Json>, AuthError> {
    let (user, collection) = (what.user, plan.collection());
    let mut body = what.create_data.clone();
    if body.get("email").and_then(Json::as_str).unwrap_or_default().is_empty() {
        let known = if user.email.is_empty() { &user.claimed_email } else { &user.email };
        body.insert("email".into(), json!(known));
    }
    let mapped = &auth_options(collection)?.oauth2.mapped_fields;
    let pairs = [
        (&mapped.id, &user.id),
        (&mapped.name, &user.name),
        (&mapped.username, &user.username),
        (&mapped.avatar_url, &user.avatar_url),
    ];
    for (name, value) in pairs {
        // What the client has set stays, and of several values for one field the first.
        if value.is_empty() || body.contains_key(name) {
            continue;
        }
        let Some(field) = collection.fields.iter().find(|field| field.name == *name) else { continue };
        // A picture comes as an upload, if it could be had.
        if matches!(field.options, FieldOptions::File(_)) {
            continue;
        }
        // A name of the service that does not do here must not keep its user out.
        if *name == mapped.username && !is_usable(conn, plan, name, value)? {
            continue;
        }
        body.insert(name.clone(), json!(value));
    }
    // Neither is wanted where the client has no password in mind.
    if !has_password(&body) {
        body.remove("password");
        body.remove("passwordConfirm");
    }
    Ok(body)
}

/// The picture that the record is to have, if there is a place for it and the client has no other in mind.
pub(super) fn picture(
    plan: &Plan,
    what: &OAuth2SignIn<'_>,
    now_ms: i64,
    options: SaveOptions,
) -> Result<Option<WantedPicture>, AuthError> {
    let collection = plan.collection();
    let name = &auth_options(collection)?.oauth2.mapped_fields.avatar_url;
    let Some(field) = collection.fields.iter().find(|field| field.name == *name) else { return Ok(None) };
    let is_wanted = matches!(field.options, FieldOptions::File(_)) && !what.create_data.contains_key(name);
    // An id that is generated from what the client sent is not known before.
    if !is_wanted || what.user.avatar_url.is_empty() || what.create_data.contains_key("id:autogenerate") {
        return Ok(None);
    }
    let record = settle_id(plan, &mut what.create_data.clone(), now_ms, options);
    Ok(record.map(|record| WantedPicture {
        collection: collection.id.clone(),
        record,
        field: field.name.clone(),
        url: what.user.avatar_url.clone(),
    }))
}

/// Whether the body of a create brings a password.
pub(super) fn has_password(body: &Map<String, Json>) -> bool {
    body.get("password").is_some_and(|password| !cast::text(password).is_empty())
}

/// Whether a user name passes the field's checks and is free where it has to be unique.
fn is_usable(conn: &Connection, plan: &Plan, name: &str, value: &str) -> Result<bool, AuthError> {
    let collection = plan.collection();
    let Some(field) = collection.fields.iter().find(|field| field.name == name) else { return Ok(false) };
    if field.validate_value(&field.cast(&json!(value)), None).is_err() {
        return Ok(false);
    }
    let is_unique = single_column_unique_index(collection, name).is_some();
    Ok(!is_unique || find_by(conn, collection, name, value)?.is_none())
}

/// Makes the record as any other create request would. An address that the service vouches for is verified.
pub(super) fn create_record(
    tx: &mut WriteTx<'_>,
    request: Request<'_>,
    plan: &Arc<Plan>,
    what: &OAuth2SignIn<'_>,
    passwords: PasswordWork,
    random: Option<PasswordHash>,
    options: SaveOptions,
) -> Result<Record, AuthError> {
    let mut body = payload(tx, plan, what)?;
    name_in_body(&mut body, what.uploads.all());
    let passwords = match random {
        _ if has_password(&body) => passwords,
        Some(random) => passwords.with_generated(random),
        None => return Err(AuthError::Failed),
    };
    let create_request = CreateRequest {
        collection: &plan.collection().id,
        body: &body,
        passwords: &passwords,
        uploads: what.uploads,
        options,
    };
    let record = create(tx, request, &create_request)?.record;
    if record.flag("verified") || record.text("email") != what.user.email {
        return Ok(record);
    }
    let change = CredentialChange { becomes_verified: true, ..CredentialChange::default() };
    Ok(change_credentials(tx, request.catalog, &record, change)?.record)
}
