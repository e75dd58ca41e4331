//! What the settings say about clients, in a form that is quick to ask.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use super::counters::{Bucket, Counters};
use super::rules::{Rule, select};
use super::{Audience, Target, Verdicts};
use crate::networks::Networks;
use crate::settings::Settings;

/// The policy of the settings of the moment, and what is known about tokens.
#[derive(Debug)]
pub struct Limits {
    policy: ArcSwap<Policy>,
    replacing: Mutex<()>,
    verdicts: Verdicts,
}

impl Limits {
    /// Those of these settings.
    pub fn new(settings: &ArcSwap<Settings>) -> Self {
        let policy = ArcSwap::from_pointee(Policy::new(settings.load_full()));
        Self { policy, replacing: Mutex::default(), verdicts: Verdicts::new() }
    }

    /// The policy of the settings as they are now. It is made anew when they were replaced, and counters begin at zero
    /// with it, as the reference has it.
    pub fn policy(&self, settings: &ArcSwap<Settings>) -> Arc<Policy> {
        let policy = self.policy.load();
        if Arc::ptr_eq(&policy.settings, &settings.load()) {
            return Arc::clone(&policy);
        }
        // One at a time, and always the latest: two requests must not replace each other's counters in turn.
        let _alone = self.replacing.lock().unwrap_or_else(PoisonError::into_inner);
        let latest = settings.load_full();
        if !Arc::ptr_eq(&self.policy.load().settings, &latest) {
            self.policy.store(Arc::new(Policy::new(latest)));
        }
        self.policy.load_full()
    }

    /// Whether the settings let superusers come from an address.
    pub fn superuser_may_come_from(&self, settings: &ArcSwap<Settings>, address: IpAddr) -> bool {
        settings.load().superuser_ips.is_empty() || self.policy(settings).superuser_may_come_from(address)
    }

    /// What is known about tokens.
    pub fn verdicts(&self) -> &Verdicts {
        &self.verdicts
    }
}

/// A client has used up what its rule allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many requests, the next is allowed in {retry_after} seconds")]
pub struct TooManyRequests {
    /// Seconds until the client's window ends.
    pub retry_after: u32,
}

/// What settings say about clients, and how many requests these have made.
#[derive(Debug)]
pub struct Policy {
    settings: Arc<Settings>,
    superusers: Networks,
    excluded: Networks,
    rules: Vec<Rule>,
    counters: Counters,
    hasher: RandomState,
}

impl Policy {
    /// That of these settings.
    pub fn new(settings: Arc<Settings>) -> Self {
        Self {
            superusers: Networks::of(&settings.superuser_ips),
            excluded: Networks::of(&settings.rate_limits.excluded_ips),
            rules: settings.rate_limits.rules.iter().map(Rule::new).collect(),
            counters: Counters::new(),
            hasher: RandomState::new(),
            settings,
        }
    }

    /// Whether superusers may come from this address. An empty list lets them come from everywhere; one without a usable
    /// entry from nowhere.
    pub fn superuser_may_come_from(&self, address: IpAddr) -> bool {
        self.settings.superuser_ips.is_empty() || self.superusers.contains(address)
    }

    /// Whether requests of this address are counted.
    pub fn is_limited(&self, address: IpAddr) -> bool {
        self.settings.rate_limits.enabled && !self.excluded.contains(address)
    }

