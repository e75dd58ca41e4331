//! Who wants to know that something was committed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arc_swap::ArcSwap;

type Listener = Arc<dyn Fn() + Send + Sync>;

/// Called by the writer thread after each commit. Clones share them.
#[derive(Clone, Default)]
pub(super) struct Listeners {
    all: Arc<ArcSwap<Vec<Listener>>>,
}

impl Listeners {
    pub(super) fn add(&self, listener: impl Fn() + Send + Sync + 'static) {
        let listener: Listener = Arc::new(listener);
        self.all.rcu(|all| {
            let mut all = Vec::clone(all);
            all.push(Arc::clone(&listener));
            all
        });
    }

    /// Calls each of them; one that panics does not keep the others from being called.
    pub(super) fn notify(&self) {
        for listener in self.all.load().iter() {
            if catch_unwind(AssertUnwindSafe(|| listener())).is_err() {
                tracing::error!("a listener to commits panicked");
            }
        }
    }
}

impl std::fmt::Debug for Listeners {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listeners").field("count", &self.all.load().len()).finish()
    }
}
