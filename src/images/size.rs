//! What size a thumbnail has and which part of the picture it shows.

/// Longest side of a thumbnail that can be asked for.
pub const MAX_THUMB_SIDE: u32 = 8192;

/// Sources with a side below this are scaled before they are cropped, others cropped first. The reference does it so,
/// and the two differ by how edges are rounded.
const CROP_FIRST_FROM: u32 = 100;

/// A size as a `file` field declares it: `100x80`, `100x80t`, `100x80b`, `100x80f`, `100x0` or `0x80`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ThumbSize {
    width: u32,
    height: u32,
    mode: Mode,
}

/// What happens where the picture's shape differs from the thumbnail's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Mode {
    /// What stands out is cut off, at both ends or only at the bottom or top.
    Centre,
    Top,
    Bottom,
    /// The whole picture is shown, inside the size asked for.
    Fit,
}

impl ThumbSize {
    /// Reads `WxH`, `WxHt`, `WxHb`, `WxHf`, `Wx0` and `0xH`.
    ///
    /// `None` for anything else, for `0x0` and for sides longer than [`MAX_THUMB_SIDE`]. With one side 0 a letter at the end
    /// changes nothing.
    pub fn parse(text: &str) -> Option<Self> {
        let (numbers, mode) = match text.as_bytes().last()? {
            b't' => (&text[..text.len() - 1], Mode::Top),
            b'b' => (&text[..text.len() - 1], Mode::Bottom),
            b'f' => (&text[..text.len() - 1], Mode::Fit),
            _ => (text, Mode::Centre),
        };
        let (width, height) = numbers.split_once('x')?;
        let (width, height) = (side(width)?, side(height)?);
        (width > 0 || height > 0).then_some(Self { width, height, mode })
    }

    /// Works out the thumbnail of a picture of this size, neither side of which may be 0.
    pub(super) fn plan(self, source_width: u32, source_height: u32) -> Plan {
        let whole = Region { x: 0.0, y: 0.0, width: f64::from(source_width), height: f64::from(source_height) };
        if self.width == 0 {
            let width = proportional(self.height, source_width, source_height);
            return Plan { region: whole, cut: Cut::Before, width, height: self.height };
        }
        if self.height == 0 {
            let height = proportional(self.width, source_height, source_width);
            return Plan { region: whole, cut: Cut::Before, width: self.width, height };
        }
        match self.mode {
            Mode::Fit => self.fit(whole, source_width, source_height),
            Mode::Centre | Mode::Top | Mode::Bottom => {
                let (region, cut) = if source_width == self.width && source_height == self.height {
                    (whole, Cut::Before)
                } else if source_width.min(source_height) >= CROP_FIRST_FROM {
                    (self.crop(source_width, source_height), Cut::Before)
                } else {
                    (self.crop_scaled(source_width, source_height), Cut::After)
                };
                Plan { region, cut, width: self.width, height: self.height }
            }
        }
    }

    fn fit(self, whole: Region, source_width: u32, source_height: u32) -> Plan {
        if source_width <= self.width && source_height <= self.height {
            return Plan { region: whole, cut: Cut::Before, width: source_width, height: source_height };
        }
        // The limiting side is as asked for, the other one rounded down; where that would leave nothing, to nearest.
        let aspect = whole.width / whole.height;
        let (width, height) = if aspect > f64::from(self.width) / f64::from(self.height) {
            let height = whole_number(f64::from(self.width) / aspect);
            (self.width, if height == 0 { proportional(self.width, source_height, source_width) } else { height })
        } else {
            let width = whole_number(f64::from(self.height) * aspect);
            (if width == 0 { proportional(self.height, source_width, source_height) } else { width }, self.height)
        };
        Plan { region: whole, cut: Cut::Before, width, height }
    }

    /// The largest region of the thumbnail's shape, in whole pixels.
    fn crop(self, source_width: u32, source_height: u32) -> Region {
        let (width, height) = if self.is_wider_than(source_width, source_height) {
            let height = f64::from(source_width) * f64::from(self.height) / f64::from(self.width);
            (source_width, whole_number(height.max(1.0) + 0.5).min(source_height))
        } else {
            let width = f64::from(source_height) * f64::from(self.width) / f64::from(self.height);
            (whole_number(width.max(1.0) + 0.5).min(source_width), source_height)
        };
        Region {
            x: f64::from((source_width - width) / 2),
            y: f64::from(self.offset(source_height - height)),
            width: f64::from(width),
            height: f64::from(height),
        }
    }

    /// The region that whole pixels of the scaled picture show, without scaling what lies outside: of a picture one
    /// pixel wide and 60 000 high that would be a lot.
    fn crop_scaled(self, source_width: u32, source_height: u32) -> Region {
        let (scaled_width, scaled_height) = if self.is_wider_than(source_width, source_height) {
            (self.width, proportional(self.width, source_height, source_width).max(self.height))
        } else {
            (proportional(self.height, source_width, source_height).max(self.width), self.height)
        };
        let x_scale = f64::from(source_width) / f64::from(scaled_width);
        let y_scale = f64::from(source_height) / f64::from(scaled_height);
        Region {
            x: f64::from((scaled_width - self.width) / 2) * x_scale,
            y: f64::from(self.offset(scaled_height - self.height)) * y_scale,
            width: f64::from(self.width) * x_scale,
            height: f64::from(self.height) * y_scale,
        }
    }

    fn is_wider_than(self, width: u32, height: u32) -> bool {
        f64::from(width) / f64::from(height) < f64::from(self.width) / f64::from(self.height)
    }

    /// How much of the surplus height is cut off at the top.
    fn offset(self, surplus: u32) -> u32 {
        match self.mode {
            Mode::Top => 0,
            Mode::Bottom => surplus,
            Mode::Centre | Mode::Fit => surplus / 2,
        }
    }
}

/// The part of a picture that is shown, in pixels of the upright picture, and the size it is shown in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Plan {
    pub(super) region: Region,
    pub(super) cut: Cut,
    pub(super) width: u32,
    pub(super) height: u32,
}

/// When a region is cut out of its picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// Before scaling: pixels outside do not exist. The region is of whole pixels.
    Before,
    /// After scaling: pixels outside colour the edge.
    After,
}

/// A rectangle inside a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Region {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

fn side(digits: &str) -> Option<u32> {
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let side = if is_number { digits.parse().ok()? } else { return None };
    (side <= MAX_THUMB_SIDE).then_some(side)
}

/// `length * this / other`, rounded, and at least 1.
fn proportional(length: u32, this: u32, other: u32) -> u32 {
    whole_number((f64::from(length) * f64::from(this) / f64::from(other) + 0.5).max(1.0))
}

/// The number without its fraction.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a length; `as` saturates")]
fn whole_number(length: f64) -> u32 {
    length as u32
}
