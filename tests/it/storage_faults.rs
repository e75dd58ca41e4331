//! An S3-compatible service that fails in every way: clear errors, nothing half-stored, nothing that waits for ever.

use larder::storage::{About, Source, Storage, StorageError};

use crate::s3_front::{Fate, S3Front, SECRET, Step};
use crate::storage_s3::{bytes, open, read};

/// Large enough to go in parts.
fn large() -> Source {
    Source::Bytes(vec![7; (8 << 20) + 1].into())
}

/// A server where one step fails, for as long as it is asked, and a file is stored already.
async fn failing(at: Step, fate: Fate) -> S3Front {
    let server = S3Front::with(move |step, _| if step == at { fate.clone() } else { Fate::Fine }).await;
    let folder = server.folder.path().join("files/c/old");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("a"), "0123456789").unwrap();
    server
}

/// Does what needs the step.
async fn run(storage: &Storage, step: Step) -> Result<(), StorageError> {
    match step {
        Step::Put => storage.place(bytes("x"), "c/r/x", &About::default()).await,
        Step::Begin | Step::Part | Step::Complete | Step::Abort => {
            storage.place(large(), "c/r/x", &About::default()).await
        }
        Step::Head => open(storage, "c/old/a").await.map(drop),
        Step::Get => {
            let file = open(storage, "c/old/a").await?;
            assert_eq!(read(&file, 0..u64::MAX).await?, b"0123456789");
            Ok(())
        }
        Step::List => storage.list("c", None, 10).await.map(drop),
        Step::Delete => storage.delete("c/old/a").await,
    }
}

const STEPS: [Step; 8] =
    [Step::Put, Step::Begin, Step::Part, Step::Complete, Step::Head, Step::Get, Step::List, Step::Delete];

#[tokio::test]
async fn every_failure_of_every_step_is_told() {
    for (fate, expected) in [
        (Fate::error(500, "InternalError"), "the service answered with status 500"),
        (Fate::error(503, "SlowDown"), "the service answered with status 503"),
        (Fate::error(403, "AccessDenied"), "the service denies access"),
        (Fate::error(400, "RequestTimeTooSkewed"), "the service answered with status 400"),
        (Fate::error(507, "Full"), "there is no space left to store files"),
        (
            Fate::Answer(307, vec![("location", "http://127.0.0.1:1/")], String::new()),
            "the service answered with status 307",
        ),
        (Fate::Silence, "the service did not answer in time"),
        (Fate::Closed, "no connection to the service: "),
    ] {
        for step in STEPS {
            let server = failing(step, fate.clone()).await;
            let error = run(&server.impatient(), step).await.unwrap_err().to_string();
            assert!(error.starts_with(expected), "{step:?}, {fate:?}: {error}");
            assert!(!error.contains(SECRET), "{error}");
            assert_eq!(server.stored(), ["files/c/old/a"], "{step:?}, {fate:?}");
        }
    }
}

