//! Mails as a mail server gets them: the queue, and what superusers can try and see of it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use larder::mail::{Address, AuthMethod, MailError, Mailer, Message, SmtpServer, Transport};
use serde_json::{Value as Json, json};

use crate::server::{Client, TestServer, config};
use crate::smtp::MailServer;

const TEST: &str = "/api/settings/test/email";
const STATUS: &str = "/api/settings/mail/status";

/// Longer than any test: a retry after it would be noticed.
const NEVER: Duration = Duration::from_hours(24);

fn smtp(port: u16) -> SmtpServer {
    SmtpServer {
        host: "127.0.0.1".to_owned(),
        port,
        username: String::new(),
        password: String::new(),
        auth_method: AuthMethod::Any,
        tls: false,
        local_name: String::new(),
    }
}

fn mailer(server: &MailServer, delays: &[Duration]) -> Mailer {
    let port = server.port;
    Mailer::with_retries(move || Transport::Smtp(smtp(port)), delays)
}

fn message(subject: &str) -> Message {
    Message {
        from: Address { name: "Sender".to_owned(), email: "from@example.com".to_owned() },
        to: "to@example.org".to_owned(),
        subject: subject.to_owned(),
        html: "<p>Code 123456, <a href=\"https://app.test/eyJ0b2tlbiI6MX0\">link</a></p>\n.\n..dots".to_owned(),
    }
}

async fn configure(root: &Client, smtp: Json) {
    root.patch("/api/settings", json!({ "smtp": smtp })).await.expect(200);
}

#[tokio::test]
async fn every_template_can_be_tried() {
    let (server, mut mails) = (TestServer::start(), MailServer::start());
    let root = server.superuser().await;
    configure(&root, mails.settings()).await;
    for (template, path) in [
        ("verification", Some("confirm-verification")),
        ("password-reset", Some("confirm-password-reset")),
        ("email-change", Some("confirm-email-change")),
        ("otp", None),
        ("login-alert", None),
    ] {
        for collection in [json!("users"), json!(""), Json::Null] {
            let body = json!({"email": "ann@example.org", "template": template, "collection": collection});
            root.post(TEST, body).await.expect(204);
            let mail = mails.next().await;
            assert_eq!((mail.from.as_str(), mail.to.as_str()), ("support@example.com", "ann@example.org"));
            assert_eq!(mail.header("from"), "Support <support@example.com>");
            assert_eq!(mail.header("to"), "ann@example.org");
            assert!(mail.header("message-id").ends_with("@example.com>"), "{}", mail.raw);
            for part in ["text/html", "text/plain"] {
                let text = mail.part(part);
                let want = match path {
                    Some(path) => format!("http://localhost:8090/_/#/auth/{path}/eyJ"),
                    None if template == "otp" => "123456".to_owned(),
                    None => "192.0.2.1".to_owned(),
                };
                assert!(text.contains(&want), "{template} {part}: {text}");
            }
        }
    }
    // One connection served all of them.
    assert_eq!(mails.commands("CONNECT").len(), 1);
    assert_eq!(mails.commands("EHLO"), ["EHLO localhost"]);
    let status = root.get(STATUS).await.expect(200);
    assert_eq!(status, json!({"transport": "smtp", "queued": 0, "sent": 15, "failed": 0, "lastError": null}));
    assert_eq!(root.get(&format!("{STATUS}?fields=sent")).await.expect(200), json!({"sent": 15}));
}

#[tokio::test]
async fn a_test_mail_shows_made_up_values() {
    let (server, mut mails) = (TestServer::start(), MailServer::start());
    let root = server.superuser().await;
    configure(&root, mails.settings()).await;
    let users = root.get("/api/collections/users").await.expect(200);
    let mut fields = users["fields"].as_array().unwrap().clone();
    fields.extend([json!({"name": "data", "type": "json"}), json!({"name": "age", "type": "number"})]);
    let names = ["id", "email", "name", "data", "age", "verified", "created", "tokenKey"];
    let subject = names.map(|name| format!("{{RECORD:{name}}}")).join(" ");
    let template = json!({"subject": subject, "body": "-"});
    root.patch("/api/collections/users", json!({"fields": fields, "verificationTemplate": template})).await.expect(200);
    let body = json!({"email": "ann@example.org", "template": "verification", "collection": "users"});
    root.post(TEST, body).await.expect(204);
    let want = "__pb_test_id__ ann@example.org __pb_test_name__ \"__pb_test_data__\" 0 false {RECORD:tokenKey}";
    assert_eq!(mails.next().await.header("subject"), want);
}

