//! Ways a mail can leave.

use std::net::IpAddr;

/// What mails go out by, as a snapshot of the settings says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transport {
    /// To a mail server.
    Smtp(SmtpServer),
    /// Into the log: recipient, subject and text, for developers only.
    Log,
    /// Nothing is configured: every mail is refused.
    None,
}

impl Transport {
    /// `smtp`, `log` or `none`.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Smtp(_) => "smtp",
            Self::Log => "log",
            Self::None => "none",
        }
    }
}

/// A mail server and how to speak to it.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpServer {
    /// A host name or IP address.
    pub host: String,
    #[expect(missing_docs, reason = "the name says it")]
    pub port: u16,
    /// May be empty.
    pub username: String,
    /// May be empty; without user name and password the client does not sign in.
    pub password: String,
    /// How to sign in.
    pub auth_method: AuthMethod,
    /// TLS from the first byte; otherwise STARTTLS where the server offers it.
    pub tls: bool,
    /// What the client calls itself; empty for `localhost`.
    pub local_name: String,
}

impl SmtpServer {
    /// Whether the client signs in.
    pub(super) fn has_credentials(&self) -> bool {
        !self.username.is_empty() || !self.password.is_empty()
    }

    /// Whether it is this machine, so that nobody listens in between.
    pub(super) fn is_local(&self) -> bool {
        let host = self.bare_host();
        host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }

    /// The host without the brackets of an IPv6 address.
    pub(super) fn bare_host(&self) -> &str {
        self.host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(&self.host)
    }
}

impl std::fmt::Debug for SmtpServer {
    // The password must not reach logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmtpServer")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("auth_method", &self.auth_method)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}

/// How a client signs in to a mail server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AuthMethod {
    /// PLAIN, or LOGIN where the server offers only that.
    #[default]
    Any,
    /// PLAIN (RFC 4616).
    Plain,
    /// LOGIN, which old servers know.
    Login,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(host: &str) -> SmtpServer {
        SmtpServer {
            host: host.to_owned(),
            port: 25,
            username: "u".to_owned(),
            password: "hunter2".to_owned(),
            auth_method: AuthMethod::Any,
            tls: false,
            local_name: String::new(),
        }
    }

    #[test]
    fn local_is_this_machine_only() {
        for (host, want) in [
            ("localhost", true),
            ("LOCALHOST", true),
            ("127.0.0.1", true),
            ("127.8.8.8", true),
            ("::1", true),
            ("[::1]", true),
            ("0.0.0.0", false),
            ("10.0.0.1", false),
            ("localhost.example.com", false),
            ("127.0.0.1.example.com", false),
            ("", false),
        ] {
            assert_eq!(server(host).is_local(), want, "{host}");
        }
    }

    #[test]
    fn debug_hides_the_password() {
        assert!(!format!("{:?}", Transport::Smtp(server("h"))).contains("hunter2"));
    }
}
