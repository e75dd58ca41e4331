//! A mail, and its form on the wire.

use lettre::Message as WireMessage;
use lettre::address::Envelope;
use lettre::message::{Mailbox, MultiPart};

use super::{MailError, text};

/// Largest subject plus HTML, in bytes: templates are text, and queued mails are kept in memory.
const MAX_BYTES: usize = 4 << 20;

/// Length of the random part of a `Message-ID`, in characters.
const MESSAGE_ID_LENGTH: usize = 15;

/// Somebody with a mail address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// What mail programs show; may be empty.
    pub name: String,
    /// `somebody@example.com`
    pub email: String,
}

/// One mail to one recipient.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// The sender.
    pub from: Address,
    /// The recipient's address.
    pub to: String,
    /// Plain text; control characters are left out.
    pub subject: String,
    /// A complete page. The text part is derived from it.
    pub html: String,
}

impl Message {
    /// How much memory it takes, about.
    pub(super) fn size(&self) -> usize {
        self.subject.len() + self.html.len()
    }
}

impl std::fmt::Debug for Message {
    // Subjects and pages hold codes and links.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message").field("from", &self.from).field("to", &self.to).finish_non_exhaustive()
    }
}

/// A mail ready for the wire. Attempts to send it share one, so that a server that gets it twice can tell.
pub(super) struct Prepared {
    pub(super) envelope: Envelope,
    pub(super) to: String,
    /// RFC 5322, ASCII but for addresses.
    pub(super) bytes: Vec<u8>,
    pub(super) subject: String,
    pub(super) text: String,
}

impl Prepared {
    /// Gives a mail its wire form.
    ///
    /// # Errors
    /// [`MailError::Unusable`]: an address that is none, or too large a mail.
    pub(super) fn new(message: Message) -> Result<Self, MailError> {
        if message.size() > MAX_BYTES {
            return Err(MailError::Unusable(format!("it is larger than {} MiB", MAX_BYTES >> 20)));
        }
        let address = |email: &str| -> Result<lettre::Address, MailError> {
            let what = format!("\"{}\" is no mail address", one_line(email));
            email.trim().parse().map_err(|_| MailError::Unusable(what))
        };
        let from = address(&message.from.email)?;
        let to = address(&message.to)?;
        let subject = one_line(&message.subject);
        let text = text::of_html(&message.html).map_err(|_| MailError::Unusable("its HTML has no text form".into()))?;
        let envelope = Envelope::new(Some(from.clone()), vec![to.clone()]).map_err(|e| unusable(&e))?;
        let message_id = format!("<{}@{}>", random_id(), from.domain());
        let name = Some(one_line(&message.from.name)).filter(|name| !name.is_empty());
        let wire = WireMessage::builder()
            .from(Mailbox::new(name, from))
            .to(Mailbox::new(None, to))
            .subject(subject.clone())
            .message_id(Some(message_id))
            .multipart(MultiPart::alternative_plain_html(text.clone(), message.html))
            .map_err(|e| unusable(&e))?;
        Ok(Self { envelope, to: message.to, bytes: wire.formatted(), subject, text })
    }
}

fn unusable(error: &impl std::fmt::Display) -> MailError {
    MailError::Unusable(error.to_string())
}

/// Text for a header: a line break in it would begin another header, so control characters become spaces.
fn one_line(text: &str) -> String {
    let is_break = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let words: Vec<&str> = text.split(|c: char| is_break(c) || c == ' ').filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

fn random_id() -> String {
    // 32 characters, so that every byte yields one without bias.
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnopqrstuvwxyz2345678";
    let mut bytes = [0; MESSAGE_ID_LENGTH];
    getrandom::fill(&mut bytes).expect("the system's random source works");
    bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(subject: &str, sender: &str) -> Message {
        Message {
            from: Address { name: sender.to_owned(), email: "support@example.com".to_owned() },
            to: "ann@example.org".to_owned(),
            subject: subject.to_owned(),
            html: "<html><body><p>Grüße</p></body></html>".to_owned(),
        }
    }

    fn headers(message: Message) -> Vec<(String, String)> {
        let wire = String::from_utf8(Prepared::new(message).unwrap().bytes).unwrap();
        assert!(wire.is_ascii(), "{wire}");
        let (head, _) = wire.split_once("\r\n\r\n").unwrap();
        let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let pair = |line: &str| line.split_once(':').map(|(k, v)| (k.to_lowercase(), v.trim().to_owned())).unwrap();
        unfolded.split("\r\n").map(pair).collect()
    }

    #[test]
    fn hostile_names_make_no_headers() {
        let long = "x".repeat(5000);
        for evil in [
            "a\r\nBcc: evil@example.com",
            "a\nBcc: evil@example.com\n\n<script>",
            "a\rBcc: evil@example.com",
            "a\0\u{b}\u{c}\u{1b}[31m\u{7f}\u{85}Bcc: evil@example.com",
            "a\u{2028}Bcc: evil@example.com\u{2029}b",
            "=?utf-8?q?a=0D=0ABcc:_evil@example.com?=",
            "\"quoted\" <evil@example.com>, other@example.com",
            "é\r\nBcc: evil@example.com",
            "\r\n\r\nbody",
            long.as_str(),
        ] {
            let headers = headers(message(evil, evil));
            let mut names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
            names.sort_unstable();
            let want = ["content-type", "date", "from", "message-id", "mime-version", "subject", "to"];
            assert_eq!(names, want, "{evil:?}");
            let from = &headers.iter().find(|(name, _)| name == "from").unwrap().1;
            assert!(from.ends_with("<support@example.com>"), "{from}");
        }
    }

    #[test]
    fn what_is_not_an_address_is_refused() {
        for to in [
            "",
            "ann",
            "ann@",
            "@example.org",
            "a@b.co, c@d.co",
            "a@b.co\r\nBcc: c@d.co",
            "a@b.co>\r\nDATA",
            "a b@c.co",
            "Ann <a@b.co>",
            "a@b\0.co",
        ] {
            let got = Prepared::new(Message { to: to.to_owned(), ..message("s", "n") });
            assert!(matches!(got, Err(MailError::Unusable(_))), "{to:?}");
        }
    }

    #[test]
    fn other_scripts_are_encoded() {
        let headers = headers(message("Пароль für 日本", "Grüße, Team"));
        let value = |name: &str| headers.iter().find(|(n, _)| n == name).unwrap().1.clone();
        assert!(value("subject").starts_with("=?utf-8?b?"), "{}", value("subject"));
        assert!(value("from").starts_with("=?utf-8?b?"), "{}", value("from"));
        let id = value("message-id");
        assert!(id.ends_with("@example.com>") && id.len() == "<@example.com>".len() + MESSAGE_ID_LENGTH, "{id}");
    }

    #[test]
    fn a_mail_has_both_forms() {
        let wire = String::from_utf8(Prepared::new(message("s", "")).unwrap().bytes).unwrap();
        let (plain, html) = (wire.find("text/plain").unwrap(), wire.find("text/html").unwrap());
        assert!(wire.contains("multipart/alternative") && plain < html, "{wire}");
        assert!(wire.starts_with("From: support@example.com\r\n"), "{wire}");
    }

    #[test]
    fn huge_mails_are_refused() {
        let got = Prepared::new(Message { html: "x".repeat(MAX_BYTES), ..message("s", "n") });
        assert!(matches!(got, Err(MailError::Unusable(_))));
    }
}
