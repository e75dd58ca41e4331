//! Settings changed by the keys of a JSON object (reference part 3, section 12).

use serde_json::{Map, Value as Json};

use super::{Settings, SettingsError};

impl Settings {
    /// These settings with what `body` says: objects are merged key by key, arrays replaced, `null` changes nothing (an
    /// array it empties), unknown keys are ignored. Keys match in any case.
    ///
    /// # Errors
    /// [`SettingsError::Malformed`] if a value has another type than its key.
    pub(super) fn merged(&self, body: &Map<String, Json>) -> Result<Self, SettingsError> {
        let mut whole = self.to_stored();
        if let Json::Object(known) = &mut whole {
            merge_object(known, body)?;
        }
        serde_json::from_value(whole).map_err(|_| SettingsError::Malformed)
    }
}

fn merge_object(known: &mut Map<String, Json>, body: &Map<String, Json>) -> Result<(), SettingsError> {
    for (key, value) in body {
        let Some((_, old)) = known.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case(key)) else { continue };
        match (old, value) {
            (Json::Object(old), Json::Object(value)) => merge_object(old, value)?,
            (Json::Array(old), Json::Null) => old.clear(),
            (_, Json::Null) => {}
            (Json::Object(_), _) => return Err(SettingsError::Malformed),
            (old, value) => *old = value.clone(),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn merged(body: Json) -> Option<Json> {
        let Json::Object(body) = body else { panic!("an object") };
        Settings::default().merged(&body).ok().map(|settings| settings.to_stored())
    }

    #[test]
    fn keys_are_merged() {
        let old = Settings::default().to_stored();
        for (body, path, want) in [
            (json!({"BATCH": {"Enabled": true}}), "/batch/enabled", json!(true)),
            (json!({"batch": {"enabled": true}}), "/batch/maxRequests", json!(50)),
            (json!({"batch": null, "nope": 1}), "/batch", old["batch"].clone()),
            (json!({"meta": {"appName": null}}), "/meta/appName", json!("Acme")),
            (json!({"backups": {"s3": {"secret": "x"}}}), "/backups/s3/secret", json!("x")),
            (json!({"rateLimits": {"rules": null}}), "/rateLimits/rules", json!([])),
            (json!({"superuserIPs": ["::1"]}), "/superuserIPs", json!(["::1"])),
            (
                json!({"rateLimits": {"rules": [{"label": "a"}]}}),
                "/rateLimits/rules",
                json!([{"label": "a", "audience": "", "duration": 0, "maxRequests": 0}]),
            ),
        ] {
            assert_eq!(merged(body.clone()).unwrap().pointer(path), Some(&want), "{body}");
        }
    }

    #[test]
    fn types_are_strict() {
        for body in [
            json!({"batch": []}),
            json!({"batch": {"enabled": 1}}),
            json!({"batch": {"maxRequests": "5"}}),
            json!({"batch": {"maxRequests": 1.5}}),
            json!({"logs": {"minLevel": 9_223_372_036_854_775_808_u64}}),
            json!({"smtp": {"password": 5}}),
            json!({"superuserIPs": "x"}),
            json!({"superuserIPs": [1]}),
            json!({"rateLimits": {"rules": [5]}}),
            json!({"rateLimits": {"rules": {}}}),
        ] {
            assert_eq!(merged(body.clone()), None, "{body}");
        }
    }
}
