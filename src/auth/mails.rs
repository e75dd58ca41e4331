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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::query::Plan;
    use crate::schema::fields::SelectOptions;
    use crate::schema::{Collection, CollectionKind, Field, GeoPoint, Rules};
    use crate::settings::Settings;

    fn record(options: AuthOptions, values: Vec<(&str, FieldOptions, Value)>) -> Record {
        let field = |(name, options, _): &(&str, FieldOptions, Value)| Field::new(name, options.clone());
        let mut fields: Vec<Field> = values.iter().map(field).collect();
        fields.insert(0, crate::schema::defaults::id_field());
        let collection = Collection {
            id: "id_users".to_owned(),
            name: "users".to_owned(),
            system: false,
            rules: Rules::default(),
            fields,
            indexes: Vec::new(),
            created: String::new(),
            updated: String::new(),
            search: None,
            kind: CollectionKind::Auth(Box::new(options)),
        };
        let mut record = Record::empty(Arc::new(Plan::new(Arc::new(collection))));
        for (i, (_, _, value)) in values.into_iter().enumerate() {
            record.set(i + 1, value);
        }
        record
    }

    fn text(value: &str) -> Value {
        Value::Text(value.to_owned())
    }

    fn of(type_name: &str) -> FieldOptions {
        FieldOptions::new(type_name).unwrap()
    }

    fn verification(subject: &str, body: &str) -> AuthOptions {
        let template = EmailTemplate { subject: subject.to_owned(), body: body.to_owned() };
        AuthOptions { verification_template: template, ..AuthOptions::fresh() }
    }

    fn meta(name: &str, url: &str) -> Meta {
        Meta { app_name: name.to_owned(), app_url: url.to_owned(), ..Settings::default().meta }
    }

    fn composed(meta: &Meta, record: &Record) -> Message {
        compose(meta, record, "ann@example.com", &Mail::Verification { token: "T0KEN" }).unwrap()
    }

    #[test]
    fn values_of_records_by_type() {
        let many = FieldOptions::Select(SelectOptions { max_select: 2, ..SelectOptions::default() });
        let values = vec![
            ("name", of("text"), text("O'Neil <b>&\"")),
            ("bio", of("editor"), text("<p>a</p>")),
            ("count", of("number"), Value::Number(1e21)),
            ("half", of("number"), Value::Number(-0.5)),
            ("flag", of("bool"), Value::Bool(true)),
            ("day", of("date"), text("2024-01-02 03:04:05.678Z")),
            ("none", of("date"), text("")),
            ("one", of("select"), text("a<")),
            ("many", many, Value::List(vec!["a".to_owned(), "b".to_owned()])),
            ("data", of("json"), Value::Json("{\"a\":\"\\u003c\"}".to_owned())),
            ("place", of("geoPoint"), Value::Geo(GeoPoint { lon: 1.5, lat: 2.0 })),
            ("pin", of("password"), text("$argon2id$hash")),
        ];
        // What each shows in HTML and in a subject, as the reference does, but for its escaping of subjects.
        for (name, html, subject) in [
            ("name", "O&#39;Neil &lt;b&gt;&amp;&#34;", "O'Neil <b>&\""),
            ("bio", "&lt;p&gt;a&lt;/p&gt;", "<p>a</p>"),
            ("count", "1000000000000000000000", "1000000000000000000000"),
            ("half", "-0.5", "-0.5"),
            ("flag", "true", "true"),
            ("day", "2024-01-02 03:04:05.678Z", "2024-01-02 03:04:05.678Z"),
            ("none", "", ""),
            ("one", "a&lt;", "a<"),
            ("many", "", ""),
            ("data", "{&#34;a&#34;:&#34;\\u003c&#34;}", "{\"a\":\"\\u003c\"}"),
            ("place", "{&#34;lon&#34;:1.5,&#34;lat&#34;:2}", "{\"lon\":1.5,\"lat\":2}"),
            ("pin", "", ""),
            ("nope", "{RECORD:nope}", "{RECORD:nope}"),
            ("NAME", "{RECORD:NAME}", "{RECORD:NAME}"),
            (" name", "{RECORD: name}", "{RECORD: name}"),
            ("collectionId", "{RECORD:collectionId}", "{RECORD:collectionId}"),
        ] {
            let template = format!("[{{RECORD:{name}}}]");
            let message = composed(&meta("A", "u"), &record(verification(&template, &template), values.clone()));
            assert_eq!(message.subject, format!("[{subject}]"), "{name}");
            assert!(message.html.contains(&format!("[{html}]")), "{name}: {}", message.html);
        }
    }

    #[test]
    fn secrets_of_records_stay_out() {
        let mut record = record(
            verification("{RECORD:tokenKey}{RECORD:password}{RECORD:note}", ""),
            vec![("tokenKey", of("text"), text("s3cret")), ("password", of("password"), text("s3cret"))],
        );
        assert_eq!(composed(&meta("A", "u"), &record).subject, "{RECORD:tokenKey}{RECORD:note}");
        // As in every real collection.
        let mut collection = record.collection().clone();
        collection.fields.iter_mut().skip(1).for_each(|field| field.hidden = true);
        record = Record::empty(Arc::new(Plan::new(Arc::new(collection))));
        assert_eq!(composed(&meta("A", "u"), &record).subject, "{RECORD:tokenKey}{RECORD:password}{RECORD:note}");
    }

    #[test]
    fn values_are_not_templates() {
        let template = "{RECORD:name} {APP_NAME} {TOKEN}";
        let values = vec![("name", of("text"), text("{TOKEN}{APP_NAME}{RECORD:name}{"))];
        let message = composed(&meta("{TOKEN}", "u"), &record(verification(template, template), values));
        let want = "{TOKEN}{APP_NAME}{RECORD:name}{ {TOKEN} T0KEN";
        assert_eq!(message.subject, want);
        assert!(message.html.contains(want), "{}", message.html);
    }

    #[test]
    fn placeholders_of_other_mails_stay() {
        let all = "{TOKEN}{OTP}{OTP_ID}{ALERT_INFO}{token}{}{{APP_NAME}}{APP_NAME";
        let template = EmailTemplate { subject: all.to_owned(), body: all.to_owned() };
        let mut options = AuthOptions::fresh();
        for slot in [
            &mut options.verification_template,
            &mut options.reset_password_template,
            &mut options.confirm_email_change_template,
            &mut options.otp.email_template,
            &mut options.auth_alert.email_template,
        ] {
            *slot = template.clone();
        }
        let record = record(options, vec![]);
        for (mail, want) in [
            (Mail::Verification { token: "t" }, "t{OTP}{OTP_ID}{ALERT_INFO}{token}{}{A}{APP_NAME"),
            (Mail::PasswordReset { token: "t" }, "t{OTP}{OTP_ID}{ALERT_INFO}{token}{}{A}{APP_NAME"),
            (Mail::EmailChange { token: "t" }, "t{OTP}{OTP_ID}{ALERT_INFO}{token}{}{A}{APP_NAME"),
            (Mail::Otp { id: "i", password: "p" }, "{TOKEN}pi{ALERT_INFO}{token}{}{A}{APP_NAME"),
            (Mail::LoginAlert { info: "x" }, "{TOKEN}{OTP}{OTP_ID}x{token}{}{A}{APP_NAME"),
        ] {
            let message = compose(&meta("A", "u"), &record, "a@b.co", &mail).unwrap();
            assert_eq!(message.subject, want);
            assert!(message.html.contains(want), "{}", message.html);
        }
        let alert = compose(&meta("A", "u"), &record, "a@b.co", &Mail::LoginAlert { info: "<script>" }).unwrap();
        assert!(alert.html.contains("&lt;script&gt;") && !alert.html.contains("<script>"), "{}", alert.html);
    }

    #[test]
    fn the_default_mails_link_to_the_dashboard() {
        let record = record(AuthOptions::fresh(), vec![]);
        for url in ["https://app.example.com", "https://app.example.com/"] {
            for (mail, path) in [
                (Mail::Verification { token: "T" }, "confirm-verification"),
                (Mail::PasswordReset { token: "T" }, "confirm-password-reset"),
                (Mail::EmailChange { token: "T" }, "confirm-email-change"),
            ] {
                let html = compose(&meta("A", url), &record, "a@b.co", &mail).unwrap().html;
                assert!(html.contains(&format!("href=\"https://app.example.com/_/#/auth/{path}/T\"")), "{html}");
            }
        }
        let sub = record_with_body(r#"<a href="{APP_URL}x">"#);
        assert!(composed(&meta("A", "https://a.b/"), &sub).html.contains("https://a.b/x"));
    }

    fn record_with_body(body: &str) -> Record {
        record(verification("", body), vec![])
    }

    #[test]
    fn long_runs_of_braces_are_no_work() {
        let braces = "{".repeat(1 << 20);
        let message = composed(&meta("A", "u"), &record(verification("s", &braces), vec![]));
        assert!(message.html.contains(&braces));
    }
}
