//! The conformance cases of the rule and filter language: section 15 of its specification, row by row, and more that the
//! reference server was asked.
//!
//! `cases/*.md` has the rows, `fixture.json` what they speak of. Each test starts a server, makes the fixture through the
//! API, runs the rows of one file in order (a row puts back what it changed) and lists every row that failed. Rows compare
//! status, ids, codes and shapes, never messages.
//!
//! The rows themselves are proven with `REFERENCE_BIN=path/to/reference cargo nextest run --test it conformance::reference
//! --run-ignored only`.

mod fixture;
mod reference;
mod run;
mod table;

use self::fixture::Fixture;
use self::run::Stage;
use crate::server::TestServer;

const FIXTURE: &str = include_str!("fixture.json");

/// Name, rows, and the numbers the specification gives them: a letter and the last of its numbers.
const FILES: &[(&str, &str, char, usize)] = &[
    ("filters", include_str!("cases/filters.md"), 'A', 106),
    ("list-rules", include_str!("cases/list-rules.md"), 'B', 45),
    ("create-rules", include_str!("cases/create-rules.md"), 'C', 43),
    ("update-rules", include_str!("cases/update-rules.md"), 'D', 25),
    ("statuses", include_str!("cases/statuses.md"), 'E', 18),
    ("sorts", include_str!("cases/sorts.md"), 'F', 17),
    ("expands", include_str!("cases/expands.md"), 'G', 17),
    ("auth-writes", include_str!("cases/auth-writes.md"), 'H', 23),
    ("picks", include_str!("cases/picks.md"), 'K', 13),
];

/// Rows that wait for the realtime API.
const REALTIME: (&str, &str, char, usize) = ("realtime", include_str!("cases/realtime.md"), 'J', 15);

fn rows(name: &str) -> &'static str {
    FILES.iter().find(|(n, ..)| *n == name).unwrap().1
}

async fn holds(name: &str) {
    let cases = table::parse(rows(name));
    let server = TestServer::start();
    let mut stage = Stage::set(server.superuser().await, server.guest(), Fixture::read(&[FIXTURE])).await;
    let failures = stage.run(&cases).await;
    assert!(
        failures.is_empty(),
        "{} of {} cases of {name} fail:\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
}

macro_rules! tests {
    ($($test:ident: $file:literal,)*) => {
        $(#[tokio::test]
        async fn $test() {
            holds($file).await;
        })*
    };
}

tests! {
    filters: "filters",
    list_rules: "list-rules",
    create_rules: "create-rules",
    update_rules: "update-rules",
    statuses: "statuses",
    sorts: "sorts",
    expands: "expands",
    auth_writes: "auth-writes",
    picks: "picks",
}

/// The specification's numbers are all there, in order; a row of several expressions is `A106a`, `A106b`, ...
#[test]
fn no_case_is_left_out() {
    for (name, file, letter, last) in FILES.iter().chain([&REALTIME]) {
        let cases = table::parse(file);
        let mut numbers: Vec<&str> = cases.iter().map(|c| c.number.trim_end_matches(char::is_lowercase)).collect();
        numbers.dedup();
        let all: Vec<String> = (1..=*last).map(|n| format!("{letter}{n:02}")).collect();
        assert_eq!(numbers, all, "{name}");
    }
}

#[tokio::test]
#[ignore = "needs the reference server: REFERENCE_BIN"]
async fn reference() {
    let server = reference::Reference::start(&std::env::var("REFERENCE_BIN").unwrap()).await;
    let mut stage = Stage::set(server.superuser().await, server.guest(), Fixture::read(&[FIXTURE])).await;
    let mut failures = Vec::new();
    for (_, file, ..) in FILES {
        failures.extend(stage.run(&table::parse(file)).await);
    }
    assert!(failures.is_empty(), "{} cases fail:\n{}", failures.len(), failures.join("\n"));
}
