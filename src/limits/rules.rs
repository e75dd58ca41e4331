//! Which rule a request falls under: exactly one, or none.

use super::Route;
use crate::settings::RateLimitRule;

/// Whom a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Who has no valid token.
    Guest,
    /// Who has one.
    Record,
}

/// What a request is about, as rules name it.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// Its method.
    pub method: &'a str,
    /// Its path, decoded. For a route with tags, what stands after the collection.
    pub path: &'a str,
    /// The collection, for a route with tags.
    pub collection: Option<TargetCollection<'a>>,
}

/// The collection of a route with tags.
#[derive(Debug, Clone, Copy)]
pub struct TargetCollection<'a> {
    /// The route.
    pub route: Route,
    /// What stands before the collection in the path.
    pub head: &'a str,
    /// Its id.
    pub id: &'a str,
    /// Its name.
    pub name: &'a str,
}

/// A rule, ready to be compared with requests.
#[derive(Debug)]
pub(super) struct Rule {
    label: Label,
    /// `None` for everyone.
    audience: Option<Audience>,
    /// Seconds a window lasts.
    pub(super) duration: u32,
    /// Requests in a window.
    pub(super) max_requests: u32,
}

#[derive(Debug)]
enum Label {
    /// `*:tag` (no collection) or `name:tag`.
    Tag { collection: Option<String>, tag: String },
    /// `/path` or `METHOD /path`. One that ends with a slash is about everything below as well.
    Path { method: Option<String>, path: String },
    /// A bare word, which the settings allow, names nothing.
    Nothing,
}

impl Rule {
    pub(super) fn new(rule: &RateLimitRule) -> Self {
        let within = |number: i64| u32::try_from(number.max(1)).unwrap_or(u32::MAX);
        Self {
            label: Label::parse(&rule.label),
            audience: match rule.audience.as_str() {
                "@guest" => Some(Audience::Guest),
                "@auth" => Some(Audience::Record),
                _ => None,
            },
            duration: within(rule.duration),
            max_requests: within(rule.max_requests),
        }
    }

    fn is_about(&self, audience: Audience) -> bool {
        self.audience.is_none_or(|own| own == audience)
    }
}

impl Label {
    fn parse(text: &str) -> Self {
        if text.starts_with('/') {
            return Self::Path { method: None, path: text.to_owned() };
        }
        if let Some((method, path)) = text.split_once(' ') {
            return Self::Path { method: Some(method.to_owned()), path: path.to_owned() };
        }
        match text.split_once(':') {
            Some(("*", tag)) => Self::Tag { collection: None, tag: tag.to_owned() },
            Some((name, tag)) => Self::Tag { collection: Some(name.to_owned()), tag: tag.to_owned() },
            None => Self::Nothing,
        }
    }

    fn is_tag(&self, wanted: Option<&str>, wanted_tag: &str) -> bool {
        matches!(self, Self::Tag { collection, tag } if collection.as_deref() == wanted && tag == wanted_tag)
    }

    /// The path, if the label's method is this one.
    fn path_for(&self, wanted: Option<&str>) -> Option<&str> {
        match self {
            Self::Path { method, path } if method.as_deref() == wanted => Some(path),
            _ => None,
        }
    }
}

/// Position of the one rule a request falls under (reference part 3, section 17): candidates in order, from the name with
/// a tag to the bare path; for each the rule that names it exactly, else the first one for everything below a path.
pub(super) fn select(rules: &[Rule], target: &Target<'_>, audience: Audience) -> Option<usize> {
    let find = |fits: &dyn Fn(&Label) -> bool| rules.iter().position(|r| r.is_about(audience) && fits(&r.label));
    if let Some(collection) = &target.collection {
        for name in [Some(collection.name), None] {
            let tags = collection.route.tags().iter();
            if let Some(found) = tags.into_iter().find_map(|tag| find(&|label| label.is_tag(name, tag))) {
                return Some(found);
            }
        }
    }
    [Some(target.method), None].into_iter().find_map(|method| {
        let exact = find(&|label| label.path_for(method).is_some_and(|path| target.is_at(path)));
        exact.or_else(|| find(&|label| label.path_for(method).is_some_and(|path| target.is_below(path))))
    })
}

