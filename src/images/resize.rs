//! Scaling with a linear filter, and turning the result upright.
//!
//! Only the part of the picture that is shown is looked at, and turning is left for last, when there are few pixels.

use fast_image_resize::images::{CroppedImage, Image, ImageRef};
use fast_image_resize::{FilterType, IntoImageView, MulDiv, PixelType, ResizeAlg, ResizeOptions, Resizer};

use super::orientation::Orientation;
use super::picture::{Channels, Picture};
use super::size::{Cut, Plan, Region};

/// Carries out the plan, which is in terms of the upright picture, on the stored picture.
pub(super) fn resize(picture: Picture, plan: Plan, orientation: Orientation) -> Picture {
    let region = stored_region(plan.region, orientation, picture.width, picture.height);
    let (width, height) = orientation.turned(plan.width, plan.height);
    let is_whole = region == Region { x: 0.0, y: 0.0, width: picture.width.into(), height: picture.height.into() };
    let scaled = if is_whole && (width, height) == (picture.width, picture.height) {
        picture
    } else {
        scale(picture, region, plan.cut, width, height)
    };
    turn(scaled, orientation)
}

/// Where a region of the upright picture is in the stored one, whose size is given.
fn stored_region(region: Region, orientation: Orientation, width: u32, height: u32) -> Region {
    let (upright_width, upright_height) = orientation.turned(width, height);
    let x = if orientation.reverses_x() { f64::from(upright_width) - region.x - region.width } else { region.x };
    let y = if orientation.reverses_y() { f64::from(upright_height) - region.y - region.height } else { region.y };
    if orientation.swaps_sides() {
        Region { x: y, y: x, width: region.height, height: region.width }
    } else {
        Region { x, y, ..region }
    }
}

fn scale(mut picture: Picture, region: Region, cut: Cut, width: u32, height: u32) -> Picture {
    let pixel_type = match picture.channels {
        Channels::Grey => PixelType::U8,
        Channels::GreyAlpha => PixelType::U8x2,
        Channels::Rgb => PixelType::U8x3,
        Channels::Rgba => PixelType::U8x4,
    };
    // Transparent pixels must not colour their neighbours. The resizer could see to that itself, in a copy of the source.
    let alpha = picture.channels.has_alpha().then(MulDiv::new);
    if let Some(alpha) = &alpha {
        let mut source = Image::from_slice_u8(picture.width, picture.height, &mut picture.pixels, pixel_type)
            .expect("a picture has as many bytes as its size says");
        alpha.multiply_alpha_inplace(&mut source).expect("the type of pixels has alpha");
    }
    let source = ImageRef::new(picture.width, picture.height, &picture.pixels, pixel_type)
        .expect("a picture has as many bytes as its size says");
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear)).use_alpha(false);
    let mut scaled = Image::new(width, height, pixel_type);
    match cut {
        Cut::Before => {
            let [x, y, width, height] = [region.x, region.y, region.width, region.height].map(whole_number);
            let part = CroppedImage::new(&source, x, y, width, height).expect("the region is inside the picture");
            run(&part, &mut scaled, &options);
        }
        Cut::After => {
            // Rounding may have put the far end a little outside.
            let x = region.x.max(0.0);
            let y = region.y.max(0.0);
            let region_width = region.width.min(f64::from(picture.width) - x);
            let region_height = region.height.min(f64::from(picture.height) - y);
            run(&source, &mut scaled, &options.crop(x, y, region_width, region_height));
        }
    }
    if let Some(alpha) = &alpha {
        alpha.divide_alpha_inplace(&mut scaled).expect("the type of pixels has alpha");
    }
    Picture { width, height, channels: picture.channels, pixels: scaled.into_vec() }
}

fn run(source: &impl IntoImageView, scaled: &mut Image<'_>, options: &ResizeOptions) {
    Resizer::new().resize(source, scaled, options).expect("both have the same type of pixels");
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number of pixels of a picture")]
fn whole_number(value: f64) -> u32 {
    value as u32
}

/// Turns a stored picture upright.
fn turn(picture: Picture, orientation: Orientation) -> Picture {
    if orientation == Orientation::Upright {
        return picture;
    }
    let (width, height) = orientation.turned(picture.width, picture.height);
    let count = picture.channels.count();
    let stored_width = picture.width as usize;
    let mut pixels = Vec::with_capacity(picture.pixels.len());
    for y in 0..height {
        let y = if orientation.reverses_y() { height - 1 - y } else { y };
        for x in 0..width {
            let x = if orientation.reverses_x() { width - 1 - x } else { x };
            let (column, row) = if orientation.swaps_sides() { (y, x) } else { (x, y) };
            let at = (row as usize * stored_width + column as usize) * count;
            pixels.extend_from_slice(&picture.pixels[at..at + count]);
        }
    }
    Picture { width, height, pixels, ..picture }
}
