//! The client's address.
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use std::future::{Ready, ready};
use std::net::IpAddr;

/// The client's address.
#[derive(Debug, Clone, Copy)]
pub struct ClientIp(pub IpAddr);
impl ClientIp {
    /// Text form.
    pub fn text(self) -> String {
        self.0.to_string()
    }
}
impl FromRequest for ClientIp {
    type Error = std::convert::Infallible;
    type Future = Ready<Result<Self, Self::Error>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(request.peer_addr().map_or(IpAddr::from([0, 0, 0, 0]), |a| a.ip()))))
    }
}
