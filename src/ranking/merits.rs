//! What a snap is judged by.

/// What speaks for a snap, each from 0 to 1 within the population it was judged in (contract/rankings 4.5).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Merits {
    /// How many devices have it, on a logarithmic scale from the fewest to the most.
    pub devices: f64,
    /// How lately it changed, from the longest ago to the latest.
    pub update: f64,
    /// How well it is described: pictures, links, a licence.
    pub metadata: f64,
    /// Whether its publisher is vouched for.
    pub developer: f64,
    /// How people vote: the lower bound of a confidence interval, 0 without votes.
    pub rating: f64,
}
