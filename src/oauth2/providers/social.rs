//! Where people meet, listen, watch and run.

use super::mapped::{Email, Header, Text};
use super::{Mapped, joined, spec, without_pkce};
use crate::oauth2::profile::{id, is_true, text};

pub(super) static GOOGLE: Mapped = Mapped {
    id: "/sub",
    name: Text::At("/name"),
    avatar: Text::At("/picture"),
    email: Email::If("/email", &["/email_verified"]),
    ..Mapped::new(spec(
        "google",
        "Google",
        [
            "https://accounts.google.com/o/oauth2/v2/auth",
            "https://oauth2.googleapis.com/token",
            "https://www.googleapis.com/oauth2/v3/userinfo",
        ],
        &["https://www.googleapis.com/auth/userinfo.profile", "https://www.googleapis.com/auth/userinfo.email"],
    ))
};

pub(super) static YANDEX: Mapped = Mapped {
    name: Text::At("/real_name"),
    username: Text::At("/login"),
    avatar: Text::Made(|user| {
        if is_true(user, "/is_avatar_empty") {
            return String::new();
        }
        format!("https://avatars.yandex.net/get-yapic/{}/islands-200", text(user, "/default_avatar_id"))
    }),
    email: Email::At("/default_email"),
    ..Mapped::new(spec(
        "yandex",
        "Yandex",
        ["https://oauth.yandex.com/authorize", "https://oauth.yandex.com/token", "https://login.yandex.ru/info"],
        &["login:email", "login:avatar", "login:info"],
    ))
};

pub(super) static FACEBOOK: Mapped = Mapped {
    name: Text::At("/name"),
    avatar: Text::At("/picture/data/url"),
    email: Email::At("/email"),
    ..Mapped::new(spec(
        "facebook",
        "Facebook",
        [
            "https://www.facebook.com/v3.2/dialog/oauth",
            "https://graph.facebook.com/v3.2/oauth/access_token",
            "https://graph.facebook.com/me?fields=name,email,picture.type(large)",
        ],
        &["email"],
    ))
};

pub(super) static INSTAGRAM: Mapped = Mapped {
    id: "/user_id",
    name: Text::At("/name"),
    username: Text::At("/username"),
    avatar: Text::At("/profile_picture_url"),
    keep_of_token: &["permissions"],
    ..Mapped::new(spec(
        "instagram2",
        "Instagram",
        [
            "https://www.instagram.com/oauth/authorize",
            "https://api.instagram.com/oauth/access_token",
            "https://graph.instagram.com/me?fields=id,username,account_type,user_id,name,profile_picture_url,followers_count,follows_count,media_count",
        ],
        &["instagram_business_basic"],
    ))
};

pub(super) static DISCORD: Mapped = Mapped {
    name: Text::Made(|user| {
        let (name, username, number) =
            (text(user, "/global_name"), text(user, "/username"), text(user, "/discriminator"));
        match number.as_str() {
            _ if !name.is_empty() => name,
            // Accounts of today have no number any more.
            "" | "0" => username,
            number => format!("{username}#{number}"),
        }
    }),
    username: Text::At("/username"),
    avatar: Text::Made(|user| match text(user, "/avatar") {
        avatar if avatar.is_empty() => avatar,
        avatar => format!("https://cdn.discordapp.com/avatars/{}/{avatar}.png", id(user, "/id")),
    }),
    email: Email::If("/email", &["/verified"]),
    ..Mapped::new(spec(
        "discord",
        "Discord",
        [
            "https://discord.com/api/oauth2/authorize",
            "https://discord.com/api/oauth2/token",
            "https://discord.com/api/users/@me",
        ],
        &["identify", "email"],
    ))
};

pub(super) static TWITTER: Mapped = Mapped {
    id: "/data/id",
    name: Text::At("/data/name"),
    username: Text::At("/data/username"),
    avatar: Text::At("/data/profile_image_url"),
    email: Email::At("/data/confirmed_email"),
    ..Mapped::new(spec(
        "twitter",
        "X/Twitter",
        [
            "https://x.com/i/oauth2/authorize",
            "https://api.x.com/2/oauth2/token",
            "https://api.x.com/2/users/me?user.fields=id,name,username,profile_image_url,confirmed_email",
        ],
        &["users.read", "users.email", "tweet.read"],
    ))
};

