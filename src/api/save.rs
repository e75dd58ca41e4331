//! Saving a record from a request: the body, its files, its passwords, the write.

use std::collections::HashSet;
use std::sync::Arc;

use actix_web::{HttpRequest, web};
use rusqlite::Connection;
use serde_json::{Map, Value as Json};

use super::body::{self, BodyError};
use super::multipart::{FileParts, Form};
use super::records::RecordPath;
use super::{ApiError, AppState, Incoming};
use crate::db::{ReadTx, WriteTx};
use crate::files::{Placement, Spooled, Uploads, name_in_body};
use crate::records::{
    self, Action, Answer, CreateRequest, PasswordWork, Record, RecordError, Request, SaveOptions, Saved, Sent,
    UpdateRequest,
};
use crate::schema::{Collection, Field, FieldOptions};

/// A record to be created or updated.
struct Save {
    action: Action,
    path: RecordPath,
    body: Map<String, Json>,
    passwords: PasswordWork,
    /// Named in the body.
    uploads: Uploads,
    options: SaveOptions,
}

impl Save {
    fn create_request(&self) -> CreateRequest<'_> {
        let Self { path, body, passwords, uploads, options, .. } = self;
        CreateRequest { collection: &path.collection, body, passwords, uploads, options: *options }
    }

    fn update_request(&self) -> UpdateRequest<'_> {
        let Self { path, body, passwords, uploads, .. } = self;
        UpdateRequest { collection: &path.collection, id: &path.id, body, passwords, uploads }
    }

    /// The record that would be stored.
    fn rehearse(&self, conn: &Connection, now_ms: i64, request: Request<'_>) -> Result<Record, RecordError> {
        match self.action {
            Action::Create => records::rehearse_create(conn, now_ms, request, &self.create_request()),
            _ => records::rehearse_update(conn, request, &self.update_request()),
        }
    }

    fn run(&self, tx: &mut WriteTx<'_>, request: Request<'_>) -> Result<Saved, RecordError> {
        match self.action {
            Action::Create => records::create(tx, request, &self.create_request()),
            _ => records::update(tx, request, &self.update_request()),
        }
    }
}

/// Creates or updates a record with what the request brings. Also yields the number of its last change.
pub(super) async fn save(
    state: &AppState,
    action: Action,
    path: RecordPath,
    request: &HttpRequest,
    incoming: &Incoming,
    payload: web::Payload,
) -> Result<(Answer, Option<i64>), ApiError> {
    let limit = admit(state, action, &path.collection, incoming).await?;
    let Form { values: mut body, files } = read(state, &path.collection, request, payload, limit).await?;
    let uploads = uploads_of(state, action, &path, &mut body, &files)?;
    let ((path, body, uploads), passwords) = hash_passwords(state, action, (path, body, uploads), incoming).await?;
    let save = Save { action, path, body, passwords, uploads, options: state.save_options() };
    let (save, placement) = if files.is_empty() { (save, None) } else { place(state, incoming, save, files).await? };
    let sent = incoming.clone();
    let write = move |tx: &mut WriteTx<'_>| {
        let entered = sent.enter(tx, tx.now_millis())?;
        let saved = save.run(tx, entered.request())?;
        if let Some(placement) = placement {
            placement.keep_with(tx)?;
        }
        Ok::<_, RecordError>((saved.into_answer(entered.request(), sent.parameter("expand"))?, tx.last_change()))
    };
    Ok(state.db.write(write).await?)
}

async fn read(
    state: &AppState,
    collection: &str,
    request: &HttpRequest,
    payload: web::Payload,
    limit: usize,
) -> Result<Form, ApiError> {
    let plan = state.catalog.load().find(collection).cloned().ok_or(RecordError::CollectionNotFound)?;
    let max_bytes = |key: &str| records::max_upload_bytes(&plan, key);
    let room = room_for(plan.collection(), |field| match &field.options {
        FieldOptions::File(options) => options.max_bytes().saturating_mul(options.max_select.max(1)),
        _ => 0,
    });
    let spool = state.files.spool();
    let room = room.min(usize::try_from(spool.max_bytes()).unwrap_or(usize::MAX));
    let files = FileParts::Received { spool, max_bytes: &max_bytes, room };
    body::read_form(request, payload, limit, files)
        .await
        .map_err(|error: BodyError| error.into_api(super::records::MALFORMED))
}

