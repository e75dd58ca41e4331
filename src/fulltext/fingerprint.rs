//! What a document said when it was indexed, in one number: so that an index can be compared with its source.

use siphasher::sip::SipHasher13;
use std::hash::Hasher;

use super::{Document, FacetValue};

impl Document {
    /// A number that another content has not, but for chance. The same in every version and on every machine; the id is no part
    /// of it.
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = SipHasher13::new();
        for texts in &self.texts {
            write_count(&mut hasher, texts.len());
            for text in texts {
                write_text(&mut hasher, text);
            }
        }
        for values in &self.facets {
            write_count(&mut hasher, values.len());
            for value in values {
                match value {
                    FacetValue::Bool(truth) => hasher.write(&[0, u8::from(*truth)]),
                    FacetValue::Date(milliseconds) => write_number(&mut hasher, 1, milliseconds.to_le_bytes()),
                    FacetValue::Number(number) => write_number(&mut hasher, 2, number.to_bits().to_le_bytes()),
                    FacetValue::Text(text) => {
                        hasher.write(&[3]);
                        write_text(&mut hasher, text);
                    }
                }
            }
        }
        hasher.finish()
    }
}

fn write_count(hasher: &mut SipHasher13, count: usize) {
    hasher.write(&(count as u64).to_le_bytes());
}

fn write_text(hasher: &mut SipHasher13, text: &str) {
    write_count(hasher, text.len());
    hasher.write(text.as_bytes());
}

fn write_number(hasher: &mut SipHasher13, kind: u8, bytes: [u8; 8]) {
    hasher.write(&[kind]);
    hasher.write(&bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(texts: &[&[&str]], facets: &[&[FacetValue]]) -> Document {
        Document {
            id: String::new(),
            texts: texts.iter().map(|texts| texts.iter().map(|text| (*text).to_owned()).collect()).collect(),
            facets: facets.iter().map(|values| values.to_vec()).collect(),
        }
    }

    #[test]
    fn other_content_has_another_number() {
        let different = [
            document(&[], &[]),
            document(&[&[]], &[]),
            document(&[&["a"]], &[]),
            document(&[&["a", ""]], &[]),
            document(&[&["ab"], &[]], &[]),
            document(&[&["a", "b"], &[]], &[]),
            document(&[&["a"], &["b"]], &[]),
            document(&[&[]], &[&[FacetValue::Bool(true)]]),
            document(&[&[]], &[&[FacetValue::Bool(false)]]),
            document(&[&[]], &[&[FacetValue::Date(1)]]),
            document(&[&[]], &[&[FacetValue::Number(1.0)]]),
            document(&[&[]], &[&[FacetValue::Text("1".into())]]),
        ];
        for (i, one) in different.iter().enumerate() {
            for (j, other) in different.iter().enumerate() {
                assert_eq!(one.fingerprint() == other.fingerprint(), i == j, "{one:?} and {other:?}");
            }
        }
    }

    #[test]
    fn numbers_stay_the_same_for_indexes_on_disk() {
        let document = document(&[&["hello", "wörld"]], &[&[FacetValue::Number(1.5)]]);
        assert_eq!(document.fingerprint(), 10_093_707_160_052_553_764);
    }
}
