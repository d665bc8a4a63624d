//! The settings: told to people, with where they came from, and without their secrets.

use crate::demo::without_settings;
use crate::support::database;
use clap::Arg;
use clap::Command;
use std::fmt::Write;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Output;

/// Every command with the words that call it, the program itself first.
fn commands(of: &Command) -> Vec<(Vec<String>, Command)> {
    let mut all = vec![(Vec::new(), of.clone())];
    for below in of.get_subcommands().filter(|below| below.get_name() != "help") {
        for (mut words, command) in commands(below) {
            words.insert(0, below.get_name().to_owned());
            all.push((words, command));
        }
    }
    all
}

/// Every option of every command, with the words that call the command.
pub(super) fn options(of: &Command) -> Vec<(String, Arg)> {
    let mut all = Vec::new();
    for (words, command) in commands(of) {
        let options = command.get_arguments().filter(|argument| !argument.is_positional());
        let options =
            options.filter(|argument| !matches!(argument.get_id().as_str(), "help" | "version"));
        all.extend(options.map(|option| (words.join(" "), option.clone())));
    }
    all
}

fn here(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    without_settings(folder.path(), arguments).envs(variables.iter().copied()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn every_option_is_a_variable_too_and_stands_in_the_readme() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(readme).expect("there is a README.md");
    let rows: Vec<&str> = readme.lines().filter(|line| line.starts_with('|')).collect();
    let all = options(&snapwise::app::command());
    assert!(all.len() > 15, "options are found at all: {}", all.len());
    let mut wrong = String::new();
    for (command, option) in all {
        let long =
            option.get_long().unwrap_or_else(|| panic!("{command}: {option} has no long name"));
        let Some(variable) = option.get_env().and_then(|name| name.to_str()) else {
            writeln!(wrong, "{command} --{long} has no variable").unwrap();
            continue;
        };
        let known =
            matches!(variable, "DATABASE_URL" | "RUST_LOG") || variable.starts_with("SNAPWISE_");
        if !known {
            writeln!(wrong, "{command} --{long}: {variable} is not named as ours are").unwrap();
        }
        let (by_name, by_variable) = (format!("`--{long}`"), format!("`{variable}`"));
        if !rows.iter().any(|row| row.contains(&by_name) && row.contains(&by_variable)) {
            writeln!(wrong, "no row of a table of the README has {by_name} and {by_variable}")
                .unwrap();
        }
        if option.get_help().is_none() {
            writeln!(wrong, "{command} --{long} is not explained").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_command_explains_itself() {
    for (words, command) in commands(&snapwise::app::command()) {
        let mut arguments: Vec<&str> = words.iter().map(String::as_str).collect();
        arguments.push("--help");
        let secrets = [
            ("DATABASE_URL", "postgresql://me:s3cret@db.example/x"),
            ("SNAPWISE_COHORT_KEY", "s3cret"),
            ("SNAPWISE_CREDENTIAL_KEY", "s3cret"),
        ];
        let output = here(&arguments, &secrets);
        let said = text(&output.stdout);
        assert!(output.status.success() && output.stderr.is_empty(), "{words:?}: {said}");
        let about =
            command.get_about().unwrap_or_else(|| panic!("{words:?} says not what it is for"));
        // The first words: the rest may have gone to the next line.
        let about: String = about.to_string().chars().take(30).collect();
        assert!(said.contains(&about), "{words:?}: {said}");
        assert!(said.contains("Usage: snapwise"), "{words:?}: {said}");
        assert!(!said.contains("s3cret"), "{words:?}: {said}");
        for (_, option) in options(&command) {
            let long = option.get_long().unwrap();
            let own = command.get_arguments().any(|own| own.get_long() == Some(long));
            assert!(!own || said.contains(&format!("--{long}")), "{words:?} hides --{long}");
        }
        for line in said.lines() {
            assert!(line.chars().count() <= 100, "{words:?}: {line}");
        }
    }
}

#[test]
fn config_names_every_setting_its_source_and_no_secret() {
    let variables = [
        ("DATABASE_URL", "postgresql://me:s3cret@db.example:5432/snapwise"),
        ("SNAPWISE_COHORT_KEY", "s3cret-enough-for-a-key"),
        ("SNAPWISE_CREDENTIAL_KEY", "s3cret-enough-for-credentials"),
        ("SNAPWISE_THREADS", "3"),
        ("SNAPWISE_STORE_URL", "https://me:s3cret@store.example"),
        ("SNAPWISE_METRICS_TOKEN", "s3cret"),
        ("FLASK_FEATURED_PUBLISHER_TOKEN", "s3cret"),
        ("FLASK_RATINGS_BACKEND", "ratings.example:443"),
    ];
    let output = here(&["config", "--listen", "127.0.0.1:9"], &variables);
    assert!(output.status.success());
    let (said, log) = (text(&output.stdout), text(&output.stderr));
    assert!(!said.contains("s3cret") && !log.contains("s3cret"), "{said}{log}");
    let row = |name: &str| {
        let mut rows = said.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        let row = rows.find(|row| row.first() == Some(&name));
        row.unwrap_or_else(|| panic!("no {name}: {said}"))[1..].join(" ")
    };
    assert_eq!(
        row("database-url"),
        "postgresql://me:********@db.example:5432/snapwise variable DATABASE_URL"
    );
    assert_eq!(row("cohort-key"), "******** variable SNAPWISE_COHORT_KEY");
    assert_eq!(row("store-url"), "https://me:********@store.example variable SNAPWISE_STORE_URL");
    assert_eq!(row("publisher-token"), "******** variable FLASK_FEATURED_PUBLISHER_TOKEN");
    assert_eq!(row("ratings-url"), "ratings.example:443 variable FLASK_RATINGS_BACKEND");
    assert_eq!(row("listen"), "127.0.0.1:9 command line");
    assert_eq!(row("threads"), "3 variable SNAPWISE_THREADS");
    assert_eq!(row("internal-listen"), "127.0.0.1:8081 default");
    assert_eq!(row("pg-bin-dir"), "(not set) not set");
    // What nobody set, as it is done.
    let output = here(&["config", "--state-dir", "kept"], &[]);
    let said = text(&output.stdout);
    let has = |words: &str| {
        said.lines().any(|line| line.split_whitespace().collect::<Vec<_>>().join(" ") == words)
    };
    for words in [
        "database-url a private PostgreSQL in kept default",
        "blobs-url kept/blobs default",
        "cohort-key ******** file kept/cohort.key, made when it is needed",
        "credential-key ******** file kept/credential.key, made when it is needed",
    ] {
        assert!(has(words), "{words}: {said}");
    }
    let elsewhere = here(&["config"], &[variables[0], variables[5]]);
    let said = text(&elsewhere.stdout);
    assert_eq!(said.matches("(drawn at each start)").count(), 2, "{said}");
    assert!(said.contains("as metrics-token"), "{said}");
    for (command, option) in options(&snapwise::app::command()) {
        if command.is_empty() || ["demo", "serve", "config"].contains(&command.as_str()) {
            row(option.get_long().unwrap());
        }
    }
}

#[test]
fn an_unreachable_database_is_named_as_the_trouble_and_its_password_is_not() {
    for (url, host) in [
        ("postgresql://me:s3cret@nowhere.invalid/x", "nowhere.invalid"),
        ("postgresql://me:s3cret@127.0.0.1:1/x", "127.0.0.1"),
    ] {
        for arguments in [&["migrate"][..], &["catalogue", "import", "-"]] {
            let output = here(arguments, &[("DATABASE_URL", url)]);
            assert_eq!(output.status.code(), Some(1), "{arguments:?}");
            let (said, log) = (text(&output.stdout), text(&output.stderr));
            assert!(!said.contains("s3cret") && !log.contains("s3cret"), "{said}{log}");
            let last = log.lines().last().unwrap_or_default();
            assert!(last.starts_with("snapwise: "), "{log}");
            assert!(last.contains("database") && last.contains(host), "{arguments:?}: {log}");
            assert!(!log.contains("panicked"), "{log}");
        }
    }
}

#[test]
fn what_is_no_connection_string_is_not_repeated() {
    let output = here(&["migrate"], &[("DATABASE_URL", "mysql//me:s3cret@db")]);
    assert_eq!(output.status.code(), Some(1));
    let log = text(&output.stderr);
    assert!(
        log.contains("postgresql://user:password@host:port/name") && !log.contains("s3cret"),
        "{log}"
    );
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let url = database::migrated().await.url;
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().map(|address| (address.to_string(), taken)).unwrap();
    for (option, other) in [("--listen", "--internal-listen"), ("--internal-listen", "--listen")] {
        let output =
            here(&["serve", option, &taken.0, other, "127.0.0.1:0"], &[("DATABASE_URL", &url)]);
        assert_eq!(output.status.code(), Some(1));
        let log = text(&output.stderr);
        let last = log.lines().last().unwrap_or_default();
        assert!(
            last.starts_with(&format!("snapwise: listen on {}: Address already in use", taken.0)),
            "{log}"
        );
    }
}
