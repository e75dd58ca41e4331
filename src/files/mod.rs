//! Uploaded files: from the bytes a client sends to a file below its record, and away again.
//!
//! A file is received into the spool (`spool`), stored under `<collection id>/<record id>/<name>` before the record that names
//! it is written (`place`), and removed after the commit that drops its name (`collect`). Whatever happens in between, what
//! remains is a file without a name, which is noted and collected, never a name without a file.

mod blocking;
mod collect;
mod content_type;
mod error;
mod name;
mod named;
mod notes;
mod place;
mod room;
mod service;
mod spool;
mod thumbs;
mod upload;

pub use content_type::{HEAD_BYTES, accepts, disposition, served_type, sniff};
pub use error::FilesError;
pub use name::stored_name;
pub use named::naming_field;
pub use place::{FileKey, FilesMoved, Placement};
pub use service::{Files, FilesOptions};
pub use spool::{Receiving, Spool, Spooled};
pub use thumbs::{Thumb, ThumbRequest};
pub use upload::{Upload, Uploads, name_in_body};
