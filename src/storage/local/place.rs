//! Putting files in their place: written there or renamed, then synced.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::super::{FileSync, Placement, Source, StorageError};
use super::{PARTIAL, Root};

/// How often folders are made again that somebody else removes, because they were empty, before the file is in them.
const ATTEMPTS: u32 = 100;

/// A file in its place.
struct Placed {
    path: PathBuf,
    /// Open, if it was written here.
    file: Option<File>,
}

impl Root {
    /// A file is seen under its key before it is whole: nobody knows the key yet.
    pub(super) fn place_all(&self, files: Vec<Placement>) -> Result<(), StorageError> {
        let mut keys = Vec::with_capacity(files.len());
        let mut placed = Vec::with_capacity(files.len());
        let result = files
            .into_iter()
            .try_for_each(|file| {
                keys.push(file.key);
                placed.push(self.place_one(file.source, &keys[keys.len() - 1])?);
                Ok(())
            })
            .and_then(|()| self.make_durable(&placed));
        if result.is_err() {
            for key in keys.iter().take(placed.len()) {
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
            .and_then(|()| self.rename(&partial, key));
        if moved.is_err() {
            let _ = fs::remove_file(&partial);
        }
        moved.map(drop)
    }

    fn place_one(&self, source: Source, key: &str) -> Result<Placed, StorageError> {
        match source {
            Source::Bytes(bytes) => match self.create(key, |file| file.write_all(&bytes)) {
                Err(StorageError::Io { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => {
                    let partial = self.write_partial(&bytes)?;
                    self.rename(&partial, key).inspect_err(|_| drop(fs::remove_file(&partial)))
                }
                result => result,
            },
            Source::File(path) => match self.rename(&path, key) {
                // The folder of the key is a link or a mount.
                Err(StorageError::Io { source, .. }) if source.kind() == io::ErrorKind::CrossesDevices => {
                    let mut from =
                        File::open(&path).map_err(|error| StorageError::io("cannot read the upload", error))?;
                    let copied = self.create(key, |file| io::copy(&mut from, file).map(drop))?;
                    let _ = fs::remove_file(&path);
                    Ok(copied)
                }
                result => result,
            },
        }
    }

    /// Makes a file that is not there yet.
    fn create(&self, key: &str, fill: impl FnOnce(&mut File) -> io::Result<()>) -> Result<Placed, StorageError> {
        let path = self.path(key);
        let mut made = self.in_folder(&path, || new_file(&path), || true)?;
        match fill(&mut made) {
            Ok(()) => Ok(Placed { path, file: Some(made) }),
            Err(error) => {
                let _ = self.delete(key);
                Err(StorageError::io("cannot write the file", error))
            }
        }
    }

    /// Gives a file its name.
    fn rename(&self, from: &Path, key: &str) -> Result<Placed, StorageError> {
        let to = self.path(key);
        self.in_folder(&to, || fs::rename(from, &to), || from.exists())?;
        Ok(Placed { path: to, file: None })
    }

    /// Does something that needs the folder of a path, which is made if it is missing.
    fn in_folder<T>(
        &self,
        path: &Path,
        act: impl Fn() -> io::Result<T>,
        is_folder_missing: impl Fn() -> bool,
    ) -> Result<T, StorageError> {
        let folder = path.parent().unwrap_or(&self.folder);
        let mut attempts = 0;
        loop {
            attempts += 1;
            match make_folder(folder).and_then(|()| act()) {
                Ok(done) => return Ok(done),
                // The folders have been empty until now: whoever removes another file may just have removed them.
                Err(error) if is_missing(&error) && is_folder_missing() => {
                    if attempts == ATTEMPTS {
                        return Err(StorageError::Io { context: "the folder does not stay", source: error });
                    }
                }
                Err(error) => return Err(StorageError::io("cannot put the file in its place", error)),
            }
        }
    }

    fn make_durable(&self, placed: &[Placed]) -> Result<(), StorageError> {
        if self.sync == FileSync::Normal {
            return Ok(());
        }
        let failed = |error| StorageError::io("cannot sync the file", error);
        let mut folders = BTreeSet::new();
        for Placed { path, file } in placed {
            let opened;
            let file = if let Some(file) = file {
                file
            } else {
                opened = File::open(path).map_err(failed)?;
                &opened
            };
            file.sync_all().map_err(failed)?;
            if !self.names.follow(&file.metadata().map_err(failed)?) {
                // Whoever made the folders may not have synced them yet.
                let above = path.ancestors().skip(1).take_while(|folder| folder.starts_with(&self.folder));
                folders.extend(above.chain(self.folder.parent()));
            }
        }
        // Names in folders before the names of the folders.
        for folder in folders.into_iter().rev().filter(|folder| !folder.as_os_str().is_empty()) {
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
        }
        Ok(())
    }

    /// Makes a file beside all keys.
    fn write_partial(&self, bytes: &[u8]) -> Result<PathBuf, StorageError> {
        let failed = |error| StorageError::io("cannot write the file", error);
        let folder = self.folder.join(PARTIAL);
        make_folder(&folder).map_err(failed)?;
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|error| failed(error.into()))?;
        let path = folder.join(format!("{:032x}", u128::from_ne_bytes(random)));
        let filled = new_file(&path).and_then(|mut file| file.write_all(bytes));
        filled.map(|()| path.clone()).map_err(|error| {
            let _ = fs::remove_file(&path);
            failed(error)
        })
    }
}

/// A new file, readable by the owner only.
fn new_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes a folder and those above it.
fn make_folder(folder: &Path) -> io::Result<()> {
    match fs::create_dir(folder) {
        Err(error) if is_missing(&error) => {
            make_folder(folder.parent().ok_or(error)?)?;
            fs::create_dir(folder).or_else(|error| existing(folder, error))
        }
        made => made.or_else(|error| existing(folder, error)),
    }
}

/// A folder that was said to be there is fine. If it was removed since, it is missing, and may be made again.
fn existing(folder: &Path, error: io::Error) -> io::Result<()> {
    if error.kind() != io::ErrorKind::AlreadyExists {
        return Err(error);
    }
    match folder.metadata() {
        Ok(about) if about.is_dir() => Ok(()),
        Err(gone) if is_missing(&gone) => Err(gone),
        _ => Err(error),
    }
}

fn is_missing(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}
