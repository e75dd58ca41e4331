//! GIF: one frame with a palette of its own colours, where pixels are either opaque or not there.

use gif::{Encoder, Frame};

use super::super::ImageError;
use super::super::picture::Picture;
use super::failed;

/// Pixels that colours are chosen from where there are more than 256 colours. The encoder takes every nth pixel, and a
/// tenth of a small picture would be too few to learn from.
const PALETTE_SAMPLES: usize = 20_000;

/// Largest n: about where quality falls off.
const MAX_PALETTE_STEP: usize = 10;

/// Pixels with less than this are transparent.
const MIN_ALPHA: u8 = 128;

pub(super) fn encode(picture: Picture) -> Result<Vec<u8>, ImageError> {
    let mut picture = picture.into_rgba();
    for [_, _, _, alpha] in picture.pixels.as_chunks_mut().0 {
        *alpha = if *alpha < MIN_ALPHA { 0 } else { 255 };
    }
    let width = u16::try_from(picture.width).map_err(failed)?;
    let height = u16::try_from(picture.height).map_err(failed)?;
    let step = (picture.pixels.len() / 4 / PALETTE_SAMPLES).clamp(1, MAX_PALETTE_STEP);
    let step = i32::try_from(step).map_err(failed)?;
    let frame = Frame::from_rgba_speed(width, height, &mut picture.pixels, step);
    let mut encoder = Encoder::new(Vec::new(), width, height, &[]).map_err(failed)?;
    encoder.write_frame(&frame).map_err(failed)?;
    encoder.into_inner().map_err(failed)
}
