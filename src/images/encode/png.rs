//! PNG, compressed quickly rather than best: a thumbnail is small.

use png::{BitDepth, ColorType, Compression, Encoder};

use super::super::ImageError;
use super::super::picture::{Channels, Picture};
use super::failed;

pub(super) fn encode(picture: &Picture) -> Result<Vec<u8>, ImageError> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, picture.width, picture.height);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_color(match picture.channels {
        Channels::Grey => ColorType::Grayscale,
        Channels::GreyAlpha => ColorType::GrayscaleAlpha,
        Channels::Rgb => ColorType::Rgb,
        Channels::Rgba => ColorType::Rgba,
    });
    encoder.set_compression(Compression::Fast);
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(&picture.pixels).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(bytes)
}
