//! Where a browser is sent to sign in.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::ser::{Serialize, SerializeMap, Serializer};
use sha2::{Digest, Sha256};

use super::token::encode;
use crate::schema::ids::{ALPHANUMERIC, random_string};

/// Characters of a state.
const STATE_LENGTH: usize = 30;

/// Characters of a code verifier: the fewest that RFC 7636 allows, 256 bits.
const VERIFIER_LENGTH: usize = 43;

/// One provider in the answer of `auth-methods` (reference part 3, section 8.2). State and verifier are fresh and known to
/// the client only; `Debug` does not show them.
#[derive(Clone)]
pub struct Authorization {
    /// The provider's name.
    pub name: String,
    /// Its name for people.
    pub display_name: String,
    /// Inline SVG; the lists for old clients leave it empty.
    pub logo: String,
    /// What the provider hands back unchanged.
    pub state: String,
    /// Ends in `&redirect_uri=`: the client appends its own, encoded.
    pub auth_url: String,
    /// What proves that the code came to whoever asked for it; empty without PKCE, as are the next two.
    pub code_verifier: String,
    /// The verifier's hash.
    pub code_challenge: String,
    /// `S256`
    pub code_challenge_method: &'static str,
}

/// What an authorization is made of.
pub(super) struct Request<'a> {
    pub(super) name: &'a str,
    pub(super) display_name: &'a str,
    pub(super) logo: String,
    pub(super) auth_url: &'a str,
    pub(super) client_id: &'a str,
    pub(super) scopes: &'a [&'static str],
    pub(super) uses_pkce: bool,
    pub(super) parameter: Option<(&'static str, &'static str)>,
}

impl Authorization {
    /// A fresh one.
    pub(super) fn new(request: Request<'_>) -> Self {
        let state = random_string(STATE_LENGTH, ALPHANUMERIC);
        let (mut code_verifier, mut code_challenge, mut code_challenge_method) = (String::new(), String::new(), "");
        let scopes = request.scopes.join(" ");
        let mut pairs = vec![("client_id", request.client_id), ("response_type", "code"), ("state", &state)];
        if !scopes.is_empty() {
            pairs.push(("scope", &scopes));
        }
        pairs.extend(request.parameter);
        if request.uses_pkce {
            code_verifier = random_string(VERIFIER_LENGTH, ALPHANUMERIC);
            code_challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&code_verifier));
            code_challenge_method = "S256";
            pairs.push(("code_challenge", &code_challenge));
            pairs.push(("code_challenge_method", code_challenge_method));
        }
        pairs.sort_unstable();
        let query: Vec<String> = pairs.iter().map(|(key, value)| format!("{key}={}", encode(value))).collect();
        let separator = if request.auth_url.contains('?') { '&' } else { '?' };
        let auth_url = format!("{}{separator}{}&redirect_uri=", request.auth_url, query.join("&"));
        Self {
            name: request.name.to_owned(),
            display_name: request.display_name.to_owned(),
            logo: request.logo,
            state,
            auth_url,
            code_verifier,
            code_challenge,
            code_challenge_method,
        }
    }
}

impl Serialize for Authorization {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(9))?;
        map.serialize_entry("name", &self.name)?;
        map.serialize_entry("displayName", &self.display_name)?;
        map.serialize_entry("logo", &self.logo)?;
        map.serialize_entry("state", &self.state)?;
        map.serialize_entry("authURL", &self.auth_url)?;
        // Under the name that old clients read, too.
        map.serialize_entry("authUrl", &self.auth_url)?;
        map.serialize_entry("codeVerifier", &self.code_verifier)?;
        map.serialize_entry("codeChallenge", &self.code_challenge)?;
        map.serialize_entry("codeChallengeMethod", self.code_challenge_method)?;
        map.end()
    }
}

impl std::fmt::Debug for Authorization {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authorization").field("name", &self.name).finish_non_exhaustive()
    }
}
