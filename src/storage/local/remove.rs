//! Removing files, and the folders that hold nothing any more.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::SystemTime;

use super::super::StorageError;
use super::{PARTIAL, Root, SIDECAR};

/// How often a folder is emptied again into which somebody places files meanwhile.
const ATTEMPTS: u32 = 10;

impl Root {
    pub(super) fn delete(&self, key: &str) -> Result<(), StorageError> {
        remove_file(&self.path(key))?;
        // The sidecar's name may be too long for a file system, and then there is none.
        let _ = remove_file(&self.path(&format!("{key}{SIDECAR}")));
        self.remove_empty_above(key);
        Ok(())
    }

    pub(super) fn delete_folder(&self, folder: &str) -> Result<(), StorageError> {
        let context = "cannot remove the folder";
        // `remove_dir_all` follows no link it finds at or below the folder; those above are ours to look at.
        for (end, _) in folder.match_indices('/') {
            match fs::symlink_metadata(self.path(&folder[..end])) {
                Ok(above) if above.is_symlink() => return Err(StorageError::Link),
                Ok(above) if above.is_dir() => {}
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
                Err(error) => return Err(StorageError::io(context, error)),
            }
        }
        let path = self.path(folder);
        let mut attempts = 0;
        loop {
            attempts += 1;
            match fs::remove_dir_all(&path) {
                Ok(()) => break,
                Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => break,
                Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty && attempts < ATTEMPTS => {}
                Err(error) => return Err(StorageError::io(context, error)),
            }
        }
        self.remove_empty_above(folder);
        Ok(())
    }

    pub(super) fn remove_leftovers(&self, before: SystemTime) -> Result<(), StorageError> {
        let context = "cannot look for leftovers";
        let entries = match fs::read_dir(self.folder.join(PARTIAL)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(StorageError::io(context, error)),
        };
        for entry in entries {
            let entry = entry.map_err(|error| StorageError::io(context, error))?;
            let modified = entry.metadata().and_then(|about| about.modified());
            if modified.is_ok_and(|modified| modified < before) {
                remove_file(&entry.path())?;
            }
        }
        Ok(())
    }

    /// Removes the folders above a key, from the inside out, for as long as they are empty. What is in use stays: the
    /// system removes no folder with something in it.
    fn remove_empty_above(&self, key: &str) {
        for (end, _) in key.rmatch_indices('/') {
            match fs::remove_dir(self.path(&key[..end])) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(_) => return,
            }
        }
    }
}

/// Removes a file; a folder is no file.
fn remove_file(path: &Path) -> Result<(), StorageError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(()),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(()),
        // Said as "is a directory" or "not permitted", depending on the system.
        Err(_) if path.symlink_metadata().is_ok_and(|about| about.is_dir()) => Ok(()),
        Err(error) => Err(StorageError::io("cannot remove the file", error)),
    }
}
