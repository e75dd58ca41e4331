//! One-time codes by mail (reference part 3, sections 8.7 and 8.8).

mod request;
mod requests;
mod with_otp;

pub use request::{
    NewOtp, OtpOwner, create_superuser_otp, find_otp_owner, forget_otp, otp_mail, store_otp, superuser_otp_length,
};
pub use requests::{OtpRequest, OtpRequests};
pub use with_otp::{OtpCandidate, OtpForm, OtpLookup, consume_otp, find_otp};

use super::AuthError;
use super::sign_in::auth_options;
use crate::query::{Catalog, Plan};
use crate::schema::auth_options::OtpOptions;
use std::sync::Arc;

/// Collection of the codes.
const OTPS: &str = "_otps";

/// The collection and its options, if it has one-time codes.
fn enabled<'c>(catalog: &'c Catalog, collection: &str) -> Result<(&'c Arc<Plan>, &'c OtpOptions), AuthError> {
    let plan = catalog.find(collection).ok_or(AuthError::CollectionNotFound)?;
    let options = &auth_options(plan.collection())?.otp;
    if options.enabled { Ok((plan, options)) } else { Err(AuthError::OtpAuthDisabled) }
}
