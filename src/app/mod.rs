//! The roof: what a process is made of, and the only place where the clock, the environment and randomness enter.

mod adopt;
mod assertions;
mod catalogue;
mod cli;
mod collecting;
mod collector;
mod config;
mod demo;
mod featuring;
mod progress;
mod reload;
mod schedule;
mod serve;
mod shelving;
mod simulate;
mod snap;
mod storage;
mod telemetry;
mod worker;

pub use cli::command;
pub use cli::main;
