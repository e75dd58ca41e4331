//! The row of `_params`.

use rusqlite::{Connection, OptionalExtension, named_params};
use serde_json::{Map, Value as Json};

use super::Settings;
use crate::db::DbError;

/// Where settings that cannot be read are kept when new ones take their place.
const UNREADABLE_ID: &str = "settings_unreadable";

/// What the table holds.
pub(super) enum Stored {
    Absent,
    Readable(Box<Settings>),
    /// Encrypted by the reference product, or damaged.
    Unreadable,
}

/// Loads the settings; defaults where there are none, and, with a warning, where they cannot be read.
///
/// # Errors
/// SQLite's.
pub fn load(conn: &Connection) -> Result<Settings, DbError> {
    Ok(match find(conn)? {
        Stored::Readable(settings) => *settings,
        Stored::Absent => Settings::default(),
        Stored::Unreadable => {
            tracing::warn!("the stored settings cannot be read (perhaps they are encrypted), the defaults apply");
            Settings::default()
        }
    })
}

pub(super) fn find(conn: &Connection) -> Result<Stored, DbError> {
    let mut query = conn.prepare_cached("SELECT CAST(value AS TEXT) FROM _params WHERE id = 'settings'")?;
    let value: Option<Option<String>> = query.query_row([], |row| row.get(0)).optional()?;
    let Some(Some(text)) = value else { return Ok(Stored::Absent) };
    let stored: Result<Map<String, Json>, _> = serde_json::from_str(&text);
    // Over the defaults, so that keys of a later version than the stored ones have a value.
    let settings = stored.ok().and_then(|stored| Settings::default().merged(&stored).ok());
    Ok(settings.map_or(Stored::Unreadable, |settings| Stored::Readable(Box::new(settings))))
}

/// Stores the settings. Ones that could not be read are put aside, not overwritten.
pub(super) fn save(conn: &Connection, settings: &Settings, now: &str) -> Result<(), DbError> {
    if matches!(find(conn)?, Stored::Unreadable) {
        conn.execute(
            "UPDATE OR REPLACE _params SET id = :to WHERE id = 'settings'",
            named_params! {":to": UNREADABLE_ID},
        )?;
        tracing::warn!("the settings that could not be read are kept in `_params` as `{UNREADABLE_ID}`");
    }
    let mut upsert = conn.prepare_cached(
        "INSERT INTO _params (id, value, created, updated) VALUES ('settings', :value, :now, :now) \
         ON CONFLICT (id) DO UPDATE SET value = excluded.value, updated = excluded.updated",
    )?;
    upsert.execute(named_params! {":value": settings.to_stored().to_string(), ":now": now})?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(value: Option<&str>) -> Connection {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch("CREATE TABLE _params (id TEXT PRIMARY KEY, value JSON, created TEXT, updated TEXT)")
            .unwrap();
        if let Some(value) = value {
            conn.execute("INSERT INTO _params VALUES ('settings', ?1, 'then', 'then')", [value]).unwrap();
        }
        conn
    }

    #[test]
    fn missing_keys_have_defaults() {
        assert_eq!(load(&table(None)).unwrap(), Settings::default());
        let settings = load(&table(Some(r#"{"batch":{"enabled":true},"smtp":{"password":"x"},"later":1}"#))).unwrap();
        assert!(settings.batch.enabled);
        assert_eq!((settings.batch.max_requests, settings.smtp.password.reveal()), (50, "x"));
    }

    #[test]
    fn what_cannot_be_read_is_put_aside() {
        for text in ["c2VjcmV0", "\"c2VjcmV0\"", "{\"batch\":5}", "[]"] {
            let conn = table(Some(text));
            assert_eq!(load(&conn).unwrap(), Settings::default(), "{text}");
            let mut new = Settings::default();
            new.batch.enabled = true;
            save(&conn, &new, "now").unwrap();
            save(&conn, &new, "now").unwrap();
            assert_eq!(load(&conn).unwrap(), new, "{text}");
            let aside = "SELECT value FROM _params WHERE id = 'settings_unreadable'";
            let kept: String = conn.query_row(aside, [], |row| row.get(0)).unwrap();
            assert_eq!(kept, text);
        }
    }
}
