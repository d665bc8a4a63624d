//! Whole listings, put together from all the tables and taken apart into them.

use crate::db::DbError;
use crate::db::blobs;
use crate::db::categories;
use crate::db::deltas;
use crate::db::integrity;
use crate::db::links;
use crate::db::media;
use crate::db::overrides;
use crate::db::overrides::Decision;
use crate::db::prices;
use crate::db::progressions;
use crate::db::publishers;
use crate::db::releases;
use crate::db::resources;
use crate::db::revisions;
use crate::db::rows::BySnap;
use crate::db::rows::Unreadable;
use crate::db::rows::column;
use crate::db::rows::execute;
use crate::db::snaps;
use crate::db::stores;
use crate::db::viewers;
use crate::snap::Invalid;
use crate::snap::Listing;
use crate::snap::Package;
use crate::snap::Revision;
use crate::snap::Sha3;
use crate::snap::SnapId;
use crate::snap::SnapName;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Transaction;
use std::collections::BTreeSet;
use std::fmt;

/// The ids of the snaps that changed after that generation, in order; after 0, of all. A text in the database
/// that is no snap-id is left out, with a word in the log.
///
/// # Errors
/// When the database fails.
pub async fn load_ids(
    client: &impl GenericClient,
    changed_after: i64,
) -> Result<Vec<SnapId>, DbError> {
    let sql = "SELECT snap_id FROM snap WHERE generation > $1 ORDER BY snap_id";
    let rows = client
        .query(sql, &[&changed_after])
        .await
        .map_err(DbError::of("load the ids of what changed"))?;
    let mut ids = Vec::with_capacity(rows.len());
    for row in rows {
        match row.try_get(0) {
            Ok(id) => ids.push(id),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "a snap is left out: its snap-id in the database is none");
            }
        }
    }
    Ok(ids)
}

/// The id of the snap of that name.
///
/// # Errors
/// When the database fails.
pub async fn find_id(
    client: &impl GenericClient,
    name: &SnapName,
) -> Result<Option<SnapId>, DbError> {
    let sql = "SELECT snap_id FROM snap WHERE name = $1::text";
    let failed = "find a snap by its name";
    let row = client.query_opt(sql, &[name]).await.map_err(DbError::of(failed))?;
    row.map(|row| row.try_get(0)).transpose().map_err(DbError::of(failed))
}

/// The ids of the snaps of these names, in their order; nothing where there is none.
///
/// # Errors
/// When the database fails.
pub async fn find_ids(
    client: &impl GenericClient,
    names: &[SnapName],
) -> Result<Vec<Option<SnapId>>, DbError> {
    let sql = "SELECT snap.snap_id
               FROM unnest($1::text[]) WITH ORDINALITY AS asked (name, place)
               LEFT JOIN snap ON snap.name = asked.name
               ORDER BY asked.place";
    let failed = "find snaps by their names";
    let names = column(names, SnapName::as_str);
    let rows = client.query(sql, &[&names]).await.map_err(DbError::of(failed))?;
    rows.iter().map(|row| row.try_get(0).map_err(DbError::of(failed))).collect()
}

/// What was loaded.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The listings, in the order they were asked for.
    pub listings: Vec<Listing>,
    /// Those of them that are withdrawn: their history is kept, and nobody is told of them.
    pub withdrawn: BTreeSet<SnapId>,
    /// The digests of those of their files that are held, of revisions and deltas.
    pub held: BTreeSet<Sha3>,
    /// The snaps whose rows cannot be read or do not hold together, and why. The others are none the worse for it.
    pub spoilt: Vec<(SnapId, String)>,
}

/// Loads the listings of these snaps; of an id that is not there, nothing. All of it is held in memory: load
/// thousands in batches of some hundreds, in one `REPEATABLE READ` transaction if they are to be of one
/// generation.
///
/// # Errors
/// When the database fails. A bad row is no error: it spoils its snap.
pub async fn load(client: &impl GenericClient, ids: &[SnapId]) -> Result<Loaded, DbError> {
    let mut loaded = Loaded::default();
    for Record { id, listing, is_withdrawn, held } in fetch(client, ids).await?.read() {
        match listing {
            Ok(listing) => {
                if is_withdrawn {
                    loaded.withdrawn.insert(id);
                }
                loaded.held.extend(held);
                loaded.listings.push(listing);
            }
            Err(reason) => loaded.spoilt.push((id, reason)),
        }
    }
    Ok(loaded)
}

