//! The picture of a service's user, for the file field it is mapped to.

use std::sync::Arc;

use crate::api::AppState;
use crate::auth::WantedPicture;
use crate::files::{FilesError, Placement, Spooled, Uploads};
use crate::http_client::{HttpClient, HttpError};
use crate::records;

/// Largest picture, in bytes, whatever its field allows.
const MAX_BYTES: u64 = 32 << 20;

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
enum PictureError {
    #[error("too many calls to other services are under way")]
    Busy,
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error("the field does not accept it: {0}")]
    Refused(std::borrow::Cow<'static, str>),
    #[error(transparent)]
    Files(#[from] FilesError),
}

/// Fetches the picture and stores it below the record that is going to be made. A picture that cannot be had keeps nobody
/// out: it is left away.
pub(super) async fn fetch(state: &AppState, wanted: WantedPicture) -> (Uploads, Option<Placement>) {
    match try_fetch(state, wanted).await {
        Ok((uploads, placement)) => (uploads, Some(placement)),
        Err(error) => {
            tracing::warn!(%error, "the picture of a new user is left away");
            (Uploads::default(), None)
        }
    }
}

async fn try_fetch(state: &AppState, wanted: WantedPicture) -> Result<(Uploads, Placement), PictureError> {
    let WantedPicture { collection, record, field, url } = wanted;
    let plan = state
        .catalog
        .load()
        .find(&collection)
        .cloned()
        .ok_or(PictureError::Refused("its collection is gone".into()))?;
    let max_bytes = records::max_upload_bytes(&plan, &field).unwrap_or_default().min(MAX_BYTES);
    let permit = Arc::clone(&state.oauth2_calls).try_acquire_owned().map_err(|_| PictureError::Busy)?;
    // The service says where it is, and anybody can be a service's user. A developer's own may be on the same machine.
    let client = if state.config.dev { HttpClient::trusted() } else { HttpClient::guarded() };
    let max_bytes = usize::try_from(max_bytes).unwrap_or(usize::MAX);
    let download = client.download(&url, max_bytes).await?;
    drop(permit);
    let file = Spooled::of_bytes(download.bytes, field, download.file_name);
    records::check_picture(&plan, &file.upload).map_err(|issue| PictureError::Refused(issue.code))?;
    let uploads = Uploads::new(collection.clone(), record.clone(), vec![file.upload.clone()]);
    let placement = state.files.place(&collection, &record, vec![file]).await?;
    Ok((uploads, placement))
}
