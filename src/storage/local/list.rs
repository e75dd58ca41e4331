//! What is below a folder, page by page, in the order a service would tell it. However many names a folder has, only as
//! many as fit on the page are held. Links and everything else that is neither a file nor a folder are passed over.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::SystemTime;

use super::super::key::MAX_KEY_SEGMENTS;
use super::super::{Entry, StorageError};
use super::{Root, SIDECAR};

const CONTEXT: &str = "cannot list the folder";

/// Fewest names that one look at a folder gathers: there may be folders among them that hold nothing.
const MIN_NAMES: usize = 100;

/// One page in the making.
struct Page<'a> {
    after: Option<&'a str>,
    limit: usize,
    found: Vec<Entry>,
}

impl Root {
    pub(super) fn list(&self, folder: &str, after: Option<&str>, limit: usize) -> Result<Vec<Entry>, StorageError> {
        let mut page = Page { after, limit, found: Vec::new() };
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        self.fill(&mut page, &prefix, MAX_KEY_SEGMENTS)?;
        Ok(page.found)
    }

    /// Adds what is below a folder, whose prefix ends in a slash or is empty.
    fn fill(&self, page: &mut Page<'_>, prefix: &str, depth: usize) -> Result<(), StorageError> {
        let Some(depth) = depth.checked_sub(1) else { return Ok(()) };
        let mut last: Option<String> = None;
        loop {
            let wanted = (page.limit - page.found.len()).max(MIN_NAMES);
            let is_wanted = |name: &str| {
                last.as_deref().is_none_or(|last| name > last)
                    && page.after.is_none_or(|after| goes_on(prefix, name, after))
            };
            let names = self.first_names(prefix, wanted, is_wanted)?;
            let is_last = names.len() < wanted;
            for name in names {
                let key = format!("{prefix}{name}");
                if key.ends_with('/') {
                    self.fill(page, &key, depth)?;
                } else if let Some(entry) = self.entry(key)? {
                    page.found.push(entry);
                }
                if page.found.len() == page.limit {
                    return Ok(());
                }
                last = Some(name);
            }
            // Folders may have held nothing, so there may be room yet.
            if is_last {
                return Ok(());
            }
        }
    }

    pub(super) fn folders(&self, folder: &str, after: Option<&str>, limit: usize) -> Result<Vec<String>, StorageError> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let after = after.map(|name| format!("{name}/"));
        let is_wanted = |name: &str| name.ends_with('/') && after.as_deref().is_none_or(|after| name > after);
        let names = self.first_names(&prefix, limit, is_wanted)?;
        Ok(names.into_iter().map(|name| name.trim_end_matches('/').to_owned()).collect())
    }

    /// The first `limit` wanted names of a folder, those of folders with a slash at the end, as keys go on after them.
    fn first_names(
        &self,
        prefix: &str,
        limit: usize,
        is_wanted: impl Fn(&str) -> bool,
    ) -> Result<BTreeSet<String>, StorageError> {
        let failed = |error| StorageError::io(CONTEXT, error);
        let folder = self.path(prefix);
        let mut names = BTreeSet::new();
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(names),
            Err(error) => return Err(failed(error)),
        };
        for entry in entries {
            let entry = entry.map_err(failed)?;
            let Ok(mut name) = entry.file_name().into_string() else { continue };
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                name.push('/');
            }
            let is_ours = prefix.is_empty() && name.starts_with('.');
            let is_seen = (kind.is_dir() || kind.is_file()) && !is_ours && is_wanted(&name);
            if !is_seen || (names.len() == limit && names.last().is_some_and(|last| *last < name)) {
                continue;
            }
            if kind.is_file() && is_sidecar(&folder, &name) {
                continue;
            }
            names.insert(name);
            if names.len() > limit {
                names.pop_last();
            }
        }
        Ok(names)
    }

    /// `None` if it has gone meanwhile.
    fn entry(&self, key: String) -> Result<Option<Entry>, StorageError> {
        match fs::symlink_metadata(self.path(&key)) {
            Ok(about) => {
                let modified = about.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                Ok(Some(Entry { key, size: about.len(), modified }))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StorageError::io(CONTEXT, error)),
        }
    }
}

/// Whether a file of this name comes after the key, or a folder may have files that do.
fn goes_on(prefix: &str, name: &str, after: &str) -> bool {
    let common = prefix.len().min(after.len());
    match prefix.as_bytes()[..common].cmp(&after.as_bytes()[..common]) {
        std::cmp::Ordering::Equal if prefix.len() >= after.len() => true,
        std::cmp::Ordering::Equal => {
            let rest = &after[prefix.len()..];
            name > rest || (name.ends_with('/') && rest.starts_with(name))
        }
        order => order.is_gt(),
    }
}

/// Whether the file tells about another one beside it.
fn is_sidecar(folder: &Path, name: &str) -> bool {
    name.strip_suffix(SIDECAR).is_some_and(|file| !file.is_empty() && folder.join(file).is_file())
}
