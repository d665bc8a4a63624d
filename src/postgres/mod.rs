//! The private PostgreSQL: a server of our own, in a folder, for who has no database at hand.
//!
//! [`Private::start`] finds the PostgreSQL that is installed here, makes a database cluster in the
//! folder the first time, and runs the server as a child of this process until [`Private::stop`].
//! Nobody else gets in: the server listens on no network, only on a Unix socket in a folder that
//! is closed to other accounts. What it promises its owner:
//!
//! * The server ends when its owner ends, also by `kill -9` (`guard.rs`), and not by a ^C that is
//!   meant for the owner alone.
//! * A server that dies alone is started again (`private.rs`), what a dead owner left running is
//!   stopped first (`leftovers.rs`), and two owners of one folder are told apart by a lock; who came
//!   second may wait for the place of the first (`heir.rs`).
//! * It runs for root too, although PostgreSQL refuses to (`identity.rs`).
//!
//! The room reads no environment: what it should know of it stands in [`Options`].

mod binaries;
mod cluster;
mod error;
mod guard;
mod heir;
mod identity;
mod leftovers;
mod private;
mod server;

pub use error::PrivateError;
pub use heir::Heir;
pub use private::Durability;
pub use private::Options;
pub use private::Private;
