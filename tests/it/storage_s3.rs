//! Files in a bucket, on a real S3-compatible server.

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use larder::storage::{About, Opened, Placement, RemoteFile, S3Options, Source, Storage, StorageError};

use crate::s3_front::{BUCKET, Fate, S3Front, SECRET, Step};

pub(crate) fn bytes(text: &str) -> Source {
    Source::Bytes(Bytes::copy_from_slice(text.as_bytes()))
}

pub(crate) async fn open(storage: &Storage, key: &str) -> Result<RemoteFile, StorageError> {
    match storage.open(key).await? {
        Opened::Remote(file) => Ok(file),
        Opened::Local { .. } => panic!("{key} is on this machine"),
    }
}

pub(crate) async fn read(file: &RemoteFile, range: Range<u64>) -> Result<Vec<u8>, StorageError> {
    let pieces: Vec<Bytes> = file.read(range).try_collect().await?;
    Ok(pieces.concat())
}

/// A name that would come out wrong if anything was encoded differently for the URL, the signature or the server.
const ODD: &str = "c/r/ä ö%41&?#[~]+(1)'日本=.txt";

#[tokio::test]
async fn files_come_and_go() {
    let server = S3Front::start().await;
    let storage = server.storage();
    assert!(storage.is_remote());
    let about = About { content_type: "text/plain".into(), original_name: "Grüße.txt".into() };
    storage.place(bytes("0123456789"), ODD, &about).await.unwrap();
    // The key is the very path.
    assert_eq!(std::fs::read(server.folder.path().join(BUCKET).join(ODD)).unwrap(), b"0123456789");

    let file = open(&storage, ODD).await.unwrap();
    assert_eq!((file.size(), file.content_type()), (10, Some("text/plain")));
    for (range, expected) in
        [(0..10, "0123456789"), (0..99, "0123456789"), (3..5, "34"), (9..10, "9"), (4..4, ""), (10..12, "")]
    {
        assert_eq!(read(&file, range.clone()).await.unwrap(), expected.as_bytes(), "{range:?}");
    }

    storage.place(bytes("other"), ODD, &About::default()).await.unwrap();
    let file = open(&storage, ODD).await.unwrap();
    assert_eq!(read(&file, 0..5).await.unwrap(), b"other");
    storage.place_derived(Bytes::new(), "c/r/empty", &About::default()).await.unwrap();
    let file = open(&storage, "c/r/empty").await.unwrap();
    assert_eq!((file.size(), read(&file, 0..1).await.unwrap()), (0, Vec::new()));

    for key in [ODD, "c/r/empty", "c/r/empty", "c/r/never"] {
        storage.delete(key).await.unwrap();
        assert!(matches!(open(&storage, key).await, Err(StorageError::NotFound)), "{key}");
    }
    assert_eq!(server.stored(), Vec::<String>::new());
    storage.check().await.unwrap();
    assert_eq!(server.stored(), Vec::<String>::new());
}

#[tokio::test]
async fn large_files_go_in_parts() {
    let server = S3Front::start().await;
    let storage = server.storage();
    let content: Vec<u8> = (0..=u8::MAX).cycle().flat_map(|byte| [byte; 1000]).take(17_000_000).collect();
    let path = server.folder.path().join("upload");
    std::fs::write(&path, &content).unwrap();
    let about = About { content_type: "video/mp4".into(), original_name: String::new() };
    storage.place(Source::File(path.clone()), "c/r/file", &about).await.unwrap();
    storage.place(Source::Bytes(content.clone().into()), "c/r/bytes", &about).await.unwrap();
    std::fs::remove_file(&path).unwrap();
    for key in ["c/r/file", "c/r/bytes"] {
        let file = open(&storage, key).await.unwrap();
        assert_eq!(file.size(), 17_000_000, "{key}");
        assert!(read(&file, 0..u64::MAX).await.unwrap() == content, "{key}");
        assert_eq!(read(&file, 8_388_600..8_388_616).await.unwrap(), content[8_388_600..8_388_616], "{key}");
    }
    let parts = server.steps().into_iter().filter(|step| *step == Step::Part).count();
    assert_eq!(parts, 2 * 3);
    assert_eq!(server.stored(), ["files/c/r/bytes", "files/c/r/file"]);
}

#[tokio::test]
async fn several_files_are_placed_all_or_none() {
    let server = S3Front::with(|step, before| match step {
        Step::Put if before == 1 => Fate::error(403, "AccessDenied"),
        _ => Fate::Fine,
    })
    .await;
    let storage = server.storage();
    let files = || {
        let placement = |key: &str| Placement { source: bytes(key), key: key.into(), about: About::default() };
        vec![placement("c/r/1"), placement("c/r/2")]
    };
    let error = storage.place_all(files(), || Ok(())).await.unwrap_err();
    assert!(matches!(error, StorageError::Denied { .. }), "{error}");
    assert_eq!(server.stored(), Vec::<String>::new());
    storage.place_all(files(), || Ok(())).await.unwrap();
    assert_eq!(server.stored(), ["files/c/r/1", "files/c/r/2"]);
    let wrong = vec![Placement { source: bytes("x"), key: "c/../x".into(), about: About::default() }];
    assert!(matches!(storage.place_all(wrong, || Ok(())).await, Err(StorageError::InvalidKey)));
}

