//! What handlers share.

use std::sync::Arc;

use arc_swap::ArcSwap;

use super::Probing;
use crate::auth::LegacyHashes;
use crate::config::{self, Config};
use crate::db::Db;
use crate::identity::Hasher;
use crate::mail::Mailer;
use crate::query::Catalog;
use crate::records::SaveOptions;
use crate::schema;
use crate::settings::Settings;

/// What handlers share; clones share it.
#[derive(Debug, Clone)]
pub struct AppState {
    /// The store.
    pub db: Db,
    /// Collections with their plans, replaced as a whole when they change.
    pub catalog: Arc<ArcSwap<Catalog>>,
    /// The settings, replaced as a whole when they change.
    pub settings: Arc<ArcSwap<Settings>>,
    /// Who probes for hidden records.
    pub probing: Arc<Probing>,
    /// Password hashing.
    pub hasher: Hasher,
    /// Collections with bcrypt hashes of an import.
    pub legacy_hashes: LegacyHashes,
    /// The queue of mails.
    pub mailer: Mailer,
    /// The machine's configuration.
    pub config: Arc<Config>,
}

impl AppState {
    /// Configuration of record saves.
    pub fn save_options(&self) -> SaveOptions {
        let id_order = match self.config.id_order {
            config::IdOrder::Time => schema::IdOrder::Time,
            config::IdOrder::Random => schema::IdOrder::Random,
        };
        SaveOptions { id_order }
    }
}
