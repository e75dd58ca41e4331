//! Indexes that are missing, outdated or damaged.

use std::fs;
use std::path::PathBuf;

use super::*;

fn sample() -> Fixture {
    let fixture = Fixture::new(&spec(&[("text", 1.0)], Some(Language::English)));
    let documents: Vec<_> =
        (0..50).map(|i| document(&format!("id{i}"), &[&format!("some words and number{i}")])).collect();
    fixture.write(7, &documents);
    let mut writer = fixture.writers.open(&fixture.index).unwrap();
    writer.delete("id3").unwrap();
    writer.commit(8, None).unwrap();
    drop(writer);
    fixture.writers.close();
    fixture
}

fn files(fixture: &Fixture) -> Vec<PathBuf> {
    let entries = fs::read_dir(fixture.index.folder()).unwrap();
    let mut files: Vec<_> = entries.map(|e| e.unwrap().path()).filter(|p| p.is_file()).collect();
    files.sort();
    files
}

/// Whether the file is part of the committed index, so that damage to it matters.
fn matters(path: &std::path::Path) -> bool {
    let name = path.file_name().unwrap().to_string_lossy();
    !name.starts_with('.') && !name.ends_with(".lock") && name != "larder-boot"
}

#[test]
fn an_index_that_is_not_there_is_missing() {
    let folder = TempDir::new().unwrap();
    let spec = spec(&[("text", 1.0)], None);
    for path in [folder.path().to_owned(), folder.path().join("none")] {
        let opened = Index::open(&path, &spec, &Limits::default(), Check::Doubtful);
        assert!(matches!(opened, Err(OpenError::Missing)), "{}", path.display());
    }
}

#[test]
fn another_specification_is_outdated_but_names_and_weights_are_free() {
    let fixture = sample();
    let open = |spec: &IndexSpec| Index::open(fixture.index.folder(), spec, &Limits::default(), Check::Doubtful);
    for other in [
        spec(&[("text", 1.0)], None),
        spec(&[("text", 1.0)], Some(Language::German)),
        spec(&[("text", 1.0), ("more", 1.0)], Some(Language::English)),
        IndexSpec {
            facets: vec![FacetField { name: "f".to_owned(), kind: FacetKind::Bool }],
            ..spec(&[("text", 1.0)], Some(Language::English))
        },
    ] {
        assert!(matches!(open(&other), Err(OpenError::Outdated)), "{other:?}");
    }
    let renamed = open(&spec(&[("other", 3.0)], Some(Language::English))).unwrap();
    assert_eq!((renamed.applied_seq(), renamed.spec().find_field("other")), (8, Some(0)));
    let description = fixture.index.folder().join("larder-index");
    let older = fs::read_to_string(&description).unwrap().replace("\"format\":2", "\"format\":1");
    fs::write(&description, older).unwrap();
    assert!(matches!(fixture.reopen(), Err(OpenError::Outdated)));
}

#[test]
fn every_damaged_file_is_noticed() {
    let count = files(&sample()).iter().filter(|p| matters(p)).count();
    assert!(count > 6, "{count} files");
    for i in 0..count {
        for damage in ["removed", "emptied", "halved", "garbled"] {
            let fixture = sample();
            let file = files(&fixture).into_iter().filter(|p| matters(p)).nth(i).unwrap();
            let content = fs::read(&file).unwrap();
            match damage {
                "removed" => fs::remove_file(&file).unwrap(),
                "emptied" => fs::write(&file, "").unwrap(),
                "halved" => fs::write(&file, &content[..content.len() / 2]).unwrap(),
                _ => {
                    let mut garbled = content.clone();
                    let middle = garbled.len() / 3;
                    garbled[middle] ^= 0x55;
                    fs::write(&file, garbled).unwrap();
                }
            }
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            match fixture.reopen() {
                Err(OpenError::Corrupt(_) | OpenError::Missing | OpenError::Outdated) => {}
                Err(error) => panic!("{name} {damage}: {error}"),
                Ok(_) => panic!("{name} {damage} and nobody noticed"),
            }
        }
    }
}

#[test]
fn leftovers_of_a_killed_process_do_no_harm() {
    let fixture = sample();
    let folder = fixture.index.folder();
    fs::write(folder.join("0123456789abcdef0123456789abcdef.idx"), "half a segm").unwrap();
    fs::write(folder.join("meta.new"), "{").unwrap();
    let reopened = Arc::new(fixture.reopen().unwrap());
    assert_eq!((reopened.applied_seq(), reopened.snapshot().count_documents()), (8, 49));
    let mut writer = fixture.writers.open(&reopened).unwrap();
    writer.add(&document("new", &["fresh"])).unwrap();
    writer.commit(9, None).unwrap();
    assert_eq!(reopened.snapshot().count_documents(), 50);
}

#[test]
fn another_boot_verifies_what_was_not_synced() {
    for (mark, is_trusted) in [("boot", true), ("clean", true), ("foreign", false), ("none", false)] {
        let fixture = sample();
        match mark {
            "clean" => fixture.index.sync().unwrap(),
            "foreign" => boot::mark_foreign(fixture.index.folder()),
            "none" => fs::remove_file(fixture.index.folder().join("larder-boot")).unwrap(),
            _ => {}
        }
        assert_eq!(boot::is_trusted(fixture.index.folder()), is_trusted, "{mark}");
        assert_eq!(fixture.reopen().unwrap().applied_seq(), 8, "{mark}: it is sound all the same");
    }
}

#[test]
fn writing_takes_the_mark_of_a_clean_end_away() {
    let fixture = sample();
    fixture.index.sync().unwrap();
    let mark = || fs::read_to_string(fixture.index.folder().join("larder-boot")).unwrap();
    assert_eq!(mark(), "clean");
    fixture.write(9, &[document("x", &["y"])]);
    assert_eq!(mark() == "clean", !boot::is_known(), "writes are not synced where boots can be told apart");
    assert!(boot::is_trusted(fixture.index.folder()));
}

#[test]
fn an_index_that_is_damaged_while_open_fails_without_panic() {
    let fixture = sample();
    fixture.index.verify().unwrap();
    let segment = files(&fixture).into_iter().find(|p| p.extension().is_some_and(|e| e == "term")).unwrap();
    let mut content = fs::read(&segment).unwrap();
    for byte in &mut content {
        *byte ^= 0x55;
    }
    fs::write(&segment, content).unwrap();
    assert!(matches!(fixture.index.verify(), Err(OpenError::Corrupt(_))));
    let fields = FieldSet::all(fixture.index.spec());
    let snapshot = fixture.index.snapshot();
    for typed in ["words", "num", "wrods", "\"some words\""] {
        let question = Question::parse(typed, snapshot.spec(), &Limits::default());
        let request =
            Request { question: &question, fields: &fields, matching: TYPING, best: 10, facets: &[], deadline: None };
        // What was read before may still be known; all that matters is to get an answer.
        let _ = snapshot.find(&request);
    }
}
