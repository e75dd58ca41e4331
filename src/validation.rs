//! The tree of validation errors every service reports in.
//!
//! It mirrors the shape of the checked value: a key holds one issue, or a group for a nested object or a list (list
//! positions are decimal keys). `api` turns it into the `data` object of the error envelope.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

/// One failed check: a code of the wire contract, a sentence for people, and what the sentence speaks of.
#[derive(Debug, Clone, PartialEq)]
pub struct Issue {
    /// Code of the contract, for example `validation_required`.
    pub code: Cow<'static, str>,
    /// A sentence in our own words, with a full stop.
    pub message: String,
    /// Parameters of the message (`{"min": 3}`); left out of the answer when empty.
    pub params: Map<String, Json>,
}

impl Issue {
    /// An issue without parameters.
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), params: Map::new() }
    }

    /// Adds a parameter.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Json>) -> Self {
        self.params.insert(key.to_owned(), value.into());
        self
    }

    /// `validation_required`: empty where a value is needed.
    pub fn required() -> Self {
        Self::new("validation_required", "Cannot be blank.")
    }

    /// `{"code", "message"[, "params"]}`.
    pub fn to_json(&self) -> Json {
        let mut out = json!({"code": self.code, "message": self.message});
        if !self.params.is_empty() {
            out["params"] = Json::Object(self.params.clone());
        }
        out
    }
}

/// What stands under one key.
#[derive(Debug, Clone, PartialEq)]
enum Node {
    Issue(Issue),
    Group(ValidationErrors),
}

/// Errors by key; the first issue of a key wins.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ValidationErrors(BTreeMap<String, Node>);

impl ValidationErrors {
    /// No errors yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Errors with one issue at `path`, see [`add`](Self::add).
    pub fn of(path: &str, issue: Issue) -> Self {
        let mut errors = Self::new();
        errors.add(path, issue);
        errors
    }

    /// Adds an issue at a dotted path (`fields.0.name`). A path that has an issue, or lies below one, keeps the old one.
    pub fn add(&mut self, path: &str, issue: Issue) {
        match path.split_once('.') {
            None => {
                self.0.entry(path.to_owned()).or_insert(Node::Issue(issue));
            }
            Some((head, rest)) => {
                if let Node::Group(group) = self.0.entry(head.to_owned()).or_insert_with(|| Node::Group(Self::new())) {
                    group.add(rest, issue);
                }
            }
        }
    }

    /// Adds all of `other` below `prefix`, which may be dotted or empty.
    pub fn merge(&mut self, prefix: &str, other: Self) {
        for (key, node) in other.0 {
            let path = if prefix.is_empty() { key } else { format!("{prefix}.{key}") };
            match node {
                Node::Issue(issue) => self.add(&path, issue),
                Node::Group(group) => self.merge(&path, group),
            }
        }
    }

    /// Whether nothing failed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the first-level key has an error.
    pub fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// Only what concerns these first-level keys.
    #[must_use]
    pub fn only(mut self, keys: &[&str]) -> Self {
        self.0.retain(|key, _| keys.contains(&key.as_str()));
        self
    }

    /// `Ok` if nothing failed.
    ///
    /// # Errors
    /// The errors themselves.
    pub fn into_result(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }

    /// The `data` object of the error envelope.
    pub fn to_json(&self) -> Json {
        let entry = |(key, node): (&String, &Node)| {
            let value = match node {
                Node::Issue(issue) => issue.to_json(),
                Node::Group(group) => group.to_json(),
            };
            (key.clone(), value)
        };
        Json::Object(self.0.iter().map(entry).collect())
    }

    /// One line for the command line and logs: `email: Must be unique. password: Cannot be blank.`
    pub fn summary(&self) -> String {
        let mut parts = Vec::new();
        for (key, node) in &self.0 {
            match node {
                Node::Issue(issue) => parts.push(format!("{key}: {}", issue.message)),
                Node::Group(group) => parts.push(format!("{key}: {}", group.summary())),
            }
        }
        parts.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_nest_and_the_first_issue_wins() {
        let mut errors = ValidationErrors::new();
        errors.add("fields.0.name", Issue::required());
        errors.add("fields.0.name", Issue::new("other", "Other."));
        errors.add("fields", Issue::new("late", "A group is already there."));
        errors.add("name", Issue::new("validation_min", "Too short.").with("min", 3));
        let want = json!({
            "fields": {"0": {"name": {"code": "validation_required", "message": "Cannot be blank."}}},
            "name": {"code": "validation_min", "message": "Too short.", "params": {"min": 3}},
        });
        assert_eq!(errors.to_json(), want);
        assert_eq!(errors.summary(), "fields: 0: name: Cannot be blank. name: Too short.");
    }
}
