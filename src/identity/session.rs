//! A caller that is known for longer than a request.

use rusqlite::Connection;

use super::verify::find_keyed;
use super::{Caller, TokenKind, prove};
use crate::db::DbError;
use crate::query::Catalog;

/// Who a token stood for when it was shown, as long as that holds: until the key that signed it changes, or its record or
/// collection is gone. That the token expires does not end it.
#[derive(Clone)]
pub struct Session {
    caller: Caller,
    collection_id: String,
    key: Vec<u8>,
}

impl std::fmt::Debug for Session {
    // The key must not reach logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("caller", &self.caller).finish_non_exhaustive()
    }
}

impl Session {
    /// Begins a session with an auth token; nothing if the token is not valid. `now` is Unix time in seconds.
    ///
    /// # Errors
    /// Only if the store fails.
    pub fn open(conn: &Connection, catalog: &Catalog, token: &str, now: i64) -> Result<Option<Self>, DbError> {
        let Some(proven) = prove(conn, catalog, token, TokenKind::Auth, now)? else { return Ok(None) };
        let (collection_id, id) = (proven.record.collection.id.clone(), proven.record.id.clone());
        let Some(found) = find_keyed(conn, catalog, &collection_id, &id, TokenKind::Auth)? else { return Ok(None) };
        Ok(Some(Self { caller: Caller::of(found.record), collection_id, key: found.key }))
    }

    /// Whether the session goes on; what is known of the caller is then as the store has it now.
    ///
    /// # Errors
    /// Only if the store fails.
    pub fn renew(&mut self, conn: &Connection, catalog: &Catalog) -> Result<bool, DbError> {
        let Some(id) = self.caller.record().map(|record| record.id.clone()) else { return Ok(false) };
        // By id: a collection of the same name may be another one.
        let is_there = catalog.find(&self.collection_id).is_some_and(|plan| plan.collection().id == self.collection_id);
        let found = find_keyed(conn, catalog, &self.collection_id, &id, TokenKind::Auth)?;
        match found.filter(|found| is_there && found.key == self.key) {
            Some(found) => {
                self.caller = Caller::of(found.record);
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// Who it is.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }
}