pub(super) static KAKAO: Mapped = Mapped {
    username: Text::At("/properties/nickname"),
    avatar: Text::At("/properties/profile_image"),
    email: Email::If("/kakao_account/email", &["/kakao_account/is_email_valid", "/kakao_account/is_email_verified"]),
    ..Mapped::new(spec(
        "kakao",
        "Kakao",
        [
            "https://kauth.kakao.com/oauth/authorize",
            "https://kauth.kakao.com/oauth/token",
            "https://kapi.kakao.com/v2/user/me",
        ],
        &["account_email", "profile_nickname", "profile_image"],
    ))
};

pub(super) static VK: Mapped = Mapped {
    id: "/response/0/id",
    name: Text::Made(|user| joined(user, "/response/0/first_name", "/response/0/last_name")),
    username: Text::At("/response/0/screen_name"),
    avatar: Text::At("/response/0/photo_max"),
    email: Email::OfToken("/email"),
    ..Mapped::new(without_pkce(spec(
        "vk",
        "ВКонтакте",
        [
            "https://oauth.vk.com/authorize",
            "https://oauth.vk.com/access_token",
            "https://api.vk.com/method/users.get?fields=photo_max,screen_name&v=5.131",
        ],
        &["email"],
    )))
};

pub(super) static SPOTIFY: Mapped = Mapped {
    name: Text::At("/display_name"),
    avatar: Text::At("/images/0/url"),
    ..Mapped::new(spec(
        "spotify",
        "Spotify",
        [
            "https://accounts.spotify.com/authorize",
            "https://accounts.spotify.com/api/token",
            "https://api.spotify.com/v1/me",
        ],
        // Its address needs another scope and is not verified.
        &["user-read-private"],
    ))
};

pub(super) static TRAKT: Mapped = Mapped {
    headers: &[
        ("content-type", Header::Fixed("application/json")),
        ("trakt-api-key", Header::ClientId),
        ("trakt-api-version", Header::Fixed("2")),
    ],
    id: "/user/ids/uuid",
    name: Text::At("/user/name"),
    username: Text::At("/user/username"),
    avatar: Text::At("/user/images/avatar/full"),
    ..Mapped::new(spec(
        "trakt",
        "Trakt",
        ["https://trakt.tv/oauth/authorize", "https://api.trakt.tv/oauth/token", "https://api.trakt.tv/users/settings"],
        &[],
    ))
};

pub(super) static TWITCH: Mapped = Mapped {
    headers: &[("client-id", Header::ClientId)],
    id: "/data/0/id",
    name: Text::At("/data/0/display_name"),
    username: Text::At("/data/0/login"),
    avatar: Text::At("/data/0/profile_image_url"),
    email: Email::At("/data/0/email"),
    ..Mapped::new(spec(
        "twitch",
        "Twitch",
        [
            "https://id.twitch.tv/oauth2/authorize",
            "https://id.twitch.tv/oauth2/token",
            "https://api.twitch.tv/helix/users",
        ],
        &["user:read:email"],
    ))
};

pub(super) static PATREON: Mapped = Mapped {
    id: "/data/id",
    name: Text::At("/data/attributes/full_name"),
    username: Text::At("/data/attributes/vanity"),
    avatar: Text::At("/data/attributes/image_url"),
    email: Email::If("/data/attributes/email", &["/data/attributes/is_email_verified"]),
    ..Mapped::new(spec(
        "patreon",
        "Patreon",
        [
            "https://www.patreon.com/oauth2/authorize",
            "https://www.patreon.com/api/oauth2/token",
            "https://www.patreon.com/api/oauth2/v2/identity?fields%5Buser%5D=full_name,email,vanity,image_url,is_email_verified",
        ],
        &["identity", "identity[email]"],
    ))
};

pub(super) static STRAVA: Mapped = Mapped {
    name: Text::Made(|user| joined(user, "/firstname", "/lastname")),
    username: Text::At("/username"),
    avatar: Text::At("/profile"),
    ..Mapped::new(spec(
        "strava",
        "Strava",
        [
            "https://www.strava.com/oauth/authorize",
            "https://www.strava.com/api/v3/oauth/token",
            "https://www.strava.com/api/v3/athlete",
        ],
        &["profile:read_all"],
    ))
};