#[tokio::test]
async fn what_a_test_refuses() {
    let (server, mails) = (TestServer::start(), MailServer::start());
    let root = server.superuser().await;
    configure(&root, mails.settings()).await;
    for (body, want) in [
        (json!({}), json!({"email": "validation_required", "template": "validation_required"})),
        (
            json!({"email": null, "template": null}),
            json!({"email": "validation_required", "template": "validation_required"}),
        ),
        (json!({"email": "x", "template": "otp"}), json!({"email": "validation_is_email"})),
        (json!({"email": "a@b.co\r\nBcc: c@d.co", "template": "otp"}), json!({"email": "validation_is_email"})),
        (json!({"email": "a@b.co", "template": "OTP"}), json!({"template": "validation_in_invalid"})),
        (
            json!({"email": "a@b.co", "template": "otp", "collection": "nope"}),
            json!({"collection": "validation_invalid_auth_collection"}),
        ),
        (
            json!({"email": "x", "template": "y", "collection": "_mfas"}),
            json!({
                "email": "validation_is_email", "template": "validation_in_invalid",
                "collection": "validation_invalid_auth_collection",
            }),
        ),
    ] {
        let refused = root.post(TEST, body.clone()).await;
        assert_eq!((refused.status.as_u16(), refused.codes()), (400, want), "{body}");
    }
    for body in
        [json!([]), json!("x"), json!({"email": 5, "template": "otp"}), json!({"email": "a@b.co", "template": ["otp"]})]
    {
        let refused = root.post(TEST, body.clone()).await.expect(400);
        assert_eq!(refused["data"], json!({}), "{body}");
    }
    assert_eq!(root.post(TEST, json!({"email": "a".repeat(1 << 20)})).await.status, 413);
    assert_eq!(mails.commands(""), [""; 0]);
}

#[tokio::test]
async fn a_failed_test_tells_what_the_mail_server_said() {
    let (server, mails) = (TestServer::start(), MailServer::with_auth("PLAIN"));
    let root = server.superuser().await;
    let body = json!({"email": "ann@example.org", "template": "otp"});
    let failed = |want: &'static str| {
        let (root, body) = (root.clone(), body.clone());
        async move {
            let answer = root.post(TEST, body).await.expect(400);
            let message = answer["message"].as_str().unwrap();
            assert!(message.contains(want) && !message.contains("hunter2"), "{message}");
            let status = root.get(STATUS).await.expect(200);
            let noted = status["lastError"]["message"].as_str().unwrap();
            assert!(message.contains(noted), "{noted}");
        }
    };
    failed("no mail server is configured").await;
    configure(&root, mails.settings()).await;
    mails.answer_once("RCPT", "550 5.1.1 nobody of that name");
    failed("550 5.1.1 nobody of that name").await;
    mails.answer_once(".", "554-5.7.1 not\r\n554 here, 123456");
    failed("not here, …").await;
    mails.answer_once("CONNECT", "554 no service");
    failed("554 no service").await;
    mails.answer_once("MAIL", "hang up");
    failed("127.0.0.1").await;
    mails.answer_once("AUTH", &format!("535 hunter2 or {}?", BASE64_STANDARD.encode("\0ann\0hunter2")));
    root.patch("/api/settings", json!({"smtp": {"username": "ann", "password": "hunter2"}})).await.expect(200);
    failed("535 … or …").await;
    root.patch("/api/settings", json!({"smtp": {"authMethod": "LOGIN"}})).await.expect(200);
    failed("sign in by LOGIN").await;
    let free_port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    root.patch("/api/settings", json!({"smtp": {"port": free_port}})).await.expect(200);
    failed("onnection refused").await;
    let status = root.get(STATUS).await.expect(200);
    assert_eq!((&status["sent"], &status["failed"]), (&json!(0), &json!(8)));
}

#[tokio::test]
async fn clients_sign_in_as_the_settings_say() {
    let (server, mut mails) = (TestServer::start(), MailServer::with_auth("PLAIN LOGIN"));
    let root = server.superuser().await;
    let encoded = |text: &str| BASE64_STANDARD.encode(text);
    let plain = vec![format!("AUTH PLAIN {}", encoded("\0ann\0pass word"))];
    let login =
        vec!["AUTH LOGIN".to_owned(), format!("LOGIN {}", encoded("ann")), format!("LOGIN {}", encoded("pass word"))];
    let mut seen = Vec::new();
    for (username, password, method, want) in [
        ("", "", "", vec![]),
        ("ann", "pass word", "", plain.clone()),
        ("ann", "pass word", "PLAIN", plain.clone()),
        ("ann", "pass word", "LOGIN", login),
        ("ann", "", "PLAIN", vec![format!("AUTH PLAIN {}", encoded("\0ann\0"))]),
    ] {
        let mut settings = mails.settings();
        settings["username"] = username.into();
        settings["password"] = password.into();
        settings["authMethod"] = method.into();
        settings["localName"] = "mail.example.com".into();
        configure(&root, settings).await;
        root.post(TEST, json!({"email": "ann@example.org", "template": "otp"})).await.expect(204);
        mails.next().await;
        seen.extend(want);
        let mut commands = mails.commands("AUTH");
        commands.extend(mails.commands("LOGIN"));
        let mut wanted = seen.clone();
        wanted.sort();
        commands.sort();
        // PLAIN that is asked for and PLAIN by default are one connection each: settings differ.
        assert_eq!(commands, wanted, "{method}");
    }
    assert!(mails.commands("EHLO").iter().all(|command| command == "EHLO mail.example.com"));
}

