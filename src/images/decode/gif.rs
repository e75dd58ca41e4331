//! GIF: the first frame, by itself. Frames after it are not read.

use std::io::BufRead;

use gif::{ColorOutput, DecodeOptions, DecodingError, MemoryLimit};

use super::super::ImageError;
use super::super::orientation::Orientation;
use super::super::picture::{Channels, Picture};
use super::{Decoder, Header, check_size};

/// Most memory for each piece of metadata beside the pixels.
const MAX_EXTENSION_BYTES: u64 = 1 << 20;

pub(super) struct GifDecoder<S: BufRead> {
    reader: gif::Decoder<S>,
    width: u32,
    height: u32,
}

impl<S: BufRead> GifDecoder<S> {
    pub(super) fn open(source: S) -> Result<Self, ImageError> {
        let mut options = DecodeOptions::new();
        options.set_color_output(ColorOutput::Indexed);
        options.check_frame_consistency(true);
        options.allow_unknown_blocks(true);
        if let Ok(limit) = MAX_EXTENSION_BYTES.try_into() {
            options.set_memory_limit(MemoryLimit::Bytes(limit));
        }
        let mut reader = options.read_info(source).map_err(refuse)?;
        let Some(frame) = reader.next_frame_info().map_err(refuse)? else {
            return Err(ImageError::Malformed("an animation without frames".into()));
        };
        let (width, height) = (u32::from(frame.width), u32::from(frame.height));
        check_size(width, height)?;
        Ok(Self { reader, width, height })
    }
}

impl<S: BufRead> Decoder for GifDecoder<S> {
    fn header(&self) -> Header {
        Header {
            width: self.width,
            height: self.height,
            orientation: Orientation::Upright,
            // One byte a pixel as stored, and as many as it is expanded to.
            memory: Header::pixels(self.width, self.height) * (1 + Channels::Rgba as u64),
            is_lossy: false,
        }
    }

    fn read(mut self: Box<Self>) -> Result<Picture, ImageError> {
        let mut indices = vec![0; self.width as usize * self.height as usize];
        self.reader.read_into_buffer(&mut indices).map_err(refuse)?;
        let transparent = self.reader.current_frame_info().and_then(|frame| frame.transparent);
        let mut colours = [[0, 0, 0, 255]; 256];
        for (colour, &[red, green, blue]) in
            colours.iter_mut().zip(self.reader.palette().map_err(refuse)?.as_chunks().0)
        {
            *colour = [red, green, blue, 255];
        }
        let (channels, pixels) = if let Some(index) = transparent {
            colours[usize::from(index)] = [0; 4];
            (Channels::Rgba, indices.iter().flat_map(|&index| colours[usize::from(index)]).collect())
        } else {
            let colours = colours.map(|[red, green, blue, _]| [red, green, blue]);
            (Channels::Rgb, indices.iter().flat_map(|&index| colours[usize::from(index)]).collect())
        };
        Ok(Picture { width: self.width, height: self.height, channels, pixels })
    }
}

fn refuse(error: DecodingError) -> ImageError {
    match error {
        DecodingError::Io(error) => error.into(),
        DecodingError::MemoryLimit | DecodingError::OutOfMemory => {
            ImageError::TooLarge("a block beside the pixels is too long")
        }
        error => ImageError::Malformed(error.to_string()),
    }
}
