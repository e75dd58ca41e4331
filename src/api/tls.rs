//! HTTPS with certificate files of one's own: what the server shows to those who connect.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Why HTTPS cannot be served with the configured files; always names the configuration's key.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file is missing, unreadable or not in PEM form.
    #[error("`{key}`: cannot read {path}: {source}")]
    Unreadable {
        /// The configuration's key.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// The reason; never what is in the file.
        source: pem::Error,
    },
    /// A file is in PEM form, but what is needed is not in it.
    #[error("`{key}`: there is no {what} in {path}")]
    Absent {
        /// The configuration's key.
        key: &'static str,
        /// What is missing.
        what: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// The files can be read but not used together.
    #[error("`tls_cert` and `tls_key` cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
}

/// The configuration of a TLS server that shows the chain in `cert`, the server's own certificate first, and proves it
/// with the private key in `key`; both are PEM files. Reads files, so it is for start-up.
///
/// The protocols it offers (HTTP/2 and HTTP/1.1) are added where it is listened with.
///
/// # Errors
/// [`TlsError`]; also if the key does not belong to the certificate.
pub fn tls_config(cert: &Path, key: &Path) -> Result<ServerConfig, TlsError> {
    let unreadable = |key, path: &Path, source| TlsError::Unreadable { key, path: path.into(), source };
    let chain = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|source| unreadable("tls_cert", cert, source))?;
    if chain.is_empty() {
        return Err(TlsError::Absent { key: "tls_cert", what: "certificate", path: cert.into() });
    }
    let private_key = PrivateKeyDer::from_pem_file(key).map_err(|error| match error {
        pem::Error::NoItemsFound => TlsError::Absent { key: "tls_key", what: "private key", path: key.into() },
        error => unreadable("tls_key", key, error),
    })?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.with_no_client_auth().with_single_cert(chain, private_key)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Files of one folder, by what is in them.
    fn files(contents: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in contents {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    #[test]
    fn what_is_wrong_with_the_files_is_named() {
        let ours = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (cert, key) = (ours.cert.pem(), ours.signing_key.serialize_pem());
        let body = key.lines().nth(1).unwrap().to_owned();
        let folder = files(&[
            ("cert", &cert),
            ("key", &key),
            ("other-key", &other.signing_key.serialize_pem()),
            ("both", &format!("{cert}{key}")),
            ("empty", ""),
            ("text", "certificates are elsewhere\n"),
            ("torn-key", &key.replace("-----END", "")),
            ("torn-cert", &cert.replace("-----END", "")),
        ]);
        let load = |cert: &str, key: &str| tls_config(&folder.path().join(cert), &folder.path().join(key));
        assert!(load("cert", "key").is_ok());
        // Some tools write the key and the chain into one file.
        assert!(load("both", "both").is_ok());
        for (cert, key, want) in [
            ("nowhere", "key", "`tls_cert`: cannot read"),
            ("torn-cert", "key", "`tls_cert`: cannot read"),
            ("empty", "key", "`tls_cert`: there is no certificate in"),
            ("text", "key", "`tls_cert`: there is no certificate in"),
            ("key", "key", "`tls_cert`: there is no certificate in"),
            ("cert", "nowhere", "`tls_key`: cannot read"),
            ("cert", "torn-key", "`tls_key`: cannot read"),
            ("cert", "empty", "`tls_key`: there is no private key in"),
            ("cert", "cert", "`tls_key`: there is no private key in"),
            ("cert", "other-key", "`tls_cert` and `tls_key` cannot be used"),
        ] {
            let error = load(cert, key).unwrap_err().to_string();
            assert!(error.contains(want), "{cert} {key}: {error}");
            assert!(!error.contains(&body) && !error.contains('\n'), "{cert} {key}: {error}");
        }
    }
}
