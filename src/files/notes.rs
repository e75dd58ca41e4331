//! Notes of what is about to be stored, so that a start after a crash knows which files there may be without a record.
//!
//! A line for each placement, at the end of a file that goes when all placements in it are settled: one that goes well costs
//! no more than the line. Notes are not synced. After a power cut a file may be stored of which there is no note; it is in
//! nobody's way.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::place::FileKey;
use super::spool::new_path;

/// Extension of files of notes.
pub(super) const NOTES: &str = "notes";

/// Bytes from which on a new file is begun. All that is in the files is looked at after a crash.
const MAX_FILE_BYTES: u64 = 256 * 1024;

/// Largest file that is read, in bytes: its last line may be long.
const MAX_READ_BYTES: u64 = 16 << 20;

/// A line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Line {
    /// Where the files are: [`Settings::files_place`](crate::settings::Settings::files_place).
    pub(super) storage: String,
    pub(super) keys: Vec<FileKey>,
}

/// A file of notes, removed when all in it are settled and nobody writes to it any more.
#[derive(Debug)]
struct NoteFile {
    path: PathBuf,
    written: AtomicU64,
    /// Whether the next start has to read it.
    is_needed: AtomicBool,
}

impl NoteFile {
    fn new(path: PathBuf) -> Arc<Self> {
        Arc::new(Self { path, written: AtomicU64::new(0), is_needed: AtomicBool::new(false) })
    }
}

impl Drop for NoteFile {
    fn drop(&mut self) {
        if !self.is_needed.load(Ordering::Relaxed)
            && let Err(error) = std::fs::remove_file(&self.path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "a file of notes could not be removed");
        }
    }
}

/// The note of a placement. One that is dropped without being [settled](Self::settled) is left to the next start.
#[derive(Debug)]
pub(super) struct Note(Option<Arc<NoteFile>>);

impl Note {
    /// What it is about needs no more care.
    pub(super) fn settled(mut self) {
        self.0 = None;
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        if let Some(file) = &self.0 {
            file.is_needed.store(true, Ordering::Relaxed);
        }
    }
}

/// Writes notes.
#[derive(Debug)]
pub(super) struct Notes {
    folder: Arc<Path>,
    active: Mutex<Option<(File, Arc<NoteFile>)>>,
}

impl Notes {
    pub(super) fn new(folder: Arc<Path>) -> Self {
        Self { folder, active: Mutex::default() }
    }

    /// Writes a line. On a thread that may block.
    pub(super) fn write(&self, line: &Line) -> io::Result<Note> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        let mut active = self.active.lock();
        // Taken out: behind a line that could be written in part only there must be no other.
        let (mut file, notes) = match active.take() {
            Some((file, notes)) if notes.written.load(Ordering::Relaxed) < MAX_FILE_BYTES => (file, notes),
            _ => self.begin()?,
        };
        file.write_all(&text)?;
        notes.written.fetch_add(text.len() as u64, Ordering::Relaxed);
        *active = Some((file, Arc::clone(&notes)));
        Ok(Note(Some(notes)))
    }

    fn begin(&self) -> io::Result<(File, Arc<NoteFile>)> {
        let path = new_path(&self.folder, NOTES);
        let file = File::options().append(true).create_new(true).open(&path)?;
        Ok((file, NoteFile::new(path)))
    }
}

/// Reads what another process noted. What a power cut made unreadable is passed over: what it was about is not known.
pub(super) fn read(path: PathBuf) -> io::Result<Vec<(Line, Note)>> {
    let mut text = Vec::new();
    File::open(&path)?.take(MAX_READ_BYTES).read_to_end(&mut text)?;
    let file = NoteFile::new(path);
    let lines = text.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok());
    Ok(lines.map(|line| (line, Note(Some(Arc::clone(&file))))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str) -> Line {
        let key = FileKey { collection: "c".into(), record: "r".into(), name: name.into() };
        Line { storage: "local".into(), keys: vec![key] }
    }

    fn names(lines: &[(Line, Note)]) -> Vec<&str> {
        lines.iter().flat_map(|(line, _)| &line.keys).map(|key| key.name.as_str()).collect()
    }

    fn path_of(note: &Note) -> PathBuf {
        note.0.as_ref().unwrap().path.clone()
    }

    #[test]
    fn a_file_goes_when_all_in_it_is_settled() {
        let folder = tempfile::tempdir().unwrap();
        let notes = Notes::new(folder.path().into());
        let (first, second) = (notes.write(&line("a")).unwrap(), notes.write(&line("b")).unwrap());
        let path = path_of(&first);
        assert_eq!(path, path_of(&second));
        first.0.as_ref().unwrap().written.store(MAX_FILE_BYTES, Ordering::Relaxed);
        let third = notes.write(&line("c")).unwrap();
        let other = path_of(&third);
        assert_ne!(path, other, "another one is begun");
        first.settled();
        third.settled();
        assert!(path.exists() && other.exists(), "one has a line that is not settled, the other is written to");
        second.settled();
        assert!(!path.exists());
        drop(notes);
        assert!(!other.exists());
    }

    #[test]
    fn what_is_not_settled_is_left_to_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let notes = Notes::new(folder.path().into());
        let (first, second) = (notes.write(&line("a")).unwrap(), notes.write(&line("b")).unwrap());
        let path = path_of(&first);
        drop(first);
        second.settled();
        drop(notes);
        let found = read(path.clone()).unwrap();
        assert_eq!(names(&found), ["a", "b"]);
        for (_, note) in found {
            note.settled();
        }
        assert!(!path.exists());
    }

    #[test]
    fn what_cannot_be_read_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.notes");
        let text = serde_json::to_string(&line("a")).unwrap();
        let damaged = [text.as_bytes(), b"\n\xff\0\n{\"storage\":1}\n", text.as_bytes(), b"\n", &text.as_bytes()[..20]];
        std::fs::write(&path, damaged.concat()).unwrap();
        assert_eq!(names(&read(path.clone()).unwrap()), ["a", "a"]);
        std::fs::write(&path, "nothing").unwrap();
        assert!(read(path.clone()).unwrap().is_empty());
        assert!(!path.exists());
    }
}
