//! The roof: what a process is made of, and the only place where the clock, the environment and randomness enter.

mod admitting;
mod adopt;
mod assertions;
mod catalogue;
mod cli;
mod collecting;
mod collector;
mod config;
mod credential;
mod demo;
mod featuring;
mod keeping;
mod mirroring;
mod overrides;
mod progress;
mod relaying;
mod reload;
mod schedule;
mod secrets;
mod serve;
mod settings;
mod shelving;
mod simulate;
mod snap;
mod storage;
mod telemetry;
mod worker;

pub use cli::command;
pub use cli::main;
