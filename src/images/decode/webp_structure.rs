//! The structure of a WebP file, as far as it must be known before decoding (RFC 9649, section 2).
//!
//! The decoder allocates a lossy frame by the size in the frame's own header and compares it with the canvas only
//! afterwards. So the frame's size is read here first.

use std::io::{BufRead, Seek, SeekFrom};

use super::super::ImageError;

/// Chunks that are looked at to find the first frame: a colour profile, animation parameters and unknown ones may come
/// before it.
const MAX_CHUNKS: usize = 64;

/// Bytes of an `ANMF` chunk before its sub-chunks.
const FRAME_HEADER_BYTES: u64 = 16;

/// Bit of the flags in `VP8X`.
const IS_ANIMATED: u8 = 0x02;

/// What holds the picture, or the first frame of an animation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    Lossless,
    /// With the size in the header of the frame itself.
    Lossy {
        width: u32,
        height: u32,
    },
}

/// Looks for the first frame from the beginning of a file. Signatures are left for the decoder to check.
pub(super) fn find_first_frame(source: &mut (impl BufRead + Seek)) -> Result<Frame, ImageError> {
    let mut position = 12;
    let mut is_animated = false;
    for _ in 0..MAX_CHUNKS {
        let (name, length) = read_chunk_header(source, position)?;
        match &name {
            b"VP8X" => {
                let mut flags = [0];
                source.read_exact(&mut flags)?;
                is_animated = flags[0] & IS_ANIMATED != 0;
            }
            b"VP8 " if !is_animated => return read_lossy_frame(source),
            b"VP8L" if !is_animated => return Ok(Frame::Lossless),
            b"ANMF" if is_animated => return read_animation_frame(source, position + 8 + FRAME_HEADER_BYTES),
            _ => {}
        }
        position += 8 + length;
    }
    Err(ImageError::Malformed("a WebP without a frame".into()))
}

fn read_animation_frame(source: &mut (impl BufRead + Seek), position: u64) -> Result<Frame, ImageError> {
    let (name, length) = read_chunk_header(source, position)?;
    match &name {
        b"VP8L" => Ok(Frame::Lossless),
        b"ALPH" => {
            read_chunk_header(source, position + 8 + length)?;
            read_lossy_frame(source)
        }
        b"VP8 " => read_lossy_frame(source),
        _ => Err(ImageError::Malformed("an animation frame without pixels".into())),
    }
}

/// The name of a chunk and its length with padding; what follows in the source is its content.
fn read_chunk_header(source: &mut (impl BufRead + Seek), position: u64) -> Result<([u8; 4], u64), ImageError> {
    source.seek(SeekFrom::Start(position))?;
    let mut header = [[0; 4]; 2];
    source.read_exact(header.as_flattened_mut())?;
    let length = u64::from(u32::from_le_bytes(header[1]));
    Ok((header[0], length + length % 2))
}

/// Reads the header of a VP8 key frame (RFC 6386, section 9.1).
fn read_lossy_frame(source: &mut impl BufRead) -> Result<Frame, ImageError> {
    let mut header = [0; 10];
    source.read_exact(&mut header)?;
    let side = |at: usize| u32::from(u16::from_le_bytes([header[at], header[at + 1]]) & 0x3FFF);
    Ok(Frame::Lossy { width: side(6), height: side(8) })
}
