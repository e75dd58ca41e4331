//! What telling of a change costs, by who asked for it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use super::groups::Group;

/// Clients of a group beyond which what it costs is little for each.
const MANY: usize = 8;

/// What is worth noting of a group of many.
const MUCH: Duration = Duration::from_micros(100);

/// Time spent on one change, by address.
#[derive(Debug, Default)]
pub(super) struct Costs(HashMap<IpAddr, Duration>);

impl Costs {
    /// Begins with another change.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Divides what a group cost among its clients.
    pub(super) fn charge(&mut self, group: &Group, cost: Duration) {
        let count = group.clients.len();
        if count > MANY && cost < MUCH {
            return;
        }
        let share = cost / u32::try_from(count.max(1)).unwrap_or(u32::MAX);
        for client in &group.clients {
            *self.0.entry(client.account).or_default() += share;
        }
    }

    /// Whether the addresses of all clients of a group have cost more than they may.
    pub(super) fn are_too_high(&self, group: &Group, limit: Duration) -> bool {
        let cost = |address: &IpAddr| self.0.get(address).copied().unwrap_or_default();
        group.clients.iter().all(|client| cost(&client.account) > limit)
    }
}
