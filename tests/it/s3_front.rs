//! The S3 server with something in front of it that decides, request by request, what goes wrong.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::{Method, Request, Response};
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, Incoming};
use larder::storage::{S3Limits, S3Options, Storage};
use s3s::service::S3Service;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::s3_server::{self, Broken};

pub(crate) const ACCESS_KEY: &str = "AKLARDER";
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+hunter2";
pub(crate) const BUCKET: &str = "files";

/// Opens when it is told to, or when whoever would tell it is gone.
#[derive(Debug, Clone)]
pub(crate) struct Gate(watch::Receiver<bool>);

impl Gate {
    /// A closed gate, and what opens it.
    pub(crate) fn closed() -> (Self, watch::Sender<bool>) {
        let (sender, receiver) = watch::channel(false);
        (Self(receiver), sender)
    }

    async fn passed(mut self) {
        let _ = self.0.wait_for(|is_open| *is_open).await;
    }
}

impl PartialEq for Gate {
    fn eq(&self, other: &Self) -> bool {
        self.0.same_channel(&other.0)
    }
}

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fate {
    /// It reaches the server, and the answer the client.
    Fine,
    /// It is, once the gate is open.
    Held(Gate),
    /// It is answered so, without the server; the body is read and forgotten.
    Answer(u16, Vec<(&'static str, &'static str)>, String),
    /// It is never answered.
    Silence,
    /// The server does it, and then it is never answered.
    Lost,
    /// The server does it, and then the connection is closed without an answer.
    Dropped,
    /// The connection is closed without an answer.
    Closed,
    /// The answer breaks off in the middle of its body.
    HalfBody,
    /// The answer stops in the middle of its body, and the connection stays open.
    StalledBody,
    /// The answer's body goes on for ever.
    EndlessBody,
}

impl Fate {
    /// An error in the words of S3.
    pub(crate) fn error(status: u16, code: &str) -> Self {
        let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{SECRET}</Message></Error>");
        Self::Answer(status, vec![("content-type", "application/xml")], body)
    }
}

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Put,
    Begin,
    Part,
    Complete,
    Abort,
    Head,
    Get,
    List,
    Delete,
}

fn step(request: &Request<Incoming>) -> Step {
    let query = request.uri().query().unwrap_or_default();
    let is_part_of_upload = query.contains("uploadId=");
    match *request.method() {
        Method::PUT if is_part_of_upload => Step::Part,
        Method::PUT => Step::Put,
        Method::POST if is_part_of_upload => Step::Complete,
        Method::POST => Step::Begin,
        Method::DELETE if is_part_of_upload => Step::Abort,
        Method::DELETE => Step::Delete,
        Method::HEAD => Step::Head,
        _ if query.contains("list-type=2") => Step::List,
        _ => Step::Get,
    }
}

type Decide = dyn Fn(Step, usize) -> Fate + Send + Sync;

/// The server; it ends with the test's runtime.
pub(crate) struct S3Front {
    pub(crate) folder: TempDir,
    pub(crate) port: u16,
    steps: watch::Receiver<Vec<Step>>,
}

impl S3Front {
    /// A server that works.
    pub(crate) async fn start() -> Self {
        Self::with(|_, _| Fate::Fine).await
    }

    /// `decide` is told what is asked for, and how often that was asked for before.
    pub(crate) async fn with(decide: impl Fn(Step, usize) -> Fate + Send + Sync + 'static) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(BUCKET)).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let service = s3_server::service(folder.path(), ACCESS_KEY, SECRET, &format!("localhost:{port}"));
        let (log, steps) = watch::channel(Vec::new());
        let (log, decide): (_, Arc<Decide>) = (Arc::new(log), Arc::new(decide));
        let handler = Arc::new(move |service: S3Service, request: Request<Incoming>| {
            let step = step(&request);
            let mut before = 0;
            log.send_modify(|steps: &mut Vec<Step>| {
                before = steps.iter().filter(|seen| **seen == step).count();
                steps.push(step);
            });
            answer(decide(step, before), service, request).boxed()
        });
        tokio::spawn(s3_server::serve(listener, service, handler));
        Self { folder, port, steps }
    }

