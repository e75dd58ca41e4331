//! Slows down guessing, without giving anybody a way to lock somebody else out.
//!
//! Wrong attempts are counted for each pair of what is guessed at and who guesses; only the guesser is refused. When an
//! account is under attack from many addresses at once, each of them gets fewer attempts, but never none: the owner comes
//! from an address of their own. In memory, in fixed windows, for what does not exist as well as for what does.

use std::net::IpAddr;

use sha2::{Digest, Sha256};

use super::counters::Client;
use super::table::{Entry, Table};

/// How long wrong attempts count, in milliseconds.
const WINDOW_MS: i64 = 5 * 60_000;

/// Wrong attempts of one address at one account.
const PER_ADDRESS: u32 = 10;

/// Wrong attempts at one account from anywhere that make it an attack.
const ATTACK: u32 = 100;

/// Wrong attempts of one address at an account under attack.
const PER_ADDRESS_IN_ATTACK: u32 = 3;

/// Wrong attempts at one account through one proxy that the settings do not know: all that counts there is what the proxy
/// passed on, which may be the client's own word.
const PER_CARRIER: u32 = 100;

/// How long wrong codes count, in milliseconds, and how many one address may try (reference part 3, section 8.8).
const OTP_WINDOW_MS: i64 = 180_000;
const OTP_PER_ADDRESS: u32 = 5;

/// Wrong attempts at one code from anywhere, after which it is as good as expired. Only who asked for it knows its id.
const PER_OTP: u32 = 10;

/// Addresses that one account may ask to have within [`WINDOW_MS`].
const EMAIL_CHANGES: u32 = 10;

/// Least time between two mails of a kind to one account, in milliseconds.
const RESEND_MS: i64 = 120_000;

/// Most counters at the same time, about 50 bytes each. Those of few attempts make room first.
const MAX_COUNTERS: usize = 1 << 17;

type Key = [u8; 16];

/// Too many wrong attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many wrong attempts, the next is allowed in {retry_after} seconds")]
pub struct TooManyAttempts {
    /// Seconds to wait.
    pub retry_after: u64,
}

/// Counters of wrong attempts and of mails.
#[derive(Debug)]
pub struct Throttle(Table<Key, Window>);

#[derive(Debug, Clone, Copy)]
struct Window {
    until_ms: i64,
    count: u32,
}

impl Entry for Window {
    fn is_over(&self, now_ms: i64) -> bool {
        now_ms >= self.until_ms
    }

    fn worth(&self) -> u32 {
        self.count
    }
}

impl Default for Throttle {
    fn default() -> Self {
        Self(Table::new(MAX_COUNTERS))
    }
}

/// An attempt at a secret that may be made; tell it how it went.
#[derive(Debug)]
#[must_use = "an attempt that is not settled is not counted"]
pub struct Attempt<'t> {
    throttle: &'t Throttle,
    limits: Vec<Limit>,
}

#[derive(Debug, Clone, Copy)]
struct Limit {
    key: Key,
    window_ms: i64,
    most: u32,
    /// Whether success forgets the wrong attempts.
    clears: bool,
}

/// Who guesses.
#[derive(Debug, Clone, Copy)]
pub struct Source {
    /// The client's address.
    pub address: IpAddr,
    /// Where the connection came from, if the address is only what was said there.
    pub carrier: Option<IpAddr>,
}

impl From<IpAddr> for Source {
    fn from(address: IpAddr) -> Self {
        Self { address, carrier: None }
    }
}

/// A mail that may be sent again after a while.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Resend {
    Verification,
    PasswordReset,
}

