//! Storing files before the record that names them is written.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::blocking::blocking;
use super::room::check_disk;
use super::{Files, FilesError, Spooled};
use crate::settings::Settings;
use crate::storage::{self, About, Storage, check_key};

/// A file of a record, by collection id, record id and name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FileKey {
    /// Collection id.
    pub collection: String,
    /// Record id.
    pub record: String,
    /// Name of the file.
    pub name: String,
}

impl FileKey {
    /// Where the storage has it.
    pub fn path(&self) -> String {
        format!("{}/{}/{}", self.collection, self.record, self.name)
    }

    /// The folder of its thumbnails.
    pub(super) fn thumbs(&self) -> String {
        format!("{}/{}/thumbs_{}", self.collection, self.record, self.name)
    }
}

/// Files that are stored and not yet named by a committed record. Unless it is [kept](Self::keep), whatever becomes of the
/// write, those that no record names are removed once it is dropped.
#[derive(Debug)]
pub struct Placement {
    files: Files,
    /// Empty once it was kept.
    keys: Vec<FileKey>,
    /// What a later start reads if this process does not live to remove it.
    note: PathBuf,
    storage: Storage,
    /// The settings that named it.
    settings: Arc<Settings>,
}

impl Placement {
    /// Whether files are still kept where these are. If not, the record must not be written.
    ///
    /// Only settings are compared: to be asked on the thread of the writer, it makes no connection to the storage.
    pub fn is_current(&self) -> bool {
        self.files.is_kept_as(&self.settings)
    }

    /// The record is committed: to be called in an effect after the commit.
    pub fn keep(mut self) {
        self.keys.clear();
    }
}

impl Drop for Placement {
    fn drop(&mut self) {
        self.files.settle(std::mem::take(&mut self.note), std::mem::take(&mut self.keys), self.storage.clone());
    }
}

impl Files {
    /// Stores files below a record that is about to be written. Durable when it returns.
    ///
    /// # Errors
    /// [`FilesError`]; nothing stays stored then.
    pub async fn place(&self, collection: &str, record: &str, spooled: Vec<Spooled>) -> Result<Placement, FilesError> {
        let (storage, settings) = self.current()?;
        let key = |spooled: &Spooled| FileKey {
            collection: collection.to_owned(),
            record: record.to_owned(),
            name: spooled.upload.name.clone(),
        };
        let keys: Vec<FileKey> = spooled.iter().map(key).collect();
        // Before anything is noted: what cannot be stored needs no removing.
        for key in &keys {
            check_key(&key.path())?;
            check_key(&key.thumbs())?;
        }
        let files = self.clone();
        // A task of its own, which goes on to its end when nobody waits any more: what it has stored by then is collected.
        let placing = tokio::spawn(async move {
            let placement = files.note(keys, storage.clone(), settings).await?;
            let mut held = Vec::with_capacity(spooled.len());
            let mut items = Vec::with_capacity(spooled.len());
            for (spooled, key) in spooled.into_iter().zip(&placement.keys) {
                let about = About {
                    content_type: spooled.upload.content_type.clone(),
                    original_name: spooled.upload.original_name.clone(),
                };
                let (source, guard) = spooled.into_source();
                held.push(guard);
                items.push(storage::Placement { source, key: key.path(), about });
            }
            storage.place_all(items).await?;
            Ok(placement)
        });
        placing.await.map_err(|_| FilesError::Panicked)?
    }

    /// Notes what is about to be stored.
    async fn note(
        &self,
        keys: Vec<FileKey>,
        storage: Storage,
        settings: Arc<Settings>,
    ) -> Result<Placement, FilesError> {
        let path = self.spool().new_path(super::collect::NOTE);
        self.own_note(&path);
        let placement = Placement { files: self.clone(), keys, note: path.clone(), storage, settings };
        let text = serde_json::to_vec(&placement.keys).unwrap_or_default();
        let folder = self.spool().folder().to_owned();
        let write = move || {
            // Small files, which did not go through the spool folder, leave some of the disk free, too.
            check_disk(&folder)?;
            std::fs::write(&path, text)
        };
        blocking(write).await?;
        Ok(placement)
    }
}
