//! Password hashes: Argon2id for new ones, bcrypt ones of imported folders verify as well.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::oneshot;

use crate::db::{DbError, Places};
use crate::schema::ids;

/// Memory of one hash, in KiB, its passes and lanes (OWASP's recommendation for Argon2id).
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// A hash of a random password, thrown away: verified against where there is no account. It has the parameters of
/// [`hash_password`], so it takes the same time.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$2ywq2NzoPQ03NXVLbgBIhQ$g5JfCiK2uOILcSf4MAEvnD9Z1kUUzkrUyd7VN+0Bel0";

/// Hashes that may wait before new ones are refused.
const MAX_WAITING: usize = 500;

/// bcrypt reads no more than this many bytes of a password; longer ones were refused by the reference.
const BCRYPT_MAX_BYTES: usize = 72;

/// Length of a password nobody knows.
const RANDOM_PASSWORD_LENGTH: usize = 30;

/// A stored hash, in PHC or bcrypt form.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// Computes and verifies hashes on a few threads of their own, so that a storm of sign-ins does not starve the rest: the
/// threads yield to others wherever the system lets them ask for it.
#[derive(Debug, Clone)]
pub struct Hasher {
    jobs: mpsc::Sender<Job>,
    waiting: Places,
    tally: Arc<Tally>,
}

/// Hashes computed so far, by kind: what a sign-in costs, and what must be the same whether there is an account or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashCounts {
    /// Argon2id, of new passwords and of verified ones.
    pub argon2: u64,
    /// bcrypt, of passwords that came from an import.
    pub bcrypt: u64,
}

#[derive(Debug, Default)]
struct Tally {
    argon2: AtomicU64,
    bcrypt: AtomicU64,
}

type Job = Box<dyn FnOnce() + Send>;

/// How far hashing threads stand back: others on the same processor get about nine times their share.
const NICENESS: i32 = 10;

