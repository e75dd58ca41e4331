//! What every save puts right in a definition before it is checked (reference part 1, sections 4 and 5.1).

use super::search_option;
use crate::query::{IndexDefinition, single_column_unique_index};
use crate::schema::auth_options::AuthOptions;
use crate::schema::defaults::ensure_system_fields;
use crate::schema::{Collection, CollectionKind};

/// Name of the collection of superusers.
pub const SUPERUSERS: &str = "_superusers";

/// Longest generated index name.
const MAX_INDEX_NAME: usize = 64;

/// Completes a decoded collection whose id is known; `old` is the stored one.
pub(super) fn complete(collection: &mut Collection, old: Option<&Collection>) {
    ensure_system_fields(&collection.kind, &mut collection.fields);
    point_indexes_at_table(collection);
    search_option::settle(collection, old);
    if !collection.is_auth() {
        return;
    }
    add_auth_indexes(collection);
    let names: Vec<String> = collection.fields.iter().map(|field| field.name.clone()).collect();
    let is_superusers = old.map_or(collection.name.as_str(), |old| &old.name) == SUPERUSERS;
    let CollectionKind::Auth(options) = &mut collection.kind else { return };
    reset_dangling_mapped_fields(options, &names);
    if is_superusers {
        force_superuser_options(options);
    }
    if let Some(old) = old.and_then(Collection::auth_options)
        && old.auth_rule.as_deref().unwrap_or_default() != options.auth_rule.as_deref().unwrap_or_default()
    {
        // Whoever signed in under the old rule must sign in again under the new one.
        options.auth_token.renew_secret();
    }
}

/// Rewrites the table of every index that names another; the other indexes stay as they were written.
fn point_indexes_at_table(collection: &mut Collection) {
    for sql in &mut collection.indexes {
        if let Some(mut index) = IndexDefinition::parse(sql)
            && index.table != collection.name
        {
            index.table.clone_from(&collection.name);
            *sql = index.build();
        }
    }
}

/// Adds the unique indexes of `tokenKey` and `email` where no index does their work.
fn add_auth_indexes(collection: &mut Collection) {
    for (column, condition) in [("tokenKey", ""), ("email", "`email` != ''")] {
        if single_column_unique_index(collection, column).is_some() {
            continue;
        }
        let mut name = format!("idx_{column}_{}", collection.id);
        name.truncate(name.floor_char_boundary(MAX_INDEX_NAME));
        collection.indexes.push(auth_index(&name, &collection.name, column, condition));
    }
}

/// The statement of a default auth index.
pub(super) fn auth_index(name: &str, table: &str, column: &str, condition: &str) -> String {
    let condition = if condition.is_empty() { String::new() } else { format!(" WHERE {condition}") };
    format!("CREATE UNIQUE INDEX `{name}` ON `{table}` (`{column}`){condition}")
}

fn reset_dangling_mapped_fields(options: &mut AuthOptions, names: &[String]) {
    let mapped = &mut options.oauth2.mapped_fields;
    for field in [&mut mapped.id, &mut mapped.name, &mut mapped.username, &mut mapped.avatar_url] {
        if !names.contains(field) {
            field.clear();
        }
    }
}

/// Superusers sign in with a password, never through other services, and a mailed code alone is not enough.
fn force_superuser_options(options: &mut AuthOptions) {
    options.oauth2.enabled = false;
    options.oauth2.providers = None;
    options.password_auth.enabled = true;
    if options.otp.enabled {
        options.mfa.enabled = true;
    }
}
