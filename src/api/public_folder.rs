//! The public folder at `/`: an app's static files, below everything else (reference part 3, section 19).

use std::path::{Component, Path, PathBuf};

use actix_files::NamedFile;
use actix_web::http::{Method, StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};

use super::{ApiError, AppState};

/// What a path of the URL stands for.
enum Found {
    File(PathBuf),
    Redirect(String),
    Nothing,
}

/// The same, with the file open.
enum Opened {
    File(Box<std::io::Result<NamedFile>>),
    Redirect(String),
    Nothing,
}

/// Any request no route took: a file of the public folder, or 404. Paths below `/api/` are never files, so that a
/// mistyped call does not get a page.
pub(super) async fn serve(state: web::Data<AppState>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let path = request.path().to_owned();
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if !is_read || path == "/api" || path.starts_with("/api/") || path.starts_with("/_/") {
        return Err(ApiError::not_found());
    }
    let (root, fallback) = (state.config.public.clone(), state.config.index_fallback);
    // `web::block` runs on the runtime's bounded set of blocking threads.
    let open = move || match find(&root, &path, fallback) {
        Found::File(path) => Opened::File(Box::new(NamedFile::open(path))),
        Found::Redirect(to) => Opened::Redirect(to),
        Found::Nothing => Opened::Nothing,
    };
    match web::block(open).await.map_err(ApiError::internal)? {
        Opened::Nothing => Err(ApiError::new(StatusCode::NOT_FOUND, "File not found.")),
        Opened::Redirect(to) => Ok(HttpResponse::MovedPermanently().insert_header((header::LOCATION, to)).finish()),
        Opened::File(file) => Ok(file.map_err(|_| ApiError::not_found())?.into_response(&request)),
    }
}

fn find(root: &Path, url_path: &str, fallback: bool) -> Found {
    let index = || if fallback { existing(root.join("index.html")) } else { Found::Nothing };
    let Some(relative) = relative_path(url_path) else { return index() };
    let path = root.join(&relative);
    let Ok(metadata) = path.metadata() else { return index() };
    if !is_below(root, &path) {
        return index();
    }
    // Location headers begin with exactly one slash: `//host` would lead elsewhere.
    let clean = format!("/{}", url_path.trim_start_matches(['/', '\\']));
    if metadata.is_dir() {
        if !url_path.ends_with('/') {
            return Found::Redirect(format!("{clean}/"));
        }
        let page = path.join("index.html");
        return if page.is_file() { Found::File(page) } else { index() };
    }
    if let Some(folder) = clean.strip_suffix("/index.html") {
        return Found::Redirect(format!("{folder}/"));
    }
    if clean.ends_with('/') {
        return Found::Redirect(clean.trim_end_matches('/').to_owned());
    }
    existing(path)
}

fn existing(path: PathBuf) -> Found {
    if path.is_file() { Found::File(path) } else { Found::Nothing }
}

/// The decoded path, if it has only ordinary names.
fn relative_path(url_path: &str) -> Option<PathBuf> {
    let decoded = percent_encoding::percent_decode_str(url_path).decode_utf8().ok()?;
    if decoded.contains(['\0', '\\']) {
        return None;
    }
    let path = PathBuf::from(decoded.trim_matches('/'));
    path.components().all(|c| matches!(c, Component::Normal(_))).then_some(path)
}

/// Whether the path, links followed, stays in the folder.
fn is_below(root: &Path, path: &Path) -> bool {
    match (root.canonicalize(), path.canonicalize()) {
        (Ok(root), Ok(path)) => path.starts_with(root),
        _ => false,
    }
}
