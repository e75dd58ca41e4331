//! WebP: lossy and lossless, still, or the first frame of an animation on its canvas.

use std::io::{BufRead, Seek};

use image_webp::DecodingError;

use super::super::ImageError;
use super::super::orientation::{MAX_EXIF_BYTES, Orientation};
use super::super::picture::{Channels, Picture};
use super::webp_structure::{Frame, find_first_frame};
use super::{Decoder, Header, check_size};

/// Bytes a pixel beside the result: planes of a lossy frame with its alpha, or a lossless frame with its transforms; for
/// animations the frame and the canvas as well.
const STILL_BYTES_PER_PIXEL: u64 = 4;
const ANIMATED_BYTES_PER_PIXEL: u64 = 12;

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
        let beside = if self.reader.is_animated() { ANIMATED_BYTES_PER_PIXEL } else { STILL_BYTES_PER_PIXEL };
        Header {
            width,
            height,
            orientation: self.orientation,
            memory: Header::pixels(width, height) * (self.channels() as u64 + beside),
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
