//! A map of bounded size for what clients make grow: entries that are over make room for new ones, and where there is no
//! room the entry that is worth least goes.
//!
//! Keys fall into small sets by a hash with a random key, and each set keeps a few entries. So nothing is ever swept and
//! no request pays for others; the memory is that of the entries that were in use at the same time, up to the cap.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Mutex, PoisonError};

/// Most entries of a set.
const WAYS: usize = 8;

/// Locks, so that threads rarely meet.
const SHARDS: usize = 64;

/// What a table holds.
pub(super) trait Entry {
    /// Whether it may be forgotten. `now` is Unix time, in the unit of the table's user.
    fn is_over(&self, now: i64) -> bool;

    /// The smaller, the sooner it has to make room.
    fn worth(&self) -> u32;
}

type Set<K, V> = Vec<(K, V)>;

/// The map.
#[derive(Debug)]
pub(super) struct Table<K, V> {
    hasher: RandomState,
    /// Each with its sets, which are made when the first entry comes.
    shards: Vec<Mutex<Vec<Set<K, V>>>>,
    sets_per_shard: usize,
}

impl<K: Hash + Eq + Copy, V: Entry> Table<K, V> {
    /// A table of at most `cap` entries, rounded up to full sets.
    pub(super) fn new(cap: usize) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { hasher: RandomState::new(), shards, sets_per_shard: cap.div_ceil(WAYS * SHARDS) }
    }

    /// Works on the entry of a key. One that is missing or over is `fresh` first.
    pub(super) fn update<R>(&self, key: K, now: i64, fresh: impl FnOnce() -> V, change: impl FnOnce(&mut V) -> R) -> R {
        self.with_set(&key, |set| {
            if let Some((_, value)) = set.iter_mut().find(|(other, _)| *other == key) {
                if value.is_over(now) {
                    *value = fresh();
                }
                return change(value);
            }
            let mut value = fresh();
            let result = change(&mut value);
            let over = set.iter().position(|(_, value)| value.is_over(now));
            let least = || (0..set.len()).min_by_key(|&at| set[at].1.worth());
            match over.or_else(|| if set.len() < WAYS { None } else { least() }) {
                Some(at) => set[at] = (key, value),
                None => set.push((key, value)),
            }
            result
        })
    }

    /// The entry of a key, unless it is over.
    pub(super) fn find(&self, key: &K, now: i64) -> Option<V>
    where
        V: Copy,
    {
        let is_it = |(other, value): &&(K, V)| other == key && !value.is_over(now);
        self.with_set(key, |set| set.iter().find(is_it).map(|(_, value)| *value))
    }

    /// Forgets the entry of a key.
    pub(super) fn remove(&self, key: &K) {
        self.with_set(key, |set| set.retain(|(other, _)| other != key));
    }

    /// Number of entries, those that are over included.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        let count = |shard: &Mutex<Vec<Set<K, V>>>| shard.lock().unwrap().iter().map(Vec::len).sum::<usize>();
        self.shards.iter().map(count).sum()
    }

    fn with_set<R>(&self, key: &K, work: impl FnOnce(&mut Set<K, V>) -> R) -> R {
        let hash = self.hasher.hash_one(key);
        let index = |bits: u64, count: usize| usize::try_from(bits % count as u64).unwrap_or(0);
        let shard = &self.shards[index(hash, SHARDS)];
        let mut sets = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if sets.is_empty() {
            sets.resize_with(self.sets_per_shard, Vec::new);
        }
        work(&mut sets[index(hash / SHARDS as u64, self.sets_per_shard)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, Copy, PartialEq)]
    struct Until(i64, u32);

    impl Entry for Until {
        fn is_over(&self, now: i64) -> bool {
            now >= self.0
        }

        fn worth(&self) -> u32 {
            self.1
        }
    }

    #[test]
    fn a_full_table_forgets_what_is_worth_least() {
        let table = Table::new(SHARDS * WAYS);
        let dear: Vec<u32> = (0..16).collect();
        for &key in &dear {
            table.update(key, 0, || Until(10, 100), |_| ());
        }
        for key in 1000..100_000 {
            table.update(key, 0, || Until(10, 1), |_| ());
        }
        assert_eq!(table.len(), SHARDS * WAYS);
        // Nine of sixteen keys in one of as many sets as there are shards: that is a broken hash.
        assert!(dear.iter().all(|key| table.find(key, 9).is_some()));
        assert!(dear.iter().all(|key| table.find(key, 10).is_none()), "they are over");
    }

    #[test]
    fn what_is_over_begins_anew_and_makes_room() {
        let table = Table::new(SHARDS * WAYS);
        table.update(1, 0, || Until(10, 5), |_| ());
        table.update(1, 9, || Until(20, 1), |value| assert_eq!(*value, Until(10, 5)));
        table.update(1, 10, || Until(20, 1), |value| assert_eq!(*value, Until(20, 1)));
        for key in 0..100_000 {
            table.update(key, 20, || Until(30, 1), |_| ());
        }
        let before = table.len();
        for key in 0..100_000 {
            table.update(key, 30 + i64::from(key), || Until(31 + i64::from(key), 1), |_| ());
        }
        assert_eq!(table.len(), before, "entries that are over are replaced in place");
    }
}
