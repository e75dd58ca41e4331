//! Identifiers: derived from names by checksum, or random.

use std::cell::RefCell;

/// Lower-case letters and digits: file suffixes and most ids.
pub const LOWER_ALPHANUMERIC: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// Letters and digits: secrets.
pub const ALPHANUMERIC: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The id of a field that came without one: type and checksum of the name (`text3208210256`).
pub fn field_id(type_name: &str, name: &str) -> String {
    format!("{type_name}{}", crc32fast::hash(name.as_bytes()))
}

/// The id of a collection that came without one: `pbc_` and the checksum of type and name.
pub fn collection_id(type_name: &str, name: &str) -> String {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(type_name.as_bytes());
    hasher.update(name.as_bytes());
    format!("pbc_{}", hasher.finalize())
}

/// A random string of `len` characters of `alphabet` (ASCII, 1 to 256 bytes), fit for secrets.
///
/// # Panics
/// If the operating system has no random numbers to give.
pub fn random_string(len: usize, alphabet: &[u8]) -> String {
    let mut out = String::with_capacity(len);
    push_random(&mut out, len, alphabet);
    out
}

/// Appends `len` random characters of `alphabet`, see [`random_string`].
pub(super) fn push_random(out: &mut String, len: usize, alphabet: &[u8]) {
    let size = alphabet.len().min(256);
    if size == 0 {
        return;
    }
    // Bytes past the last full run of the alphabet are thrown away, otherwise its first characters would come up more.
    let limit = 256 - 256 % size;
    RANDOM.with_borrow_mut(|random| {
        let mut left = len;
        while left > 0 {
            let byte = usize::from(random.byte());
            if byte < limit {
                out.push(char::from(alphabet[byte % size]));
                left -= 1;
            }
        }
    });
}

/// A random number below `bound`, without bias; 0 if `bound` is 0.
pub(super) fn random_below(bound: u32) -> u32 {
    if bound < 2 {
        return 0;
    }
    let limit = u32::MAX - u32::MAX % bound;
    RANDOM.with_borrow_mut(|random| {
        loop {
            let value = u32::from_le_bytes(std::array::from_fn(|_| random.byte()));
            if value < limit {
                return value % bound;
            }
        }
    })
}

thread_local! {
    static RANDOM: RefCell<RandomBuffer> = const { RefCell::new(RandomBuffer { bytes: [0; 512], next: 512 }) };
}

/// Bytes of the system's generator, fetched in blocks because one call for each id would show.
struct RandomBuffer {
    bytes: [u8; 512],
    next: usize,
}

impl RandomBuffer {
    fn byte(&mut self) -> u8 {
        if self.next == self.bytes.len() {
            getrandom::fill(&mut self.bytes).expect("the system's random source works");
            self.next = 0;
        }
        // A byte is used once and leaves no trace in memory.
        let byte = std::mem::take(&mut self.bytes[self.next]);
        self.next += 1;
        byte
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derived_ids_are_the_known_ones() {
        assert_eq!(field_id("text", "id"), "text3208210256");
        assert_eq!(field_id("text", "title"), "text724990059");
        assert_eq!(field_id("bool", "verified"), "bool256245529");
        assert_eq!(collection_id("base", "t1"), "pbc_2109205374");
        assert_eq!(collection_id("auth", "_superusers"), "pbc_3142635823");
    }

    #[test]
    fn random_strings_use_the_whole_alphabet_and_nothing_else() {
        for alphabet in [LOWER_ALPHANUMERIC, ALPHANUMERIC, b"a", b"01"] {
            let text = random_string(5000, alphabet);
            assert_eq!(text.len(), 5000);
            assert!(text.bytes().all(|b| alphabet.contains(&b)));
            assert!(alphabet.iter().all(|b| text.as_bytes().contains(b)));
        }
        assert_eq!(random_string(5, b""), "");
        assert_ne!(random_string(20, ALPHANUMERIC), random_string(20, ALPHANUMERIC));
    }

    #[test]
    fn random_numbers_stay_below_their_bound() {
        for bound in [0, 1, 2, 7, 1000, u32::MAX] {
            for _ in 0..200 {
                assert!(random_below(bound) < bound.max(1), "{bound}");
            }
        }
    }
}
