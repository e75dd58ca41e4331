//! Several record writes as one (reference part 3, section 7): all of them happen, or none.
//!
//! Every item runs the same service function as the request it stands for, in one write transaction, with the caller of
//! the whole batch; later items see what earlier ones wrote. What is slow happens before: see [`plan_passwords`].

mod error;
mod item;
mod passwords;
mod run;

pub use error::{BatchError, ItemError};
pub use item::{BatchItem, Target};
pub use passwords::{concern_passwords, plan_passwords};
pub use run::{BatchRequest, Effect, ItemAnswer, effects, run};
