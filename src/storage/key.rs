//! What a key may look like.

use super::StorageError;

/// Longest key, in bytes: what S3 takes.
pub const MAX_KEY_BYTES: usize = 1024;

/// Longest part of a key between slashes, in bytes: what file systems take as a name.
pub const MAX_SEGMENT_BYTES: usize = 255;

/// Most parts of a key.
pub const MAX_KEY_SEGMENTS: usize = 8;

/// Refuses keys that do not name the same single file everywhere: parts that are empty, too long, `.` or `..`, and
/// control characters or backslashes. The first part does not begin with a dot: such folders are ours.
///
/// # Errors
/// [`StorageError::InvalidKey`].
pub fn check_key(key: &str) -> Result<(), StorageError> {
    let is_segment = |segment: &str| {
        (1..=MAX_SEGMENT_BYTES).contains(&segment.len())
            && segment != "."
            && segment != ".."
            && !segment.chars().any(|c| c.is_control() || c == '\\')
    };
    let is_valid = key.len() <= MAX_KEY_BYTES
        && !key.starts_with('.')
        && key.split('/').count() <= MAX_KEY_SEGMENTS
        && key.split('/').all(is_segment);
    if is_valid { Ok(()) } else { Err(StorageError::InvalidKey) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        let long = "x".repeat(MAX_SEGMENT_BYTES);
        let longest = ["x".repeat(255), "x".repeat(255), "x".repeat(255), "x".repeat(255)].join("/");
        for key in ["a", "c/r/f.txt", "c/r/.x", "c/r/..x", "c/r/ä ö%&?#[~].png", "c/r/日本", &long, &longest] {
            assert!(check_key(key).is_ok(), "{key}");
        }
        let too_long = format!("{longest}/x");
        let too_deep = ["a"; MAX_KEY_SEGMENTS + 1].join("/");
        let too_long_name = format!("c/{long}x");
        for key in [
            "",
            "/",
            "/a",
            "a/",
            "a//b",
            ".",
            "..",
            "../a",
            "a/../b",
            "a/..",
            "a/./b",
            ".a/b",
            "a\\b",
            "a/\0",
            "a/b\n",
            "a/\u{85}",
            "C:\\a",
            &too_long,
            &too_deep,
            &too_long_name,
        ] {
            assert!(matches!(check_key(key), Err(StorageError::InvalidKey)), "{key:?}");
        }
    }
}