impl Throttle {
    /// Before a password is verified. `identity` is what the client sent, whether there is such an account or not.
    ///
    /// # Errors
    /// [`TooManyAttempts`].
    pub fn password_attempt(
        &self,
        collection: &str,
        identity: &str,
        source: Source,
        now_ms: i64,
    ) -> Result<Attempt<'_>, TooManyAttempts> {
        let identity = identity.to_lowercase();
        let everywhere = key(&["password", collection, &identity]);
        let in_attack = self.count(everywhere, now_ms) >= ATTACK;
        let most = if in_attack { PER_ADDRESS_IN_ATTACK } else { PER_ADDRESS };
        // Success clears nothing: who may sign in by the same name elsewhere could forget their guesses with it.
        let limit = |key, most| Limit { key, window_ms: WINDOW_MS, most, clears: false };
        let from = |kind: &str, address| key(&[kind, collection, &identity, &owner(address)]);
        let mut limits = vec![limit(from("password", source.address), most), limit(everywhere, u32::MAX)];
        limits.extend(source.carrier.map(|carrier| limit(from("password through", carrier), PER_CARRIER)));
        self.begin(limits, now_ms)
    }

    /// Before a code is verified. What is counted must not tell codes that exist from others: `mailbox` is what the id was
    /// answered for, whether there is an account or not. `lifetime` of codes is in seconds.
    ///
    /// # Errors
    /// [`TooManyAttempts`].
    pub fn otp_attempt(
        &self,
        (collection, otp_id): (&str, &str),
        mailbox: Option<&str>,
        lifetime: i64,
        source: Source,
        now_ms: i64,
    ) -> Result<Attempt<'_>, TooManyAttempts> {
        let address = owner(source.address);
        let here =
            |parts: &[&str]| Limit { key: key(parts), window_ms: OTP_WINDOW_MS, most: OTP_PER_ADDRESS, clears: true };
        let window_ms = OTP_WINDOW_MS.max(lifetime.saturating_mul(1000));
        let mut limits = vec![
            here(&["otp", collection, otp_id, &address]),
            Limit { key: key(&["otp", collection, otp_id]), window_ms, most: PER_OTP, clears: true },
        ];
        limits.extend(mailbox.map(|mailbox| here(&["otp of", mailbox, &address])));
        self.begin(limits, now_ms)
    }

    /// Whether so many guesses were made at a code that it is as good as expired.
    pub fn is_spent(&self, (collection, otp_id): (&str, &str), now_ms: i64) -> bool {
        self.count(key(&["otp", collection, otp_id]), now_ms) >= PER_OTP
    }

    /// Before it is looked at an address that somebody says is going to be theirs: nobody else's mailbox is to be flooded, and
    /// it is not to be found out who has an account.
    ///
    /// # Errors
    /// [`TooManyAttempts`].
    pub fn email_change(&self, record: &str, now_ms: i64) -> Result<(), TooManyAttempts> {
        let limit =
            Limit { key: key(&["email change", record]), window_ms: WINDOW_MS, most: EMAIL_CHANGES, clears: false };
        self.begin(vec![limit], now_ms)?.settle(false, now_ms)
    }

    fn begin(&self, limits: Vec<Limit>, now_ms: i64) -> Result<Attempt<'_>, TooManyAttempts> {
        let attempt = Attempt { throttle: self, limits };
        attempt.check(now_ms)?;
        Ok(attempt)
    }

    /// Whether a mail may be sent to the record now; if so, none of the kind may for a while.
    pub fn may_send(&self, mail: Resend, record: &str, now_ms: i64) -> bool {
        self.add(resend_key(mail, record), RESEND_MS, now_ms) == 1
    }

    /// The mail may be sent again at once: it was not sent, or it did what it was for.
    pub fn allow_resend(&self, mail: Resend, record: &str) {
        self.0.remove(&resend_key(mail, record));
    }

    fn count(&self, key: Key, now_ms: i64) -> u32 {
        self.0.find(&key, now_ms).map_or(0, |window| window.count)
    }

    /// Counts one more and returns how many there are now.
    fn add(&self, key: Key, window_ms: i64, now_ms: i64) -> u32 {
        let fresh = || Window { until_ms: now_ms.saturating_add(window_ms), count: 0 };
        self.0.update(key, now_ms, fresh, |window| {
            // A clock that was set back must not make windows last.
            window.until_ms = window.until_ms.min(now_ms.saturating_add(window_ms));
            window.count = window.count.saturating_add(1);
            window.count
        })
    }
}

