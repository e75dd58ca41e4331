//! JPEG: baseline and progressive, grey, YCbCr, RGB, CMYK and YCCK.

use std::io::{BufRead, Seek};

use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::zune_core::bytestream::ZByteIoError;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::super::ImageError;
use super::super::picture::{Channels, Picture};
use super::jpeg_structure::Structure;
use super::{Decoder, Header};

/// Most scans of a file. Encoders make about ten; each costs a pass over the whole picture.
const MAX_SCANS: usize = 100;

/// Most pixels of all scans together, which bounds the time.
const MAX_SCANNED_PIXELS: u64 = 2_000_000_000;

/// Longest side the decoder takes, so that only our own limits count.
const MAX_SIDE: usize = 65_535;

pub(super) struct JpegDecoder<S> {
    source: S,
    structure: Structure,
}

impl<S: BufRead + Seek> JpegDecoder<S> {
    pub(super) fn open(mut source: S) -> Result<Self, ImageError> {
        let structure = Structure::read(&mut source)?;
        if structure.scans > max_scans(&structure) {
            return Err(ImageError::TooLarge("it has too many scans"));
        }
        source.rewind()?;
        Ok(Self { source, structure })
    }
}

/// How many passes over a picture of this size are acceptable.
fn max_scans(structure: &Structure) -> usize {
    let pixels = Header::pixels(structure.width.into(), structure.height.into()).max(1);
    usize::try_from(MAX_SCANNED_PIXELS / pixels).unwrap_or(MAX_SCANS).min(MAX_SCANS)
}

/// Samples of all planes, in whole blocks.
fn samples(structure: &Structure) -> u64 {
    let components = structure.components.iter();
    let horizontal = components.clone().map(|c| u64::from(c.horizontal)).max().unwrap_or(1);
    let vertical = components.clone().map(|c| u64::from(c.vertical)).max().unwrap_or(1);
    let units =
        u64::from(structure.width).div_ceil(8 * horizontal) * u64::from(structure.height).div_ceil(8 * vertical);
    components.map(|c| units * u64::from(c.horizontal) * u64::from(c.vertical) * 64).sum()
}

impl<S: BufRead + Seek> Decoder for JpegDecoder<S> {
    fn header(&self) -> Header {
        let structure = &self.structure;
        let (width, height) = (u32::from(structure.width), u32::from(structure.height));
        let channels = if structure.components.len() == 1 { Channels::Grey } else { Channels::Rgb };
        let mut memory = Header::pixels(width, height) * channels as u64;
        if structure.is_progressive || structure.has_partial_scans {
            // All coefficients are kept until the last scan, in 16 bits each.
            memory += samples(structure) * 2;
        }
        Header { width, height, orientation: structure.orientation, memory, is_lossy: true }
    }

    fn read(self: Box<Self>) -> Result<Picture, ImageError> {
        let (width, height) = (u32::from(self.structure.width), u32::from(self.structure.height));
        let (channels, colours) = if self.structure.components.len() == 1 {
            (Channels::Grey, ColorSpace::Luma)
        } else {
            (Channels::Rgb, ColorSpace::RGB)
        };
        let options = DecoderOptions::default()
            .set_max_width(MAX_SIDE)
            .set_max_height(MAX_SIDE)
            .set_strict_mode(false)
            .jpeg_set_max_scans(max_scans(&self.structure))
            .jpeg_set_out_colorspace(colours);
        let mut decoder = zune_jpeg::JpegDecoder::new_with_options(self.source, options);
        decoder.decode_headers().map_err(refuse)?;
        // The decoder must have read the same header as we have, whose cost was found acceptable.
        let size = decoder.dimensions();
        let mut pixels = vec![0; width as usize * height as usize * channels.count()];
        if size != Some((width as usize, height as usize)) || decoder.output_buffer_size() != Some(pixels.len()) {
            return Err(ImageError::Malformed("a header that can be read in two ways".into()));
        }
        decoder.decode_into(&mut pixels).map_err(refuse)?;
        Ok(Picture { width, height, channels, pixels })
    }
}

fn refuse(error: DecodeErrors) -> ImageError {
    match error {
        DecodeErrors::IoErrors(ZByteIoError::StdIoError(error)) => error.into(),
        DecodeErrors::Unsupported(scheme) => ImageError::Unsupported(format!("{scheme:?}")),
        error => ImageError::Malformed(format!("{error:?}")),
    }
}
