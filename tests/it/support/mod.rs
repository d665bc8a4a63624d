//! What tests share: databases, a running server, the spec, patterns of answers.

pub(crate) mod app;
pub(crate) mod database;

pub(crate) mod fixture;
pub(crate) mod listings;
pub(crate) mod objects;
pub(crate) mod offer;
pub(crate) mod pattern;
pub(crate) mod private;
pub(crate) mod raw;
pub(crate) mod recorder;
pub(crate) mod rules;
pub(crate) mod scenario;
pub(crate) mod shelf;
pub(crate) mod spec;
pub(crate) mod upstream;

pub(crate) use database::TestDatabase;
pub(crate) use database::database;
