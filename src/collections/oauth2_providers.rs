//! The OAuth2 services Larder knows by name. How to talk to them is the business of `auth`.

/// A known service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownProvider {
    /// Key used in options and external auths.
    pub name: &'static str,
    /// Name for people.
    pub display_name: &'static str,
}

/// All known services in the order the API lists them (reference part 3, section 20).
pub const KNOWN_PROVIDERS: &[KnownProvider] = &[
    known("apple", "Apple"),
    known("google", "Google"),
    known("microsoft", "Microsoft"),
    known("yandex", "Yandex"),
    known("facebook", "Facebook"),
    known("instagram2", "Instagram"),
    known("github", "GitHub"),
    known("gitlab", "GitLab"),
    known("bitbucket", "Bitbucket"),
    known("gitee", "Gitee"),
    known("gitea", "Gitea/Forgejo"),
    known("discord", "Discord"),
    known("twitter", "X/Twitter"),
    known("kakao", "Kakao"),
    known("vk", "ВКонтакте"),
    known("linear", "Linear"),
    known("notion", "Notion"),
    known("monday", "monday.com"),
    known("lark", "Lark"),
    known("box", "Box"),
    known("spotify", "Spotify"),
    known("trakt", "Trakt"),
    known("twitch", "Twitch"),
    known("patreon", "Patreon"),
    known("strava", "Strava"),
    known("wakatime", "WakaTime"),
    known("livechat", "LiveChat"),
    known("mailcow", "mailcow"),
    known("planningcenter", "Planning Center"),
    known("oidc", "OIDC"),
    known("oidc2", "OIDC"),
    known("oidc3", "OIDC"),
];

const fn known(name: &'static str, display_name: &'static str) -> KnownProvider {
    KnownProvider { name, display_name }
}

/// Whether a service of that name is known.
pub fn is_known_provider(name: &str) -> bool {
    KNOWN_PROVIDERS.iter().any(|provider| provider.name == name)
}

impl KnownProvider {
    /// A small inline SVG: the service's initial on a disc. Brand marks belong to their owners, so none is shipped.
    pub fn logo(&self) -> String {
        let initial: String = self.display_name.chars().take(1).flat_map(char::to_uppercase).collect();
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 24 24\" aria-hidden=\"true\">\
             <circle cx=\"12\" cy=\"12\" r=\"12\" fill=\"#5b6470\"/>\
             <text x=\"12\" y=\"16.5\" font-family=\"sans-serif\" font-size=\"13\" fill=\"#fff\" text-anchor=\"middle\">\
             {initial}</text></svg>"
        )
    }
}
