//! The providers. Most are rows of a table (`social`, `code_hosts`, `work`); those with ID tokens have a file each.

mod apple;
mod code_hosts;
mod mapped;
mod microsoft;
mod oidc;
mod social;
mod work;

use super::provider::{Provider, ProviderSpec};
use mapped::Mapped;

/// All providers in the order the API lists them (reference part 3, section 20).
pub(super) static ALL: &[&dyn Provider] = &[
    &apple::Apple,
    &social::GOOGLE,
    &microsoft::Microsoft,
    &social::YANDEX,
    &social::FACEBOOK,
    &social::INSTAGRAM,
    &code_hosts::GITHUB,
    &code_hosts::GITLAB,
    &code_hosts::BITBUCKET,
    &code_hosts::GITEE,
    &code_hosts::GITEA,
    &social::DISCORD,
    &social::TWITTER,
    &social::KAKAO,
    &social::VK,
    &work::LINEAR,
    &work::NOTION,
    &work::MONDAY,
    &work::LARK,
    &work::BOX,
    &social::SPOTIFY,
    &social::TRAKT,
    &social::TWITCH,
    &social::PATREON,
    &social::STRAVA,
    &work::WAKATIME,
    &work::LIVECHAT,
    &work::MAILCOW,
    &work::PLANNING_CENTER,
    &oidc::Oidc::new("oidc"),
    &oidc::Oidc::new("oidc2"),
    &oidc::Oidc::new("oidc3"),
];

/// The provider of that name.
pub(super) fn find(name: &str) -> Option<&'static dyn Provider> {
    ALL.iter().copied().find(|provider| provider.spec().name == name)
}

/// A provider that uses PKCE: names and endpoints (authorization, token, user info).
const fn spec(
    name: &'static str,
    display_name: &'static str,
    [auth_url, token_url, user_info_url]: [&'static str; 3],
    scopes: &'static [&'static str],
) -> ProviderSpec {
    ProviderSpec { name, display_name, auth_url, token_url, user_info_url, reads_id_token: false, scopes, pkce: true }
}

/// The same without PKCE.
const fn without_pkce(spec: ProviderSpec) -> ProviderSpec {
    ProviderSpec { pkce: false, ..spec }
}

/// Two texts of an answer with a blank between them.
fn joined(answer: &serde_json::Value, first: &str, second: &str) -> String {
    use super::profile::text;
    format!("{} {}", text(answer, first), text(answer, second)).trim().to_owned()
}