/// The first half of [`load`]: the rows as the database sends them. Reading them is work for a processor, which
/// another thread can do while the database fetches the next.
///
/// # Errors
/// When the database fails.
pub async fn fetch(client: &impl GenericClient, ids: &[SnapId]) -> Result<Fetched, DbError> {
    go_by_index(client).await?;
    let tables = Tables::load(client, &column(ids, SnapId::as_str)).await?;
    Ok(Fetched { ids: ids.to_vec(), tables })
}

/// The rows of some snaps, not read yet.
pub struct Fetched {
    ids: Vec<SnapId>,
    tables: Tables,
}

/// What the rows of one snap say.
#[derive(Debug)]
pub struct Record {
    /// The snap.
    pub id: SnapId,
    /// Its listing, or why the rows cannot be read or do not hold together.
    pub listing: Result<Listing, String>,
    /// Whether it is withdrawn: its history is kept, and nobody is told of it.
    pub is_withdrawn: bool,
    /// The digests of those of its files that are held, of revisions and deltas.
    pub held: BTreeSet<Sha3>,
}

impl Fetched {
    /// The second half of [`load`], snap by snap: who lets go of one before the next needs little memory, and that
    /// stays near the processor.
    pub fn read(self) -> impl Iterator<Item = Record> {
        let Self { ids, tables } = self;
        ids.into_iter().enumerate().filter_map(move |(place, id)| {
            let listing = tables.assemble(place, id).transpose()?;
            let held = tables.held.rows(place).iter().filter_map(blobs::read).collect();
            let is_withdrawn = tables.is_withdrawn(place);
            let listing = listing.map_err(|unreadable| unreadable.to_string());
            Some(Record { id, listing, is_withdrawn, held })
        })
    }
}

impl fmt::Debug for Fetched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetched").field("n_snaps", &self.ids.len()).finish_non_exhaustive()
    }
}

/// Lets the transaction find rows by index only. A batch touches a small part of every table; left alone, PostgreSQL
/// plans by what it counted last, and after a large import that was an empty table, to be read whole for each batch.
async fn go_by_index(client: &impl GenericClient) -> Result<(), DbError> {
    let sql = "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; \
               SET LOCAL enable_mergejoin = off; SET LOCAL jit = off";
    client.batch_execute(sql).await.map_err(DbError::of("tell the database to go by index"))
}

/// Stores these listings in the place of what is stored of the same snaps, as part of that generation, which
/// the transaction has begun and must publish. What was withdrawn is back with that. Listings are [`Listing::checked`], no snap twice; some hundreds
/// at a time.
///
/// # Errors
/// When the database fails, or refuses one of them: a name that another snap has, say. See [`DbError::broken_rule`].
pub async fn store(
    transaction: &Transaction<'_>,
    listings: &[&Listing],
    generation: i64,
) -> Result<(), DbError> {
    if listings.is_empty() {
        return Ok(());
    }
    go_by_index(transaction).await?;
    publishers::upsert(transaction, listings, generation).await?;
    snaps::upsert(transaction, listings, generation).await?;
    let ids = column(listings, |listing| listing.id.as_str());
    let clear = include_str!("listings_clear.sql");
    execute(transaction, clear, &[&ids], "clear what is stored of the snaps").await?;
    stores::insert(transaction, listings).await?;
    viewers::insert(transaction, listings).await?;
    categories::insert(transaction, listings).await?;
    media::insert(transaction, listings).await?;
    links::insert(transaction, listings).await?;
    prices::insert(transaction, listings).await?;
    revisions::replace(transaction, listings).await?;
    resources::insert(transaction, listings).await?;
    integrity::insert(transaction, listings).await?;
    releases::insert(transaction, listings).await?;
    overrides::insert(transaction, listings).await?;
    progressions::insert(transaction, listings).await?;
    deltas::insert(transaction, listings).await
}

/// Records that something of a snap changes with that generation, which the transaction has begun and must publish.
///
/// # Errors
/// When the database fails.
pub async fn touch(
    transaction: &Transaction<'_>,
    id: &SnapId,
    generation: i64,
) -> Result<(), DbError> {
    let sql = "UPDATE snap SET generation = $2 WHERE snap_id = $1::text";
    execute(transaction, sql, &[&id.as_str(), &generation], "record that a snap changed").await?;
    Ok(())
}

