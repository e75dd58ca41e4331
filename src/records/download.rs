//! Finding the file that somebody wants to download, and whether they may.

use std::sync::Arc;

use rusqlite::OptionalExtension;

use super::access::{Access, limit_time, satisfies};
use super::{Action, RecordError, Request, check_rule};
use crate::collections::view_source;
use crate::db::{DbError, ReadTx};
use crate::files::{FileKey, naming_field};
use crate::identity::Caller;
use crate::query::{Catalog, Plan};
use crate::schema::{Field, FieldOptions};

/// A file as a URL names it.
#[derive(Debug, Clone)]
pub struct FilePath {
    /// Collection id or name.
    pub collection: String,
    /// Record id.
    pub record: String,
    /// Name of the file.
    pub name: String,
}

/// A file that may be downloaded.
#[derive(Debug, Clone)]
pub struct FoundFile {
    /// Where it is: of a view's row, below the record that its name comes from.
    pub key: FileKey,
    /// Whether not everybody may download it.
    pub is_protected: bool,
    /// Whether the field declares thumbnails of this size.
    thumbs: Vec<String>,
}

impl FoundFile {
    /// Whether thumbnails of this size are made.
    pub fn has_thumb(&self, size: &str) -> bool {
        /// A size that needs no declaration: the dashboard's.
        const BUILT_IN: &str = "100x100";
        size == BUILT_IN || self.thumbs.iter().any(|thumb| thumb == size)
    }
}

/// Finds a file that a record names. Of a protected one it is asked who is calling, and the view rule decides.
///
/// # Errors
/// [`RecordError::NotFound`], also if the rule denies it.
pub fn find_file<'a>(
    tx: &ReadTx<'_>,
    catalog: &Catalog,
    path: &FilePath,
    who: impl FnOnce() -> Result<Request<'a>, DbError>,
) -> Result<FoundFile, RecordError> {
    let plan = catalog.find(&path.collection).ok_or(RecordError::CollectionNotFound)?;
    // Whoever asks: rows of a view may take long.
    limit_time(tx, &Caller::Guest);
    let field = naming_field(tx, plan, &path.record, &path.name)?.ok_or(RecordError::NotFound)?;
    let FieldOptions::File(options) = &field.options else { return Err(RecordError::NotFound) };
    if options.protected {
        let request = who()?;
        let is_allowed = match check_rule(request, plan, Action::View) {
            Ok(Access::All) => true,
            Ok(Access::If(rule)) => satisfies(tx, request, plan, rule, &path.record)?,
            // Not even that it is there is told.
            Err(RecordError::SuperuserOnly(_)) => false,
            Err(error) => return Err(error),
        };
        if !is_allowed {
            return Err(RecordError::NotFound);
        }
    }
    let key =
        FileKey { collection: plan.collection().id.clone(), record: path.record.clone(), name: path.name.clone() };
    let key = if plan.is_view() { origin(tx, catalog, plan, field, key)? } else { key };
    Ok(FoundFile { key, is_protected: options.protected, thumbs: options.thumbs.clone().unwrap_or_default() })
}

/// Where the file of a view's row is: below the record of the collection that the column comes from.
fn origin(
    tx: &ReadTx<'_>,
    catalog: &Catalog,
    view: &Arc<Plan>,
    field: &Field,
    key: FileKey,
) -> Result<FileKey, RecordError> {
    let source = view_source(catalog.schema(), view.collection(), &field.name).ok_or(RecordError::NotFound)?;
    let plan = catalog.find(&source.0.id).ok_or(RecordError::NotFound)?;
    let collection = plan.collection();
    let position = collection.fields.iter().position(|f| f.name == source.1).ok_or(RecordError::NotFound)?;
    // A view's rows mostly have the ids of the records they show.
    if naming_field(tx, plan, &key.record, &key.name)?.is_some() {
        return Ok(FileKey { collection: collection.id.clone(), ..key });
    }
    let mut query = tx.prepare_cached(&plan.select_referring(position))?;
    let record: Option<String> =
        query.query_row(rusqlite::params![key.name, i64::MIN, 1], |row| row.get(plan.id_field())).optional()?;
    let record = record.ok_or(RecordError::NotFound)?;
    Ok(FileKey { collection: collection.id.clone(), record, name: key.name })
}
