//! From a request body to values: modifiers resolved, hidden fields dropped, every value cast by its field.

use serde_json::{Map, Value as Json};

use super::Record;
use crate::files::Uploads;
use crate::identity::Caller;
use crate::schema::{CollectionKind, FieldOptions, Value, resolve_body_key};

/// What came for a record.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'a> {
    /// The body, in which the uploads are named.
    pub body: &'a Map<String, Json>,
    /// The files that came with it.
    pub uploads: &'a Uploads,
}

/// What the body changed.
#[derive(Debug, Default)]
pub(super) struct Submitted {
    /// Plain passwords by field position; empty to clear.
    passwords: Vec<(usize, String)>,
}

impl Submitted {
    /// Plain passwords by field position.
    pub(super) fn passwords(&self) -> &[(usize, String)] {
        &self.passwords
    }
}

/// The body as rules see it (reference part 2, section 3.4): `record` is the one it was applied to. Fields hold their
/// values after modifiers and casts, unknown keys what was sent. Where a field names an upload, there is what is known of it:
/// `{"name", "originalName", "size"}`.
pub(super) fn as_seen_by_rules(record: &Record, sent: Sent<'_>, caller: &Caller) -> Map<String, Json> {
    let collection = record.collection();
    let is_auth = matches!(collection.kind, CollectionKind::Auth(_));
    let uploads = sent.uploads;
    let mut seen = Map::new();
    for (key, sent) in sent.body {
        let Some((field, _)) = resolve_body_key(&collection.fields, key) else {
            seen.entry(key.clone()).or_insert_with(|| sent.clone());
            continue;
        };
        let is_auth_password = is_auth && field.name == "password";
        if field.hidden && !caller.is_superuser() && !is_auth_password {
            continue;
        }
        let value = match (&field.options, record.get(&field.name)) {
            (FieldOptions::Password(_), _) | (_, None) => field.cast(sent),
            (_, Some(value)) => value.clone(),
        };
        if let FieldOptions::File(_) = &field.options
            && value.entries().iter().any(|name| uploads.find(name).is_some())
        {
            let mut files: Vec<Json> = value.entries().iter().map(|name| uploads.describe(name)).collect();
            let is_list = matches!(value, Value::List(_));
            let seen_value = if is_list { Json::Array(files) } else { files.pop().unwrap_or_default() };
            seen.insert(field.name.clone(), seen_value);
            continue;
        }
        let mut text = Vec::new();
        value.write_json(&mut text);
        // Fields write JSON; what could not be read back would be no value.
        seen.insert(field.name.clone(), serde_json::from_slice(&text).unwrap_or(Json::Null));
    }
    seen
}

/// Applies a body to a record. Unknown keys and keys the caller may not write are ignored silently, as clients expect.
/// Password fields are left alone: their hashes are made elsewhere.
pub(super) fn apply(record: &mut Record, body: &Map<String, Json>, caller: &Caller) -> Submitted {
    let plan = record.plan().clone();
    let collection = plan.collection();
    let is_auth = matches!(collection.kind, CollectionKind::Auth(_));
    let mut submitted = Submitted::default();
    // Shortest key first, so that `{"n": 1, "n+": 5}` sets and then adds (reference part 1, section 10).
    let mut keys: Vec<&String> = body.keys().collect();
    keys.sort_by_key(|key| key.len());
    for key in keys {
        let Some((field, modifier)) = resolve_body_key(&collection.fields, key) else { continue };
        let Some(index) = collection.fields.iter().position(|f| f.name == field.name) else { continue };
        let is_auth_password = is_auth && field.name == "password";
        if field.hidden && !caller.is_superuser() && !is_auth_password {
            continue;
        }
        match (&field.options, modifier) {
            (FieldOptions::Autodate(_), _) => {}
            (FieldOptions::Password(_), None) => {
                if let Value::Text(plain) = field.cast(&body[key]) {
                    submitted.passwords.push((index, plain));
                }
            }
            (_, None) => record.set(index, field.cast(&body[key])),
            (_, Some(modifier)) => {
                let value = field.apply_modifier(modifier, &record.values()[index], &body[key]);
                record.set(index, value);
            }
        }
    }
    submitted
}
