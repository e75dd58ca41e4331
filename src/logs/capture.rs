//! Stores what the server says: a layer of `tracing` beside the one that prints it.

use std::fmt::{Debug, Write as _};

use serde_json::{Map, Value as Json};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::FilterFn;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::entry::{Entry, Level, MessageEntry};
use super::queue::Queue;
use crate::clock::Clock;
use crate::mail::PRINTED_MAIL;

/// Longest value that is taken, in bytes.
const MAX_VALUE: usize = 8192;

/// A layer that stores this program's own messages from `info` on.
pub fn capture<S: Subscriber + for<'s> LookupSpan<'s>>(queue: Queue, clock: Clock) -> impl Layer<S> {
    let filter = FilterFn::new(is_stored).with_max_level_hint(LevelFilter::INFO);
    Capture { queue, clock }.with_filter(filter)
}

/// Whether a message is stored. Not those of the logs themselves: one that says that nothing can be stored would make the
/// next one.
fn is_stored(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    let is_ours = target == "larder" || target.starts_with("larder::");
    is_ours
        && target != PRINTED_MAIL
        && !target.starts_with("larder::logs")
        && *metadata.level() <= tracing::Level::INFO
}

struct Capture {
    queue: Queue,
    clock: Clock,
}

impl<S: Subscriber> Layer<S> for Capture {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let level = match *event.metadata().level() {
            tracing::Level::ERROR => Level::Error,
            tracing::Level::WARN => Level::Warn,
            _ => Level::Info,
        };
        let mut values = Values::default();
        event.record(&mut values);
        let Values { message, data } = values;
        self.queue.push(Entry::Message(MessageEntry { at_ms: self.clock.unix_millis(), level, message, data }));
    }
}

#[derive(Default)]
struct Values {
    message: String,
    data: Map<String, Json>,
}

impl Values {
    fn add(&mut self, field: &Field, value: Json) {
        match value {
            Json::String(text) if field.name() == "message" => self.message = text,
            value => {
                self.data.insert(field.name().to_owned(), value);
            }
        }
    }
}

impl Visit for Values {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut text = Bounded(String::new());
        // Fails where the text is cut.
        let _ = write!(text, "{value:?}");
        self.add(field, text.0.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value.into());
    }
}

/// A text that takes no more than [`MAX_VALUE`].
struct Bounded(String);

impl std::fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let room = MAX_VALUE.saturating_sub(self.0.len());
        self.0.push_str(&text[..text.floor_char_boundary(room)]);
        if text.len() > room { Err(std::fmt::Error) } else { Ok(()) }
    }
}
