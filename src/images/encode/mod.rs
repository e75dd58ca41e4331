//! Writing thumbnails.

mod gif;
mod jpeg;
mod jpeg_tables;
mod png;
mod webp;

use super::picture::Picture;
use super::{Format, ImageError, Output};

/// Quality of a JPEG if none is asked for.
const DEFAULT_JPEG_QUALITY: u8 = 95;

/// Quality of a lossy WebP if none is asked for.
const DEFAULT_WEBP_QUALITY: u8 = 80;

/// Bytes a pixel that a result takes: four channels, and as much again in the encoder.
const BYTES_PER_PIXEL: u64 = 8;

/// Longest side of a WebP (RFC 9649, section 2.7).
const MAX_WEBP_SIDE: u32 = 16_383;

/// Longest side of a JPEG or GIF, and of any result.
const MAX_SIDE: u32 = 65_535;

/// Bytes that a result of this size takes in memory.
///
/// # Errors
/// [`ImageError::TooLarge`] if the format has no pictures of this size.
pub(super) fn memory(format: Format, width: u32, height: u32) -> Result<u64, ImageError> {
    let max_side = match format {
        Format::WebP => MAX_WEBP_SIDE,
        Format::Jpeg | Format::Png | Format::Gif => MAX_SIDE,
    };
    if width.max(height) > max_side {
        return Err(ImageError::TooLarge("the thumbnail would be too long for its format"));
    }
    Ok(u64::from(width) * u64::from(height) * BYTES_PER_PIXEL)
}

/// Writes a picture whose size [`memory`] has accepted.
pub(super) fn encode(picture: Picture, output: Output, is_source_lossy: bool) -> Result<Vec<u8>, ImageError> {
    let quality = output.quality.map(|quality| quality.clamp(1, 100));
    match output.format {
        Format::Jpeg => Ok(jpeg::encode(&picture.on_white(), quality.unwrap_or(DEFAULT_JPEG_QUALITY))),
        Format::Png => png::encode(&picture.without_idle_alpha()),
        Format::Gif => gif::encode(picture),
        Format::WebP => match quality.or(is_source_lossy.then_some(DEFAULT_WEBP_QUALITY)) {
            Some(quality) => webp::encode_lossy(picture.without_idle_alpha(), quality),
            None => webp::encode_lossless(&picture.without_idle_alpha()),
        },
    }
}

/// The error of an encoder that was given a picture it should have taken.
fn failed(error: impl std::fmt::Display) -> ImageError {
    ImageError::Unsupported(format!("the thumbnail cannot be written: {error}"))
}
