//! Questions as people type them, to texts as people write them.

use super::*;

const CORPUS: &str = include_str!("../testdata/corpus.txt");

fn corpus(language: Option<Language>) -> Fixture {
    let fixture = Fixture::new(&spec(&[("title", 3.0), ("text", 1.0)], language));
    let lines = CORPUS.lines().filter(|line| !line.starts_with('#'));
    let documents: Vec<_> = lines
        .map(|line| {
            let parts: Vec<_> = line.split(" | ").collect();
            let [id, title, text] = parts[..] else { panic!("not three parts: {line}") };
            document(id, &[title, text])
        })
        .collect();
    assert!(documents.len() >= 60);
    fixture.write(1, &documents);
    fixture
}

/// As a search box asks: first for all words, and if there is nothing for them mistyped, and then for most of them.
fn ask(fixture: &Fixture, typed: &str) -> Vec<String> {
    let exact = Matching { typos: false, ..TYPING };
    let found =
        [exact, TYPING, GENEROUS].iter().map(|matching| fixture.find(typed, *matching)).find(|found| !found.is_empty());
    found.unwrap_or_default()
}

#[test]
fn what_is_meant_comes_first() {
    let fixture = corpus(Some(Language::English));
    for (typed, first) in [
        // As it is written.
        ("tomato soup", "soup-tomato"),
        ("marie curie", "curie"),
        ("cheese", "cake-cheese cake-carrot soup-onion jalapeno"),
        ("nobel prize", "curie"),
        ("invoice 20431", "invoice"),
        ("20431", "invoice"),
        ("info@example.org", "email"),
        ("wi-fi password", "wifi"),
        // Other forms of the words.
        ("run", "running"),
        ("knot buttons", "sewing"),
        ("ladders", "ladder"),
        ("repair bicycles", "bicycle-repair"),
        ("baked cheese", "cake-cheese"),
        // Words that say little.
        ("how to brew the coffee", "coffee"),
        ("the lighthouse", "lighthouse"),
        // While typing.
        ("choc", "cake-chocolate"),
        ("pota", "salad-potato"),
        ("marie cu", "curie"),
        ("bicycle ch", "bicycle-chain"),
        ("screwd", "screwdriver"),
        // Mistyped.
        ("chocolat caek", "cake-chocolate"),
        ("tomatoe soup", "soup-tomato"),
        ("choclate", "cake-chocolate"),
        ("bycicle chain", "bicycle-chain"),
        ("scerwdriver", "screwdriver"),
        ("adjustible wrench", "wrench"),
        ("lighthuose", "lighthouse"),
        ("wheelbarow", "wheelbarrow"),
        ("edinburg", "edinburgh"),
        ("mathematicain", "noether lovelace"),
        ("chikpea", "curry-chickpea"),
        // Accents.
        ("creme brulee", "creme-brulee"),
        ("Crème Brûlée", "creme-brulee"),
        ("jalapeno", "jalapeno"),
        ("zurich", "zurich"),
        ("ZÜRICH", "zurich"),
        ("lodz", "lodz"),
        ("sao paulo", "sao-paulo"),
        ("reykjavik", "reykjavik"),
        ("istanbul", "istanbul"),
        // Phrases, exclusions, fields.
        ("\"last ferry\"", "island"),
        ("ferry -island", "istanbul"),
        ("soup -onion -lentil", "soup-tomato"),
        ("capital germany", "berlin"),
        ("text:bread title:soup", "soup-tomato soup-onion"),
        ("title:\"wi-fi\"", "wifi"),
        ("\"meeting of 12 march", "meeting"),
        ("meeting 2023", "meeting-old"),
        // Too much typed.
        ("easy chickpea curry recipe with spinach", "curry-chickpea"),
        ("alan turing machine computer inventor", "turing"),
        // Other languages and scripts.
        ("apfelkuchen", "kuchen"),
        ("klosse", "kloesse"),
        ("strasse", "strasse"),
        ("crepes", "crepes"),
        ("oeufs", "crepes"),
        ("foret", "foret"),
        ("élève", "eleve"),
        ("京都", "kyoto"),
        ("ラーメン", "ramen-ja"),
        ("東京ラーメン", "ramen-ja"),
        ("桜", "sakura"),
        ("김치", "kimchi"),
        ("свекла", "borsch"),
        ("борщ", "borsch"),
    ] {
        let found = ask(&fixture, typed);
        let best = found.first().map_or("nothing", String::as_str);
        assert!(first.split(' ').any(|id| id == best), "{typed}: {found:?}, not {first}");
    }
}
