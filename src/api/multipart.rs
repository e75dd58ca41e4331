//! Multipart bodies: texts become the object a JSON body would have been, files go to the spool as they arrive.

use std::cell::Cell;
use std::rc::Rc;

use actix_multipart::{Field, Multipart};
use actix_web::error::PayloadError;
use actix_web::http::header::ContentDisposition;
use actix_web::{HttpRequest, web};
use futures_util::{Stream, StreamExt};
use serde_json::{Map, Value as Json};

use super::body::{self, BodyError, INLINE_BYTES};
use super::form_body::{self, MAX_FORM_PAIRS};
use crate::files::{Spool, Spooled};

/// Most files of one body.
const MAX_FILES: usize = 1000;

/// Files of one body that are kept in memory together, in bytes; beyond it all go to the disk at once.
const MAX_BYTES_IN_MEMORY: usize = 2 << 20;

/// What a part costs besides its content, in bytes: many empty parts must not be for free.
const PART_BYTES: usize = 64;

/// A body taken apart.
#[derive(Debug, Default)]
pub(super) struct Form {
    pub(super) values: Map<String, Json>,
    /// In the order they were sent.
    pub(super) files: Vec<Spooled>,
}

/// What is done with the files of a body.
#[derive(Clone, Copy)]
pub(super) enum FileParts<'a> {
    /// Nothing; they may be there.
    Ignored,
    /// They are received.
    Received {
        spool: &'a Spool,
        /// The most bytes of a file of this name that may come to be stored; `None` if none may.
        max_bytes: &'a dyn Fn(&str) -> Option<u64>,
        /// Bytes by which a body may be larger because of them. Texts may not: they are kept in memory.
        room: usize,
    },
}

impl FileParts<'_> {
    /// Bytes by which a body may be larger because of its files.
    pub(super) fn room(self) -> usize {
        match self {
            Self::Ignored => 0,
            Self::Received { room, .. } => room,
        }
    }
}

/// Bytes of a body that may still come, whatever they are: also what stands between and around its parts.
#[derive(Clone)]
struct Allowance {
    left: Rc<Cell<usize>>,
    is_spent: Rc<Cell<bool>>,
}

impl Allowance {
    fn new(bytes: usize) -> Self {
        Self { left: Rc::new(Cell::new(bytes)), is_spent: Rc::default() }
    }

    /// The body, which ends with an error where it goes beyond.
    fn bound(&self, payload: web::Payload) -> impl Stream<Item = Result<web::Bytes, PayloadError>> + use<> {
        let allowance = self.clone();
        body::chunks(payload).map(move |chunk| {
            let chunk = chunk?;
            let Some(left) = allowance.left.get().checked_sub(chunk.len()) else {
                allowance.is_spent.set(true);
                return Err(PayloadError::Overflow);
            };
            allowance.left.set(left);
            Ok(chunk)
        })
    }

    /// Why a body could not be read on.
    fn error(&self) -> BodyError {
        if self.is_spent.get() { BodyError::TooLarge } else { BodyError::Malformed }
    }
}

/// Reads a multipart body, of which all but the content of files has to keep to the limit.
pub(super) async fn read(
    request: &HttpRequest,
    payload: web::Payload,
    limit: usize,
    files: FileParts<'_>,
) -> Result<Form, BodyError> {
    let allowance = Allowance::new(limit.saturating_add(files.room()));
    let mut parts = Multipart::new(request.headers(), allowance.bound(payload));
    let mut reader = Reader { allowance, left: limit, texts: Vec::new(), files: Vec::new(), bytes_in_memory: 0 };
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(|_| reader.allowance.error())?;
        let name = part.name().unwrap_or_default().to_owned();
        reader.spend(name.len() + PART_BYTES)?;
        // Browsers send an empty name for a file that was not chosen.
        let file_name = part.content_disposition().map(file_name).unwrap_or_default();
        if file_name.is_empty() {
            reader.read_text(&mut part, name).await?;
        } else {
            reader.read_file(&mut part, name, file_name, files).await?;
        }
    }
    let Reader { left, texts, files, .. } = reader;
    let parse = move || form_body::object_of(texts).map_err(|_| BodyError::Malformed);
    let is_small = files.is_empty() && limit - left <= INLINE_BYTES;
    let values = if is_small { parse()? } else { web::block(parse).await.map_err(|_| BodyError::Malformed)?? };
    Ok(Form { values, files })
}

/// What a client calls the file of a part; clients that follow RFC 5987 write what is not ASCII as `filename*`.
fn file_name(disposition: &ContentDisposition) -> String {
    match disposition.get_filename_ext() {
        Some(extended) => String::from_utf8_lossy(&extended.value).into_owned(),
        None => disposition.get_filename().unwrap_or_default().to_owned(),
    }
}

struct Reader {
    allowance: Allowance,
    /// Bytes that may still be kept in memory for as long as the body is read.
    left: usize,
    texts: Vec<(String, String)>,
    files: Vec<Spooled>,
    bytes_in_memory: usize,
}

impl Reader {
    fn spend(&mut self, bytes: usize) -> Result<(), BodyError> {
        self.left = self.left.checked_sub(bytes).ok_or(BodyError::TooLarge)?;
        Ok(())
    }

    async fn read_text(&mut self, part: &mut Field, name: String) -> Result<(), BodyError> {
        if self.texts.len() == MAX_FORM_PAIRS {
            return Err(BodyError::Malformed);
        }
        let mut value = Vec::new();
        while let Some(chunk) = part.next().await {
            let chunk = chunk.map_err(|_| self.allowance.error())?;
            self.spend(chunk.len())?;
            value.extend_from_slice(&chunk);
        }
        self.texts.push((name, String::from_utf8_lossy(&value).into_owned()));
        Ok(())
    }

    async fn read_file(
        &mut self,
        part: &mut Field,
        name: String,
        file_name: String,
        files: FileParts<'_>,
    ) -> Result<(), BodyError> {
        let mut receiving = match files {
            FileParts::Ignored => None,
            FileParts::Received { spool, max_bytes, .. } => max_bytes(&name).map(|max| spool.receive(max)),
        };
        if receiving.is_some() && self.files.len() == MAX_FILES {
            return Err(BodyError::TooLarge);
        }
        while let Some(chunk) = part.next().await {
            let chunk = chunk.map_err(|_| self.allowance.error())?;
            if let Some(receiving) = &mut receiving {
                receiving.write(&chunk).await.map_err(BodyError::Files)?;
            }
        }
        let Some(mut receiving) = receiving else { return Ok(()) };
        if self.bytes_in_memory + receiving.bytes_in_memory() > MAX_BYTES_IN_MEMORY {
            receiving.flush().await.map_err(BodyError::Files)?;
        }
        let spooled = receiving.finish(name, file_name).await.map_err(BodyError::Files)?;
        self.bytes_in_memory += spooled.bytes_in_memory();
        self.files.push(spooled);
        Ok(())
    }
}
