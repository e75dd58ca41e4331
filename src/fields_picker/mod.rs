//! The `fields` query parameter: which keys of an answer the client wants (reference part 2, section 10).
//!
//! Pure functions on JSON. An answer whose `fields` do not parse is sent with an empty body, which is for the caller to
//! do.

mod entities;
mod excerpt;

pub use excerpt::plain_text;

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use crate::schema::json_text;

/// Longest accepted parameter, in bytes.
pub const MAX_FIELDS_BYTES: usize = 20_000;

/// Most paths in one parameter.
pub const MAX_FIELDS: usize = 500;

/// Most segments of one path.
pub const MAX_FIELD_DEPTH: usize = 32;

/// Why a parameter is no list of paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PickerError {
    /// Brackets are not closed, or a colon is followed by no modifier we know.
    #[error("invalid fields modifier")]
    Modifier,
    /// Too long, too many or too deep.
    #[error("too many fields")]
    TooMany,
}

/// A parsed `fields` parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picker {
    /// `None` = everything stays.
    root: Option<Node>,
}

/// What is wanted below one key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Node {
    /// The key itself was named: it stays whole.
    leaf: Option<Modifier>,
    /// `*`: all keys that have no node of their own.
    rest: Option<Modifier>,
    children: BTreeMap<String, Node>,
}

/// What happens to a picked value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Modifier {
    None,
    Excerpt { max_chars: usize, with_ellipsis: bool },
}

impl Picker {
    /// Parses the parameter; an empty one keeps everything.
    ///
    /// # Errors
    /// See [`PickerError`].
    pub fn parse(fields: &str) -> Result<Self, PickerError> {
        if fields.len() > MAX_FIELDS_BYTES {
            return Err(PickerError::TooMany);
        }
        let mut root = Node::default();
        let mut count = 0;
        for item in split_outside_brackets(fields)? {
            let item = item.trim();
            if item.is_empty() {
                continue;
            }
            count += 1;
            let (path, modifier) = match item.split_once(':') {
                Some((path, modifier)) => (path, Modifier::parse(modifier)?),
                None => (item, Modifier::None),
            };
            let path = path.strip_suffix('.').unwrap_or(path);
            if count > MAX_FIELDS || path.split('.').count() > MAX_FIELD_DEPTH {
                return Err(PickerError::TooMany);
            }
            root.insert(path, modifier);
        }
        Ok(Self { root: (count > 0).then_some(root) })
    }

    /// The wanted part of an answer, as JSON text.
    ///
    /// # Errors
    /// If the answer is no JSON.
    pub fn pick(&self, answer: &[u8]) -> serde_json::Result<Vec<u8>> {
        let mut out = Vec::with_capacity(answer.len());
        json_text::write_value(&mut out, &self.apply(&serde_json::from_slice(answer)?));
        Ok(out)
    }

    /// The wanted part of an answer: of an object, of each object of an array, or of each of the `items` of a page.
    pub fn apply(&self, answer: &Json) -> Json {
        match (&self.root, answer) {
            (None, _) => answer.clone(),
            (Some(root), Json::Object(page)) if is_page(page) => {
                let entry = |(key, value): (&String, &Json)| {
                    let value = if key == "items" { root.pick(value) } else { value.clone() };
                    (key.clone(), value)
                };
                Json::Object(page.iter().map(entry).collect())
            }
            (Some(root), _) => root.pick(answer),
        }
    }
}

/// Whether an answer is a page of a list. A record never is: it has a `collectionId`.
fn is_page(answer: &Map<String, Json>) -> bool {
    const KEYS: [&str; 5] = ["items", "page", "perPage", "totalItems", "totalPages"];
    KEYS.iter().all(|key| answer.contains_key(*key))
        && answer["items"].is_array()
        && !answer.contains_key("collectionId")
}

/// What a node says about a key.
enum Wanted<'a> {
    Nothing,
    Value(Modifier),
    Part(&'a Node),
}

impl Node {
    fn insert(&mut self, path: &str, modifier: Modifier) {
        if path == "*" {
            self.rest = Some(modifier);
            return;
        }
        // Only a last `*` is special: elsewhere it is an ordinary segment that no key equals.
        let (parent, wants_rest) = match path.strip_suffix(".*") {
            Some(parent) => (parent, true),
            None => (path, false),
        };
        let node = parent.split('.').fold(self, |node, segment| node.children.entry(segment.to_owned()).or_default());
        let slot = if wants_rest { &mut node.rest } else { &mut node.leaf };
        *slot = Some(modifier);
    }

