//! Requests counted in fixed windows, by rule and client.

use std::net::{IpAddr, Ipv4Addr};

use super::table::{Entry, Table};

/// Most windows remembered: about 40 MB.
///
/// Who has more addresses than that makes the table forget windows with few requests first, and so begin them anew. An
/// address that has used up its limit stays refused, and what an attacker wins is no more than what the addresses it
/// takes would have been allowed anyway. Nobody is refused because the table is full.
const MAX_WINDOWS: usize = 1 << 19;

/// What is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Bucket {
    /// Position of the rule.
    pub(super) rule: u32,
    /// Number of the route with tags, 0 for all others, which share the rule's count.
    pub(super) route: u16,
    /// Stands for the id of the collection; 0 without one.
    pub(super) collection: u64,
}

/// Who is counted: what one client owns of the addresses there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Client {
    /// An IPv4 address.
    V4(u32),
    /// The first half of an IPv6 address: one client owns all of a `/64`.
    V6(u64),
}

impl From<IpAddr> for Client {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address.to_bits()),
            // All IPv4 clients behind a NAT64 share the first half (RFC 6052): they are told apart by the second.
            IpAddr::V6(address) => match address.segments() {
                [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
                    Self::V4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)).to_bits())
                }
                _ => Self::V6((address.to_bits() >> 64) as u64),
            },
        }
    }
}

#[derive(Debug)]
struct Window {
    /// Unix time in seconds.
    ends_at: i64,
    count: u32,
}

impl Entry for Window {
    fn is_over(&self, now: i64) -> bool {
        now >= self.ends_at
    }

    fn worth(&self) -> u32 {
        self.count
    }
}

/// The counters of a set of rules.
#[derive(Debug)]
pub(super) struct Counters {
    windows: Table<(Bucket, Client), Window>,
}

impl Counters {
    pub(super) fn new() -> Self {
        Self { windows: Table::new(MAX_WINDOWS) }
    }

    /// Counts a request: `Err` with the seconds until the window ends if it has no room for it. A window begins with the
    /// first request after the one before. `now` is Unix time in seconds.
    pub(super) fn count(
        &self,
        bucket: Bucket,
        address: IpAddr,
        (duration, max_requests): (u32, u32),
        now: i64,
    ) -> Result<(), u32> {
        let latest_end = now.saturating_add(i64::from(duration));
        self.windows.update(
            (bucket, address.into()),
            now,
            || Window { ends_at: latest_end, count: 0 },
            |window| {
                // A clock that was set back must not make windows last.
                window.ends_at = window.ends_at.min(latest_end);
                window.count = window.count.saturating_add(1);
                if window.count <= max_requests {
                    return Ok(());
                }
                Err(u32::try_from(window.ends_at - now).unwrap_or(u32::MAX))
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUCKET: Bucket = Bucket { rule: 0, route: 0, collection: 0 };

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn windows_are_fixed() {
        let counters = Counters::new();
        let client = address("1.2.3.4");
        let count = |now| counters.count(BUCKET, client, (10, 2), now);
        for (now, want) in [
            (100, Ok(())),
            (109, Ok(())),
            (109, Err(1)),
            // The window ended ten seconds after its first request, however many came.
            (110, Ok(())),
            (115, Ok(())),
            (116, Err(4)),
            (119, Err(1)),
            // The next one begins with the next request, not with the end of the last one.
            (125, Ok(())),
            (134, Ok(())),
            (134, Err(1)),
            // The clock is set back by an hour: nobody waits for an hour.
            (-3500, Err(10)),
            (-3490, Ok(())),
        ] {
            assert_eq!(count(now), want, "{now}");
        }
        let _ = counters.count(BUCKET, client, (u32::MAX, u32::MAX), i64::MAX);
    }

    #[test]
    fn who_is_counted_together() {
        for (a, b, together) in [
            ("1.2.3.4", "1.2.3.4", true),
            ("1.2.3.4", "1.2.3.5", false),
            ("1.2.3.4", "::ffff:1.2.3.4", true),
            ("1.2.3.4", "64:ff9b::1.2.3.4", true),
            ("64:ff9b::1.2.3.5", "64:ff9b::1.2.3.4", false),
            ("2001:db8:0:1::1", "2001:db8:0:1:ffff::9", true),
            ("2001:db8:0:1::1", "2001:db8:0:2::1", false),
            ("::1", "0.0.0.0", false),
        ] {
            let counters = Counters::new();
            assert_eq!(counters.count(BUCKET, address(a), (10, 1), 0), Ok(()));
            assert_eq!(counters.count(BUCKET, address(b), (10, 1), 0).is_err(), together, "{a} {b}");
        }
        let counters = Counters::new();
        for bucket in
            [BUCKET, Bucket { rule: 1, ..BUCKET }, Bucket { route: 1, ..BUCKET }, Bucket { collection: 1, ..BUCKET }]
        {
            assert_eq!(counters.count(bucket, address("::1"), (10, 1), 0), Ok(()), "{bucket:?}");
        }
    }

    #[test]
    fn a_flood_of_addresses_neither_takes_memory_nor_frees_who_is_refused() {
        let counters = Counters::new();
        let guesser = address("9.9.9.9");
        let attempt = || counters.count(BUCKET, guesser, (1000, 3), 0);
        for _ in 0..20 {
            let _ = attempt();
        }
        for n in 0..1_000_000_u32 {
            let flood = IpAddr::from((10 << 24 | n).to_be_bytes());
            assert_eq!(counters.count(BUCKET, flood, (1000, 3), 0), Ok(()), "{flood} is new");
        }
        assert!(counters.windows.len() <= MAX_WINDOWS);
        assert!(attempt().is_err());
        // Later all of them are over, and others take their place.
        let before = counters.windows.len();
        for n in 0..100_000_u32 {
            let _ = counters.count(BUCKET, IpAddr::from((11 << 24 | n).to_be_bytes()), (1000, 3), 1000);
        }
        assert!(counters.windows.len() <= before + before / 10);
    }
}
