//! E-mail and web addresses: their formats, and the lists of domains that bound them.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use crate::schema::FieldDecodeError;
use crate::schema::field_json::Source;
use crate::validation::{Issue, ValidationErrors};

/// Options of email and url fields.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DomainOptions {
    /// The only domains accepted; `None` or empty = any.
    pub only_domains: Option<Vec<String>>,
    /// Domains refused.
    pub except_domains: Option<Vec<String>>,
}

impl DomainOptions {
    pub(in crate::schema) fn read(source: &Source<'_>) -> Result<Self, FieldDecodeError> {
        Ok(Self { only_domains: source.texts("onlyDomains")?, except_domains: source.texts("exceptDomains")? })
    }

    pub(in crate::schema) fn check_options(&self, errors: &mut ValidationErrors) {
        let lists = [("onlyDomains", &self.only_domains), ("exceptDomains", &self.except_domains)];
        if lists.iter().all(|(_, list)| list.as_ref().is_some_and(|list| !list.is_empty())) {
            for (key, _) in lists {
                errors.add(key, Issue::new("validation_empty", "Only one of the two lists may be used."));
            }
            return;
        }
        for (key, list) in lists {
            for (i, domain) in list.iter().flatten().enumerate() {
                if !domain.is_empty() && !is_domain(domain) {
                    errors.add(&format!("{key}.{i}"), Issue::new("validation_is_domain", "Must be a domain."));
                }
            }
        }
    }

    pub(in crate::schema) fn check_email(&self, value: &str) -> Result<(), Issue> {
        if !is_email(value) {
            return Err(Issue::new("validation_is_email", "Must be an e-mail address."));
        }
        let domain = value.rsplit_once('@').map_or("", |(_, domain)| domain);
        self.check_domain(domain, "validation_email_domain_not_allowed")
    }

    pub(in crate::schema) fn check_url(&self, value: &str) -> Result<(), Issue> {
        if !is_url(value) {
            return Err(Issue::new("validation_invalid_url", "Must be a web address."));
        }
        // Only an address with a scheme has a domain to compare; its port counts, its user does not.
        let rest = value.split_once("://").map_or("", |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        self.check_domain(host, "validation_url_domain_not_allowed")
    }

    fn check_domain(&self, domain: &str, code: &'static str) -> Result<(), Issue> {
        let has = |list: &[String]| list.iter().any(|entry| entry == domain);
        let only = self.only_domains.as_deref().unwrap_or_default();
        let except = self.except_domains.as_deref().unwrap_or_default();
        if (!only.is_empty() && !has(only)) || has(except) {
            return Err(Issue::new(code, "This domain is not accepted."));
        }
        Ok(())
    }
}

/// Whether this is a dotted domain name in ASCII (`example.com`).
pub fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let Some((rest, last)) = text.rsplit_once('.') else { return false };
    text.len() <= 255
        && rest.split('.').all(is_label)
        && is_label(last)
        && last.bytes().all(|b| b.is_ascii_alphabetic())
}

/// Characters beyond ASCII that names in addresses may hold (RFC 3987, `ucschar` up to U+FFEF).
fn is_ucs(c: char) -> bool {
    matches!(c, '\u{a0}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{ffef}')
}

/// Whether this is an e-mail address: a dot-atom (RFC 5322, with letters of other scripts), `@`, a dotted domain.
/// Quoted local parts are refused.
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    is_email_local(local) && is_email_domain(domain.strip_suffix('.').unwrap_or(domain))
}

fn is_email_local(local: &str) -> bool {
    let is_atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) || is_ucs(c);
    local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom))
}

fn is_email_domain(domain: &str) -> bool {
    let is_edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || is_ucs(c));
    let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic() || is_ucs(c));
    let is_label = |label: &str| {
        label.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '~') || is_ucs(c))
            && is_edge(label.chars().next())
            && is_edge(label.chars().next_back())
    };
    let Some((rest, last)) = domain.rsplit_once('.') else { return false };
    rest.split('.').all(is_label)
        && is_label(last)
        && is_letter(last.chars().next())
        && is_letter(last.chars().next_back())
}

