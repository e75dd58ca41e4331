//! Binds the address and runs the workers.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpServer, web};

use super::frame::{frame, outermost};
use super::origins::AllowedOrigins;
use super::{ApiError, AppState, configure};

/// How long requests in flight may take to finish at shutdown, in seconds.
const SHUTDOWN_SECONDS: u64 = 10;

/// How long a client may take to send a request's head.
const HEAD_TIMEOUT: Duration = Duration::from_mins(1);

/// Log targets that tell of workers and sockets at `info`, which is noise to whoever runs the server.
pub const QUIET_TARGETS: &str = "actix_server=warn,actix_http=warn";

/// A server that accepts requests.
#[derive(Debug)]
pub struct RunningServer {
    /// Where it listens.
    pub address: SocketAddr,
    handle: ServerHandle,
    task: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl RunningServer {
    /// Refuses new requests and waits for those in flight.
    ///
    /// # Errors
    /// If the server failed before.
    pub async fn stop(self) -> std::io::Result<()> {
        self.handle.stop(true).await;
        self.wait().await
    }

    /// Waits until the server ends by itself.
    async fn wait(self) -> std::io::Result<()> {
        self.task.await.map_err(std::io::Error::other)?
    }
}

/// Runs a future on the runtime the server needs, on this thread.
pub fn block_on<F: Future>(future: F) -> F::Output {
    actix_web::rt::System::new().block_on(future)
}

/// Starts serving on `listener`; needs an actix runtime.
///
/// # Errors
/// If the socket cannot be used.
pub fn start(state: AppState, listener: TcpListener) -> std::io::Result<RunningServer> {
    let address = listener.local_addr()?;
    let workers = state.config.worker_threads();
    let origins = web::Data::new(AllowedOrigins::new(&state.config.origins));
    let state = web::Data::new(state);
    let app = move || {
        let path_error = |_, _: &_| ApiError::not_found().into();
        App::new()
            .app_data(state.clone())
            .app_data(origins.clone())
            .app_data(web::PathConfig::default().error_handler(path_error))
            .wrap(from_fn(frame))
            .wrap(Compress::default())
            .wrap(from_fn(outermost))
            .configure(configure)
    };
    let server = HttpServer::new(app)
        .workers(workers)
        .client_request_timeout(HEAD_TIMEOUT)
        .shutdown_timeout(SHUTDOWN_SECONDS)
        // A client that closes its side is gone: a stream of events would not notice until something is sent.
        .h1_allow_half_closed(false)
        .disable_signals()
        .listen(listener)?
        .run();
    let handle = server.handle();
    Ok(RunningServer { address, handle, task: tokio::task::spawn_local(server) })
}
