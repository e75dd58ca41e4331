//! Decoding a request body over a stored collection's options, key by key (reference part 1, section 3 "Merge on PATCH").
//!
//! Strictly typed: a wrong type fails the whole request. Keys match in any case, unknown keys are ignored, and `null`
//! leaves a plain value as it is. Arrays are replaced.

use serde_json::{Map, Value as Json};

use crate::schema::auth_options::{
    AuthAlert, AuthOptions, EmailTemplate, MappedFields, MfaOptions, OAuth2Options, OAuth2Provider, OtpOptions,
    PasswordAuth, TokenOptions,
};
use crate::schema::{SearchOptions, SearchedField};

/// The body holds a value of another type than its key wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

/// A value that a JSON value can be decoded over.
pub(super) trait Merge {
    /// Takes over what `json` says.
    fn merge(&mut self, json: &Json) -> Result<(), Malformed>;
}

/// Calls `apply` with every key in lower case; `null` is no object and changes nothing.
fn for_each_key(json: &Json, mut apply: impl FnMut(&str, &Json) -> Result<(), Malformed>) -> Result<(), Malformed> {
    match json {
        Json::Null => Ok(()),
        Json::Object(map) => map.iter().try_for_each(|(key, value)| apply(&key.to_ascii_lowercase(), value)),
        _ => Err(Malformed),
    }
}

impl Merge for String {
    fn merge(&mut self, json: &Json) -> Result<(), Malformed> {
        match json {
            Json::Null => Ok(()),
            Json::String(text) => {
                self.clone_from(text);
                Ok(())
            }
            _ => Err(Malformed),
        }
    }
}

impl Merge for bool {
    fn merge(&mut self, json: &Json) -> Result<(), Malformed> {
        match json {
            Json::Null => Ok(()),
            Json::Bool(value) => {
                *self = *value;
                Ok(())
            }
            _ => Err(Malformed),
        }
    }
}

impl Merge for i64 {
    fn merge(&mut self, json: &Json) -> Result<(), Malformed> {
        if !json.is_null() {
            *self = json.as_i64().ok_or(Malformed)?;
        }
        Ok(())
    }
}

impl Merge for f64 {
    fn merge(&mut self, json: &Json) -> Result<(), Malformed> {
        if !json.is_null() {
            *self = json.as_f64().ok_or(Malformed)?;
        }
        Ok(())
    }
}

/// `null` clears.
impl<T: Merge + Default> Merge for Option<T> {
    fn merge(&mut self, json: &Json) -> Result<(), Malformed> {
        if json.is_null() {
            *self = None;
            return Ok(());
        }
        self.get_or_insert_default().merge(json)
    }
}

/// `null` clears, other arrays replace.
impl Merge for Vec<String> {
    fn merge(&mut self, json: &Json) -> Result<(), Malformed> {
        self.clear();
        match json {
            Json::Null => Ok(()),
            Json::Array(items) => items.iter().try_for_each(|item| {
                let mut text = String::new();
                text.merge(item)?;
                self.push(text);
                Ok(())
            }),
            _ => Err(Malformed),
        }
    }
}

impl Merge for Map<String, Json> {
    fn merge(&mut self, json: &Json) -> Result<(), Malformed> {
        let Json::Object(map) = json else { return Err(Malformed) };
        self.extend(map.clone());
        Ok(())
    }
}

impl Merge for AuthOptions {
    fn merge(&mut self, json: &Json) -> Result<(), Malformed> {
        for_each_key(json, |key, value| match key {
            "authrule" => self.auth_rule.merge(value),
            "managerule" => self.manage_rule.merge(value),
            "authalert" => self.auth_alert.merge(value),
            "oauth2" => self.oauth2.merge(value),
            "passwordauth" => self.password_auth.merge(value),
            "mfa" => self.mfa.merge(value),
            "otp" => self.otp.merge(value),
            "authtoken" => self.auth_token.merge(value),
            "passwordresettoken" => self.password_reset_token.merge(value),
            "emailchangetoken" => self.email_change_token.merge(value),
            "verificationtoken" => self.verification_token.merge(value),
            "filetoken" => self.file_token.merge(value),
            "verificationtemplate" => self.verification_template.merge(value),
            "resetpasswordtemplate" => self.reset_password_template.merge(value),
            "confirmemailchangetemplate" => self.confirm_email_change_template.merge(value),
            _ => Ok(()),
        })
    }
}

