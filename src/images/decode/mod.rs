//! Reading pictures: what the header says first, the pixels only if that is acceptable.

mod gif;
mod jpeg;
mod jpeg_structure;
mod png;
mod webp;
mod webp_structure;

use std::io::{BufRead, Seek};

use super::orientation::Orientation;
use super::picture::Picture;
use super::{Format, ImageError, MAX_PIXELS};

/// Longest side of a source: what JPEG and GIF can express. It bounds what decoders keep per row.
const MAX_SOURCE_SIDE: u32 = 65_535;

/// What is known of a picture before it is decoded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    /// Size as stored, before [`Self::orientation`].
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) orientation: Orientation,
    /// Bytes that decoding takes at its peak, with the pixels it results in.
    pub(super) memory: u64,
    /// Whether the format gave up detail to be small, so that a copy may as well.
    pub(super) is_lossy: bool,
}

impl Header {
    fn pixels(width: u32, height: u32) -> u64 {
        u64::from(width) * u64::from(height)
    }
}

/// A picture whose header has been read.
pub(super) trait Decoder {
    fn header(&self) -> Header;

    /// Decodes the pixels, of an animation those of the first frame.
    fn read(self: Box<Self>) -> Result<Picture, ImageError>;
}

/// Reads the header. Nothing is allocated that grows with the size it states.
pub(super) fn open<'a, S: BufRead + Seek + 'a>(source: S, format: Format) -> Result<Box<dyn Decoder + 'a>, ImageError> {
    let decoder: Box<dyn Decoder + 'a> = match format {
        Format::Jpeg => Box::new(jpeg::JpegDecoder::open(source)?),
        Format::Png => Box::new(png::PngDecoder::open(source)?),
        Format::Gif => Box::new(gif::GifDecoder::open(source)?),
        Format::WebP => Box::new(webp::WebPDecoder::open(source)?),
    };
    Ok(decoder)
}

/// Refuses pictures without pixels or with too many.
fn check_size(width: u32, height: u32) -> Result<(), ImageError> {
    if width == 0 || height == 0 {
        return Err(ImageError::Malformed("it has no pixels".into()));
    }
    if width.max(height) > MAX_SOURCE_SIDE || Header::pixels(width, height) > MAX_PIXELS {
        return Err(ImageError::TooLarge("it has too many pixels"));
    }
    Ok(())
}
