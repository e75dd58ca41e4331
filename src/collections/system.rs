//! The collections every folder starts with (reference part 1, section 4).

use rusqlite::{Connection, params};

use super::complete::complete;
use super::error::CollectionError;
use super::save::insert;
use super::scaffold::scaffold_of;
use super::store;
use crate::schema::fields::{AutodateOptions, FileOptions, PasswordOptions, TextOptions};
use crate::schema::{Collection, CollectionKind, Field, FieldOptions, Rules, dates};

/// Who a row of a reference collection belongs to.
const OWNER_RULE: &str =
    "@request.auth.id != '' && recordRef = @request.auth.id && collectionRef = @request.auth.collectionId";

/// A user sees and changes only their own record.
const SELF_RULE: &str = "id = @request.auth.id";

/// Life of a superuser's token, in seconds.
const SUPERUSER_TOKEN_SECONDS: i64 = 86_400;

/// Migrations of the reference that a folder of its version 0.39 has behind it.
const REFERENCE_MIGRATIONS: [&str; 8] = [
    "1640988000_aux_init.go",
    "1640988000_init.go",
    "1717233556_v0.23_migrate.go",
    "1717233557_v0.23_migrate2.go",
    "1717233558_v0.23_migrate3.go",
    "1717233559_v0.23_migrate4.go",
    "1763020353_update_default_auth_alert_templates.go",
    "1778828400_normalize_indexes.go",
];

/// Fills a new folder: system collections, `users`, and the rows that make it read as one of the reference's 0.39.
/// Does nothing in a folder that has collections.
///
/// # Errors
/// SQLite's.
pub fn bootstrap(conn: &Connection, now: &str) -> Result<(), CollectionError> {
    if !store::is_empty(conn)? {
        return Ok(());
    }
    for collection in system_collections(now).into_iter().chain([users(now)]) {
        insert(conn, &collection, None)?;
    }
    let now_micros = dates::parse_millis(now).unwrap_or_default() * 1000;
    let mut insert = conn.prepare_cached("INSERT OR IGNORE INTO _migrations (file, applied) VALUES (?1, ?2)")?;
    for file in REFERENCE_MIGRATIONS {
        insert.execute(params![file, now_micros])?;
    }
    Ok(())
}

/// Creates the system collections that a folder lacks, and returns their names.
///
/// # Errors
/// SQLite's.
pub fn ensure_system_collections(conn: &Connection, now: &str) -> Result<Vec<String>, CollectionError> {
    let stored = store::load_all(conn)?;
    let mut created = Vec::new();
    for collection in system_collections(now) {
        if !stored.iter().any(|other| other.name.eq_ignore_ascii_case(&collection.name)) {
            insert(conn, &collection, None)?;
            created.push(collection.name);
        }
    }
    Ok(created)
}

fn system_collections(now: &str) -> Vec<Collection> {
    vec![mfas(now), otps(now), external_auths(now), auth_origins(now), superusers(now)]
}

fn mfas(now: &str) -> Collection {
    let fields = ["collectionRef", "recordRef", "method"].map(required_text);
    let index = "CREATE INDEX `idx_mfas_collectionRef_recordRef` ON `_mfas` (collectionRef,recordRef)";
    reference_collection(now, ("pbc_2279338944", "_mfas"), fields.into(), &[index], Deletion::Nobody)
}

fn otps(now: &str) -> Collection {
    let password = PasswordOptions { cost: 8, ..PasswordOptions::default() };
    let fields = vec![
        required_text("collectionRef"),
        required_text("recordRef"),
        Field { required: true, hidden: true, ..Field::new("password", FieldOptions::Password(password)) },
        Field { hidden: true, ..Field::new("sentTo", FieldOptions::Text(TextOptions::default())) },
    ];
    let index = "CREATE INDEX `idx_otps_collectionRef_recordRef` ON `_otps` (collectionRef, recordRef)";
    reference_collection(now, ("pbc_1638494021", "_otps"), fields, &[index], Deletion::Nobody)
}

