//! The queue: takes mails at once, sends a few at a time, tries again later what failed for the moment.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::time::{sleep, timeout};

use super::message::Prepared;
use super::smtp::Client;
use super::{LastError, MailError, Message, PRINTED_MAIL, Status, Transport};
use crate::clock::Clock;

/// Waits before the second, third and fourth attempt.
const RETRY_DELAYS: [Duration; 3] = [Duration::from_secs(5), Duration::from_secs(30), Duration::from_mins(2)];

/// Most mails that wait.
const MAX_QUEUED: usize = 1000;

/// Most memory that waiting mails take, in bytes.
const MAX_QUEUED_BYTES: usize = 64 << 20;

/// Mails on their way at the same time.
const CONCURRENCY: usize = 4;

/// Mails sent past the queue at the same time.
const DIRECT_CONCURRENCY: usize = 16;

/// For [`Mailer::send`], whose caller waits.
const SEND_LIMIT: Duration = Duration::from_secs(15);

/// How long a stopping server goes on sending.
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// Sends mails. Clones share one queue.
#[derive(Clone)]
pub struct Mailer {
    shared: Arc<Shared>,
}

struct Shared {
    transport: Box<dyn Fn() -> Transport + Send + Sync>,
    retry_delays: Vec<Duration>,
    /// Where mails are sent: connections stay with the runtime they were made in.
    runtime: Handle,
    client: Arc<Client>,
    turns: Semaphore,
    /// Mails that somebody waits for, sent past the queue.
    direct: Semaphore,
    ledger: Mutex<Ledger>,
    queued: watch::Sender<usize>,
    is_stopping: watch::Sender<bool>,
    clock: Clock,
}

#[derive(Default)]
struct Ledger {
    queued: usize,
    queued_bytes: usize,
    sent: u64,
    failed: u64,
    last_error: Option<LastError>,
}

impl Mailer {
    /// Starts in the current runtime. `transport` is asked for each attempt, so that changed settings count at once.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn start(transport: impl Fn() -> Transport + Send + Sync + 'static) -> Self {
        Self::with_retries(transport, &RETRY_DELAYS)
    }

    /// As [`start`](Self::start), with other waits between attempts.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn with_retries(transport: impl Fn() -> Transport + Send + Sync + 'static, delays: &[Duration]) -> Self {
        let shared = Shared {
            transport: Box::new(transport),
            retry_delays: delays.to_vec(),
            runtime: Handle::current(),
            client: Arc::default(),
            turns: Semaphore::new(CONCURRENCY),
            direct: Semaphore::new(DIRECT_CONCURRENCY),
            ledger: Mutex::default(),
            queued: watch::Sender::new(0),
            is_stopping: watch::Sender::new(false),
            clock: Clock::system(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Queues a mail. Returns at once; that the queue is full, or that there is no mail server, is a failed delivery.
    pub fn queue(&self, message: Message) -> Delivery {
        let (done, outcome) = oneshot::channel();
        let to = message.to.clone();
        match Shared::admit(&self.shared, message.size()) {
            Ok(place) => {
                self.shared.runtime.spawn(async move {
                    let result = place.shared.deliver(message).await;
                    place.shared.note_outcome(&to, &result);
                    // Whoever is told that the mail is gone finds it gone from the queue.
                    drop(place);
                    let _ = done.send(result);
                });
            }
            Err(error) => {
                let result = Err(error);
                self.shared.note_outcome(&to, &result);
                let _ = done.send(result);
            }
        }
        Delivery(outcome)
    }

    /// Sends a mail now, in one attempt of at most 15 seconds.
    ///
    /// # Errors
    /// [`MailError`], with the mail server's words.
    pub async fn send(&self, message: Message) -> Result<(), MailError> {
        let shared = Arc::clone(&self.shared);
        let task = self.shared.runtime.spawn(async move {
            let to = message.to.clone();
            let Ok(_turn) = shared.direct.try_acquire() else {
                let result = Err(MailError::QueueFull);
                shared.note_outcome(&to, &result);
                return result;
            };
            let attempt = async { shared.attempt(&Prepared::new(message)?).await };
            let result = timeout(SEND_LIMIT, attempt).await.unwrap_or_else(|_| {
                let text = format!("the mail server did not take the mail within {} seconds", SEND_LIMIT.as_secs());
                Err(MailError::Temporary(text))
            });
            shared.note_outcome(&to, &result);
            result
        });
        task.await.unwrap_or(Err(MailError::Stopped))
    }

    /// How sending goes.
    pub fn status(&self) -> Status {
        let transport = (self.shared.transport)().name();
        let ledger = self.shared.lock();
        Status {
            transport,
            queued: ledger.queued,
            sent: ledger.sent,
            failed: ledger.failed,
            last_error: ledger.last_error.clone(),
        }
    }

    /// Gives queued mails a last attempt and a few seconds; what is left then is lost. Later mails are refused.
    pub async fn stop(&self) {
        self.shared.is_stopping.send_replace(true);
        let mut queued = self.shared.queued.subscribe();
        let is_done = timeout(STOP_LIMIT, queued.wait_for(|queued| *queued == 0)).await.is_ok();
        if !is_done {
            let count = *self.shared.queued.borrow();
            tracing::error!(mail.count = count, "the server stops before all mails were sent: {count} are lost");
        }
        self.shared.client.close().await;
    }
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailer").field("status", &self.status()).finish()
    }
}

