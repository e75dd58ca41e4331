//! The conformance cases of the rule and filter language: section 15 of its specification, row by row, and more that the
//! reference server was asked (`extra-*`).
//!
//! `cases/*.md` has the rows, `fixture*.json` what they speak of. Each test starts a server, makes the fixture through the
//! API, runs the rows of one file in order (a row puts back what it changed) and lists every row that failed. Rows compare
//! status, ids, codes and shapes, never messages.
//!
//! Where a row asks a rule, the rule tester is asked as well and must agree.
//!
//! The rows themselves are proven with `REFERENCE_BIN=path/to/reference cargo nextest run --test it conformance::reference
//! --run-ignored only`.

pub(crate) mod fixture;
mod reference;
mod run;
mod subscriptions;
mod table;
mod tester;

use self::fixture::Fixture;
use self::run::Stage;
use crate::server::TestServer;

pub(crate) const FIXTURE: &str = include_str!("fixture.json");
const EXTRA_FIXTURE: &str = include_str!("fixture-extra.json");

/// The rows of one file.
struct Group {
    name: &'static str,
    rows: &'static str,
    /// Numbers are this letter and 1 to `last`.
    letter: char,
    last: usize,
}

macro_rules! groups {
    ($($file:literal $letter:literal $last:literal,)*) => {
        &[$(Group {
            name: $file,
            rows: include_str!(concat!("cases/", $file, ".md")),
            letter: $letter,
            last: $last,
        },)*]
    };
}

/// Section 15.
const SPECIFIED: &[Group] = groups![
    "filters" 'A' 106,
    "list-rules" 'B' 45,
    "create-rules" 'C' 43,
    "update-rules" 'D' 25,
    "statuses" 'E' 18,
    "sorts" 'F' 17,
    "expands" 'G' 17,
    "auth-writes" 'H' 23,
    "realtime" 'J' 15,
    "picks" 'K' 13,
];

/// What section 15 leaves open; these have a few more collections.
const EXTRA: &[Group] = groups![
    "extra-joins" 'L' 82,
    "extra-values" 'M' 163,
    "extra-reach" 'N' 167,
    "extra-submitted" 'P' 111,
    "extra-changes" 'Q' 64,
    "extra-actions" 'R' 87,
    "extra-output" 'S' 63,
    "extra-auth" 'T' 42,
    "extra-saving" 'U' 58,
];

/// Rows in which Larder is meant to answer otherwise.
const DIFFERENCES: &str = include_str!("cases/differences.md");

/// Rows that wait for uploads.
const UPLOADS: &[&str] = &["P41", "P42", "P43", "P44", "P108", "P109", "P110", "P111", "Q23"];

/// The rows of a group as they hold for Larder.
fn cases_for_larder(group: &Group) -> Vec<table::Case> {
    let mut differences = table::parse(DIFFERENCES);
    let mut cases = table::parse(group.rows);
    cases.retain(|case| !UPLOADS.contains(&case.number.as_str()));
    for case in &mut cases {
        if let Some(at) = differences.iter().position(|other| other.number == case.number) {
            *case = differences.swap_remove(at);
        }
    }
    cases
}

fn fixture(group: &Group) -> Fixture {
    if group.name.starts_with("extra-") { Fixture::read(&[FIXTURE, EXTRA_FIXTURE]) } else { Fixture::read(&[FIXTURE]) }
}

async fn holds(name: &str) {
    let group = SPECIFIED.iter().chain(EXTRA).find(|group| group.name == name).unwrap();
    let cases = cases_for_larder(group);
    let server = TestServer::start();
    let mut stage = Stage::set(server.superuser().await, server.guest(), fixture(group)).await;
    stage.tests = Some(0);
    let failures = stage.run(&cases).await;
    assert!(!name.ends_with("-rules") || name == "list-rules" || stage.tests > Some(20), "{:?}", stage.tests);
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
    realtime: "realtime",
    picks: "picks",
    extra_joins: "extra-joins",
    extra_values: "extra-values",
    extra_reach: "extra-reach",
    extra_submitted: "extra-submitted",
    extra_changes: "extra-changes",
    extra_actions: "extra-actions",
    extra_output: "extra-output",
    extra_auth: "extra-auth",
    extra_saving: "extra-saving",
}

/// The numbers are all there, in order; a row of several expressions is `A106a`, `A106b`, ...
#[test]
fn no_case_is_left_out() {
    for group in SPECIFIED.iter().chain(EXTRA) {
        let cases = table::parse(group.rows);
        let mut numbers: Vec<&str> = cases.iter().map(|c| c.number.trim_end_matches(char::is_lowercase)).collect();
        numbers.dedup();
        let all: Vec<String> = (1..=group.last).map(|n| format!("{}{n:02}", group.letter)).collect();
        assert_eq!(numbers, all, "{}", group.name);
    }
}

#[tokio::test]
#[ignore = "needs the reference server: REFERENCE_BIN"]
async fn reference() {
    let binary = std::env::var("REFERENCE_BIN").unwrap();
    let mut failures = Vec::new();
    for groups in [SPECIFIED, EXTRA] {
        let server = reference::Reference::start(&binary).await;
        let mut stage = Stage::set(server.superuser().await, server.guest(), fixture(&groups[0])).await;
        for group in groups {
            failures.extend(stage.run(&table::parse(group.rows)).await);
        }
    }
    assert!(failures.is_empty(), "{} cases fail:\n{}", failures.len(), failures.join("\n"));
}