#[tokio::test]
async fn passwords_never_travel_in_the_clear() {
    let (server, mails) = (TestServer::start(), MailServer::with_auth("PLAIN LOGIN"));
    let root = server.superuser().await;
    for method in ["PLAIN", "LOGIN", ""] {
        // An address that reaches this machine but is none of its own names.
        let smtp = json!({
            "enabled": true, "host": "0.0.0.0", "port": mails.port, "username": "ann", "password": "hunter2",
            "authMethod": method,
        });
        configure(&root, smtp).await;
        let answer = root.post(TEST, json!({"email": "ann@example.org", "template": "otp"})).await.expect(400);
        assert!(answer["message"].as_str().unwrap().contains("no encryption"), "{answer}");
    }
    assert_eq!(mails.commands("EHLO").len(), 3);
    assert!(mails.commands("AUTH").is_empty());
}

#[tokio::test]
async fn names_of_the_app_make_no_headers() {
    let (server, mut mails) = (TestServer::start(), MailServer::start());
    let root = server.superuser().await;
    configure(&root, mails.settings()).await;
    let evil = "é\r\nBcc: evil@example.com\r\n\r\n<script>alert(1)</script>";
    root.patch("/api/settings", json!({"meta": {"appName": evil, "senderName": evil}})).await.expect(200);
    root.post(TEST, json!({"email": "ann@example.org", "template": "verification"})).await.expect(204);
    let mail = mails.next().await;
    let mut names = mail.header_names();
    names.sort();
    assert_eq!(names, ["content-type", "date", "from", "message-id", "mime-version", "subject", "to"]);
    assert!(!mail.part("text/html").contains("<script>"));
    assert_eq!(mails.commands("RCPT").len(), 1);
}

#[tokio::test]
async fn a_developer_finds_mails_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let config = larder::config::Config { dev: true, ..config(&folder) };
    let server = TestServer::with(folder, config);
    let root = server.superuser().await;
    root.post(TEST, json!({"email": "ann@example.org", "template": "otp"})).await.expect(204);
    let status = root.get(STATUS).await.expect(200);
    assert_eq!(status, json!({"transport": "log", "queued": 0, "sent": 1, "failed": 0, "lastError": null}));
}

#[tokio::test]
async fn a_temporary_failure_is_tried_again() {
    let mut mails = MailServer::start();
    let mailer = mailer(&mails, &[Duration::ZERO; 3]);
    mails.answer_once("RCPT", "450 busy");
    mails.answer_once("CONNECT", "421 later");
    mails.answer_once(".", "hang up");
    mailer.queue(message("one")).await.unwrap();
    let mail = mails.next().await;
    assert_eq!(mail.header("subject"), "one");
    assert!(mail.part("text/html").contains("\n.\n..dots"), "{}", mail.raw);
    let status = mailer.status();
    assert_eq!((status.sent, status.failed, status.queued), (1, 0, 0));
    assert!(status.last_error.is_some());
    mailer.queue(message("two")).await.unwrap();
    assert_eq!(mails.next().await.header("subject"), "two");
}

#[tokio::test]
async fn patience_ends() {
    let mails = MailServer::start();
    let mailer = mailer(&mails, &[Duration::ZERO; 2]);
    for _ in 0..3 {
        mails.answer_once("RCPT", "450 busy");
    }
    let error = mailer.queue(message("s")).await.unwrap_err();
    assert!(matches!(&error, MailError::Temporary(text) if text.contains("450 busy")), "{error:?}");
    assert_eq!(mails.commands("RCPT").len(), 3);
    assert_eq!(mailer.status().failed, 1);
}

#[tokio::test]
async fn a_lasting_failure_is_final() {
    let mails = MailServer::start();
    let mailer = mailer(&mails, &[NEVER]);
    mails.answer_once("RCPT", "550 nobody");
    let error = mailer.queue(message("s")).await.unwrap_err();
    assert!(matches!(&error, MailError::Permanent(text) if text.contains("550 nobody")), "{error:?}");
    for to in ["nobody", "a@b.co\r\nRCPT TO:<c@d.co>", ""] {
        let error = mailer.queue(Message { to: to.to_owned(), ..message("s") }).await.unwrap_err();
        assert!(matches!(error, MailError::Unusable(_)), "{error:?}");
    }
    assert_eq!(mails.commands("RCPT").len(), 1);
    assert_eq!(mailer.status().failed, 4);
}

