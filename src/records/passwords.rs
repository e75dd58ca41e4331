//! Password hashing around a save. It takes tens of milliseconds, so it happens before the write transaction: first a
//! read finds out what is worth hashing ([`plan_passwords`]), then the hasher does it, then the save uses the results.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::Connection;
use serde_json::{Map, Value as Json};

use super::access::{Access, satisfies};
use super::auth_form::text;
use super::{Action, Record, RecordError, Request, Sent, body, check_rule, create};
use crate::db::DbError;
use crate::identity::{Hasher, PasswordHash};
use crate::limits::{Source, Throttle, TooManyAttempts};
use crate::query::Plan;
use crate::schema::{CollectionKind, FieldOptions, Value};

/// What has to be hashed and verified for a save.
#[derive(Default)]
pub struct PasswordPlan {
    hash: Vec<(String, String)>,
    verify_old: Option<OldPassword>,
}

/// A password that its owner has to know to change it.
struct OldPassword {
    plain: String,
    stored: PasswordHash,
    /// Id of the record.
    owner: String,
}

/// Who guesses at old passwords, if it is a guess: whoever got hold of a session must not find out the password with it.
#[derive(Debug, Clone, Copy)]
pub struct Guesser<'a> {
    /// Counts wrong ones.
    pub throttle: &'a Throttle,
    /// The client.
    pub source: Source,
    /// Unix time in milliseconds.
    pub now_ms: i64,
}

/// Why the work was not done.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too many wrong old passwords.
    #[error(transparent)]
    TooManyAttempts(#[from] TooManyAttempts),
    /// Too much work waits.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// The results the save uses.
#[derive(Debug, Default)]
pub struct PasswordWork {
    hashes: HashMap<String, PasswordHash>,
    /// The stored hash that `oldPassword` was verified against, if it fitted.
    verified: Option<PasswordHash>,
    /// Hash of a password nobody knows, for a new auth record whose body has none.
    generated: Option<PasswordHash>,
}

impl PasswordWork {
    /// A ready hash for a field; for commands, which hash themselves.
    pub fn of(field: &str, hash: PasswordHash) -> Self {
        Self { hashes: HashMap::from([(field.to_owned(), hash)]), ..Self::default() }
    }

    /// With the hash of a password nobody knows, for a new auth record whose body has none: it signs in by other means.
    #[must_use]
    pub fn with_generated(self, hash: PasswordHash) -> Self {
        Self { generated: Some(hash), ..self }
    }

    /// The hash of the password nobody knows.
    pub(super) fn generated(&self) -> Option<&PasswordHash> {
        self.generated.as_ref()
    }

    /// The hash of a field's new password.
    pub(super) fn hash(&self, field: &str) -> Option<&PasswordHash> {
        self.hashes.get(field)
    }

    /// Whether `oldPassword` fits this stored hash.
    pub(super) fn old_password_fits(&self, stored: &str) -> bool {
        self.verified.as_ref().is_some_and(|hash| hash.0 == stored)
    }
}

impl PasswordPlan {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.hash.is_empty() && self.verify_old.is_none()
    }

    /// Does the work.
    ///
    /// # Errors
    /// [`DbError::QueueFull`] when too much of it waits, [`TooManyAttempts`].
    pub async fn run(self, hasher: &Hasher, guesser: Guesser<'_>) -> Result<PasswordWork, PasswordError> {
        let mut work = PasswordWork::default();
        if let Some(OldPassword { plain, stored, owner }) = self.verify_old {
            let attempt = guesser.throttle.password_attempt("", &owner, guesser.source, guesser.now_ms)?;
            let is_right = hasher.verify(plain, Some(stored.clone()), None).await?;
            attempt.settle(is_right, guesser.now_ms)?;
            work.verified = is_right.then_some(stored);
        }
        for (field, plain) in self.hash {
            work.hashes.insert(field, hasher.hash(plain).await?);
        }
        Ok(work)
    }
}

