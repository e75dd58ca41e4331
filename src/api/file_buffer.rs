//! Memory that pieces of files are read into. It is used again: clearing it each time would cost as much as the reading.

use std::cell::RefCell;

use actix_web::web::Bytes;

/// Buffers a thread keeps for the next answers.
const KEPT: usize = 8;

/// Reads that use them again, in bytes. All are of the largest size: for smaller reads that would be too much memory, should
/// a client take its time, and clearing so little costs next to nothing.
const KEPT_BYTES: std::ops::RangeInclusive<usize> = 64 * 1024..=256 * 1024;

thread_local! {
    static FREE: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// Bytes to be overwritten: what they hold was another answer's.
#[derive(Debug)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
    /// How many of them are wanted.
    length: usize,
}

impl Buffer {
    /// A buffer of this many bytes.
    pub(super) fn take(length: usize) -> Self {
        if !KEPT_BYTES.contains(&length) {
            return Self { bytes: vec![0; length], length };
        }
        let kept = FREE.with_borrow_mut(Vec::pop);
        let bytes = kept.unwrap_or_else(|| vec![0; *KEPT_BYTES.end()]);
        Self { bytes, length }
    }

    /// The first `filled` bytes, which have been written.
    pub(super) fn into_bytes(mut self, filled: usize) -> Bytes {
        self.length = self.length.min(filled);
        Bytes::from_owner(self)
    }
}

impl AsMut<[u8]> for Buffer {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[..self.length]
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if self.bytes.len() == *KEPT_BYTES.end() {
            let bytes = std::mem::take(&mut self.bytes);
            // A thread that is ending keeps nothing.
            let _ = FREE.try_with(|free| {
                let mut free = free.borrow_mut();
                if free.len() < KEPT {
                    free.push(bytes);
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_in_a_buffer_before_is_not_shown() {
        for length in [1, 64 * 1024, 100_000, 256 * 1024, 256 * 1024 + 1] {
            let mut first = Buffer::take(length);
            first.as_mut().fill(7);
            assert_eq!(first.into_bytes(length), vec![7; length]);
            let mut second = Buffer::take(length);
            second.as_mut()[..1].fill(8);
            assert_eq!(second.into_bytes(1), vec![8]);
            assert!(Buffer::take(length).into_bytes(0).is_empty());
        }
        let many: Vec<_> = (0..2 * KEPT).map(|_| Buffer::take(100_000)).collect();
        drop(many);
        assert_eq!(FREE.with_borrow(Vec::len), KEPT);
    }
}