#[tokio::test]
async fn lists_are_complete_and_in_order() {
    let server = S3Front::start().await;
    let storage = server.storage();
    let keys = ["a/1/x", "a/1/y", "a/10/x", "a/2/thumbs_x/1_x", "a/2/x", "b/1/x", "b!/1/x"];
    for key in keys {
        storage.place(bytes(key), key, &About::default()).await.unwrap();
    }
    for folder in ["", "a", "a/1", "b", "c"] {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let below: BTreeSet<&str> = keys.into_iter().filter(|key| key.starts_with(&prefix)).collect();
        let tops: BTreeSet<String> = below
            .iter()
            .filter_map(|key| key[prefix.len()..].split_once('/'))
            .map(|(top, _)| format!("{top}/"))
            .collect();
        for limit in [1, 2, 3, 100] {
            let mut listed: Vec<String> = Vec::new();
            loop {
                let page = storage.list(folder, listed.last().map(String::as_str), limit).await.unwrap();
                assert!(page.iter().all(|entry| entry.size == entry.key.len() as u64));
                let is_last = page.len() < limit;
                listed.extend(page.into_iter().map(|entry| entry.key));
                if is_last {
                    break;
                }
            }
            assert_eq!(listed, below.iter().copied().collect::<Vec<_>>(), "{folder} by {limit}");
            let mut folders: Vec<String> = Vec::new();
            loop {
                let page = storage.folders(folder, folders.last().map(String::as_str), limit).await.unwrap();
                let is_last = page.len() < limit;
                folders.extend(page);
                if is_last {
                    break;
                }
            }
            let tops: Vec<&str> = tops.iter().map(|top| top.trim_end_matches('/')).collect();
            assert_eq!(folders, tops, "{folder} by {limit}");
        }
    }
    storage.delete_folder("a/1").await.unwrap();
    storage.delete_folder("nothing").await.unwrap();
    let left: Vec<String> = storage.list("", None, 100).await.unwrap().into_iter().map(|entry| entry.key).collect();
    assert_eq!(left, ["a/10/x", "a/2/thumbs_x/1_x", "a/2/x", "b!/1/x", "b/1/x"]);
}

/// More objects than a service tells at a time.
#[tokio::test]
async fn a_large_folder_is_removed() {
    let server = S3Front::start().await;
    let storage = server.storage();
    let folder = server.folder.path().join(BUCKET).join("c/r");
    std::fs::create_dir_all(&folder).unwrap();
    for number in 0..1100 {
        std::fs::write(folder.join(number.to_string()), "x").unwrap();
    }
    assert_eq!(storage.list("c", None, 10_000).await.unwrap().len(), 1100);
    storage.delete_folder("c/r").await.unwrap();
    assert_eq!(server.stored(), Vec::<String>::new());
}

#[tokio::test]
async fn wrong_settings_are_told_apart() {
    let server = S3Front::start().await;
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let right = server.options();
    for (options, expected) in [
        (
            S3Options { secret: format!("{SECRET}x"), ..right.clone() },
            "the service denies access (SignatureDoesNotMatch)",
        ),
        (S3Options { access_key: "AKOTHER".into(), ..right.clone() }, "the service denies access (NotSignedUp)"),
        (S3Options { endpoint: format!("http://{unused}"), ..right.clone() }, "no connection to the service: "),
        (
            S3Options { endpoint: format!("127.0.0.1:{}", server.port), ..right.clone() },
            "no connection to the service: ",
        ),
    ] {
        let error = Storage::s3(&options).unwrap().check().await.unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error} is not {expected}");
        assert!(!error.contains(SECRET) && !error.contains("AKOTHER") && !error.contains("probe"), "{error}");
    }
    // This server would make the bucket if a file were placed in it.
    let elsewhere = Storage::s3(&S3Options { bucket: "nothing".into(), ..right.clone() }).unwrap();
    assert!(matches!(elsewhere.list("", None, 1).await, Err(StorageError::NoBucket)));
    for limit in [0, usize::MAX] {
        let listed = Storage::s3(&right).unwrap().list("", None, limit).await.unwrap();
        assert!(listed.is_empty());
    }
}

#[tokio::test]
async fn presigned_urls_open_one_file() {
    let server = S3Front::start().await;
    let storage = server.storage();
    storage.place(bytes("content"), ODD, &About::default()).await.unwrap();
    let sign = async |storage: &Storage| {
        let minute = Duration::from_mins(1);
        storage.presigned_url(ODD, minute, "attachment; filename=\"ä b.txt\"", "text/plain").await.unwrap().unwrap()
    };
    let by_host = S3Options {
        endpoint: format!("http://localhost:{}", server.port),
        force_path_style: false,
        ..server.options()
    };
    let by_host = Storage::s3(&by_host).unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .resolve("files.localhost", format!("127.0.0.1:{}", server.port).parse().unwrap())
        .build()
        .unwrap();
    for (storage, host) in [(&storage, "127.0.0.1"), (&by_host, "files.localhost")] {
        let url = sign(storage).await;
        assert!(url.starts_with(&format!("http://{host}:{}/", server.port)), "{url}");
        assert!(!url.contains(SECRET));
        let answer = client.get(&url).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{url}");
        assert_eq!(answer.headers()["content-type"], "text/plain");
        assert_eq!(answer.headers()["content-disposition"].as_bytes(), "attachment; filename=\"ä b.txt\"".as_bytes());
        assert_eq!(answer.text().await.unwrap(), "content");
        for tampered in [url.replace("filename", "fi1ename"), url.replace("X-Amz-Expires=60", "X-Amz-Expires=61")] {
            assert_ne!(tampered, url);
            assert_eq!(client.get(&tampered).send().await.unwrap().status(), 403, "{tampered}");
        }
    }
    let wrong = storage.presigned_url("../x", Duration::from_secs(1), "", "").await.unwrap();
    assert!(matches!(wrong, Err(StorageError::InvalidKey)));
}
