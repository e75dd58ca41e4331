//! `/api/files`: downloads, thumbnails, tokens (reference part 3, section 10).

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::file_answer::{Caching, FileAnswer};
use super::file_body::FileContent;
use super::{ApiError, AppState, ClientIp, Incoming, body, respond};
use crate::auth;
use crate::db::{DbError, ReadTx};
use crate::files::{self, FilesError, Thumb, ThumbRequest};
use crate::identity::{Caller, TokenKind, verify};
use crate::images::{Format, Output};
use crate::query::Context;
use crate::records::{FilePath, FoundFile, RecordError, find_file};
use crate::storage::Opened;

/// How long a URL of a service that a download is sent to can be used.
const REDIRECT_FOR: Duration = Duration::from_mins(5);

/// What services say of an object that was put there without a content type: by another tool, or a moment ago.
const NOT_NOTED: [&str; 2] = ["", "binary/octet-stream"];

/// The parts of a file's path.
#[derive(Debug, Deserialize)]
pub(super) struct DownloadPath {
    collection: String,
    record: String,
    name: String,
}

impl Caching {
    fn of(found: &FoundFile) -> Self {
        if found.is_protected { Self::Protected } else { Self::Public }
    }
}

/// `POST /api/files/token`
pub(super) async fn token(
    state: web::Data<AppState>,
    request: HttpRequest,
    incoming: Incoming,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let sent = body::read_beside(&request, payload).await?;
    let now = state.db.clock().unix_millis();
    let asked = incoming.clone();
    let read = move |tx: &ReadTx<'_>| {
        let entered = asked.enter_read(tx, now, &sent)?;
        auth::file_token(tx, entered.request(), now.div_euclid(1000))
    };
    respond::json(state.db.read(read).await?, incoming.parameter("fields"))
}

/// `GET /api/files/{collection}/{record}/{name}`
pub(super) async fn download(
    state: web::Data<AppState>,
    request: HttpRequest,
    path: web::Path<DownloadPath>,
    incoming: Incoming,
    client: ClientIp,
) -> Result<HttpResponse, ApiError> {
    let thumb = thumb_request(&incoming)?;
    let incoming = Arc::new(incoming.within(Context::ProtectedFile));
    let found = find(&state, path.into_inner(), Arc::clone(&incoming), client).await?;
    let mut caching = Caching::of(&found);
    if let Some((size, thumb)) = thumb
        && found.has_thumb(&size)
    {
        match thumb_answer(&state, &request, &incoming, &found, &thumb).await? {
            Ok(answer) => return answer.respond(&request),
            Err(NoThumb::Never) => {}
            // A large picture must not be kept for long where a small one belongs.
            Err(NoThumb::Yet) => caching = Caching::None,
        }
    }
    original(&state, &request, &incoming, &found, caching).await
}

/// The file, if the caller may have it.
async fn find(
    state: &web::Data<AppState>,
    path: DownloadPath,
    incoming: Arc<Incoming>,
    client: ClientIp,
) -> Result<FoundFile, ApiError> {
    let path = FilePath { collection: path.collection, record: path.record, name: path.name };
    let now = state.db.clock().unix_millis();
    let may_be_superuser = state.superuser_may_come_from(client.0);
    let catalog = Arc::clone(&state.catalog);
    let read = move |tx: &ReadTx<'_>| {
        let catalog = catalog.load();
        let mut entered = None;
        let found = find_file(tx, &catalog, &path, || {
            let token = Some(incoming.parameter("token")).filter(|token| !token.is_empty());
            let mut caller = verify(tx, &catalog, token, TokenKind::File, now.div_euclid(1000))?;
            if caller.is_superuser() && !may_be_superuser {
                caller = Caller::Guest;
            }
            Ok::<_, DbError>(entered.insert(incoming.enter_as(caller, now)).request())
        })?;
        Ok::<_, RecordError>(found)
    };
    Ok(state.db.read(read).await?)
}

/// What the parameters ask for, if it can be a thumbnail; with its size as it was written.
fn thumb_request(incoming: &Incoming) -> Result<Option<(String, ThumbRequest)>, ApiError> {
    let size = incoming.parameter("thumb");
    if size.is_empty() {
        return Ok(None);
    }
    let output = match (incoming.parameter("format"), incoming.parameter("quality")) {
        ("", "") => None,
        (format, quality) => {
            let format = Format::from_name(format).ok_or_else(|| {
                ApiError::bad_request("The thumbnail's format must be one of jpeg, png, gif and webp.")
            })?;
            let quality = match quality {
                "" => None,
                text => Some(text.parse().ok().filter(|quality| (1..=100).contains(quality)).ok_or_else(|| {
                    ApiError::bad_request("The thumbnail's quality must be a whole number from 1 to 100.")
                })?),
            };
            Some(Output { format, quality })
        }
    };
    Ok(ThumbRequest::new(size, output).map(|request| (size.to_owned(), request)))
}

