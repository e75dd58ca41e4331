//! What counts as a word, and how spellings of one word become the same.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{canonical_combining_class, is_combining_mark};

use super::limits::MAX_WORD_CHARS;

/// Whether the character is part of a word.
pub(super) fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || is_joining(c)
}

/// Whether the character only continues a word: combining marks, and the joiners of Persian and Indic writing.
pub(super) fn is_joining(c: char) -> bool {
    !c.is_ascii() && (is_combining_mark(c) || matches!(c, '\u{200C}' | '\u{200D}'))
}

/// Whether the script is written without spaces, so that words are searched by pairs of characters.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{0E00}'..='\u{0EFF}' // Thai, Lao
        | '\u{1000}'..='\u{109F}' // Burmese
        | '\u{1780}'..='\u{17FF}' // Khmer
        | '\u{1100}'..='\u{11FF}' | '\u{3130}'..='\u{318F}' | '\u{A960}'..='\u{A97F}' | '\u{AC00}'..='\u{D7FF}' // Hangul
        | '\u{2E80}'..='\u{2FDF}' | '\u{3005}'..='\u{3007}' // radicals, iteration marks
        | '\u{3040}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' | '\u{FF66}'..='\u{FFDC}' // Kana; halfwidth forms
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}' // Han
    )
}

/// Whether the character belongs to the one before it, in unspaced scripts.
pub(super) fn continues_unit(c: char) -> bool {
    is_joining(c) || matches!(c, '\u{FF9E}' | '\u{FF9F}')
}

/// Appends the folded form of one character with its marks, of an unspaced script.
pub(super) fn fold_unit(unit: &str, folded: &mut String) {
    folded.extend(unit.nfkc().filter(|c| !matches!(c, '\u{200C}' | '\u{200D}')));
}

/// Appends the folded form of a word: without case, accents and other differences of spelling. It is cut to the number of
/// characters that tell words apart.
pub(super) fn fold_word(word: &str, folded: &mut String) {
    if word.is_ascii() {
        fold_ascii(word, folded);
        return;
    }
    let mut room = MAX_WORD_CHARS;
    for c in word.nfkd().filter(|c| !is_stripped(*c)) {
        for lower in c.to_lowercase().filter(|c| !is_stripped(*c)) {
            let mut buffer = [0; 4];
            let replacement = match lower {
                'ß' => "ss",
                'æ' => "ae",
                'œ' => "oe",
                'ø' => "o",
                'ł' => "l",
                'đ' | 'ð' => "d",
                'þ' => "th",
                'ħ' => "h",
                'ŧ' => "t",
                'ŋ' => "n",
                'ı' => "i",
                'ς' => "σ",
                'ـ' => "", // the Arabic lengthener
                other if is_word_char(other) => other.encode_utf8(&mut buffer),
                _ => "", // parts of what NFKD takes apart, such as the stroke of a fraction
            };
            for c in replacement.chars() {
                if room == 0 {
                    return;
                }
                folded.push(c);
                room -= 1;
            }
        }
    }
}

/// As [`fold_word`], for a word of ASCII letters and digits.
pub(super) fn fold_ascii(word: &str, folded: &mut String) {
    let start = folded.len();
    folded.push_str(&word[..word.len().min(MAX_WORD_CHARS)]);
    folded[start..].make_ascii_lowercase();
}

/// Whether folding drops the character: accents, points and the like. Vowel signs of Indic scripts and their virama make
/// other words, so they stay.
fn is_stripped(c: char) -> bool {
    !c.is_ascii() && (canonical_combining_class(c) > 9 || matches!(c, '\u{200C}' | '\u{200D}'))
}

/// The word as a stemmer wants it: lower case, composed, with its accents.
pub(super) fn lower_word(word: &str) -> String {
    let cut = word.char_indices().nth(MAX_WORD_CHARS).map_or(word, |(end, _)| &word[..end]);
    if cut.is_ascii() { cut.to_ascii_lowercase() } else { cut.nfc().collect::<String>().to_lowercase() }
}

/// The folded form of a word, or nothing if nothing of it remains.
#[cfg(test)]
pub(super) fn folded(word: &str) -> String {
    let mut folded = String::new();
    fold_word(word, &mut folded);
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_word_fold_alike() {
        for (spelling, expected) in [
            ("Crème", "creme"),
            ("Cre\u{300}me", "creme"),
            ("STRASSE", "strasse"),
            ("Straße", "strasse"),
            ("ẞ", "ss"),
            ("Łódź", "lodz"),
            ("smørbrød", "smorbrod"),
            ("Æsir", "aesir"),
            ("œuvre", "oeuvre"),
            ("Þór", "thor"),
            ("İstanbul", "istanbul"),
            ("ılık", "ilik"),
            ("ΟΔΥΣΣΕΎΣ", "οδυσσευσ"),
            ("οδυσσεύς", "οδυσσευσ"),
            ("ﬁnd", "find"),
            ("Ａｂｃ１", "abc1"),
            ("ёлка", "елка"),
            ("مُحَمَّد", "محمد"),
            ("किताब", "किताब"),
            ("½", "12"),
        ] {
            assert_eq!(folded(spelling), expected, "{spelling}");
        }
    }

    #[test]
    fn kana_keep_their_sound_and_hangul_stays_composed() {
        for (unit, expected) in
            [("ガ", "ガ"), ("カ\u{3099}", "ガ"), ("ｶﾞ", "ガ"), ("한", "한"), ("\u{1112}\u{1161}\u{11AB}", "한")]
        {
            let mut folded = String::new();
            fold_unit(unit, &mut folded);
            assert_eq!(folded, expected, "{unit}");
        }
    }

    #[test]
    fn long_words_are_cut_alike_in_every_form() {
        let long = "é".repeat(500);
        assert_eq!(folded(&long), "e".repeat(MAX_WORD_CHARS));
        assert_eq!(folded(&"E".repeat(500)), "e".repeat(MAX_WORD_CHARS));
        assert_eq!(lower_word(&long).chars().count(), MAX_WORD_CHARS);
    }
}
