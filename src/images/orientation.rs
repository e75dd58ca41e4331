//! How the camera was held: the orientation in EXIF data.

/// Longest EXIF data that is looked at; the orientation is in its first hundred bytes.
pub(super) const MAX_EXIF_BYTES: usize = 64 << 10;

const ORIENTATION_TAG: u16 = 0x0112;
const TYPE_SHORT: u16 = 3;

/// What must be done to stored pixels to see the picture upright. The numbers are those of EXIF.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Orientation {
    #[default]
    Upright = 1,
    MirrorX = 2,
    Turn180 = 3,
    MirrorY = 4,
    Transpose = 5,
    Turn90 = 6,
    Transverse = 7,
    Turn270 = 8,
}

impl Orientation {
    /// Reads the orientation from EXIF data, which begins with a TIFF header; upright if there is none.
    pub(super) fn from_exif(exif: &[u8]) -> Self {
        find_orientation(exif).unwrap_or_default()
    }

    fn from_number(number: u16) -> Option<Self> {
        let all = [
            Self::Upright,
            Self::MirrorX,
            Self::Turn180,
            Self::MirrorY,
            Self::Transpose,
            Self::Turn90,
            Self::Transverse,
            Self::Turn270,
        ];
        all.get(usize::from(number).checked_sub(1)?).copied()
    }

    /// Whether rows become columns.
    pub(super) fn swaps_sides(self) -> bool {
        matches!(self, Self::Transpose | Self::Turn90 | Self::Transverse | Self::Turn270)
    }

    /// Width and height of the upright picture.
    pub(super) fn turned(self, width: u32, height: u32) -> (u32, u32) {
        if self.swaps_sides() { (height, width) } else { (width, height) }
    }

    /// Whether the left end of a row of the upright picture is stored last.
    pub(super) fn reverses_x(self) -> bool {
        matches!(self, Self::MirrorX | Self::Turn180 | Self::Turn90 | Self::Transverse)
    }

    /// Whether the top end of a column of the upright picture is stored last.
    pub(super) fn reverses_y(self) -> bool {
        matches!(self, Self::Turn180 | Self::MirrorY | Self::Transverse | Self::Turn270)
    }
}

/// Looks through the first directory of the TIFF structure (TIFF 6.0, section 2).
fn find_orientation(exif: &[u8]) -> Option<Orientation> {
    let exif = &exif[..exif.len().min(MAX_EXIF_BYTES)];
    let is_little_endian = match exif.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let u16_at = |at: usize| {
        let bytes = *exif.get(at..)?.first_chunk()?;
        Some(if is_little_endian { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    };
    let u32_at = |at: usize| {
        let bytes = *exif.get(at..)?.first_chunk()?;
        Some(if is_little_endian { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    };
    let directory = usize::try_from(u32_at(4)?).ok()?;
    let entries = usize::from(u16_at(directory)?);
    for entry in 0..entries {
        let at = directory.checked_add(2 + entry * 12)?;
        if u16_at(at)? == ORIENTATION_TAG && u16_at(at + 2)? == TYPE_SHORT {
            return Orientation::from_number(u16_at(at + 8)?);
        }
    }
    None
}