/// Why the file itself is sent.
enum NoThumb {
    /// There cannot be one.
    Never,
    /// There may be one later.
    Yet,
}

async fn thumb_answer(
    state: &AppState,
    request: &HttpRequest,
    incoming: &Incoming,
    found: &FoundFile,
    thumb: &ThumbRequest,
) -> Result<Result<FileAnswer, NoThumb>, ApiError> {
    let name = thumb.served_name(&found.key.name);
    Ok(match state.files.thumb(&found.key, thumb).await? {
        Thumb::Stored(opened) => Ok(file_answer(opened, &name, request, incoming, Caching::of(found)).await?),
        Thumb::Made(bytes) => {
            let content_type = files::sniff(&bytes[..bytes.len().min(files::HEAD_BYTES)]);
            let (content_type, disposition) = headers(content_type, &name, incoming);
            Ok(FileAnswer {
                size: bytes.len() as u64,
                content: FileContent::Bytes(bytes),
                modified: None,
                content_type,
                disposition,
                caching: Caching::of(found),
            })
        }
        Thumb::None => Err(NoThumb::Never),
        Thumb::Later => Err(NoThumb::Yet),
    })
}

/// The file itself, or the way to it.
async fn original(
    state: &AppState,
    request: &HttpRequest,
    incoming: &Incoming,
    found: &FoundFile,
    caching: Caching,
) -> Result<HttpResponse, ApiError> {
    let storage = state.files.storage()?;
    let path = found.key.path();
    let opened = storage.open(&path).await.map_err(FilesError::from)?;
    let answer = file_answer(opened, &found.key.name, request, incoming, caching).await?;
    // A signed URL is for one method only.
    if state.config.s3_redirect
        && request.method() == Method::GET
        && let Some(url) = storage.presigned_url(&path, REDIRECT_FOR, &answer.disposition, &answer.content_type).await
    {
        let url = url.map_err(FilesError::from)?;
        return Ok(HttpResponse::Found()
            .insert_header((header::LOCATION, url))
            .insert_header((header::CACHE_CONTROL, "private, no-store"))
            .finish());
    }
    answer.respond(request)
}

async fn file_answer(
    opened: Opened,
    name: &str,
    request: &HttpRequest,
    incoming: &Incoming,
    caching: Caching,
) -> Result<FileAnswer, ApiError> {
    let (content, size, modified, noted) = match opened {
        Opened::Local { file, size, modified } => {
            let file = FileContent::Local(Arc::new(file));
            let whole = if wants_whole(request) { file.read_now(&(0..size)) } else { None };
            (whole.map_or(file, FileContent::Bytes), size, modified, None)
        }
        Opened::Remote(file) => {
            let (size, modified) = (file.size(), file.modified());
            let noted = file.content_type().filter(|noted| !NOT_NOTED.contains(noted)).map(str::to_owned);
            (FileContent::Remote(Arc::new(file)), size, modified, noted)
        }
    };
    let (content_type, disposition) = match noted {
        Some(noted) => headers(&noted, name, incoming),
        None => headers(files::sniff(&content.head().await.map_err(ApiError::internal)?), name, incoming),
    };
    Ok(FileAnswer { content, size, modified: Some(modified), content_type, disposition, caching })
}

/// Whether the answer is going to be the whole file: nothing in the request asks for less.
fn wants_whole(request: &HttpRequest) -> bool {
    const LESS: [header::HeaderName; 5] = [
        header::RANGE,
        header::IF_NONE_MATCH,
        header::IF_MODIFIED_SINCE,
        header::IF_MATCH,
        header::IF_UNMODIFIED_SINCE,
    ];
    request.method() == Method::GET && !LESS.iter().any(|name| request.headers().contains_key(name))
}

/// `Content-Type` and `Content-Disposition`.
fn headers(content_type: &str, name: &str, incoming: &Incoming) -> (String, String) {
    let (content_type, is_inline) = files::served_type(content_type, name);
    let is_wanted = matches!(incoming.parameter("download"), "1" | "t" | "T" | "true" | "TRUE" | "True");
    (content_type.to_owned(), files::disposition(is_inline && !is_wanted, name))
}
