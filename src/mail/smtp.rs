//! Speaking to a mail server.
//!
//! Connections are opened when a mail needs one, and kept a while for the next. Every step has a time limit.

use std::error::Error as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters, TlsParametersBuilder,
};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::{Error as SmtpError, response::Response};
use tokio::time::{Instant, sleep, timeout};

use super::message::Prepared;
use super::scrub::scrub;
use super::{AuthMethod, MailError, SmtpServer};

/// For connecting and for each command.
const STEP_LIMIT: Duration = Duration::from_secs(10);

/// For the answer to a whole mail, which some servers scan before they take it.
const CONTENT_LIMIT: Duration = Duration::from_mins(1);

/// How long an unused connection is kept.
const IDLE_LIMIT: Duration = Duration::from_secs(20);

/// Unused connections kept.
const MAX_IDLE: usize = 2;

/// The client, with its unused connections.
#[derive(Default)]
pub(super) struct Client {
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    server: SmtpServer,
    connection: AsyncSmtpConnection,
    since: Instant,
}

impl Client {
    /// Hands a mail to the server. A connection that was part of a failure is not used again.
    pub(super) async fn send(self: &Arc<Self>, server: &SmtpServer, mail: &Prepared) -> Result<(), MailError> {
        let session = Session { server, content: &mail.text };
        let mut connection = match self.take(server).await {
            Some(connection) => connection,
            None => session.open().await?,
        };
        session.submit(&mut connection, mail).await?;
        self.keep(server, connection);
        Ok(())
    }

    /// Says goodbye on unused connections.
    pub(super) async fn close(&self) {
        let idle = std::mem::take(&mut *self.lock());
        for Idle { mut connection, .. } in idle {
            let _ = timeout(Duration::from_secs(1), connection.quit()).await;
        }
    }

    /// A kept connection to the server that still answers.
    async fn take(&self, server: &SmtpServer) -> Option<AsyncSmtpConnection> {
        loop {
            let mut idle = {
                let mut kept = self.lock();
                // Settings have changed: connections made by the old ones are of no use.
                kept.retain(|idle| idle.server == *server);
                kept.pop()?
            };
            if let Ok(true) = timeout(STEP_LIMIT, idle.connection.test_connected()).await {
                return Some(idle.connection);
            }
        }
    }

    fn keep(self: &Arc<Self>, server: &SmtpServer, connection: AsyncSmtpConnection) {
        let mut kept = self.lock();
        if kept.len() >= MAX_IDLE {
            return;
        }
        kept.push(Idle { server: server.clone(), connection, since: Instant::now() });
        drop(kept);
        let client = Arc::downgrade(self);
        tokio::spawn(async move {
            sleep(IDLE_LIMIT).await;
            let Some(client) = client.upgrade() else { return };
            let is_old = |idle: &mut Idle| idle.since.elapsed() >= IDLE_LIMIT;
            let old: Vec<Idle> = client.lock().extract_if(.., is_old).collect();
            for Idle { mut connection, .. } in old {
                let _ = timeout(STEP_LIMIT, connection.quit()).await;
            }
        });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One conversation with the server, about a mail with this content.
struct Session<'a> {
    server: &'a SmtpServer,
    content: &'a str,
}

impl Session<'_> {
    /// Connects, encrypts and signs in, as far as the server's settings and the server itself go.
    async fn open(&self) -> Result<AsyncSmtpConnection, MailError> {
        let server = self.server;
        let name = if server.local_name.is_empty() { "localhost" } else { &server.local_name };
        let name = ClientId::Domain(name.to_owned());
        let at = (server.bare_host(), server.port);
        let tls = if server.tls { Some(self.tls()?) } else { None };
        let opening = AsyncSmtpConnection::connect_tokio1(at, Some(STEP_LIMIT), &name, tls, None);
        let mut connection = self.step("connecting", STEP_LIMIT, opening).await?;
        if connection.can_starttls() {
            self.step("STARTTLS", STEP_LIMIT, connection.starttls(self.tls()?, &name)).await?;
        }
        if server.has_credentials() {
            self.sign_in(&mut connection).await?;
        }
        Ok(connection)
    }

    async fn sign_in(&self, connection: &mut AsyncSmtpConnection) -> Result<(), MailError> {
        let server = self.server;
        if !connection.is_encrypted() && !server.is_local() {
            return Err(MailError::Permanent(format!(
                "{}: the mail server offers no encryption, so the user name and password were not sent to it",
                self.place()
            )));
        }
        let mechanisms: &[Mechanism] = match server.auth_method {
            AuthMethod::Any => &[Mechanism::Plain, Mechanism::Login],
            AuthMethod::Plain => &[Mechanism::Plain],
            AuthMethod::Login => &[Mechanism::Login],
        };
        if connection.server_info().get_auth_mechanism(mechanisms).is_none() {
            let names: Vec<String> = mechanisms.iter().map(ToString::to_string).collect();
            return Err(MailError::Permanent(format!(
                "{}: the mail server does not let clients sign in by {}",
                self.place(),
                names.join(" or ")
            )));
        }
        let credentials = Credentials::new(server.username.clone(), server.password.clone());
        self.step("signing in", STEP_LIMIT, connection.auth(mechanisms, &credentials)).await?;
        Ok(())
    }

