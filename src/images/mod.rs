//! Thumbnails: from an uploaded picture to a small one in the same or another format.
//!
//! [`Drawing`] knows nothing but its input: it reads the picture from the reader it is given and returns bytes. That
//! takes milliseconds to seconds of processor time, so it belongs on a bounded pool of threads. Where pictures come from,
//! where thumbnails are kept and who may ask for one is not known here.
//!
//! What a client uploads is hostile until shown otherwise. Size and structure are read from the header first, and nothing
//! is decoded whose cost, estimated from them, goes beyond [`MAX_PIXELS`] and [`MAX_MEMORY_BYTES`].

mod decode;
mod encode;
mod orientation;
mod picture;
mod resize;
mod size;

#[cfg(test)]
mod tests;

use std::io::{BufRead, Seek};

pub use size::{MAX_THUMB_SIDE, ThumbSize};

/// Most pixels a picture may have: some more than the 108 megapixels of common phones.
pub const MAX_PIXELS: u64 = 128_000_000;

/// Most memory one thumbnail may take, as estimated from the headers: decoder, pixels of the source and of the result.
pub const MAX_MEMORY_BYTES: u64 = 400 << 20;

/// Longest file that is looked at.
pub const MAX_SOURCE_BYTES: u64 = 256 << 20;

/// A picture format that thumbnails are made from and written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Baseline and progressive JPEG.
    Jpeg,
    /// PNG; of an APNG the default image.
    Png,
    /// GIF; of an animation the first frame.
    Gif,
    /// WebP, lossy and lossless; of an animation the first frame.
    WebP,
}

impl Format {
    /// The MIME type, as in `Content-Type`.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
        }
    }

    /// The format of a MIME type; parameters after a `;` and case do not matter.
    pub fn of_content_type(content_type: &str) -> Option<Self> {
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        match essence.to_ascii_lowercase().as_str() {
            "image/jpeg" | "image/jpg" => Some(Self::Jpeg),
            "image/png" => Some(Self::Png),
            "image/gif" => Some(Self::Gif),
            "image/webp" => Some(Self::WebP),
            _ => None,
        }
    }

    /// The usual extension of file names, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Gif => "gif",
            Self::WebP => "webp",
        }
    }

    /// The format people call `jpeg` or `jpg`, `png`, `gif` or `webp`, in lower case.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "jpeg" | "jpg" => Some(Self::Jpeg),
            "png" => Some(Self::Png),
            "gif" => Some(Self::Gif),
            "webp" => Some(Self::WebP),
            _ => None,
        }
    }
}

/// How a thumbnail is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Output {
    /// The format of the result.
    pub format: Format,
    /// 1 to 100, where 100 is best; values outside are taken as the nearest inside. PNG and GIF have no quality.
    ///
    /// Without one a JPEG has quality 95. A WebP made from a lossy source has 80, one made from a lossless source is
    /// lossless.
    pub quality: Option<u8>,
}

/// Why there is no thumbnail of a picture.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// The bytes break the rules of their format, or end too early.
    #[error("the picture is damaged: {0}")]
    Malformed(String),
    /// More pixels, bytes, memory or work than the limits allow, in the source or in the result.
    #[error("the picture is too large: {0}")]
    TooLarge(&'static str),
    /// A valid picture that uses a feature no decoder here has, such as arithmetic coding in a JPEG.
    #[error("the picture uses something unsupported: {0}")]
    Unsupported(String),
    /// The reader failed. That the data ended too early is [`Self::Malformed`].
    #[error("the picture cannot be read")]
    Read(#[source] std::io::Error),
}

impl From<std::io::Error> for ImageError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            // Decoders report both through the same type.
            std::io::ErrorKind::UnexpectedEof | std::io::ErrorKind::InvalidData | std::io::ErrorKind::InvalidInput => {
                Self::Malformed(error.to_string())
            }
            _ => Self::Read(error),
        }
    }
}

/// A thumbnail that can be made: the header of its picture was read, and is within the limits.
pub struct Drawing<'a> {
    decoder: Box<dyn decode::Decoder + 'a>,
    plan: size::Plan,
    output: Output,
    memory: u64,
}

impl<'a> Drawing<'a> {
    /// Reads the header of the picture in `source`, which is read from its beginning.
    ///
    /// `format` is what the bytes are known to be.
    ///
    /// # Errors
    /// [`ImageError`] of a picture that is refused because of what its header says.
    pub fn begin(
        mut source: impl BufRead + Seek + 'a,
        format: Format,
        size: ThumbSize,
        output: Output,
    ) -> Result<Self, ImageError> {
        let length = source.seek(std::io::SeekFrom::End(0))?;
        if length > MAX_SOURCE_BYTES {
            return Err(ImageError::TooLarge("its file is too long"));
        }
        source.rewind()?;
        let decoder = decode::open(source, format)?;
        let header = decoder.header();
        let (width, height) = header.orientation.turned(header.width, header.height);
        let plan = size.plan(width, height);
        let result_bytes = encode::memory(output.format, plan.width, plan.height)?;
        let memory = header.memory.saturating_add(result_bytes);
        if memory > MAX_MEMORY_BYTES {
            return Err(ImageError::TooLarge("it would take too much memory"));
        }
        Ok(Self { decoder, plan, output, memory })
    }

    /// Bytes that [`Self::finish`] takes at its peak, as estimated from the header.
    pub fn memory(&self) -> u64 {
        self.memory
    }

    /// Makes the thumbnail. The orientation that EXIF data asks for is applied, and no metadata is carried over. Blocks for
    /// as long as decoding takes.
    ///
    /// # Errors
    /// Any picture is either turned into a thumbnail or refused with an [`ImageError`], at the latest here.
    pub fn finish(self) -> Result<Vec<u8>, ImageError> {
        let header = self.decoder.header();
        let picture = resize::resize(self.decoder.read()?, self.plan, header.orientation);
        encode::encode(picture, self.output, header.is_lossy)
    }
}
