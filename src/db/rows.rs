//! Rows on their way in and out: by snap, by column, and why one cannot be read.

use crate::db::DbError;
use crate::snap::Download;
use crate::snap::FileSize;
use crate::snap::Invalid;
use crate::snap::Listing;
use crate::snap::Package;
use crate::snap::Revision;
use crate::snap::Url;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Transaction;
use std::error::Error;
use std::fmt;
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;
use tokio_postgres::types::ToSql;

/// The rows of one table, by the place of their snap in the list that was asked for. By the place and not the
/// snap-id: it is a number of ours, which can always be read.
pub(super) struct BySnap {
    rows: Vec<Row>,
    /// Where the rows of each snap end.
    ends: Vec<usize>,
}

impl BySnap {
    /// Runs a query whose `$1` is the list of snap-ids and whose first column is the place, from 1.
    pub(super) async fn load(
        client: &impl GenericClient,
        sql: &str,
        ids: &[&str],
        doing: &'static str,
    ) -> Result<Self, DbError> {
        let statement = client.prepare_cached(sql).await.map_err(DbError::of(doing))?;
        let mut rows = client.query(&statement, &[&ids]).await.map_err(DbError::of(doing))?;
        let places: Result<Vec<i64>, _> = rows.iter().map(|row| row.try_get(0)).collect();
        let mut places = places.map_err(DbError::of(doing))?;
        // Going by index the database takes one snap after the other, but it need not.
        if !places.is_sorted() {
            let mut both: Vec<_> = places.into_iter().zip(rows).collect();
            both.sort_by_key(|(place, _)| *place);
            (places, rows) = both.into_iter().unzip();
        }
        let end = |(_, number)| places.partition_point(|place| *place <= number);
        Ok(Self { ends: ids.iter().zip(1..).map(end).collect(), rows })
    }

    /// The rows of the snap at that place, in the order of the query.
    pub(super) fn rows(&self, place: usize) -> &[Row] {
        let begin = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.rows[begin..self.ends[place]]
    }

    /// What the rows of the snap at that place say.
    pub(super) fn read<T>(
        &self,
        place: usize,
        read: impl Fn(&Row) -> Result<T, Unreadable>,
    ) -> Result<Vec<T>, Unreadable> {
        self.rows(place).iter().map(read).collect()
    }
}

/// Why a row cannot be read as what it should be. It spoils its snap, and no other.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    /// A column holds what its type refuses.
    #[error("{what}: {}", Chain(.source))]
    Column {
        /// What the row should be: `release`.
        what: &'static str,
        /// Which column, and why.
        source: tokio_postgres::Error,
    },
    /// What the row says does not hold together.
    #[error(transparent)]
    Invalid(#[from] Invalid),
}

/// An error and its causes, in one line.
struct Chain<'a>(&'a tokio_postgres::Error);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

/// One row, read by position.
pub(super) struct Columns<'r> {
    row: &'r Row,
    what: &'static str,
}

impl<'r> Columns<'r> {
    /// The columns of a row that should be a `what`.
    pub(super) fn of(row: &'r Row, what: &'static str) -> Self {
        Self { row, what }
    }

    /// The value of the column at that position.
    pub(super) fn get<T: FromSql<'r>>(&self, position: usize) -> Result<T, Unreadable> {
        let what = self.what;
        self.row.try_get(position).map_err(|source| Unreadable::Column { what, source })
    }

    /// An unsigned number kept in a column that has a sign.
    pub(super) fn unsigned<T: TryFrom<i64>>(&self, position: usize) -> Result<T, Unreadable> {
        let rule = Invalid::new(self.what, "numbers within their bounds");
        T::try_from(self.get(position)?).map_err(|_| rule.into())
    }

    /// A file, kept in three columns: url, size and digest.
    pub(super) fn download(&self, position: usize) -> Result<Download, Unreadable> {
        let size = FileSize::new(self.unsigned(position + 1)?)?;
        let source = self.get::<Option<Url>>(position)?.into();
        Ok(Download { source, size, sha3_384: self.get(position + 2)? })
    }
}

/// One column of many rows, for `unnest`.
pub(super) fn column<'r, R, T>(rows: &'r [R], value: impl Fn(&'r R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

/// What many snaps have of something, each with its snap-id and its number in the snap's list.
pub(super) fn numbered<'l, T: 'l>(
    listings: &[&'l Listing],
    of: impl Fn(&'l Listing) -> &'l [T],
) -> Vec<(&'l str, i32, &'l T)> {
    let each = listings.iter().flat_map(|listing| {
        let id = listing.id.as_str();
        of(listing).iter().zip(0_i32..).map(move |(item, number)| (id, number, item))
    });
    each.collect()
}

/// Something that belongs to a revision of a snap.
pub(super) struct OfPackage<'l, T> {
    /// The snap-id.
    pub(super) id: &'l str,
    /// The revision.
    pub(super) revision: Revision,
    /// Its number in the revision's list.
    pub(super) position: i32,
    /// The thing itself.
    pub(super) item: &'l T,
}

/// What the revisions of many snaps have of something.
pub(super) fn of_packages<'l, T: 'l>(
    listings: &[&'l Listing],
    of: impl Fn(&'l Package) -> &'l [T],
) -> Vec<OfPackage<'l, T>> {
    let mut rows = Vec::new();
    for listing in listings {
        let id = listing.id.as_str();
        for package in &listing.packages {
            let revision = package.revision;
            let each = of(package).iter().zip(0_i32..);
            rows.extend(each.map(|(item, position)| OfPackage { id, revision, position, item }));
        }
    }
    rows
}

/// A list inside a column of many rows: `unnest` flattens arrays of arrays, so each item goes behind a new line,
/// and the statement reads it back with `(string_to_array($n, E'\n'))[2:]`. Behind and not between, so that an
/// empty list and a list of one empty line stay two things.
pub(super) fn lines<T: fmt::Display>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().fold(String::new(), |text, item| text + "\n" + &item.to_string())
}

/// The address of a file, for the files that have one of their own.
pub(super) fn url(download: &Download) -> Option<&str> {
    download.source.url().map(Url::as_str)
}

/// A size as PostgreSQL keeps it.
pub(super) fn size(download: &Download) -> i64 {
    i64::try_from(download.size.bytes()).expect("a file's size has 63 bits")
}

/// Runs a statement that a batch runs again and again.
pub(super) async fn execute(
    transaction: &Transaction<'_>,
    sql: &str,
    values: &[&(dyn ToSql + Sync)],
    doing: &'static str,
) -> Result<u64, DbError> {
    let statement = transaction.prepare_cached(sql).await.map_err(DbError::of(doing))?;
    transaction.execute(&statement, values).await.map_err(DbError::of(doing))
}
