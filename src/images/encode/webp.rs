//! WebP: lossy by libwebp, lossless in Rust.

use image_webp::{ColorType, WebPEncoder};

use super::super::ImageError;
use super::super::picture::{Channels, Picture};
use super::failed;

pub(super) fn encode_lossless(picture: &Picture) -> Result<Vec<u8>, ImageError> {
    let mut bytes = Vec::new();
    let colour = match picture.channels {
        Channels::Grey => ColorType::L8,
        Channels::GreyAlpha => ColorType::La8,
        Channels::Rgb => ColorType::Rgb8,
        Channels::Rgba => ColorType::Rgba8,
    };
    WebPEncoder::new(&mut bytes).encode(&picture.pixels, picture.width, picture.height, colour).map_err(failed)?;
    Ok(bytes)
}

/// `quality` is 1 to 100.
pub(super) fn encode_lossy(picture: Picture, quality: u8) -> Result<Vec<u8>, ImageError> {
    let picture = match picture.channels {
        Channels::Grey | Channels::GreyAlpha => picture.into_rgba().without_idle_alpha(),
        Channels::Rgb | Channels::Rgba => picture,
    };
    let encoder = if picture.channels.has_alpha() {
        webp::Encoder::from_rgba(&picture.pixels, picture.width, picture.height)
    } else {
        webp::Encoder::from_rgb(&picture.pixels, picture.width, picture.height)
    };
    let memory = encoder.encode_simple(false, f32::from(quality)).map_err(|error| failed(format!("{error:?}")))?;
    Ok(memory.to_vec())
}
