//! What snapwise promises, asked for through the doors its users come in by.
#![allow(clippy::unwrap_used, reason = "a helper of a test may fail the test")]

mod adoption;
mod assertions;
mod boards;
mod collector;
mod db;
mod demo;
mod editors;
mod exchange;
mod files;
mod find;
mod forward;
mod jobs;
mod kills;
mod memory;
mod mirror;
mod overrides;
mod platform;
mod postgres;
mod progress;
mod rankings;
mod relay;
mod resolution;
mod scenarios;
mod sessions;
mod spec;
mod support;
mod tidy;
mod upstream;
