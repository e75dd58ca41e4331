//! Searches take turns: each keeps a processor busy, and other reads want theirs.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::db::{DbError, Place, Places};

/// Searches that may wait for their turn. Who comes later is told to come back.
const MAX_WAITING: usize = 1000;

/// How many searches run at the same time. Clones share it.
#[derive(Debug, Clone)]
pub struct Turns {
    running: Arc<Semaphore>,
    waiting: Places,
}

impl Turns {
    /// One for each processor.
    pub fn new() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self::of(processors, MAX_WAITING)
    }

    fn of(running: usize, waiting: usize) -> Self {
        Self { running: Arc::new(Semaphore::new(running)), waiting: Places::new(waiting) }
    }

    /// Waits for a turn, which ends when what this yields is dropped.
    ///
    /// # Errors
    /// [`DbError::QueueFull`] if too many wait.
    pub async fn take(&self) -> Result<OwnedSemaphorePermit, DbError> {
        let _place: Place = self.waiting.take()?;
        Arc::clone(&self.running).acquire_owned().await.map_err(|_| DbError::Closed)
    }
}

impl Default for Turns {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn those_beyond_the_queue_are_turned_away() {
        let turns = Turns::of(1, 1);
        let first = turns.take().await.unwrap();
        let mut second = Box::pin(turns.take());
        assert!(futures_util::poll!(&mut second).is_pending());
        assert!(matches!(turns.take().await, Err(DbError::QueueFull)));
        drop(first);
        assert!(second.await.is_ok());
        assert!(turns.take().await.is_ok());
    }
}