#[tokio::test]
async fn changed_settings_count_at_the_next_attempt() {
    let (broken, mut working) = (MailServer::start(), MailServer::start());
    broken.answer_once("CONNECT", "421 later");
    let ports = Arc::new(Mutex::new(vec![working.port, broken.port, broken.port]));
    let next = move || {
        let mut ports = ports.lock().unwrap();
        let port = if ports.len() > 1 { ports.pop().unwrap() } else { ports[0] };
        Transport::Smtp(smtp(port))
    };
    let mailer = Mailer::with_retries(next, &[Duration::ZERO]);
    mailer.queue(message("s")).await.unwrap();
    assert_eq!(working.next().await.header("subject"), "s");
    assert_eq!(broken.commands("CONNECT").len(), 1);
}

#[tokio::test]
async fn a_stopping_server_tries_once_more() {
    let mut mails = MailServer::start();
    let mailer = mailer(&mails, &[NEVER, NEVER]);
    mails.answer_once("RCPT", "450 busy");
    let delivery = mailer.queue(message("s"));
    while mails.commands("RCPT").is_empty() {
        tokio::task::yield_now().await;
    }
    mailer.stop().await;
    delivery.await.unwrap();
    assert_eq!(mails.next().await.header("subject"), "s");
    assert_eq!(mailer.queue(message("late")).await, Err(MailError::Stopped));
}

#[tokio::test]
async fn a_full_queue_refuses() {
    let mails = MailServer::start();
    for _ in 0..4 {
        mails.answer_once("CONNECT", "be silent");
    }
    let mailer = mailer(&mails, &[NEVER]);
    let waiting: Vec<_> = (0..1000).map(|_| mailer.queue(message("s"))).collect();
    assert_eq!(mailer.status().queued, 1000);
    assert_eq!(mailer.queue(message("s")).await, Err(MailError::QueueFull));
    drop(waiting);
    assert_eq!(mailer.status().queued, 1000, "dropping a delivery cancels nothing");
    let large = Message { html: "x".repeat(3 << 20), ..message("s") };
    let second = Mailer::with_retries(|| Transport::Smtp(smtp(1)), &[NEVER]);
    let waiting: Vec<_> = (0..21).map(|_| second.queue(large.clone())).collect();
    assert_eq!(second.queue(large).await, Err(MailError::QueueFull));
    drop(waiting);
}

/// What is written to the log while the guard lives.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn start(&self) -> tracing::subscriber::DefaultGuard {
        let log = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(move || log.clone())
            .finish();
        tracing::subscriber::set_default(subscriber)
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_tells_of_failures_but_not_of_contents() {
    let log = Log::default();
    let _guard = log.start();
    let mails = MailServer::with_auth("PLAIN");
    let port = mails.port;
    let server = move || SmtpServer { username: "ann".to_owned(), password: "hunter2".to_owned(), ..smtp(port) };
    let mailer = Mailer::with_retries(move || Transport::Smtp(server()), &[Duration::ZERO]);
    mails.answer_once(".", "451 https://app.test/eyJ0b2tlbiI6MX0 and 123456 are odd");
    mails.answer_once(".", "554 https://app.test/eyJ0b2tlbiI6MX0 and 123456 are odd");
    mailer.queue(message("Your code is 123456")).await.unwrap_err();
    mails.answer_once("AUTH", "535 hunter2 is wrong");
    mailer.queue(message("Your code is 123456")).await.unwrap_err();
    mailer.queue(message("Your code is 123456")).await.unwrap();
    let none = Mailer::start(|| Transport::None);
    assert_eq!(none.queue(message("s")).await, Err(MailError::NoServer));
    let text = log.text();
    assert_eq!(text.matches("ERROR").count(), 3, "{text}");
    assert_eq!(text.matches(" WARN").count(), 1, "{text}");
    assert!(text.contains("no mail server is configured") && text.contains("to@example.org"), "{text}");
    let status = format!("{:?} {mailer:?} {:?}", mailer.status(), message("Your code is 123456"));
    for secret in ["123456", "eyJ0b2tlbiI6MX0", "hunter2"] {
        assert!(!text.contains(secret) && !status.contains(secret), "{secret}: {text}\n{status}");
    }
}

#[tokio::test]
async fn the_log_of_a_developer_holds_whole_mails() {
    let log = Log::default();
    let _guard = log.start();
    let mailer = Mailer::start(|| Transport::Log);
    mailer.queue(message("Your code is 123456")).await.unwrap();
    let text = log.text();
    for part in [" INFO", "to@example.org", "Your code is 123456", "link <https://app.test/eyJ0b2tlbiI6MX0>"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}
