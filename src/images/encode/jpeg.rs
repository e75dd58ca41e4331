//! Baseline JPEG (ITU-T T.81): grey, or YCbCr with chrominance at half the resolution.
//!
//! Written here because what there is in Rust either has four times the running time and larger files (full chrominance
//! only), or a licence this project does not take. It knows nothing but what thumbnails need.

use super::super::picture::{Channels, Picture};
use super::jpeg_tables::{HUFFMAN, HuffmanTable, ZIGZAG, quantization};

/// Eight rows of eight values; operations on a whole row become vector instructions.
type Block = [[f32; 8]; 8];

/// Largest coefficient that a code exists for, beside the first of a block.
const MAX_COEFFICIENT: i32 = 1023;

/// Writes a picture without alpha, each side at most 65 535. `quality` is 1 to 100.
pub(super) fn encode(picture: &Picture, quality: u8) -> Vec<u8> {
    let steps = quantization(quality);
    let is_grey = picture.channels == Channels::Grey;
    let mut bytes = Vec::with_capacity(picture.pixels.len() / 4 + 1024);
    write_headers(&mut bytes, picture, &steps);
    let mut scan = Scan::new(bytes);
    let factors = steps.map(|steps| transform_factors(&steps));
    if is_grey {
        write_grey(&mut scan, picture, &factors[0]);
    } else {
        write_colour(&mut scan, picture, &factors);
    }
    let mut bytes = scan.finish();
    bytes.extend([0xFF, 0xD9]);
    bytes
}