impl Target<'_> {
    /// Whether this is the path. A collection may be written by name or by id: how a client spells it must not decide
    /// which rule it falls under.
    fn is_at(&self, path: &str) -> bool {
        let Some(collection) = &self.collection else { return path == self.path };
        let between = path.strip_prefix(collection.head).and_then(|rest| rest.strip_suffix(self.path));
        between.is_some_and(|spelled| spelled == collection.name || spelled == collection.id)
    }

    /// Whether the path, which must end with a slash, is this one or leads to it.
    fn is_below(&self, path: &str) -> bool {
        if !path.ends_with('/') {
            return false;
        }
        // The label for everything below a path is also about the path itself.
        let leads = |text: &str, start: &str| text.starts_with(start) || start.strip_suffix('/') == Some(text);
        let Some(collection) = &self.collection else { return leads(self.path, path) };
        if collection.head.starts_with(path) {
            return true;
        }
        let Some(rest) = path.strip_prefix(collection.head) else { return false };
        let spelled = [collection.name, collection.id].into_iter();
        spelled.filter_map(|name| rest.strip_prefix(name)).any(|rest| leads(self.path, rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::CollectionPath;

    fn rules(labels: &[&str]) -> Vec<Rule> {
        let rule = |label: &&str| {
            let (label, audience) = label.split_once('@').map_or((*label, ""), |(l, _)| (l, &label[l.len()..]));
            Rule::new(&RateLimitRule {
                label: label.trim().to_owned(),
                audience: audience.to_owned(),
                duration: 1,
                max_requests: 1,
            })
        };
        labels.iter().map(rule).collect()
    }

    /// The label that is chosen; the collection is `posts` with the id `pbc_1`, whatever the path says.
    fn chosen<'l>(labels: &[&'l str], method: &str, path: &str, audience: Audience) -> &'l str {
        let found = CollectionPath::find(method, path);
        let collection = found.map(|f| TargetCollection { route: f.route, head: f.head, id: "pbc_1", name: "posts" });
        let target = Target { method, path: found.map_or(path, |f| f.tail), collection };
        select(&rules(labels), &target, audience).map_or("", |at| labels[at])
    }

    /// Answers of the reference, asked in the same way.
    #[test]
    fn one_rule_is_chosen() {
        use Audience::{Guest, Record};
        const LIST: &str = "/api/collections/posts/records";
        const LOGIN: &str = "/api/collections/posts/auth-with-password";
        for (labels, method, path, audience, want) in [
            (&["/api/", "*:list", "posts:list"][..], "GET", LIST, Guest, "posts:list"),
            (&["/api/", "*:list", "other:list"], "GET", LIST, Guest, "*:list"),
            (&["/api/", "*:create"], "GET", LIST, Guest, "/api/"),
            (&["/api/", "GET /api/"], "GET", LIST, Guest, "GET /api/"),
            (&["/api/", "GET /api/"], "HEAD", LIST, Guest, "/api/"),
            (&["*:list"], "HEAD", LIST, Guest, "*:list"),
            (&["*:authWithPassword", "*:auth"], "POST", LOGIN, Guest, "*:authWithPassword"),
            (&["*:auth", "*:authWithPassword"], "POST", LOGIN, Guest, "*:authWithPassword"),
            (&["*:authWithPassword", "posts:auth"], "POST", LOGIN, Guest, "posts:auth"),
            (&["posts:auth", "posts:authWithPassword"], "POST", LOGIN, Guest, "posts:authWithPassword"),
            (&["*:list", "posts:list @auth"], "GET", LIST, Guest, "*:list"),
            (&["*:list", "posts:list @auth"], "GET", LIST, Record, "posts:list @auth"),
            (&["/x @guest", "/x @auth"], "GET", "/x", Record, "/x @auth"),
            (&["/x @auth"], "GET", "/x", Guest, ""),
            (&["/api/", "/api/collections/"], "GET", LIST, Guest, "/api/"),
            (&["/api/collections/", "/api/"], "GET", LIST, Guest, "/api/collections/"),
            (&["/api/", "/api/health"], "GET", "/api/health", Guest, "/api/health"),
            (&["/api/", "/api/health/"], "GET", "/api/health/", Guest, "/api/health/"),
            (&["/api/health/", "/api/health"], "GET", "/api/health", Guest, "/api/health"),
            (&["/api/health/"], "GET", "/api/health", Guest, "/api/health/"),
            (&["/api/"], "GET", "/api", Guest, "/api/"),
            (&["/api/"], "GET", "/apix", Guest, ""),
            (&["/api"], "GET", "/api/health", Guest, ""),
            (&["/api/collections"], "GET", LIST, Guest, ""),
            (&["/"], "GET", "/some/file.js", Guest, "/"),
            (&["GET /x"], "HEAD", "/x", Guest, ""),
            (&["HEAD /x"], "HEAD", "/x", Guest, "HEAD /x"),
            (&["get /x"], "GET", "/x", Guest, ""),
            (&["POSTS:list", "pbc_1:list", "list", "posts"], "GET", LIST, Guest, ""),
            (&["*:list"], "GET", "/api/collections/posts/records/", Guest, ""),
            (&["/api/batch"], "POST", "/api//batch", Guest, ""),
            (&["/api/"], "POST", "/api//batch", Guest, "/api/"),
        ] {
            assert_eq!(chosen(labels, method, path, audience), want, "{labels:?} {method} {path} {audience:?}");
        }
    }

    #[test]
    fn the_spelling_of_a_collection_does_not_matter() {
        for sent in ["posts", "pbc_1", "POSTS"] {
            let list = format!("/api/collections/{sent}/records");
            for (label, want) in [
                (list.replace(sent, "posts"), true),
                (list.replace(sent, "pbc_1"), true),
                (format!("GET {}", list.replace(sent, "posts")), true),
                ("/api/collections/posts/".to_owned(), true),
                ("/api/collections/pbc_1/records/".to_owned(), true),
                ("/api/collections/pbc_1/records/x/".to_owned(), false),
                ("/api/collections/post/".to_owned(), false),
                ("/api/collections/posts/record".to_owned(), false),
                ("/api/collections/other/records".to_owned(), false),
                ("/api/collections//".to_owned(), false),
            ] {
                let got = chosen(&[&label], "GET", &list, Audience::Guest);
                assert_eq!(got == label, want, "{label} for {list}");
            }
        }
    }
}
