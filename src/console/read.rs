//! Statements that only read.

use rusqlite::Batch;
use rusqlite::fallible_iterator::FallibleIterator;

use super::{ConsoleError, SqlAnswer, SqlForm, fence};
use crate::db::ReadTx;
use crate::db::guard::run_guarded;
use crate::identity::Superuser;

/// Runs the statements of the form, none of which may write; the rows are those of the last one.
///
/// # Errors
/// [`ConsoleError`].
pub fn read(tx: &ReadTx<'_>, _superuser: &Superuser, form: &SqlForm) -> Result<SqlAnswer, ConsoleError> {
    form.check()?;
    run_guarded(tx, fence::reading(), u64::MAX, || {
        let mut answer = SqlAnswer::default();
        let mut batch = Batch::new(tx, &form.query);
        let mut count = 0;
        while let Some(mut statement) = batch.next()? {
            count += 1;
            if !statement.readonly() && statement.is_explain() == 0 {
                return Err(ConsoleError::Statement(
                    "this statement writes, which only one that begins so may".to_owned(),
                ));
            }
            answer.take_rows(&mut statement)?;
        }
        if count == 0 {
            return Err(ConsoleError::Statement("there is no statement".to_owned()));
        }
        Ok(answer)
    })
}
