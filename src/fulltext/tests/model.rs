//! What matches, compared with going through the texts one by one.

use proptest::prelude::*;

use super::*;

/// What a question asks for.
#[derive(Clone, Debug)]
struct Wanted {
    words: Vec<u8>,
    is_excluded: bool,
}

fn spelled(words: &[u8]) -> String {
    words.iter().map(|w| format!("w{w}")).collect::<Vec<_>>().join(" ")
}

impl Wanted {
    fn typed(&self) -> String {
        let minus = if self.is_excluded { "-" } else { "" };
        match self.words.as_slice() {
            [word] => format!("{minus}w{word}"),
            words => format!("{minus}\"{}\"", spelled(words)),
        }
    }

    /// Whether it stands in any of the texts.
    fn is_in(&self, texts: &[Vec<u8>]) -> bool {
        texts.iter().any(|text| text.windows(self.words.len()).any(|words| words == self.words))
    }
}

/// The numbers of the documents that a question must find.
fn matching(documents: &[Vec<Vec<u8>>], question: &[Wanted]) -> Vec<String> {
    let matches = |texts: &[Vec<u8>]| question.iter().all(|wanted| wanted.is_in(texts) != wanted.is_excluded);
    let found = documents.iter().enumerate().filter(|(_, texts)| matches(texts));
    found.map(|(i, _)| format!("id{i:03}")).collect()
}

fn index(fields: usize, documents: &[Vec<Vec<u8>>]) -> Fixture {
    let names = [("a", 1.0), ("b", 2.0)];
    let fixture = Fixture::new(&spec(&names[..fields], None));
    let documents = documents.iter().enumerate();
    let documents: Vec<_> = documents
        .map(|(i, texts)| {
            let texts: Vec<String> = texts.iter().map(|text| spelled(text)).collect();
            document(&format!("id{i:03}"), &texts.iter().map(String::as_str).collect::<Vec<_>>())
        })
        .collect();
    for (seq, part) in (1..).zip(documents.chunks(documents.len() / 2 + 1)) {
        fixture.write(seq, part);
    }
    fixture
}

fn found(fixture: &Fixture, question: &[Wanted]) -> Vec<String> {
    let typed: Vec<String> = question.iter().map(Wanted::typed).collect();
    let mut found = fixture.find(&typed.join(" "), PLAIN);
    found.sort();
    found
}

#[test]
fn a_phrase_that_is_nowhere_excludes_nothing() {
    let fixture = Fixture::of_texts(None, &["one two", "two", "three", "two one three"]);
    for (typed, expected) in [
        ("two -\"two three\"", vec!["a", "b", "d"]),
        ("two -\"two one\"", vec!["a", "b"]),
        ("two -\"one two\"", vec!["b", "d"]),
        ("-\"two three\"", vec!["a", "b", "c", "d"]),
        ("-\"two one\"", vec!["a", "b", "c"]),
        ("two -\"one two\" -\"two one\"", vec!["b"]),
        ("two -text:\"one three\"", vec!["a", "b"]),
    ] {
        let mut found = fixture.find(typed, PLAIN);
        found.sort();
        assert_eq!(found, expected, "{typed}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_is_found_is_what_is_there(
        fields in 1usize..3,
        texts in proptest::collection::vec(proptest::collection::vec(proptest::collection::vec(0u8..5, 0..8), 2), 2..60),
        questions in proptest::collection::vec(
            proptest::collection::vec((proptest::collection::vec(0u8..5, 1..4), any::<bool>()), 1..5),
            24,
        ),
    ) {
        let documents: Vec<Vec<Vec<u8>>> = texts.into_iter().map(|texts| texts[..fields].to_vec()).collect();
        let fixture = index(fields, &documents);
        for question in questions {
            let question: Vec<_> =
                question.into_iter().map(|(words, is_excluded)| Wanted { words, is_excluded }).collect();
            prop_assert_eq!(found(&fixture, &question), matching(&documents, &question), "{:?}", question);
        }
    }
}
