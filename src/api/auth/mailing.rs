//! Mails of auth flows: they are sent off the request path, and what depends on them is put right if that fails.

use crate::api::AppState;
use crate::auth::AuthError;
use crate::db::WriteTx;
use crate::mail::Message;

/// Queues a mail; `undo` runs in a write if it cannot be delivered. The mailer has logged why.
pub(super) fn deliver_or(
    state: &AppState,
    message: Message,
    undo: impl FnOnce(&mut WriteTx<'_>) -> Result<(), AuthError> + Send + 'static,
) {
    let delivery = state.mailer.queue(message);
    let db = state.db.clone();
    state.background.spawn(async move {
        if delivery.await.is_err()
            && let Err(error) = db.write(undo).await
        {
            tracing::warn!(%error, "what belonged to a mail that could not be sent is still there");
        }
    });
}