impl Attempt<'_> {
    fn check(&self, now_ms: i64) -> Result<(), TooManyAttempts> {
        for limit in &self.limits {
            if let Some(window) = self.throttle.0.find(&limit.key, now_ms)
                && window.count >= limit.most
            {
                let seconds = (window.until_ms - now_ms).min(limit.window_ms).div_euclid(1000) + 1;
                return Err(TooManyAttempts { retry_after: seconds.unsigned_abs() });
            }
        }
        Ok(())
    }

    /// Counts the attempt if it was wrong. Many may have begun at the same time: those beyond the limit learn nothing,
    /// not even that they were right.
    ///
    /// # Errors
    /// [`TooManyAttempts`].
    pub fn settle(self, is_right: bool, now_ms: i64) -> Result<(), TooManyAttempts> {
        if is_right {
            self.check(now_ms)?;
            let cleared = self.limits.iter().filter(|limit| limit.clears);
            cleared.for_each(|limit| self.throttle.0.remove(&limit.key));
            return Ok(());
        }
        // Counted and compared in one step: of attempts at the same moment, only so many are within the limit.
        let over =
            self.limits.iter().filter(|limit| self.throttle.add(limit.key, limit.window_ms, now_ms) > limit.most);
        if over.count() == 0 { Ok(()) } else { self.check(now_ms) }
    }
}

fn resend_key(mail: Resend, record: &str) -> Key {
    let kind = match mail {
        Resend::Verification => "verification",
        Resend::PasswordReset => "password reset",
    };
    key(&[kind, record])
}

/// A key of fixed size, whatever clients send.
fn key(parts: &[&str]) -> Key {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part.as_bytes());
    }
    let mut key = Key::default();
    key.copy_from_slice(&hash.finalize()[..16]);
    key
}