fn external_auths(now: &str) -> Collection {
    let fields = ["collectionRef", "recordRef", "provider", "providerId"].map(required_text);
    let indexes = [
        "CREATE UNIQUE INDEX `idx_externalAuths_record_provider` ON `_externalAuths` (collectionRef, recordRef, provider)",
        "CREATE UNIQUE INDEX `idx_externalAuths_collection_provider` ON `_externalAuths` (collectionRef, provider, providerId)",
    ];
    reference_collection(now, ("pbc_2281828961", "_externalAuths"), fields.into(), &indexes, Deletion::Owner)
}

fn auth_origins(now: &str) -> Collection {
    let fields = ["collectionRef", "recordRef", "fingerprint"].map(required_text);
    let index =
        "CREATE UNIQUE INDEX `idx_authOrigins_unique_pairs` ON `_authOrigins` (collectionRef, recordRef, fingerprint)";
    reference_collection(now, ("pbc_4275539003", "_authOrigins"), fields.into(), &[index], Deletion::Owner)
}

fn superusers(now: &str) -> Collection {
    let mut collection = named(now, "auth", ("pbc_3142635823", "_superusers"));
    collection.system = true;
    if let CollectionKind::Auth(options) = &mut collection.kind {
        options.auth_token.duration = SUPERUSER_TOKEN_SECONDS;
    }
    add_dates(&mut collection, Origin::System);
    complete(&mut collection, None);
    collection
}

fn users(now: &str) -> Collection {
    let mut collection = named(now, "auth", ("_pb_users_auth_", "users"));
    let own = || Some(SELF_RULE.to_owned());
    collection.rules = Rules { list: own(), view: own(), create: Some(String::new()), update: own(), delete: own() };
    let name = TextOptions { max: 255, ..TextOptions::default() };
    let image_types = ["image/jpeg", "image/png", "image/svg+xml", "image/gif", "image/webp"];
    let avatar = FileOptions {
        max_select: 1,
        mime_types: Some(image_types.map(str::to_owned).into()),
        ..FileOptions::default()
    };
    collection.fields.push(Field::new("name", FieldOptions::Text(name)));
    collection.fields.push(Field::new("avatar", FieldOptions::File(avatar)));
    add_dates(&mut collection, Origin::User);
    if let CollectionKind::Auth(options) = &mut collection.kind {
        "name".clone_into(&mut options.oauth2.mapped_fields.name);
        "avatar".clone_into(&mut options.oauth2.mapped_fields.avatar_url);
    }
    complete(&mut collection, None);
    collection
}

/// Who may delete rows besides superusers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Deletion {
    Nobody,
    Owner,
}

/// Whether a field belongs to Larder or to the app.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    System,
    User,
}

/// A collection whose rows belong to a record of an auth collection.
fn reference_collection(
    now: &str,
    id_and_name: (&str, &str),
    fields: Vec<Field>,
    indexes: &[&str],
    deletion: Deletion,
) -> Collection {
    let mut collection = named(now, "base", id_and_name);
    let owner = Some(OWNER_RULE.to_owned());
    collection.system = true;
    collection.rules.delete = owner.clone().filter(|_| deletion == Deletion::Owner);
    collection.rules.list.clone_from(&owner);
    collection.rules.view = owner;
    collection.indexes = indexes.iter().map(|&sql| sql.to_owned()).collect();
    for field in fields {
        collection.fields.push(Field { system: true, ..field });
    }
    add_dates(&mut collection, Origin::System);
    complete(&mut collection, None);
    collection
}

fn named(now: &str, type_name: &str, (id, name): (&str, &str)) -> Collection {
    let scaffold = scaffold_of(type_name).expect("callers name known types");
    Collection {
        id: id.to_owned(),
        name: name.to_owned(),
        created: now.to_owned(),
        updated: now.to_owned(),
        search: None,
        ..scaffold
    }
}

fn add_dates(collection: &mut Collection, origin: Origin) {
    let system = origin == Origin::System;
    for (name, on_update) in [("created", false), ("updated", true)] {
        let options = FieldOptions::Autodate(AutodateOptions { on_create: true, on_update });
        collection.fields.push(Field { system, ..Field::new(name, options) });
    }
}

fn required_text(name: &str) -> Field {
    Field { required: true, ..Field::new(name, FieldOptions::Text(TextOptions::default())) }
}
