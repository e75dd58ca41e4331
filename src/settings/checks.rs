//! What settings must fulfil (reference part 3, section 12).

use std::net::IpAddr;
use std::sync::LazyLock;

use regex::Regex;

use super::cron::is_cron;
use super::{RateLimitRule, RateLimits, S3, Settings};
use crate::networks::is_network;
use crate::schema::fields::{is_email, is_url};
use crate::validation::{Issue, ValidationErrors};

/// Longest name of the app and of the sender of mails, in bytes.
const MAX_NAME_BYTES: usize = 255;

/// Key of the addresses superusers may come from.
const SUPERUSER_IPS: &str = "superuserIPs";

/// Length of `#rrggbb`.
const COLOR_BYTES: usize = 7;

/// A method with a path, a path, or a tag.
#[expect(clippy::expect_used, reason = "the pattern is a constant")]
static LABEL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^([0-9A-Za-z_]+ /[0-9A-Za-z_/-]*|/[0-9A-Za-z_/-]*|([0-9A-Za-z_]+|\*):[0-9A-Za-z_]+|[0-9A-Za-z_]+)\z")
        .expect("the pattern compiles")
});

/// Collects failed checks; an empty value is checked by `required` alone.
struct Checks(ValidationErrors);

impl Settings {
    /// Everything that is wrong with them.
    pub(super) fn check(&self) -> ValidationErrors {
        let mut checks = Checks(ValidationErrors::new());
        checks.networks(SUPERUSER_IPS, &self.superuser_ips);
        checks.smtp(self);
        checks.meta(self);
        checks.s3("s3", &self.s3);
        checks.s3("backups.s3", &self.backups.s3);
        let backups = &self.backups;
        let cron = Issue::new("validation_invalid_cron", "Must be a cron expression of five fields, or a macro.");
        checks.text("backups.cron", &backups.cron, is_cron, cron);
        checks.count("backups.cronMaxKeep", backups.cron_max_keep, !backups.cron.is_empty(), 1);
        checks.rate_limits(&self.rate_limits);
        let batch = &self.batch;
        checks.count("batch.maxRequests", batch.max_requests, batch.enabled, 0);
        checks.count("batch.timeout", batch.timeout, batch.enabled, 0);
        checks.count("batch.maxBodySize", batch.max_body_size, false, 0);
        checks.count("logs.maxDays", self.logs.max_days, false, 0);
        checks.0
    }
}

/// What is wrong with a list of addresses superusers may come from.
pub(super) fn check_superuser_ips(list: &[String]) -> ValidationErrors {
    let mut checks = Checks(ValidationErrors::new());
    checks.networks(SUPERUSER_IPS, list);
    checks.0
}

impl Checks {
    fn required(&mut self, path: &str, is_empty: bool, is_required: bool) {
        if is_empty && is_required {
            self.0.add(path, Issue::required());
        }
    }

    /// A text that, unless empty, `fits`.
    fn text(&mut self, path: &str, value: &str, fits: impl FnOnce(&str) -> bool, issue: Issue) {
        if !value.is_empty() && !fits(value) {
            self.0.add(path, issue);
        }
    }

    /// A number that is zero, if not required, or at least `least`.
    fn count(&mut self, path: &str, value: i64, is_required: bool, least: i64) {
        self.required(path, value == 0, is_required);
        if value != 0 && value < least {
            let issue = Issue::new("validation_min_greater_equal_than_required", format!("Must be {least} or more."));
            self.0.add(path, issue.with("threshold", least));
        }
    }

    fn networks(&mut self, path: &str, values: &[String]) {
        for (index, value) in values.iter().enumerate() {
            let path = format!("{path}.{index}");
            self.required(&path, value.is_empty(), true);
            let issue =
                Issue::new("validation_invlaid_ip_or_subnet", "Must be an IP address or a network such as 10.0.0.0/8.");
            self.text(&path, value, is_network, issue);
        }
    }

    fn smtp(&mut self, settings: &Settings) {
        let smtp = &settings.smtp;
        let host = || Issue::new("validation_is_host", "Must be an IP address or a host name.");
        self.required("smtp.host", smtp.host.is_empty(), smtp.enabled);
        self.text("smtp.host", &smtp.host, is_host, host());
        self.count("smtp.port", smtp.port, smtp.enabled, 0);
        self.one_of("smtp.authMethod", &smtp.auth_method, &["PLAIN", "LOGIN"]);
        self.text("smtp.localName", &smtp.local_name, is_host, host());
    }