/// Who an address belongs to.
fn owner(address: IpAddr) -> String {
    match Client::from(address) {
        Client::V4(bits) => format!("4 {bits}"),
        Client::V6(bits) => format!("6 {bits}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn guess(throttle: &Throttle, address: &str, is_right: bool, now: i64) -> bool {
        let attempt = throttle.password_attempt("users", "Ann@example.com", ip(address).into(), now);
        attempt.and_then(|attempt| attempt.settle(is_right, now)).is_ok()
    }

    #[test]
    fn only_the_guesser_is_refused_and_only_for_a_while() {
        let throttle = Throttle::default();
        let allowed = (0..20).filter(|_| guess(&throttle, "2001:db8::1", false, 0)).count();
        assert_eq!(allowed, 10);
        assert!(!guess(&throttle, "2001:db8::ffff", true, 1), "the same /64 is the same guesser");
        assert!(guess(&throttle, "2001:db8:0:1::1", true, 1), "the owner comes from elsewhere");
        assert!(guess(&throttle, "2001:db8::1", true, WINDOW_MS));
    }

    #[test]
    fn the_owner_gets_in_while_many_addresses_guess() {
        let throttle = Throttle::default();
        for n in 0..1000_u32 {
            let address = IpAddr::from((n + 0x0a00_0000).to_be_bytes()).to_string();
            let allowed = (0..10).filter(|_| guess(&throttle, &address, false, i64::from(n))).count();
            assert!(allowed == 10 || (n > 9 && allowed == 3), "address {n} had {allowed}");
        }
        assert!(guess(&throttle, "192.0.2.1", false, 2000));
        assert!(guess(&throttle, "192.0.2.1", true, 2000));
    }

    #[test]
    fn success_does_not_forget_guesses() {
        let throttle = Throttle::default();
        for _ in 0..9 {
            assert!(guess(&throttle, "192.0.2.1", false, 0) && guess(&throttle, "192.0.2.1", true, 0));
        }
        assert!(guess(&throttle, "192.0.2.1", false, 0));
        assert!(!guess(&throttle, "192.0.2.1", true, 0));
    }

    #[test]
    fn what_a_proxy_passes_on_does_not_make_guesses_free() {
        let throttle = Throttle::default();
        let carrier = Some(ip("10.0.0.1"));
        let allowed = (0..1000_u32).filter(|n| {
            let source = Source { address: IpAddr::from(n.to_be_bytes()), carrier };
            let attempt = throttle.password_attempt("users", "a", source, 0);
            attempt.and_then(|attempt| attempt.settle(false, 0)).is_ok()
        });
        assert_eq!(allowed.count(), 100);
    }

    #[test]
    fn a_clock_set_back_does_not_make_windows_last() {
        let throttle = Throttle::default();
        assert!((0..9).all(|_| guess(&throttle, "192.0.2.1", false, 1_000_000_000)));
        assert!(guess(&throttle, "192.0.2.1", false, 0));
        assert!(!guess(&throttle, "192.0.2.1", false, 0));
        assert!(guess(&throttle, "192.0.2.1", false, WINDOW_MS));
    }

    #[test]
    fn guesses_made_at_the_same_time_do_not_slip_through() {
        let throttle = Throttle::default();
        let attempts: Vec<_> =
            (0..50).map(|_| throttle.password_attempt("users", "a", ip("192.0.2.1").into(), 0).unwrap()).collect();
        let answers = attempts.into_iter().enumerate().map(|(n, a)| a.settle(n == 49, 0).is_ok());
        let answers: Vec<bool> = answers.collect();
        assert_eq!(answers.iter().filter(|answer| **answer).count(), 10);
        assert!(!answers[49], "a right guess beyond the limit looks like all others");
        let many: Vec<_> =
            (0..250).map(|_| throttle.password_attempt("users", "b", ip("192.0.2.1").into(), 0).unwrap()).collect();
        assert!(many.into_iter().all(|attempt| attempt.settle(true, 0).is_ok()));
    }

    #[test]
    fn a_code_dies_of_wrong_guesses_from_anywhere() {
        let throttle = Throttle::default();
        let guess = |n: u8| {
            let attempt = throttle.otp_attempt(("users", "code"), None, 86_400, IpAddr::from([10, 0, 0, n]).into(), 0);
            attempt.and_then(|attempt| attempt.settle(false, 0)).is_ok()
        };
        assert_eq!((0..100).filter(|n| guess(n / 5)).count(), 10);
        assert!(throttle.is_spent(("users", "code"), 86_399_999), "for as long as it is valid");
    }

    #[test]
    fn another_code_of_the_same_mailbox_gives_no_more_guesses() {
        let throttle = Throttle::default();
        let address = IpAddr::from([10, 0, 0, 1]);
        let guess = |code: usize, mailbox: &str| {
            let attempt = throttle.otp_attempt(("users", &code.to_string()), Some(mailbox), 180, address.into(), 0);
            attempt.and_then(|attempt| attempt.settle(false, 0)).is_ok()
        };
        assert_eq!((0..50).filter(|n| guess(n / 5, "ann")).count(), 5);
        assert!(guess(100, "bob"));
    }

    #[test]
    fn threads_do_not_overshoot() {
        let throttle = Throttle::default();
        let answers = std::sync::atomic::AtomicU32::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let made: Vec<_> =
                        (0..200).map(|_| throttle.password_attempt("users", "a", ip("192.0.2.1").into(), 0)).collect();
                    let within = made.into_iter().flatten().filter_map(|attempt| attempt.settle(false, 0).ok());
                    answers.fetch_add(u32::try_from(within.count()).unwrap(), std::sync::atomic::Ordering::Relaxed);
                });
            }
        });
        assert_eq!(answers.into_inner(), 10);
    }

    #[test]
    fn mails_are_not_sent_again_at_once() {
        let throttle = Throttle::default();
        assert!(throttle.may_send(Resend::Verification, "a", 0));
        assert!(!throttle.may_send(Resend::Verification, "a", RESEND_MS - 1));
        assert!(throttle.may_send(Resend::PasswordReset, "a", 1));
        assert!(throttle.may_send(Resend::Verification, "a", RESEND_MS));
        throttle.allow_resend(Resend::Verification, "a");
        assert!(throttle.may_send(Resend::Verification, "a", RESEND_MS + 1));
    }

    #[test]
    fn memory_is_bounded() {
        let throttle = Throttle::default();
        for n in 0..400_000_u32 {
            throttle.may_send(Resend::Verification, &n.to_string(), i64::from(n) / 1000);
        }
        assert!(throttle.0.len() <= MAX_COUNTERS);
    }
}
