//! Tests of thumbnails, on pictures made here. The few files in `samples` are what nothing in Rust writes; all of them
//! show the gradient of [`gradient`], 48 by 32 pixels.

mod damaged;
mod formats;
mod geometry;
mod limits;
mod png_writer;

use std::io::Cursor;

use super::picture::{Channels, Picture};
use super::{Drawing, Format, ImageError, Output, ThumbSize, decode, encode};

const PROGRESSIVE_JPEG: &[u8] = include_bytes!("samples/progressive.jpg");
const CMYK_JPEG: &[u8] = include_bytes!("samples/cmyk.jpg");
const LOSSY_WEBP: &[u8] = include_bytes!("samples/lossy.webp");
const ALPHA_LOSSY_WEBP: &[u8] = include_bytes!("samples/alpha_lossy.webp");
/// The second frame is blue.
const ANIMATED_LOSSY_WEBP: &[u8] = include_bytes!("samples/animated_lossy.webp");
const ANIMATED_LOSSLESS_WEBP: &[u8] = include_bytes!("samples/animated_lossless.webp");

fn size(text: &str) -> ThumbSize {
    ThumbSize::parse(text).unwrap_or_else(|| panic!("{text} is a size"))
}

fn plain(format: Format) -> Output {
    Output { format, quality: None }
}

fn make(bytes: &[u8], format: Format, text: &str, output: Output) -> Result<Vec<u8>, ImageError> {
    Drawing::begin(Cursor::new(bytes), format, size(text), output)?.finish()
}

/// The pixels of a file.
fn read(bytes: &[u8], format: Format) -> Picture {
    decode::open(Cursor::new(bytes), format).unwrap().read().unwrap()
}

/// Writes a picture, losslessly where the format can.
fn write(picture: Picture, format: Format) -> Vec<u8> {
    encode::encode(picture, plain(format), false).unwrap()
}

/// Red grows to the right, green downwards, blue is 128.
fn gradient(width: u32, height: u32) -> Picture {
    draw(width, height, Channels::Rgb, |x, y| vec![share(x, width), share(y, height), 128])
}

fn draw(width: u32, height: u32, channels: Channels, colour: impl Fn(u32, u32) -> Vec<u8>) -> Picture {
    let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).flat_map(|(x, y)| colour(x, y)).collect();
    Picture { width, height, channels, pixels }
}

fn share(at: u32, length: u32) -> u8 {
    u8::try_from(at * 255 / (length - 1).max(1)).unwrap()
}

fn pixel(picture: &Picture, x: u32, y: u32) -> &[u8] {
    let count = picture.channels.count();
    &picture.pixels[(y * picture.width + x) as usize * count..][..count]
}

/// Fails unless each value differs by at most `tolerance`.
#[track_caller]
fn assert_alike(picture: &Picture, expected: &Picture, tolerance: u8, what: &str) {
    assert_eq!((picture.width, picture.height), (expected.width, expected.height), "size of {what}");
    assert_eq!(picture.channels, expected.channels, "channels of {what}");
    let differences = picture.pixels.iter().zip(&expected.pixels).map(|(a, b)| a.abs_diff(*b));
    assert!(differences.clone().all(|d| d <= tolerance), "{what} differs by {:?}", differences.max());
}

/// For palettes, which are right for most pixels and a bit off for a few.
#[track_caller]
fn assert_alike_on_average(picture: &Picture, expected: &Picture, tolerance: f64, what: &str) {
    assert_eq!((picture.width, picture.height), (expected.width, expected.height), "size of {what}");
    assert_eq!(picture.channels, expected.channels, "channels of {what}");
    let differences = picture.pixels.iter().zip(&expected.pixels).map(|(a, b)| f64::from(a.abs_diff(*b)));
    let count = f64::from(u32::try_from(expected.pixels.len()).unwrap());
    let mean = differences.sum::<f64>() / count;
    assert!(mean <= tolerance, "{what} differs by {mean} on average");
}
