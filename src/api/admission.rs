//! Whether a client may make a request at all, asked before anything of it is looked at: the addresses superusers may come
//! from, and rate limits (reference part 3, sections 1.1, 17 and 18).

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use actix_web::dev::ServiceRequest;
use actix_web::http::header::HeaderMap;
use actix_web::{HttpRequest, web};

use super::client_ip::{ClientIp, warn_of_unknown_proxy};
use super::request::token_of;
use super::{ApiError, AppState};
use crate::batch::{self, BatchError, BatchItem};
use crate::collections::SUPERUSERS;
use crate::db::{DbError, ReadTx};
use crate::identity::{Caller, TokenKind, names_superuser, verify};
use crate::limits::{Audience, CollectionPath, Policy, Target, TargetCollection, TooManyRequests, Verdict};
use crate::query::{Catalog, Plan};
use crate::records::RecordError;

/// Turns a request away that its client may not make: 403, or 429. Without limits and a list of addresses in the settings
/// this costs next to nothing.
pub(super) async fn admit(request: &ServiceRequest) -> Result<(), ApiError> {
    let Some(state) = request.app_data::<web::Data<AppState>>() else { return Ok(()) };
    let (headers, peer) = (request.headers(), request.peer_addr());
    warn_of_unknown_proxy(state, headers, peer);
    let (is_limited, is_listed) = {
        let settings = state.settings.load();
        (settings.rate_limits.enabled, !settings.superuser_ips.is_empty())
    };
    if !is_limited && !is_listed {
        return Ok(());
    }
    // As the router sees it: what is limited must be what runs, however the path is encoded.
    let (method, path) = (request.method().as_str(), request.match_info().as_str());
    let found = CollectionPath::find(method, path);
    if is_listed {
        check_superuser_address(state, headers, peer, found.as_ref())?;
    }
    if !is_limited {
        return Ok(());
    }
    let Some(visitor) = Visitor::of(state, headers, peer).await else { return Ok(()) };
    visitor.count(&state.catalog.load(), method, path, found)
}

/// 403 for whatever is or would become a superuser outside of the list. The signature of a token need not be checked for
/// that, and nobody outside learns whether a password is right.
fn check_superuser_address(
    state: &AppState,
    headers: &HeaderMap,
    peer: Option<SocketAddr>,
    found: Option<&CollectionPath<'_>>,
) -> Result<(), ApiError> {
    let catalog = state.catalog.load();
    let is_superusers = |collection: &str| {
        let collection = percent_encoding::percent_decode_str(collection).decode_utf8_lossy();
        catalog.find(&collection).is_some_and(|plan| plan.collection().name == SUPERUSERS)
    };
    let signs_in = found.is_some_and(|found| found.route.is_sign_in() && is_superusers(found.collection));
    let is_concerned =
        signs_in || token_of(headers).is_some_and(|token| names_superuser(&catalog, token, TokenKind::Auth));
    if is_concerned && !state.superuser_may_come_from(ClientIp::from_parts(state, headers, peer).0) {
        return Err(ApiError::forbidden("Superusers may not do anything from this address."));
    }
    Ok(())
}

/// A client whose requests are counted.
struct Visitor {
    policy: Arc<Policy>,
    address: IpAddr,
    audience: Audience,
    /// Unix time in seconds.
    now: i64,
}

impl Visitor {
    /// `None` for superusers and for excluded addresses.
    async fn of(state: &AppState, headers: &HeaderMap, peer: Option<SocketAddr>) -> Option<Self> {
        let policy = state.limits.policy(&state.settings);
        let address = ClientIp::from_parts(state, headers, peer).0;
        if !policy.is_limited(address) {
            return None;
        }
        let now = state.db.clock().unix_seconds();
        let verdict = match token_of(headers) {
            Some(token) => verdict(state, token, now).await,
            None => Verdict::Guest,
        };
        let audience = match verdict {
            Verdict::Superuser => return None,
            Verdict::Record => Audience::Record,
            Verdict::Guest => Audience::Guest,
        };
        Some(Self { policy, address, audience, now })
    }

