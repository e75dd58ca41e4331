//! Writes PNG files of any kind, chunk by chunk and without compression.

/// The bytes of a PNG, with the last chunk.
pub(super) fn png(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, content) in chunks.iter().map(|(name, content)| (*name, content.as_slice())).chain([(b"IEND", &[][..])])
    {
        bytes.extend(u32::try_from(content.len()).unwrap().to_be_bytes());
        let start = bytes.len();
        bytes.extend(name);
        bytes.extend(content);
        let checksum = crc32fast::hash(&bytes[start..]);
        bytes.extend(checksum.to_be_bytes());
    }
    bytes
}

/// The content of `IHDR`.
pub(super) fn header(width: u32, height: u32, depth: u8, colour: u8, interlace: u8) -> Vec<u8> {
    let mut content = width.to_be_bytes().to_vec();
    content.extend(height.to_be_bytes());
    content.extend([depth, colour, 0, 0, interlace]);
    content
}

/// The content of `IDAT`: rows with their filter byte, at most 65 535 bytes, as one stored block of a zlib stream.
pub(super) fn stored(rows: &[u8]) -> Vec<u8> {
    let length = u16::try_from(rows.len()).unwrap();
    let mut content = vec![0x78, 0x01, 0x01];
    content.extend(length.to_le_bytes());
    content.extend((!length).to_le_bytes());
    content.extend(rows);
    let (mut low, mut high) = (1_u32, 0_u32);
    for byte in rows {
        low = (low + u32::from(*byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    content.extend((high << 16 | low).to_be_bytes());
    content
}