    async fn submit(&self, connection: &mut AsyncSmtpConnection, mail: &Prepared) -> Result<(), MailError> {
        let mut addresses = mail.envelope.to().iter().chain(mail.envelope.from());
        let has_other_addresses = addresses.any(|address| !AsRef::<str>::as_ref(address).is_ascii());
        let mut options = Vec::new();
        for (is_needed, extension, option, what) in [
            (
                has_other_addresses,
                Extension::SmtpUtfEight,
                MailParameter::SmtpUtfEight,
                "addresses with other than ASCII characters",
            ),
            (
                !mail.bytes.is_ascii(),
                Extension::EightBitMime,
                MailParameter::Body(MailBodyParameter::EightBitMime),
                "headers with other than ASCII characters",
            ),
        ] {
            if is_needed && !connection.server_info().supports_feature(extension) {
                let place = self.place();
                return Err(MailError::Permanent(format!("{place}: the mail server does not take {what}")));
            }
            if is_needed {
                options.push(option);
            }
        }
        let sender = Mail::new(mail.envelope.from().cloned(), options);
        self.step("the sender", STEP_LIMIT, connection.command(sender)).await?;
        for recipient in mail.envelope.to() {
            let recipient = Rcpt::new(recipient.clone(), vec![]);
            self.step("the recipient", STEP_LIMIT, connection.command(recipient)).await?;
        }
        self.step("the mail", STEP_LIMIT, connection.command(Data)).await?;
        let taken: Response = self.step("the mail", CONTENT_LIMIT, connection.message(&mail.bytes)).await?;
        tracing::debug!(code = %taken.code(), "the mail server took a mail");
        Ok(())
    }

    /// Trusts Mozilla's roots and the system's, which `SSL_CERT_FILE` can replace.
    fn tls(&self) -> Result<TlsParameters, MailError> {
        let mut builder = TlsParametersBuilder::new(self.server.bare_host().to_owned())
            .certificate_store(CertificateStore::WebpkiRoots);
        for root in rustls_native_certs::load_native_certs().certs {
            let is_usable = rustls::RootCertStore::empty().add(root.clone()).is_ok();
            if let (true, Ok(root)) = (is_usable, Certificate::from_der(root.to_vec())) {
                builder = builder.add_root_certificate(root);
            }
        }
        builder.build().map_err(|error| MailError::Permanent(format!("{}: {error}", self.place())))
    }

    /// Runs one step of the conversation under a time limit.
    async fn step<T>(
        &self,
        step: &str,
        limit: Duration,
        work: impl Future<Output = Result<T, SmtpError>>,
    ) -> Result<T, MailError> {
        match timeout(limit, work).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(self.explain(step, &error)),
            Err(_) => {
                let hint = if step == "connecting" && !self.server.tls {
                    " (is it a port that needs TLS from the start?)"
                } else {
                    ""
                };
                let (place, seconds) = (self.place(), limit.as_secs());
                Err(MailError::Temporary(format!("{place}: {step}: no answer within {seconds} seconds{hint}")))
            }
        }
    }

    fn explain(&self, step: &str, error: &SmtpError) -> MailError {
        let place = self.place();
        let cause = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        let cause = scrub(&cause, &self.secrets(), self.content);
        if let Some(code) = error.status() {
            let text = format!("{place}: {step}: the mail server refused: {code} {cause}");
            return if error.is_transient() { MailError::Temporary(text) } else { MailError::Permanent(text) };
        }
        if let Some(tls) = tls_cause(error) {
            let hint = match tls {
                rustls::Error::InvalidMessage(_) => " (is it a port without TLS from the start?)",
                rustls::Error::InvalidCertificate(_) => {
                    " (a certificate of your own can be made known with the environment variable SSL_CERT_FILE)"
                }
                _ => "",
            };
            return MailError::Permanent(format!("{place}: {step}: TLS failed: {cause}{hint}"));
        }
        if error.is_client() {
            return MailError::Permanent(format!("{place}: {step}: {cause}"));
        }
        MailError::Temporary(format!("{place}: {step}: {cause}"))
    }

    fn place(&self) -> String {
        format!("{}:{}", self.server.host, self.server.port)
    }

    /// What must not be quoted: the password in each of its forms on the wire.
    fn secrets(&self) -> Vec<String> {
        let (username, password) = (&self.server.username, &self.server.password);
        if password.is_empty() {
            return Vec::new();
        }
        let plain = BASE64_STANDARD.encode(format!("\0{username}\0{password}"));
        vec![plain, BASE64_STANDARD.encode(password), password.clone()]
    }
}

/// The failure of TLS behind an error.
fn tls_cause(error: &SmtpError) -> Option<&rustls::Error> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(io) = error.downcast_ref::<std::io::Error>()
            && let Some(tls) = io.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>())
        {
            return Some(tls);
        }
        cause = error.source();
    }
    None
}
