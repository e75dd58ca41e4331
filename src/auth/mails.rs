//! The mails of an account: a template of its collection, filled in (reference part 3, section 9).

use std::borrow::Cow;

use super::AuthError;
use super::mail_page::page;
use super::sign_in::auth_options;
use crate::mail::{Address, Message};
use crate::records::Record;
use crate::schema::auth_options::EmailTemplate;
use crate::schema::{AuthOptions, FieldOptions, Value, cast};
use crate::settings::Meta;

/// What a mail is about. All values are plain text: they are escaped where they end up in HTML.
#[derive(Clone, Copy)]
pub(super) enum Mail<'a> {
    /// Asks for a click that proves the address.
    Verification {
        /// For `confirm-verification`.
        token: &'a str,
    },
    /// Leads to the page where a new password is chosen.
    PasswordReset {
        /// For `confirm-password-reset`.
        token: &'a str,
    },
    /// Goes to the new address.
    EmailChange {
        /// For `confirm-email-change`.
        token: &'a str,
    },
    /// Carries a one-time password.
    Otp {
        /// Id of the one-time password.
        id: &'a str,
        /// The one-time password.
        password: &'a str,
    },
    /// Warns about a sign-in from a place not seen before.
    LoginAlert {
        /// When, from where, with what.
        info: &'a str,
    },
}

impl<'a> Mail<'a> {
    fn template<'t>(&self, options: &'t AuthOptions) -> &'t EmailTemplate {
        match self {
            Self::Verification { .. } => &options.verification_template,
            Self::PasswordReset { .. } => &options.reset_password_template,
            Self::EmailChange { .. } => &options.confirm_email_change_template,
            Self::Otp { .. } => &options.otp.email_template,
            Self::LoginAlert { .. } => &options.auth_alert.email_template,
        }
    }

    /// The value of a placeholder that only this kind of mail has.
    fn value(&self, name: &str) -> Option<&'a str> {
        match (*self, name) {
            (Self::Verification { token } | Self::PasswordReset { token } | Self::EmailChange { token }, "TOKEN") => {
                Some(token)
            }
            (Self::Otp { password, .. }, "OTP") => Some(password),
            (Self::Otp { id, .. }, "OTP_ID") => Some(id),
            (Self::LoginAlert { info }, "ALERT_INFO") => Some(info),
            _ => None,
        }
    }
}

/// The template of the record's collection, filled in and wrapped in the page. `to` is the recipient's address.
///
/// # Errors
/// [`AuthError::NotAuthCollection`].
pub(super) fn compose(meta: &Meta, record: &Record, to: &str, mail: &Mail<'_>) -> Result<Message, AuthError> {
    let template = mail.template(auth_options(record.collection())?);
    let values = Values { meta, record, mail };
    let subject = fill(&template.subject, |name| values.find(name).map(|value| value.text));
    let body = fill(&template.body, |name| values.find(name).map(Found::into_html));
    Ok(Message {
        from: Address { name: meta.sender_name.clone(), email: meta.sender_address.clone() },
        to: to.to_owned(),
        subject,
        html: page(&escape(&meta.app_name), &body),
    })
}

/// What placeholders stand for.
struct Values<'a> {
    meta: &'a Meta,
    record: &'a Record,
    mail: &'a Mail<'a>,
}

/// The value of a placeholder.
struct Found<'a> {
    text: Cow<'a, str>,
    /// The types that the reference does not escape. None of their values has a sign of HTML.
    is_safe: bool,
}

impl<'a> Found<'a> {
    fn plain(text: impl Into<Cow<'a, str>>) -> Self {
        Self { text: text.into(), is_safe: false }
    }

    fn into_html(self) -> Cow<'a, str> {
        if self.is_safe { self.text } else { escape(&self.text).into_owned().into() }
    }
}

impl<'a> Values<'a> {
    /// `None` for a placeholder that this mail does not have: it stays as it is.
    fn find(&self, name: &str) -> Option<Found<'a>> {
        match name {
            "APP_NAME" => Some(Found::plain(&self.meta.app_name)),
            "APP_URL" => Some(Found::plain(&self.meta.app_url)),
            _ => match name.strip_prefix("RECORD:") {
                Some(field) => self.field(field),
                None => self.mail.value(name).map(Found::plain),
            },
        }
    }

    fn field(&self, name: &str) -> Option<Found<'a>> {
        let position = self.record.position(name)?;
        let field = &self.record.collection().fields[position];
        // Stays hidden even in a collection whose definition has been tampered with.
        if field.hidden || name == "tokenKey" {
            return None;
        }
        let is_safe = matches!(
            field.options,
            FieldOptions::Date(_) | FieldOptions::Autodate(_) | FieldOptions::Bool | FieldOptions::Number(_)
        );
        let text = match &self.record.values()[position] {
            _ if matches!(field.options, FieldOptions::Password(_)) => Cow::default(),
            Value::Text(text) | Value::Json(text) => Cow::Borrowed(text.as_str()),
            Value::Number(number) => cast::text_of_number(*number).into(),
            Value::Bool(flag) => flag.to_string().into(),
            // As in the reference: several values have no text.
            Value::List(_) => Cow::default(),
            Value::Geo(point) => {
                let mut json = Vec::new();
                point.write_json(&mut json);
                String::from_utf8(json).unwrap_or_default().into()
            }
        };
        Some(Found { text, is_safe })
    }
}

/// Replaces placeholders in one pass, so that one in a value (a record named `{TOKEN}`) stays what it is.
fn fill<'v>(template: &str, find: impl Fn(&str) -> Option<Cow<'v, str>>) -> String {
    let mut out = String::with_capacity(template.len() + 512);
    let mut rest = template;
    while let Some(start) = rest.find('{') {
        let (before, at) = rest.split_at(start);
        out.push_str(before);
        let inner = &at[1..];
        let end = inner.find(['{', '}']).filter(|end| inner.as_bytes()[*end] == b'}');
        let Some((end, value)) = end.and_then(|end| Some((end, find(&inner[..end])?))) else {
            out.push('{');
            rest = inner;
            continue;
        };
        rest = &inner[end + 1..];
        // `{APP_URL}/_/…` with an address that ends in a slash must not become `…//_/…`.
        let is_doubled = &inner[..end] == "APP_URL" && value.ends_with('/') && rest.starts_with('/');
        out.push_str(if is_doubled { value.trim_end_matches('/') } else { &value });
    }
    out.push_str(rest);
    out
}

/// Text as HTML, fit for attributes as well.
fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out.into()
}
