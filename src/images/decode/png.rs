//! PNG: every bit depth and colour type, interlaced or not.

use std::io::{BufRead, Seek};

use png::{ColorType, DecodingError, Limits, Transformations};

use super::super::ImageError;
use super::super::orientation::{MAX_EXIF_BYTES, Orientation};
use super::super::picture::{Channels, Picture};
use super::{Decoder, Header, check_size};

/// Most memory for chunks beside the pixels, such as the palette and EXIF data. Texts and colour profiles are skipped.
const MAX_CHUNK_BYTES: usize = 1 << 20;

/// Rows that the decoder keeps: raw, unfiltered and expanded, with room to spare.
const ROWS_KEPT: u64 = 8;

/// Longest row in bytes of 65 535 pixels of 16-bit RGBA.
const ROW_BYTES_PER_PIXEL: u64 = 8;

pub(super) struct PngDecoder<S: BufRead + Seek> {
    reader: png::Reader<S>,
    channels: Channels,
}

impl<S: BufRead + Seek> PngDecoder<S> {
    pub(super) fn open(source: S) -> Result<Self, ImageError> {
        let mut decoder = png::Decoder::new(source);
        decoder.set_limits(Limits { bytes: MAX_CHUNK_BYTES.max(MAX_EXIF_BYTES) });
        decoder.set_ignore_text_chunk(true);
        decoder.set_ignore_iccp_chunk(true);
        // Palettes become colours, greys below 8 bits fill 8, and of 16 bits the upper 8 are kept.
        decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
        let info = decoder.read_header_info().map_err(refuse)?;
        check_size(info.width, info.height)?;
        let reader = decoder.read_info().map_err(refuse)?;
        let channels = match reader.output_color_type().0 {
            ColorType::Grayscale => Channels::Grey,
            ColorType::GrayscaleAlpha => Channels::GreyAlpha,
            ColorType::Rgb => Channels::Rgb,
            ColorType::Rgba => Channels::Rgba,
            ColorType::Indexed => return Err(ImageError::Malformed("a palette image without palette".into())),
        };
        Ok(Self { reader, channels })
    }
}

impl<S: BufRead + Seek> Decoder for PngDecoder<S> {
    fn header(&self) -> Header {
        let info = self.reader.info();
        let rows = u64::from(info.width) * ROW_BYTES_PER_PIXEL * ROWS_KEPT;
        Header {
            width: info.width,
            height: info.height,
            orientation: info.exif_metadata.as_deref().map(Orientation::from_exif).unwrap_or_default(),
            memory: Header::pixels(info.width, info.height) * self.channels as u64 + rows,
            is_lossy: false,
        }
    }

    fn read(mut self: Box<Self>) -> Result<Picture, ImageError> {
        let (width, height) = self.reader.info().size();
        let mut pixels = vec![0; width as usize * height as usize * self.channels.count()];
        self.reader.next_frame(&mut pixels).map_err(refuse)?;
        Ok(Picture { width, height, channels: self.channels, pixels })
    }
}

fn refuse(error: DecodingError) -> ImageError {
    match error {
        DecodingError::IoError(error) => error.into(),
        DecodingError::LimitsExceeded => ImageError::TooLarge("a chunk beside the pixels is too long"),
        error @ (DecodingError::Format(_) | DecodingError::Parameter(_)) => ImageError::Malformed(error.to_string()),
    }
}
