//! The evaluator against SQLite itself.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use rusqlite::{Connection, params_from_iter};

use super::testing::{RECORD, Tables, World, expression, world};
use crate::query::{Condition, ParsedRule, SqlValue, Statement};

/// Whether the statement yields a row. Callers take one that fails for a no.
pub(super) fn yields_row(conn: &Connection, statement: &Statement) -> bool {
    let query = conn.prepare(&statement.sql);
    query.and_then(|mut query| query.exists(params_from_iter(&statement.values))).unwrap_or(false)
}

/// What both say to a condition.
struct Verdict {
    ours: Option<bool>,
    theirs: bool,
}

/// The verdicts on the stored record and on the candidate; none if the expression has no meaning.
fn verdicts(world: &World, conn: &Connection, text: &str) -> Vec<Verdict> {
    let rule = ParsedRule::new(text);
    let plan = world.items();
    let (row, caller) = (world.row(), world.caller());
    let mut verdicts = Vec::new();
    if let Ok(condition) = Condition::of_stored(&world.catalog, &world.request, plan, &rule) {
        let theirs = yields_row(conn, &condition.select_match(RECORD));
        verdicts.push(Verdict { ours: condition.matches(&row, caller.as_deref()), theirs });
    }
    if let Ok(condition) = Condition::of_candidate(&world.catalog, &world.request, plan, &rule) {
        let theirs = yields_row(conn, &condition.select_candidate(world.values.clone()));
        verdicts.push(Verdict { ours: condition.matches(&world.values, caller.as_deref()), theirs });
        verdicts.push(Verdict { ours: condition.matches(&world.values, None), theirs });
    }
    verdicts
}

fn check(world: &World, texts: &[String]) -> Result<(), TestCaseError> {
    let conn = world.database();
    let stored: Vec<SqlValue> = conn
        .query_row(world.items().select_by_id(), [RECORD], |row| {
            (0..world.values.len()).map(|at| Ok(SqlValue::from_column(row.get_ref(at)?).unwrap())).collect()
        })
        .unwrap();
    prop_assert_eq!(world.row(), stored);
    for text in texts {
        for (n, Verdict { ours, theirs }) in verdicts(world, &conn, text).into_iter().enumerate() {
            prop_assert!(ours.is_none_or(|ours| ours == theirs), "{} {:?}, SQLite {}: {}", n, ours, theirs, text);
        }
    }
    Ok(())
}

proptest! {
    /// Whatever it answers is what SQLite answers.
    #[test]
    fn answers_are_those_of_sqlite(world in world(), texts in prop::collection::vec(expression(Tables::Own), 8)) {
        check(&world, &texts)?;
    }

    /// What is unknown is never taken for known.
    #[test]
    fn answers_with_other_tables_are_those_of_sqlite(
        world in world(),
        texts in prop::collection::vec(expression(Tables::Any), 8),
    ) {
        check(&world, &texts)?;
    }
}

/// It does not get by with refusing.
#[test]
fn nearly_all_conditions_on_own_tables_are_answered() {
    let mut runner = TestRunner::deterministic();
    let (mut compiled, mut answered, mut matched) = (0, 0, 0);
    for _ in 0..300 {
        let world = world().new_tree(&mut runner).unwrap().current();
        let conn = world.database();
        for _ in 0..4 {
            let text = expression(Tables::Own).new_tree(&mut runner).unwrap().current();
            // The last is the one without the caller's row.
            for verdict in verdicts(&world, &conn, &text).into_iter().take(2) {
                compiled += 1;
                answered += usize::from(verdict.ours.is_some());
                matched += usize::from(verdict.theirs);
            }
        }
    }
    assert!(compiled > 2200, "{compiled} compiled");
    assert!(answered * 100 > compiled * 97, "{answered} of {compiled} answered");
    assert!(matched * 5 > compiled, "{matched} of {compiled} true");
}