/// Whether a body concerns passwords at all, so that other saves skip the extra read.
pub fn concerns_passwords(plan: &Plan, body: &Map<String, Json>) -> bool {
    let fields = &plan.collection().fields;
    plan.has_passwords()
        && (body.contains_key("oldPassword")
            || fields.iter().any(|f| matches!(f.options, FieldOptions::Password(_)) && body.contains_key(&f.name)))
}

/// Whether the rule lets the save through, as far as it can be known without the hashes.
fn passes(
    conn: &Connection,
    request: Request<'_>,
    plan: &Arc<Plan>,
    action: Action,
    id: &str,
    sent: Sent<'_>,
) -> Result<bool, RecordError> {
    let Access::If(rule) = check_rule(request, plan, action)? else { return Ok(true) };
    if action == Action::Create {
        return match create::admit(conn, request, plan, sent, &PasswordWork::default()) {
            Ok(_) => Ok(true),
            Err(RecordError::RuleDenied) => Ok(false),
            Err(error) => Err(error),
        };
    }
    let Some(mut record) = Record::find(conn, plan, id)? else { return Ok(true) };
    body::apply(&mut record, sent.body, request.caller);
    let info = super::update::info_for_rules(request, &record, sent);
    satisfies(conn, Request { info: &info, ..request }, plan, rule, id)
}

/// Finds out what a save of this body has to hash; nothing if the rule turns the caller away or the passwords would be
/// refused, so that nobody can make the server hash for free.
///
/// # Errors
/// What the save itself would fail with before it looks at values.
pub fn plan_passwords(
    conn: &Connection,
    request: Request<'_>,
    action: Action,
    collection: &str,
    id: &str,
    sent: Sent<'_>,
) -> Result<PasswordPlan, RecordError> {
    let target = request.catalog.find(collection).ok_or(RecordError::CollectionNotFound)?;
    if target.is_view() || !concerns_passwords(target, sent.body) || !passes(conn, request, target, action, id, sent)? {
        return Ok(PasswordPlan::default());
    }
    plan_allowed_passwords(conn, request, action, &target.collection().id, id, sent)
}

/// As [`plan_passwords`] for a save whose rule is not asked, because it may look otherwise by the time of the save.
///
/// # Errors
/// As [`plan_passwords`].
pub fn plan_allowed_passwords(
    conn: &Connection,
    request: Request<'_>,
    action: Action,
    collection: &str,
    id: &str,
    sent: Sent<'_>,
) -> Result<PasswordPlan, RecordError> {
    let mut work = PasswordPlan::default();
    let (caller, body) = (request.caller, sent.body);
    let target = request.catalog.find(collection).ok_or(RecordError::CollectionNotFound)?;
    check_rule(request, target, action)?;
    let collection = target.collection();
    let is_auth = matches!(collection.kind, CollectionKind::Auth(_));
    let confirmed = !is_auth || text(body, "password") == text(body, "passwordConfirm");
    for field in &collection.fields {
        let FieldOptions::Password(options) = &field.options else { continue };
        let writable = !field.hidden || caller.is_superuser() || (is_auth && field.name == "password");
        let Some(Value::Text(plain)) = body.get(&field.name).map(|v| field.cast(v)) else { continue };
        if writable && confirmed && !plain.is_empty() && options.validate_plain(&plain, field.required).is_ok() {
            work.hash.push((field.name.clone(), plain));
        }
    }
    let old = text(body, "oldPassword");
    let changes_password = !text(body, "password").is_empty() || !text(body, "passwordConfirm").is_empty();
    if action == Action::Update
        && is_auth
        && !caller.is_superuser()
        && !old.is_empty()
        && changes_password
        // Also where the save's own rule is not asked yet: nobody tries passwords of records they may not change.
        && passes(conn, request, target, action, id, sent)?
        && let Some(record) = Record::find(conn, target, id)?
    {
        let stored = PasswordHash(record.text("password").to_owned());
        work.verify_old = Some(OldPassword { plain: old, stored, owner: record.id().to_owned() });
    }
    Ok(work)
}
