//! Records: every way to read or write one.
//!
//! Each action is one synchronous function that checks the rule, does the work in the given transaction and yields the
//! JSON to send. All reading goes through `serialize`, so that what is hidden stays hidden everywhere.
//!
//! Files that come with a body are named in it like values (`files`); they are stored before the save, by whoever calls it.
//!
//! A save passes named points in this order: body resolved (`modifiers`), rule checked (`access`), auth form checked
//! (`auth_form`), values completed (`save::complete`), values validated (`validate`), row written and change recorded
//! (`save`), committed (`WriteTx::after_commit`). Hooks will attach to them.

mod access;
mod auth_form;
mod body;
mod create;
mod credentials;
mod cursor;
mod delete;
mod download;
mod error;
mod expand;
mod files;
mod list;
mod page;
mod passwords;
mod positions;
mod record;
mod request;
mod rule_test;
mod save;
mod serialize;
mod show;
mod stored;
mod truncate;
mod update;
mod upkeep;
mod validate;
mod view;
mod watch;

pub use access::{Access, Action, admit, candidate_satisfies, check_rule, limit_time, satisfies, satisfies_surely};
pub use body::Sent;
pub use create::{CreateRequest, create, rehearse_create};
pub use credentials::{CredentialChange, change_credentials};
pub use delete::{delete, delete_unchecked};
pub use download::{FilePath, FoundFile, find_file};
pub use error::RecordError;
pub use files::{check_picture, file_names, max_upload_bytes, settle_id};
pub use list::{ListQuery, list};
pub(crate) use list::{PreparedList, prepare};
pub(crate) use page::{Page, PageWriter, Total};
pub use passwords::{
    Guesser, PasswordError, PasswordPlan, PasswordWork, concerns_passwords, plan_allowed_passwords, plan_passwords,
};
pub(crate) use positions::read_positions;
pub use positions::{Positions, scan};
pub use record::Record;
pub use request::{Request, as_larder, auth_info};
pub use rule_test::{
    Node, NodeKind, OperandValue, Outcome, Reason, RuleTest, RuleTestError, TestedAction, TestedRule, Values, Verdict,
    test_rule,
};
pub use save::SaveOptions;
pub use serialize::{Extent, Visibility, write_record, write_stored};
pub use show::{Answer, PendingAnswer, Saved, ShowOptions, show};
pub use stored::Stored;
pub use truncate::truncate;
pub use update::{UpdateRequest, rehearse_update, update};
pub use upkeep::{INSTALLER_EMAIL, rotate_token_key};
pub use view::view;
pub use watch::{Hearing, Watch, own_record};
