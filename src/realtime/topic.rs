//! What a client subscribes to: `posts/*`, `posts/RECORD_ID`, either with options (reference part 3, section 11.3).

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::fields_picker::Picker;
use crate::query::{ParsedRule, RequestHead};
use crate::schema::cast;

/// The topic that waits for an OAuth2 code.
pub(super) const OAUTH2_TOPIC: &str = "@oauth2";

/// Memory a topic takes beside its text, in bytes, roughly.
const OVERHEAD: usize = 600;

/// A topic, read.
#[derive(Debug)]
pub(super) struct Topic {
    /// As subscribed, byte for byte: the name of its events.
    pub(super) text: Arc<str>,
    /// What it is about; nothing if no record can be.
    pub(super) subject: Option<Subject>,
    /// What rules see of the subscription.
    pub(super) head: Arc<RequestHead>,
    /// The subscriber's own condition.
    pub(super) filter: Option<ParsedRule>,
    /// The `expand` option.
    pub(super) expand: String,
    /// The `fields` option, if it is usable.
    pub(super) fields: Option<Picker>,
}

/// The records a topic is about.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Subject {
    /// Id or name of a collection.
    pub(super) collection: String,
    /// One record; all if none.
    pub(super) record: Option<String>,
}

impl Topic {
    /// Reads a topic. Every text is one: what means nothing is never heard of.
    pub(super) fn parse(text: &str) -> Self {
        let (path, options) = match text.split_once('?') {
            Some((path, query)) => (path, parse_options(query)),
            None => (text, Options::default()),
        };
        let option = |name: &str| {
            let found = options.query.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.as_str()).unwrap_or_default()
        };
        Self {
            subject: Subject::parse(path),
            filter: Some(option("filter")).filter(|filter| !filter.is_empty()).map(ParsedRule::new),
            expand: option("expand").to_owned(),
            fields: Some(option("fields"))
                .filter(|fields| !fields.is_empty())
                .and_then(|fields| Picker::parse(fields).ok()),
            head: Arc::new(RequestHead { method: "GET".to_owned(), query: options.query, headers: options.headers }),
            text: text.into(),
        }
    }

    /// Memory it takes, in bytes, roughly.
    pub(super) fn weight(text: &str) -> usize {
        // The text, what is read from it, and room to spare.
        OVERHEAD + 4 * text.len()
    }
}

impl Subject {
    fn parse(path: &str) -> Option<Self> {
        if path.starts_with('@') {
            return None;
        }
        let (collection, record) = match path.split_once('/') {
            None | Some((_, "*")) => (path.strip_suffix("/*").unwrap_or(path), None),
            Some((collection, record)) => (collection, Some(record.to_owned())),
        };
        (!collection.is_empty()).then(|| Self { collection: collection.to_owned(), record })
    }
}

/// What rules see of a subscription.
#[derive(Debug, Default, PartialEq, Eq)]
struct Options {
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
}

/// Reads the part after the question mark. Options that cannot be read are none.
fn parse_options(query: &str) -> Options {
    let encoded = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "options").map(|(_, value)| value);
    let read = |text: &str| serde_json::from_str::<Json>(text).ok();
    let options = encoded.and_then(|text| read(&text));
    // Not encoded at all, with what an encoded one could not hold.
    let options = options.or_else(|| read(query.strip_prefix("options=")?));
    let Some(Json::Object(options)) = options else { return Options::default() };
    let pairs = |key: &str, name: fn(&str) -> String| match options.get(key) {
        Some(Json::Object(pairs)) => text_pairs(pairs, name),
        _ => Vec::new(),
    };
    Options { query: pairs("query", str::to_owned), headers: pairs("headers", snake_case) }
}

fn text_pairs(pairs: &Map<String, Json>, name: fn(&str) -> String) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| (name(key), text_of(value))).collect()
}

