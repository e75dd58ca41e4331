//! Where code is kept.

use serde_json::Value as Json;

use super::mapped::{Email, EmailList, Text, below, beside};
use super::{Mapped, spec, without_pkce};
use crate::oauth2::profile::{is_true, text};
use crate::schema::dates;

/// "No address is shown": the token may not read them.
const fn is_withheld(status: u16) -> bool {
    matches!(status, 401 | 403 | 404)
}

/// As GitHub lists addresses, and those who followed it.
const GITHUB_EMAILS: Email = Email::Listed(EmailList {
    url: |user_info| below(user_info, "emails"),
    shortcut: None,
    entries: "",
    is_verified_primary: |entry| is_true(entry, "/primary") && is_true(entry, "/verified"),
    means_none: is_withheld,
});

pub(super) static GITHUB: Mapped = Mapped {
    name: Text::At("/name"),
    username: Text::At("/login"),
    avatar: Text::At("/avatar_url"),
    email: GITHUB_EMAILS,
    ..Mapped::new(spec(
        "github",
        "GitHub",
        [
            "https://github.com/login/oauth/authorize",
            "https://github.com/login/oauth/access_token",
            "https://api.github.com/user",
        ],
        &["read:user", "user:email"],
    ))
};

pub(super) static GITLAB: Mapped = Mapped {
    name: Text::At("/name"),
    username: Text::At("/username"),
    avatar: Text::At("/avatar_url"),
    email: Email::Made(|user| {
        let confirmed_at = text(user, "/confirmed_at");
        // RFC 3339 has the T that other layouts lack.
        let is_confirmed = confirmed_at.contains('T') && dates::parse_millis(&confirmed_at).is_some();
        if is_confirmed { text(user, "/email") } else { String::new() }
    }),
    ..Mapped::new(spec(
        "gitlab",
        "GitLab",
        ["https://gitlab.com/oauth/authorize", "https://gitlab.com/oauth/token", "https://gitlab.com/api/v4/user"],
        &["read_user"],
    ))
};

pub(super) static BITBUCKET: Mapped = Mapped {
    id: "/uuid",
    name: Text::At("/display_name"),
    username: Text::At("/username"),
    avatar: Text::At("/links/avatar/href"),
    email: Email::Listed(EmailList {
        url: |user_info| below(user_info, "emails"),
        shortcut: None,
        entries: "/values",
        is_verified_primary: |entry| is_true(entry, "/is_primary") && is_true(entry, "/is_confirmed"),
        means_none: |status| status >= 400,
    }),
    refuse: |user| (text(user, "/account_status") != "active").then_some("is not active"),
    ..Mapped::new(without_pkce(spec(
        "bitbucket",
        "Bitbucket",
        [
            "https://bitbucket.org/site/oauth2/authorize",
            "https://bitbucket.org/site/oauth2/access_token",
            "https://api.bitbucket.org/2.0/user",
        ],
        &["account"],
    )))
};

pub(super) static GITEE: Mapped = Mapped {
    name: Text::At("/name"),
    username: Text::At("/login"),
    avatar: Text::At("/avatar_url"),
    email: Email::Listed(EmailList {
        url: |user_info| beside(user_info, "emails"),
        shortcut: Some("/email"),
        entries: "",
        is_verified_primary: |entry| {
            let scopes = entry.get("scope").and_then(Json::as_array);
            let is_primary = scopes.is_some_and(|scopes| scopes.iter().any(|scope| scope == "primary"));
            is_primary && text(entry, "/state") == "confirmed"
        },
        means_none: is_withheld,
    }),
    ..Mapped::new(spec(
        "gitee",
        "Gitee",
        ["https://gitee.com/oauth/authorize", "https://gitee.com/oauth/token", "https://gitee.com/api/v5/user"],
        &["user_info", "emails"],
    ))
};

pub(super) static GITEA: Mapped = Mapped {
    name: Text::At("/full_name"),
    username: Text::At("/login"),
    avatar: Text::At("/avatar_url"),
    email: GITHUB_EMAILS,
    refuse: |user| (!is_true(user, "/active")).then_some("is not active"),
    ..Mapped::new(spec(
        "gitea",
        "Gitea/Forgejo",
        [
            "https://gitea.com/login/oauth/authorize",
            "https://gitea.com/login/oauth/access_token",
            "https://gitea.com/api/v1/user",
        ],
        &["read:user", "user:email"],
    ))
};
