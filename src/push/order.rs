//! What is asked for with a file.

use crate::assertion::Assertion;
use crate::snap::Architecture;
use crate::snap::Channel;
use crate::snap::Label;
use std::path::Path;

/// A file to be taken in, and what is to become of it.
#[derive(Debug, Clone, Copy)]
pub struct Order<'o> {
    /// The file.
    pub file: &'o Path,
    /// The channels it is given out in.
    pub channels: &'o [Channel],
    /// Only for this architecture; otherwise for all it is built for.
    pub architecture: Option<Architecture>,
    /// Who publishes a snap that is new; known or not.
    pub publisher: Option<&'o Label>,
    /// What was signed of the file, and is stored with it. None when nothing was.
    pub assertions: &'o [Assertion],
}
