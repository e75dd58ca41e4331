//! Routes of collections, which rules name by tags: the one table of them.

/// Before the collection in paths of collection routes.
const COLLECTIONS: &str = "/api/collections/";

/// Before the collection in paths of files.
const FILES: &str = "/api/files/";

/// One row: what a request must look like below its collection, and the tags that name it, the most exact one first.
struct Row {
    method: &'static str,
    prefix: &'static str,
    /// Segments after the collection; `*` stands for any text.
    rest: &'static [&'static str],
    tags: &'static [&'static str],
}

const fn row(method: &'static str, rest: &'static [&'static str], tags: &'static [&'static str]) -> Row {
    Row { method, prefix: COLLECTIONS, rest, tags }
}

/// Every route with tags. A route that is not here has no tags and is named by its path alone.
const ROUTES: &[Row] = &[
    row("GET", &["records"], &["list"]),
    row("GET", &["records", "*"], &["view"]),
    row("POST", &["records"], &["create"]),
    row("PATCH", &["records", "*"], &["update"]),
    row("DELETE", &["records", "*"], &["delete"]),
    row("GET", &["auth-methods"], &["listAuthMethods"]),
    row("POST", &["auth-refresh"], &["authRefresh"]),
    row("POST", &["auth-with-password"], &["authWithPassword", SIGN_IN]),
    row("POST", &["auth-with-oauth2"], &["authWithOAuth2", SIGN_IN]),
    row("POST", &["auth-with-otp"], &["authWithOTP", SIGN_IN]),
    row("POST", &["request-otp"], &["requestOTP"]),
    row("POST", &["request-password-reset"], &["requestPasswordReset"]),
    row("POST", &["confirm-password-reset"], &["confirmPasswordReset"]),
    row("POST", &["request-verification"], &["requestVerification"]),
    row("POST", &["confirm-verification"], &["confirmVerification"]),
    row("POST", &["request-email-change"], &["requestEmailChange"]),
    row("POST", &["confirm-email-change"], &["confirmEmailChange"]),
    Row { method: "GET", prefix: FILES, rest: &["*", "*"], tags: &["file"] },
];

/// The tag all ways to sign in have.
const SIGN_IN: &str = "auth";

/// Number of the first row's twin inside of batches.
const IN_BATCH: u16 = 0x100;

/// A route with tags: a row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route(u16);

impl Route {
    fn row(self) -> Option<&'static Row> {
        ROUTES.get(usize::from(self.0 & !IN_BATCH))
    }

    /// Its tags, the most exact one first.
    pub fn tags(self) -> &'static [&'static str] {
        self.row().map_or(&[], |row| row.tags)
    }

    /// Whether it is one of the ways to sign in.
    pub fn is_sign_in(self) -> bool {
        self.tags().contains(&SIGN_IN)
    }

    /// The same action as part of a batch, which is counted apart from single requests.
    #[must_use]
    pub fn in_batch(self) -> Self {
        Self(self.0 | IN_BATCH)
    }

    /// Tells routes apart; not 0.
    pub(super) fn number(self) -> u16 {
        self.0 + 1
    }
}

/// The path of a route with tags, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CollectionPath<'a> {
    /// Which route.
    pub route: Route,
    /// What stands before the collection.
    pub head: &'a str,
    /// The collection, as sent: its id or name, any case.
    pub collection: &'a str,
    /// What stands after it.
    pub tail: &'a str,
}

impl<'a> CollectionPath<'a> {
    /// Finds the route of a request; `None` if it has no tags. `path` is decoded, as far as the router decodes paths
    /// before it looks for a route, so that what is limited is what runs.
    pub fn find(method: &str, path: &'a str) -> Option<Self> {
        let prefix = [COLLECTIONS, FILES].into_iter().find(|prefix| path.starts_with(prefix))?;
        let (head, below) = path.split_at(prefix.len());
        let (collection, _) = below.split_once('/').filter(|(collection, _)| !collection.is_empty())?;
        let tail = &below[collection.len()..];
        let method = if method == "HEAD" { "GET" } else { method };
        let fits = |row: &Row| row.method == method && row.prefix == prefix && has_segments(&tail[1..], row.rest);
        let number = ROUTES.iter().position(fits)?;
        Some(Self { route: Route(u16::try_from(number).ok()?), head, collection, tail })
    }
}

fn has_segments(text: &str, pattern: &[&str]) -> bool {
    let mut segments = text.split('/');
    let all = pattern.iter().all(|&want| segments.next().is_some_and(|s| !s.is_empty() && (want == "*" || want == s)));
    all && segments.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(method: &str, path: &str) -> &'static [&'static str] {
        CollectionPath::find(method, path).map_or(&[], |found| found.route.tags())
    }

    #[test]
    fn routes_and_their_tags() {
        for (method, path, want) in [
            ("GET", "/api/collections/posts/records", &["list"][..]),
            ("HEAD", "/api/collections/posts/records", &["list"]),
            ("GET", "/api/collections/posts/records/abc", &["view"]),
            ("POST", "/api/collections/posts/records", &["create"]),
            ("PATCH", "/api/collections/posts/records/abc", &["update"]),
            ("DELETE", "/api/collections/posts/records/abc", &["delete"]),
            ("GET", "/api/files/posts/abc/a.png", &["file"]),
            ("POST", "/api/collections/users/auth-with-password", &["authWithPassword", "auth"]),
            ("POST", "/api/collections/users/auth-with-otp", &["authWithOTP", "auth"]),
            ("POST", "/api/collections/users/auth-with-oauth2", &["authWithOAuth2", "auth"]),
            ("POST", "/api/collections/users/auth-refresh", &["authRefresh"]),
            ("POST", "/api/collections/users/request-otp", &["requestOTP"]),
            // Not routes of this kind.
            ("PUT", "/api/collections/posts/records", &[]),
            ("GET", "/api/collections/posts/records/", &[]),
            ("GET", "/api/collections/posts/records/a/b", &[]),
            ("GET", "/api/collections//records", &[]),
            ("GET", "/api/collections/posts", &[]),
            ("GET", "/api/collections/", &[]),
            ("GET", "/API/collections/posts/records", &[]),
            ("GET", "//api/collections/posts/records", &[]),
            ("DELETE", "/api/collections/posts/truncate", &[]),
            ("POST", "/api/collections/users/impersonate/abc", &[]),
            ("POST", "/api/files/token", &[]),
            ("GET", "/api/files/posts/abc", &[]),
            ("GET", "/api/files/posts/abc/a.png/", &[]),
            ("GET", "/api/collections/posts/abc/a.png", &[]),
            ("GET", "", &[]),
        ] {
            assert_eq!(tags(method, path), want, "{method} {path}");
        }
        let found = CollectionPath::find("GET", "/api/collections/p/records/x").unwrap();
        assert_eq!((found.head, found.collection, found.tail), ("/api/collections/", "p", "/records/x"));
        assert_ne!(found.route.in_batch().number(), found.route.number());
        assert_eq!(found.route.in_batch().tags(), ["view"]);
    }

    proptest::proptest! {
        #[test]
        fn the_parts_are_the_path(path in "(/api/(collections|files)/)?[a-z/%é]{0,30}") {
            if let Some(found) = CollectionPath::find("GET", &path) {
                proptest::prop_assert_eq!(format!("{}{}{}", found.head, found.collection, found.tail), path);
            }
        }
    }
}