fn write_headers(bytes: &mut Vec<u8>, picture: &Picture, steps: &[[u8; 64]; 2]) {
    let is_grey = picture.channels == Channels::Grey;
    bytes.extend([0xFF, 0xD8]);
    // JFIF 1.1, square pixels, no preview.
    segment(bytes, 0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    let tables = if is_grey { 1 } else { 2 };
    for (id, steps) in (0..).zip(&steps[..tables]) {
        let mut content = vec![id];
        content.extend(ZIGZAG.map(|at| steps[usize::from(at)]));
        segment(bytes, 0xDB, &content);
    }
    let [height, width] = [picture.height, picture.width].map(|side| u16::try_from(side).unwrap_or(u16::MAX));
    let mut frame = vec![8];
    frame.extend(height.to_be_bytes());
    frame.extend(width.to_be_bytes());
    // Number of components; of each id, sampling factors and quantization table. Then the same for the scan.
    frame.extend_from_slice(if is_grey { &[1, 1, 0x11, 0] } else { &[3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1] });
    segment(bytes, 0xC0, &frame);
    for table in &HUFFMAN[..tables * 2] {
        let mut content = vec![table.id];
        content.extend(table.lengths);
        content.extend(table.symbols);
        segment(bytes, 0xC4, &content);
    }
    let scan: &[u8] = if is_grey { &[1, 1, 0, 0, 63, 0] } else { &[3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0] };
    segment(bytes, 0xDA, scan);
}

fn segment(bytes: &mut Vec<u8>, marker: u8, content: &[u8]) {
    let length = u16::try_from(content.len() + 2).expect("tables and headers are short");
    bytes.extend([0xFF, marker]);
    bytes.extend(length.to_be_bytes());
    bytes.extend(content);
}

fn write_grey(scan: &mut Scan, picture: &Picture, factors: &Block) {
    for top in (0..picture.height as usize).step_by(8) {
        for left in (0..picture.width as usize).step_by(8) {
            let mut block = Block::default();
            for (y, row) in block.iter_mut().enumerate() {
                for (x, value) in row.iter_mut().enumerate() {
                    *value = f32::from(pixel::<1>(picture, left + x, top + y)[0]) - 128.0;
                }
            }
            scan.write_block(block, factors, 0);
        }
    }
}

/// Writes squares of 16 by 16 pixels: four blocks of luminance, one of each chrominance.
fn write_colour(scan: &mut Scan, picture: &Picture, [luminance, chrominance]: &[Block; 2]) {
    for top in (0..picture.height as usize).step_by(16) {
        for left in (0..picture.width as usize).step_by(16) {
            let mut y_blocks = [Block::default(); 4];
            let mut blue_block = Block::default();
            let mut red_block = Block::default();
            for y in 0..16 {
                for x in 0..16 {
                    let [red, green, blue] = pixel::<3>(picture, left + x, top + y).map(f32::from);
                    // JFIF 1.02, less 128: Y, and Cb and Cr as the mean of four pixels.
                    y_blocks[y / 8 * 2 + x / 8][y % 8][x % 8] = 0.299 * red + 0.587 * green + 0.114 * blue - 128.0;
                    blue_block[y / 2][x / 2] += 0.25 * (-0.168_736 * red - 0.331_264 * green + 0.5 * blue);
                    red_block[y / 2][x / 2] += 0.25 * (0.5 * red - 0.418_688 * green - 0.081_312 * blue);
                }
            }
            for block in y_blocks {
                scan.write_block(block, luminance, 0);
            }
            scan.write_block(blue_block, chrominance, 1);
            scan.write_block(red_block, chrominance, 2);
        }
    }
}

/// A pixel; beyond the right and lower edge the one at the edge is repeated.
fn pixel<const CHANNELS: usize>(picture: &Picture, x: usize, y: usize) -> [u8; CHANNELS] {
    let x = x.min(picture.width as usize - 1);
    let y = y.min(picture.height as usize - 1);
    let pixels = picture.pixels.as_chunks().0;
    pixels[y * picture.width as usize + x]
}

/// What each transformed value must be multiplied with: the scale the fast transform leaves out, and the step.
fn transform_factors(steps: &[u8; 64]) -> Block {
    // 1, and cos(k * pi / 16) * sqrt(2) for k from 1 to 7.
    const SCALE: [f32; 8] = [1.0, 1.387_039_8, 1.306_563, 1.175_875_6, 1.0, 0.785_694_96, 0.541_196_1, 0.275_899_38];
    let mut factors = Block::default();
    for (at, &step) in steps.iter().enumerate() {
        let (row, column) = (at / 8, at % 8);
        factors[row][column] = 1.0 / (f32::from(step) * SCALE[row] * SCALE[column] * 8.0);
    }
    factors
}

/// The discrete cosine transform of Arai, Agui and Nakajima (1988) along columns, for all eight at once.
fn transform_columns(block: &Block) -> Block {
    let mut result = Block::default();
    for x in 0..8 {
        let at = |row: usize| block[row][x];
        let (sum0, difference7) = (at(0) + at(7), at(0) - at(7));
        let (sum1, difference6) = (at(1) + at(6), at(1) - at(6));
        let (sum2, difference5) = (at(2) + at(5), at(2) - at(5));
        let (sum3, difference4) = (at(3) + at(4), at(3) - at(4));

        let (even0, even3) = (sum0 + sum3, sum0 - sum3);
        let (even1, even2) = (sum1 + sum2, sum1 - sum2);
        let turned = (even2 + even3) * std::f32::consts::FRAC_1_SQRT_2;
        result[0][x] = even0 + even1;
        result[4][x] = even0 - even1;
        result[2][x] = even3 + turned;
        result[6][x] = even3 - turned;

        let odd0 = difference4 + difference5;
        let odd1 = difference5 + difference6;
        let odd2 = difference6 + difference7;
        let shared = (odd0 - odd2) * 0.382_683_43;
        let low = 0.541_196_1 * odd0 + shared;
        let high = 1.306_563 * odd2 + shared;
        let middle = odd1 * std::f32::consts::FRAC_1_SQRT_2;
        let (outer, inner) = (difference7 + middle, difference7 - middle);
        result[5][x] = inner + low;
        result[3][x] = inner - low;
        result[1][x] = outer + high;
        result[7][x] = outer - high;
    }
    result
}

fn transpose(block: &Block) -> Block {
    std::array::from_fn(|row| std::array::from_fn(|column| block[column][row]))
}

/// The entropy-coded data.
struct Scan {
    bytes: Vec<u8>,
    /// Bits that are not written yet, the last one lowest.
    pending: u64,
    pending_bits: u32,
    /// Code and length by symbol: DC and AC of luminance, DC and AC of chrominance.
    codes: [[(u16, u8); 256]; 4],
    /// The first coefficient of the component's last block.
    last_dc: [i32; 3],
}

impl Scan {
    fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, pending: 0, pending_bits: 0, codes: HUFFMAN.map(|table| assign_codes(&table)), last_dc: [0; 3] }
    }

    /// Transforms, quantizes and writes one block. `component` is 0 for luminance, 1 and 2 for chrominance.
    fn write_block(&mut self, block: Block, factors: &Block, component: usize) {
        // Columns, then rows, which leaves the block transposed back.
        let transformed = transpose(&transform_columns(&transpose(&transform_columns(&block))));
        let mut coefficients = [0; 64];
        for ((row, factors), row_out) in transformed.iter().zip(factors).zip(coefficients.as_chunks_mut::<8>().0) {
            for ((value, factor), coefficient) in row.iter().zip(factors).zip(row_out) {
                *coefficient = nearest(value * factor);
            }
        }
        let tables = if component == 0 { 0 } else { 2 };
        let difference = coefficients[0] - self.last_dc[component];
        self.last_dc[component] = coefficients[0];
        self.write_value(tables, 0, difference);

        let mut zeros = 0;
        for at in &ZIGZAG[1..] {
            let value = coefficients[usize::from(*at)].clamp(-MAX_COEFFICIENT, MAX_COEFFICIENT);
            if value == 0 {
                zeros += 1;
                continue;
            }
            while zeros > 15 {
                self.write_symbol(tables + 1, 0xF0);
                zeros -= 16;
            }
            self.write_value(tables + 1, zeros, value);
            zeros = 0;
        }
        if zeros > 0 {
            self.write_symbol(tables + 1, 0);
        }
    }

    /// Writes the symbol for a run of zeros and a value's length, then the value's bits.
    fn write_value(&mut self, table: usize, zeros: u8, value: i32) {
        let length = 32 - value.unsigned_abs().leading_zeros();
        let length_bits = u8::try_from(length).expect("a coefficient has at most 12 bits");
        self.write_symbol(table, zeros << 4 | length_bits);
        // Negative values are written as their ones' complement.
        let bits = if value < 0 { value - 1 } else { value }.cast_unsigned();
        self.write_bits(u64::from(bits) & ((1 << length) - 1), length);
    }

    fn write_symbol(&mut self, table: usize, symbol: u8) {
        let (code, length) = self.codes[table][usize::from(symbol)];
        self.write_bits(code.into(), length.into());
    }

    fn write_bits(&mut self, bits: u64, count: u32) {
        self.pending = self.pending << count | bits;
        self.pending_bits += count;
        while self.pending_bits >= 8 {
            self.pending_bits -= 8;
            let byte = (self.pending >> self.pending_bits).to_le_bytes()[0];
            self.bytes.push(byte);
            if byte == 0xFF {
                self.bytes.push(0);
            }
        }
    }

    /// Fills the last byte with ones.
    fn finish(mut self) -> Vec<u8> {
        self.write_bits(0x7F, 7);
        self.bytes
    }
}

/// Assigns codes in order of their length (annex C).
fn assign_codes(table: &HuffmanTable) -> [(u16, u8); 256] {
    let mut codes = [(0, 0); 256];
    let mut symbols = table.symbols.iter();
    let mut code = 0;
    for (length, &count) in (1..).zip(&table.lengths) {
        for &symbol in symbols.by_ref().take(count.into()) {
            codes[usize::from(symbol)] = (code, length);
            code += 1;
        }
        code <<= 1;
    }
    codes
}

#[expect(clippy::cast_possible_truncation, reason = "coefficients of 8-bit samples are within 16 bits")]
fn nearest(value: f32) -> i32 {
    // Adding and subtracting this leaves no room for a fraction, and needs no call where the processor has no rounding.
    const NO_FRACTION: f32 = 12_582_912.0;
    ((value + NO_FRACTION) - NO_FRACTION) as i32
}
