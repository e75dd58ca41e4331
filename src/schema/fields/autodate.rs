//! Instants set by the server.

use serde::{Deserialize, Serialize};

use crate::schema::FieldDecodeError;
use crate::schema::field_json::Source;
use crate::validation::{Issue, ValidationErrors};

/// Options of autodate fields.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AutodateOptions {
    /// Set when the record is created.
    pub on_create: bool,
    /// Set at every later save.
    pub on_update: bool,
}

impl AutodateOptions {
    pub(in crate::schema) fn read(source: &Source<'_>) -> Result<Self, FieldDecodeError> {
        Ok(Self { on_create: source.boolean("onCreate")?, on_update: source.boolean("onUpdate")? })
    }

    pub(in crate::schema) fn check_options(&self, errors: &mut ValidationErrors) {
        if !self.on_create && !self.on_update {
            errors.add("onCreate", Issue::required());
            errors.add("onUpdate", Issue::required());
        }
    }
}
