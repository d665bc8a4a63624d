//! Whatever the rows: each that was read was added, was known, or was rejected for a reason.

use crate::adoption::Left;
use crate::adoption::Pair;
use crate::adoption::text;
use snapwise::adoption::Adopted;
use snapwise::adoption::Kind;
use snapwise::adoption::adopt;
use snapwise::db::Database;

/// The table of each kind there, and here.
const TABLES: [(Kind, &str, &str); 8] = [
    (Kind::Snaps, "snap", "listed"),
    (Kind::Exclusions, "snap WHERE excluded", "exclusion"),
    (Kind::Scores, "snap_recommendation_score", "placed"),
    (Kind::History, "snap_recommendation_score_history", "placed_history"),
    (Kind::Slices, "editorial_slice", "slice"),
    (Kind::SliceSnaps, "editorial_slice_snap", "slice_snap"),
    (Kind::Featured, "featured_history", "featured_event"),
    (Kind::Settings, "settings", "setting WHERE key <> 'adopted'"),
];

async fn count(client: &tokio_postgres::Client, table: &str) -> u64 {
    let n = text(client, &format!("SELECT count(*)::text FROM {table}")).await;
    n.concat().parse().unwrap()
}

/// Rows of which about each ninth is bad in some way, chosen by the seed.
async fn fill(pair: &Pair, seed: u32) {
    let seed = f64::from(seed) / 100.0;
    pair.theirs.batch_execute(&format!("SELECT setseed({seed})")).await.unwrap();
    pair.theirs.batch_execute(include_str!("random.sql")).await.unwrap();
}

async fn hold(pair: &Pair, adopted: &Adopted) {
    for (kind, theirs, _) in TABLES {
        let n_there = count(&pair.theirs, theirs).await;
        let told = &adopted.counts[&kind];
        assert_eq!(told.n_read, n_there, "{kind} read");
        let n_rejected: u64 = told.rejected.values().sum();
        assert_eq!(told.n_read, told.n_added + told.n_known + n_rejected, "{kind}: {told:?}");
    }
}

#[tokio::test]
async fn every_row_is_accounted_for() {
    let now = "2026-11-20T12:00:00Z".parse().unwrap();
    for seed in 1..=6 {
        let pair = Pair::empty(Left::After18).await;
        fill(&pair, seed).await;
        let from = Database::new(&pair.from, 1).unwrap();
        let into = Database::new(&pair.into, 1).unwrap();
        let adopted = adopt(&from, &into, now).await.unwrap();
        assert_eq!(adopted.generation, Some(1));
        hold(&pair, &adopted).await;
        for (kind, _, ours) in TABLES {
            let n_here = count(&pair.ours, ours).await;
            // The rankings in force are in the history too.
            let n_day = if kind == Kind::History { adopted.n_added(Kind::Scores) } else { 0 };
            assert_eq!(adopted.n_added(kind) + n_day, n_here, "{kind}");
            assert!(n_here > 0 && adopted.counts[&kind].n_read > n_here / 2, "{kind}");
        }
        for table in ["placed", "placed_history WHERE shown_rank = rank"] {
            let day = if table == "placed" { "" } else { "day," };
            let gaps = format!(
                "SELECT category FROM {table} GROUP BY {day} category
                 HAVING max(rank) <> count(*) OR min(rank) <> 1 OR count(DISTINCT rank) <> count(*)"
            );
            assert!(text(&pair.ours, &gaps).await.is_empty(), "{table}: ranks are 1, 2, 3, …");
        }
        let again = adopt(&from, &into, now).await.unwrap();
        hold(&pair, &again).await;
        assert_eq!(again.generation, None);
        assert!(Kind::ALL.iter().all(|kind| again.n_added(*kind) == 0), "{again:?}");
    }
}