/// Names the files in the body, and finds out below which record they are going to be.
fn uploads_of(
    state: &AppState,
    action: Action,
    path: &RecordPath,
    body: &mut Map<String, Json>,
    files: &[Spooled],
) -> Result<Uploads, ApiError> {
    if files.is_empty() {
        return Ok(Uploads::default());
    }
    let plan = state.catalog.load().find(&path.collection).cloned().ok_or(RecordError::CollectionNotFound)?;
    let id = match action {
        Action::Create => {
            let now = state.db.clock().unix_millis();
            records::settle_id(&plan, body, now, state.save_options()).unwrap_or_default()
        }
        _ => path.id.clone(),
    };
    let uploads: Vec<_> = files.iter().map(|file| file.upload.clone()).collect();
    name_in_body(body, &uploads);
    Ok(Uploads::new(plan.collection().id.clone(), id, uploads))
}

/// Stores the files that the record is going to name. The save is rehearsed for that: what is refused anyway is not stored.
async fn place(
    state: &AppState,
    incoming: &Incoming,
    save: Save,
    files: Vec<Spooled>,
) -> Result<(Save, Option<Placement>), ApiError> {
    let (save, sent) = (Arc::new(save), incoming.clone());
    let rehearsed = Arc::clone(&save);
    let now = state.db.clock().unix_millis();
    let rehearse = move |tx: &ReadTx<'_>| {
        let entered = sent.enter_read(tx, now, &Map::new())?;
        let record = rehearsed.rehearse(tx, now, entered.request())?;
        let names: HashSet<String> = records::file_names(&record).cloned().collect();
        Ok::<_, ApiError>((record.collection().id.clone(), record.id().to_owned(), names))
    };
    let (collection, id, names) = state.db.read(rehearse).await?;
    let mut save = Arc::try_unwrap(save).map_err(|_| ApiError::internal("the rehearsal still holds its input"))?;
    let wanted: Vec<Spooled> = files.into_iter().filter(|file| names.contains(&file.upload.name)).collect();
    // A name that is in the record now and was not then is none that this record has: it is refused.
    save.uploads =
        Uploads::new(collection.clone(), id.clone(), wanted.iter().map(|file| file.upload.clone()).collect());
    if wanted.is_empty() {
        return Ok((save, None));
    }
    let placement = state.files.place(&collection, &id, wanted).await?;
    Ok((save, Some(placement)))
}

/// The largest body of a record of this collection, but for its files: the ordinary limit and room for its large fields.
///
/// Whoever may not write is turned away before the body is read, so that nobody can fill the memory with bodies that are
/// refused afterwards.
async fn admit(state: &AppState, action: Action, collection: &str, incoming: &Incoming) -> Result<usize, ApiError> {
    let plan = state.catalog.load().find(collection).cloned().ok_or(RecordError::CollectionNotFound)?;
    let collection = plan.collection();
    let rule = if action == Action::Create { &collection.rules.create } else { &collection.rules.update };
    if rule.is_none() || plan.is_view() {
        let now = state.db.clock().unix_millis();
        let (incoming, id) = (incoming.clone(), collection.id.clone());
        let check = move |tx: &ReadTx<'_>| records::admit(incoming.enter(tx, now)?.request(), action, &id);
        state.db.read(check).await?;
    }
    let room = room_for(collection, |field| match &field.options {
        FieldOptions::Editor(options) => options.max_bytes(),
        FieldOptions::Json(options) => options.max_bytes(),
        _ => 0,
    });
    Ok((state.config.max_body_mb << 20).saturating_add(room))
}

/// Bytes that fields may have together.
fn room_for(collection: &Collection, room: impl Fn(&Field) -> i64) -> usize {
    let total = collection.fields.iter().map(room).fold(0, i64::saturating_add);
    usize::try_from(total).unwrap_or(usize::MAX)
}

type Input = (RecordPath, Map<String, Json>, Uploads);

/// Hashes the body's passwords before the write; other bodies pass straight through.
async fn hash_passwords(
    state: &AppState,
    action: Action,
    sent: Input,
    incoming: &Incoming,
) -> Result<(Input, PasswordWork), ApiError> {
    let is_concerned = {
        let (path, body, _) = &sent;
        state.catalog.load().find(&path.collection).is_some_and(|plan| records::concerns_passwords(plan, body))
    };
    if !is_concerned {
        return Ok((sent, PasswordWork::default()));
    }
    let now = state.db.clock().unix_millis();
    let shared = Arc::new(sent);
    let guesser = incoming.guesser(state);
    let (input, incoming) = (Arc::clone(&shared), incoming.clone());
    let read = move |tx: &ReadTx<'_>| {
        let (path, body, uploads) = &*input;
        let entered = incoming.enter_read(tx, now, body)?;
        records::plan_passwords(tx, entered.request(), action, &path.collection, &path.id, Sent { body, uploads })
    };
    let passwords = state.db.read(read).await?.run(&state.hasher, guesser).await?;
    let sent = Arc::try_unwrap(shared).map_err(|_| ApiError::internal("the read still holds its input"))?;
    Ok((sent, passwords))
}
