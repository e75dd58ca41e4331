//! GIF: one frame with a palette of its own colours, where pixels are either opaque or not there.

use gif::{Encoder, Frame};

use super::super::ImageError;
use super::super::picture::Picture;
use super::failed;

/// How thoroughly colours are chosen where there are more than 256: 1 is slowest and best, 30 fastest.
const PALETTE_SPEED: i32 = 10;

/// Pixels with less than this are transparent.
const MIN_ALPHA: u8 = 128;

pub(super) fn encode(picture: Picture) -> Result<Vec<u8>, ImageError> {
    let mut picture = picture.into_rgba();
    for [_, _, _, alpha] in picture.pixels.as_chunks_mut().0 {
        *alpha = if *alpha < MIN_ALPHA { 0 } else { 255 };
    }
    let width = u16::try_from(picture.width).map_err(failed)?;
    let height = u16::try_from(picture.height).map_err(failed)?;
    let frame = Frame::from_rgba_speed(width, height, &mut picture.pixels, PALETTE_SPEED);
    let mut encoder = Encoder::new(Vec::new(), width, height, &[]).map_err(failed)?;
    encoder.write_frame(&frame).map_err(failed)?;
    encoder.into_inner().map_err(failed)
}
