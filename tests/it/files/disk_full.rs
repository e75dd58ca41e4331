//! No room for more files: a 507, nothing half stored, and everything that fits goes on.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use reqwest::Method;
use reqwest::multipart::Form;
use serde_json::{Value as Json, json};

use super::{DOCS, await_stored_in, file, superuser_at};
use crate::crash::{Process, make_superuser};
use crate::server::{Answer, Client, PASSWORD, SUPERUSER_EMAIL};

async fn prepare(server: &Process) -> Client {
    let fields = json!([{"name": "files", "type": "file", "maxSelect": 9, "maxSize": 100 << 20}]);
    superuser_at(&server.base).await.open_collection("docs", fields).await;
    Client::at(&server.base)
}

/// A shell that runs the script and then is the binary.
fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{script} && exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_larder")]);
    command
}

async fn upload(guest: &Client, sizes: &[usize]) -> Answer {
    let form = sizes.iter().fold(Form::new(), |form, size| form.part("files", file("a.bin", vec![b'x'; *size])));
    guest.submit(Method::POST, DOCS, form).await
}

#[track_caller]
fn is_refusal(answer: &Answer) {
    assert_eq!((answer.status.as_u16(), &answer.body["status"]), (507, &json!(507)), "{}", answer.text);
    assert!(answer.body["message"].is_string() && answer.body["data"] == json!({}), "{}", answer.text);
}

/// Waits until the storage holds the files that records name, and nothing else.
async fn await_named(guest: &Client, data: &Path) {
    let page = guest.get(&format!("{DOCS}?perPage=1000")).await.expect(200);
    let path = |record: &Json, name: &Json| {
        let text = |value: &Json| value.as_str().unwrap().to_owned();
        format!("{}/{}/{}", text(&record["collectionId"]), text(&record["id"]), text(name))
    };
    let records = page["items"].as_array().unwrap().iter();
    let named =
        records.flat_map(|record| record["files"].as_array().unwrap().iter().map(move |name| path(record, name)));
    await_stored_in(data, &named.collect::<Vec<_>>()).await;
}

/// Files may have no more than 8 MB: what a system says of a disk that is full it says of those here.
#[tokio::test]
async fn files_that_the_system_has_no_room_for() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    make_superuser(&data);
    // The signal that comes with the refusal would end the process.
    let server = Process::start_with(shell("trap '' XFSZ && ulimit -f 16384"), &data, &[]);
    let guest = prepare(&server).await;
    for sizes in [vec![10 << 20], vec![1000, 10 << 20], vec![10 << 20, 1000], vec![300_000, 10 << 20, 300_000]] {
        is_refusal(&upload(&guest, &sizes).await);
        await_stored_in(&data, &[]).await;
        guest.get("/api/health").await.expect(200);
    }
    assert_eq!(guest.get(DOCS).await.expect(200)["totalItems"], 0);
    upload(&guest, &[4 << 20, 1000]).await.expect(200);
    await_named(&guest, &data).await;
}