#[tokio::test]
async fn answers_that_make_no_sense_are_errors() {
    let text = |status, headers: &[(&'static str, &'static str)], body: &str| {
        Fate::Answer(status, headers.to_vec(), body.to_owned())
    };
    let head = [("content-length", "99"), ("last-modified", "Sun, 22 Nov 2026 21:00:00 GMT"), ("etag", "\"x\"")];
    for (step, fate) in [
        (Step::Begin, text(200, &[], "<html>Welcome</html>")),
        (Step::Begin, Fate::EndlessBody),
        (Step::Part, text(200, &[], "")),
        (Step::Complete, text(200, &[], "<Error><Code>Whatever</Code></Error>")),
        (Step::Complete, Fate::EndlessBody),
        (Step::Head, text(200, &[], "")),
        (Step::Head, text(200, &[("last-modified", "yesterday"), ("etag", "\"x\"")], "")),
        // Longer than what there is to read.
        (Step::Head, Fate::Answer(200, head.to_vec(), String::new())),
        (Step::Get, text(200, &[("etag", "\"x\"")], "0123456789")),
        (Step::Get, text(206, &[("content-range", "bytes 5-9/10"), ("etag", "\"x\"")], "56789")),
        (Step::Get, text(206, &[("content-range", "bytes 0-9/10"), ("etag", "\"x\"")], "01234")),
        (Step::Get, text(206, &[("content-range", "bytes 0-9/10"), ("etag", "\"x\"")], "0123456789ab")),
        (Step::Get, Fate::error(412, "PreconditionFailed")),
        (Step::List, text(200, &[], "<html>Welcome</html>")),
        (Step::List, Fate::EndlessBody),
        (Step::List, Fate::HalfBody),
    ] {
        let server = failing(step, fate.clone()).await;
        let result = run(&server.impatient(), if step == Step::Head { Step::Get } else { step }).await;
        let error = result.expect_err(&format!("{step:?}, {fate:?}"));
        let is_clear = matches!(
            error,
            StorageError::Protocol | StorageError::WrongLength | StorageError::Connection(_) | StorageError::Timeout
        );
        assert!(is_clear, "{step:?}, {fate:?}: {error}");
        assert_eq!(server.stored(), ["files/c/old/a"], "{step:?}, {fate:?}");
    }
}

#[tokio::test]
async fn what_passes_is_tried_again() {
    for fate in [Fate::error(503, "SlowDown"), Fate::Closed, Fate::HalfBody] {
        for step in STEPS {
            // Only files go on where they broke off.
            if fate == Fate::HalfBody && step != Step::Get {
                continue;
            }
            let first = fate.clone();
            let server =
                S3Front::with(move |seen, before| if seen == step && before == 0 { first.clone() } else { Fate::Fine })
                    .await;
            let storage = server.storage();
            storage.place(bytes("0123456789"), "c/old/a", &About::default()).await.unwrap();
            run(&storage, step).await.unwrap_or_else(|error| panic!("{step:?}, {fate:?}: {error}"));
            let asked = server.steps().into_iter().filter(|seen| *seen == step).count();
            assert!(asked >= 2, "{step:?}, {fate:?}: asked {asked} times");
        }
    }
}

#[tokio::test]
async fn a_file_whose_answer_was_lost_is_taken_back() {
    for step in [Step::Put, Step::Part, Step::Complete] {
        let server = failing(step, Fate::Lost).await;
        let error = run(&server.impatient(), step).await.unwrap_err();
        assert!(matches!(error, StorageError::Timeout), "{step:?}: {error}");
        assert_eq!(server.stored(), ["files/c/old/a"], "{step:?}");
    }
}

/// The service knows nothing of the upload any more when it is asked again to complete it.
#[tokio::test]
async fn an_upload_that_is_completed_twice_is_there() {
    let server = S3Front::with(|step, before| match step {
        Step::Complete if before == 0 => Fate::Dropped,
        _ => Fate::Fine,
    })
    .await;
    let storage = server.storage();
    storage.place(large(), "c/r/x", &About::default()).await.unwrap();
    let asked = |step| server.steps().into_iter().filter(|seen| *seen == step).count();
    assert_eq!((asked(Step::Complete), asked(Step::Head), asked(Step::Delete)), (2, 1, 0));
    assert_eq!(server.stored(), ["files/c/r/x"]);
    let file = open(&storage, "c/r/x").await.unwrap();
    assert!(read(&file, 0..u64::MAX).await.unwrap() == vec![7; (8 << 20) + 1]);
}

/// Another file of the same size under the same key is not the one that was to be uploaded.
#[tokio::test]
async fn an_upload_that_the_service_forgot_is_not_there() {
    let server = S3Front::with(|step, before| match step {
        Step::Complete if before > 0 => Fate::error(404, "NoSuchUpload"),
        _ => Fate::Fine,
    })
    .await;
    let storage = server.storage();
    storage.place(large(), "c/r/x", &About::default()).await.unwrap();
    let error = storage.place(large(), "c/r/x", &About::default()).await.unwrap_err();
    assert!(matches!(error, StorageError::Status { status: 404, .. }), "{error}");
    assert_eq!(server.stored(), Vec::<String>::new());
}

