//! Files in a real folder.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::Path;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use proptest::prelude::*;
use tempfile::TempDir;

use crate::storage::{About, FileSync, Opened, Placement, Source, Storage, StorageError};

fn storage() -> (TempDir, Storage) {
    let folder = tempfile::tempdir().unwrap();
    let storage = Storage::local(&folder.path().join("storage"), FileSync::Full);
    (folder, storage)
}

fn bytes(text: &str) -> Source {
    Source::Bytes(Bytes::copy_from_slice(text.as_bytes()))
}

async fn place(storage: &Storage, key: &str, text: &str) {
    storage.place(bytes(text), key, &About::default()).await.unwrap();
}

async fn content(storage: &Storage, key: &str) -> String {
    let Opened::Local { mut file, size, .. } = storage.open(key).await.unwrap() else { panic!("{key} is elsewhere") };
    let mut text = String::new();
    file.read_to_string(&mut text).unwrap();
    assert_eq!(text.len() as u64, size, "{key}");
    text
}

async fn is_missing(storage: &Storage, key: &str) -> bool {
    matches!(storage.open(key).await, Err(StorageError::NotFound))
}

/// Everything in the folder, ours included.
fn names(folder: &Path) -> BTreeSet<String> {
    let Ok(entries) = fs::read_dir(folder) else { return BTreeSet::new() };
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn spool(folder: &TempDir, text: &str) -> Source {
    let path = folder.path().join("upload");
    fs::write(&path, text).unwrap();
    Source::File(path)
}

#[tokio::test]
async fn files_come_and_go() {
    let (folder, storage) = storage();
    place(&storage, "c/r/a.txt", "from memory").await;
    storage.place(spool(&folder, "from a file"), "c/r/b.txt", &About::default()).await.unwrap();
    assert!(!folder.path().join("upload").exists(), "the upload is renamed");
    assert_eq!(content(&storage, "c/r/a.txt").await, "from memory");
    assert_eq!(content(&storage, "c/r/b.txt").await, "from a file");

    place(&storage, "c/r/a.txt", "other").await;
    assert_eq!(content(&storage, "c/r/a.txt").await, "other");
    storage.place_derived(Bytes::from_static(b"small"), "c/r/thumbs_a/1x1_a", &About::default()).await.unwrap();
    assert_eq!(content(&storage, "c/r/thumbs_a/1x1_a").await, "small");

    let root = folder.path().join("storage");
    fs::write(root.join("c/r/a.txt.attrs"), "{}").unwrap();
    storage.delete("c/r/a.txt").await.unwrap();
    assert!(is_missing(&storage, "c/r/a.txt").await);
    assert_eq!(names(&root.join("c/r")), BTreeSet::from(["b.txt".into(), "thumbs_a".into()]));
    storage.delete("c/r/thumbs_a/1x1_a").await.unwrap();
    assert_eq!(names(&root.join("c/r")), BTreeSet::from(["b.txt".into()]));
    storage.delete("c/r/b.txt").await.unwrap();
    assert_eq!(names(&root), BTreeSet::from([".partial".into()]), "empty folders go");
    for absent in ["c/r/b.txt", "c", "x/y/z", "c/r/b.txt/below"] {
        storage.delete(absent).await.unwrap();
        storage.delete_folder(absent).await.unwrap();
    }
    assert_eq!(names(&root.join(".partial")), BTreeSet::new());
}

#[tokio::test]
async fn several_files_are_placed_all_or_none() {
    let (folder, storage) = storage();
    place(&storage, "c/other/x", "stays").await;
    let placement = |source, key: &str| Placement { source, key: key.to_owned(), about: About::default() };
    let missing = || Source::File(folder.path().join("missing"));
    for broken in [placement(missing(), "c/r/3"), placement(bytes("3"), "c/other/x/below")] {
        let files = vec![placement(bytes("1"), "c/r/1"), placement(spool(&folder, "2"), "c/r/2"), broken];
        let error = storage.place_all(files, || Ok(())).await.unwrap_err();
        assert!(matches!(error, StorageError::Io { .. }), "{error}");
        assert_eq!(names(&folder.path().join("storage/c")), BTreeSet::from(["other".into()]));
        assert_eq!(names(&folder.path().join("storage/.partial")), BTreeSet::new());
    }
    let wrong = vec![placement(bytes("1"), "c/r/1"), placement(bytes("2"), "../r/2")];
    assert!(matches!(storage.place_all(wrong, || Ok(())).await, Err(StorageError::InvalidKey)));
    let files = vec![placement(bytes("1"), "c/r/1"), placement(spool(&folder, "2"), "c/r/2")];
    storage.place_all(files, || Ok(())).await.unwrap();
    assert_eq!(content(&storage, "c/r/1").await + &content(&storage, "c/r/2").await, "12");
}

#[tokio::test]
async fn an_upload_of_another_file_system_is_copied() {
    let (folder, storage) = storage();
    let elsewhere = tempfile::tempdir_in("/dev/shm").unwrap();
    let device = |path: &Path| fs::metadata(path).unwrap().dev();
    assert_ne!(device(elsewhere.path()), device(folder.path()), "this test needs two file systems");
    storage.place(spool(&elsewhere, "from afar"), "c/r/a", &About::default()).await.unwrap();
    assert_eq!(content(&storage, "c/r/a").await, "from afar");
    assert!(!elsewhere.path().join("upload").exists());
    assert_eq!(names(&folder.path().join("storage/.partial")), BTreeSet::new());
}

#[tokio::test]
async fn only_regular_files_are_files() {
    let (folder, storage) = storage();
    place(&storage, "c/r/a", "x").await;
    let record = folder.path().join("storage/c/r");
    let made = std::process::Command::new("mkfifo").arg(record.join("fifo")).status().unwrap();
    assert!(made.success());
    let _socket = std::os::unix::net::UnixListener::bind(record.join("socket")).unwrap();
    symlink("circle", record.join("circle")).unwrap();
    for key in ["c/r", "c/r/fifo", "c/r/socket", "c/r/circle", "c/r/a/below", "c/r/missing"] {
        assert!(is_missing(&storage, key).await, "{key}");
    }
    assert!(matches!(storage.open("c/../c/r/a").await, Err(StorageError::InvalidKey)));
    let listed = storage.list("", None, 10).await.unwrap();
    assert_eq!(listed.iter().map(|entry| entry.key.as_str()).collect::<Vec<_>>(), ["c/r/a"]);
}

#[tokio::test]
async fn a_folder_is_removed_without_following_links() {
    let (folder, storage) = storage();
    let outside = folder.path().join("outside");
    fs::create_dir_all(outside.join("r")).unwrap();
    fs::write(outside.join("r/precious"), "x").unwrap();
    place(&storage, "c/r/a", "x").await;
    place(&storage, "c/r/deep/er/b", "x").await;
    place(&storage, "c/s/a", "x").await;
    let root = folder.path().join("storage");
    symlink(&outside, root.join("c/r/link")).unwrap();
    symlink(outside.join("r/precious"), root.join("c/r/file-link")).unwrap();
    symlink(&outside, root.join("linked")).unwrap();
    symlink(&outside, root.join("c/whole")).unwrap();

    storage.delete_folder("c/r").await.unwrap();
    assert!(!root.join("c/r").exists());
    assert_eq!(content(&storage, "c/s/a").await, "x");
    storage.delete_folder("c/whole").await.unwrap();
    assert!(root.join("c/whole").symlink_metadata().is_err(), "the link itself goes");
    assert!(matches!(storage.delete_folder("linked/r").await, Err(StorageError::Link)));
    assert!(outside.join("r/precious").exists());
    assert!(storage.list("linked", None, 10).await.unwrap().iter().all(|entry| entry.key.starts_with("linked/")));
    let all = storage.list("", None, 10).await.unwrap();
    assert_eq!(all.iter().map(|entry| entry.key.as_str()).collect::<Vec<_>>(), ["c/s/a"]);
}

/// Who places a file makes its folder, who removes one removes the folder if it is empty: neither may fail the other.
#[tokio::test]
async fn placing_and_removing_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    let storage = Storage::local(folder.path(), FileSync::Normal);
    let work = (0..8).map(|number| {
        let storage = storage.clone();
        tokio::spawn(async move {
            let key = format!("c/r/{number}");
            for _ in 0..200 {
                place(&storage, &key, "x").await;
                assert_eq!(content(&storage, &key).await, "x");
                storage.delete(&key).await.unwrap();
            }
        })
    });
    for task in work.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    assert_eq!(names(folder.path()), BTreeSet::new());
}

