//! Sizes, crops and orientations.

use super::super::orientation::Orientation;
use super::super::size::MAX_THUMB_SIDE;
use super::*;

#[test]
fn sizes_are_what_the_grammar_says() {
    for text in ["100x100", "1x2t", "1x2b", "1x2f", "5x0", "0x5", "5x0f", "0x5t", "007x8", "8192x8192"] {
        assert!(ThumbSize::parse(text).is_some(), "{text}");
    }
    let long = format!("1x{}", MAX_THUMB_SIDE + 1);
    let refused = [
        "",
        "x",
        "1",
        "1x",
        "x1",
        "0x0",
        "0x0f",
        "00x0",
        "1x1x",
        "1x1x1",
        "1x1c",
        "1x1tt",
        "1X1",
        " 1x1",
        "1x1 ",
        "+1x1",
        "-1x1",
        "1.0x1",
        "99999999999x1",
        "t",
        "xt",
        "1xt",
        "١x١",
        &long,
    ];
    for text in refused {
        assert!(ThumbSize::parse(text).is_none(), "{text:?}");
    }
}

/// What the reference makes of these.
#[test]
fn results_have_the_size_asked_for_or_follow_the_aspect_ratio() {
    let table = [
        ((100, 60), "20x10", (20, 10)),
        ((100, 60), "20x10f", (16, 10)),
        ((100, 60), "333x77f", (100, 60)),
        ((100, 60), "20x0", (20, 12)),
        ((100, 60), "0x10", (17, 10)),
        ((100, 60), "0x50t", (83, 50)),
        ((60, 100), "20x10f", (6, 10)),
        ((60, 100), "20x0", (20, 33)),
        ((60, 100), "0x10", (6, 10)),
        ((101, 203), "20x10f", (4, 10)),
        ((101, 203), "333x77f", (38, 77)),
        ((203, 101), "20x10f", (20, 9)),
        ((203, 101), "333x77f", (154, 77)),
        ((7, 5), "20x0", (20, 14)),
        ((7, 5), "20x10f", (7, 5)),
        ((7, 5), "100x100", (100, 100)),
        ((1, 9), "20x0", (20, 180)),
        ((1, 9), "0x10", (1, 10)),
        ((9, 1), "50x0f", (50, 6)),
        ((1000, 3), "20x10f", (20, 1)),
        ((1000, 3), "20x0", (20, 1)),
        ((1000, 3), "0x10", (3333, 10)),
        ((3, 1000), "20x0", (20, 6667)),
        ((640, 480), "20x10f", (13, 10)),
        ((640, 480), "333x77f", (102, 77)),
        ((640, 480), "50x0f", (50, 38)),
        ((33, 77), "20x0", (20, 47)),
        ((99, 400), "20x10f", (2, 10)),
        ((400, 99), "333x77f", (311, 77)),
    ];
    for ((width, height), text, expected) in table {
        let bytes = make(&write(gradient(width, height), Format::Png), Format::Png, text, plain(Format::Png)).unwrap();
        let picture = read(&bytes, Format::Png);
        assert_eq!((picture.width, picture.height), expected, "{width}x{height} at {text}");
    }
}

#[test]
fn crops_are_anchored() {
    // Of the crop of 120 x 60 the first and last row show where it lies; blue is free of scaling.
    let picture = draw(120, 240, Channels::Grey, |_, y| vec![u8::try_from(y).unwrap()]);
    let source = write(picture, Format::Png);
    for (text, top) in [("120x60", 90), ("120x60t", 0), ("120x60b", 180)] {
        let thumb = read(&make(&source, Format::Png, text, plain(Format::Png)).unwrap(), Format::Png);
        let rows = [pixel(&thumb, 0, 0)[0], pixel(&thumb, 119, 59)[0]];
        assert_eq!(rows, [top, top + 59], "{text}");
    }
    let picture = draw(240, 120, Channels::Grey, |x, _| vec![u8::try_from(x).unwrap()]);
    let source = write(picture, Format::Png);
    for text in ["60x120", "60x120t", "60x120b"] {
        let thumb = read(&make(&source, Format::Png, text, plain(Format::Png)).unwrap(), Format::Png);
        assert_eq!([pixel(&thumb, 0, 0)[0], pixel(&thumb, 59, 119)[0]], [90, 149], "{text}");
    }
}

#[test]
fn small_pictures_are_scaled_before_they_are_cropped() {
    // Twice the size, then rows 10 to 29 of 40: at the edges the reference blends in what is cut off.
    let source = write(draw(20, 20, Channels::Grey, |_, y| vec![u8::try_from(y * 10).unwrap()]), Format::Png);
    for (text, first, last) in [("40x20", 48, 143), ("40x20t", 0, 93), ("40x20b", 98, 190)] {
        let thumb = read(&make(&source, Format::Png, text, plain(Format::Png)).unwrap(), Format::Png);
        let rows = [pixel(&thumb, 0, 0)[0], pixel(&thumb, 39, 19)[0]];
        assert!(rows[0].abs_diff(first) <= 1 && rows[1].abs_diff(last) <= 1, "{text}: {rows:?}");
    }
}

#[test]
fn thin_pictures_cost_no_more_than_their_thumbnail() {
    let source = write(draw(1, 60_000, Channels::Grey, |_, _| vec![77]), Format::Png);
    let thumb = read(&make(&source, Format::Png, "8000x8", plain(Format::Png)).unwrap(), Format::Png);
    assert_eq!((thumb.width, thumb.height), (8000, 8));
    assert!(thumb.pixels.iter().all(|&grey| grey == 77));
    let result = make(&source, Format::Png, "8000x0", plain(Format::Png));
    assert!(matches!(result, Err(ImageError::TooLarge(_))), "{result:?}");
}

