//! Measures how fast full-text indexes are made: documents in a second of processor time.
//!
//! `cargo run --release --example index_speed [documents [language]]`; without a language, words only as they are written.
//!
//! Documents have a title of 8 words and a text of 192, of a vocabulary of which few words are frequent and most are rare.

#![expect(clippy::print_stdout, reason = "a tool for developers")]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "random numbers need not be exact"
)]

use std::sync::Arc;
use std::time::Instant;

use larder::fulltext::{Document, Index, IndexSpec, Language, Limits, TextField, WriterLimits, Writers};

/// Different words there are.
const VOCABULARY: usize = 60_000;
/// Words of a title and of a text.
const LENGTHS: [usize; 2] = [8, 192];

/// Numbers that look random; the same each time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Between zero and one.
    fn part(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Words that could be spoken, the frequent ones shorter.
fn vocabulary(random: &mut Random) -> Vec<String> {
    let syllables: Vec<String> =
        "bcdfglmnprst".chars().flat_map(|c| "aeiou".chars().map(move |v| format!("{c}{v}"))).collect();
    let endings = ["", "n", "s", "ing", "ed", "er", "ly", "tion"];
    let word = |rank: usize, random: &mut Random| {
        let length = 1 + (rank as f64).log(60.0) as usize;
        let mut word: String =
            (0..length).map(|_| syllables[random.next() as usize % syllables.len()].as_str()).collect();
        word.push_str(endings[random.next() as usize % endings.len()]);
        word
    };
    (1..=VOCABULARY).map(|rank| word(rank, random)).collect()
}

/// A text of so many words: the word of rank `r` comes in proportion to `1 / r`.
fn text(words: usize, vocabulary: &[String], random: &mut Random) -> String {
    let mut text = String::new();
    for i in 0..words {
        let rank = (vocabulary.len() as f64).powf(random.part()) as usize - 1;
        text.push_str(if i % 12 == 0 { ". " } else { " " });
        let word = &vocabulary[rank.min(vocabulary.len() - 1)];
        if i % 12 == 0 {
            text.extend(word.chars().take(1).flat_map(char::to_uppercase));
            text.extend(word.chars().skip(1));
        } else {
            text.push_str(word);
        }
    }
    text
}

/// Seconds of processor time that this process took, of all its threads.
fn processor_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let ticks: f64 =
        stat.rsplit_once(')')?.1.split_whitespace().skip(11).take(2).map_while(|t| t.parse::<f64>().ok()).sum();
    Some(ticks / 100.0)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let count: usize = arguments.next().map_or(Ok(40_000), |count| count.parse())?;
    let language = arguments.next().map(|name| name.parse::<Language>()).transpose()?;
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let vocabulary = vocabulary(&mut random);
    let documents: Vec<Document> = (0..count)
        .map(|_| Document {
            id: format!("{:015x}", random.next() >> 4),
            texts: LENGTHS.iter().map(|words| vec![text(*words, &vocabulary, &mut random)]).collect(),
            facets: Vec::new(),
        })
        .collect();
    let bytes: usize = documents.iter().flat_map(|d| d.texts.iter().flatten()).map(String::len).sum();
    let fields = ["title", "text"].map(|name| TextField { name: name.to_owned(), weight: 1.0 }).to_vec();
    let spec = IndexSpec { fields, language, facets: Vec::new() };
    let folder = std::env::temp_dir().join(format!("larder-index-speed-{}", std::process::id()));
    let index = Arc::new(Index::create(&folder, &spec, &Limits::default())?);
    let writers = Writers::new(WriterLimits::default());
    let (started, before) = (Instant::now(), processor_seconds());
    let mut writer = writers.open_for_build(&index)?;
    for document in &documents {
        writer.add(document)?;
    }
    writer.commit(1, None)?;
    drop(writer);
    let wall = started.elapsed().as_secs_f64();
    println!("{count} documents, {} MB, index of {} MB", bytes >> 20, index.size()? >> 20);
    println!("{:.0} documents/s", count as f64 / wall);
    if let Some(processor) = before.and_then(|before| Some(processor_seconds()? - before)) {
        println!("{:.0} documents/s of processor time", count as f64 / processor);
    }
    std::fs::remove_dir_all(folder)?;
    Ok(())
}