/// Whether this is a web address (reference part 1, section 10.5): optional scheme, user and port, a host, and behind
/// it anything without white space.
pub fn is_url(text: &str) -> bool {
    const LENGTHS: std::ops::RangeInclusive<usize> = 4..=2082;
    const SCHEMES: [&str; 7] = ["ftp", "tcp", "udp", "ws", "wss", "http", "https"];
    if !LENGTHS.contains(&text.chars().count()) || text.starts_with('.') || text.bytes().any(|b| b <= b' ' || b == 0x7F)
    {
        return false;
    }
    let rest = match text.split_once("://") {
        Some((scheme, rest)) if SCHEMES.contains(&scheme) => rest,
        _ => {
            // Bare words are no addresses: a dot or a colon must make them one.
            let before_query = text.split(['?', '#']).next().unwrap_or_default();
            if !text.contains(':') && !before_query.contains('.') {
                return false;
            }
            text
        }
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    let host = match authority.rsplit_once('@') {
        Some((user, host)) if is_user(user) => host,
        Some(_) => return false,
        None => authority,
    };
    is_host_with_port(host) && is_tail(tail)
}

fn is_user(user: &str) -> bool {
    user.chars().all(|c| c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:%@".contains(c)) && has_valid_escapes(user)
}

fn is_host_with_port(host: &str) -> bool {
    let is_port = |port: &str| (1..=5).contains(&port.len()) && port.bytes().all(|b| b.is_ascii_digit());
    let strip_port = |text: &str| match text.strip_prefix(':') {
        Some(port) => is_port(port),
        None => text.is_empty(),
    };
    if let Some((inside, rest)) = host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        let address = inside.split_once("%25").map_or(inside, |(address, _)| address);
        return address.parse::<Ipv6Addr>().is_ok() && strip_port(rest);
    }
    let (name, port) = host.split_at(host.find(':').unwrap_or(host.len()));
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_ipv4 = name.parse::<Ipv4Addr>().is_ok_and(|address| address.octets()[0] != 0);
    strip_port(port) && (is_ipv4 || is_host_name(name))
}

fn is_host_name(name: &str) -> bool {
    let is_other = |c: char| matches!(c, '\u{a1}'..='\u{ffff}');
    let is_label = |label: &str| {
        !label.is_empty()
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || is_other(c))
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let (first, others) = name.split_once('.').map_or((name, None), |(first, others)| (first, Some(others)));
    if first.contains('_') && !has_valid_underscores(first, name) {
        return false;
    }
    if !is_label(&first.replace('_', "a")) {
        return false;
    }
    let Some(others) = others else { return true };
    let last = others.rsplit('.').next().unwrap_or_default();
    let is_top = last.starts_with("xn--") || last.chars().all(|c| c.is_ascii_alphabetic() || is_other(c));
    is_top && others.split('.').all(is_label)
}

/// Underscores are for machines of one's own (`http://my_host.lan`): they may stand inside the first label. As in the
/// reference, two characters must then stand together at the end of one of the last two labels.
fn has_valid_underscores(first: &str, name: &str) -> bool {
    let ends_together = |label: &str| label.rsplit(['_', '-']).next().is_some_and(|end| end.chars().count() > 1);
    !first.starts_with('_') && !first.ends_with('_') && name.rsplit('.').take(2).any(ends_together)
}

/// Path, query and fragment; percent signs in the query may stand for themselves.
fn is_tail(tail: &str) -> bool {
    let (before, fragment) = tail.split_once('#').unwrap_or((tail, ""));
    let path = before.split('?').next().unwrap_or_default();
    has_valid_escapes(path) && has_valid_escapes(fragment)
}

fn has_valid_escapes(text: &str) -> bool {
    text.split('%')
        .skip(1)
        .all(|rest| matches!(rest.as_bytes(), [a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn emails() {
        let long = format!("{}@b.co", "a".repeat(65));
        for text in [
            "A@B.C",
            "ä@b.de",
            "a@é.com",
            &long,
            "a@b_c.co",
            "a@b.co.",
            "a@b.c-d",
            "a@1.co",
            "a+b@c.de",
            "日本@b.co",
            "a!#$%&'*+/=?^_`{|}~-b@c.de",
            "a@b.é",
            "a@xn--e1.xn--p1ai",
            "a@b.c1d",
            "a@1.2.co",
            "a@b~c.co",
        ] {
            assert!(is_email(text), "{text}");
        }
        for text in [
            "",
            "a",
            "a@",
            "@b.co",
            "x@localhost",
            "a@b.c1",
            "a@b.1c",
            ".a@b.co",
            "a.@b.co",
            "a..b@b.co",
            "a@b..co",
            "a@-b.co",
            "a@b-.co",
            "a@_b.co",
            "a@b.c_",
            "a b@c.de",
            "\"a b\"@b.co",
            "\"a\"@b.co",
            "\"ab\"@c.de",
            "\"\"@b.co",
            "a@b@c.de",
            "a@b.co\n",
            " a@b.co",
            "a@b.co ",
            "a(c)@b.co",
            "a,b@c.de",
            "a<b@c.de",
            "a\\b@c.de",
            "😀@b.co",
            "a@😀.co",
            "a@b.co..",
            "a@[1.2.3.4]",
            "\"x@y\"@a.com",
            "a@b.~",
            "a\u{1}@b.co",
            "a\u{e000}@b.co",
        ] {
            assert!(!is_email(text), "{text}");
        }
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn urls() {
        let longest = format!("http://a.b/{}", "x".repeat(2071));
        let too_long = format!("{longest}x");
        for text in [
            "www.a.com",
            "localhost:3000",
            "http://localhost",
            "mailto:a@b.c",
            "http://a.b:12345",
            "http://a.b?x",
            "http://a.b#x",
            "http://a.b.",
            "http://a.b.:80",
            "http://x@a.b",
            "http://x:y:z@a.b",
            "http://@a.b",
            "http://1.2.3.4",
            "http://[::1]:80/x",
            "http://[::ffff:1.2.3.4]",
            "ftp://a.b",
            "wss://a.b",
            "http://a-b.c",
            "http://a--b.c",
            "http://a",
            "http://é.com",
            "é.com",
            "a.com:80/x",
            "a.com?x",
            "http://a.b/é",
            "http://a.b/%20",
            "http://a.b/<>",
            "http://a.b?%zz",
            &longest,
            "a@b.co",
            "ab.c",
            "1.2.3.4",
            "[::1]",
            "http://a.b/x#y#z",
            "tel:12345",
            "ab:12",
            "http://123",
            "1a.com",
            "http://a.com@b.com/x@y",
            "http://a.b/?u=http://x",
            "http://AB.COM",
            "http://a_b.com",
            "http://a__b.com",
            "http://a_b.c.com",
            "http://a_b-c.com:80/x",
            "http://a_bc",
            "aaa/b.c",
            "x@a:80",
            "http://1.2.3.4.:80",
            "http://a%20b@c.d",
            "aaa.",
        ] {
            assert!(is_url(text), "{text}");
        }
        for text in [
            "",
            "a.b",
            "//a.b",
            "/path",
            "localhost",
            "HTTP://a.com",
            "file:///x",
            "s3://b.com",
            "http://-a.com",
            "http://a..b",
            "http://a.b:123456",
            "http://a.b:",
            "http://a.b/ x",
            "http://256.1.1.1",
            "http://1.2.3.4.5",
            "http://[::g]",
            "http:a.b",
            "http:/a.b",
            "http:///a.b",
            "http://a_b.c",
            "http://a_b",
            "http://_ab.com",
            "http://ab_.com",
            "http://a.b_c.com",
            "http://a.b_c",
            "http://a_-.com",
            "http://0.0.0.0",
            "http://0.1.2.3:80",
            "http://a-.b",
            ".a.com",
            "http://.a.com",
            " http://a.b",
            "http://a.b\n",
            "http://a.b/%zz",
            "http://a.b#%zz",
            &too_long,
            "abcd",
            "http://",
            "http://a.b\\c",
            "mailto:x",
            "javascript:alert(1)",
            "http://a.b:80:80",
            "http://a.b:8a",
            "user@localhost",
            "http://a.1",
            "http://a.b,c",
            "http://user@",
            "http://😀.com",
            "http://a\u{a0}b.com",
            "http://a<b@c.d",
            "http://a%zz@c.d",
            "aaa?b.c",
            "aaa/b",
            "http://01.2.3.4",
            "http://a.b?\u{7f}",
        ] {
            assert!(!is_url(text), "{text}");
        }
    }

    #[test]
    fn domains() {
        let label = "b".repeat(63);
        for (text, want) in [
            ("a.b", true),
            ("A.B", true),
            ("1.com", true),
            ("a-b.c.de", true),
            (&format!("a.{label}"), true),
            (&format!("a.{label}b"), false),
            ("localhost", false),
            ("*.a.b", false),
            ("é.de", false),
            ("a.b.", false),
            ("a_b.c", false),
            ("a.1", false),
            ("a.b1", false),
            ("a.b-c", false),
            ("a--b.c", true),
            ("http://a.b", false),
            ("-a.b", false),
            ("a-.b", false),
            ("1.2.3.4", false),
            ("a.b:80", false),
            ("", false),
            (".", false),
        ] {
            assert_eq!(is_domain(text), want, "{text}");
        }
    }

    #[test]
    fn lists_of_domains() {
        let only = DomainOptions { only_domains: Some(vec!["a.com".into()]), ..DomainOptions::default() };
        for (value, want) in [("x@a.com", true), ("x@A.com", false), ("x@b.com", false), ("x@a.com.", false)] {
            assert_eq!(only.check_email(value).is_ok(), want, "{value}");
        }
        let except = DomainOptions { except_domains: Some(vec!["a.com".into()]), ..DomainOptions::default() };
        for (value, want) in [
            ("http://a.com", false),
            ("http://x@a.com/y", false),
            ("http://a.com:80", true),
            ("http://A.com", true),
            ("a.com/x", true),
            ("http://a.com.", true),
        ] {
            assert_eq!(except.check_url(value).is_ok(), want, "{value}");
        }
    }

    proptest! {
        #[test]
        fn checking_never_panics(text in ".*|(http://)?[a-z@:\\[\\]./?#%é]{0,30}") {
            let options = DomainOptions { only_domains: Some(vec!["a.b".into()]), except_domains: None };
            let _ = (options.check_email(&text), options.check_url(&text), is_domain(&text));
        }
    }
}
