//! The address a request comes from, behind proxies too (reference part 3, section 1.10).

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::dev::Payload;
use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::{FromRequest, HttpRequest, web};

use super::AppState;
use crate::limits::Source;
use crate::networks::full_text;
use crate::settings::TrustedProxy;

/// Most items of a header that are looked at.
const MAX_ITEMS: usize = 100;

/// What most proxies put the address in.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The client's address; IPv4 in IPv6 is IPv4. Everything that tells clients apart by address uses this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientIp(pub IpAddr);

impl ClientIp {
    /// The address of a request.
    ///
    /// Headers are believed only if the connection comes from one of the configuration's `trusted_proxies`: who reaches
    /// the port without a proxy cannot choose an address.
    pub(super) fn of(state: &AppState, request: &HttpRequest) -> Self {
        Self::from_parts(state, request.headers(), request.peer_addr())
    }

    pub(super) fn from_parts(state: &AppState, headers: &HeaderMap, peer: Option<SocketAddr>) -> Self {
        // Without a peer there is no TCP connection; nobody is let in by an address that stands for none.
        let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip().to_canonical());
        let settings = state.settings.load();
        let proxy = &settings.trusted_proxy;
        if proxy.headers.is_empty() || !state.trusted_proxies.contains(peer) {
            return Self(peer);
        }
        Self(named_address(proxy, headers).unwrap_or(peer))
    }

    /// Who would be guessing at a secret. As [`of`](Self::of), but where a proxy is there that the settings do not know of,
    /// what it passes on tells clients apart: otherwise all of them would be one, and any could lock the others out. It may be
    /// the client's own word, so the connection counts too, and nobody gets in by it.
    pub(super) fn of_guesser(state: &AppState, request: &HttpRequest) -> Source {
        let Self(address) = Self::of(state, request);
        let is_named = !state.settings.load().trusted_proxy.headers.is_empty();
        let header = request.headers().get_all(FORWARDED_FOR).last();
        match header {
            Some(header) if !is_named && state.trusted_proxies.contains(address) => {
                let said = header.as_bytes().rsplit(|&b| b == b',').next().and_then(parse_item);
                Source { address: said.unwrap_or(address), carrier: Some(address) }
            }
            _ => address.into(),
        }
    }

    /// As text, IPv6 in full: `2001:0db8:0000:…:0001`.
    pub fn text(self) -> String {
        full_text(self.0)
    }
}

impl FromRequest for ClientIp {
    type Error = Infallible;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let state = request.app_data::<web::Data<AppState>>();
        ready(Ok(state.map_or(Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED)), |state| Self::of(state, request))))
    }
}

/// The address a proxy names: of the first header that has one, in the last of its occurrences.
fn named_address(proxy: &TrustedProxy, headers: &HeaderMap) -> Option<IpAddr> {
    proxy.headers.iter().find_map(|name| {
        let value = headers.get_all(name.as_str()).last()?.as_bytes();
        if proxy.use_leftmost_ip {
            value.split(|&b| b == b',').take(MAX_ITEMS).find_map(parse_item)
        } else {
            value.rsplit(|&b| b == b',').take(MAX_ITEMS).find_map(parse_item)
        }
    })
}

/// An address, with or without a port: some proxies add it, and passing over their word would leave the client's.
fn parse_item(item: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(item).ok()?.trim();
    let address = text.parse().ok().or_else(|| text.parse().ok().map(|with_port: SocketAddr| with_port.ip()));
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok().map(IpAddr::V6);
    address.or_else(bracketed).map(|address: IpAddr| address.to_canonical())
}

