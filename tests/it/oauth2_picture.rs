//! Pictures of users of other services, which come into file fields.

use serde_json::{Value as Json, json};

use crate::fake_http::{FakeHttp, Reply};
use crate::oauth2_sign_in::{World, person};
use crate::server::{TestServer, config};
use larder::config::Config;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU";

/// Serves a picture, and a page that says it is one.
async fn pictures() -> FakeHttp {
    FakeHttp::start(|request| match request.path() {
        "/face.png" => Reply::Now(200, vec![("content-type", "image/png".to_owned())], PNG.to_vec()),
        "/page.png" => Reply::text(200, "image/png", "<html><script>alert(1)</script></html>"),
        _ => Reply::text(404, "text/plain", ""),
    })
    .await
}

/// A server that fetches pictures, from its own machine too if it is a developer's.
async fn world(dev: bool) -> World {
    let folder = tempfile::tempdir().unwrap();
    let config = Config { dev, ..config(&folder) };
    let world = World::with(TestServer::with(folder, config)).await;
    let mapped = json!({"oauth2": {"mappedFields": {"avatarURL": "avatar", "name": "name"}}});
    world.root.patch("/api/collections/users", mapped).await.expect(200);
    world
}

/// Somebody whose picture is at this URL.
fn pictured(id: &str, url: &str) -> Json {
    let mut user = person(id, "", false);
    user["picture"] = url.into();
    user
}

fn stored(world: &World) -> Vec<String> {
    crate::files::stored(&world.server.folder.path().join("data"))
}

#[tokio::test]
async fn a_new_record_gets_the_picture() {
    let (pictures, world) = (pictures().await, world(true).await);
    let made = world.guest_signs_in("oidc", &pictured("1", &pictures.url("/face.png"))).await;
    let name = made["record"]["avatar"].as_str().unwrap().to_owned();
    assert!(name.starts_with("face_") && name.rsplit('.').next() == Some("png"), "{name}");
    let url = format!("/api/files/users/{}/{name}", made["record"]["id"].as_str().unwrap());
    assert_eq!(world.server.guest().get(&url).await.status, 200);
    // Who is there already keeps what they have.
    let again = world.guest_signs_in("oidc", &pictured("1", &pictures.url("/page.png"))).await;
    assert_eq!(again["record"]["avatar"], name);
    let own = json!({"createData": {"avatar": ""}});
    let user = pictured("2", &pictures.url("/face.png"));
    let made = world.sign_in(&world.server.guest(), "oidc", &user, own).await.expect(200);
    assert_eq!(made["record"]["avatar"], "");
    assert_eq!((pictures.seen().len(), stored(&world).len()), (1, 1));
}

#[tokio::test]
async fn pictures_that_cannot_be_had_keep_nobody_out() {
    let (pictures, world) = (pictures().await, world(true).await);
    for (id, path) in [("1", "/page.png"), ("2", "/missing.png")] {
        let made = world.guest_signs_in("oidc", &pictured(id, &pictures.url(path))).await;
        assert_eq!(made["record"]["avatar"], "", "{path}");
    }
    assert_eq!((pictures.seen().len(), stored(&world).len()), (2, 0));
}

#[tokio::test]
async fn nothing_is_fetched_from_inside() {
    let (pictures, world) = (pictures().await, world(false).await);
    let made = world.guest_signs_in("oidc", &pictured("1", &pictures.url("/face.png"))).await;
    assert_eq!(made["record"]["avatar"], "");
    assert!(pictures.seen().is_empty());
}
