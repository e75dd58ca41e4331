//! The structure of a JPEG file, walked from marker to marker without decoding anything (ITU-T T.81, annex B).
//!
//! The decoder learns size and scans as it goes; here they are known before, so that a file whose scans cost too much is
//! refused at once. The walk also finds out whether the file ends where it should.

use std::io::BufRead;

use super::super::ImageError;
use super::super::orientation::{MAX_EXIF_BYTES, Orientation};
use super::check_size;

/// What matters of a file's structure.
#[derive(Clone, Debug, Default)]
pub(super) struct Structure {
    pub(super) width: u16,
    pub(super) height: u16,
    pub(super) components: Vec<Component>,
    pub(super) scans: usize,
    pub(super) is_progressive: bool,
    pub(super) orientation: Orientation,
    /// Whether a scan holds some of the components only.
    pub(super) has_partial_scans: bool,
}

/// A plane of the picture and how densely it is sampled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Component {
    pub(super) horizontal: u8,
    pub(super) vertical: u8,
}

const START_OF_IMAGE: u8 = 0xD8;
const END_OF_IMAGE: u8 = 0xD9;
const START_OF_SCAN: u8 = 0xDA;
const APP1: u8 = 0xE1;

/// Longest frame header that is valid: four components.
const MAX_FRAME_HEADER: usize = 6 + 4 * 3;

impl Structure {
    /// Reads a file from its beginning to the end of its first image.
    pub(super) fn read(source: &mut impl BufRead) -> Result<Self, ImageError> {
        let mut start = [0; 2];
        source.read_exact(&mut start)?;
        if start != [0xFF, START_OF_IMAGE] {
            return Err(ImageError::Malformed("not a JPEG".into()));
        }
        let mut structure = Self::default();
        loop {
            match next_marker(source)? {
                END_OF_IMAGE => break,
                START_OF_SCAN => structure.read_scan_header(source)?,
                // SOF0 to SOF15, less the tables DHT (C4), JPG (C8) and DAC (CC).
                marker @ (0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF) => {
                    structure.read_frame_header(source, marker)?;
                }
                0xCC => return Err(ImageError::Unsupported("arithmetic coding".into())),
                APP1 => structure.read_app1(source)?,
                _ => {
                    read_segment(source, 0)?;
                }
            }
        }
        if structure.scans == 0 {
            return Err(ImageError::Malformed("a JPEG without a scan".into()));
        }
        Ok(structure)
    }

    fn read_frame_header(&mut self, source: &mut impl BufRead, marker: u8) -> Result<(), ImageError> {
        if !matches!(marker, 0xC0..=0xC2) {
            return Err(ImageError::Unsupported("lossless, hierarchical or arithmetic JPEG".into()));
        }
        if !self.components.is_empty() {
            return Err(ImageError::Malformed("a second frame".into()));
        }
        let header = read_segment(source, MAX_FRAME_HEADER)?;
        let malformed = || ImageError::Malformed("a short frame header".into());
        let (&[precision, height_high, height_low, width_high, width_low, count], components) =
            header.split_first_chunk().ok_or_else(malformed)?;
        if precision != 8 {
            return Err(ImageError::Unsupported(format!("{precision} bits a sample")));
        }
        self.is_progressive = marker == 0xC2;
        self.width = u16::from_be_bytes([width_high, width_low]);
        self.height = u16::from_be_bytes([height_high, height_low]);
        check_size(self.width.into(), self.height.into())?;
        let components = components.as_chunks().0.iter();
        self.components = components
            .map(|&[_, sampling, _]| Component { horizontal: sampling >> 4, vertical: sampling & 15 })
            .collect();
        if self.components.len() != usize::from(count) || !matches!(count, 1 | 3 | 4) {
            return Err(ImageError::Unsupported(format!("{count} components")));
        }
        if self.components.iter().any(|c| !(1..=4).contains(&c.horizontal) || !(1..=4).contains(&c.vertical)) {
            return Err(ImageError::Malformed("a sampling factor out of range".into()));
        }
        Ok(())
    }

    fn read_scan_header(&mut self, source: &mut impl BufRead) -> Result<(), ImageError> {
        let header = read_segment(source, 1)?;
        if self.components.is_empty() {
            return Err(ImageError::Malformed("a scan before the frame".into()));
        }
        self.scans += 1;
        self.has_partial_scans |= header.first().is_some_and(|&count| usize::from(count) != self.components.len());
        Ok(())
    }

    fn read_app1(&mut self, source: &mut impl BufRead) -> Result<(), ImageError> {
        let segment = read_segment(source, MAX_EXIF_BYTES)?;
        if let Some(exif) = segment.strip_prefix(b"Exif\0\0")
            && self.orientation == Orientation::Upright
        {
            self.orientation = Orientation::from_exif(exif);
        }
        Ok(())
    }
}

/// Skips to the next marker that begins a segment or ends the image: past entropy-coded data with its stuffed zeros and
/// restart markers, fill bytes, and whatever else is between segments.
fn next_marker(source: &mut impl BufRead) -> Result<u8, ImageError> {
    loop {
        source.skip_until(0xFF)?;
        let marker = loop {
            let mut byte = [0];
            source.read_exact(&mut byte)?;
            if byte[0] != 0xFF {
                break byte[0];
            }
        };
        if !matches!(marker, 0x00 | 0x01 | 0xD0..=START_OF_IMAGE) {
            return Ok(marker);
        }
    }
}

/// Reads a segment: returns at most so many of its bytes, skips the others.
fn read_segment(source: &mut impl BufRead, keep: usize) -> Result<Vec<u8>, ImageError> {
    let mut length = [0; 2];
    source.read_exact(&mut length)?;
    let Some(length) = usize::from(u16::from_be_bytes(length)).checked_sub(2) else {
        return Err(ImageError::Malformed("a segment shorter than its length".into()));
    };
    let mut kept = vec![0; length.min(keep)];
    source.read_exact(&mut kept)?;
    let mut left = length - kept.len();
    while left > 0 {
        let available = source.fill_buf()?.len().min(left);
        if available == 0 {
            return Err(ImageError::Malformed("a segment that ends too early".into()));
        }
        source.consume(available);
        left -= available;
    }
    Ok(kept)
}