    /// Counts a request. One for a collection that is not there counts by its path and is not found.
    fn count(
        &self,
        catalog: &Catalog,
        method: &str,
        path: &str,
        found: Option<CollectionPath<'_>>,
    ) -> Result<(), ApiError> {
        let Some(found) = found else { return Ok(self.count_path(method, path)?) };
        let collection = percent_encoding::percent_decode_str(found.collection).decode_utf8_lossy();
        let Some(plan) = catalog.find(&collection) else {
            self.count_path(method, path)?;
            return Err(RecordError::CollectionNotFound.into());
        };
        Ok(self.count_in(plan, method, &found)?)
    }

    fn count_in(&self, plan: &Plan, method: &str, found: &CollectionPath<'_>) -> Result<(), TooManyRequests> {
        let collection = plan.collection();
        let (id, name) = (collection.id.as_str(), collection.name.as_str());
        let collection = Some(TargetCollection { route: found.route, head: found.head, id, name });
        self.count_target(&Target { method, path: found.tail, collection })
    }

    fn count_path(&self, method: &str, path: &str) -> Result<(), TooManyRequests> {
        self.count_target(&Target { method, path, collection: None })
    }

    fn count_target(&self, target: &Target<'_>) -> Result<(), TooManyRequests> {
        self.policy.count(target, self.audience, self.address, self.now)
    }
}

/// Who a token stands for, as the store says or said a moment ago.
async fn verdict(state: &AppState, token: &str, now: i64) -> Verdict {
    let verdicts = state.limits.verdicts();
    let (hash, known) = verdicts.find(token, now);
    if let Some(known) = known {
        return known;
    }
    let (catalog, token) = (state.catalog.clone(), token.to_owned());
    let ask = move |tx: &ReadTx<'_>| verify(tx, &catalog.load(), Some(&token), TokenKind::Auth, now);
    // A store that cannot answer makes nobody exempt; the handler reports it.
    let answer: Result<Caller, DbError> = state.db.read(ask).await;
    let Ok(caller) = answer else { return Verdict::Guest };
    let verdict = match caller {
        Caller::Guest | Caller::System => Verdict::Guest,
        Caller::Record(_) => Verdict::Record,
        Caller::Superuser(_) => Verdict::Superuser,
    };
    verdicts.remember(hash, verdict, now);
    verdict
}

/// Counts the items of a batch, each as the request it stands for. All of them are counted before any is run, so that a
/// batch that goes beyond a limit has cost neither password hashes nor a transaction.
///
/// # Errors
/// The first item that is refused.
pub(super) async fn admit_items(
    state: &AppState,
    request: &HttpRequest,
    items: &Arc<Vec<BatchItem>>,
) -> Result<(), BatchError> {
    if !state.settings.load().rate_limits.enabled {
        return Ok(());
    }
    let Some(visitor) = Visitor::of(state, request.headers(), request.peer_addr()).await else { return Ok(()) };
    let (catalog, asked) = (state.catalog.clone(), Arc::clone(items));
    let effects = state.db.read(move |tx: &ReadTx<'_>| batch::effects(tx, &catalog.load(), &asked)).await?;
    let catalog = state.catalog.load();
    for (index, effect) in effects.into_iter().enumerate() {
        // Whatever else is wrong with an item shows when it runs.
        let Some(effect) = effect else { continue };
        let Some(plan) = catalog.find(&effect.collection) else { continue };
        // An id may hold a slash here, so the route is not looked for in the item's own path.
        let (model, tail) = match &effect.id {
            Some(id) => ("/api/collections/c/records/r", format!("/records/{id}")),
            None => ("/api/collections/c/records", "/records".to_owned()),
        };
        let Some(found) = CollectionPath::find(effect.method, model) else { continue };
        let found = CollectionPath { route: found.route.in_batch(), tail: &tail, ..found };
        let counted = visitor.count_in(plan, effect.method, &found);
        counted.map_err(|refused| BatchError::Item { index, error: refused.into() })?;
    }
    Ok(())
}
