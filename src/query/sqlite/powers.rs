//! Between binary and decimal with the arithmetic of SQLite (`util.c`), which is a little less than exact.
//!
//! Rust's own conversions round the last digit rightly; SQLite's now and then do not, and texts of numbers must be
//! the same here as there.

/// `10^(27 * (index - 13))` as 96 bits beginning with a one: the upper 64 and the lower 32. The entry for `10^0` holds
/// `10^-1` instead.
const SCALES: [(u64, u32); 26] = [
    (0x8049_a4ac_0c58_11ae, 0x205b_896d),
    (0xcf42_894a_5dce_35ea, 0x5206_4cad),
    (0xa76c_5823_38ed_2621, 0xaf2a_f2b8),
    (0x873e_4f75_e222_4e68, 0x5a77_44a7),
    (0xda7f_5bf5_9096_6848, 0xaf39_a475),
    (0xb080_392c_c434_9dec, 0xbd8d_794e),
    (0x8e93_8662_882a_f53e, 0x547e_b47b),
    (0xe658_29b3_046b_0afa, 0x0cb4_a5a3),
    (0xba12_1a46_50e4_ddeb, 0x92f3_4d62),
    (0x964e_858c_91ba_2655, 0x3a6a_07f9),
    (0xf2d5_6790_ab41_c2a2, 0xfae2_7299),
    (0xc428_d05a_a475_1e4c, 0xaa97_e14c),
    (0x9e74_d1b7_91e0_7e48, 0x775e_a265),
    (0xcccc_cccc_cccc_cccc, 0xcccc_cccc),
    (0xcecb_8f27_f420_0f3a, 0x0000_0000),
    (0xa70c_3c40_a64e_6c51, 0x9990_90b6),
    (0x86f0_ac99_b4e8_dafd, 0x69a0_28bb),
    (0xda01_ee64_1a70_8de9, 0xe80e_6f48),
    (0xb01a_e745_b101_e9e4, 0x5ec0_5dd0),
    (0x8e41_ade9_fbeb_c27d, 0x1458_8f14),
    (0xe5d3_ef28_2a24_2e81, 0x8f16_68c9),
    (0xb9a7_4a06_37ce_2ee1, 0x6d95_3e2c),
    (0x95f8_3d0a_1fb6_9cd9, 0x4abd_af10),
    (0xf24a_01a7_3cf2_dccf, 0xbc63_3b39),
    (0xc3b8_3581_09e8_4f07, 0x0a86_2f81),
    (0x9e19_db92_b4e3_1ba9, 0x6c07_a2c2),
];

/// Place of `10^0` in [`SCALES`].
const MIDDLE: i32 = 13;

const MIN_POWER: i32 = -348;
const MAX_POWER: i32 = 347;

/// The binary logarithm of a power of ten, rounded down.
fn log2_of_power_of_10(power: i32) -> i32 {
    (power * 108_853) >> 15
}

/// The decimal logarithm of a power of two, rounded down.
fn log10_of_power_of_2(power: i32) -> i32 {
    (power * 78_913) >> 18
}

/// `10^n` shifted so that its first bit is a one, for `n` below 27; of the last ones the lowest bits would not fit.
fn small_power(n: i32) -> u64 {
    let power = 10_u128.pow(n.unsigned_abs());
    upper_half(power << power.leading_zeros())
}

fn upper_half(product: u128) -> u64 {
    (product >> 64) as u64
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is what is wanted")]
fn lower_half(product: u128) -> u64 {
    product as u64
}

/// The 96 bits of `10^power`, beginning with a one (`powerOfTen`).
fn power_of_10(power: i32) -> (u64, u32) {
    let scale = |index: i32| usize::try_from(index).ok().and_then(|index| SCALES.get(index)).copied().unwrap_or((0, 0));
    if power == -1 {
        return scale(MIDDLE);
    }
    if (0..27).contains(&power) {
        return (small_power(power), 0);
    }
    let (upper, lower) = scale(power.div_euclid(27) + MIDDLE);
    let rest = power.rem_euclid(27);
    if rest == 0 {
        return (upper, lower);
    }
    let factor = u128::from(small_power(rest));
    let product = u128::from(upper) * factor + ((u128::from(lower) * factor) >> 32);
    let (upper, lower) = (upper_half(product), (lower_half(product) >> 32) as u32);
    if upper >> 63 == 0 { (upper << 1 | u64::from(lower >> 31), lower << 1 | 1) } else { (upper, lower) }
}

/// `digits` times ten to the power of `power` (`sqlite3Fp10Convert2`).
pub(super) fn to_binary(digits: u64, power: i32) -> f64 {
    if digits == 0 || power < MIN_POWER {
        return 0.0;
    }
    if power > MAX_POWER {
        return f64::INFINITY;
    }
    let zeros = digits.leading_zeros().cast_signed();
    let log = log2_of_power_of_10(power);
    let mut exponent = zeros - 11 - log;
    if exponent >= 1130 {
        return 0.0;
    }
    exponent = exponent.min(1074);
    let shift = zeros - exponent - log - 3;
    let (mut upper, mut lower) = power_of_10(power);
    if lower != 0 {
        upper = upper.wrapping_add(1);
        lower = !lower;
    }
    let digits = u128::from(digits << zeros);
    let product = digits * u128::from(upper);
    let mut high = upper_half(product);
    let mut sticky = true;
    if high & ((1 << shift) - 1) == 0 {
        let middle = (lower_half(product) >> 32) as u32;
        let correction = (upper_half(digits * (u128::from(lower) << 32)) >> 32) as u32;
        sticky = middle.wrapping_sub(correction) > 1;
        high = high.wrapping_sub(u64::from(middle < correction));
    }
    let mut bits = (high >> shift) | u64::from(sticky);
    if bits >= (1 << 55) - 2 {
        bits = (bits >> 1) | (bits & 1);
        exponent -= 1;
    }
    let mantissa = (bits + 1 + ((bits >> 2) & 1)) >> 2;
    if exponent <= -972 {
        return f64::INFINITY;
    }
    let is_normal = mantissa & (1 << 52) != 0;
    let biased = if is_normal { u64::from((1075 - exponent).unsigned_abs()) } else { 0 };
    f64::from_bits((mantissa & !(1 << 52)) | biased << 52)
}

/// A positive finite number as a whole number of 18 or 19 digits times a power of ten (`sqlite3Fp2Convert10`).
pub(super) fn to_decimal(number: f64) -> (u64, i32) {
    let fraction = number.to_bits() & ((1 << 52) - 1);
    let biased = i32::try_from(number.to_bits() >> 52).unwrap_or(0);
    let (mantissa, exponent) = if biased == 0 {
        let zeros = fraction.leading_zeros();
        (fraction << zeros, -1074 - zeros.cast_signed())
    } else {
        (fraction << 11 | 1 << 63, biased - 1086)
    };
    let power = 17 - log10_of_power_of_2(exponent + 63);
    let high = upper_half(u128::from(mantissa) * u128::from(power_of_10(power).0));
    let high = high >> -(exponent + log2_of_power_of_10(power) + 2);
    ((high + ((high << 1) & 2)) >> 1, -power)
}
