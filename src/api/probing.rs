//! Slows down who probes for records that a rule hides: many filtered lists in a row that show nothing (reference part 2,
//! section 7.1).

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Empty lists within [`WINDOW_MS`] before the next one is delayed.
const FREE: u32 = 3;

/// How long empty lists count, in milliseconds.
const WINDOW_MS: i64 = 3000;

/// Longest delay, in milliseconds.
const MAX_DELAY_MS: u32 = 500;

/// Most pairs of address and collection remembered; beyond it the oldest are forgotten.
const MAX_PAIRS: usize = 10_000;

/// Empty answers by who asked and for which collection.
#[derive(Debug, Default)]
pub struct Probing {
    seen: Mutex<HashMap<(IpAddr, String), Seen>>,
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    since_ms: i64,
    count: u32,
}

impl Probing {
    /// Notes an empty list and says how long its answer is to wait. `now_ms` is Unix time in milliseconds.
    pub(super) fn note(&self, address: IpAddr, collection: &str, now_ms: i64) -> Option<Duration> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= MAX_PAIRS {
            seen.retain(|_, seen| now_ms - seen.since_ms < WINDOW_MS);
            if seen.len() >= MAX_PAIRS {
                seen.clear();
            }
        }
        let entry = seen.entry((address, collection.to_owned())).or_insert(Seen { since_ms: now_ms, count: 0 });
        if now_ms - entry.since_ms >= WINDOW_MS {
            *entry = Seen { since_ms: now_ms, count: 0 };
        }
        entry.count = entry.count.saturating_add(1);
        if entry.count <= FREE {
            return None;
        }
        let random = getrandom::u32().unwrap_or(u32::MAX / 2);
        Some(Duration::from_millis(u64::from(random % MAX_DELAY_MS)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_many_empty_lists_in_a_row_are_delayed() {
        let probing = Probing::default();
        let address = IpAddr::from([127, 0, 0, 1]);
        let delayed = |collection: &str, now| probing.note(address, collection, now).is_some();
        let got: Vec<bool> = (0..5).map(|n| delayed("a", 1000 + n)).collect();
        assert_eq!(got, [false, false, false, true, true]);
        assert!(!delayed("b", 1005));
        assert!(!delayed("a", 1000 + WINDOW_MS));
        for n in 0..20_000_u32 {
            probing.note(IpAddr::from(n.to_be_bytes()), "c", 5000);
        }
        assert!(probing.seen.lock().unwrap().len() <= MAX_PAIRS);
    }
}