    fn meta(&mut self, settings: &Settings) {
        let meta = &settings.meta;
        for (path, name) in [("meta.appName", &meta.app_name), ("meta.senderName", &meta.sender_name)] {
            let issue = Issue::new("validation_length_out_of_range", format!("Must have 1 to {MAX_NAME_BYTES} bytes."));
            self.required(path, name.is_empty(), true);
            self.text(path, name, |n| n.len() <= MAX_NAME_BYTES, issue.with("min", 1).with("max", MAX_NAME_BYTES));
        }
        self.required("meta.appURL", meta.app_url.is_empty(), true);
        self.text("meta.appURL", &meta.app_url, is_url, not_url());
        self.required("meta.senderAddress", meta.sender_address.is_empty(), true);
        let address = Issue::new("validation_is_email", "Must be an e-mail address.");
        self.text("meta.senderAddress", &meta.sender_address, is_email, address);
        let length = Issue::new("validation_length_invalid", format!("Must have {COLOR_BYTES} characters."))
            .with("min", COLOR_BYTES)
            .with("max", COLOR_BYTES);
        self.text("meta.accentColor", &meta.accent_color, |c| c.len() == COLOR_BYTES, length);
        let is_color = |c: &str| c.starts_with('#') && c.bytes().skip(1).all(|b| b.is_ascii_hexdigit());
        let color = Issue::new("validation_is_hex_color", "Must be a color such as #1055c9.");
        self.text("meta.accentColor", &meta.accent_color, is_color, color);
    }

    fn s3(&mut self, path: &str, s3: &S3) {
        for (key, is_empty) in [
            ("endpoint", s3.endpoint.is_empty()),
            ("bucket", s3.bucket.is_empty()),
            ("region", s3.region.is_empty()),
            ("accessKey", s3.access_key.is_empty()),
            ("secret", s3.secret.is_empty()),
        ] {
            self.required(&format!("{path}.{key}"), is_empty, s3.enabled);
        }
        self.text(&format!("{path}.endpoint"), &s3.endpoint, is_url, not_url());
    }

    fn rate_limits(&mut self, limits: &RateLimits) {
        self.required("rateLimits.rules", limits.rules.is_empty(), limits.enabled);
        self.networks("rateLimits.excludedIPs", &limits.excluded_ips);
        for (index, rule) in limits.rules.iter().enumerate() {
            let path = |key: &str| format!("rateLimits.rules.{index}.{key}");
            self.required(&path("label"), rule.label.is_empty(), true);
            let label = Issue::new("validation_match_invalid", "Must be a path, a method and a path, or a tag.");
            self.text(&path("label"), &rule.label, |text| LABEL.is_match(text), label);
            self.count(&path("maxRequests"), rule.max_requests, true, 1);
            self.count(&path("duration"), rule.duration, true, 1);
            self.one_of(&path("audience"), &rule.audience, &["@guest", "@auth"]);
        }
        let is_conflict = |a: &RateLimitRule, b: &RateLimitRule| {
            a.label == b.label && (a.audience == b.audience || a.audience.is_empty() || b.audience.is_empty())
        };
        let rules = &limits.rules;
        let conflict = (1..rules.len()).find(|&i| rules[..i].iter().any(|earlier| is_conflict(earlier, &rules[i])));
        if let Some(index) = conflict {
            let issue =
                Issue::new("validation_conflicting_rate_limit_rule", "Another rule is about the same requests.")
                    .with("label", rules[index].label.clone());
            self.0.add(&format!("rateLimits.rules.{index}.label"), issue);
        }
    }

    fn one_of(&mut self, path: &str, value: &str, choices: &[&str]) {
        let issue = Issue::new("validation_in_invalid", format!("Must be empty or one of {}.", choices.join(", ")));
        self.text(path, value, |text| choices.contains(&text), issue);
    }
}

fn not_url() -> Issue {
    Issue::new("validation_is_url", "Must be a web address.")
}

/// An IP address or a name of ASCII labels, with or without dots.
fn is_host(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
            && !label.starts_with('-')
    };
    text.parse::<IpAddr>().is_ok()
        || (text.len() <= 255 && text.strip_suffix('.').unwrap_or(text).split('.').all(is_label))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        for text in ["localhost", "x", "a.b.", "1.2.3", "1.2.3.4", "::1", "a_b.c"] {
            assert!(is_host(text), "{text}");
        }
        for text in ["", "a..b", "-a.b", "[::1]", "日本.jp", "a:25", "bad host", "."] {
            assert!(!is_host(text), "{text}");
        }
    }

    #[test]
    fn labels() {
        for text in ["/", "/api/", "GET /api/", "*:create", "posts:list", "posts", "/a-b_c/"] {
            assert!(LABEL.is_match(text), "{text}");
        }
        for text in ["bad label", "é:b", "/api/x.y", "a:b\n", "*", "a:*", "GET  /"] {
            assert!(!LABEL.is_match(text), "{text}");
        }
    }
}
