//! What matches what.

use super::*;

#[test]
fn words_phrases_and_exclusions_match_what_they_say() {
    let fixture = Fixture::of_texts(
        None,
        &[
            "To be or not to be",                       // a
            "Not to be taken with food",                // b
            "Crème brûlée with vanilla",                // c
            "The Straße of Łódź",                       // d
            "wi-fi is not WiFi, e-mail me@example.org", // e
            "vanilla sky",                              // f
        ],
    );
    for (typed, expected) in [
        ("vanilla", "cf"),
        ("VANILLA sky", "f"),
        ("creme brulee", "c"),
        ("Cre\u{300}me", "c"),
        ("strasse lodz", "d"),
        ("\"to be or\"", "a"),
        ("\"be to\"", ""),
        ("\"not to be", "ab"),
        ("vanilla -sky", "c"),
        ("not -\"to be\"", "e"),
        ("-vanilla", "abde"),
        ("wi-fi", "e"),
        ("fi-wi", ""),
        ("me@example.org", "e"),
        ("van*", "cf"),
        ("van", ""),
        ("nothing", ""),
        ("", ""),
        ("- \" *", ""),
        ("🍕", ""),
    ] {
        let mut found = fixture.find(typed, PLAIN);
        found.sort();
        assert_eq!(found.concat(), expected, "{typed}");
    }
}

#[test]
fn words_may_be_unfinished_or_mistyped() {
    let fixture =
        Fixture::of_texts(None, &["chocolate cake", "choir practice", "chicken soup", "year 2024", "echo chamber"]);
    for (typed, expected) in [
        ("cho", "ab"),
        ("cho ", ""),
        ("chocolate ca", "a"),
        ("chocolte ", "a"),
        ("chocalate cak", "a"),
        ("ckicken ", "c"),
        ("hcicken ", "c"),
        ("siup ", "c"),
        ("suop ", "c"),
        ("soups ", "c"),
        ("2023 ", ""),
        ("cok ", ""),
        ("\"chocolate c", "a"),
        ("\"chocolte cake\"", ""),
        ("chokol", "a"),
    ] {
        let mut found = fixture.find(typed, TYPING);
        found.sort();
        assert_eq!(found.concat(), expected, "{typed}");
    }
}

#[test]
fn most_words_are_enough_when_asked_for() {
    let fixture = Fixture::of_texts(None, &["one two three four", "one two three", "one two", "one", "five"]);
    for (typed, all, most) in [
        ("one two three four ", "a", "ab"),
        ("one two three ", "ab", "abc"),
        ("one two ", "abc", "abcd"),
        ("one ", "abcd", "abcd"),
        ("one six ", "", "abcd"),
        ("one two -three ", "c", "cd"),
    ] {
        let needed = |words| {
            let mut found = fixture.find(typed, Matching { words, ..PLAIN });
            found.sort();
            found.concat()
        };
        assert_eq!((needed(WordsNeeded::All).as_str(), needed(WordsNeeded::Most).as_str()), (all, most), "{typed}");
    }
}

#[test]
fn only_allowed_fields_match() {
    let fixture = Fixture::new(&spec(&[("title", 2.0), ("secret", 1.0)], None));
    fixture
        .write(1, &[document("a", &["apple pie", "needs cinnamon"]), document("b", &["cinnamon buns", "with apple"])]);
    let all = FieldSet::all(fixture.index.spec());
    let titles = FieldSet::only(fixture.index.spec(), |f| f.name == "title");
    let none = FieldSet::only(fixture.index.spec(), |_| false);
    for (typed, fields, expected) in [
        ("apple", &all, "ab"),
        ("apple", &titles, "a"),
        ("apple", &none, ""),
        ("appel", &titles, "a"),
        ("secret:apple", &all, "b"),
        ("secret:apple", &titles, ""),
        ("title:cinnamon", &all, "b"),
        ("title:\"apple pie\"", &all, "a"),
        ("pie -secret:cinnamon", &all, ""),
        ("pie -secret:cinnamon", &titles, "a"),
        ("pie -cinnamon", &titles, "a"),
        ("secret:cin*", &titles, ""),
        ("other:apple", &all, ""),
    ] {
        let (answer, snapshot) = fixture.answer(typed, TYPING, fields);
        let found: String = answer.best.iter().map(|hit| snapshot.id(hit.document)).collect();
        assert_eq!(found, expected, "{typed}");
        if !fields.contains(1) {
            assert!(
                answer.highlighter.ranges(1, "apple cinnamon").is_empty(),
                "{typed} shows in a field that is not allowed"
            );
        }
    }
}

