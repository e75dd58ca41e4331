//! Binds the address and runs the workers.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpServer, web};
use rustls::ServerConfig;

use super::frame::{frame, outermost};
use super::in_flight::{self, InFlight};
use super::origins::AllowedOrigins;
use super::{ApiError, AppState, configure};

/// How long requests in flight may take to finish at shutdown, in seconds.
const SHUTDOWN_SECONDS: u64 = 10;

/// How long the last answers may take to leave a TLS server at shutdown.
const LAST_BYTES_TIMEOUT: Duration = Duration::from_secs(1);

/// How long a client may take to send a request's head.
const HEAD_TIMEOUT: Duration = Duration::from_mins(1);

/// How long a client may leave what it asked for unread before its connection ends: whoever reads nothing must not hold what
/// is to be sent, and the files that is in, for ever.
const MAX_UNREAD: Duration = Duration::from_mins(2);

/// Log targets that tell of workers and sockets at `info`, which is noise to whoever runs the server.
pub const QUIET_TARGETS: &str = "actix_server=warn,actix_http=warn";

/// A server that accepts requests.
#[derive(Debug)]
pub struct RunningServer {
    /// Where it listens.
    pub address: SocketAddr,
    /// `https` if it takes TLS connections, else `http`.
    pub scheme: &'static str,
    /// Of a TLS server.
    in_flight: Option<Arc<InFlight>>,
    handle: ServerHandle,
    task: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl RunningServer {
    /// Refuses new requests and waits for those in flight.
    ///
    /// # Errors
    /// If the server failed before.
    pub async fn stop(self) -> std::io::Result<()> {
        let stopped = async {
            self.handle.stop(true).await;
            self.task.await.map_err(std::io::Error::other)?
        };
        let Some(in_flight) = self.in_flight else { return stopped.await };
        in_flight.refuse_new();
        // Idle HTTP/2 connections would keep actix waiting until its time is up.
        let answered = async {
            in_flight.finished().await;
            tokio::time::sleep(LAST_BYTES_TIMEOUT).await;
        };
        tokio::select! {
            result = stopped => result,
            () = answered => Ok(()),
        }
    }
}

/// Runs a future on the runtime the server needs, on this thread.
pub fn block_on<F: Future>(future: F) -> F::Output {
    actix_web::rt::System::new().block_on(future)
}

/// Starts serving on `listener`: HTTPS with `tls` (HTTP/2 and HTTP/1.1), plain HTTP/1.1 without; needs an actix runtime.
///
/// # Errors
/// If the socket cannot be used.
pub fn start(state: AppState, listener: TcpListener, tls: Option<ServerConfig>) -> std::io::Result<RunningServer> {
    let address = listener.local_addr()?;
    limit_unread(&listener)?;
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
            .wrap(from_fn(in_flight::count))
            .configure(configure)
    };
    let server = HttpServer::new(app)
        .workers(workers)
        .client_request_timeout(HEAD_TIMEOUT)
        .shutdown_timeout(SHUTDOWN_SECONDS)
        // A client that closes its side is gone: a stream of events would not notice until something is sent.
        .h1_allow_half_closed(false)
        .disable_signals();
    let (server, scheme, in_flight) = match tls {
        Some(tls) => {
            let in_flight = Arc::new(InFlight::default());
            let server = server.on_connect(in_flight.on_connect()).listen_rustls_0_23(listener, tls)?;
            (server, "https", Some(in_flight))
        }
        None => (server.listen(listener)?, "http", None),
    };
    let server = server.run();
    let handle = server.handle();
    Ok(RunningServer { address, scheme, in_flight, handle, task: tokio::task::spawn_local(server) })
}

/// Ends connections over which nothing moves although there is something to be sent; those of the listener have what it has.
#[cfg(target_os = "linux")]
fn limit_unread(listener: &TcpListener) -> std::io::Result<()> {
    let limit = u32::try_from(MAX_UNREAD.as_millis()).unwrap_or(u32::MAX);
    Ok(rustix::net::sockopt::set_tcp_user_timeout(listener, limit)?)
}

/// Elsewhere the system decides.
#[cfg(not(target_os = "linux"))]
fn limit_unread(_: &TcpListener) -> std::io::Result<()> {
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn connections_have_what_the_listener_has() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        limit_unread(&listener).unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (accepted, _) = listener.accept().unwrap();
        assert_eq!(rustix::net::sockopt::tcp_user_timeout(accepted).unwrap(), 120_000);
    }
}