/// Whether a process may have a file system of its own here.
fn may_mount() -> bool {
    let arguments = ["--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"];
    let status = Command::new("unshare").args(arguments).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// The binary with a disk of its own, of so many MiB; its data folder, as it sees it.
struct Disk {
    server: Process,
    data: PathBuf,
    _folder: tempfile::TempDir,
}

impl Disk {
    /// `None` if no file system can be mounted here.
    fn of(megabytes: u64) -> Option<Self> {
        if !may_mount() {
            eprintln!("skipped: no file system can be mounted here");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let disk = folder.path().to_str().unwrap();
        let script = format!(
            "mount -t tmpfs -o size={megabytes}m none {disk} \
             && \"$0\" superuser create {SUPERUSER_EMAIL} '{PASSWORD}' --dir {disk}/data >&2"
        );
        let inner = shell(&script);
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh"]).args(inner.get_args());
        let server = Process::start_with(command, &folder.path().join("data"), &[]);
        let data = PathBuf::from(format!("/proc/{}/root{disk}/data", server.id()));
        assert!(data.join("data.db").exists());
        Some(Self { server, data, _folder: folder })
    }
}

#[tokio::test]
async fn a_disk_that_is_full_to_the_last_byte() {
    let Some(Disk { server, data, .. }) = &Disk::of(16) else { return };
    let guest = prepare(server).await;
    // What somebody else keeps on the same disk.
    let other = data.join("../other");
    std::fs::write(&other, vec![0; 1 << 20]).unwrap();
    for sizes in [vec![20 << 20], vec![1000, 20 << 20], vec![20 << 20, 1000]] {
        is_refusal(&upload(&guest, &sizes).await);
        await_stored_in(data, &[]).await;
    }
    // Whatever size fits no more: the next smaller one does, until nothing does.
    let mut stored = 0;
    for size in [2 << 20, 300_000, 50_000, 1000] {
        loop {
            let answer = upload(&guest, &[size]).await;
            if answer.status != 200 {
                is_refusal(&answer);
                break;
            }
            stored += 1;
        }
        await_named(&guest, data).await;
        guest.get("/api/health").await.expect(200);
    }
    assert!(stored > 4, "{stored}");
    let page = guest.get(&format!("{DOCS}?perPage=1000")).await.expect(200);
    assert_eq!(page["totalItems"], stored);
    // Uploads have left enough for the database to remove them, and their room is used again.
    let records = page["items"].as_array().unwrap().iter();
    for id in records.map(|record| record["id"].as_str().unwrap()) {
        guest.delete(&format!("{DOCS}/{id}")).await.expect(204);
    }
    await_named(&guest, data).await;
    upload(&guest, &[2 << 20]).await.expect(200);
    await_named(&guest, data).await;
    // What others keep on the disk is left out of it: with the rest of it gone nothing can be changed, but read.
    let filled = fill(&other);
    assert!(filled > 0);
    is_refusal(&upload(&guest, &[1000]).await);
    guest.get(DOCS).await.expect(200);
    std::fs::remove_file(other).unwrap();
    upload(&guest, &[1000]).await.expect(200);
    await_named(&guest, data).await;
}

/// Records that filled the disk can be deleted again.
#[tokio::test]
async fn a_disk_that_records_filled() {
    let Some(Disk { server, .. }) = &Disk::of(100) else { return };
    let fields = json!([{"name": "text", "type": "editor"}, {"name": "n", "type": "number"}]);
    let root = superuser_at(&server.base).await;
    root.open_collection("docs", fields.clone()).await;
    root.open_collection("spare", fields).await;
    let guest = Client::at(&server.base);
    for _ in 0..8 {
        let text = "x".repeat(1 << 20);
        guest.post("/api/collections/spare/records", json!({"text": text})).await.expect(200);
    }
    let mut made = Vec::new();
    for size in [1 << 20, 1000] {
        let text = "x".repeat(size);
        loop {
            let answer = guest.post(DOCS, json!({"text": text})).await;
            if answer.status != 200 {
                is_refusal(&answer);
                break;
            }
            made.push(answer.body["id"].as_str().unwrap().to_owned());
        }
    }
    // How many depends on how much of the log was copied meanwhile; not refused before there are many.
    assert!(made.len() > 20, "{}", made.len());
    is_refusal(&guest.patch(&format!("{DOCS}/{}", made[0]), json!({"n": 1})).await);
    for id in made {
        guest.delete(&format!("{DOCS}/{id}")).await.expect(204);
    }
    assert_eq!(guest.get(DOCS).await.expect(200)["totalItems"], 0);
    // What is free in the database is used again.
    root.delete("/api/collections/spare").await.expect(204);
    guest.post(DOCS, json!({"text": "x".repeat(1 << 20)})).await.expect(200);
}

/// Writes to a file until the disk is full; how many bytes that took.
fn fill(path: &Path) -> usize {
    use std::io::Write as _;
    let mut file = std::fs::File::options().append(true).open(path).unwrap();
    let mut written = 0;
    for size in [1 << 20, 1 << 12, 1] {
        while let Ok(()) = file.write_all(&vec![0; size]) {
            written += size;
        }
    }
    written
}
