//! Every format in and out.

use super::super::encode::memory;
use super::*;

const ALL: [Format; 4] = [Format::Jpeg, Format::Png, Format::Gif, Format::WebP];

#[test]
fn formats_have_names() {
    for format in ALL {
        assert_eq!(Format::of_content_type(format.content_type()), Some(format));
        assert_eq!(Format::from_name(format.extension()), Some(format));
    }
    assert_eq!(Format::of_content_type("Image/PNG; charset=x"), Some(Format::Png));
    assert_eq!(Format::from_name("jpeg"), Some(Format::Jpeg));
    for name in ["", "avif", "PNG", "image/png", "svg"] {
        assert_eq!(Format::from_name(name), None, "{name}");
    }
    for content_type in ["", "image/svg+xml", "image/bmp", "text/html", "png"] {
        assert_eq!(Format::of_content_type(content_type), None, "{content_type}");
    }
}

#[test]
fn every_format_becomes_every_other() {
    for from in ALL {
        let source = write(gradient(64, 48), from);
        for to in ALL {
            let thumb = make(&source, from, "32x24", plain(to)).unwrap();
            let is_right = match to {
                Format::Jpeg => thumb.starts_with(&[0xFF, 0xD8, 0xFF]),
                Format::Png => thumb.starts_with(b"\x89PNG"),
                Format::Gif => thumb.starts_with(b"GIF89a"),
                Format::WebP => &thumb[8..12] == b"WEBP",
            };
            assert!(is_right, "{from:?} to {to:?}");
            // Ends of the gradient are half a pixel further in.
            let expected = draw(32, 24, Channels::Rgb, |x, y| vec![share(2 * x + 1, 65), share(2 * y + 1, 49), 128]);
            let (thumb, what) = (read(&thumb, to), format!("{from:?} to {to:?}"));
            if from == Format::Gif || to == Format::Gif {
                assert_alike_on_average(&thumb, &expected, 8.0, &what);
            } else {
                assert_alike(&thumb, &expected, 16, &what);
            }
        }
    }
}

#[test]
fn samples_show_the_gradient() {
    let samples = [
        ("progressive.jpg", PROGRESSIVE_JPEG, Format::Jpeg),
        ("cmyk.jpg", CMYK_JPEG, Format::Jpeg),
        ("lossy.webp", LOSSY_WEBP, Format::WebP),
        ("animated_lossy.webp", ANIMATED_LOSSY_WEBP, Format::WebP),
        ("animated_lossless.webp", ANIMATED_LOSSLESS_WEBP, Format::WebP),
    ];
    for (name, bytes, format) in samples {
        let thumb = read(&make(bytes, format, "48x32", plain(Format::Png)).unwrap(), Format::Png);
        assert_alike(&thumb, &gradient(48, 32), 16, name);
    }
}

#[test]
fn alpha_is_kept_where_the_format_has_it() {
    // Left half transparent red, right half opaque green: no red may bleed into the edge.
    let picture = draw(64, 64, Channels::Rgba, |x, _| if x < 32 { vec![255, 0, 0, 0] } else { vec![0, 255, 0, 255] });
    for from in [Format::Png, Format::WebP] {
        let source = write(picture.clone(), from);
        for to in [Format::Png, Format::WebP, Format::Gif] {
            let thumb = read(&make(&source, from, "21x21", plain(to)).unwrap(), to);
            assert_eq!(thumb.channels, Channels::Rgba, "{from:?} to {to:?}");
            assert_eq!(pixel(&thumb, 2, 5)[3], 0, "{from:?} to {to:?}");
            assert_eq!(pixel(&thumb, 18, 5), [0, 255, 0, 255], "{from:?} to {to:?}");
            let is_clean = (0..21).all(|x| pixel(&thumb, x, 5)[3] == 0 || pixel(&thumb, x, 5)[0] < 4);
            assert!(is_clean, "{from:?} to {to:?}");
        }
        let thumb = read(&make(&source, from, "21x21", plain(Format::Jpeg)).unwrap(), Format::Jpeg);
        assert!(pixel(&thumb, 2, 5).iter().all(|&value| value > 245), "what was transparent is white in a JPEG");
    }
    let lossy = read(&make(ALPHA_LOSSY_WEBP, Format::WebP, "48x32", plain(Format::WebP)).unwrap(), Format::WebP);
    assert_eq!((pixel(&lossy, 4, 4)[3], pixel(&lossy, 40, 4)[3]), (0, 255));
}

