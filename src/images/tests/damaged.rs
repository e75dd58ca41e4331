//! Damaged pictures: an error or a picture, never a panic.

use proptest::prelude::*;

use super::*;

/// One picture of each kind, a few kilobytes each.
fn samples() -> Vec<(&'static str, Format, Vec<u8>)> {
    let noise = draw(48, 40, Channels::Rgba, |x, y| {
        let value = (x * x * 31 + y * y * 17 + x * y) % 256;
        let alpha = if x < 10 { 90 } else { 255 };
        vec![u8::try_from(value).unwrap(), share(x, 48), share(y, 40), alpha]
    });
    let opaque = Picture { ..noise.clone().on_white() };
    vec![
        ("jpeg", Format::Jpeg, write(opaque.clone(), Format::Jpeg)),
        ("png", Format::Png, write(noise.clone(), Format::Png)),
        ("gif", Format::Gif, write(noise.clone(), Format::Gif)),
        ("lossless webp", Format::WebP, write(noise, Format::WebP)),
        ("progressive jpeg", Format::Jpeg, PROGRESSIVE_JPEG.to_vec()),
        ("cmyk jpeg", Format::Jpeg, CMYK_JPEG.to_vec()),
        ("lossy webp", Format::WebP, LOSSY_WEBP.to_vec()),
        ("lossy webp with alpha", Format::WebP, ALPHA_LOSSY_WEBP.to_vec()),
        ("animated lossy webp", Format::WebP, ANIMATED_LOSSY_WEBP.to_vec()),
        ("animated lossless webp", Format::WebP, ANIMATED_LOSSLESS_WEBP.to_vec()),
    ]
}

#[test]
fn truncated_pictures_are_damaged() {
    for (what, format, bytes) in samples() {
        // Of an animation the first frame may be whole.
        let must_fail = if what.starts_with("animated") { 0 } else { bytes.len() * 3 / 4 };
        for end in (0..bytes.len()).step_by(97).chain(0..64) {
            let result = make(&bytes[..end], format, "20x20", plain(Format::Png));
            let is_damaged = matches!(result, Err(ImageError::Malformed(_)));
            assert!(is_damaged || end >= must_fail, "{what} cut at {end}: {result:?}");
        }
    }
}

#[test]
fn pictures_of_another_format_are_damaged() {
    for (what, format, bytes) in samples() {
        for other in [Format::Jpeg, Format::Png, Format::Gif, Format::WebP] {
            let result = make(&bytes, other, "20x20", plain(Format::Png));
            assert_eq!(result.is_ok(), other == format, "{what} as {other:?}: {result:?}");
        }
    }
    for html in [&b""[..], b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\xFF\xD8<script>alert(1)</script>"] {
        let result = make(html, Format::Jpeg, "20x20", plain(Format::Png));
        assert!(matches!(result, Err(ImageError::Malformed(_))), "{result:?}");
    }
}

#[test]
fn what_follows_the_picture_does_not_matter() {
    for (what, format, bytes) in samples() {
        let whole = make(&bytes, format, "20x20", plain(Format::Png)).unwrap();
        let followed = [&bytes[..], b"<script>\xFF\xDA\xFF\xC0"].concat();
        assert_eq!(make(&followed, format, "20x20", plain(Format::Png)).unwrap(), whole, "{what}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever is changed in a picture, the answer is a thumbnail or an error.
    #[test]
    fn changed_pictures_do_not_panic(
        sample in 0_usize..10,
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..12),
        in_header in any::<bool>(),
    ) {
        let (what, format, mut bytes) = samples().swap_remove(sample);
        let range = if in_header { bytes.len().min(200) } else { bytes.len() };
        for (at, value) in changes {
            bytes[at.index(range)] = value;
        }
        if let Ok(thumb) = make(&bytes, format, "20x20", plain(Format::Png)) {
            let thumb = read(&thumb, Format::Png);
            prop_assert_eq!((thumb.width, thumb.height), (20, 20), "{}", what);
        }
    }

    /// Bytes that begin like a picture and go on at random.
    #[test]
    fn random_bytes_do_not_panic(
        sample in 0_usize..10,
        keep in 0_usize..300,
        rest in proptest::collection::vec(any::<u8>(), 0..600),
    ) {
        let (_, format, mut bytes) = samples().swap_remove(sample);
        bytes.truncate(keep);
        bytes.extend(rest);
        if let Ok(thumb) = make(&bytes, format, "20x20f", plain(Format::WebP)) {
            let thumb = read(&thumb, Format::WebP);
            prop_assert!(thumb.width <= 20 && thumb.height <= 20);
        }
    }
}
