//! What no statement of a console may do.

use std::rc::Rc;

use rusqlite::hooks::{AuthAction, AuthContext};

use super::touched::NOTES;
use crate::db::guard::Policy;

/// Pragmas that tell something, with or without an argument, and change nothing.
const TELLING: [&str; 14] = [
    "table_info",
    "table_xinfo",
    "table_list",
    "index_list",
    "index_info",
    "index_xinfo",
    "foreign_key_list",
    "foreign_key_check",
    "integrity_check",
    "quick_check",
    "database_list",
    "collation_list",
    "function_list",
    "compile_options",
];

/// Pragmas that tell something as long as they have no argument.
const READABLE: [&str; 11] = [
    "user_version",
    "application_id",
    "page_count",
    "page_size",
    "freelist_count",
    "journal_mode",
    "synchronous",
    "cache_size",
    "encoding",
    "schema_version",
    "data_version",
];

/// For a console that only reads. The connection itself refuses to write records.
pub(super) fn reading() -> Policy {
    Rc::new(|context: &AuthContext<'_>| match context.action {
        AuthAction::Select | AuthAction::Read { .. } | AuthAction::Recursive => true,
        AuthAction::Function { function_name } => is_harmless(function_name),
        AuthAction::Pragma { pragma_name, pragma_value } => is_telling(pragma_name, pragma_value),
        // So that they can be explained.
        AuthAction::Insert { .. } | AuthAction::Update { .. } | AuthAction::Delete { .. } => {
            context.database_name == Some("main")
        }
        _ => false,
    })
}

/// For a console that writes, in a transaction that is not its own to end.
pub(super) fn writing() -> Policy {
    Rc::new(|context: &AuthContext<'_>| match context.action {
        AuthAction::Pragma { pragma_name, pragma_value } => is_telling(pragma_name, pragma_value),
        AuthAction::Function { function_name } => is_harmless(function_name),
        // The triggers that note changes do.
        AuthAction::Insert { table_name: NOTES } => context.accessor.is_some_and(is_kept_by_larder),
        // The feed is what realtime and search follow.
        AuthAction::Insert { table_name }
        | AuthAction::Update { table_name, .. }
        | AuthAction::Delete { table_name }
        | AuthAction::DropTable { table_name }
        | AuthAction::AlterTable { table_name, .. } => !is_kept_by_larder(table_name),
        // Those that note changes go with their table.
        AuthAction::DropTempTrigger { trigger_name, .. } => is_kept_by_larder(trigger_name),
        // Other files, the transaction of the server, and what would outlive it on the connection of all writes.
        AuthAction::Attach { .. }
        | AuthAction::Detach { .. }
        | AuthAction::Transaction { .. }
        | AuthAction::Savepoint { .. }
        | AuthAction::CreateTempTable { .. }
        | AuthAction::CreateTempIndex { .. }
        | AuthAction::CreateTempTrigger { .. }
        | AuthAction::CreateTempView { .. }
        | AuthAction::DropTempTable { .. } => false,
        _ => true,
    })
}

fn is_kept_by_larder(table: &str) -> bool {
    table.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("_larder_"))
}

fn is_telling(name: &str, value: Option<&str>) -> bool {
    let is = |known: &&str| known.eq_ignore_ascii_case(name);
    TELLING.iter().any(&is) || (value.is_none() && READABLE.iter().any(is))
}

/// Functions that reach out of the database.
fn is_harmless(function: &str) -> bool {
    !["load_extension", "fts3_tokenizer", "readfile", "writefile", "edit"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(function))
}
