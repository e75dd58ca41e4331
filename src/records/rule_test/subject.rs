//! The request and the record a rule sees in a test: made the way the real actions make them.

use std::sync::Arc;

use rusqlite::Connection;

use super::{RuleTest, RuleTestError, TestedAction};
use crate::files::Uploads;
use crate::identity::Caller;
use crate::query::{Catalog, Plan, RequestHead, RequestInfo, SqlValue, Subject, header_name};
use crate::records::create::Applicant;
use crate::records::update::info_for_rules;
use crate::records::{PasswordWork, Record, Request, Sent, auth_info, body};

/// What a rule is evaluated for.
pub(super) enum Prepared {
    /// A stored record of this id.
    Stored(RequestInfo, String),
    /// A record that is not stored yet.
    Candidate(RequestInfo, Vec<SqlValue>),
}

impl Prepared {
    pub(super) fn new(
        conn: &Connection,
        catalog: &Catalog,
        caller: &Caller,
        plan: &Arc<Plan>,
        test: &RuleTest<'_>,
    ) -> Result<Self, RuleTestError> {
        let sent = Sent { body: test.body, uploads: Uploads::NONE };
        let mut info = request_info(catalog, caller, test);
        let Some(stored) = check_record(conn, plan, test)? else {
            let request = Request { catalog, caller, info: &info };
            let applicant = Applicant::of(request, plan, sent, &PasswordWork::default());
            return Ok(Self::Candidate(applicant.info, applicant.values));
        };
        let id = stored.id().to_owned();
        match test.action {
            TestedAction::Update | TestedAction::Manage => {
                let mut record = stored;
                body::apply(&mut record, test.body, caller);
                info = info_for_rules(Request { catalog, caller, info: &info }, &record, sent);
            }
            // A body that is applied to no record is seen as it is.
            TestedAction::List
            | TestedAction::View
            | TestedAction::Create
            | TestedAction::Delete
            | TestedAction::Auth => info.body.clone_from(test.body),
        }
        Ok(Self::Stored(info, id))
    }

    pub(super) fn info(&self) -> &RequestInfo {
        match self {
            Self::Stored(info, _) | Self::Candidate(info, _) => info,
        }
    }

    pub(super) fn subject(&self) -> Subject<'_> {
        match self {
            Self::Stored(_, id) => Subject::Stored(id),
            Self::Candidate(_, values) => Subject::Candidate(values),
        }
    }
}

/// The record of the test; `None` if it is about one that is not stored yet.
pub(super) fn check_record(
    conn: &Connection,
    plan: &Arc<Plan>,
    test: &RuleTest<'_>,
) -> Result<Option<Record>, RuleTestError> {
    use TestedAction::{Create, Manage};
    match (test.action, test.record) {
        (Create | Manage, "") => Ok(None),
        (Create, _) => Err(RuleTestError::invalid("record", "validation_not_empty", "It is not stored yet.")),
        (_, "") => Err(RuleTestError::required("record")),
        (_, id) => Ok(Some(Record::find(conn, plan, id)?.ok_or(RuleTestError::RecordNotFound)?)),
    }
}

fn request_info(catalog: &Catalog, caller: &Caller, test: &RuleTest<'_>) -> RequestInfo {
    let method = match (test.action, test.record) {
        _ if !test.method.is_empty() => test.method.to_ascii_uppercase(),
        (TestedAction::List | TestedAction::View, _) => "GET".to_owned(),
        (TestedAction::Create | TestedAction::Auth, _) | (TestedAction::Manage, "") => "POST".to_owned(),
        (TestedAction::Update | TestedAction::Manage, _) => "PATCH".to_owned(),
        (TestedAction::Delete, _) => "DELETE".to_owned(),
    };
    let headers = test.headers.iter().map(|(name, value)| (header_name(name), value.clone()));
    let head = RequestHead {
        method,
        query: test.query.to_vec(),
        // As for real requests, `Host` is not among them.
        headers: headers.filter(|(name, _)| name != "host").collect(),
    };
    RequestInfo {
        head: Arc::new(head),
        context: test.context,
        auth: auth_info(catalog, caller),
        now_ms: test.now_ms,
        ..RequestInfo::default()
    }
}
