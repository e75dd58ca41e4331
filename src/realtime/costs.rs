//! What telling of a change costs, by who asked for it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::client::Client;
use super::groups::Group;

/// Clients of a group beyond which what it costs is little for each.
const MANY: usize = 8;

/// What is worth noting of a group of many.
const MUCH: Duration = Duration::from_micros(100);

/// What makes a client a costly one.
const COSTLY: Duration = Duration::from_millis(1);

/// Time spent on one change.
///
/// Each client may cost so much, and the costly ones of an address together: others there must not suffer for them, who may
/// only share a proxy.
#[derive(Debug, Default)]
pub(super) struct Costs {
    by_client: HashMap<u64, Duration>,
    by_address: HashMap<IpAddr, Duration>,
}

impl Costs {
    /// Begins with another change.
    pub(super) fn clear(&mut self) {
        self.by_client.clear();
        self.by_address.clear();
    }

    /// Divides what a group cost among its clients.
    pub(super) fn charge(&mut self, group: &Group, cost: Duration) {
        let count = group.clients.len();
        if count > MANY && cost < MUCH {
            return;
        }
        let share = cost / u32::try_from(count.max(1)).unwrap_or(u32::MAX);
        for client in &group.clients {
            let own = self.by_client.entry(client.number).or_default();
            *own += share;
            if *own > COSTLY {
                client.is_costly.store(true, Ordering::Relaxed);
            }
            *self.by_address.entry(client.account).or_default() += share;
        }
    }

    /// Whether all clients of a group have cost more than they may.
    pub(super) fn are_too_high(&self, group: &Group, limit: Duration) -> bool {
        group.clients.iter().all(|client| self.is_too_high(client, limit))
    }

    fn is_too_high(&self, client: &Arc<Client>, limit: Duration) -> bool {
        let exceeds = |cost: Option<&Duration>| cost.is_some_and(|cost| *cost > limit);
        exceeds(self.by_client.get(&client.number))
            || (client.is_costly.load(Ordering::Relaxed) && exceeds(self.by_address.get(&client.account)))
    }
}