    fn find(&self, key: &str) -> Wanted<'_> {
        if let Some(child) = self.children.get(key) {
            return child.leaf.map_or(Wanted::Part(child), Wanted::Value);
        }
        // A key with dots (of a json field) may be named as it is.
        if key.contains('.') {
            let named = key.split('.').try_fold(self, |node, segment| node.children.get(segment));
            if let Some(modifier) = named.and_then(|node| node.leaf) {
                return Wanted::Value(modifier);
            }
        }
        self.rest.map_or(Wanted::Nothing, Wanted::Value)
    }

    /// Objects lose keys, arrays are gone through, and anything else stays: it has no keys to choose from.
    fn pick(&self, value: &Json) -> Json {
        match value {
            Json::Array(items) => items.iter().map(|item| self.pick(item)).collect(),
            Json::Object(members) => Json::Object(self.pick_members(members)),
            other => other.clone(),
        }
    }

    fn pick_members(&self, members: &Map<String, Json>) -> Map<String, Json> {
        let picked = members.iter().filter_map(|(key, value)| {
            let value = match self.find(key) {
                Wanted::Nothing => return None,
                Wanted::Value(modifier) => modifier.apply(value),
                Wanted::Part(node) => node.pick(value),
            };
            Some((key.clone(), value))
        });
        picked.collect()
    }
}

impl Modifier {
    /// Parses what follows a path's colon: `excerpt(max[, withEllipsis])`.
    fn parse(text: &str) -> Result<Self, PickerError> {
        let arguments =
            text.strip_prefix("excerpt(").filter(|rest| rest.ends_with(')')).ok_or(PickerError::Modifier)?;
        // One bracket too many does no harm, as in the reference.
        let arguments = arguments.trim_end_matches(')');
        if arguments.contains([')', '(']) {
            return Err(PickerError::Modifier);
        }
        let (max, flag) = arguments.split_once(',').unwrap_or((arguments, ""));
        if flag.contains(',') {
            return Err(PickerError::Modifier);
        }
        // An empty argument is as good as none. Decimals are cut off.
        let (max, flag) = match (max.trim(), flag.trim()) {
            ("", flag) => (flag, ""),
            arguments => arguments,
        };
        let whole = max.split_once('.').map_or(max, |(whole, _)| whole);
        let max_chars = whole.parse::<u32>().map_err(|_| PickerError::Modifier)?;
        if max_chars == 0 {
            return Err(PickerError::Modifier);
        }
        let with_ellipsis = crate::schema::cast::boolean_of_text(flag);
        Ok(Self::Excerpt { max_chars: usize::try_from(max_chars).unwrap_or(usize::MAX), with_ellipsis })
    }

    fn apply(self, value: &Json) -> Json {
        match (self, value) {
            (Self::Excerpt { max_chars, with_ellipsis }, Json::String(text)) => {
                excerpt::excerpt(text, max_chars, with_ellipsis).into()
            }
            _ => value.clone(),
        }
    }
}

