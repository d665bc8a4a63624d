//! snapwise: a snap store's answers to install and refresh, from one collected catalogue.
//!
//! The rooms, lowest floor first, which is also the order to read them in. A room imports from floors below it, never
//! from a neighbour and never from above; `ARCHITECTURE.md` is the map, `tests/it/tidy.rs` the check.

// Floor 0, the words: values that, once made, are valid. No IO, no async, no clock.
pub mod assertion;
pub mod snap;

pub mod credentials;
pub mod device;
pub mod ranking;

// Floor 1, the stores: what holds things, or fetches them.
pub mod backstore;
pub mod blobs;
pub mod catalogue;
pub mod db;
pub mod postgres;
pub mod program;
pub mod published;
pub mod upstream;

// Floor 2, the workshops: what we do.
pub mod adoption;
pub mod chain;
pub mod collector;
pub mod deltas;
pub mod editorial;
pub mod exchange;
pub mod find;
pub mod holding;
pub mod mirror;
pub mod push;
pub mod refresh;

// Floor 3, the doors: who may start something, and how it is said.
pub mod http;
pub mod jobs;
pub mod simulator;

// The roof.
pub mod app;
