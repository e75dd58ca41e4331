//! Providers that differ in data only: where they keep what in their answer. Places are JSON pointers.

use serde_json::{Map, Value as Json};

use crate::http_client::{HttpRequest, Url};
use crate::oauth2::error::Cause;
use crate::oauth2::profile::{Profile, id, is_true, text};
use crate::oauth2::provider::{Finding, Found, Provider, ProviderSpec, Session};

/// A provider described by data.
pub(in crate::oauth2) struct Mapped {
    pub(super) spec: ProviderSpec,
    pub(super) request: Request,
    /// Headers of the request, besides the token.
    pub(super) headers: &'static [(&'static str, Header)],
    pub(super) id: &'static str,
    pub(super) name: Text,
    pub(super) username: Text,
    pub(super) avatar: Text,
    pub(super) email: Email,
    /// Why the user may not sign in.
    pub(super) refuse: fn(&Json) -> Option<&'static str>,
    /// Keys of the token answer that belong to the user's description.
    pub(super) keep_of_token: &'static [&'static str],
}

/// How the user is asked for.
pub(super) enum Request {
    Get,
    /// A `POST` of a GraphQL query.
    Query(&'static str),
}

/// The value of a header.
pub(super) enum Header {
    Fixed(&'static str),
    ClientId,
}

/// Where a text comes from.
pub(super) enum Text {
    None,
    At(&'static str),
    Made(fn(&Json) -> String),
}

/// Where the verified e-mail address comes from.
pub(super) enum Email {
    None,
    /// What the provider shows is always verified.
    At(&'static str),
    /// Verified if the second place, and the third, say so.
    If(&'static str, &'static [&'static str]),
    Made(fn(&Json) -> String),
    /// In the token answer.
    OfToken(&'static str),
    /// In a list at another address.
    Listed(EmailList),
}

/// A second request for the user's addresses.
pub(super) struct EmailList {
    pub(super) url: fn(&Url) -> Url,
    /// Used instead of the list if it is an address.
    pub(super) shortcut: Option<&'static str>,
    /// Where the list is in the answer.
    pub(super) entries: &'static str,
    pub(super) is_verified_primary: fn(&Json) -> bool,
    /// Statuses that mean "no address is shown" rather than a failure.
    pub(super) means_none: fn(u16) -> bool,
}

impl Mapped {
    /// A provider whose user has an id at `/id` and nothing else; the table changes what is different.
    pub(super) const fn new(spec: ProviderSpec) -> Self {
        Self {
            spec,
            request: Request::Get,
            headers: &[],
            id: "/id",
            name: Text::None,
            username: Text::None,
            avatar: Text::None,
            email: Email::None,
            refuse: |_| None,
            keep_of_token: &[],
        }
    }

    pub(super) async fn find(&self, session: &Session<'_>) -> Found {
        let answer = session.expect(self.user_request(session)?).await?;
        if !answer.is_object() {
            return Err(Cause::Malformed);
        }
        let mut profile = self.profile(&answer)?;
        profile.email = self.email(session, &answer).await?;
        let Json::Object(mut raw) = answer else { return Err(Cause::Malformed) };
        keep(&mut raw, &session.token.raw, self.keep_of_token);
        Ok((profile, raw))
    }

    fn user_request(&self, session: &Session<'_>) -> Result<HttpRequest, Cause> {
        let url = &session.options.user_info_url;
        let mut request = match self.request {
            Request::Get => HttpRequest::get(url)?,
            Request::Query(query) => HttpRequest::post_json(url, &serde_json::json!({"query": query}))?,
        };
        for (name, value) in self.headers {
            let value = match value {
                Header::Fixed(value) => value,
                Header::ClientId => session.options.client_id.as_str(),
            };
            request = request.header(name, value)?;
        }
        Ok(request)
    }

    /// All but the address.
    fn profile(&self, answer: &Json) -> Result<Profile, Cause> {
        if let Some(reason) = (self.refuse)(answer) {
            return Err(Cause::Refused(reason));
        }
        Ok(Profile {
            id: id(answer, self.id),
            name: self.name.read(answer),
            username: self.username.read(answer),
            avatar_url: self.avatar.read(answer),
            email: String::new(),
            claimed_email: String::new(),
        })
    }

    async fn email(&self, session: &Session<'_>, answer: &Json) -> Result<String, Cause> {
        Ok(match &self.email {
            Email::At(at) => text(answer, at),
            Email::If(at, flags) if flags.iter().all(|flag| is_true(answer, flag)) => text(answer, at),
            Email::None | Email::If(..) => String::new(),
            Email::Made(make) => make(answer),
            Email::OfToken(at) => text(&session.token.raw, at),
            Email::Listed(list) => list.find(session, answer).await?,
        })
    }
}

impl Text {
    fn read(&self, answer: &Json) -> String {
        match self {
            Self::None => String::new(),
            Self::At(at) => text(answer, at),
            Self::Made(make) => make(answer),
        }
    }
}

impl EmailList {
    async fn find(&self, session: &Session<'_>, answer: &Json) -> Result<String, Cause> {
        if let Some(at) = self.shortcut {
            let email = text(answer, at);
            if crate::schema::fields::is_email(&email) {
                return Ok(email);
            }
        }
        let user_info = Url::parse(&session.options.user_info_url).map_err(|_| Cause::Malformed)?;
        let (status, json) = session.ask(HttpRequest::get((self.url)(&user_info).as_str())?).await?;
        if (self.means_none)(status) {
            return Ok(String::new());
        }
        let json = match (status, json) {
            (200..300, Some(json)) => json,
            (200..300, None) => return Err(Cause::Malformed),
            _ => return Err(Cause::Status { status, code: String::new() }),
        };
        let entries = json.pointer(self.entries).and_then(Json::as_array).ok_or(Cause::Malformed)?;
        let primary = entries.iter().find(|entry| (self.is_verified_primary)(entry));
        Ok(primary.map(|entry| text(entry, "/email")).unwrap_or_default())
    }
}

/// Copies what the token answer tells of the user.
fn keep(raw: &mut Map<String, Json>, token: &Json, keys: &[&str]) {
    for &key in keys {
        if let Some(value) = token.get(key) {
            raw.insert(key.to_owned(), value.clone());
        }
    }
}

impl Provider for Mapped {
    fn spec(&self) -> &ProviderSpec {
        &self.spec
    }

    fn fetch_user<'a>(&'a self, session: &'a Session<'a>) -> Finding<'a> {
        Box::pin(self.find(session))
    }
}

/// The URL with another part at the end of its path.
pub(super) fn below(url: &Url, part: &str) -> Url {
    let mut url = url.clone();
    let path = format!("{}/{part}", url.path().trim_end_matches('/'));
    url.set_path(&path);
    url
}

/// The URL with another last part of its path, and no query.
pub(super) fn beside(url: &Url, part: &str) -> Url {
    let mut url = url.clone();
    url.set_query(None);
    let path = url.path().trim_end_matches('/');
    let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
    let path = format!("{parent}/{part}");
    url.set_path(&path);
    url
}
