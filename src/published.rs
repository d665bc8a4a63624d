//! The one cell in which a published value changes hands.

use arc_swap::ArcSwapOption;
use arc_swap::Guard;
use std::sync::Arc;

/// Holds the value being served, or none before the first. Readers never wait and see one value whole; a request
/// loads once, at the door.
#[derive(Debug)]
pub struct Published<T>(ArcSwapOption<T>);

impl<T> Published<T> {
    /// A cell in which nothing is published yet.
    pub fn empty() -> Self {
        Self(ArcSwapOption::empty())
    }

    /// The value being served.
    pub fn load(&self) -> Guard<Option<Arc<T>>> {
        self.0.load()
    }

    /// Puts another value in its place and returns the earlier one. Requests that hold that one finish with it; it is
    /// freed where its last holder lets go.
    pub fn publish(&self, value: Arc<T>) -> Option<Arc<T>> {
        self.0.swap(Some(value))
    }
}
