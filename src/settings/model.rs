//! The settings and their defaults (reference part 3, section 12). Serialised, they are what the API shows: without
//! secrets.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::Secret;

/// All settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Addresses and networks superusers may come from; empty for all.
    #[serde(rename = "superuserIPs")]
    pub superuser_ips: Vec<String>,
    /// The mail server.
    pub smtp: Smtp,
    /// Backups by schedule, and where they go.
    pub backups: Backups,
    /// Where files are kept instead of the data folder.
    pub s3: S3,
    /// What the app is called.
    pub meta: Meta,
    /// Limits of requests per client.
    #[serde(rename = "rateLimits")]
    pub rate_limits: RateLimits,
    /// Where the client's address comes from behind a proxy.
    #[serde(rename = "trustedProxy")]
    pub trusted_proxy: TrustedProxy,
    /// Several requests in one.
    pub batch: Batch,
    /// Logs.
    pub logs: Logs,
}

/// The mail server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names say it")]
pub struct Smtp {
    pub enabled: bool,
    pub port: i64,
    pub host: String,
    pub username: String,
    #[serde(skip_serializing)]
    pub password: Secret,
    /// `""`, `PLAIN` or `LOGIN`.
    pub auth_method: String,
    /// TLS from the first byte; otherwise STARTTLS where the server offers it.
    pub tls: bool,
    /// Name the client introduces itself with.
    pub local_name: String,
}

/// A bucket.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names say it")]
pub struct S3 {
    pub enabled: bool,
    pub bucket: String,
    pub region: String,
    pub endpoint: String,
    pub access_key: String,
    #[serde(skip_serializing)]
    pub secret: Secret,
    pub force_path_style: bool,
}

/// Backups by schedule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Backups {
    /// When, as a cron expression; empty for never.
    pub cron: String,
    /// How many backups by schedule are kept.
    pub cron_max_keep: i64,
    /// Where they go instead of the data folder.
    pub s3: S3,
}

/// What the app is called, for mails and the dashboard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names say it")]
pub struct Meta {
    /// `#rrggbb`, or empty.
    pub accent_color: String,
    pub app_name: String,
    #[serde(rename = "appURL")]
    pub app_url: String,
    pub sender_name: String,
    pub sender_address: String,
    /// Whether the dashboard hides what changes collections.
    pub hide_controls: bool,
}

/// Limits of requests per client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RateLimits {
    /// The limits.
    pub rules: Vec<RateLimitRule>,
    /// Addresses and networks without limits.
    #[serde(rename = "excludedIPs")]
    pub excluded_ips: Vec<String>,
    /// Whether they apply.
    pub enabled: bool,
}

/// So many requests in such a time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RateLimitRule {
    /// What it limits: a path, a method with a path, or a tag such as `*:create`.
    pub label: String,
    /// Whom it limits: `""` everyone, `@guest` or `@auth`.
    pub audience: String,
    /// The time, in seconds.
    pub duration: i64,
    /// How many.
    pub max_requests: i64,
}

/// Where the client's address comes from behind a proxy.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TrustedProxy {
    /// Headers to look at, in order.
    pub headers: Vec<String>,
    /// Whether the first address of a list counts rather than the last.
    #[serde(rename = "useLeftmostIP")]
    pub use_leftmost_ip: bool,
}

/// Several requests in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Batch {
    /// Whether they are allowed.
    pub enabled: bool,
    /// Most requests in one.
    pub max_requests: i64,
    /// Longest time, in seconds; 0 for the default.
    pub timeout: i64,
    /// Largest body, in bytes; 0 for the default.
    pub max_body_size: i64,
}

/// Logs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Logs {
    /// Days they are kept; 0 for no logs.
    pub max_days: i64,
    /// Least level that is kept.
    pub min_level: i64,
    /// Whether they hold the client's address.
    #[serde(rename = "logIP")]
    pub log_ip: bool,
    /// Whether they hold the id of who is signed in.
    pub log_auth_id: bool,
}

impl Default for Settings {
    fn default() -> Self {
        let rule = |label: &str, duration, max_requests| RateLimitRule {
            label: label.to_owned(),
            audience: String::new(),
            duration,
            max_requests,
        };
        Self {
            superuser_ips: Vec::new(),
            smtp: Smtp {
                enabled: false,
                port: 587,
                host: "smtp.example.com".to_owned(),
                username: String::new(),
                password: Secret::default(),
                auth_method: String::new(),
                tls: false,
                local_name: String::new(),
            },
            backups: Backups { cron: String::new(), cron_max_keep: 3, s3: S3::default() },
            s3: S3::default(),
            meta: Meta {
                accent_color: "#1055c9".to_owned(),
                app_name: "Acme".to_owned(),
                app_url: "http://localhost:8090".to_owned(),
                sender_name: "Support".to_owned(),
                sender_address: "support@example.com".to_owned(),
                hide_controls: false,
            },
            rate_limits: RateLimits {
                rules: vec![
                    rule("*:auth", 3, 2),
                    rule("*:create", 5, 20),
                    rule("/api/batch", 1, 3),
                    rule("/api/", 10, 300),
                ],
                excluded_ips: Vec::new(),
                enabled: false,
            },
            trusted_proxy: TrustedProxy::default(),
            batch: Batch { enabled: false, max_requests: 50, timeout: 3, max_body_size: 0 },
            logs: Logs { max_days: 5, min_level: 0, log_ip: true, log_auth_id: false },
        }
    }
}

impl Settings {
    /// What is stored: everything, secrets included.
    pub(super) fn to_stored(&self) -> Json {
        let mut stored = json!(self);
        stored["smtp"]["password"] = self.smtp.password.reveal().into();
        stored["s3"]["secret"] = self.s3.secret.reveal().into();
        stored["backups"]["s3"]["secret"] = self.backups.s3.secret.reveal().into();
        stored
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_stored_but_never_shown() {
        let mut stored = Settings::default().to_stored();
        let secrets = ["/smtp/password", "/s3/secret", "/backups/s3/secret"];
        for path in secrets {
            *stored.pointer_mut(path).unwrap() = "hunter2".into();
        }
        let settings: Settings = serde_json::from_value(stored.clone()).unwrap();
        assert_eq!(settings.to_stored(), stored);
        let shown = json!(settings);
        for path in secrets {
            assert_eq!(shown.pointer(path), None, "{path}");
        }
        assert!(!format!("{settings:?}{shown}").contains("hunter2"));
        assert_eq!(settings.s3.secret.reveal(), "hunter2");
    }
}
