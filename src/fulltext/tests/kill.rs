//! The end of the process at any moment leaves the last commit.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use super::*;

/// Names the folder to the process that is to be killed.
const FOLDER: &str = "LARDER_TEST_KILLED_INDEX";

fn killed_spec() -> IndexSpec {
    spec(&[("text", 1.0)], None)
}

/// The other process: commits one document after the other and tells of each commit.
#[test]
#[ignore = "the process that a_kill_leaves_the_last_commit kills"]
fn commits_until_it_is_killed() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let folder = std::path::Path::new(&folder);
    let index = Index::open(folder, &killed_spec(), &Limits::default(), Check::Full)
        .unwrap_or_else(|_| Index::create(folder, &killed_spec(), &Limits::default()).unwrap());
    let index = Arc::new(index);
    let writers = Writers::new(WriterLimits::default());
    for seq in index.applied_seq() + 1.. {
        let mut writer = writers.open(&index).unwrap();
        writer.upsert(&document(&format!("id{seq}"), &["some words"])).unwrap();
        // Each document takes the place of an older one, so that there are deletions and merges, too.
        writer.delete(&format!("id{}", seq - 5)).unwrap();
        writer.commit(seq, None).unwrap();
        // To standard error, which the test harness passes on at once.
        std::io::Write::write_all(&mut std::io::stderr(), format!("committed {seq}\n").as_bytes()).unwrap();
    }
}

#[test]
fn a_kill_leaves_the_last_commit() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("index");
    let mut known = 0;
    for commits in [1, 7, 13, 20] {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--ignored", "--nocapture", "fulltext::tests::kill::commits_until_it_is_killed"])
            .env(FOLDER, &path)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stderr.take().unwrap()).lines().map(Result::unwrap);
        let seqs = lines.filter_map(|line| line.strip_prefix("committed ")?.parse::<i64>().ok());
        let last = seqs.take(commits).last().unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
        assert!(last > known, "it goes on where it was killed");
        let index = Index::open(&path, &killed_spec(), &Limits::default(), Check::Full).unwrap();
        let seq = index.applied_seq();
        assert!(seq >= last, "{seq} was read back, {last} was committed");
        let mut ids = Vec::new();
        index.snapshot().for_each_document(|id, _| ids.push(id.to_owned())).unwrap();
        ids.sort();
        let mut expected: Vec<_> = (1.max(seq - 4)..=seq).map(|seq| format!("id{seq}")).collect();
        expected.sort();
        assert_eq!(ids, expected);
        known = seq;
    }
}
