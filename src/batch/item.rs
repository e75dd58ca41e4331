//! One request of a batch, and what it is about.

use std::sync::Arc;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value as Json};

use crate::files::Uploads;
use crate::query::{Context, RequestHead, RequestInfo, header_name};
use crate::schema::cast;

/// Before the collection in every path.
const PREFIX: &str = "/api/collections/";

/// One request of a batch, with all that rules may ask about it.
#[derive(Debug, Clone, Default)]
pub struct BatchItem {
    /// As sent, upper case. What happens in effect (`POST` or `PATCH` for an upsert) shows when it runs.
    pub method: String,
    /// Path of its URL, as sent.
    pub path: String,
    /// Parameters of its URL, decoded; of repeated ones the first counts. The outer request's do not count.
    pub query: Vec<(String, String)>,
    /// Its own headers, which override the outer request's; without `Authorization`.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Map<String, Json>,
    /// Files that came with it, named in the body.
    pub uploads: Uploads,
    /// What it is about; `None` fails when its turn comes.
    pub target: Option<Target>,
}

/// What an item does, to which collection (id or name) and record.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Target {
    Create {
        collection: String,
    },
    /// Updates the record whose id the body has, if there is one, and creates it otherwise.
    Upsert {
        collection: String,
    },
    Update {
        collection: String,
        id: String,
    },
    Delete {
        collection: String,
        id: String,
    },
}

impl Target {
    /// What a method does to a path; `None` if a batch cannot do it.
    pub fn parse(method: &str, path: &str) -> Option<Self> {
        let mut segments = path.strip_prefix(PREFIX)?.split('/');
        let collection = decode(segments.next()?)?;
        if segments.next() != Some("records") {
            return None;
        }
        match (method, segments.next(), segments.next()) {
            ("POST", None, _) => Some(Self::Create { collection }),
            ("PUT", None, _) => Some(Self::Upsert { collection }),
            ("PATCH", Some(id), None) => Some(Self::Update { collection, id: decode(id)? }),
            ("DELETE", Some(id), None) => Some(Self::Delete { collection, id: decode(id)? }),
            _ => None,
        }
    }

    /// The collection's id or name.
    pub fn collection(&self) -> &str {
        match self {
            Self::Create { collection }
            | Self::Upsert { collection }
            | Self::Update { collection, .. }
            | Self::Delete { collection, .. } => collection,
        }
    }
}

impl BatchItem {
    /// The id the body gives; empty if none.
    pub(super) fn body_id(&self) -> String {
        self.body.get("id").map(cast::text).unwrap_or_default()
    }

    /// The first value of a query parameter; empty if absent.
    pub fn parameter(&self, name: &str) -> &str {
        self.query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// What rules see when the item runs as this method: the outer request's caller, and its headers where the item has
    /// none of its own.
    pub(super) fn info(&self, outer: &RequestInfo, method: &str) -> RequestInfo {
        let own = self.headers.iter().map(|(name, value)| (header_name(name), value.clone()));
        let mut headers: Vec<(String, String)> = own.collect();
        let is_overridden = |name: &str| headers.iter().any(|(own, _)| own == name);
        let inherited: Vec<_> = outer.head.headers.iter().filter(|(name, _)| !is_overridden(name)).cloned().collect();
        headers.extend(inherited);
        let head = RequestHead { method: method.to_owned(), query: self.query.clone(), headers };
        RequestInfo { head: Arc::new(head), context: Context::Batch, body: Map::new(), ..outer.clone() }
    }
}

/// A decoded path segment; `None` if it is empty or no UTF-8.
fn decode(segment: &str) -> Option<String> {
    let text = percent_decode_str(segment).decode_utf8().ok()?;
    (!text.is_empty()).then(|| text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets() {
        let (collection, id) = ("posts".to_owned(), "abc".to_owned());
        for (method, path, want) in [
            ("POST", "/api/collections/posts/records", Some(Target::Create { collection: collection.clone() })),
            ("PUT", "/api/collections/p%6Fsts/records", Some(Target::Upsert { collection: collection.clone() })),
            (
                "PATCH",
                "/api/collections/posts/records/abc",
                Some(Target::Update { collection: collection.clone(), id: id.clone() }),
            ),
            ("DELETE", "/api/collections/posts/records/a%62c", Some(Target::Delete { collection, id })),
            ("GET", "/api/collections/posts/records", None),
            ("post", "/api/collections/posts/records", None),
            ("POST", "/api/collections/posts/records/", None),
            ("POST", "/api/collections/posts/records/abc", None),
            ("PUT", "/api/collections/posts/records/abc", None),
            ("PATCH", "/api/collections/posts/records", None),
            ("PATCH", "/api/collections/posts/records/", None),
            ("PATCH", "/api/collections/posts/records/a/b", None),
            ("DELETE", "/api/collections/posts/truncate", None),
            ("POST", "/api/collections//records", None),
            ("POST", "/api/collections/%ff/records", None),
            ("POST", "//api/collections/posts/records", None),
            ("POST", "/API/collections/posts/records", None),
            ("POST", "/api/collections/users/auth-with-password", None),
            ("POST", "http://x/api/collections/posts/records", None),
            ("POST", "/api/health", None),
            ("POST", "", None),
        ] {
            assert_eq!(Target::parse(method, path), want, "{method} {path}");
        }
    }

    #[test]
    fn own_headers_override() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let item = BatchItem { headers: vec![pair("X-A", "own"), pair("x-c", "own")], ..BatchItem::default() };
        let head = RequestHead { headers: vec![pair("x_a", "outer"), pair("x_b", "outer")], ..RequestHead::default() };
        let outer = RequestInfo { head: Arc::new(head), ..RequestInfo::default() };
        let got = item.info(&outer, "POST");
        assert_eq!(got.head.headers, [pair("x_a", "own"), pair("x_c", "own"), pair("x_b", "outer")]);
        assert_eq!((got.head.method.as_str(), got.context), ("POST", Context::Batch));
    }

    proptest::proptest! {
        #[test]
        fn parsing_never_panics(path in "(/api/collections/)?[/a-z%0-9é?#]{0,30}") {
            let _ = Target::parse("PATCH", &path);
        }
    }
}
