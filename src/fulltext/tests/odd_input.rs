//! What nobody should type and somebody will.

use std::time::Instant;

use proptest::prelude::*;

use super::*;

fn sample() -> Fixture {
    Fixture::of_texts(
        Some(Language::English),
        &[
            "The quick brown fox <jumps> over \"the\" lazy dog's back",
            "Ünïcödé & 東京都 タワー",
            "שלום עולم مرحبا 🍕 pizza",
            "plain",
        ],
    )
}

#[test]
fn odd_questions_get_an_answer() {
    let fixture = sample();
    let fields = FieldSet::all(fixture.index.spec());
    let long = "fox ".repeat(250_000);
    let one_word = "f".repeat(1 << 20);
    let many = (0..10_000).map(|i| format!("word{i}")).collect::<Vec<_>>().join(" ");
    let minuses = "-a ".repeat(10_000);
    let quotes = "\"a ".repeat(10_000);
    let characters = "東".repeat(5000);
    for (typed, finds) in [
        (long.as_str(), true),
        (&one_word, false),
        (&many, false),
        (&minuses, true),
        (&quotes, false),
        (&characters, false),
        ("the the the", true),
        ("* ** *** ?", false),
        ("-", false),
        ("\"", false),
        ("\"\" \"\"", false),
        (":::", false),
        ("text:", false),
        ("text:\"", false),
        ("🍕🍕🍕", false),
        ("👩‍👩‍👧‍👦", false),
        ("\u{0}\u{1}\u{1b}[31m", false),
        ("fox\u{0}", true),
        ("שלום", true),
        ("\u{202e}xof", false),
        ("\u{feff}fox", true),
        ("\u{301}\u{301}\u{301}", false),
        ("AND OR NOT (fox]", true),
        ("fox^5 ~2 [a TO b]", false),
        ("' OR 1=1 --", false),
        ("\u{fdfa}", false),
    ] {
        for matching in [PLAIN, TYPING] {
            let (answer, _) = fixture.answer(typed, matching, &fields);
            let shown: String = typed.chars().take(20).collect();
            assert_eq!(answer.total > 0, finds, "{shown:?} {matching:?}");
            assert!(!answer.is_cut, "{shown:?}");
        }
    }
}

#[test]
fn no_text_is_too_odd_to_index() {
    let fixture = Fixture::new(&spec(&[("text", 1.0)], Some(Language::English)));
    let megabytes = "word ".repeat(1_000_000);
    let one_word = "w".repeat(3 << 20);
    let accents = format!("a{}", "\u{301}".repeat(100_000));
    let texts = ["", "\0", &megabytes, &one_word, &accents, "\u{10ffff}\u{fffe}", "東".repeat(50_000).as_str()]
        .map(str::to_owned);
    let documents: Vec<_> = ('a'..).zip(&texts).map(|(id, text)| document(&id.to_string(), &[text])).collect();
    fixture.write(1, &documents);
    assert_eq!(fixture.index.snapshot().count_documents(), texts.len() as u64);
    assert_eq!(fixture.find("word", PLAIN), ["c"]);
    let mut found = fixture.find(&one_word[..500], PLAIN);
    found.sort();
    assert_eq!(found, ["d"], "a long word is told from others by its beginning");
    assert_eq!(fixture.find("á", PLAIN), ["e"]);
}

#[test]
fn text_beyond_the_limit_is_not_found() {
    let folder = TempDir::new().unwrap();
    let limits = Limits { max_text_bytes: 20, ..Limits::default() };
    let index = Arc::new(Index::create(&folder.path().join("index"), &spec(&[("text", 1.0)], None), &limits).unwrap());
    let fixture = Fixture { index, _folder: folder, writers: Writers::new(WriterLimits::default()) };
    let texts = vec![vec!["early éééé".to_owned(), "next späterspät".to_owned(), "late".to_owned()]];
    fixture.write(1, &[Document { id: "a".to_owned(), texts, facets: Vec::new() }]);
    assert_eq!(fixture.find("early", PLAIN), ["a"]);
    assert_eq!(fixture.find("next", PLAIN), ["a"]);
    assert!(fixture.find("late", PLAIN).is_empty());
    assert!(fixture.find("\"éééé next\"", PLAIN).is_empty(), "phrases do not reach from one text into the next");
}