#[test]
fn unspaced_scripts_are_found_by_their_characters() {
    let fixture = Fixture::of_texts(
        None,
        &["東京都に住んでいます", "京都の美味しいラーメン屋", "大阪城", "서울특별시 맛집", "กรุงเทพมหานคร", "都"],
    );
    for (typed, matching, expected) in [
        ("東京", PLAIN, "a"),
        ("京都", PLAIN, "ab"),
        ("東京都", PLAIN, "a"),
        ("京", PLAIN, "ab"),
        ("都", PLAIN, "abf"),
        ("城", PLAIN, "c"),
        ("ラーメン", PLAIN, "b"),
        ("ﾗｰﾒﾝ", PLAIN, "b"),
        ("美味しい京都", PLAIN, ""),
        ("美味しい京都", GENEROUS, "b"),
        ("맛집", PLAIN, "d"),
        ("กรุงเทพ", PLAIN, "e"),
        ("-京 都", PLAIN, "f"),
    ] {
        let mut found = fixture.find(typed, matching);
        found.sort();
        assert_eq!(found.concat(), expected, "{typed}");
    }
}

#[test]
fn languages_find_forms_and_skip_words_that_say_little() {
    let fixture =
        Fixture::of_texts(Some(Language::English), &["The runner was running", "She runs far", "the end", "a far cry"]);
    for (typed, expected) in [
        ("run", "ab"),
        ("Running", "ab"),
        ("\"runs far\"", "b"),
        ("\"run far\"", ""),
        ("runn", "a"),
        ("the run", "ab"),
        ("the", "ac"),
        ("runs -running", ""),
        ("far the", "bd"),
    ] {
        let mut found = fixture.find(typed, Matching { typos: false, ..TYPING });
        found.sort();
        assert_eq!(found.concat(), expected, "{typed}");
    }
    let german = Fixture::of_texts(Some(Language::German), &["Alte Häuser", "Das Haus", "Fußbälle für Kinder"]);
    for (typed, expected) in
        [("haus", "ab"), ("hauser", "ab"), ("fussball", "c"), ("für kinder", "c"), ("KINDERN", "c")]
    {
        let mut found = german.find(typed, PLAIN);
        found.sort();
        assert_eq!(found.concat(), expected, "{typed}");
    }
}

#[test]
fn highlights_show_what_matched() {
    let fixture = Fixture::of_texts(Some(Language::English), &["<b>Running</b> shoes & socks", "東京都の天気"]);
    let all = FieldSet::all(fixture.index.spec());
    for (typed, text, expected) in [
        ("run", "<b>Running</b> shoes & socks", Some("&lt;b&gt;<mark>Running</mark>&lt;/b&gt; shoes &amp; socks")),
        ("sho", "Shoes", Some("<mark>Shoes</mark>")),
        ("sokcs ", "her socks", Some("her <mark>socks</mark>")),
        ("\"shoes socks\"", "shoes & socks, old shoes", Some("<mark>shoes</mark> &amp; <mark>socks</mark>, old shoes")),
        ("shoes -socks", "shoes socks", Some("<mark>shoes</mark> socks")),
        ("京都", "東京都の", Some("東<mark>京都</mark>の")),
        ("東京都", "東京都の", Some("<mark>東</mark><mark>京都</mark>の")),
        ("京", "東京都の", Some("東<mark>京</mark>都の")),
        ("の", "東京都の", Some("東京都<mark>の</mark>")),
        ("shoes", "hats", None),
    ] {
        let (answer, _) = fixture.answer(typed, TYPING, &all);
        let shown = answer.highlighter.highlight(0, text, 100).map(|html| html.replace("</mark><mark>", ""));
        assert_eq!(shown, expected.map(|html| html.replace("</mark><mark>", "")), "{typed} in {text}");
    }
    let (answer, _) = fixture.answer("run sh", TYPING, &all);
    let words = answer.highlighter.matching_words(0, "Running shoes, runs; SHOES running, Running");
    assert_eq!(words, ["Running", "shoes", "runs", "SHOES", "running"]);
}