    pub(crate) fn options(&self) -> S3Options {
        S3Options {
            bucket: BUCKET.into(),
            region: "eu-1".into(),
            endpoint: format!("http://127.0.0.1:{}", self.port),
            access_key: ACCESS_KEY.into(),
            secret: SECRET.into(),
            force_path_style: true,
            limits: S3Limits::default(),
        }
    }

    pub(crate) fn storage(&self) -> Storage {
        Storage::s3(&self.options()).unwrap()
    }

    /// Gives up soon, and asks only once.
    pub(crate) fn impatient(&self) -> Storage {
        let limit = Duration::from_secs(1);
        let limits =
            S3Limits { connect: limit, answer: limit, upload_rate: 2 << 20, idle: limit, retry: limit, retries: 0 };
        Storage::s3(&S3Options { limits, ..self.options() }).unwrap()
    }

    /// What was asked for so far.
    pub(crate) fn steps(&self) -> Vec<Step> {
        self.steps.borrow().clone()
    }

    /// Waits until something has been asked for so often.
    pub(crate) async fn until(&self, step: Step, times: usize) {
        let is_enough = |steps: &Vec<Step>| steps.iter().filter(|seen| **seen == step).count() >= times;
        self.steps.clone().wait_for(is_enough).await.unwrap();
    }

    /// The files of the bucket, and what else is with the server: uploads in parts that are not done.
    pub(crate) fn stored(&self) -> Vec<String> {
        let mut files = Vec::new();
        let mut folders = vec![self.folder.path().to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(self.folder.path()).unwrap().to_str().unwrap().to_owned();
                // What the server knows about objects, and stays when they go.
                let is_about = name.starts_with(".bucket-");
                if path.is_dir() {
                    folders.push(path);
                } else if !is_about {
                    files.push(name);
                }
            }
        }
        files.sort();
        files
    }
}

async fn answer(fate: Fate, service: S3Service, request: Request<Incoming>) -> Result<Response<s3s::Body>, Broken> {
    match fate {
        Fate::Fine => s3_server::handle(service, request).await,
        Fate::Held(gate) => {
            gate.passed().await;
            s3_server::handle(service, request).await
        }
        Fate::Answer(status, headers, body) => {
            drain(request).await?;
            let mut answer = Response::builder().status(status);
            for (name, value) in headers {
                answer = answer.header(name, value);
            }
            Ok(answer.body(s3s::Body::from(body)).unwrap())
        }
        Fate::Silence => {
            drain(request).await?;
            std::future::pending().await
        }
        Fate::Lost => {
            s3_server::handle(service, request).await?;
            std::future::pending().await
        }
        Fate::Dropped => {
            s3_server::handle(service, request).await?;
            Err(Broken::other("dropped"))
        }
        Fate::Closed => Err(Broken::other("closed")),
        Fate::HalfBody | Fate::StalledBody => {
            let (head, body) = s3_server::handle(service, request).await?.into_parts();
            let bytes = body.collect().await.map_err(Broken::other)?.to_bytes();
            let rest = if fate == Fate::HalfBody { Rest::Breaks } else { Rest::Stalls };
            let half = bytes.slice(..bytes.len() / 2);
            Ok(Response::from_parts(head, s3s::Body::http_body(Partial { first: Mutex::new(Some(half)), rest })))
        }
        Fate::EndlessBody => {
            let body = Partial { first: Mutex::new(None), rest: Rest::GoesOn };
            Ok(Response::new(s3s::Body::http_body(body)))
        }
    }
}

async fn drain(request: Request<Incoming>) -> Result<(), Broken> {
    let mut body = request.into_body();
    while let Some(frame) = body.frame().await {
        frame.map_err(Broken::other)?;
    }
    Ok(())
}

#[derive(Debug, Clone, Copy)]
enum Rest {
    Breaks,
    Stalls,
    GoesOn,
}

/// A body that is not what it should be.
#[derive(Debug)]
struct Partial {
    first: Mutex<Option<Bytes>>,
    rest: Rest,
}

impl Body for Partial {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        if let Some(first) = self.first.lock().unwrap().take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        match self.rest {
            Rest::Breaks => Poll::Ready(Some(Err(Broken::other("broken off")))),
            Rest::Stalls => Poll::Pending,
            Rest::GoesOn => Poll::Ready(Some(Ok(Frame::data(Bytes::from(vec![b' '; 65536]))))),
        }
    }
}