#[tokio::test]
async fn a_file_that_stops_half_way_is_an_error() {
    for (fate, is_expected) in [
        (Fate::StalledBody, (|error| matches!(error, StorageError::Timeout)) as fn(&StorageError) -> bool),
        (Fate::HalfBody, |error| matches!(error, StorageError::Connection(_))),
    ] {
        let server = failing(Step::Get, fate.clone()).await;
        let file = open(&server.impatient(), "c/old/a").await.unwrap();
        let error = read(&file, 0..10).await.unwrap_err();
        assert!(is_expected(&error), "{fate:?}: {error}");
    }
}

#[tokio::test]
async fn a_file_that_changes_while_it_is_read_is_an_error() {
    let server = failing(Step::Put, Fate::Fine).await;
    let file = open(&server.storage(), "c/old/a").await.unwrap();
    std::fs::write(server.folder.path().join("files/c/old/a"), "0123").unwrap();
    let error = read(&file, 0..10).await.unwrap_err();
    assert!(matches!(error, StorageError::WrongLength | StorageError::Protocol), "{error}");
}

#[tokio::test]
async fn an_upload_that_nobody_waits_for_ends() {
    for (step, cleaned) in [(Step::Put, Step::Delete), (Step::Part, Step::Abort)] {
        let server = failing(step, Fate::Silence).await;
        let storage = server.storage();
        let mut upload = Box::pin(run(&storage, step));
        tokio::select! {
            result = &mut upload => panic!("{step:?} ended: {result:?}"),
            () = server.until(step, 1) => {}
        }
        drop(upload);
        server.until(cleaned, 1).await;
        server.until(Step::Delete, 1).await;
        // The server has done what was asked before when it has answered.
        storage.delete("c/r/x").await.unwrap();
        assert_eq!(server.stored(), ["files/c/old/a"], "{step:?}");
    }
}

#[tokio::test]
async fn a_probe_that_comes_back_different_is_an_error() {
    let headers = vec![("content-range", "bytes 0-44/45"), ("etag", "\"x\"")];
    let server = failing(Step::Get, Fate::Answer(206, headers, "x".repeat(45))).await;
    let error = server.impatient().check().await.unwrap_err();
    assert!(matches!(error, StorageError::WrongContent), "{error}");
    assert_eq!(server.stored(), ["files/c/old/a"]);
}

/// The most memory this process has had, in bytes.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

#[tokio::test]
async fn a_file_of_any_size_takes_little_memory() {
    const SIZE: u64 = 1 << 30;
    let server = S3Front::with(|step, _| match step {
        Step::Part => Fate::Answer(200, vec![("etag", "\"part\"")], String::new()),
        Step::Begin => Fate::Answer(200, vec![], upload_answer("InitiateMultipartUploadResult", "UploadId")),
        Step::Complete => Fate::Answer(200, vec![], upload_answer("CompleteMultipartUploadResult", "ETag")),
        _ => Fate::Fine,
    })
    .await;
    let path = server.folder.path().join("upload");
    std::fs::File::create(&path).unwrap().set_len(SIZE).unwrap();
    let before = peak_memory();
    server.storage().place(Source::File(path), "c/r/large", &About::default()).await.unwrap();
    let grown = peak_memory() - before;
    let parts = server.steps().into_iter().filter(|step| *step == Step::Part).count() as u64;
    assert_eq!(parts, SIZE.div_ceil(8 << 20));
    assert!(grown < SIZE / 8, "grew by {} MiB", grown >> 20);
}

fn upload_answer(root: &str, key: &str) -> String {
    format!("<?xml version=\"1.0\"?><{root}><Bucket>files</Bucket><Key>c/r/large</Key><{key}>\"x\"</{key}></{root}>")
}
