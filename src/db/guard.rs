//! A fence around SQL that people write: view queries and index definitions.
//!
//! SQLite asks an authorizer about every table, column and function while it compiles a statement, and a progress
//! handler every few instructions while it runs one. rusqlite can install both only through `&mut Connection`, so
//! [`install`] does it once, when the connection is opened, and the installed hooks follow the policy the current
//! thread has set with [`run_guarded`]. Outside of it everything is allowed.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rusqlite::Connection;
use rusqlite::hooks::{AuthContext, Authorization};

use super::DbError;

/// Says whether a statement may do what it asks for.
pub type Policy = Rc<dyn Fn(&AuthContext<'_>) -> bool>;

/// Virtual machine instructions between two calls of the progress handler.
const STEPS_PER_CHECK: i32 = 1000;

thread_local! {
    static POLICY: RefCell<Option<Policy>> = const { RefCell::new(None) };
    /// Instructions the guarded work may still use; `None` = no limit.
    static STEPS_LEFT: Cell<Option<u64>> = const { Cell::new(None) };
}

/// Prepares a connection for [`run_guarded`]. It replaces the connection's authorizer and progress handler.
///
/// # Errors
/// SQLite's, if the hooks cannot be set.
pub fn install(conn: &mut Connection) -> Result<(), DbError> {
    install_policy(conn)?;
    conn.progress_handler(
        STEPS_PER_CHECK,
        Some(|| match STEPS_LEFT.get() {
            None => false,
            Some(left) => {
                let left = left.saturating_sub(u64::from(STEPS_PER_CHECK.unsigned_abs()));
                STEPS_LEFT.set(Some(left));
                left == 0
            }
        }),
    )?;
    Ok(())
}

/// Like [`install`], for a connection with a progress handler of its own: only the policy of [`run_guarded`] counts there.
///
/// # Errors
/// SQLite's, if the hook cannot be set.
pub(super) fn install_policy(conn: &mut Connection) -> Result<(), DbError> {
    conn.authorizer(Some(|context: AuthContext<'_>| {
        // The policy is cloned out, so that one which itself runs SQL would not find the cell borrowed.
        let policy = POLICY.with_borrow(Clone::clone);
        if policy.is_none_or(|allows| allows(&context)) { Authorization::Allow } else { Authorization::Deny }
    }))?;
    Ok(())
}

/// Runs `work` while statements compiled on this thread obey `policy` and may use `max_steps` virtual machine
/// instructions in total; beyond that they end with `SQLITE_INTERRUPT`.
///
/// # Errors
/// What `work` fails with, or [`DbError::Incompatible`] if `conn` was not opened with [`install`]: without the fence
/// the work does not start.
pub fn run_guarded<T, E: From<DbError>>(
    conn: &Connection,
    policy: Policy,
    max_steps: u64,
    work: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    let _restore = Restore { policy: POLICY.with_borrow(Clone::clone), steps: STEPS_LEFT.get() };
    POLICY.set(Some(Rc::new(|_| false)));
    if conn.prepare("SELECT 1").is_ok() {
        let text = "this connection has no guard for view queries and index definitions";
        return Err(DbError::Incompatible(text.to_owned()).into());
    }
    POLICY.set(Some(policy));
    STEPS_LEFT.set(Some(max_steps));
    work()
}

/// Runs `work` while statements on a connection with [`install`] may use `max_steps` virtual machine instructions in
/// total; beyond that they end with `SQLITE_INTERRUPT`. For reading statements: one that writes would take its whole
/// transaction with it.
pub fn run_limited<T>(max_steps: u64, work: impl FnOnce() -> T) -> T {
    let _restore = Restore { policy: POLICY.with_borrow(Clone::clone), steps: STEPS_LEFT.get() };
    STEPS_LEFT.set(Some(max_steps));
    work()
}

/// Puts the outer policy back, also when the work panics.
struct Restore {
    policy: Option<Policy>,
    steps: Option<u64>,
}

impl Drop for Restore {
    fn drop(&mut self) {
        POLICY.set(self.policy.take());
        STEPS_LEFT.set(self.steps);
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::hooks::AuthAction;

    use super::*;

    const RUNAWAY: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

    fn guarded() -> Connection {
        let mut conn = Connection::open_in_memory().unwrap();
        install(&mut conn).unwrap();
        conn
    }

    #[test]
    fn policy_holds_inside_and_ends_outside() {
        let conn = guarded();
        let only_select: Policy = Rc::new(|context| matches!(context.action, AuthAction::Select));
        let result: Result<(), DbError> = run_guarded(&conn, only_select, 1000, || {
            conn.execute_batch("SELECT 1")?;
            conn.execute_batch("CREATE TABLE t (a)")?;
            Ok(())
        });
        assert!(result.unwrap_err().to_string().contains("not authorized"));
        conn.execute_batch("CREATE TABLE t (a)").unwrap();
    }

    #[test]
    fn runaway_statements_are_stopped() {
        let conn = guarded();
        let result: Result<i64, DbError> =
            run_guarded(&conn, Rc::new(|_| true), 100_000, || Ok(conn.query_row(RUNAWAY, [], |row| row.get(0))?));
        assert!(result.unwrap_err().is_interrupted());
    }

    #[test]
    fn limited_statements_are_stopped_and_others_are_not() {
        let conn = guarded();
        let endless = || conn.query_row(RUNAWAY, [], |row| row.get::<_, i64>(0));
        assert_eq!(
            run_limited(100_000, endless).unwrap_err().sqlite_error_code(),
            Some(rusqlite::ErrorCode::OperationInterrupted)
        );
        conn.execute_batch("CREATE TABLE t (a)").unwrap();
    }

    #[test]
    fn an_unguarded_connection_is_refused() {
        let conn = Connection::open_in_memory().unwrap();
        let result: Result<(), DbError> = run_guarded(&conn, Rc::new(|_| true), 1000, || panic!("must not run"));
        assert!(result.is_err());
    }
}
