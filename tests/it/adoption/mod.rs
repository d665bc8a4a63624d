//! `snapwise adopt`: the earlier service's database taken over by the real command.

mod copies;
mod laws;
mod repeats;
mod states;

use crate::support::app::snapwise;
use crate::support::database;
use std::process::Output;
use tokio_postgres::Client;

/// Which state the earlier service left its database in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    After14,
    After18,
}

/// The earlier service's database and ours.
struct Pair {
    from: String,
    into: String,
    theirs: Client,
    ours: Client,
}

impl Pair {
    /// A database of the earlier service without rows, and an empty one of ours.
    async fn empty(left: Left) -> Self {
        let from = database::database().await.url;
        let theirs = database::connect(&from).await;
        theirs.batch_execute(include_str!("schema.sql")).await.unwrap();
        if left == Left::After18 {
            theirs.batch_execute(include_str!("schema_18.sql")).await.unwrap();
        }
        let into = database::migrated().await.url;
        let ours = database::connect(&into).await;
        // Times are shown in UTC, whatever the machine's zone.
        ours.batch_execute("SET TIME ZONE 'UTC'").await.unwrap();
        Self { from, into, theirs, ours }
    }

    /// The same with rows, good and bad.
    async fn with_rows(left: Left) -> Self {
        let pair = Self::empty(left).await;
        let today = "SELECT (now() AT TIME ZONE 'UTC')::date::text";
        let today = text(&pair.ours, today).await.concat();
        let rows = include_str!("rows.sql").replace("@day", &today);
        pair.theirs.batch_execute(&rows).await.unwrap();
        pair
    }

    /// Runs the command; gives what it wrote on standard output.
    fn adopt(&self) -> String {
        let output = self.try_to_adopt();
        let log = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{log}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn try_to_adopt(&self) -> Output {
        snapwise(&self.into, &["adopt", "--from", &self.from]).output().unwrap()
    }

    /// Everything in our tables that adoption could touch, as text.
    async fn everything(&self) -> Vec<String> {
        let tables = [
            "generation",
            "part",
            "listed",
            "measure",
            "verdict",
            "placed",
            "placed_history",
            "exclusion",
            "slice",
            "slice_snap",
            "featured_event",
            "setting",
        ];
        let mut all = Vec::new();
        for table in tables {
            let sql = format!("SELECT '{table} ' || row_to_json({table})::text FROM {table}");
            all.extend(text(&self.ours, &sql).await);
        }
        all.sort_unstable();
        all
    }
}

/// The first column of what a query finds.
async fn text(client: &Client, sql: &str) -> Vec<String> {
    let rows = client.query(sql, &[]).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    rows.iter().map(|row| row.get(0)).collect()
}

/// A snap-id of the rows: a word, padded.
fn id(word: &str) -> String {
    format!("{word:0<32}")
}
