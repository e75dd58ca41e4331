//! Realtime: the wire, who hears what, what a client that was away is told, and clients that mean no good.

mod cascades;
mod collections;
mod hostile;
mod identity;
mod kill;
mod protocol;
mod resume;
mod rules;
mod sets;
mod slow;
pub(crate) mod stream;
mod world;

/// A topic with options as the SDK writes it.
pub(crate) fn with_options(topic: &str, options: &serde_json::Value) -> String {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    format!("{topic}?options={}", utf8_percent_encode(&options.to_string(), NON_ALPHANUMERIC))
}