#[test]
fn grey_stays_grey() {
    let picture = draw(40, 30, Channels::Grey, |x, _| vec![share(x, 40)]);
    for (from, to) in [(Format::Png, Format::Png), (Format::Png, Format::Jpeg), (Format::Jpeg, Format::Png)] {
        let thumb = read(&make(&write(picture.clone(), from), from, "40x30", plain(to)).unwrap(), to);
        assert_alike(&thumb, &picture, 3, &format!("{from:?} to {to:?}"));
    }
    let alpha = draw(8, 8, Channels::GreyAlpha, |x, y| vec![200, share(x + y, 15)]);
    let thumb = make(&write(alpha.clone(), Format::Png), Format::Png, "8x8", plain(Format::Png)).unwrap();
    assert_eq!(read(&thumb, Format::Png), alpha);
}

/// Depth, colour type, chunks before the pixels, rows of a 2 x 2 picture, pixels expected.
type PngKind = (u8, u8, Vec<(&'static [u8; 4], Vec<u8>)>, Vec<u8>, Vec<u8>);

#[test]
fn png_of_every_kind_is_read() {
    let palette = vec![0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255];
    let table: Vec<PngKind> = vec![
        (1, 0, vec![], vec![0, 0b0100_0000, 0, 0b1000_0000], vec![0, 255, 255, 0]),
        (2, 0, vec![], vec![0, 0b0001_0000, 0, 0b1011_0000], vec![0, 85, 170, 255]),
        (4, 0, vec![], vec![0, 0x0F, 0, 0x12], vec![0, 255, 17, 34]),
        (16, 0, vec![], vec![0, 1, 255, 2, 0, 0, 3, 0, 4, 9], vec![1, 2, 3, 4]),
        (
            8,
            3,
            vec![(b"PLTE", palette.clone())],
            vec![0, 0, 1, 0, 2, 3],
            vec![0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255],
        ),
        (
            2,
            3,
            vec![(b"PLTE", palette.clone())],
            vec![0, 0x10, 0, 0xB0],
            vec![0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255],
        ),
        (
            8,
            3,
            vec![(b"PLTE", palette), (b"tRNS", vec![0, 128])],
            vec![0, 0, 1, 0, 2, 3],
            vec![0, 0, 0, 0, 255, 0, 0, 128, 0, 255, 0, 255, 0, 0, 255, 255],
        ),
        (
            16,
            6,
            vec![],
            [&[0][..], &[1, 9, 2, 9, 3, 9, 255, 9].repeat(2), &[0], &[5, 0, 6, 0, 7, 0, 8, 0].repeat(2)].concat(),
            [[1, 2, 3, 255].repeat(2), [5, 6, 7, 8].repeat(2)].concat(),
        ),
    ];
    for (depth, colour, mut chunks, rows, expected) in table {
        chunks.insert(0, (b"IHDR", png_writer::header(2, 2, depth, colour, 0)));
        chunks.push((b"IDAT", png_writer::stored(&rows)));
        let thumb = make(&png_writer::png(&chunks), Format::Png, "2x2", plain(Format::Png)).unwrap();
        assert_eq!(read(&thumb, Format::Png).pixels, expected, "depth {depth}, colour type {colour}");
    }
}

#[test]
fn interlaced_png_is_read() {
    // 8 x 8 with Adam7: first pixel, step in both directions, by pass.
    let passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];
    let mut rows = Vec::new();
    for (left, top, across, down) in passes {
        for y in (top..8_u8).step_by(down) {
            rows.push(0);
            rows.extend((left..8_u8).step_by(across).map(|x| y * 8 + x));
        }
    }
    let chunks = [(b"IHDR", png_writer::header(8, 8, 8, 0, 1)), (b"IDAT", png_writer::stored(&rows))];
    let thumb = make(&png_writer::png(&chunks), Format::Png, "8x8", plain(Format::Png)).unwrap();
    assert_eq!(read(&thumb, Format::Png).pixels, (0..64).collect::<Vec<u8>>());
}

/// A GIF of 16 x 8 with one frame of 4 x 2, transparent where the index is 1.
fn gif_with_small_frame() -> Vec<u8> {
    let mut encoder = gif::Encoder::new(Vec::new(), 16, 8, &[255, 0, 0, 0, 255, 0]).unwrap();
    let frame = gif::Frame {
        left: 3,
        top: 2,
        width: 4,
        height: 2,
        transparent: Some(1),
        buffer: vec![0, 1, 0, 1, 0, 1, 0, 1].into(),
        ..gif::Frame::default()
    };
    encoder.write_frame(&frame).unwrap();
    encoder.into_inner().unwrap()
}

#[test]
fn of_a_gif_the_first_frame_is_read_and_no_other() {
    let thumb = make(&gif_with_small_frame(), Format::Gif, "9x9f", plain(Format::Png)).unwrap();
    let thumb = read(&thumb, Format::Png);
    assert_eq!((thumb.width, thumb.height), (4, 2), "the frame counts, not the screen");
    assert_eq!((pixel(&thumb, 0, 0), pixel(&thumb, 1, 0)[3]), (&[255, 0, 0, 255][..], 0));

    let mut animation = write(gradient(20, 20), Format::Gif);
    let first = make(&animation, Format::Gif, "20x20", plain(Format::Png)).unwrap();
    assert_eq!(animation.pop(), Some(0x3B), "the trailer");
    // A second frame larger than the screen whose data are none.
    animation.extend([0x2C, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 99, 99, 99]);
    assert_eq!(make(&animation, Format::Gif, "20x20", plain(Format::Png)).unwrap(), first);
}

#[test]
fn gif_thumbnails_of_many_colours_are_close() {
    let picture = gradient(64, 64);
    let thumb = make(&write(picture.clone(), Format::Png), Format::Png, "64x64", plain(Format::Gif)).unwrap();
    assert_alike_on_average(&read(&thumb, Format::Gif), &picture, 8.0, "a gif");
}

#[test]
fn quality_decides_how_close_and_how_large() {
    let noise = draw(64, 64, Channels::Rgb, |x, y| {
        let value = (x * 7919 + y * 104_729) % 251;
        vec![u8::try_from(value).unwrap(), u8::try_from(250 - value).unwrap(), u8::try_from(value / 2).unwrap()]
    });
    let source = write(noise.clone(), Format::Png);
    for format in [Format::Jpeg, Format::WebP] {
        let size = |quality| make(&source, Format::Png, "64x64", Output { format, quality }).unwrap().len();
        let sizes = [Some(1), Some(20), Some(60), Some(100)].map(size);
        assert!(sizes.is_sorted() && sizes[0] < sizes[3], "{format:?}: {sizes:?}");
        assert_eq!((size(Some(0)), size(Some(255))), (sizes[0], sizes[3]), "{format:?} out of range");
    }
    let png = |quality| make(&source, Format::Png, "64x64", Output { format: Format::Png, quality }).unwrap();
    assert_eq!(png(Some(1)), png(None));
    let lossless = make(&source, Format::Png, "64x64", plain(Format::WebP)).unwrap();
    assert_eq!(read(&lossless, Format::WebP), noise, "a WebP of a lossless source is lossless");
    let lossy = make(&write(noise, Format::Jpeg), Format::Jpeg, "64x64", plain(Format::WebP)).unwrap();
    assert!(&lossy[12..16] == b"VP8 ", "a WebP of a lossy source is lossy");
}

#[test]
fn a_format_refuses_sides_it_cannot_express() {
    for (format, longest) in [(Format::WebP, 16_383), (Format::Jpeg, 65_535), (Format::Gif, 65_535)] {
        assert!(memory(format, longest, 1).is_ok(), "{format:?}");
        assert!(matches!(memory(format, 1, longest + 1), Err(ImageError::TooLarge(_))), "{format:?}");
    }
    let wide = write(draw(1000, 3, Channels::Grey, |_, _| vec![9]), Format::Png);
    assert!(matches!(make(&wide, Format::Png, "0x60", plain(Format::WebP)), Err(ImageError::TooLarge(_))));
    for format in [Format::Png, Format::Jpeg, Format::Gif] {
        let thumb = make(&wide, Format::Png, "0x60", plain(format)).unwrap();
        assert_eq!(read(&thumb, format).width, 20_000, "{format:?}");
    }
}

proptest::proptest! {
    /// Whatever the pixels are, at quality 100 the decoder sees nearly the same.
    #[test]
    fn jpeg_survives_its_decoder(
        width in 1_u32..40,
        height in 1_u32..40,
        is_noise in proptest::bool::ANY,
        seed in 1_u32..1000,
    ) {
        let picture = draw(width, height, Channels::Grey, |x, y| {
            let noise = (x * 7919 + y * 104_729).wrapping_mul(seed) >> 3;
            // Either any grey, or black and white only, which makes the largest coefficients.
            vec![if is_noise { u8::try_from(noise % 256).unwrap() } else { u8::try_from(noise % 2).unwrap() * 255 }]
        });
        let bytes = encode::encode(picture.clone(), Output { format: Format::Jpeg, quality: Some(100) }, false).unwrap();
        assert_alike(&read(&bytes, Format::Jpeg), &picture, 4, "a grey picture");
    }
}
