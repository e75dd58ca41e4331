//! Whom to believe on the other end of a TLS connection.

use std::sync::{Arc, LazyLock};

use rustls::{ClientConfig, RootCertStore};

/// Mozilla's roots and the system's (`SSL_CERT_FILE`, `SSL_CERT_DIR` included, for authorities of one's own), read once.
static CONFIG: LazyLock<Option<ClientConfig>> = LazyLock::new(|| {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    // Machines without a store of certificates are fine: what cannot be read is left out.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    builder.ok().map(|builder| builder.with_root_certificates(roots).with_no_client_auth())
});

/// The configuration of TLS clients; `None` if the library has no protocol to offer.
pub(super) fn client_config() -> Option<ClientConfig> {
    CONFIG.clone()
}