/// Says once that a proxy is there whose word is not taken: without it, all clients share one address.
pub(super) fn warn_of_unknown_proxy(state: &AppState, headers: &HeaderMap, peer: Option<SocketAddr>) {
    static WARNED: AtomicBool = AtomicBool::new(false);
    if WARNED.load(Ordering::Relaxed) || !headers.contains_key(FORWARDED_FOR) {
        return;
    }
    let is_proxy = peer.is_some_and(|peer| state.trusted_proxies.contains(peer.ip()));
    if is_proxy && state.settings.load().trusted_proxy.headers.is_empty() && !WARNED.swap(true, Ordering::Relaxed) {
        tracing::warn!(
            "requests come through a proxy, but no header is named that holds the client's address: all clients count as \
             one for limits. Set `trustedProxy.headers` in the settings, for example to [\"X-Forwarded-For\"]"
        );
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn named(names: &[&str], use_leftmost_ip: bool, sent: &[(&str, &str)]) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            headers.append(name.parse().unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let proxy = TrustedProxy { headers: names.iter().map(|&n| n.to_owned()).collect(), use_leftmost_ip };
        named_address(&proxy, &headers).map_or(String::new(), |address| address.to_string())
    }

    /// Answers of the reference, but for addresses with ports, brackets and IPv4 in IPv6, which it does not read.
    #[test]
    fn the_address_a_proxy_names() {
        const XFF: &[&str] = &["X-Forwarded-For"];
        let (last, first) = (false, true);
        for (names, leftmost, sent, want) in [
            (XFF, last, &[("X-Forwarded-For", "1.1.1.1, 2.2.2.2")][..], "2.2.2.2"),
            (XFF, first, &[("X-Forwarded-For", "1.1.1.1, 2.2.2.2")], "1.1.1.1"),
            (&["x-forwarded-for"], first, &[("X-Forwarded-For", "1.1.1.1"), ("X-Forwarded-For", "2.2.2.2")], "2.2.2.2"),
            (XFF, last, &[("X-Forwarded-For", "1.1.1.1, junk, ")], "1.1.1.1"),
            (XFF, last, &[("X-Forwarded-For", "1.1.1.1"), ("X-Forwarded-For", "junk")], ""),
            (XFF, last, &[("X-Forwarded-For", "1.1.1.1, 2.2.2.2:80")], "2.2.2.2"),
            (XFF, last, &[("X-Forwarded-For", "[2001:db8::1]")], "2001:db8::1"),
            (XFF, last, &[("X-Forwarded-For", "[2001:db8::1]:443")], "2001:db8::1"),
            (XFF, last, &[("X-Forwarded-For", "::ffff:3.3.3.3")], "3.3.3.3"),
            (XFF, last, &[("X-Forwarded-For", "é, 1.1.1.1é, 01.2.3.4")], ""),
            (XFF, last, &[("X-Forwarded-For", "")], ""),
            (XFF, last, &[("X-Real-IP", "1.1.1.1")], ""),
            (
                &["X-Forwarded-For", "X-Real-IP"],
                last,
                &[("X-Real-IP", "4.4.4.4"), ("X-Forwarded-For", "junk")],
                "4.4.4.4",
            ),
            (
                &["X-Forwarded-For", "X-Real-IP"],
                last,
                &[("X-Real-IP", "4.4.4.4"), ("X-Forwarded-For", "1.1.1.1")],
                "1.1.1.1",
            ),
            (&["not a header", "", "X-Real-IP"], last, &[("X-Real-IP", "4.4.4.4")], "4.4.4.4"),
        ] {
            assert_eq!(named(names, leftmost, sent), want, "{names:?} {leftmost} {sent:?}");
        }
        let long = format!("1.1.1.1{}", ",x".repeat(50_000));
        assert_eq!(named(XFF, last, &[("X-Forwarded-For", &long)]), "", "no more than {MAX_ITEMS} items are read");
    }

    #[test]
    fn text_is_in_full() {
        for (address, want) in [
            ("1.2.3.4", "1.2.3.4"),
            ("::1", "0000:0000:0000:0000:0000:0000:0000:0001"),
            ("2001:db8::ff00:42:8329", "2001:0db8:0000:0000:0000:ff00:0042:8329"),
        ] {
            assert_eq!(ClientIp(address.parse().unwrap()).text(), want);
        }
    }

    proptest::proptest! {
        #[test]
        fn items_never_panic(item in proptest::collection::vec(0u8..=255, 0..40)) {
            let _ = parse_item(&item);
        }
    }
}