impl Hasher {
    /// A hasher with this many threads, which end with its last clone.
    ///
    /// # Errors
    /// If the system has no threads left.
    pub fn new(threads: usize) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        for number in 0..threads.max(1) {
            let queue = Arc::clone(&queue);
            std::thread::Builder::new().name(format!("hashing-{number}")).spawn(move || work(&queue))?;
        }
        Ok(Self { jobs, waiting: Places::new(MAX_WAITING), tally: Arc::default() })
    }

    /// Hashes computed so far.
    pub fn counts(&self) -> HashCounts {
        let Tally { argon2, bcrypt } = &*self.tally;
        HashCounts { argon2: argon2.load(Ordering::Relaxed), bcrypt: bcrypt.load(Ordering::Relaxed) }
    }

    /// Hashes a new password.
    ///
    /// # Errors
    /// [`DbError::QueueFull`] when too many wait.
    pub async fn hash(&self, password: String) -> Result<PasswordHash, DbError> {
        let tally = Arc::clone(&self.tally);
        self.run(move || tally.hash(&password)).await
    }

    /// The hash of a password nobody knows.
    ///
    /// # Errors
    /// [`DbError::QueueFull`] when too many wait.
    pub async fn hash_random(&self) -> Result<PasswordHash, DbError> {
        self.hash(ids::random_string(RANDOM_PASSWORD_LENGTH, ids::ALPHANUMERIC)).await
    }

    /// Whether the password belongs to the hash. Without a hash it does the same work and says no, so that the time
    /// taken does not tell whether an account exists. With a bcrypt hash in `legacy` it does the work of both kinds,
    /// whichever this one is.
    ///
    /// # Errors
    /// [`DbError::QueueFull`] when too many wait.
    pub async fn verify(
        &self,
        password: String,
        hash: Option<PasswordHash>,
        legacy: Option<PasswordHash>,
    ) -> Result<bool, DbError> {
        let tally = Arc::clone(&self.tally);
        self.run(move || {
            let decoy = PasswordHash(DECOY.to_owned());
            let is_bcrypt = hash.as_ref().is_some_and(PasswordHash::is_bcrypt);
            if let Some(legacy) = legacy {
                tally.verify(&password, if is_bcrypt { &decoy } else { &legacy });
            }
            let fits = tally.verify(&password, hash.as_ref().unwrap_or(&decoy));
            fits && hash.is_some()
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, DbError> {
        let place = self.waiting.take()?;
        let (done, outcome) = oneshot::channel();
        let job = move || {
            drop(place);
            // Whoever hung up meanwhile needs no answer.
            if !done.is_closed() {
                let _ = done.send(work());
            }
        };
        self.jobs.send(Box::new(job)).map_err(|_| DbError::Closed)?;
        // A job that panicked answers nobody.
        outcome.await.map_err(|_| DbError::Panicked)
    }
}

/// Runs jobs until there can be no more.
fn work(queue: &Mutex<mpsc::Receiver<Job>>) {
    // Concerns this thread only. Without it hashing is just less polite.
    let _ = rustix::process::nice(NICENESS);
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        // A broken hash must not cost the thread.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(job));
    }
}

fn argon2() -> Argon2<'static> {
    #[expect(clippy::expect_used, reason = "the constants are within Argon2's limits")]
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("valid Argon2 parameters");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Hashes on this thread; for commands and tests.
///
/// # Panics
/// Never: the salt comes from the system and any password is accepted.
pub fn hash_password(password: &str) -> PasswordHash {
    Tally::default().hash(password)
}

/// Whether the password belongs to the hash; false for a malformed hash. Takes tens of milliseconds.
pub fn verify_password(password: &str, hash: &PasswordHash) -> bool {
    Tally::default().verify(password, hash)
}

/// The computations, all of which are counted.
impl Tally {
    fn hash(&self, password: &str) -> PasswordHash {
        self.argon2.fetch_add(1, Ordering::Relaxed);
        #[expect(clippy::expect_used, reason = "a fresh salt and fixed parameters cannot be refused")]
        let hash = argon2().hash_password(password.as_bytes()).expect("Argon2 hashes any password");
        PasswordHash(hash.to_string())
    }

    fn verify(&self, password: &str, hash: &PasswordHash) -> bool {
        if hash.is_bcrypt() {
            self.bcrypt.fetch_add(1, Ordering::Relaxed);
            // A longer password is refused, after the same work.
            let bytes = password.as_bytes();
            let fits = bcrypt::verify(&bytes[..bytes.len().min(BCRYPT_MAX_BYTES)], &hash.0).unwrap_or(false);
            return fits && bytes.len() <= BCRYPT_MAX_BYTES;
        }
        let verify = |phc: &Phc| {
            self.argon2.fetch_add(1, Ordering::Relaxed);
            argon2().verify_password(password.as_bytes(), phc).is_ok()
        };
        if let Ok(parsed) = Phc::new(&hash.0) {
            return verify(&parsed);
        }
        // An account without a usable hash takes as long as any other.
        let _ = Phc::new(DECOY).map(|decoy| verify(&decoy));
        false
    }
}

impl PasswordHash {
    /// Whether it came from an import and should be replaced at the next sign-in.
    pub fn is_bcrypt(&self) -> bool {
        self.0.starts_with("$2")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_decoy_takes_the_work_of_a_real_hash() {
        let parameters = |hash: &str| hash.split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(parameters(DECOY), parameters(&hash_password("x").0));
        assert!(Phc::new(DECOY).is_ok());
    }

    #[tokio::test]
    async fn clients_that_hang_up_while_they_wait_leave_their_places() {
        use futures_util::FutureExt as _;

        let hasher = Hasher::new(1).unwrap();
        for _ in 0..3 {
            // Most are still waiting when the next round begins, and none of them is worked on any more.
            let dropped = (0..MAX_WAITING).filter(|_| hasher.hash(String::new()).now_or_never().is_none());
            assert!(dropped.count() > 0);
            hasher.hash("asked for".to_owned()).map(|hashed| hashed.is_ok()).await;
            while hasher.hash(String::new()).await.is_err() {}
        }
        hasher.hash(String::new()).await.unwrap();
    }

    #[test]
    fn both_kinds_of_hashes_verify() {
        let fresh = hash_password("pässword 🔑");
        assert!(fresh.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", fresh.0);
        let imported = PasswordHash(bcrypt::hash("pässword 🔑", 4).unwrap());
        for hash in [&fresh, &imported] {
            assert!(verify_password("pässword 🔑", hash));
            assert!(!verify_password("passwort", hash));
        }
        assert!(imported.is_bcrypt() && !fresh.is_bcrypt());
        for broken in ["", "$2a$", "$argon2id$", "x"] {
            assert!(!verify_password("", &PasswordHash(broken.into())), "{broken}");
        }
    }
}