#[tokio::test]
async fn what_nobody_waits_for_is_taken_back() {
    let (folder, storage) = storage();
    let root = folder.path().join("storage");
    // A fifo as upload: copying it goes on until the test has written to it, and it cannot be renamed across.
    let elsewhere = tempfile::tempdir_in("/dev/shm").unwrap();
    let fifo = elsewhere.path().join("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let about = About::default();
    let mut placing = Box::pin(storage.place(Source::File(fifo.clone()), "c/r/a", &about));
    #[expect(clippy::disallowed_methods, reason = "a test may wait elsewhere")]
    let writer = tokio::task::spawn_blocking(move || fs::File::options().write(true).open(fifo).unwrap());
    // Opening for writing ends when the copy has opened its side, so work has begun.
    let writer = tokio::select! {
        _ = &mut placing => panic!("placed without content"),
        writer = writer => writer.unwrap(),
    };
    drop(placing);
    drop(writer);
    // The folder has the file for a moment; then a second writer finds everything as if nothing had been.
    loop {
        place(&storage, "c/s/b", "x").await;
        if names(&root.join(".partial")).is_empty() && !root.join("c/r").exists() {
            break;
        }
    }
}

#[tokio::test]
async fn leftovers_go_when_they_are_old() {
    let (folder, storage) = storage();
    storage.remove_leftovers(SystemTime::UNIX_EPOCH).await.unwrap();
    storage.place_derived(Bytes::from_static(b"x"), "c/r/a", &About::default()).await.unwrap();
    let leftover = folder.path().join("storage/.partial/0123");
    fs::write(&leftover, "half").unwrap();
    let written = fs::metadata(&leftover).unwrap().modified().unwrap();
    storage.remove_leftovers(written).await.unwrap();
    assert!(leftover.exists());
    storage.remove_leftovers(written + Duration::from_millis(1)).await.unwrap();
    assert!(!leftover.exists());
    assert_eq!(content(&storage, "c/r/a").await, "x");
}

#[tokio::test]
async fn sidecars_are_not_files_of_their_own() {
    let (folder, storage) = storage();
    for key in ["c/r/a", "c/r/lonely.attrs"] {
        place(&storage, key, "x").await;
    }
    fs::write(folder.path().join("storage/c/r/a.attrs"), "{}").unwrap();
    let listed = storage.list("c", None, 10).await.unwrap();
    assert_eq!(listed.iter().map(|entry| entry.key.as_str()).collect::<Vec<_>>(), ["c/r/a", "c/r/lonely.attrs"]);
}

#[tokio::test]
async fn a_check_leaves_nothing_behind() {
    let (folder, storage) = storage();
    storage.check().await.unwrap();
    assert_eq!(names(&folder.path().join("storage")), BTreeSet::new());
    fs::write(folder.path().join("file"), "").unwrap();
    let nowhere = Storage::local(&folder.path().join("file"), FileSync::Full);
    assert!(nowhere.check().await.is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Pages put together are all keys in order, whatever stands beside or inside what.
    #[test]
    fn pages_are_complete_and_in_order(
        keys in prop::collection::btree_set("[a!0]{1,2}(/[a!0]{1,2}){0,3}", 1..40),
        limit in 1_usize..6,
        inside in "|a|a/a|0",
    ) {
        // A file cannot be a folder too.
        let keys: BTreeSet<String> = keys
            .iter()
            .filter(|key| !keys.iter().any(|other| other.starts_with(&format!("{key}/"))))
            .cloned()
            .collect();
        let prefix = if inside.is_empty() { String::new() } else { format!("{inside}/") };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (listed, folders) = runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let storage = Storage::local(folder.path(), FileSync::Normal);
            for key in &keys {
                place(&storage, key, key).await;
            }
            let mut listed: Vec<String> = Vec::new();
            loop {
                let page = storage.list(&inside, listed.last().map(String::as_str), limit).await.unwrap();
                let is_last = page.len() < limit;
                listed.extend(page.into_iter().inspect(|e| assert_eq!(e.size, e.key.len() as u64)).map(|e| e.key));
                if is_last {
                    break;
                }
            }
            let mut folders: Vec<String> = Vec::new();
            loop {
                let page = storage.folders(&inside, folders.last().map(String::as_str), limit).await.unwrap();
                let is_last = page.len() < limit;
                folders.extend(page);
                if is_last {
                    break;
                }
            }
            (listed, folders)
        });
        let below: Vec<&str> = keys.iter().filter_map(|key| key.strip_prefix(&prefix)).collect();
        let expected: Vec<String> = below.iter().map(|key| format!("{prefix}{key}")).collect();
        prop_assert_eq!(listed, expected);
        let tops: BTreeSet<String> = below.iter().filter_map(|k| k.split_once('/')).map(|(top, _)| format!("{top}/")).collect();
        let tops: Vec<&str> = tops.iter().map(|top| top.trim_end_matches('/')).collect();
        prop_assert_eq!(folders, tops);
    }
}
