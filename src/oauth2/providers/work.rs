//! Where people work.

use serde_json::Value as Json;

use super::mapped::{Email, Header, Request, Text};
use super::{Mapped, spec, without_pkce};
use crate::oauth2::profile::{is_true, text};

/// What is said of accounts that their service has closed.
const NOT_ACTIVE: &str = "is not active";

pub(super) static LINEAR: Mapped = Mapped {
    request: Request::Query("query { viewer { id displayName name email avatarUrl active } }"),
    id: "/data/viewer/id",
    name: Text::At("/data/viewer/name"),
    username: Text::At("/data/viewer/displayName"),
    avatar: Text::At("/data/viewer/avatarUrl"),
    email: Email::At("/data/viewer/email"),
    refuse: |user| (!is_true(user, "/data/viewer/active")).then_some(NOT_ACTIVE),
    ..Mapped::new(without_pkce(spec(
        "linear",
        "Linear",
        ["https://linear.app/oauth/authorize", "https://api.linear.app/oauth/token", "https://api.linear.app/graphql"],
        &["read"],
    )))
};

pub(super) static NOTION: Mapped = Mapped {
    headers: &[("notion-version", Header::Fixed("2022-06-28"))],
    id: "/bot/owner/user/id",
    name: Text::At("/bot/owner/user/name"),
    avatar: Text::At("/bot/owner/user/avatar_url"),
    email: Email::At("/bot/owner/user/person/email"),
    ..Mapped::new(spec(
        "notion",
        "Notion",
        [
            "https://api.notion.com/v1/oauth/authorize",
            "https://api.notion.com/v1/oauth/token",
            "https://api.notion.com/v1/users/me",
        ],
        &[],
    ))
};

pub(super) static MONDAY: Mapped = Mapped {
    request: Request::Query("query { me { id enabled name email is_verified photo_small } }"),
    id: "/data/me/id",
    name: Text::At("/data/me/name"),
    avatar: Text::At("/data/me/photo_small"),
    email: Email::If("/data/me/email", &["/data/me/is_verified"]),
    refuse: |user| (!is_true(user, "/data/me/enabled")).then_some(NOT_ACTIVE),
    ..Mapped::new(spec(
        "monday",
        "monday.com",
        [
            "https://auth.monday.com/oauth2/authorize",
            "https://auth.monday.com/oauth2/token",
            "https://api.monday.com/v2",
        ],
        &["me:read"],
    ))
};

pub(super) static LARK: Mapped = Mapped {
    id: "/data/union_id",
    name: Text::At("/data/name"),
    avatar: Text::At("/data/avatar_url"),
    ..Mapped::new(spec(
        "lark",
        "Lark",
        [
            "https://accounts.feishu.cn/open-apis/authen/v1/authorize",
            "https://open.feishu.cn/open-apis/authen/v2/oauth/token",
            "https://open.feishu.cn/open-apis/authen/v1/user_info",
        ],
        &[],
    ))
};

pub(super) static BOX: Mapped = Mapped {
    name: Text::At("/name"),
    avatar: Text::At("/avatar_url"),
    email: Email::At("/login"),
    refuse: |user| (text(user, "/status") != "active").then_some(NOT_ACTIVE),
    ..Mapped::new(spec(
        "box",
        "Box",
        [
            "https://account.box.com/api/oauth2/authorize",
            "https://api.box.com/oauth2/token",
            "https://api.box.com/2.0/users/me",
        ],
        &["root_readonly"],
    ))
};

pub(super) static WAKATIME: Mapped = Mapped {
    id: "/data/id",
    name: Text::At("/data/display_name"),
    username: Text::At("/data/username"),
    avatar: Text::Made(
        |user| {
            if is_true(user, "/data/photo_public") { text(user, "/data/photo") } else { String::new() }
        },
    ),
    email: Email::If("/data/email", &["/data/is_email_confirmed"]),
    ..Mapped::new(spec(
        "wakatime",
        "WakaTime",
        [
            "https://wakatime.com/oauth/authorize",
            "https://wakatime.com/oauth/token",
            "https://wakatime.com/api/v1/users/current",
        ],
        &["email"],
    ))
};

pub(super) static LIVECHAT: Mapped = Mapped {
    id: "/account_id",
    name: Text::At("/name"),
    avatar: Text::At("/avatar_url"),
    email: Email::If("/email", &["/email_verified"]),
    ..Mapped::new(spec(
        "livechat",
        "LiveChat",
        [
            "https://accounts.livechat.com/",
            "https://accounts.livechat.com/token",
            "https://accounts.livechat.com/v2/accounts/me",
        ],
        &[],
    ))
};

/// Everyone runs their own, so the endpoints have to be configured.
pub(super) static MAILCOW: Mapped = Mapped {
    name: Text::At("/full_name"),
    username: Text::Made(|user| text(user, "/username").split('@').next().unwrap_or_default().to_owned()),
    email: Email::At("/email"),
    refuse: |user| (user.get("active").and_then(Json::as_i64) != Some(1)).then_some(NOT_ACTIVE),
    ..Mapped::new(spec("mailcow", "mailcow", ["", "", ""], &["profile"]))
};

pub(super) static PLANNING_CENTER: Mapped = Mapped {
    id: "/data/id",
    name: Text::At("/data/attributes/name"),
    avatar: Text::At("/data/attributes/avatar"),
    refuse: |user| (text(user, "/data/attributes/status") != "active").then_some(NOT_ACTIVE),
    ..Mapped::new(spec(
        "planningcenter",
        "Planning Center",
        [
            "https://api.planningcenteronline.com/oauth/authorize",
            "https://api.planningcenteronline.com/oauth/token",
            "https://api.planningcenteronline.com/people/v2/me",
        ],
        &["people"],
    ))
};
