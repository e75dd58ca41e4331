//! Larder: a self-hosted backend in one binary.
//!
//! Four rings of modules, each using only its own ring and those further in (`ARCHITECTURE.md` has the table, and
//! `tests/architecture.rs` holds the code to it): base (`db`, `clock`, `validation`, …), language (`schema`, `query`),
//! domain (`collections`, `records`, `auth`, …), edges (`api`, `app`, `cli`).

pub mod clock;
pub mod collections;
pub mod db;
pub mod query;
pub mod schema;
pub mod validation;
