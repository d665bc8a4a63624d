//! One snap after the other.

use crate::blobs::Blobs;
use crate::blobs::Digested;
use crate::chain::Roots;
use crate::db::Database;
use crate::db::DbError;
use crate::db::Taken;
use crate::db::blobs;
use crate::db::generations;
use crate::exchange::Document;
use crate::exchange::Intake;
use crate::exchange::Publishers;
use crate::exchange::Statement;
use crate::holding::Fetched;
use crate::holding::hold_within;
use crate::mirror::MirrorError;
use crate::mirror::Order;
use crate::mirror::chains;
use crate::mirror::prerequisites::prerequisites;
use crate::snap::FileName;
use crate::snap::Instant;
use crate::snap::Package;
use crate::snap::SnapId;
use crate::snap::SnapName;
use crate::upstream::Info;
use crate::upstream::Origin;
use crate::upstream::Store;
use std::collections::BTreeSet;

/// Where snaps come from and where they go.
#[derive(Debug, Clone)]
pub struct Mirror {
    /// Where they are stored.
    pub database: Database,
    /// Where their files are put.
    pub blobs: Blobs,
    /// What knows of them.
    pub store: Store,
    /// What gives out their files.
    pub origin: Origin,
    /// The keys up to which chains of assertions are fetched.
    pub roots: Roots,
    /// The instant it is.
    pub clock: fn() -> Instant,
}

/// What was mirrored of a snap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirrored {
    /// How many revisions are wanted of it, and are held now.
    pub n_revisions: usize,
    /// How many files were fetched, and their bytes.
    pub n_files: usize,
    /// The bytes of those.
    pub n_bytes: u64,
    /// How many assertions were fetched.
    pub n_assertions: usize,
    /// The generation it became; nothing when all of it was here.
    pub generation: Option<i64>,
    /// What else it needs to run.
    pub prerequisites: BTreeSet<SnapName>,
}

impl Mirror {
    /// Makes what is wanted of a snap ours.
    ///
    /// # Errors
    /// When the store or the database fails, or the store lacks something; then what was here of the snap is as it was.
    pub async fn snap(&self, name: &SnapName, order: &Order) -> Result<Mirrored, MirrorError> {
        let statement = self.read(name).await?;
        let listing = &statement.listing;
        let wanted = order.revisions(listing);
        let packages: Vec<&Package> =
            listing.packages.iter().filter(|package| wanted.contains(&package.revision)).collect();
        if packages.is_empty() {
            return Err(MirrorError::NothingGivenOut);
        }
        let digests: Vec<_> = packages.iter().map(|package| package.download.sha3_384).collect();
        let assertions = chains::fetch(&self.database, &self.store, &self.roots, &digests).await?;
        let held = {
            let client = self.database.client().await?;
            blobs::find_own(&client, &digests).await?
        };
        let mut fetched = Vec::new();
        let mut n_bytes = 0;
        for package in &packages {
            let file =
                Digested { sha3_384: package.download.sha3_384, size: package.download.size };
            if held.contains(&file.sha3_384) {
                continue;
            }
            let bytes = file.size.bytes();
            tracing::info!(snap.name = %name, revision = %package.revision, bytes, "fetching a file");
            self.fetch(listing.id, package, file).await?;
            n_bytes += bytes;
            fetched.push(Fetched::File { snap: listing.id, file });
        }
        let (n_files, n_assertions) = (fetched.len(), assertions.len());
        let prerequisites = packages.iter().flat_map(|package| prerequisites(package)).collect();
        let n_revisions = packages.len();
        fetched.extend(assertions.into_iter().map(|one| Fetched::Assertion(Box::new(one))));
        let generation = self.publish(name, statement, &fetched).await?;
        Ok(Mirrored { n_revisions, n_files, n_bytes, n_assertions, generation, prerequisites })
    }

    /// What the store knows of a snap.
    async fn read(&self, name: &SnapName) -> Result<Statement, MirrorError> {
        let Info::Document { bytes, .. } = self.store.info(name, None).await? else {
            return Err(MirrorError::NotFound);
        };
        let statement = Document::parse(&bytes);
        statement.map_err(|rejection| MirrorError::Rejected(rejection.reason))
    }

    /// Puts a file in its place.
    async fn fetch(
        &self,
        id: SnapId,
        package: &Package,
        file: Digested,
    ) -> Result<(), MirrorError> {
        let revision = package.revision;
        let name = FileName::Package { id, revision };
        let put = self.blobs.put(file, self.origin.file(&name, file.size.bytes())).await;
        put.map_err(|source| MirrorError::File { revision: revision.to_string(), source })
    }

    /// All of it in one transaction, as one generation if any of it is new.
    async fn publish(
        &self,
        name: &SnapName,
        statement: Statement,
        fetched: &[Fetched],
    ) -> Result<Option<i64>, MirrorError> {
        let now = (self.clock)();
        let doing = "store a mirrored snap";
        let mut client = self.database.client().await?;
        let mut transaction = client.transaction().await.map_err(DbError::of(doing))?;
        let generation = generations::begin(&transaction).await?;
        let mut publishers = Publishers::default();
        let mut intake = Intake::new(generation, now, &mut publishers);
        intake.take_in(&mut transaction, vec![(1, statement)]).await?;
        let has_changed = intake.has_changed();
        if let Some(rejected) = intake.into_report().rejected.pop() {
            return Err(MirrorError::Rejected(rejected.rejection.reason));
        }
        let is_new = hold_within(&transaction, (fetched, Taken::Own), generation, now).await?;
        if !is_new && !has_changed {
            return Ok(None);
        }
        generations::publish(&transaction, generation, now, &format!("mirror: {name}")).await?;
        transaction.commit().await.map_err(DbError::of(doing))?;
        Ok(Some(generation))
    }
}
