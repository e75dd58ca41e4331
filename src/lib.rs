//! Larder: a self-hosted backend in one binary.
//!
//! Four rings of modules, each using only its own ring and those further in (`ARCHITECTURE.md` has the table, and
//! `tests/architecture.rs` holds the code to it): base (`db`, `filter`, `mail`, `clock`, `config`, `networks`, `validation`,
//! `http_client`, `storage`, `fulltext`), language (`schema`, `query`, `fields_picker`), domain (`oauth2`, `collections`, `identity`, `settings`, `limits`, `records`, `search`, `batch`,
//! `auth`, `console`, `realtime`, `logs`), edges (`api`, `app`, `cli`).

pub mod api;
pub mod app;
pub mod auth;
pub mod batch;
pub mod cli;
pub mod clock;
pub mod collections;
pub mod config;
pub mod console;
pub mod db;
pub mod disk;
pub mod fields_picker;
pub mod files;
pub mod filter;
pub mod fulltext;
pub mod http_client;
pub mod identity;
pub mod images;
pub mod limits;
pub mod logs;
pub mod mail;
pub mod networks;
pub mod oauth2;
pub mod query;
pub mod realtime;
pub mod records;
pub mod schema;
pub mod search;
pub mod settings;
pub mod storage;
pub mod validation;
