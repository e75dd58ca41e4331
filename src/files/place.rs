//! Storing files before the record that names them is written.

use std::io;

use serde::{Deserialize, Serialize};

use super::collect::{KeptIn, Settled};
use super::notes::{self, Note};
use super::room::check_disk;
use super::{Files, FilesError, Spooled};
use crate::db::WriteTx;
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

/// Files are not kept any more where some were stored a moment ago.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("files are kept elsewhere since a moment ago")]
pub struct FilesMoved;

/// Files that are stored and not yet named by a committed record. Unless it is [kept](Self::keep_with), whatever becomes of
/// the write, those that no record names are removed once it is dropped.
#[derive(Debug)]
pub struct Placement {
    files: Files,
    /// Empty once it was kept.
    keys: Vec<FileKey>,
    /// `None` before it is written and once the files are settled.
    note: Option<Note>,
    storage: Storage,
    /// What tells it from other places.
    place: String,
}

impl Placement {
    /// Keeps the files if this transaction is committed, which writes the record that names them.
    ///
    /// # Errors
    /// [`FilesMoved`] if files are not kept any more where these are. The record must not be written then.
    pub fn keep_with(mut self, tx: &mut WriteTx<'_>) -> Result<(), FilesMoved> {
        // Only names are compared: no connection to a storage is made on the thread of the writer.
        if self.files.current_place() != self.place {
            return Err(FilesMoved);
        }
        tx.after_commit(move || {
            self.keys.clear();
            drop(self);
        });
        Ok(())
    }
}

impl Drop for Placement {
    fn drop(&mut self) {
        let Some(note) = self.note.take() else { return };
        let keys = std::mem::take(&mut self.keys);
        if keys.is_empty() {
            note.settled();
        } else {
            self.files.settle(Settled { keys, kept_in: KeptIn::Storage(self.storage.clone()), note });
        }
    }
}

impl Files {
    /// Stores files below a record that is about to be written. Durable when it returns.
    ///
    /// # Errors
    /// [`FilesError`]; nothing stays stored then.
    pub async fn place(&self, collection: &str, record: &str, spooled: Vec<Spooled>) -> Result<Placement, FilesError> {
        let (storage, settings) = self.current()?;
        let mut keys = Vec::with_capacity(spooled.len());
        let mut held = Vec::with_capacity(spooled.len());
        let mut items = Vec::with_capacity(spooled.len());
        for spooled in spooled {
            let name = spooled.upload.name.clone();
            let key = FileKey { collection: collection.to_owned(), record: record.to_owned(), name };
            let path = key.path();
            // Before anything is noted: what cannot be stored needs no removing.
            check_key(&path)?;
            check_key(&key.thumbs())?;
            keys.push(key);
            let about = About {
                content_type: spooled.upload.content_type.clone(),
                original_name: spooled.upload.original_name.clone(),
            };
            let (source, guard) = spooled.into_source();
            held.push(guard);
            items.push(storage::Placement { source, key: path, about });
        }
        let place = settings.files_place();
        let placement = Placement { files: self.clone(), keys, note: None, storage: storage.clone(), place };
        // Goes on to its end when nobody waits any more; what it has stored by then is taken back.
        let placed = storage.place_all(items, move || placement.begin().map(|placement| (placement, held))).await?;
        Ok(placed.0)
    }
}

impl Placement {
    /// Notes what is about to be stored.
    fn begin(mut self) -> io::Result<Self> {
        // Small files, which did not go through the spool folder, leave some of the disk free, too.
        check_disk(self.files.spool().folder())?;
        let line = notes::Line { storage: self.place.clone(), keys: self.keys.clone() };
        self.note = Some(self.files.notes().write(&line)?);
        Ok(self)
    }
}
