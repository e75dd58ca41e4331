//! Pixels in memory, as decoders leave them and encoders take them.

/// What one pixel is made of, 8 bits each; alpha is not premultiplied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Channels {
    Grey = 1,
    GreyAlpha = 2,
    Rgb = 3,
    Rgba = 4,
}

impl Channels {
    pub(super) fn count(self) -> usize {
        self as usize
    }

    pub(super) fn has_alpha(self) -> bool {
        matches!(self, Self::GreyAlpha | Self::Rgba)
    }
}

/// A picture: rows from the top, without padding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) channels: Channels,
    /// `width * height * channels` bytes.
    pub(super) pixels: Vec<u8>,
}

impl Picture {
    /// The same picture with four channels.
    pub(super) fn into_rgba(self) -> Self {
        let pixels = match self.channels {
            Channels::Rgba => self.pixels,
            Channels::Rgb => self.pixels.as_chunks().0.iter().flat_map(|&[r, g, b]| [r, g, b, 255]).collect(),
            Channels::Grey => self.pixels.iter().flat_map(|&grey| [grey, grey, grey, 255]).collect(),
            Channels::GreyAlpha => self.pixels.as_chunks().0.iter().flat_map(|&[g, a]| [g, g, g, a]).collect(),
        };
        Self { channels: Channels::Rgba, pixels, ..self }
    }

    /// The same picture without an alpha channel, if every pixel is opaque.
    pub(super) fn without_idle_alpha(self) -> Self {
        let alpha = self.channels.count();
        if !self.channels.has_alpha() || self.pixels.chunks_exact(alpha).any(|pixel| pixel[alpha - 1] != 255) {
            return self;
        }
        self.without_alpha(|value, _| value)
    }

    /// The picture as it looks on white paper.
    pub(super) fn on_white(self) -> Self {
        if !self.channels.has_alpha() {
            return self;
        }
        self.without_alpha(|value, alpha| {
            let sum = u32::from(value) * u32::from(alpha) + 255 * (255 - u32::from(alpha));
            u8::try_from((sum + 127) / 255).unwrap_or(255)
        })
    }

    fn without_alpha(self, blend: impl Fn(u8, u8) -> u8) -> Self {
        let (channels, pixels) = match self.channels {
            Channels::GreyAlpha => {
                (Channels::Grey, self.pixels.as_chunks().0.iter().map(|&[g, a]| blend(g, a)).collect())
            }
            Channels::Rgba => {
                let pixels = self.pixels.as_chunks().0.iter();
                (Channels::Rgb, pixels.flat_map(|&[r, g, b, a]| [blend(r, a), blend(g, a), blend(b, a)]).collect())
            }
            other => (other, self.pixels),
        };
        Self { channels, pixels, ..self }
    }
}