impl Merge for SearchOptions {
    fn merge(&mut self, json: &Json) -> Result<(), Malformed> {
        for_each_key(json, |key, value| match key {
            "fields" => match value {
                Json::Null => {
                    self.fields.clear();
                    Ok(())
                }
                Json::Array(items) => {
                    let read = |item: &Json| {
                        let mut field = SearchedField::default();
                        field.merge(item).map(|()| field)
                    };
                    self.fields = items.iter().map(read).collect::<Result<_, _>>()?;
                    Ok(())
                }
                _ => Err(Malformed),
            },
            "language" => self.language.merge(value),
            "facets" => self.facets.merge(value),
            "prefix" => self.prefix.merge(value),
            "typos" => self.typos.merge(value),
            _ => Ok(()),
        })
    }
}

/// A name stands for a field of ordinary weight.
impl Merge for SearchedField {
    fn merge(&mut self, json: &Json) -> Result<(), Malformed> {
        if json.is_string() {
            return self.name.merge(json);
        }
        for_each_key(json, |key, value| match key {
            "name" => self.name.merge(value),
            "weight" => self.weight.merge(value),
            _ => Ok(()),
        })
    }
}

impl Merge for AuthAlert {
    fn merge(&mut self, json: &Json) -> Result<(), Malformed> {
        for_each_key(json, |key, value| match key {
            "enabled" => self.enabled.merge(value),
            "emailtemplate" => self.email_template.merge(value),
            _ => Ok(()),
        })
    }
}

impl Merge for OAuth2Options {
    fn merge(&mut self, json: &Json) -> Result<(), Malformed> {
        for_each_key(json, |key, value| match key {
            "enabled" => self.enabled.merge(value),
            "mappedfields" => self.mapped_fields.merge(value),
            "providers" => {
                self.providers = merge_providers(self.providers.as_deref().unwrap_or_default(), value)?;
                Ok(())
            }
            _ => Ok(()),
        })
    }
}

/// The submitted providers, each with the stored secret **of the same name** where none was submitted.
///
/// The reference decodes the items over the stored ones by position instead, which hands one provider's secret to
/// another when the list is reordered or shortened (reference part 3, section 5 and 22). Clients that send the list
/// back as they got it see no difference; `docs/compatibility.md` lists it.
fn merge_providers(stored: &[OAuth2Provider], json: &Json) -> Result<Option<Vec<OAuth2Provider>>, Malformed> {
    let Json::Array(items) = json else {
        return if json.is_null() { Ok(None) } else { Err(Malformed) };
    };
    let merge_one = |item: &Json| {
        let mut provider = OAuth2Provider::default();
        provider.merge(item)?;
        if provider.client_secret.is_empty()
            && let Some(old) = stored.iter().find(|old| old.name == provider.name)
        {
            provider.client_secret.clone_from(&old.client_secret);
        }
        Ok(provider)
    };
    items.iter().map(merge_one).collect::<Result<_, _>>().map(Some)
}

impl Merge for OAuth2Provider {
    fn merge(&mut self, json: &Json) -> Result<(), Malformed> {
        for_each_key(json, |key, value| match key {
            "pkce" => self.pkce.merge(value),
            "name" => self.name.merge(value),
            "clientid" => self.client_id.merge(value),
            "clientsecret" => self.client_secret.merge(value),
            "authurl" => self.auth_url.merge(value),
            "tokenurl" => self.token_url.merge(value),
            "userinfourl" => self.user_info_url.merge(value),
            "displayname" => self.display_name.merge(value),
            "extra" => self.extra.merge(value),
            _ => Ok(()),
        })
    }
}

