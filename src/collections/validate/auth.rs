//! Options of auth collections (reference part 1, section 3).

use super::rules::system_rule_issue;
use super::{Subject, length_issue};
use crate::collections::rules::check_rule;
use crate::oauth2::is_known_provider;
use crate::query::single_column_unique_index;
use crate::schema::auth_options::{AuthOptions, EmailTemplate, OAuth2Provider};
use crate::validation::{Issue, ValidationErrors};

/// Seconds of the longest token life: three years.
const MAX_TOKEN_SECONDS: i64 = 94_670_856;

/// Checks the options in three phases; one with errors is the last one.
pub(super) fn check_options(subject: &Subject<'_>, options: &AuthOptions, errors: &mut ValidationErrors) {
    for phase in [check_values, check_mfa, check_identity_fields] {
        let mut found = ValidationErrors::new();
        phase(subject, options, &mut found);
        if !found.is_empty() {
            errors.merge("", found);
            return;
        }
    }
}

fn check_values(subject: &Subject<'_>, options: &AuthOptions, errors: &mut ValidationErrors) {
    check_auth_rules(subject, options, errors);
    for (path, template) in [
        ("authAlert.emailTemplate", &options.auth_alert.email_template),
        ("otp.emailTemplate", &options.otp.email_template),
        ("verificationTemplate", &options.verification_template),
        ("resetPasswordTemplate", &options.reset_password_template),
        ("confirmEmailChangeTemplate", &options.confirm_email_change_template),
    ] {
        check_template(path, template, errors);
    }
    for (key, token) in options.tokens() {
        let secret = &token.secret;
        if secret.is_empty() {
            errors.add(&format!("{key}.secret"), Issue::required());
        } else if !(30..=255).contains(&secret.len()) {
            errors.add(&format!("{key}.secret"), length_issue(30, 255));
        }
        check_range(&format!("{key}.duration"), token.duration, 10, MAX_TOKEN_SECONDS, errors);
    }
    if options.oauth2.enabled {
        check_providers(options.oauth2.providers.as_deref().unwrap_or_default(), errors);
    }
    if options.password_auth.enabled && options.password_auth.identity_fields.is_empty() {
        errors.add("passwordAuth.identityFields", Issue::required());
    }
    if options.mfa.enabled {
        check_range("mfa.duration", options.mfa.duration, 10, 86_400, errors);
    }
    if options.otp.enabled {
        check_range("otp.duration", options.otp.duration, 10, 86_400, errors);
        check_range("otp.length", options.otp.length, 4, i64::MAX, errors);
    }
}

fn check_auth_rules(subject: &Subject<'_>, options: &AuthOptions, errors: &mut ValidationErrors) {
    let old = subject.old.filter(|_| subject.new.system).and_then(|old| old.auth_options());
    let checked = |rule: &Option<String>| rule.as_deref().and_then(|rule| check_rule(rule, subject));
    let auth_rule = match old {
        Some(old) if old.auth_rule != options.auth_rule => Some(system_rule_issue()),
        _ => checked(&options.auth_rule),
    };
    let manage_rule = match old {
        _ if options.manage_rule.as_deref() == Some("") => {
            // An empty rule would let every signed-in user manage all records.
            Some(Issue::new("validation_nil_or_not_empty_required", "Must be null or a rule that is not empty."))
        }
        Some(old) if old.manage_rule != options.manage_rule => Some(system_rule_issue()),
        _ => checked(&options.manage_rule),
    };
    for (key, issue) in [("authRule", auth_rule), ("manageRule", manage_rule)] {
        if let Some(issue) = issue {
            errors.add(key, issue);
        }
    }
}

fn check_template(path: &str, template: &EmailTemplate, errors: &mut ValidationErrors) {
    for (key, text) in [("subject", &template.subject), ("body", &template.body)] {
        if text.is_empty() {
            errors.add(&format!("{path}.{key}"), Issue::required());
        }
    }
}

fn check_range(path: &str, value: i64, min: i64, max: i64, errors: &mut ValidationErrors) {
    if value == 0 {
        errors.add(path, Issue::required());
    } else if value < min {
        let issue = Issue::new("validation_min_greater_equal_than_required", format!("Must be {min} or more."));
        errors.add(path, issue.with("threshold", min));
    } else if value > max {
        let issue = Issue::new("validation_max_less_equal_than_required", format!("Must be {max} or less."));
        errors.add(path, issue.with("threshold", max));
    }
}

/// Names must be unique; only then each provider is looked at.
fn check_providers(providers: &[OAuth2Provider], errors: &mut ValidationErrors) {
    for (position, provider) in providers.iter().enumerate() {
        if providers[..position].iter().any(|other| other.name == provider.name) {
            let message = format!("{} is configured twice.", provider.name);
            let issue = Issue::new("validation_duplicated_provider", message).with("name", provider.name.as_str());
            errors.add(&format!("oauth2.providers.{position}.name"), issue);
            return;
        }
    }
    for (position, provider) in providers.iter().enumerate() {
        let path = |key: &str| format!("oauth2.providers.{position}.{key}");
        if provider.name.is_empty() {
            errors.add(&path("name"), Issue::required());
        } else if !is_known_provider(&provider.name) {
            let issue = Issue::new("validation_missing_provider", format!("{} is not known.", provider.name));
            errors.add(&path("name"), issue.with("name", provider.name.as_str()));
        }
        for (key, text) in [("clientId", &provider.client_id), ("clientSecret", &provider.client_secret)] {
            if text.is_empty() {
                errors.add(&path(key), Issue::required());
            }
        }
        for (key, url) in [
            ("authURL", &provider.auth_url),
            ("tokenURL", &provider.token_url),
            ("userInfoURL", &provider.user_info_url),
        ] {
            if !url.is_empty() && !is_url(url) {
                errors.add(&path(key), Issue::new("validation_is_url", "Must be a web address."));
            }
        }
    }
}

fn check_mfa(subject: &Subject<'_>, options: &AuthOptions, errors: &mut ValidationErrors) {
    if !options.mfa.enabled {
        return;
    }
    let methods = [options.password_auth.enabled, options.oauth2.enabled, options.otp.enabled];
    if methods.into_iter().filter(|&enabled| enabled).count() < 2 {
        let text = "At least two ways to sign in must be enabled.";
        errors.add("mfa.enabled", Issue::new("validation_mfa_not_enough_auths", text));
    }
    if options.mfa.rule.is_empty() {
        return;
    }
    let old = subject.old.filter(|_| subject.new.system).and_then(|old| old.auth_options());
    if old.is_some_and(|old| old.mfa.rule != options.mfa.rule) {
        errors.add("mfa.rule", system_rule_issue());
    } else if let Some(issue) = check_rule(&options.mfa.rule, subject) {
        errors.add("mfa.rule", issue);
    }
}

/// A sign-in must find one record at most.
fn check_identity_fields(subject: &Subject<'_>, options: &AuthOptions, errors: &mut ValidationErrors) {
    if !options.password_auth.enabled {
        return;
    }
    for name in &options.password_auth.identity_fields {
        let issue = if subject.new.find_field(name).is_none() {
            Issue::new("validation_missing_field", format!("There is no field {name}."))
        } else if single_column_unique_index(subject.new, name).is_none() {
            let message = format!("{name} has no unique index of its own.");
            Issue::new("validation_missing_unique_constraint", message)
        } else {
            continue;
        };
        errors.add("passwordAuth.identityFields", issue.with("fieldName", name.as_str()));
        return;
    }
}

/// Whether the text is a web address as an option, which must not be empty.
fn is_url(text: &str) -> bool {
    crate::schema::fields::is_url(text)
}
