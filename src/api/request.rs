//! What handlers read from a request's head.

use std::future::{Ready, ready};
use std::sync::{Arc, OnceLock};

use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, HOST, HeaderMap};
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use arc_swap::ArcSwap;
use rusqlite::Connection;
use serde_json::{Map, Value as Json};

use super::{ApiError, AppState, ClientIp};
use crate::db::{DbError, ReadTx};
use crate::identity::{Caller, Superuser, TokenKind, verify};
use crate::limits::Source;
use crate::logs::LoggedAuth;
use crate::query::{Catalog, Context, RequestHead, RequestInfo, header_name};
use crate::records::{Guesser, Request, auth_info, limit_time};

/// Most query parameters looked at.
const MAX_PARAMETERS: usize = 200;

/// The token of the `Authorization` header, with or without `Bearer`. Never fails: without one the caller is a guest. Clones
/// share what was proven by it.
#[derive(Debug, Clone, Default)]
pub struct AuthToken(Option<Arc<SentToken>>);

#[derive(Debug)]
struct SentToken {
    text: String,
    /// For the log.
    proven: OnceLock<LoggedAuth>,
}

impl AuthToken {
    /// The token's text.
    pub fn as_deref(&self) -> Option<&str> {
        self.0.as_ref().map(|sent| sent.text.as_str())
    }

    /// The caller it stands for. `now` is Unix time in seconds.
    ///
    /// # Errors
    /// Only if the store fails.
    pub fn verify(&self, conn: &Connection, catalog: &Catalog, now: i64) -> Result<Caller, DbError> {
        let caller = verify(conn, catalog, self.as_deref(), TokenKind::Auth, now)?;
        if let (Some(sent), Some(record)) = (&self.0, caller.record()) {
            sent.proven
                .get_or_init(|| LoggedAuth { collection: Arc::clone(&record.collection), id: record.id.clone() });
        }
        Ok(caller)
    }

    /// Who it was proven to be from, if somebody asked.
    pub(super) fn proven(&self) -> Option<LoggedAuth> {
        self.0.as_ref()?.proven.get().cloned()
    }
}

impl FromRequest for AuthToken {
    type Error = std::convert::Infallible;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(text) = token_of(request.headers()) else { return ready(Ok(Self(None))) };
        let known = request.extensions().get::<Self>().cloned();
        ready(Ok(known.unwrap_or_else(|| {
            let token = Self(Some(Arc::new(SentToken { text: text.to_owned(), proven: OnceLock::new() })));
            request.extensions_mut().insert(token.clone());
            token
        })))
    }
}

/// The token of the `Authorization` header, with or without `Bearer`.
pub(super) fn token_of(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let token = match text.as_bytes().get(..7) {
        Some(prefix) if prefix.eq_ignore_ascii_case(b"bearer ") => &text[7..],
        _ => text,
    };
    (!token.is_empty()).then_some(token)
}

/// A request on its way into a transaction: who it says it is from, and what rules may ask about it.
#[derive(Debug, Clone)]
pub struct Incoming {
    catalog: Arc<ArcSwap<Catalog>>,
    token: AuthToken,
    head: Arc<RequestHead>,
    context: Context,
    guesser: Source,
}

impl Incoming {
    /// Who would be guessing.
    pub(super) fn source(&self) -> Source {
        self.guesser
    }

