//! The mails a new auth collection starts with. `{…}` placeholders are filled when a mail is sent.

use crate::schema::auth_options::EmailTemplate;

/// A greeting, the paragraphs in between and the app's name at the end.
macro_rules! mail {
    ($subject:literal, $($part:literal),+ $(,)?) => {
        EmailTemplate {
            subject: $subject.to_owned(),
            body: concat!("<p>Hi,</p>\n", $($part, "\n",)+ "<p>{APP_NAME}</p>").to_owned(),
        }
    };
}

/// Asks for a click that proves the address.
pub(super) fn verification() -> EmailTemplate {
    mail!(
        "Verify your {APP_NAME} email",
        "<p>please confirm that this address belongs to your {APP_NAME} account.</p>",
        r#"<p><a class="btn" href="{APP_URL}/_/#/auth/confirm-verification/{TOKEN}" target="_blank" rel="noopener">Confirm address</a></p>"#,
        "<p>Not you? Then nothing needs to be done.</p>",
    )
}

/// Leads to the page where a new password is chosen.
pub(super) fn password_reset() -> EmailTemplate {
    mail!(
        "Reset your {APP_NAME} password",
        "<p>someone asked for a new password for your {APP_NAME} account. Follow the link to choose one.</p>",
        r#"<p><a class="btn" href="{APP_URL}/_/#/auth/confirm-password-reset/{TOKEN}" target="_blank" rel="noopener">Choose a new password</a></p>"#,
        "<p>Was it not you? Your old password stays valid and this mail can be deleted.</p>",
    )
}

/// Goes to the new address.
pub(super) fn email_change() -> EmailTemplate {
    mail!(
        "Confirm your {APP_NAME} new email address",
        "<p>follow the link to use this address for your {APP_NAME} account from now on.</p>",
        r#"<p><a class="btn" href="{APP_URL}/_/#/auth/confirm-email-change/{TOKEN}" target="_blank" rel="noopener">Use this address</a></p>"#,
        "<p>Was it not you? Without a click nothing changes.</p>",
    )
}

/// Carries a one-time password.
pub(super) fn otp() -> EmailTemplate {
    mail!(
        "OTP for {APP_NAME}",
        "<p>your code for signing in: <strong>{OTP}</strong></p>",
        "<p>It works once and only for a short time. Was it not you who asked? Keep the code to yourself and delete this mail.</p>",
    )
}

/// Warns about a sign-in from a place not seen before.
pub(super) fn auth_alert() -> EmailTemplate {
    mail!(
        "Login from a new location",
        "<p>your {APP_NAME} account was used to sign in from a place we have not seen before:</p>",
        "<p>{ALERT_INFO}</p>",
        "<p>If that was you, all is well. If not, <strong>change your password now</strong>: it ends every other session.</p>",
    )
}
