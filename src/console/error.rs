//! Why statements of a console failed.

use crate::db::DbError;
use crate::validation::ValidationErrors;

/// Why statements of a console failed. Nothing of them stays then.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// The form makes no sense.
    #[error("the form is not valid")]
    Invalid(ValidationErrors),
    /// What was typed is no SQL, is not allowed or failed; a sentence for whoever typed it, without a full stop.
    #[error("{0}")]
    Statement(String),
    /// Whatever else the store fails with.
    #[error(transparent)]
    Db(DbError),
}

impl From<DbError> for ConsoleError {
    fn from(error: DbError) -> Self {
        // The state of the machine is not the fault of who typed.
        if error.is_out_of_space() || error.is_read_only() || error.is_interrupted() || error.is_busy() {
            return Self::Db(error);
        }
        match error {
            DbError::Sqlite(error) => Self::Statement(describe(&error)),
            other => Self::Db(other),
        }
    }
}

impl From<rusqlite::Error> for ConsoleError {
    fn from(error: rusqlite::Error) -> Self {
        DbError::from(error).into()
    }
}

/// SQLite's own words, with the place of a mistake.
fn describe(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(_, Some(text)) => text.clone(),
        rusqlite::Error::SqlInputError { msg, sql, offset, .. } => match usize::try_from(*offset).ok() {
            Some(offset) => {
                let line = sql.get(..offset).map_or(0, |before| before.matches('\n').count()) + 1;
                format!("{msg} (line {line}, byte {offset})")
            }
            None => msg.clone(),
        },
        other => other.to_string(),
    }
}
