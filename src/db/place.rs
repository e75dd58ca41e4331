//! Queues of bounded length, for work that is waited for in other ways than by a channel of that length.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::DbError;

/// How many wait.
#[derive(Debug, Clone)]
pub struct Places {
    taken: Arc<AtomicUsize>,
    most: usize,
}

/// A place among those who wait. It is free again when this is dropped, also by a client that hangs up while it waits:
/// then nothing after the `await` runs.
#[derive(Debug)]
pub struct Place(Arc<AtomicUsize>);

impl Places {
    /// So many places.
    pub fn new(most: usize) -> Self {
        Self { taken: Arc::default(), most }
    }

    /// Takes one.
    ///
    /// # Errors
    /// [`DbError::QueueFull`].
    pub fn take(&self) -> Result<Place, DbError> {
        let place = Place(Arc::clone(&self.taken));
        if self.taken.fetch_add(1, Ordering::Relaxed) >= self.most { Err(DbError::QueueFull) } else { Ok(place) }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_given_back_whatever_happens() {
        let places = Places::new(2);
        for _ in 0..10 {
            let (_first, second) = (places.take().unwrap(), places.take().unwrap());
            assert!(places.take().is_err());
            drop(second);
            assert!(places.take().is_ok());
        }
    }
}