/// EXIF data with an orientation, in either byte order.
fn exif(orientation: u16, is_big_endian: bool) -> Vec<u8> {
    if is_big_endian {
        let mut bytes = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01".to_vec();
        bytes.extend(orientation.to_be_bytes());
        bytes.extend([0; 6]);
        bytes
    } else {
        let mut bytes = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
        bytes.extend(orientation.to_le_bytes());
        bytes.extend([0; 6]);
        bytes
    }
}

fn jpeg_with_exif(picture: Picture, exif: &[u8]) -> Vec<u8> {
    let jpeg = write(picture, Format::Jpeg);
    let mut bytes = vec![0xFF, 0xD8, 0xFF, 0xE1];
    bytes.extend(u16::try_from(exif.len() + 8).unwrap().to_be_bytes());
    bytes.extend(b"Exif\0\0");
    bytes.extend(exif);
    bytes.extend(&jpeg[2..]);
    bytes
}

#[test]
fn pictures_are_turned_upright() {
    // By orientation: where red and green grow, from the corner of the upright picture: right, left, down or up.
    let table = [
        (1, "right", "down"),
        (2, "left", "down"),
        (3, "left", "up"),
        (4, "right", "up"),
        (5, "down", "right"),
        (6, "down", "left"),
        (7, "up", "left"),
        (8, "up", "right"),
    ];
    for (orientation, red, green) in table {
        for is_big_endian in [false, true] {
            let source = jpeg_with_exif(gradient(96, 64), &exif(orientation, is_big_endian));
            let upright = make(&source, Format::Jpeg, "48x48f", plain(Format::Png)).unwrap();
            let upright = read(&upright, Format::Png);
            let expected = if orientation < 5 { (48, 32) } else { (32, 48) };
            assert_eq!((upright.width, upright.height), expected, "orientation {orientation}");
            let (right, bottom) = (upright.width - 1, upright.height - 1);
            let corners = [(0, 0), (right, 0), (0, bottom)].map(|(x, y)| pixel(&upright, x, y));
            for (channel, direction) in [(0, red), (1, green)] {
                let [first, right, bottom] = corners.map(|corner| corner[channel] > 127);
                let found = match (first, right, bottom) {
                    (false, true, false) => "right",
                    (true, false, true) => "left",
                    (false, false, true) => "down",
                    (true, true, false) => "up",
                    other => panic!("orientation {orientation}: {other:?}"),
                };
                assert_eq!(found, direction, "orientation {orientation}, channel {channel}");
            }
        }
    }
}

#[test]
fn anchors_mean_the_upright_picture() {
    // Stored lying on its side: its right end is the bottom of the upright picture.
    let lying = draw(240, 120, Channels::Grey, |x, _| vec![if x < 120 { 0 } else { 255 }]);
    for (orientation, text, grey) in [(6, "60x60t", 0), (6, "60x60b", 255), (8, "60x60t", 255), (8, "60x60b", 0)] {
        let source = jpeg_with_exif(lying.clone(), &exif(orientation, true));
        let thumb = read(&make(&source, Format::Jpeg, text, plain(Format::Png)).unwrap(), Format::Png);
        assert!(thumb.pixels.iter().all(|value| value.abs_diff(grey) < 3), "orientation {orientation} at {text}");
    }
}

#[test]
fn exif_data_that_makes_no_sense_changes_nothing() {
    let good = exif(6, true);
    assert_eq!(Orientation::from_exif(&good), Orientation::Turn90);
    for end in 0..20 {
        assert_eq!(Orientation::from_exif(&good[..end]), Orientation::Upright, "cut at {end}");
    }
    for number in [0, 9, u16::MAX] {
        assert_eq!(Orientation::from_exif(&exif(number, false)), Orientation::Upright, "{number}");
    }
    let mut far = good.clone();
    far[4..8].fill(0xFF);
    let mut many = good.clone();
    many[8..10].fill(0xFF);
    many[10] = 7;
    for odd in [far, many, vec![0; 100]] {
        assert_eq!(Orientation::from_exif(&odd), Orientation::Upright, "{odd:?}");
    }
}

#[test]
fn orientation_of_png_and_webp_counts_too() {
    let header = png_writer::header(2, 1, 8, 0, 0);
    let rows = png_writer::stored(&[0, 10, 200]);
    let source = png_writer::png(&[(b"IHDR", header), (b"eXIf", exif(6, true)), (b"IDAT", rows)]);
    let thumb = read(&make(&source, Format::Png, "9x9f", plain(Format::Png)).unwrap(), Format::Png);
    assert_eq!((thumb.width, thumb.height, thumb.pixels), (1, 2, vec![10, 200]));

    let mut source = Vec::new();
    let mut encoder = image_webp::WebPEncoder::new(&mut source);
    encoder.set_exif_metadata(exif(6, false));
    encoder.encode(&[10, 200], 2, 1, image_webp::ColorType::L8).unwrap();
    let thumb = read(&make(&source, Format::WebP, "9x9f", plain(Format::Png)).unwrap(), Format::Png);
    assert_eq!((thumb.width, thumb.height), (1, 2));
    assert_eq!([pixel(&thumb, 0, 0)[0], pixel(&thumb, 0, 1)[0]], [10, 200]);
}
