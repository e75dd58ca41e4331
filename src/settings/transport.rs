//! What mails go out by, as the settings say.

use super::Smtp;
use crate::mail::{AuthMethod, SmtpServer, Transport};

impl Smtp {
    /// The mail server if it is switched on; otherwise, on a developer's machine, the log.
    pub fn transport(&self, is_dev: bool) -> Transport {
        if !self.enabled {
            return if is_dev { Transport::Log } else { Transport::None };
        }
        Transport::Smtp(SmtpServer {
            host: self.host.clone(),
            // No server listens on port 0: a port out of range fails with a clear error.
            port: u16::try_from(self.port).unwrap_or(0),
            username: self.username.clone(),
            password: self.password.reveal().to_owned(),
            auth_method: match self.auth_method.as_str() {
                "PLAIN" => AuthMethod::Plain,
                "LOGIN" => AuthMethod::Login,
                _ => AuthMethod::Any,
            },
            tls: self.tls,
            local_name: self.local_name.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::mail::{AuthMethod, Transport};
    use crate::settings::Settings;

    #[test]
    fn the_log_is_for_developers_without_a_mail_server() {
        let mut smtp = Settings::default().smtp;
        assert_eq!(smtp.transport(true), Transport::Log);
        assert_eq!(smtp.transport(false), Transport::None);
        smtp.enabled = true;
        for (method, want) in [("", AuthMethod::Any), ("PLAIN", AuthMethod::Plain), ("LOGIN", AuthMethod::Login)] {
            smtp.auth_method = method.to_owned();
            for is_dev in [true, false] {
                let Transport::Smtp(server) = smtp.transport(is_dev) else { panic!("no mail server") };
                assert_eq!((server.port, server.auth_method), (587, want), "{method}");
            }
        }
    }
}
