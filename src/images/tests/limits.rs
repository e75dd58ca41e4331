//! Pictures that would cost too much are refused by their header.

use super::super::MAX_SOURCE_BYTES;
use super::*;

/// The error of reading the header only.
fn refusal(bytes: &[u8], format: Format) -> ImageError {
    let Err(error) = decode::open(Cursor::new(bytes), format) else { panic!("{format:?} was accepted") };
    error
}

fn png_of(width: u32, height: u32) -> Vec<u8> {
    png_writer::png(&[(b"IHDR", png_writer::header(width, height, 8, 6, 0)), (b"IDAT", png_writer::stored(&[0; 9]))])
}

fn jpeg_of(width: u16, height: u16) -> Vec<u8> {
    let [w, h] = [width, height].map(u16::to_be_bytes);
    let mut bytes = vec![0xFF, 0xD8, 0xFF, 0xC0, 0, 11, 8, h[0], h[1], w[0], w[1], 1, 1, 0x11, 0];
    bytes.extend([0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 0, 0xFF, 0xD9]);
    bytes
}

fn gif_of(width: u16, height: u16) -> Vec<u8> {
    let [w, h] = [width, height].map(u16::to_le_bytes);
    let mut bytes = b"GIF89a".to_vec();
    bytes.extend([w[0], w[1], h[0], h[1], 0x80, 0, 0, 0, 0, 0, 255, 255, 255]);
    bytes.extend([0x2C, 0, 0, 0, 0, w[0], w[1], h[0], h[1], 0, 2, 1, 0, 0, 0x3B]);
    bytes
}