impl Merge for MappedFields {
    fn merge(&mut self, json: &Json) -> Result<(), Malformed> {
        for_each_key(json, |key, value| match key {
            "id" => self.id.merge(value),
            "name" => self.name.merge(value),
            "username" => self.username.merge(value),
            "avatarurl" => self.avatar_url.merge(value),
            _ => Ok(()),
        })
    }
}

impl Merge for PasswordAuth {
    fn merge(&mut self, json: &Json) -> Result<(), Malformed> {
        for_each_key(json, |key, value| match key {
            "enabled" => self.enabled.merge(value),
            "identityfields" => self.identity_fields.merge(value),
            _ => Ok(()),
        })
    }
}

impl Merge for MfaOptions {
    fn merge(&mut self, json: &Json) -> Result<(), Malformed> {
        for_each_key(json, |key, value| match key {
            "enabled" => self.enabled.merge(value),
            "duration" => self.duration.merge(value),
            "rule" => self.rule.merge(value),
            _ => Ok(()),
        })
    }
}

impl Merge for OtpOptions {
    fn merge(&mut self, json: &Json) -> Result<(), Malformed> {
        for_each_key(json, |key, value| match key {
            "enabled" => self.enabled.merge(value),
            "duration" => self.duration.merge(value),
            "length" => self.length.merge(value),
            "emailtemplate" => self.email_template.merge(value),
            _ => Ok(()),
        })
    }
}

impl Merge for TokenOptions {
    fn merge(&mut self, json: &Json) -> Result<(), Malformed> {
        for_each_key(json, |key, value| match key {
            "secret" => self.secret.merge(value),
            "duration" => self.duration.merge(value),
            _ => Ok(()),
        })
    }
}

impl Merge for EmailTemplate {
    fn merge(&mut self, json: &Json) -> Result<(), Malformed> {
        for_each_key(json, |key, value| match key {
            "subject" => self.subject.merge(value),
            "body" => self.body.merge(value),
            _ => Ok(()),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn provider(name: &str, secret: &str) -> OAuth2Provider {
        OAuth2Provider { name: name.to_owned(), client_secret: secret.to_owned(), ..OAuth2Provider::default() }
    }

    #[test]
    fn nested_objects_merge_and_null_changes_nothing() {
        let mut otp = OtpOptions { enabled: false, duration: 180, length: 8, email_template: EmailTemplate::default() };
        for body in [json!({"Enabled": true}), json!({}), json!(null), json!({"length": null, "other": 1})] {
            otp.merge(&body).unwrap();
            assert_eq!((otp.enabled, otp.duration, otp.length), (true, 180, 8), "{body}");
        }
    }

    #[test]
    fn wrong_types_are_malformed() {
        for body in [
            json!([]),
            json!({"authRule": 1}),
            json!({"otp": 1}),
            json!({"otp": {"enabled": "true"}}),
            json!({"otp": {"duration": 1.5}}),
            json!({"otp": {"duration": 1e30}}),
            json!({"passwordAuth": {"identityFields": "email"}}),
            json!({"passwordAuth": {"identityFields": [1]}}),
            json!({"oauth2": {"providers": {}}}),
            json!({"oauth2": {"providers": [{"extra": []}]}}),
        ] {
            let mut options = AuthOptions::fresh();
            assert_eq!(options.merge(&body), Err(Malformed), "{body}");
        }
    }

    #[test]
    fn provider_secrets_follow_their_name() {
        let mut oauth2 = OAuth2Options {
            providers: Some(vec![provider("google", "g"), provider("github", "h")]),
            ..OAuth2Options::default()
        };
        oauth2.merge(&json!({"providers": [{"name": "github"}, {"name": "gitlab"}]})).unwrap();
        assert_eq!(oauth2.providers, Some(vec![provider("github", "h"), provider("gitlab", "")]));
        oauth2.merge(&json!({"providers": null})).unwrap();
        assert_eq!(oauth2.providers, None);
    }
}
