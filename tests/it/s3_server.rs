//! A real S3-compatible server (`s3s-fs`) on 127.0.0.1: it checks signatures and knows multipart uploads, ranges and
//! presigned URLs. Objects are files in a folder, a bucket is a folder in it. Also the example `s3_server`.

use std::path::Path;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use s3s::auth::SimpleAuth;
use s3s::host::MultiDomain;
use s3s::service::{S3Service, S3ServiceBuilder};
use tokio::net::TcpListener;

/// What a request ends in when the server breaks the connection.
pub(crate) type Broken = std::io::Error;

/// Handles a request, usually with the service it is given.
pub(crate) type Handler =
    dyn Fn(S3Service, Request<Incoming>) -> BoxFuture<'static, Result<Response<s3s::Body>, Broken>> + Send + Sync;

/// The service itself. `domain` is the host below which buckets have hosts of their own.
pub(crate) fn service(root: &Path, access_key: &str, secret: &str, domain: &str) -> S3Service {
    let mut builder = S3ServiceBuilder::new(s3s_fs::FileSystem::new(root).unwrap());
    builder.set_auth(SimpleAuth::from_single(access_key, secret));
    builder.set_host(MultiDomain::new([domain]).unwrap());
    builder.build()
}

/// Serves until the runtime ends.
pub(crate) async fn serve(listener: TcpListener, service: S3Service, handler: Arc<Handler>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (service, handler) = (service.clone(), handler.clone());
        tokio::spawn(async move {
            let answer = service_fn(move |request| handler(service.clone(), request));
            // Clients that break off are part of the tests.
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
        });
    }
}

/// Handles requests as the service does.
pub(crate) fn handle(
    service: S3Service,
    request: Request<Incoming>,
) -> BoxFuture<'static, Result<Response<s3s::Body>, Broken>> {
    Box::pin(async move { Service::call(&service, request).await.map_err(|error| Broken::other(format!("{error:?}"))) })
}
