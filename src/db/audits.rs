//! The table `audit`: every change by hand. It is added to and never changed.

use crate::db::DbError;
use crate::snap::Instant;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Transaction;
use tokio_postgres::Row;

/// A change by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// When.
    pub at: Instant,
    /// Who: the name of the token that was shown.
    pub actor: String,
    /// What the token allows: `member`, `admin`.
    pub role: String,
    /// What was done, as a word: `create-slice`.
    pub action: String,
    /// To what: the id of a slice or a snap.
    pub target: String,
    /// How it was, as JSON; nothing when it was not there.
    pub before: Option<String>,
    /// How it is since, as JSON; nothing when it is gone.
    pub after: Option<String>,
    /// The id of the request that asked for it.
    pub request_id: String,
}

/// Records a change, in the transaction that makes it.
///
/// # Errors
/// When the database fails.
pub async fn record(transaction: &Transaction<'_>, audit: &Audit) -> Result<(), DbError> {
    let sql = "INSERT INTO audit (at, actor, role, action, target, before, after, request_id)
               VALUES ($1::timestamptz, $2, $3, $4, $5, $6::text::jsonb, $7::text::jsonb, $8)";
    let done = transaction
        .execute(
            sql,
            &[
                &audit.at,
                &audit.actor,
                &audit.role,
                &audit.action,
                &audit.target,
                &audit.before,
                &audit.after,
                &audit.request_id,
            ],
        )
        .await;
    done.map(drop).map_err(DbError::of("record who changed what"))
}

/// Some changes, the latest first.
#[derive(Debug)]
pub struct AuditPage {
    /// Each with its number.
    pub changes: Vec<(i64, Audit)>,
    /// Whether there are others before them.
    pub has_more: bool,
}

/// The bytes of what was and what is, beyond which a page ends: a change of a large slice tells 90 KB.
const MAX_PAGE_BYTES: i64 = 4 * 1_024 * 1_024;

/// The changes before the one of that number, or all of them, the latest first; at most so many, and no more than go
/// into a page.
///
/// # Errors
/// When the database fails.
pub async fn load(
    client: &impl GenericClient,
    before: Option<i64>,
    limit: u32,
) -> Result<AuditPage, DbError> {
    let failed = "load the changes by hand";
    // One more tells whether there are more.
    let sql = include_str!("audit_page.sql");
    let rows = client.query(sql, &[&before, &(i64::from(limit) + 1), &MAX_PAGE_BYTES]).await;
    let rows = rows.map_err(DbError::of(failed))?;
    let n_found = rows.first().map(|row| row.try_get(9)).transpose();
    let n_found: i64 = n_found.map_err(DbError::of(failed))?.unwrap_or_default();
    let changes = rows.iter().take(limit as usize).map(read).collect::<Result<Vec<_>, _>>();
    let changes = changes.map_err(DbError::of("read a change by hand"))?;
    let has_more = usize::try_from(n_found).is_ok_and(|n_found| n_found > changes.len());
    Ok(AuditPage { changes, has_more })
}

fn read(row: &Row) -> Result<(i64, Audit), tokio_postgres::Error> {
    let audit = Audit {
        at: row.try_get(1)?,
        actor: row.try_get(2)?,
        role: row.try_get(3)?,
        action: row.try_get(4)?,
        target: row.try_get(5)?,
        before: row.try_get(6)?,
        after: row.try_get(7)?,
        request_id: row.try_get(8)?,
    };
    Ok((row.try_get(0)?, audit))
}
