//! `/api/sql`: the SQL console, for superusers only.

use std::sync::Arc;
use std::time::Instant;

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value as Json;

use super::request::require_superuser;
use super::{ApiError, AppState, AuthToken, QueryParameters, body, respond};
use crate::collections;
use crate::console::{self, ConsoleError, SqlAnswer, SqlForm};
use crate::db::{ReadTx, WriteTx};
use crate::identity::{TokenKind, verify};
use crate::query::Catalog;
use crate::settings;

/// Said of a body that cannot be read.
const MALFORMED: &str = "The submitted query cannot be read.";

/// Largest body, in bytes: the statements have at most some thousand characters.
const MAX_FORM_BYTES: usize = 256 * 1024;

/// `POST /api/sql`
pub(super) async fn run(
    state: web::Data<AppState>,
    request: HttpRequest,
    query: QueryParameters,
    token: AuthToken,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    require_superuser(&state, token.clone()).await?;
    let body = body::read_object(&request, payload, MAX_FORM_BYTES).await.map_err(|e| e.into_api(MALFORMED))?;
    let form: SqlForm = serde_json::from_value(Json::Object(body)).map_err(|_| ApiError::bad_request(MALFORMED))?;
    let started = Instant::now();
    let mut answer = if form.is_write() && !form.read_only {
        write(&state, token, form).await?
    } else {
        read(&state, token, form).await?
    };
    answer.exec_time = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    respond::json(serde_json::to_vec(&answer).map_err(ApiError::internal)?, query.get("fields"))
}

async fn read(state: &AppState, token: AuthToken, form: SqlForm) -> Result<SqlAnswer, ApiError> {
    let (catalog, now) = (state.catalog.clone(), state.db.clock().unix_seconds());
    let read = move |tx: &ReadTx<'_>| {
        let caller = verify(tx, &catalog.load(), token.as_deref(), TokenKind::Auth, now)?;
        Ok::<_, ApiError>(console::read(tx, caller.superuser()?, &form)?)
    };
    state.db.read_slow(read).await
}

async fn write(state: &AppState, token: AuthToken, form: SqlForm) -> Result<SqlAnswer, ApiError> {
    let (catalog, snapshot) = (state.catalog.clone(), state.settings.clone());
    let write = move |tx: &mut WriteTx<'_>| {
        let known = catalog.load_full();
        let now = tx.now_millis().div_euclid(1000);
        let caller = verify(tx, &known, token.as_deref(), TokenKind::Auth, now)?;
        let answer = console::write(tx, caller.superuser()?, &known, &form)?;
        // What no longer makes sense is refused while it can be undone.
        let unusable = |error: &dyn std::fmt::Display| {
            ConsoleError::Statement(format!("the collections or settings would be unusable: {error}"))
        };
        let collections = collections::store::load_all(tx).map_err(|e| unusable(&e))?;
        let is_left = |id: &str| collections.iter().any(|collection| collection.id == id);
        if let Some(gone) = known.schema().all().iter().find(|c| c.system && !is_left(&c.id)) {
            return Err(unusable(&format_args!("{} would be gone", gone.name)).into());
        }
        let settings = settings::load(tx).map_err(|e| unusable(&e))?;
        tx.after_commit(move || {
            if **snapshot.load() != settings {
                snapshot.store(Arc::new(settings));
            }
            catalog.store(Arc::new(Catalog::new(collections)));
        });
        Ok::<_, ApiError>(answer)
    };
    state.db.write_schema(write).await
}

impl From<ConsoleError> for ApiError {
    fn from(error: ConsoleError) -> Self {
        match error {
            ConsoleError::Invalid(errors) => Self::invalid("The submitted query is not valid.", &errors),
            ConsoleError::Statement(reason) => Self::bad_request(format!("The query failed: {reason}.")),
            ConsoleError::Db(error) => error.into(),
        }
    }
}
