//! HTTP tests: each starts a real server on port 0 in a temporary folder.

#![expect(clippy::unwrap_used, reason = "tests may")]

mod access;
mod addresses;
mod auth;
mod auth_hostile;
mod auth_work;
mod batch;
mod collections;
mod conformance;
mod crash;
mod cursor;
mod factors;
mod fake_http;
mod fake_provider;
mod feed;
mod files;
mod filters;
mod flows;
mod guessing;
mod guide;
mod hostile;
mod http;
mod http_client;
mod https;
mod import;
mod limits;
mod mail;
mod oauth2_id_tokens;
mod oauth2_picture;
mod oauth2_providers;
mod oauth2_sign_in;
mod principals;
mod realtime;
mod records;
mod rule_tester;
mod s3_front;
mod s3_server;
mod search;
mod server;
mod settings;
mod settings_s3;
mod smtp;
mod startup;
mod storage_faults;
mod storage_s3;
