//! Signing in by every way there is, the mails that belong to it, and the superusers the command line makes.

mod email_change;
mod error;
mod file_token;
mod impersonate;
mod installer;
mod legacy;
mod lookup;
mod mail_page;
mod mail_token;
mod mails;
mod methods;
mod otp;
mod password_reset;
mod purge;
mod refresh;
mod sign_in;
mod superusers;
mod test_mail;
mod upgrade;
mod verification;
mod with_oauth2;
mod with_password;

pub use email_change::{
    EmailChangeOwner, check_email_change, confirm_email_change, email_change_mail, email_change_owner,
};
pub use error::AuthError;
pub use file_token::file_token;
pub use impersonate::impersonate;
pub use installer::{INSTALLER_TTL_SECONDS, has_superuser, installer_token};
pub use legacy::LegacyHashes;
pub use methods::auth_methods;
pub use otp::{
    NewOtp, OtpCandidate, OtpForm, OtpLookup, OtpOwner, OtpRequest, OtpRequests, consume_otp, create_superuser_otp,
    find_otp, find_otp_owner, forget_otp, otp_mail, store_otp, superuser_otp_length,
};
pub use password_reset::{
    PasswordResetForm, check_password_reset, confirm_password_reset, find_resettable, password_reset_mail,
};
pub use purge::purge_expired;
pub use refresh::refresh;
pub use sign_in::{
    Accepted, Method, NewOrigin, OriginState, Proof, accept, close_mfa, fingerprint, finish, forget_origin,
    login_alert, note_origin, open_mfa,
};
pub use superusers::{SuperuserChange, create_superuser, delete_superuser, update_superuser, upsert_superuser};
pub use test_mail::{TestMailForm, test_mail};
pub use upgrade::upgrade_hash;
pub use verification::{Confirmation, check_verification, confirm_verification, find_unverified, verification_mail};
pub use with_oauth2::{
    AppleNames, OAuth2Form, OAuth2Plan, OAuth2SignIn, WantedPicture, find_provider, oauth2_meta, plan_oauth2,
    sign_in_with_oauth2,
};
pub use with_password::{Candidate, PasswordForm, find_candidate};
