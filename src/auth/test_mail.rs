//! A mail that shows a superuser how a template looks, and that sending works.

use std::sync::Arc;

use serde::{Deserialize, Deserializer};

use super::AuthError;
use super::mails::{Mail, compose};
use super::sign_in::auth_options;
use crate::clock::date_text;
use crate::identity::{Claims, Superuser, TokenKind, issue_token};
use crate::mail::Message;
use crate::query::Catalog;
use crate::records::Record;
use crate::schema::fields::is_email;
use crate::schema::{CollectionKind, FieldOptions, Value};
use crate::settings::Meta;
use crate::validation::{Issue, ValidationErrors};

/// What kinds there are, as clients name them.
const TEMPLATES: [&str; 5] = ["verification", "password-reset", "email-change", "otp", "login-alert"];

/// Shown as one-time password.
const OTP: (&str, &str) = ("__pb_test_otp_id__", "123456");

/// Which mail is wanted.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct TestMailForm {
    /// Whom it goes to.
    #[serde(deserialize_with = "text_or_null")]
    pub email: String,
    /// `verification`, `password-reset`, `email-change`, `otp` or `login-alert`.
    #[serde(deserialize_with = "text_or_null")]
    pub template: String,
    /// Id or name of the auth collection the template is of; empty for `_superusers`.
    #[serde(deserialize_with = "text_or_null")]
    pub collection: String,
}

fn text_or_null<'d, D: Deserializer<'d>>(value: D) -> Result<String, D::Error> {
    Option::deserialize(value).map(Option::unwrap_or_default)
}

/// The mail, about a record that does not exist. `now_ms` is Unix time in milliseconds.
///
/// # Errors
/// [`AuthError::Invalid`].
pub fn test_mail(
    catalog: &Catalog,
    _superuser: &Superuser,
    meta: &Meta,
    form: &TestMailForm,
    now_ms: i64,
) -> Result<Message, AuthError> {
    let mut errors = ValidationErrors::new();
    if form.email.is_empty() {
        errors.add("email", Issue::required());
    } else if !is_email(&form.email) {
        errors.add("email", Issue::new("validation_is_email", "Must be an e-mail address."));
    }
    if form.template.is_empty() {
        errors.add("template", Issue::required());
    } else if !TEMPLATES.contains(&form.template.as_str()) {
        let message = format!("Must be one of {}.", TEMPLATES.join(", "));
        errors.add("template", Issue::new("validation_in_invalid", message));
    }
    let collection = if form.collection.is_empty() { "_superusers" } else { &form.collection };
    let plan = catalog.find(collection).filter(|p| matches!(p.collection().kind, CollectionKind::Auth(_)));
    let Some(plan) = plan else {
        let message = "Must be the id or name of an auth collection.";
        errors.add("collection", Issue::new("validation_invalid_auth_collection", message));
        return Err(AuthError::Invalid(errors));
    };
    errors.into_result().map_err(AuthError::Invalid)?;

    let record = made_up(Record::empty(Arc::clone(plan)), &form.email);
    let token = |kind| token(&record, kind, &form.email, now_ms.div_euclid(1000));
    let mail = |mail: Mail<'_>| compose(meta, &record, &form.email, &mail);
    match form.template.as_str() {
        "password-reset" => mail(Mail::PasswordReset { token: &token(TokenKind::PasswordReset)? }),
        "email-change" => mail(Mail::EmailChange { token: &token(TokenKind::EmailChange)? }),
        "otp" => mail(Mail::Otp { id: OTP.0, password: OTP.1 }),
        "login-alert" => {
            let info = format!("{} - 192.0.2.1 Test browser", date_text(now_ms));
            mail(Mail::LoginAlert { info: &info })
        }
        _ => mail(Mail::Verification { token: &token(TokenKind::Verification)? }),
    }
}

/// Fills in `__pb_test_<field>__` wherever a field holds one text.
fn made_up(mut record: Record, email: &str) -> Record {
    for position in 0..record.values().len() {
        let field = &record.collection().fields[position];
        let text = format!("__pb_test_{}__", field.name);
        let value = match (&field.options, &record.values()[position]) {
            (FieldOptions::Date(_) | FieldOptions::Autodate(_), _) => continue,
            _ if field.name == "email" => Value::Text(email.to_owned()),
            (_, Value::Text(_)) => Value::Text(text),
            (_, Value::Json(_)) => Value::Json(format!("\"{text}\"")),
            _ => continue,
        };
        record.set(position, value);
    }
    record
}

/// A token as real mails have it, so that links are as long; there is no record that it would be good for.
fn token(record: &Record, kind: TokenKind, email: &str, now: i64) -> Result<String, AuthError> {
    let options = kind.options(auth_options(record.collection())?);
    let claims = Claims {
        collection_id: record.collection().id.clone(),
        email: Some(email.to_owned()),
        exp: now.saturating_add(options.duration),
        id: record.id().to_owned(),
        new_email: (kind == TokenKind::EmailChange).then(|| email.to_owned()),
        refreshable: None,
        kind,
        nbf: None,
        iat: None,
    };
    Ok(issue_token(&claims, record.text("tokenKey"), &options.secret))
}