    /// Counts a request of a client that [`is_limited`](Self::is_limited), against the one rule it falls under. `now` is
    /// Unix time in seconds.
    ///
    /// # Errors
    /// [`TooManyRequests`] if the rule allows no more.
    pub fn count(
        &self,
        target: &Target<'_>,
        audience: Audience,
        address: IpAddr,
        now: i64,
    ) -> Result<(), TooManyRequests> {
        let Some(at) = select(&self.rules, target, audience) else { return Ok(()) };
        let (route, collection) = match &target.collection {
            Some(collection) => (collection.route.number(), self.hasher.hash_one(collection.id)),
            None => (0, 0),
        };
        let rule = &self.rules[at];
        // A request body holds far fewer rules than that.
        let bucket = Bucket { rule: u32::try_from(at).unwrap_or(u32::MAX), route, collection };
        let counted = self.counters.count(bucket, address, (rule.duration, rule.max_requests), now);
        counted.map_err(|retry_after| TooManyRequests { retry_after })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::limits::{CollectionPath, TargetCollection, Verdict};

    fn settings(rules: &[(&str, i64, i64)]) -> Settings {
        let mut settings = Settings::default();
        settings.rate_limits.enabled = true;
        settings.rate_limits.rules = rules
            .iter()
            .map(|&(label, duration, max_requests)| crate::settings::RateLimitRule {
                label: label.to_owned(),
                audience: String::new(),
                duration,
                max_requests,
            })
            .collect();
        settings
    }

    fn count(policy: &Policy, method: &str, path: &str, collection: &str, now: i64) -> bool {
        let found = CollectionPath::find(method, path);
        let part = found.map(|f| TargetCollection { route: f.route, head: f.head, id: collection, name: f.collection });
        let target = Target { method, path: found.map_or(path, |f| f.tail), collection: part };
        policy.count(&target, Audience::Guest, IpAddr::from([1, 2, 3, 4]), now).is_ok()
    }

    /// Answers of the reference: paths share the count of their rule, routes of collections have one each.
    #[test]
    fn what_shares_a_count() {
        let policy = Policy::new(Arc::new(settings(&[("/api/", 30, 2)])));
        let mut passed = Vec::new();
        for (method, path, collection) in [
            ("GET", "/api/health", ""),
            ("GET", "/api/settings", ""),
            ("GET", "/api/nope", ""),
            ("POST", "/api", ""),
            ("GET", "/api/collections/a/records", "a"),
            ("HEAD", "/api/collections/a/records", "a"),
            ("GET", "/api/collections/a/records", "a"),
            ("GET", "/api/collections/b/records", "b"),
            ("POST", "/api/collections/a/records", "a"),
            ("GET", "/api/collections/a/records/x", "a"),
            ("GET", "/api/collections/a/records/y", "a"),
            ("GET", "/api/collections/a/records/z", "a"),
        ] {
            passed.push(count(&policy, method, path, collection, 0));
        }
        let (yes, no) = (true, false);
        assert_eq!(passed, [yes, yes, no, no, yes, yes, no, yes, yes, yes, yes, no]);
    }

    #[test]
    fn replaced_settings_begin_at_zero() {
        let current = ArcSwap::from_pointee(settings(&[("/", 100, 1)]));
        let limits = Limits::new(&current);
        let passes = || count(&limits.policy(&current), "GET", "/", "", 0);
        assert_eq!([passes(), passes()], [true, false]);
        current.store(current.load_full());
        assert!(!passes(), "the same settings");
        current.store(Arc::new(settings(&[("/", 100, 1)])));
        assert_eq!([passes(), passes()], [true, false]);
        assert!(limits.policy(&current).superuser_may_come_from(IpAddr::from([1, 1, 1, 1])));
        current.store(Arc::new(Settings { superuser_ips: vec!["10.0.0.0/8".into()], ..Settings::default() }));
        let policy = limits.policy(&current);
        assert!(policy.superuser_may_come_from(IpAddr::from([10, 1, 1, 1])));
        assert!(!policy.superuser_may_come_from(IpAddr::from([11, 1, 1, 1])));
        assert!(!policy.is_limited(IpAddr::from([1, 1, 1, 1])), "switched off");
    }

    /// What a request costs. Run by hand, in a release build:
    /// `cargo nextest run --release --run-ignored only --no-capture cost`.
    #[test]
    #[ignore = "measures; too slow for every run"]
    #[expect(clippy::print_stdout, reason = "the figures are its result")]
    fn cost() {
        const ROUNDS: u32 = 10_000_000;
        let current = ArcSwap::from_pointee(Settings::default());
        let limits = Limits::new(&current);
        let token = "x".repeat(230);
        let (hash, _) = limits.verdicts().find(&token, 0);
        let measure = |what: &str, work: &dyn Fn(u32)| {
            let started = Instant::now();
            (0..ROUNDS).for_each(work);
            println!("{what}: {:.0} ns", started.elapsed().as_secs_f64() * 1e9 / f64::from(ROUNDS));
        };
        let policy = limits.policy(&current);
        measure("switched off", &|_| {
            std::hint::black_box(current.load().rate_limits.enabled);
        });
        let list = "/api/collections/posts/records";
        let allowed = std::cell::Cell::new(0_u32);
        for (what, spread) in [("one client", 1), ("100,000 clients", 100_000), ("10,000,000 clients", ROUNDS)] {
            measure(what, &|n| {
                let found = CollectionPath::find("GET", list).unwrap();
                let collection = TargetCollection { route: found.route, head: found.head, id: "pbc_1", name: "posts" };
                let target = Target { method: "GET", path: found.tail, collection: Some(collection) };
                let address = IpAddr::from((n % spread).to_be_bytes());
                let counted = limits.policy(&current).count(&target, Audience::Guest, address, 0);
                allowed.set(allowed.get() + u32::from(counted.is_ok()));
            });
            // What was measured is the limiter at work: the default rule for `/api/`.
            if spread == 1 {
                assert_eq!(allowed.get(), 300);
            }
        }
        drop(policy);
        limits.verdicts().remember(hash, Verdict::Record, 0);
        measure("verdict of a token", &|_| {
            std::hint::black_box(limits.verdicts().find(&token, 0).1);
        });
    }
}
