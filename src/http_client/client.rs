//! The client.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Client, Method, Response, Url, redirect};
use tokio::time::timeout;

use super::addresses::is_public;
use super::request::{check_scheme, parse_url};
use super::resolver::PublicResolver;
use super::{Download, HttpAnswer, HttpError, HttpRequest, tls};

/// Largest answer of [`HttpClient::send`], in bytes.
pub const MAX_ANSWER_BYTES: usize = 1 << 20;

/// Most redirects a download follows.
const MAX_REDIRECTS: usize = 5;

/// Some services answer nobody who does not say who they are.
pub(super) const USER_AGENT: &str = concat!("larder/", env!("CARGO_PKG_VERSION"));

/// Where the URLs come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// From a superuser: private addresses are legitimate.
    Trusted,
    /// From outside: only public addresses are asked, and no proxy of the environment, which would ask for us.
    Guarded,
}

/// How long another server may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Until there is a connection.
    pub connect: Duration,
    /// Until an answer to [`HttpClient::send`] is complete.
    pub answer: Duration,
    /// Until a download is complete, redirects included.
    pub download: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), answer: Duration::from_secs(30), download: Duration::from_secs(10) }
    }
}

/// Asks other servers; clones share the connections.
#[derive(Debug, Clone)]
pub struct HttpClient {
    trust: Trust,
    limits: Limits,
    /// Asked although it is not public.
    exception: Option<SocketAddr>,
    /// Made when first needed: reading the system's certificates is no work for every start.
    client: Arc<OnceLock<Client>>,
}

impl HttpClient {
    /// For URLs that a superuser configured. Private addresses are allowed.
    pub fn trusted() -> Self {
        Self::new(Trust::Trusted)
    }

    /// For URLs that came from outside. Every address that is not public is refused.
    pub fn guarded() -> Self {
        Self::new(Trust::Guarded)
    }

    fn new(trust: Trust) -> Self {
        Self { trust, limits: Limits::default(), exception: None, client: Arc::default() }
    }

    /// The same with other limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, client: Arc::default(), ..self }
    }

    /// The same, which asks this address too when a URL names it by number (tests, whose servers are never public).
    #[must_use]
    pub fn with_exception(self, address: SocketAddr) -> Self {
        Self { exception: Some(address), ..self }
    }

    /// How long other servers may take.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Sends a request and reads the answer, whatever its status is. Redirects are not followed: what is sent is meant
    /// for this server only.
    ///
    /// # Errors
    /// [`HttpError`].
    pub async fn send(&self, request: HttpRequest) -> Result<HttpAnswer, HttpError> {
        within(self.limits.answer, async {
            let response = self.exchange(request).await?;
            let status = response.status().as_u16();
            let content_type = content_type(&response);
            let body = read(response, MAX_ANSWER_BYTES).await?;
            Ok(HttpAnswer { status, content_type, body })
        })
        .await
    }

    /// Fetches a file of `max_bytes` at most, following a few redirects; each is checked like the first URL.
    ///
    /// # Errors
    /// [`HttpError`].
    pub async fn download(&self, url: &str, max_bytes: usize) -> Result<Download, HttpError> {
        within(self.limits.download, async {
            let mut url = parse_url(url)?;
            for _ in 0..=MAX_REDIRECTS {
                let mut headers = HeaderMap::new();
                headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
                let request = HttpRequest { method: Method::GET, url: url.clone(), headers, body: None };
                let response = self.exchange(request).await?;
                if response.status().is_redirection() {
                    url = redirect_target(&url, &response)?;
                    continue;
                }
                if !response.status().is_success() {
                    return Err(HttpError::Status(response.status().as_u16()));
                }
                let content_type = content_type(&response);
                let bytes = read(response, max_bytes).await?;
                return Ok(Download { bytes, content_type, file_name: file_name(&url) });
            }
            Err(HttpError::TooManyRedirects)
        })
        .await
    }

    /// One request, one answer's head.
    async fn exchange(&self, request: HttpRequest) -> Result<Response, HttpError> {
        self.check(&request.url)?;
        let mut builder = self.client()?.request(request.method, request.url).headers(request.headers);
        if let Some(body) = request.body {
            builder = builder.body(body);
        }
        Ok(builder.send().await?)
    }

    /// What the resolver does not see: the form of the URL, and addresses written in it.
    fn check(&self, url: &Url) -> Result<(), HttpError> {
        check_scheme(url)?;
        if self.trust == Trust::Trusted {
            return Ok(());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(HttpError::Credentials);
        }
        match literal_address(url) {
            Some(address) if is_public(address) || self.is_exception(address, url) => Ok(()),
            Some(_) => Err(HttpError::NotPublic),
            // The resolver checks what a name stands for.
            None => Ok(()),
        }
    }

    fn is_exception(&self, address: IpAddr, url: &Url) -> bool {
        self.exception
            .is_some_and(|exception| Some(exception) == url.port_or_known_default().map(|port| (address, port).into()))
    }

    fn client(&self) -> Result<&Client, HttpError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let tls = tls::client_config().ok_or_else(|| HttpError::Transport("TLS cannot be set up".into()))?;
        let mut builder = Client::builder()
            .tls_backend_preconfigured(tls)
            .user_agent(USER_AGENT)
            .redirect(redirect::Policy::none())
            .referer(false)
            .connect_timeout(self.limits.connect);
        if self.trust == Trust::Guarded {
            builder = builder.no_proxy().dns_resolver(PublicResolver);
        }
        let built = builder.build()?;
        Ok(self.client.get_or_init(|| built))
    }
}

async fn within<T>(limit: Duration, work: impl Future<Output = Result<T, HttpError>>) -> Result<T, HttpError> {
    timeout(limit, work).await.unwrap_or(Err(HttpError::Timeout))
}

/// The address a URL names by number. The parser has already read the odd ways to write one (`0x7f.1`, `2130706433`).
pub(super) fn literal_address(url: &Url) -> Option<IpAddr> {
    url.host_str()?.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

fn redirect_target(from: &Url, response: &Response) -> Result<Url, HttpError> {
    let location = response.headers().get(LOCATION).and_then(|l| l.to_str().ok()).ok_or(HttpError::InvalidUrl)?;
    from.join(location).map_err(|_| HttpError::InvalidUrl)
}

fn content_type(response: &Response) -> String {
    let header = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The body, refused as soon as it turns out to be too large.
async fn read(mut response: Response, max_bytes: usize) -> Result<Vec<u8>, HttpError> {
    if response.content_length().is_some_and(|length| length > max_bytes as u64) {
        return Err(HttpError::TooLarge(max_bytes));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if bytes.len() + chunk.len() > max_bytes {
            return Err(HttpError::TooLarge(max_bytes));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// The last part of the path, decoded; empty if there is none. A name for people: it has to be cleaned before it names a file.
fn file_name(url: &Url) -> String {
    let last = url.path_segments().and_then(|mut segments| segments.next_back()).unwrap_or_default();
    percent_encoding::percent_decode_str(last).decode_utf8_lossy().into_owned()
}
