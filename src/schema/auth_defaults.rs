//! What a new auth collection starts with, and what the stored options of an older folder lack (reference part 1,
//! section 3).

use super::auth_options::{
    AuthAlert, AuthOptions, EmailTemplate, MfaOptions, OAuth2Options, OtpOptions, PasswordAuth, TokenOptions,
};
use super::{ids, mail_templates};

/// Characters of a generated token secret.
const SECRET_LENGTH: usize = 50;

impl AuthOptions {
    /// The options of a new collection. Secrets are empty: [`fill_secrets`](Self::fill_secrets) makes them.
    pub fn fresh() -> Self {
        Self {
            auth_rule: Some(String::new()),
            manage_rule: None,
            auth_alert: AuthAlert { enabled: true, email_template: mail_templates::auth_alert() },
            oauth2: OAuth2Options::default(),
            password_auth: PasswordAuth { enabled: true, identity_fields: vec!["email".to_owned()] },
            mfa: MfaOptions { enabled: false, duration: 600, rule: String::new() },
            otp: OtpOptions { enabled: false, duration: 180, length: 8, email_template: mail_templates::otp() },
            auth_token: token(432_000),
            password_reset_token: token(1800),
            email_change_token: token(1800),
            verification_token: token(86_400),
            file_token: token(180),
            verification_template: mail_templates::verification(),
            reset_password_template: mail_templates::password_reset(),
            confirm_email_change_template: mail_templates::email_change(),
        }
    }

    /// Fills what an older folder did not store: durations and mails. Rules and switches keep their zero, which is the
    /// safe side.
    pub fn fill_missing(&mut self) {
        let fresh = Self::fresh();
        let number = |value: &mut i64, default: i64| {
            if *value == 0 {
                *value = default;
            }
        };
        let mail = |template: &mut EmailTemplate, default: EmailTemplate| {
            if template.subject.is_empty() && template.body.is_empty() {
                *template = default;
            }
        };
        number(&mut self.mfa.duration, fresh.mfa.duration);
        number(&mut self.otp.duration, fresh.otp.duration);
        number(&mut self.otp.length, fresh.otp.length);
        for (token, (_, default)) in self.tokens_mut().into_iter().zip(fresh.tokens()) {
            number(&mut token.duration, default.duration);
        }
        mail(&mut self.auth_alert.email_template, fresh.auth_alert.email_template);
        mail(&mut self.otp.email_template, fresh.otp.email_template);
        mail(&mut self.verification_template, fresh.verification_template);
        mail(&mut self.reset_password_template, fresh.reset_password_template);
        mail(&mut self.confirm_email_change_template, fresh.confirm_email_change_template);
    }

    /// The five kinds of tokens with the names of their JSON keys.
    pub fn tokens(&self) -> [(&'static str, &TokenOptions); 5] {
        [
            ("authToken", &self.auth_token),
            ("passwordResetToken", &self.password_reset_token),
            ("emailChangeToken", &self.email_change_token),
            ("verificationToken", &self.verification_token),
            ("fileToken", &self.file_token),
        ]
    }

    /// In the order of [`tokens`](Self::tokens).
    fn tokens_mut(&mut self) -> [&mut TokenOptions; 5] {
        [
            &mut self.auth_token,
            &mut self.password_reset_token,
            &mut self.email_change_token,
            &mut self.verification_token,
            &mut self.file_token,
        ]
    }

    /// Gives every token without a secret a random one.
    pub fn fill_secrets(&mut self) {
        for token in self.tokens_mut() {
            if token.secret.is_empty() {
                token.renew_secret();
            }
        }
    }
}

impl TokenOptions {
    /// Replaces the secret by a random one, which ends every token signed with the old one.
    pub fn renew_secret(&mut self) {
        self.secret = ids::random_string(SECRET_LENGTH, ids::ALPHANUMERIC);
    }
}

fn token(duration: i64) -> TokenOptions {
    TokenOptions { secret: String::new(), duration }
}