/// A value as text; lists and objects have none.
fn text_of(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Bool(flag) => flag.to_string(),
        Json::Number(number) => number.as_f64().map_or_else(String::new, cast::text_of_number),
        Json::Null | Json::Array(_) | Json::Object(_) => String::new(),
    }
}

/// A header's name as rules know it: words in lower case with `_` between them; `camelCase` is taken apart.
fn snake_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut is_lower = false;
    for c in name.chars() {
        let is_word = c.is_alphanumeric();
        if (!is_word || (c.is_uppercase() && is_lower)) && !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
        if is_word {
            out.extend(c.to_lowercase());
        }
        is_lower = c.is_lowercase() || c.is_numeric();
    }
    out.truncate(out.trim_end_matches('_').len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(text: &str) -> Option<(String, Option<String>)> {
        Topic::parse(text).subject.map(|s| (s.collection, s.record))
    }

    #[test]
    fn topics_name_records() {
        let all = |c: &str| Some((c.to_owned(), None));
        let one = |c: &str, r: &str| Some((c.to_owned(), Some(r.to_owned())));
        for (text, want) in [
            ("posts/*", all("posts")),
            ("posts", all("posts")),
            ("posts/abc", one("posts", "abc")),
            ("posts/*?options=%7B%7D", all("posts")),
            ("posts?x", all("posts")),
            ("posts/a/b", one("posts", "a/b")),
            ("posts/", one("posts", "")),
            ("/abc", None),
            ("", None),
            ("?", None),
            ("*", all("*")),
            ("@oauth2", None),
            ("@oauth2/*", None),
        ] {
            assert_eq!(subject(text), want, "{text}");
        }
    }

    #[test]
    fn options_are_request_data() {
        let json = r#"{"query":{"filter":"a = 'x&y'","n":1.5,"flag":true,"none":null,"list":[1]},"headers":{"X-Token":"q","xKey":"z"}}"#;
        let encoded: String = form_urlencoded::byte_serialize(json.as_bytes()).collect();
        for text in [format!("posts/*?options={json}"), format!("posts/*?options={encoded}")] {
            let topic = Topic::parse(&text);
            assert_eq!(&*topic.text, text);
            assert_eq!(topic.filter.as_ref().unwrap().text, "a = 'x&y'");
            let mut query = topic.head.query.clone();
            query.sort();
            let pairs = [("filter", "a = 'x&y'"), ("flag", "true"), ("list", ""), ("n", "1.5"), ("none", "")];
            assert_eq!(query, pairs.map(|(k, v)| (k.to_owned(), v.to_owned())));
            let headers = [("x_token", "q"), ("x_key", "z")].map(|(k, v)| (k.to_owned(), v.to_owned()));
            assert!(headers.iter().all(|pair| topic.head.headers.contains(pair)), "{:?}", topic.head.headers);
        }
    }

    #[test]
    fn headers_are_words() {
        for name in ["X-Q", "x q", "x.q", "x--q", "-x-q-", "xQ", "X_Q"] {
            assert_eq!(snake_case(name), "x_q", "{name}");
        }
        assert_eq!(snake_case("X-Token2Value"), "x_token2_value");
    }

    #[test]
    fn unreadable_options_are_none() {
        let deep = format!("posts/*?options={}", "[".repeat(2400));
        for text in ["posts/*?options=", "posts/*?options={", "posts/*?options=[1]", "posts/*?x={}", &deep] {
            let topic = Topic::parse(text);
            assert_eq!(topic.head.query, [], "{text}");
            assert!(topic.filter.is_none() && topic.expand.is_empty() && topic.fields.is_none());
            assert_eq!(topic.subject.unwrap().collection, "posts");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_topic(text in "\\PC{0,80}", tail in "[?=&%{}\":a-z/*@]{0,60}") {
            let text = format!("{text}{tail}");
            let topic = Topic::parse(&text);
            proptest::prop_assert_eq!(&*topic.text, text);
        }
    }
}
