//! Runs the inputs that the fuzzer found worth keeping (`fuzz/README.md`).

use std::fs;
use std::path::Path;

use super::parse;
use super::testing::{without_spans, words};

#[test]
fn fuzz_corpus() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/filter");
    let mut valid = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let Ok(text) = String::from_utf8(fs::read(&path).unwrap()) else { continue };
        match parse(&text) {
            Ok(found) => {
                valid += 1;
                let again = parse(&words(&found).join(" ")).unwrap();
                assert_eq!(without_spans(again), without_spans(found), "{}", path.display());
            }
            Err(error) => assert!(text.is_char_boundary(error.offset), "{}: {error}", path.display()),
        }
    }
    assert!(valid > 0, "the corpus has expressions in it");
}
