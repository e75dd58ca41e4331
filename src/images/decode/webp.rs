//! WebP: lossy and lossless, still, or the first frame of an animation on its canvas.

use std::io::{BufRead, Seek};

use image_webp::DecodingError;

use super::super::ImageError;
use super::super::orientation::{MAX_EXIF_BYTES, Orientation};
use super::super::picture::{Channels, Picture};
use super::webp_structure::{Frame, find_first_frame};
use super::{Decoder, Header, check_size};

/// Bytes a pixel beside the result, in the decoder: a lossy frame has three planes, of which two are smaller.
const LOSSY_BYTES: u64 = 2;
/// The alpha of a lossy frame is a lossless picture.
const LOSSY_WITH_ALPHA_BYTES: u64 = 7;
/// Four channels whether there is alpha or not, and what transforms need.
const LOSSLESS_BYTES: u64 = 5;
/// A frame and the canvas, both with alpha.
const ANIMATION_BYTES: u64 = 8;

pub(super) struct WebPDecoder<S: BufRead + Seek> {
    reader: image_webp::WebPDecoder<S>,
    orientation: Orientation,
    is_lossy: bool,
}

impl<S: BufRead + Seek> WebPDecoder<S> {
    pub(super) fn open(mut source: S) -> Result<Self, ImageError> {
        let frame = find_first_frame(&mut source)?;
        source.rewind()?;
        let mut reader = image_webp::WebPDecoder::new(source).map_err(refuse)?;
        let (width, height) = reader.dimensions();
        check_size(width, height)?;
        let is_lossy = match frame {
            Frame::Lossless => false,
            Frame::Lossy { width: frame_width, height: frame_height } => {
                if frame_width > width || frame_height > height {
                    return Err(ImageError::Malformed("a frame larger than its canvas".into()));
                }
                true
            }
        };
        reader.set_memory_limit(MAX_EXIF_BYTES);
        // EXIF data that is too long or cut off is not worth losing the picture for.
        let exif = reader.exif_metadata().unwrap_or_default().unwrap_or_default();
        let exif = exif.strip_prefix(b"Exif\0\0").unwrap_or(&exif);
        Ok(Self { reader, orientation: Orientation::from_exif(exif), is_lossy })
    }

    fn channels(&self) -> Channels {
        if self.reader.has_alpha() { Channels::Rgba } else { Channels::Rgb }
    }
}

impl<S: BufRead + Seek> Decoder for WebPDecoder<S> {
    fn header(&self) -> Header {
        let (width, height) = self.reader.dimensions();
        let decoder = match (self.is_lossy, self.reader.has_alpha()) {
            (true, false) => LOSSY_BYTES,
            (true, true) => LOSSY_WITH_ALPHA_BYTES,
            (false, _) => LOSSLESS_BYTES,
        };
        let animation = if self.reader.is_animated() { ANIMATION_BYTES } else { 0 };
        Header {
            width,
            height,
            orientation: self.orientation,
            memory: Header::pixels(width, height) * (self.channels() as u64 + decoder + animation),
            is_lossy: self.is_lossy,
        }
    }

    fn read(mut self: Box<Self>) -> Result<Picture, ImageError> {
        let (width, height) = self.reader.dimensions();
        let channels = self.channels();
        let mut pixels = vec![0; width as usize * height as usize * channels.count()];
        self.reader.read_image(&mut pixels).map_err(refuse)?;
        Ok(Picture { width, height, channels, pixels })
    }
}

fn refuse(error: DecodingError) -> ImageError {
    match error {
        DecodingError::IoError(error) => error.into(),
        DecodingError::ImageTooLarge | DecodingError::MemoryLimitExceeded => {
            ImageError::TooLarge("a part of it is larger than its header says")
        }
        DecodingError::UnsupportedFeature(feature) => ImageError::Unsupported(feature),
        error => ImageError::Malformed(error.to_string()),
    }
}
