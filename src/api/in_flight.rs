//! The requests a TLS server is answering: how many at once on one connection, and whether all are done.
//!
//! HTTP/2 lets a client open any number of requests on one connection, and actix neither bounds them nor ends idle HTTP/2
//! connections when the server stops. Plain HTTP/1.1 needs none of this and is not counted.

use std::any::Any;
use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Extensions, ServiceRequest, ServiceResponse};
use actix_web::http::Version;
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use actix_web::{Error, HttpResponse};
use tokio::sync::Notify;

/// Most requests of one HTTP/2 connection that are answered at the same time. Clients assume 100 (browsers) to 1000 (Go)
/// where a server names no number, and actix cannot name one.
pub const MAX_REQUESTS_PER_CONNECTION: usize = 1000;

/// All requests of one server.
#[derive(Debug, Default)]
pub(super) struct InFlight {
    count: AtomicUsize,
    is_stopping: AtomicBool,
    finished: Notify,
}

impl InFlight {
    /// What makes connections known, for `HttpServer::on_connect`.
    pub(super) fn on_connect(self: &Arc<Self>) -> impl Fn(&dyn Any, &mut Extensions) + Send + Sync + 'static {
        let server = Arc::clone(self);
        move |_, extensions| {
            extensions.insert(Connection { server: Arc::clone(&server), open: Rc::default() });
        }
    }

    /// Refuses new requests from now on.
    pub(super) fn refuse_new(&self) {
        self.is_stopping.store(true, Ordering::SeqCst);
    }

    /// Waits until no request is being answered.
    pub(super) async fn finished(&self) {
        loop {
            let finished = self.finished.notified();
            if self.count.load(Ordering::SeqCst) == 0 {
                return;
            }
            finished.await;
        }
    }
}

/// What is known of a connection; requests on it find it in their connection's data.
struct Connection {
    server: Arc<InFlight>,
    open: Rc<Cell<usize>>,
}

impl Connection {
    /// Counts a request, if it may be answered.
    fn open(&self, version: Version) -> Option<OpenRequest> {
        // Counted before it is asked whether the server stops: either `finished` sees the request, or this sees the stop.
        self.server.count.fetch_add(1, Ordering::SeqCst);
        self.open.set(self.open.get() + 1);
        let request = OpenRequest { server: Arc::clone(&self.server), open: Rc::clone(&self.open) };
        let is_too_many = version == Version::HTTP_2 && self.open.get() > MAX_REQUESTS_PER_CONNECTION;
        (!is_too_many && !self.server.is_stopping.load(Ordering::SeqCst)).then_some(request)
    }
}

/// A request that is being answered, until it is dropped.
struct OpenRequest {
    server: Arc<InFlight>,
    open: Rc<Cell<usize>>,
}

impl Drop for OpenRequest {
    fn drop(&mut self) {
        self.open.set(self.open.get() - 1);
        if self.server.count.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.server.finished.notify_waiters();
        }
    }
}

/// The body of an answer to a counted request, or an empty one to a refused request.
struct CountedBody {
    body: BoxBody,
    _open: Option<OpenRequest>,
}

impl MessageBody for CountedBody {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}

/// Middleware that counts requests until the last byte of their answers is handed over.
pub(super) async fn count(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let Some(connection) = request.conn_data::<Connection>() else {
        return Ok(next.call(request).await?.map_into_left_body());
    };
    let Some(open) = connection.open(request.version()) else {
        // Without a body: a client that does not read its answers could keep one here for each.
        let refusal = request.into_response(HttpResponse::ServiceUnavailable().finish());
        return Ok(refusal.map_body(|_, body| CountedBody { body, _open: None }).map_into_right_body());
    };
    let response = next.call(request).await?;
    let counted = |_: &mut _, body| CountedBody { body: BoxBody::new(body), _open: Some(open) };
    Ok(response.map_body(counted).map_into_right_body())
}
