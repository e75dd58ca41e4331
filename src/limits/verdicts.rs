//! Who a token stands for, remembered for a moment: rules for guests or for those signed in, and the exemption of
//! superusers, need the answer on every request, and the store is asked for it only now and then.

use sha2::{Digest, Sha256};

use super::table::{Entry, Table};

/// How long a verdict is remembered, in seconds. A token that ends meanwhile counts as what it was; only limits look at
/// this, never what a request may do.
const TTL_SECONDS: i64 = 5;

/// Most tokens remembered, as hashes.
const MAX_TOKENS: usize = 8192;

/// Who a token stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nobody: it is not valid.
    Guest,
    /// A record of an auth collection.
    Record,
    /// A superuser.
    Superuser,
}

#[derive(Debug, Clone, Copy)]
struct Known {
    verdict: Verdict,
    /// Unix time in seconds.
    until: i64,
}

impl Entry for Known {
    fn is_over(&self, now: i64) -> bool {
        // One that is further off than it could be is from before the clock was set back.
        now >= self.until || self.until > now.saturating_add(TTL_SECONDS)
    }

    /// Forged tokens are many: real ones stay.
    fn worth(&self) -> u32 {
        u32::from(self.verdict != Verdict::Guest)
    }
}

/// Hash of a token, which says nothing about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

/// The tokens of the last moments. Tokens themselves are never kept.
#[derive(Debug)]
pub struct Verdicts(Table<TokenHash, Known>);

impl Verdicts {
    pub(super) fn new() -> Self {
        Self(Table::new(MAX_TOKENS))
    }

    /// What is known about a token, and its hash to [`remember`](Self::remember) it by. `now` is Unix time in seconds.
    pub fn find(&self, token: &str, now: i64) -> (TokenHash, Option<Verdict>) {
        let hash = TokenHash(Sha256::digest(token).into());
        (hash, self.0.find(&hash, now).map(|known| known.verdict))
    }

    /// Remembers what the store said about a token.
    pub fn remember(&self, hash: TokenHash, verdict: Verdict, now: i64) {
        let known = Known { verdict, until: now.saturating_add(TTL_SECONDS) };
        self.0.update(hash, now, || known, |entry| *entry = known);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_is_remembered_for_a_moment() {
        let verdicts = Verdicts::new();
        let (hash, known) = verdicts.find("token", 100);
        assert_eq!(known, None);
        verdicts.remember(hash, Verdict::Superuser, 100);
        for (token, now, want) in [
            ("token", 100, Some(Verdict::Superuser)),
            ("token", 104, Some(Verdict::Superuser)),
            ("token", 105, None),
            ("token", 50, None),
            ("token2", 100, None),
            ("", 100, None),
        ] {
            assert_eq!(verdicts.find(token, now).1, want, "{token} {now}");
        }
        assert!(!format!("{verdicts:?}").contains("token"));
    }

    #[test]
    fn forged_tokens_do_not_push_real_ones_out() {
        let verdicts = Verdicts::new();
        let (real, _) = verdicts.find("real", 0);
        verdicts.remember(real, Verdict::Record, 0);
        for n in 0..100_000 {
            let (hash, _) = verdicts.find(&format!("forged {n}"), 0);
            verdicts.remember(hash, Verdict::Guest, 0);
        }
        assert_eq!(verdicts.find("real", 0).1, Some(Verdict::Record));
        assert!(verdicts.0.len() <= MAX_TOKENS);
    }
}
