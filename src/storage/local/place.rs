//! Putting files in their place: renamed, then synced.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::super::{FileSync, Placement, Source, StorageError};
use super::{PARTIAL, Root};

/// How often folders are made again that somebody else removes, because they were empty, before the file is in them.
const ATTEMPTS: u32 = 100;

/// What one call has done so far.
#[derive(Default)]
struct Done {
    /// Files in their place.
    placed: Vec<PathBuf>,
    /// Folders with new names in them.
    changed: BTreeSet<PathBuf>,
}

impl Root {
    pub(super) fn place_all(&self, files: Vec<Placement>) -> Result<(), StorageError> {
        let mut done = Done::default();
        let mut keys = Vec::with_capacity(files.len());
        let result = files
            .into_iter()
            .try_for_each(|file| {
                keys.push(file.key);
                self.place_one(file.source, &keys[keys.len() - 1], &mut done)
            })
            .and_then(|()| self.make_durable(&done));
        if result.is_err() {
            for key in keys.iter().take(done.placed.len()) {
                // Nothing more can be done about those that stay; nobody has been told that they are there.
                let _ = self.delete(key);
            }
        }
        result
    }

    pub(super) fn place_derived(&self, bytes: &[u8], key: &str) -> Result<(), StorageError> {
        let partial = self.write_partial(bytes)?;
        // Content before name: the other order may leave a name without content after a power cut.
        let synced = File::open(&partial).and_then(|file| file.sync_data());
        let moved = synced
            .map_err(|error| StorageError::io("cannot sync the file", error))
            .and_then(|()| self.rename(&partial, key, &mut Done::default()));
        if moved.is_err() {
            let _ = fs::remove_file(&partial);
        }
        moved
    }

    fn place_one(&self, source: Source, key: &str, done: &mut Done) -> Result<(), StorageError> {
        let finished = match source {
            Source::Bytes(bytes) => self.write_partial(&bytes)?,
            Source::File(path) => match self.rename(&path, key, done) {
                Err(StorageError::Io { source, .. }) if source.kind() == io::ErrorKind::CrossesDevices => {
                    let copy = self.copy_partial(&path)?;
                    let _ = fs::remove_file(&path);
                    copy
                }
                result => return result,
            },
        };
        let result = self.rename(&finished, key, done);
        if result.is_err() {
            let _ = fs::remove_file(&finished);
        }
        result
    }

    /// Gives a file its name, in folders that are made where they are missing.
    fn rename(&self, from: &Path, key: &str, done: &mut Done) -> Result<(), StorageError> {
        let to = self.path(key);
        let folder = to.parent().unwrap_or(&self.folder);
        let mut attempts = 0;
        loop {
            attempts += 1;
            let renamed = make_folder(folder, &mut done.changed).and_then(|()| fs::rename(from, &to));
            match renamed {
                Ok(()) => break,
                // The folders have been empty until now: whoever removes another file may just have removed them.
                Err(error) if is_missing(&error) && attempts < ATTEMPTS && from.exists() => {}
                Err(error) if is_missing(&error) && from.exists() => {
                    return Err(StorageError::Io { context: "the folder does not stay", source: error });
                }
                Err(error) => return Err(StorageError::io("cannot put the file in its place", error)),
            }
        }
        done.changed.insert(folder.to_path_buf());
        done.placed.push(to);
        Ok(())
    }

    /// Syncs files first: on a journalling file system the commit that this takes has the new names in it already, so
    /// that syncing the folders afterwards costs little.
    fn make_durable(&self, done: &Done) -> Result<(), StorageError> {
        if self.sync == FileSync::Normal {
            return Ok(());
        }
        let failed = |error| StorageError::io("cannot sync the file", error);
        for path in &done.placed {
            File::open(path).and_then(|file| file.sync_all()).map_err(failed)?;
        }
        for folder in &done.changed {
            match File::open(folder).and_then(|folder| folder.sync_all()) {
                // Made by an attempt, removed by somebody else, made again; or none of ours is in it.
                Err(error) if is_missing(&error) => {}
                result => result.map_err(failed)?,
            }
        }
        Ok(())
    }

    fn write_partial(&self, bytes: &[u8]) -> Result<PathBuf, StorageError> {
        self.fill_partial(|file| file.write_all(bytes))
    }

    fn copy_partial(&self, from: &Path) -> Result<PathBuf, StorageError> {
        let mut from = File::open(from).map_err(|error| StorageError::io("cannot read the upload", error))?;
        self.fill_partial(|file| io::copy(&mut from, file).map(drop))
    }

    /// Makes a file beside all keys, readable by the owner only.
    fn fill_partial(&self, fill: impl FnOnce(&mut File) -> io::Result<()>) -> Result<PathBuf, StorageError> {
        let failed = |error| StorageError::io("cannot write the file", error);
        let folder = self.folder.join(PARTIAL);
        make_folder(&folder, &mut BTreeSet::new()).map_err(failed)?;
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|error| failed(error.into()))?;
        let path = folder.join(format!("{:032x}", u128::from_ne_bytes(random)));
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let filled = options.open(&path).and_then(|mut file| fill(&mut file));
        filled.map(|()| path.clone()).map_err(|error| {
            let _ = fs::remove_file(&path);
            failed(error)
        })
    }
}

/// Makes a folder and those above it, and notes whose content that changes.
fn make_folder(folder: &Path, changed: &mut BTreeSet<PathBuf>) -> io::Result<()> {
    match fs::create_dir(folder) {
        Ok(()) => {
            changed.extend(folder.parent().map(Path::to_path_buf));
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => existing(folder, error),
        Err(error) if is_missing(&error) => {
            let parent = folder.parent().ok_or(error)?;
            make_folder(parent, changed)?;
            match fs::create_dir(folder) {
                Ok(()) => {
                    changed.insert(parent.to_path_buf());
                    Ok(())
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => existing(folder, error),
                Err(error) => Err(error),
            }
        }
        Err(error) => Err(error),
    }
}

/// A folder that was said to be there is fine. If it was removed since, it is missing, and may be made again.
fn existing(folder: &Path, error: io::Error) -> io::Result<()> {
    match folder.metadata() {
        Ok(about) if about.is_dir() => Ok(()),
        Err(gone) if is_missing(&gone) => Err(gone),
        _ => Err(error),
    }
}

fn is_missing(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}
