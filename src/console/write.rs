//! Statements that write.

use rusqlite::Batch;
use rusqlite::fallible_iterator::FallibleIterator;

use super::statement::counts_rows;
use super::touched::Noting;
use super::{ConsoleError, SqlAnswer, SqlForm, fence};
use crate::db::WriteTx;
use crate::db::guard::run_guarded;
use crate::identity::Superuser;
use crate::query::Catalog;

/// Virtual machine instructions that the statements may use: some ten seconds, in which nobody else writes.
const MAX_STEPS: u64 = 1_000_000_000;

/// Runs the statements of the form in the transaction; the rows are none, as in the reference.
///
/// # Errors
/// [`ConsoleError`].
pub fn write(
    tx: &WriteTx<'_>,
    _superuser: &Superuser,
    catalog: &Catalog,
    form: &SqlForm,
) -> Result<SqlAnswer, ConsoleError> {
    form.check()?;
    tx.check_room()?;
    let noting = Noting::begin(tx, catalog)?;
    let affected_rows = run_guarded(tx, fence::writing(), MAX_STEPS, || {
        let mut affected = 0;
        let mut batch = Batch::new(tx, &form.query);
        while let Some(mut statement) = batch.next()? {
            // Of others SQLite tells the number of the one before.
            let is_counted = !statement.readonly() && statement.expanded_sql().is_some_and(|sql| counts_rows(&sql));
            let mut rows = statement.raw_query();
            while rows.next()?.is_some() {}
            drop(rows);
            if is_counted {
                affected += tx.changes();
            }
        }
        Ok::<_, ConsoleError>(affected)
    })?;
    noting.end(tx)?;
    Ok(SqlAnswer { affected_rows, ..SqlAnswer::default() })
}