fn chunk(name: [u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_le_bytes();
    [&name[..], &length, content, &[0][..content.len() % 2]].concat()
}

fn webp(chunks: &[u8]) -> Vec<u8> {
    chunk(*b"RIFF", &[b"WEBP", chunks].concat())
}

/// A `VP8X` chunk; `flags` 2 is animated.
fn canvas(flags: u8, width: u32, height: u32) -> Vec<u8> {
    let [w, h] = [width - 1, height - 1].map(u32::to_le_bytes);
    chunk(*b"VP8X", &[flags, 0, 0, 0, w[0], w[1], w[2], h[0], h[1], h[2]])
}

/// A `VP8 ` chunk whose frame has a header and no data to speak of.
fn lossy_frame(width: u16, height: u16) -> Vec<u8> {
    let [w, h] = [width, height].map(u16::to_le_bytes);
    chunk(*b"VP8 ", &[0x10, 0, 0, 0x9D, 0x01, 0x2A, w[0], w[1], h[0], h[1], 0, 0, 0, 0])
}

#[test]
fn bombs_are_refused_by_their_header() {
    let lossless_header = (0x3FFE_u32 | 0x3FFE << 14).to_le_bytes();
    let lossless = webp(&chunk(*b"VP8L", &[&[0x2F][..], &lossless_header, &[0; 8]].concat()));
    let table = [
        ("png", png_of(50_000, 50_000), Format::Png),
        ("png of one row", png_of(u32::MAX >> 1, 1), Format::Png),
        ("jpeg", jpeg_of(65_535, 65_535), Format::Jpeg),
        ("gif", gif_of(65_535, 65_535), Format::Gif),
        ("lossy webp", webp(&lossy_frame(16_383, 16_383)), Format::WebP),
        ("lossless webp", lossless, Format::WebP),
        ("webp canvas", webp(&[canvas(0, 65_536, 65_535), lossy_frame(9, 9)].concat()), Format::WebP),
    ];
    for (what, bytes, format) in table {
        let error = refusal(&bytes, format);
        assert!(matches!(error, ImageError::TooLarge(_)), "{what}: {error}");
    }
}

#[test]
fn frames_larger_than_they_may_be_are_refused_by_their_header() {
    let mut anmf = vec![0; 16];
    anmf.extend(lossy_frame(16_000, 16_000));
    let mut with_alpha = vec![0; 16];
    with_alpha.extend(chunk(*b"ALPH", &[0; 4]));
    with_alpha.extend(lossy_frame(16_000, 16_000));
    let decoy = [&[0; 16][..], &lossy_frame(2, 2)].concat();
    let anim = chunk(*b"ANIM", &[0; 6]);
    let table = [
        ("still", webp(&[canvas(0, 2, 2), lossy_frame(16_000, 16_000)].concat())),
        ("animated", webp(&[canvas(2, 2, 2), anim.clone(), chunk(*b"ANMF", &anmf)].concat())),
        ("animated with alpha", webp(&[canvas(2, 2, 2), anim, chunk(*b"ANMF", &with_alpha)].concat())),
        ("behind a decoy", webp(&[canvas(0, 2, 2), chunk(*b"ANMF", &decoy), lossy_frame(16_000, 16_000)].concat())),
    ];
    for (what, bytes) in table {
        let error = refusal(&bytes, Format::WebP);
        assert!(matches!(error, ImageError::Malformed(_)), "{what}: {error}");
    }
    let mut beyond_screen = gif_of(100, 100);
    beyond_screen[6] = 10;
    assert!(matches!(refusal(&beyond_screen, Format::Gif), ImageError::Malformed(_)));
}

#[test]
fn pictures_without_pixels_are_damaged() {
    for (bytes, format) in [
        (png_of(0, 5), Format::Png),
        (jpeg_of(5, 0), Format::Jpeg),
        (gif_of(0, 5), Format::Gif),
        (webp(&lossy_frame(0, 5)), Format::WebP),
    ] {
        let error = refusal(&bytes, format);
        assert!(matches!(error, ImageError::Malformed(_)), "{format:?}: {error}");
    }
}

/// A progressive JPEG with so many scans: the last one is repeated.
fn jpeg_with_scans(scans: usize) -> Vec<u8> {
    let last = PROGRESSIVE_JPEG.windows(2).rposition(|bytes| bytes == [0xFF, 0xDA]).unwrap();
    let scan = &PROGRESSIVE_JPEG[last..PROGRESSIVE_JPEG.len() - 2];
    let found = PROGRESSIVE_JPEG.windows(2).filter(|bytes| bytes == &[0xFF, 0xDA]).count();
    let mut bytes = PROGRESSIVE_JPEG[..last].to_vec();
    bytes.extend(scan.repeat(scans + 1 - found));
    bytes.extend([0xFF, 0xD9]);
    bytes
}

#[test]
fn scans_are_counted_before_they_are_decoded() {
    assert!(decode::open(Cursor::new(jpeg_with_scans(100)), Format::Jpeg).is_ok());
    assert!(matches!(refusal(&jpeg_with_scans(101), Format::Jpeg), ImageError::TooLarge(_)));
    // The larger the picture, the fewer: here 20 of 100 megapixels.
    let mut large = jpeg_with_scans(21);
    let frame = large.windows(2).position(|bytes| bytes == [0xFF, 0xC2]).unwrap();
    large[frame + 5..frame + 9].copy_from_slice(&[0x27, 0x10, 0x27, 0x10]);
    assert!(matches!(refusal(&large, Format::Jpeg), ImageError::TooLarge(_)));
}

#[test]
fn memory_is_estimated_for_decoder_and_result() {
    // 100 megapixels of RGBA fit alone, but not with a thumbnail as large as they come.
    let source = png_of(10_000, 10_000);
    assert!(matches!(make(&source, Format::Png, "8192x8192", plain(Format::Png)), Err(ImageError::TooLarge(_))));
    // Small enough to be tried: the data end too early.
    assert!(matches!(make(&source, Format::Png, "10x10", plain(Format::Png)), Err(ImageError::Malformed(_))));
    // Coefficients of progressive files count.
    let mut progressive = PROGRESSIVE_JPEG.to_vec();
    let frame = progressive.windows(2).position(|bytes| bytes == [0xFF, 0xC2]).unwrap();
    progressive[frame + 5..frame + 9].copy_from_slice(&[0x27, 0x10, 0x27, 0x10]);
    assert!(matches!(make(&progressive, Format::Jpeg, "10x10", plain(Format::Png)), Err(ImageError::TooLarge(_))));
}

#[test]
fn chunks_beside_the_pixels_cost_nothing() {
    let pixels = png_writer::stored(&[0, 7]);
    let header = png_writer::header(1, 1, 8, 0, 0);
    let megabytes = vec![b'a'; 4 << 20];
    for name in [b"tEXt", b"zTXt", b"iTXt", b"iCCP", b"prVt"] {
        let content = [b"name\0\0", megabytes.as_slice()].concat();
        let source = png_writer::png(&[(b"IHDR", header.clone()), (name, content), (b"IDAT", pixels.clone())]);
        let thumb = make(&source, Format::Png, "1x1", plain(Format::Png)).unwrap();
        assert_eq!(read(&thumb, Format::Png).pixels, [7], "{name:?}");
    }
    let source = png_writer::png(&[(b"IHDR", header), (b"eXIf", megabytes), (b"IDAT", pixels)]);
    assert!(matches!(refusal(&source, Format::Png), ImageError::TooLarge(_)));
}

/// A file that is only said to be long.
struct Long;

impl std::io::Read for Long {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Err(std::io::Error::other("nobody should read this"))
    }
}

impl std::io::BufRead for Long {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        Err(std::io::Error::other("nobody should read this"))
    }

    fn consume(&mut self, _: usize) {}
}

impl std::io::Seek for Long {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        Ok(if to == std::io::SeekFrom::End(0) { MAX_SOURCE_BYTES + 1 } else { 0 })
    }
}

#[test]
fn long_files_are_not_looked_at() {
    let Err(error) = Drawing::begin(Long, Format::Jpeg, size("1x1"), plain(Format::Jpeg)) else { panic!("accepted") };
    assert!(matches!(error, ImageError::TooLarge(_)), "{error:?}");
}

#[test]
fn a_reader_that_fails_is_not_a_damaged_picture() {
    for format in [Format::Jpeg, Format::Png, Format::Gif, Format::WebP] {
        let Err(error) = decode::open(Long, format) else { panic!("{format:?} was accepted") };
        assert!(matches!(error, ImageError::Read(_)), "{format:?}: {error:?}");
    }
}

#[test]
fn limits_leave_room_for_what_people_upload() {
    assert!(decode::open(Cursor::new(jpeg_of(12_000, 9_000)), Format::Jpeg).is_ok());
}
