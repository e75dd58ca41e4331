//! Indexes on disk: a folder for each collection, named by its id.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::source::Recipe;
use crate::db::{DbError, change_mark, last_seq, oldest_seq};
use crate::fulltext::Index;

/// The folder in the data folder.
const FOLDER: &str = "search";

/// Ends the name of a folder in which an index is being made.
const BUILDING: &str = ".building";

/// Ends the name of a folder that is about to be removed.
const RETIRED: &str = ".removed";

/// What the index in a folder is made of.
const RECIPE_FILE: &str = "larder-recipe.json";

/// How far the index has followed the feed.
const POSITION_FILE: &str = "larder-position.json";

/// An index has seen every change up to `followed`, although its last commit, of the changes up to `commit`, says less: no
/// change in between was one of its collection.
///
/// It names the commit because it may survive a power cut that the commit did not survive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    commit: i64,
    pub(super) followed: i64,
    /// The mark of the change `followed`, which the same number in another database does not have.
    pub(super) mark: Option<String>,
}

/// The folder of all indexes.
#[derive(Debug, Clone)]
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn of(data: &Path) -> Self {
        Self(data.join(FOLDER))
    }

    /// Makes it if there is none, and removes what was left half done.
    pub(super) fn prepare(&self) -> io::Result<()> {
        std::fs::create_dir_all(&self.0)?;
        for entry in std::fs::read_dir(&self.0)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.ends_with(BUILDING) || name.ends_with(RETIRED) {
                remove(&entry.path())?;
            }
        }
        Ok(())
    }

    /// Where the index of a collection is.
    pub(super) fn index(&self, collection_id: &str) -> PathBuf {
        self.0.join(collection_id)
    }

    /// Where the next one is made.
    pub(super) fn building(&self, collection_id: &str) -> PathBuf {
        self.0.join(format!("{collection_id}{BUILDING}"))
    }

    /// Removes the indexes of collections that are not wanted.
    pub(super) fn keep_only(&self, wanted: &HashSet<&str>) -> io::Result<()> {
        for entry in std::fs::read_dir(&self.0)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if !wanted.contains(name.as_str()) && !name.ends_with(BUILDING) {
                self.remove(&name)?;
            }
        }
        Ok(())
    }

    /// Removes the index of a collection. Whoever reads in it still can.
    pub(super) fn remove(&self, collection_id: &str) -> io::Result<()> {
        let retired = self.0.join(format!("{collection_id}{RETIRED}"));
        remove(&retired)?;
        match std::fs::rename(self.index(collection_id), &retired) {
            // Half an index is no index: first it goes as a whole, then file by file.
            Ok(()) => remove(&retired),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(e) => Err(e),
        }
    }

    /// Puts the index that was made in place of the one there is. Nobody may write to either.
    pub(super) fn replace(&self, collection_id: &str) -> io::Result<()> {
        self.remove(collection_id)?;
        std::fs::rename(self.building(collection_id), self.index(collection_id))
    }
}

/// Removes a folder or file, if there is one.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    let removed = match std::fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => std::fs::remove_dir_all(path),
        Ok(_) => std::fs::remove_file(path),
        Err(e) => Err(e),
    };
    match removed {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Says what the index in the folder is made of.
pub(super) fn write_recipe(folder: &Path, recipe: &Recipe) -> io::Result<()> {
    write(&folder.join(RECIPE_FILE), recipe, true)
}

/// What the index in the folder is made of, if it says so.
pub(super) fn read_recipe(folder: &Path) -> Option<Recipe> {
    read(&folder.join(RECIPE_FILE))
}

/// Notes how far an index whose last commit is known has followed the feed.
pub(super) fn write_position(folder: &Path, commit: i64, followed: i64, mark: Option<String>) -> io::Result<()> {
    write(&folder.join(POSITION_FILE), &Position { commit, followed, mark }, false)
}

/// How far an index has followed the feed.
pub(super) fn read_position(index: &Index) -> Position {
    let commit = index.applied_seq();
    let position: Option<Position> = read(&index.folder().join(POSITION_FILE));
    let is_of_commit = |position: &Position| position.commit == commit && position.followed >= commit;
    let of_commit = || Position { commit, followed: commit, mark: index.opened_mark().map(str::to_owned) };
    position.filter(is_of_commit).unwrap_or_else(of_commit)
}

impl Position {
    /// Whether the feed of the store goes on where this is.
    ///
    /// # Errors
    /// Only if the store fails.
    pub(super) fn is_in_feed(&self, conn: &Connection) -> Result<bool, DbError> {
        let (last, oldest) = (last_seq(conn)?, oldest_seq(conn)?);
        // A feed that is behind is of a database of before.
        if self.followed > last || (self.followed < last && oldest.is_none_or(|oldest| oldest > self.followed + 1)) {
            return Ok(false);
        }
        let Some(mark) = &self.mark else { return Ok(true) };
        Ok(change_mark(conn, self.followed)?.is_none_or(|found| found == *mark))
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

/// Replaces a file as a whole, so that the end of the process leaves the old one or the new one.
fn write(path: &Path, value: &impl Serialize, is_durable: bool) -> io::Result<()> {
    let temporary = path.with_extension("new");
    let mut file = File::create(&temporary)?;
    file.write_all(&serde_json::to_vec(value)?)?;
    if is_durable {
        file.sync_all()?;
    }
    std::fs::rename(temporary, path)
}
