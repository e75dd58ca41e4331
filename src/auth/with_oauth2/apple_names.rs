//! What Apple says of a user's name: only the browser is told, only the first time, beside the code.

use std::collections::HashMap;

use parking_lot::Mutex;
use serde_json::Value as Json;

/// How long a name waits for the request that brings its code.
const TTL_MS: i64 = 60_000;

/// Longest name, in characters.
const MAX_CHARACTERS: usize = 150;

/// Most names that wait; beyond it the oldest are forgotten.
const MAX_NAMES: usize = 1000;

/// Names that wait for their codes, in memory only.
#[derive(Debug, Default)]
pub struct AppleNames(Mutex<HashMap<String, (String, i64)>>);

impl AppleNames {
    /// Notes the name of the user a code stands for. `user` is Apple's JSON, `now_ms` Unix time in milliseconds.
    pub fn note(&self, code: &str, user: &str, now_ms: i64) {
        let name = name_of(user);
        if name.is_empty() {
            return;
        }
        let mut names = self.0.lock();
        names.retain(|_, (_, at)| (0..TTL_MS).contains(&(now_ms - *at)));
        if names.len() >= MAX_NAMES
            && let Some(oldest) = names.iter().min_by_key(|(_, (_, at))| *at).map(|(code, _)| code.clone())
        {
            names.remove(&oldest);
        }
        names.insert(code.to_owned(), (name, now_ms));
    }

    /// The name that came with a code, once; empty if there is none.
    pub fn take(&self, code: &str, now_ms: i64) -> String {
        let found = self.0.lock().remove(code);
        found.filter(|(_, at)| (0..TTL_MS).contains(&(now_ms - at))).map(|(name, _)| name).unwrap_or_default()
    }
}

/// `{"name":{"firstName":"…","lastName":"…"}}`
fn name_of(user: &str) -> String {
    let user: Json = serde_json::from_str(user).unwrap_or_default();
    let part = |path: &str| user.pointer(path).and_then(Json::as_str).unwrap_or_default().trim();
    let name = format!("{} {}", part("/name/firstName"), part("/name/lastName"));
    name.trim().chars().take(MAX_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: &str = r#"{"name":{"firstName":"Ann","lastName":"Lee"},"email":"a@example.com"}"#;

    #[test]
    fn names_wait_a_minute_and_are_taken_once() {
        let names = AppleNames::default();
        names.note("c1", ANN, 0);
        names.note("c2", ANN, 0);
        assert_eq!(names.take("c1", TTL_MS - 1), "Ann Lee");
        assert_eq!(names.take("c1", 1), "");
        assert_eq!(names.take("c2", TTL_MS), "");
    }

    #[test]
    fn names_are_bounded() {
        for (user, want) in [
            (r#"{"name":{"firstName":"Ann"}}"#, "Ann".to_owned()),
            (r#"{"name":{"lastName":" Lee "}}"#, "Lee".to_owned()),
            (r#"{"name":"Ann"}"#, String::new()),
            ("[", String::new()),
            (&format!(r#"{{"name":{{"firstName":"{}"}}}}"#, "é".repeat(500)), "é".repeat(MAX_CHARACTERS)),
        ] {
            assert_eq!(name_of(user), want);
        }
        let names = AppleNames::default();
        (0..5000).for_each(|n| names.note(&n.to_string(), ANN, i64::from(n)));
        assert!(names.0.lock().len() <= MAX_NAMES);
        assert_eq!(names.take("4999", 5000), "Ann Lee", "the latest is there");
    }
}