#[test]
fn when_time_is_up_the_answer_says_so() {
    let fixture = sample();
    let snapshot = fixture.index.snapshot();
    let fields = FieldSet::all(snapshot.spec());
    let question = Question::parse("fox", snapshot.spec(), &Limits::default());
    let past = Some(Instant::now());
    let request =
        Request { question: &question, fields: &fields, matching: TYPING, best: 10, facets: &[], deadline: past };
    let answer = snapshot.find(&request).unwrap();
    assert!(answer.is_cut);
    assert_eq!(answer.total, 0);
    let (answer, _) = fixture.answer("fox", TYPING, &fields);
    assert!(!answer.is_cut && answer.total == 1);
}

/// What a highlight shows of a text: without marks and ellipses, with characters in place of entities.
fn plain_text(html: &str) -> String {
    let text = html.replace("<mark>", "").replace("</mark>", "");
    let text = text.strip_prefix('…').unwrap_or(&text);
    let text = text.strip_suffix('…').unwrap_or(text);
    assert!(!text.contains(['<', '>', '"', '\'']), "not escaped: {html}");
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&")
}

/// Texts of all kinds of characters, of words that match and of what means something in questions.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_map(String::from),
        "[ \\t\"*:<>&'-]{1,3}",
        prop_oneof![
            Just("fox"),
            Just("Foxes"),
            Just("quick"),
            Just("the"),
            Just("東京都"),
            Just("Ünïcödé"),
            Just("text:"),
            Just("שלום")
        ]
        .prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is asked and wherever it is shown: an answer, and a piece of the text that is safe to show.
    #[test]
    fn any_question_is_answered_and_shown_safely(typed in texts(), shown in proptest::collection::vec(texts(), 20), max_chars in 0usize..80) {
        thread_local! {
            static FIXTURE: Fixture = sample();
        }
        FIXTURE.with(|fixture| {
            let fields = FieldSet::all(fixture.index.spec());
            for matching in [PLAIN, GENEROUS] {
                let (answer, snapshot) = fixture.answer(&typed, matching, &fields);
                prop_assert!(answer.total <= snapshot.count_documents());
                for text in &shown {
                    let Some(html) = answer.highlighter.highlight(0, text, max_chars) else { continue };
                    prop_assert!(html.contains("<mark>"), "{html}");
                    let visible = plain_text(&html);
                    // An ellipsis of the text itself may have been taken for one of ours.
                    prop_assert!(text.contains(visible.as_str()) || text.contains('…'), "{html} of {text}");
                    prop_assert!(visible.chars().count() <= max_chars.max(8), "{html}");
                    for word in answer.highlighter.matching_words(0, text) {
                        prop_assert!(text.contains(&word));
                    }
                }
            }
            Ok(())
        })?;
    }
}

#[test]
fn words_of_a_question_stand_for_a_bounded_number_of_others() {
    let names: Vec<String> = (0..8).map(|n| format!("field{n}")).collect();
    let fields: Vec<(&str, f32)> = names.iter().map(|name| (name.as_str(), 1.0)).collect();
    let fixture = Fixture::new(&spec(&fields, None));
    let letters = ('a'..='z').flat_map(|letter| (0..100).map(move |n| format!("{letter}{n}")));
    let text = letters.collect::<Vec<_>>().join(" ");
    fixture.write(1, &[document("all", &[text.as_str(); 8])]);
    let snapshot = fixture.index.snapshot();
    let limits = Limits::default();
    let typed = ('a'..='z').map(|letter| format!("{letter}*")).collect::<Vec<_>>().join(" ");
    let question = Question::parse(&typed, snapshot.spec(), &limits);
    let all = FieldSet::all(snapshot.spec());
    let request =
        Request { question: &question, fields: &all, matching: TYPING, best: 10, facets: &[], deadline: None };
    let compiled = super::super::compile::compile(&snapshot, &request).unwrap();
    let count = compiled.stand_ins.len();
    assert!(count > limits.max_expansions && count <= limits.max_question_expansions, "{count} words");
    assert!(!compiled.is_cut, "that is no matter of time");
}