/// The outcome of a queued mail, once it is sent or given up. Dropping it cancels nothing.
#[derive(Debug)]
pub struct Delivery(oneshot::Receiver<Result<(), MailError>>);

impl Future for Delivery {
    type Output = Result<(), MailError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(|outcome| outcome.unwrap_or(Err(MailError::Stopped)))
    }
}

/// A mail's place in the queue, given back when dropped, also by a panic.
struct Place {
    shared: Arc<Shared>,
    bytes: usize,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut ledger = self.shared.lock();
        ledger.queued -= 1;
        ledger.queued_bytes -= self.bytes;
        self.shared.queued.send_replace(ledger.queued);
    }
}

impl Shared {
    fn admit(shared: &Arc<Self>, bytes: usize) -> Result<Place, MailError> {
        if *shared.is_stopping.borrow() {
            return Err(MailError::Stopped);
        }
        // Known already: such a mail need not wait to be refused.
        if (shared.transport)() == Transport::None {
            return Err(MailError::NoServer);
        }
        let mut ledger = shared.lock();
        if ledger.queued >= MAX_QUEUED || ledger.queued_bytes + bytes > MAX_QUEUED_BYTES {
            return Err(MailError::QueueFull);
        }
        ledger.queued += 1;
        ledger.queued_bytes += bytes;
        shared.queued.send_replace(ledger.queued);
        Ok(Place { shared: Arc::clone(shared), bytes })
    }

    /// Attempts until the mail is sent, cannot be sent, or the patience is over.
    async fn deliver(&self, message: Message) -> Result<(), MailError> {
        let mail = Prepared::new(message)?;
        let mut delays = self.retry_delays.iter();
        loop {
            let is_last = *self.is_stopping.borrow();
            let error = {
                let _turn = self.turns.acquire().await.map_err(|_| MailError::Stopped)?;
                match self.attempt(&mail).await {
                    Ok(()) => return Ok(()),
                    Err(error) => error,
                }
            };
            let delay = delays.next().filter(|_| error.is_temporary() && !is_last);
            let Some(delay) = delay else { return Err(error) };
            let seconds = delay.as_secs();
            tracing::warn!(mail.to = %mail.to, %error, "a mail was not sent, next attempt in {seconds} s");
            self.note_error(&error);
            let mut is_stopping = self.is_stopping.subscribe();
            tokio::select! {
                () = sleep(*delay) => {}
                _ = is_stopping.wait_for(|is_stopping| *is_stopping) => {}
            }
        }
    }

    async fn attempt(&self, mail: &Prepared) -> Result<(), MailError> {
        match (self.transport)() {
            Transport::Smtp(server) => self.client.send(&server, mail).await,
            Transport::Log => {
                // Printed, and never stored: it holds tokens and codes.
                tracing::info!(target: PRINTED_MAIL, { mail.to = %mail.to, mail.subject = %mail.subject }, "a mail, not sent:\n{}", mail.text);
                Ok(())
            }
            Transport::None => Err(MailError::NoServer),
        }
    }

    fn note_outcome(&self, to: &str, result: &Result<(), MailError>) {
        match result {
            Ok(()) => self.lock().sent += 1,
            Err(error) => {
                // Escaped: the address may be what makes the mail unusable.
                tracing::error!(mail.to = ?to, %error, "a mail could not be sent");
                self.note_error(error);
                self.lock().failed += 1;
            }
        }
    }

    fn note_error(&self, error: &MailError) {
        let time = self.clock.now_text();
        self.lock().last_error = Some(LastError { time, message: error.to_string() });
    }

    fn lock(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
