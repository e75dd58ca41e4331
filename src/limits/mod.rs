//! How many requests a client may make (reference part 3, section 17), and where superusers may come from: what follows
//! from the settings, worked out once, and the counters. And how often somebody may guess at a secret.
//!
//! `api` asks before it runs a request. Nothing here knows HTTP libraries or the store: who is asking and for which
//! collection is found out there.

mod counters;
mod policy;
mod routes;
mod rules;
mod table;
mod throttle;
mod verdicts;

pub use counters::Client;
pub use policy::{Limits, Policy, TooManyRequests};
pub use routes::{CollectionPath, Route};
pub use rules::{Audience, Target, TargetCollection};
pub use throttle::{Attempt, Resend, Source, Throttle, TooManyAttempts};
pub use verdicts::{TokenHash, Verdict, Verdicts};