/// Splits at commas that are not inside brackets.
fn split_outside_brackets(text: &str) -> Result<Vec<&str>, PickerError> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0u32, 0);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    if depth > 0 {
        return Err(PickerError::Modifier);
    }
    parts.push(&text[start..]);
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn record() -> Json {
        json!({
            "id": "i1",
            "t": "Hello world text",
            "m": ["abcdef"],
            "spot": {"lon": 10, "lat": 20},
            "j": {
                "a": {"b": 1, "c": [{"x": 1, "y": 2}, {"x": 3}]},
                "a.b": 7,
                "s": "<b>hello</b> world",
                "n": null,
                "arr": ["<i>abc</i>", "d"],
                "mixed": [{"x": 1, "y": 2}, 5, [{"x": 9, "z": 1}]],
            },
            "expand": {"owner": {"id": "ann", "name": "Ann"}, "clubs": [{"name": "Oak", "tier": 1}, {"name": "Elm"}]},
        })
    }

    /// Answers of the reference, but for `mixed`, where it gives up.
    #[test]
    fn picked_parts() {
        let record = record();
        let only = |key: &str| json!({key: record[key]});
        let part = |key: &str, with: Json| {
            let mut all = record.clone();
            all[key] = with;
            all
        };
        for (fields, want) in [
            ("", record.clone()),
            (" , ", record.clone()),
            ("*", record.clone()),
            ("id,nope", only("id")),
            ("nope", json!({})),
            ("ID", json!({})),
            (" id ,, id ", only("id")),
            ("j", only("j")),
            ("j.*", only("j")),
            ("j.", only("j")),
            ("j.a.b", json!({"j": {"a": {"b": 1}, "a.b": 7}})),
            ("j,j.a.b", only("j")),
            ("j.a.b,j", only("j")),
            ("j.a.c.x", json!({"j": {"a": {"c": [{"x": 1}, {"x": 3}]}}})),
            ("j.a.c.z", json!({"j": {"a": {"c": [{}, {}]}}})),
            ("j.mixed.x", json!({"j": {"mixed": [{"x": 1}, 5, [{"x": 9}]]}})),
            ("j.*.b", json!({"j": {}})),
            ("j..a", json!({"j": {}})),
            (".t", json!({})),
            ("t.x", only("t")),
            ("m.0", only("m")),
            ("*.x", json!({})),
            ("t)", json!({})),
            ("a(b,c)", json!({})),
            ("*,j.a.c", part("j", json!({"a": {"c": [{"x": 1, "y": 2}, {"x": 3}]}}))),
            (
                "j.*,j.a.c",
                json!({"j": {
                    "a": {"c": [{"x": 1, "y": 2}, {"x": 3}]}, "a.b": 7, "s": "<b>hello</b> world", "n": null,
                    "arr": ["<i>abc</i>", "d"], "mixed": [{"x": 1, "y": 2}, 5, [{"x": 9, "z": 1}]],
                }}),
            ),
            ("spot.lon", json!({"spot": {"lon": 10}})),
            (
                "id,expand.owner.name,expand.clubs.name",
                json!({
                    "id": "i1", "expand": {"owner": {"name": "Ann"}, "clubs": [{"name": "Oak"}, {"name": "Elm"}]},
                }),
            ),
            ("expand.*.name", json!({"expand": {}})),
            ("t:excerpt(5,true)", json!({"t": "Hello..."})),
            ("t:excerpt( 5 , 1 )", json!({"t": "Hello..."})),
            ("t:excerpt(5,yes)", json!({"t": "Hello"})),
            ("t:excerpt(5,)", json!({"t": "Hello"})),
            ("t:excerpt(,5)", json!({"t": "Hello"})),
            ("t:excerpt(5))", json!({"t": "Hello"})),
            ("t:excerpt(5)),id", json!({"id": "i1", "t": "Hello"})),
            ("t:excerpt(1.5)", json!({"t": "H"})),
            ("t:excerpt(99,true)", only("t")),
            ("t,t:excerpt(2)", json!({"t": "He"})),
            ("t:excerpt(2),t", only("t")),
            ("j.s:excerpt(3)", json!({"j": {"s": "hel"}})),
            ("m:excerpt(2)", only("m")),
            ("j.arr:excerpt(2)", json!({"j": {"arr": ["<i>abc</i>", "d"]}})),
            ("spot.*:excerpt(2)", only("spot")),
        ] {
            assert_eq!(Picker::parse(fields).unwrap().apply(&record), want, "{fields}");
        }
    }

    #[test]
    fn invalid_parameters() {
        for fields in [
            "t:",
            "t:each",
            "t:nope(1)",
            "t:excerpt",
            "t:excerpt()",
            "t:excerpt(0)",
            "t:excerpt(-1)",
            "t:excerpt(x)",
            "t:excerpt(5",
            "t:excerpt())",
            "t:excerpt(5)x)",
            "t:excerpt5)",
            "t:excerpt(5,1,1)",
            "t:excerpt(99999999999999999999)",
            "(",
            "t:(",
            "t:EXCERPT(2)",
            "t:excerpt(2):excerpt(3)",
            "id,t:excerpt(2)x",
        ] {
            assert_eq!(Picker::parse(fields), Err(PickerError::Modifier), "{fields}");
        }
        for fields in ["a,".repeat(501), "a.".repeat(33) + "b", "a".repeat(20_001)] {
            assert_eq!(Picker::parse(&fields), Err(PickerError::TooMany));
        }
    }

    #[test]
    fn lists_keep_their_envelope() {
        let page = |items: Json| json!({"page": 1, "perPage": 30, "totalItems": 1, "totalPages": 1, "items": items});
        for (fields, items) in [("id", json!([{"id": "i1"}])), ("page,items", json!([{}])), ("*", json!([record()]))] {
            assert_eq!(Picker::parse(fields).unwrap().apply(&page(json!([record()]))), page(items), "{fields}");
        }
        let plain = json!([{"id": 1, "x": 2}, {"id": 3}]);
        assert_eq!(Picker::parse("id").unwrap().apply(&plain), json!([{"id": 1}, {"id": 3}]));
        let record =
            json!({"collectionId": "c", "page": 1, "perPage": 2, "totalItems": 3, "totalPages": 4, "items": []});
        assert_eq!(Picker::parse("page").unwrap().apply(&record), json!({"page": 1}));
    }

    proptest! {
        #[test]
        fn nothing_is_made_up(fields in "[ajtm*.,: ]{0,20}|.*") {
            let Ok(picker) = Picker::parse(&fields) else { return Ok(()) };
            let picked = picker.apply(&record());
            prop_assert!(picked.as_object().unwrap().iter().all(|(key, _)| record().get(key).is_some()));
        }
    }
}
