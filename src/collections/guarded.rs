//! What SQL from superusers may do: the policies of view queries and index definitions.
//!
//! Deny by default. A view may read tables and views of the app, but neither the internal tables nor columns that
//! hold secrets: its rows are shown under rules of its own.

use std::collections::HashSet;
use std::rc::Rc;

use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext};
use rusqlite::limits::Limit;

use super::error::CollectionError;
use crate::db::DbError;
use crate::db::guard::{Policy, run_guarded};
use crate::query::{IndexDefinition, quote_identifier};
use crate::schema::{Collection, FieldOptions};

/// Most virtual machine instructions for looking at a view query and its first rows: about a second of work. The
/// check runs on the only writer, so a query that needs longer cannot become a view.
const MAX_VIEW_CHECK_STEPS: u64 = 100_000_000;

/// Largest value a view query may make while it is looked at, in bytes: one call of `printf` could take all memory.
const MAX_VIEW_VALUE_BYTES: i32 = 64 << 20;

/// An index over an existing table does work proportional to its rows, so its steps are not counted.
const MAX_INDEX_STEPS: u64 = u64::MAX;

/// Functions that reach outside the database or into SQLite itself.
const FORBIDDEN_FUNCTIONS: [&str; 6] =
    ["load_extension", "fts3_tokenizer", "readfile", "writefile", "edit", "sqlite_log"];

/// Table-valued functions a view may use.
const READABLE_FUNCTIONS: [&str; 2] = ["json_each", "json_tree"];

/// What view queries may read at the moment.
pub(super) struct Readable {
    /// Lower-cased names.
    tables: HashSet<String>,
    /// Lower-cased `(table, column)`.
    secrets: HashSet<(String, String)>,
}

impl Readable {
    /// Everything but internal tables and the secrets of `collections`.
    pub(super) fn load(conn: &Connection, collections: &[Collection]) -> Result<Rc<Self>, DbError> {
        let mut names = conn.prepare_cached("SELECT lower(name) FROM sqlite_master WHERE type IN ('table', 'view')")?;
        let tables = names.query_map([], |row| row.get(0))?.collect::<Result<HashSet<String>, _>>()?;
        let mut secrets = HashSet::new();
        for collection in collections.iter().filter(|collection| !collection.is_view()) {
            for field in &collection.fields {
                let is_token_key = collection.is_auth() && field.name == "tokenKey";
                if is_token_key || matches!(field.options, FieldOptions::Password(_)) {
                    secrets.insert((collection.name.to_lowercase(), field.name.to_lowercase()));
                }
            }
        }
        Ok(Rc::new(Self { tables: tables.into_iter().filter(|name| !is_internal(name)).collect(), secrets }))
    }

    fn allows(&self, table: &str, column: &str) -> bool {
        let (table, column) = (table.to_lowercase(), column.to_lowercase());
        // Without a column SQLite asks about whole tables (`count(*)`), and there also about sub-selects by their alias.
        let is_known = if column.is_empty() {
            !is_internal(&table) && !table.starts_with("pragma_")
        } else {
            self.tables.contains(&table) || READABLE_FUNCTIONS.contains(&table.as_str())
        };
        is_known && !self.secrets.contains(&(table, column))
    }
}

fn is_internal(lower_name: &str) -> bool {
    matches!(lower_name, "_params" | "_collections" | "_migrations")
        || lower_name.starts_with("_larder_")
        || lower_name.starts_with("sqlite_")
}

/// Runs `work`, whose statements may only select what is readable.
pub(super) fn select_only<T, E: From<DbError>>(
    conn: &Connection,
    readable: &Rc<Readable>,
    work: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    let readable = Rc::clone(readable);
    let policy: Policy = Rc::new(move |context: &AuthContext<'_>| match context.action {
        AuthAction::Select | AuthAction::Recursive => true,
        AuthAction::Read { table_name, column_name } => {
            context.database_name.is_none_or(|name| name == "main") && readable.allows(table_name, column_name)
        }
        AuthAction::Function { function_name } => is_harmless(function_name),
        _ => false,
    });
    let _lifted_at_end = ValueLimit::set(conn, MAX_VIEW_VALUE_BYTES)?;
    run_guarded(conn, policy, MAX_VIEW_CHECK_STEPS, work)
}

/// A smaller limit of the size of values, until it is dropped.
struct ValueLimit<'c> {
    conn: &'c Connection,
    before: i32,
}

impl<'c> ValueLimit<'c> {
    fn set(conn: &'c Connection, bytes: i32) -> Result<Self, DbError> {
        let before = conn.limit(Limit::SQLITE_LIMIT_LENGTH)?;
        conn.set_limit(Limit::SQLITE_LIMIT_LENGTH, bytes)?;
        Ok(Self { conn, before })
    }
}

impl Drop for ValueLimit<'_> {
    fn drop(&mut self) {
        // It worked a moment ago with another number.
        let _ = self.conn.set_limit(Limit::SQLITE_LIMIT_LENGTH, self.before);
    }
}

/// Creates a view over an inspected query.
pub(super) fn create_view(conn: &Connection, name: &str, select: &str) -> Result<(), CollectionError> {
    let sql = format!("CREATE VIEW {} AS SELECT * FROM ({select})", quote_identifier(name));
    let view = name.to_owned();
    let policy: Policy = Rc::new(move |context: &AuthContext<'_>| match context.action {
        AuthAction::CreateView { view_name } => view_name.eq_ignore_ascii_case(&view),
        _ => is_catalogue_change(&context.action),
    });
    run_guarded(conn, policy, MAX_VIEW_CHECK_STEPS, || {
        conn.execute(&sql, []).map(drop).map_err(CollectionError::from_statement)
    })
}

/// Creates an index on the table named in its definition.
pub(super) fn create_index(conn: &Connection, index: &IndexDefinition) -> Result<(), CollectionError> {
    let table = index.table.clone();
    let policy: Policy = Rc::new(move |context: &AuthContext<'_>| match context.action {
        AuthAction::CreateIndex { table_name, .. } | AuthAction::Read { table_name, .. }
            if table_name.eq_ignore_ascii_case(&table) =>
        {
            true
        }
        AuthAction::Reindex { .. } => true,
        AuthAction::Function { function_name } => is_harmless(function_name),
        _ => is_catalogue_change(&context.action),
    });
    run_guarded(conn, policy, MAX_INDEX_STEPS, || {
        conn.execute(&index.build(), []).map(drop).map_err(CollectionError::from_statement)
    })
}

/// What SQLite itself does to its catalogue for a `CREATE`.
fn is_catalogue_change(action: &AuthAction<'_>) -> bool {
    match action {
        AuthAction::Select => true,
        AuthAction::Insert { table_name }
        | AuthAction::Read { table_name, .. }
        | AuthAction::Update { table_name, .. } => *table_name == "sqlite_master",
        AuthAction::Function { function_name } => is_harmless(function_name),
        _ => false,
    }
}

fn is_harmless(function: &str) -> bool {
    !FORBIDDEN_FUNCTIONS.iter().any(|forbidden| forbidden.eq_ignore_ascii_case(function))
}
