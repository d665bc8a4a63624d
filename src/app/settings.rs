//! `snapwise config`: what every setting is in the end, and where that came from.

use crate::app::config;
use crate::app::secrets;
use clap::ArgMatches;
use clap::parser::ValueSource;
use std::io::Write;
use std::path::Path;

/// A setting in force.
struct InForce {
    value: String,
    source: String,
}

/// Prints every setting of a server, secrets masked.
///
/// # Errors
/// When standard output takes nothing.
pub(super) fn show(command: &clap::Command, matches: &ArgMatches) -> anyhow::Result<()> {
    let matches = matches.subcommand_matches("config").unwrap_or(matches);
    let config = command.find_subcommand("config").expect("it is a command");
    let mut out = std::io::stdout().lock();
    for argument in config.get_arguments().chain(command.get_arguments()) {
        let (Some(long), Some(_)) = (argument.get_long(), argument.get_env()) else {
            continue;
        };
        let id = argument.get_id().as_str();
        let InForce { value, source } = match given(argument, matches) {
            Some(InForce { value, source }) => InForce { value: masked(id, value), source },
            None => otherwise(id, |other| {
                let mut all = config.get_arguments().chain(command.get_arguments());
                given(all.find(|argument| argument.get_id() == other)?, matches)
            }),
        };
        writeln!(out, "{long:<24} {value:<40} {source}")?;
    }
    Ok(())
}

/// What was said, or else is the default of the option.
fn given(argument: &clap::Arg, matches: &ArgMatches) -> Option<InForce> {
    let id = argument.get_id().as_str();
    let Some(values) = matches.get_raw(id) else {
        let (name, value) = config::alias_of(id)?;
        return Some(InForce { value, source: format!("variable {name}") });
    };
    let values: Vec<_> = values.map(|value| value.to_string_lossy()).collect();
    let source = match matches.value_source(id) {
        Some(ValueSource::CommandLine) => "command line".to_owned(),
        Some(ValueSource::EnvVariable) => {
            format!("variable {}", argument.get_env().unwrap_or_default().display())
        }
        _ => "default".to_owned(),
    };
    Some(InForce { value: values.join(" "), source })
}

/// What is done where nothing was said, which may depend on what was said of other settings.
fn otherwise(id: &str, other: impl Fn(&str) -> Option<InForce>) -> InForce {
    let state_dir = other("state_dir").map(|state_dir| state_dir.value).unwrap_or_default();
    let within = |name: &str| Path::new(&state_dir).join(name).display().to_string();
    let is_private = other("database_url").is_none();
    let by_default = |value: String| InForce { value, source: "default".to_owned() };
    let kept = |name| InForce {
        value: config::MASK.to_owned(),
        source: format!("file {}, made when it is needed", within(name)),
    };
    match id {
        "publisher_token" if other("metrics_token").is_some() => {
            InForce { value: config::MASK.to_owned(), source: "as metrics-token".to_owned() }
        }
        "database_url" => by_default(format!("a private PostgreSQL in {state_dir}")),
        "blobs_url" => by_default(within("blobs")),
        "cohort_key" if is_private => kept(secrets::COHORTS.file),
        "credential_key" if is_private => kept(secrets::CREDENTIALS.file),
        "cohort_key" | "credential_key" => by_default("(drawn at each start)".to_owned()),
        _ => InForce { value: "(not set)".to_owned(), source: "not set".to_owned() },
    }
}

/// A value without what is secret in it.
fn masked(id: &str, value: String) -> String {
    match id {
        "cohort_key" | "credential_key" | "editor_tokens" | "metrics_token" | "publisher_token" => {
            config::MASK.to_owned()
        }
        // Where ratings are may be a bare host.
        "ratings_url" if !value.contains('@') => value,
        "database_url" | "blobs_url" | "store_url" | "metrics_url" | "publisher_url"
        | "ratings_url" | "upstream" => config::without_password(&value),
        _ => value,
    }
}