    /// Who would be guessing if the request has a wrong password.
    pub fn guesser<'a>(&self, state: &'a AppState) -> Guesser<'a> {
        Guesser { throttle: &state.throttle, source: self.guesser, now_ms: state.db.clock().unix_millis() }
    }

    /// The first value of a query parameter; empty if absent.
    pub fn parameter(&self, name: &str) -> &str {
        self.find_parameter(name).unwrap_or_default()
    }

    /// The first value of a query parameter.
    pub fn find_parameter(&self, name: &str) -> Option<&str> {
        self.head.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The same request, seen from elsewhere by rules.
    #[must_use]
    pub fn within(&self, context: Context) -> Self {
        Self { context, ..self.clone() }
    }

    /// As [`enter`](Self::enter), for a read, whose time is limited by who asks.
    ///
    /// # Errors
    /// Only if the store fails.
    pub fn enter_read(&self, tx: &ReadTx<'_>, now_ms: i64, body: &Map<String, Json>) -> Result<Entered, DbError> {
        let entered = self.enter_with(tx, now_ms, body)?;
        limit_time(tx, &entered.caller);
        Ok(entered)
    }

    /// As [`enter`](Self::enter), with a body that rules see as it was sent.
    ///
    /// # Errors
    /// Only if the store fails.
    pub fn enter_with(&self, conn: &Connection, now_ms: i64, body: &Map<String, Json>) -> Result<Entered, DbError> {
        let mut entered = self.enter(conn, now_ms)?;
        entered.info.body.clone_from(body);
        Ok(entered)
    }

    /// Who is calling and what rules see, at this moment of the store. `now_ms` is Unix time in milliseconds.
    ///
    /// # Errors
    /// Only if the store fails.
    pub fn enter(&self, conn: &Connection, now_ms: i64) -> Result<Entered, DbError> {
        let catalog = self.catalog.load();
        let caller = self.token.verify(conn, &catalog, now_ms.div_euclid(1000))?;
        Ok(self.entered(catalog, caller, now_ms))
    }

    /// As [`enter`](Self::enter), for a caller who is known by something else than the `Authorization` header.
    pub(super) fn enter_as(&self, caller: Caller, now_ms: i64) -> Entered {
        self.entered(self.catalog.load(), caller, now_ms)
    }

    fn entered(&self, catalog: arc_swap::Guard<Arc<Catalog>>, caller: Caller, now_ms: i64) -> Entered {
        let info = RequestInfo {
            head: Arc::clone(&self.head),
            context: self.context,
            auth: auth_info(&catalog, &caller),
            now_ms,
            ..RequestInfo::default()
        };
        Entered { catalog, caller, info }
    }
}

/// A request inside of a transaction.
pub struct Entered {
    catalog: arc_swap::Guard<Arc<Catalog>>,
    caller: Caller,
    info: RequestInfo,
}

impl Entered {
    /// As the services of `records` take it.
    pub fn request(&self) -> Request<'_> {
        Request { catalog: &self.catalog, caller: &self.caller, info: &self.info }
    }
}

impl FromRequest for Incoming {
    type Error = ApiError;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let Ok(token) = AuthToken::from_request(request, payload).into_inner();
        let state = request.app_data::<web::Data<AppState>>();
        let Some(state) = state else { return ready(Err(ApiError::internal("handlers have no state"))) };
        let guesser = ClientIp::of_guesser(state, request);
        ready(parse_query(request.query_string()).map(|query| {
            // Copied only where a rule, or the filter of a superuser, asks for them.
            let wanted = state.catalog.load().reads_headers()
                || query.iter().any(|(_, value)| value.contains("@request.headers."));
            let headers = if wanted { header_pairs(request) } else { Vec::new() };
            let head = RequestHead { method: request.method().as_str().to_owned(), query, headers };
            Self { catalog: state.catalog.clone(), token, head: Arc::new(head), context: Context::Default, guesser }
        }))
    }
}

/// The headers as rules name them. `Host` is not among them: the reference does not have it either.
fn header_pairs(request: &HttpRequest) -> Vec<(String, String)> {
    let pairs = request.headers().iter().filter(|(name, _)| *name != HOST);
    pairs
        .map(|(name, value)| (header_name(name.as_str()), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect()
}

/// The query parameters; of repeated ones the first counts.
#[derive(Debug, Clone, Default)]
pub struct QueryParameters(Vec<(String, String)>);

impl QueryParameters {
    /// The first value of a parameter; empty if absent.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

impl FromRequest for QueryParameters {
    type Error = ApiError;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse_query(request.query_string()).map(Self))
    }
}

/// Turns everyone but superusers away, before a body is read.
pub(super) async fn require_superuser(state: &AppState, token: AuthToken) -> Result<(), ApiError> {
    superuser(state, token).await.map(drop)
}

/// The superuser who asks.
pub(super) async fn superuser(state: &AppState, token: AuthToken) -> Result<Superuser, ApiError> {
    let (catalog, now) = (state.catalog.clone(), state.db.clock().unix_seconds());
    let read = move |tx: &ReadTx<'_>| {
        let caller = token.verify(tx, &catalog.load(), now)?;
        Ok::<_, ApiError>(caller.superuser()?.clone())
    };
    state.db.read(read).await
}

fn parse_query(text: &str) -> Result<Vec<(String, String)>, ApiError> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    match web::Query::<Vec<(String, String)>>::from_query(text) {
        Ok(pairs) if pairs.len() <= MAX_PARAMETERS => Ok(pairs.into_inner()),
        Ok(_) => Err(ApiError::bad_request("The request has too many query parameters.")),
        Err(_) => Err(ApiError::bad_request("The query parameters cannot be read.")),
    }
}
