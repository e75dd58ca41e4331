//! Pictures for the tests: honest ones, and some that claim to be what they are not.

use std::borrow::Cow;

/// A PNG of one colour.
pub(super) fn png(width: u32, height: u32, colour: [u8; 3]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&colour.repeat((width * height) as usize)).unwrap();
    writer.finish().unwrap();
    out
}

/// Width and height of a PNG.
pub(super) fn png_size(bytes: &[u8]) -> (u32, u32) {
    assert!(bytes.starts_with(b"\x89PNG"), "no PNG");
    let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    (number(16), number(20))
}

/// A GIF of many frames.
pub(super) fn gif(width: u16, height: u16, frames: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = gif::Encoder::new(&mut out, width, height, &[0, 0, 0, 255, 0, 0]).unwrap();
    let mut frame = gif::Frame {
        width,
        height,
        buffer: Cow::Owned(vec![1; usize::from(width) * usize::from(height)]),
        ..gif::Frame::default()
    };
    frame.make_lzw_pre_encoded();
    for _ in 0..frames {
        encoder.write_lzw_pre_encoded_frame(&frame).unwrap();
    }
    drop(encoder);
    out
}

/// A chunk of a PNG.
fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    let sum = crc32fast::hash(&[kind.as_slice(), data].concat()).to_be_bytes();
    [length.as_slice(), &kind, data, &sum].concat()
}

/// Files of a few bytes that say they are pictures of 50 000 by 50 000 pixels (WebP can say so only of its canvas).
pub(super) fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    const SIDE: u16 = 50_000;
    let (big, little) = (SIDE.to_be_bytes(), SIDE.to_le_bytes());
    let side = u32::from(SIDE).to_be_bytes();
    let header = [side.as_slice(), &side, &[8, 6, 0, 0, 0]].concat();
    // An empty stream of zlib.
    let data = [0x78, 0x9c, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01];
    let png = [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(*b"IHDR", &header), chunk(*b"IDAT", &data), chunk(*b"IEND", &[])]
        .concat();
    let gif = [
        b"GIF89a".as_slice(),
        &little,
        &little,
        &[0x80, 0, 0, 0, 0, 0, 255, 255, 255],
        &[0x2c, 0, 0, 0, 0],
        &little,
        &little,
        &[0, 2, 2, 0x4c, 0x01, 0, 0x3b],
    ]
    .concat();
    let jpeg = [
        b"\xff\xd8\xff\xdb\x00\x43\x00".as_slice(),
        &[1; 64],
        b"\xff\xc2\x00\x11\x08",
        &big,
        &big,
        &[3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0],
        b"\xff\xda\x00\x0c\x03\x01\x00\x02\x00\x03\x00\x00\x3f\x00\x00\xff\xd9",
    ]
    .concat();
    let canvas = (u32::from(SIDE) - 1).to_le_bytes();
    let body = [b"WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00".as_slice(), &canvas[..3], &canvas[..3]].concat();
    let frame = [b"VP8L\x06\x00\x00\x00\x2f".as_slice(), &[0xff; 5]].concat();
    let body = [body, frame].concat();
    let webp = [b"RIFF".as_slice(), &u32::try_from(body.len()).unwrap().to_le_bytes(), &body].concat();
    vec![("bomb.png", png), ("bomb.gif", gif), ("bomb.jpg", jpeg), ("bomb.webp", webp)]
}