/// Counts anew what the tables hold, so that whoever loads next is given it by the shortest way. PostgreSQL does this
/// by itself, but a minute later: until then a server would read 50,000 new snaps several times slower.
///
/// # Errors
/// When the database fails. Tables of somebody else are passed over.
pub async fn analyze(transaction: &Transaction<'_>) -> Result<(), DbError> {
    let sql = "ANALYZE publisher, snap, snap_store, snap_viewer, snap_category, snap_media, snap_link, snap_price, revision,
        revision_resource, revision_integrity, release, delta";
    transaction.batch_execute(sql).await.map_err(DbError::of("count what the tables hold"))
}

/// The rows of every table, by snap.
struct Tables {
    snaps: BySnap,
    stores: BySnap,
    viewers: BySnap,
    categories: BySnap,
    media: BySnap,
    links: BySnap,
    prices: BySnap,
    revisions: BySnap,
    resources: BySnap,
    integrity: BySnap,
    releases: BySnap,
    deltas: BySnap,
    held: BySnap,
    overrides: BySnap,
    progressions: BySnap,
}

impl Tables {
    async fn load(client: &impl GenericClient, ids: &[&str]) -> Result<Self, DbError> {
        // All at once: the database begins with the next while the answers travel.
        let of_snaps = async {
            tokio::try_join!(
                snaps::load(client, ids),
                stores::load(client, ids),
                viewers::load(client, ids),
                categories::load(client, ids),
                media::load(client, ids),
                links::load(client, ids),
                prices::load(client, ids),
            )
        };
        let of_revisions = async {
            tokio::try_join!(
                revisions::load(client, ids),
                resources::load(client, ids),
                integrity::load(client, ids),
                releases::load(client, ids),
                deltas::load(client, ids),
                blobs::load(client, ids),
            )
        };
        let of_decisions = async {
            tokio::try_join!(overrides::load(client, ids), progressions::load(client, ids))
        };
        let (of_snaps, of_revisions, (overrides, progressions)) =
            tokio::try_join!(of_snaps, of_revisions, of_decisions)?;
        let (snaps, stores, viewers, categories, media, links, prices) = of_snaps;
        let (revisions, resources, integrity, releases, deltas, held) = of_revisions;
        Ok(Self {
            snaps,
            stores,
            viewers,
            categories,
            media,
            links,
            prices,
            revisions,
            resources,
            integrity,
            releases,
            deltas,
            held,
            overrides,
            progressions,
        })
    }

    /// Whether the snap at that place, which is there and readable, is withdrawn.
    fn is_withdrawn(&self, place: usize) -> bool {
        self.snaps.rows(place).first().is_some_and(snaps::is_withdrawn)
    }

    fn assemble(&self, place: usize, id: SnapId) -> Result<Option<Listing>, Unreadable> {
        let Some(row) = self.snaps.rows(place).first() else {
            return Ok(None);
        };
        let mut listing = snaps::read(id, row)?;
        listing.stores = self.stores.read(place, stores::read)?;
        listing.viewers = self.viewers.read(place, viewers::read)?;
        listing.categories = self.categories.read(place, categories::read)?;
        listing.media = self.media.read(place, media::read)?;
        listing.links = self.links.read(place, links::read)?.into_iter().collect();
        listing.prices = self.prices.read(place, prices::read)?.into_iter().collect();
        listing.packages = self.revisions.read(place, revisions::read)?;
        listing.packages.sort_unstable_by_key(|package| package.revision);
        for (revision, resource) in self.resources.read(place, resources::read)? {
            package_of(&mut listing.packages, revision)?.resources.push(resource);
        }
        for (revision, integrity) in self.integrity.read(place, integrity::read)? {
            package_of(&mut listing.packages, revision)?.integrity.push(integrity);
        }
        listing.releases = self.releases.read(place, releases::read)?;
        listing.deltas = self.deltas.read(place, deltas::read)?;
        for decision in self.overrides.read(place, overrides::read)? {
            match decision {
                Decision::Override(chosen) => listing.decisions.overrides.push(chosen),
                Decision::Blocked(blocked) => listing.decisions.blocked.push(blocked),
            }
        }
        listing.decisions.progressions = self.progressions.read(place, progressions::read)?;
        Ok(Some(listing.checked()?))
    }
}

fn package_of(packages: &mut [Package], revision: Revision) -> Result<&mut Package, Invalid> {
    match packages.binary_search_by_key(&revision, |package| package.revision) {
        Ok(index) => Ok(&mut packages[index]),
        Err(_) => Err(Invalid::new("component", "of a revision whose record is there")),
    }
}
