//! The reference server, for the proof that the cases themselves are right.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use crate::server::{Client, PASSWORD, SUPERUSER_EMAIL};

/// A reference server, started from `REFERENCE_BIN` on a fresh folder; stops when dropped.
pub(crate) struct Reference {
    base: String,
    process: Child,
    _folder: TempDir,
}

impl Reference {
    pub(crate) async fn start(binary: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // It reads and writes migrations beside its folder.
        let command = |arguments: &[&str]| {
            let mut command = Command::new(binary);
            command
                .args(arguments)
                .arg("--dir")
                .arg(folder.path().join("data"))
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            command
        };
        let made = command(&["superuser", "create", SUPERUSER_EMAIL, PASSWORD]).status().unwrap();
        assert!(made.success(), "{binary} makes no superuser");
        // It takes no port 0 that could be asked for afterwards.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let process = command(&["serve", "--automigrate=false", "--http", &address.to_string()]).spawn().unwrap();
        let reference = Self { base: format!("http://{address}"), process, _folder: folder };
        reference.until_ready().await;
        reference
    }

    /// It says nowhere that it is ready, so it is asked.
    async fn until_ready(&self) {
        let health = format!("{}/api/health", self.base);
        let http = crate::server::http_client();
        for _ in 0..200 {
            if http.get(&health).send().await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the reference server does not answer");
    }

    pub(crate) fn guest(&self) -> Client {
        Client::at(&self.base)
    }

    pub(crate) async fn superuser(&self) -> Client {
        let body = json!({"identity": SUPERUSER_EMAIL, "password": PASSWORD});
        let auth = self.guest().post("/api/collections/_superusers/auth-with-password", body).await.expect(200);
        self.guest().signed_in(&auth)
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
