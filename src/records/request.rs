//! A request as the services see it.

use crate::identity::Caller;
use crate::query::{AuthInfo, Catalog, RequestInfo};

/// Who asks, and what rules can know about the request.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Collections at the time of the request.
    pub catalog: &'a Catalog,
    /// Who is calling.
    pub caller: &'a Caller,
    /// What rules can ask about.
    pub info: &'a RequestInfo,
}

impl Request<'_> {
    /// Whether what is shown in an answer to a write may depend on its body: something is expanded, and there are rules
    /// that ask about bodies.
    pub(super) fn shows_by_body(self) -> bool {
        self.catalog.reads_body() && self.info.head.query.iter().any(|(name, _)| name == "expand")
    }
}

/// A request that Larder itself makes: no rule applies to it.
pub fn as_larder<'a>(catalog: &'a Catalog, info: &'a RequestInfo) -> Request<'a> {
    Request { catalog, caller: &Caller::System, info }
}

/// What rules can know of a caller.
pub fn auth_info(catalog: &Catalog, caller: &Caller) -> Option<AuthInfo> {
    let record = caller.record()?;
    Some(AuthInfo {
        plan: catalog.find(&record.collection.id)?.clone(),
        id: record.id.clone(),
        email: record.email.clone(),
        email_visibility: record.email_visibility,
        verified: record.verified,
    })
}
