//! The place of the files.

use crate::blobs::BlobError;
use crate::blobs::Digested;
use crate::blobs::Reading;
use crate::blobs::digested::Digesting;
use crate::snap::Instant;
use crate::snap::Sha3;
use bytes::Bytes;
use bytes::BytesMut;
use futures_util::Stream;
use futures_util::StreamExt;
use object_store::ClientOptions;
use object_store::GetOptions;
use object_store::GetRange;
use object_store::MultipartUpload;
use object_store::ObjectStore;
use object_store::ObjectStoreExt;
use object_store::aws::AmazonS3Builder;
use object_store::aws::AmazonS3ConfigKey;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Place;
use std::error::Error;
use std::fmt;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use std::time::UNIX_EPOCH;
use tokio::time::timeout;

/// How much of a file is put at once: the least that S3 takes of a part, and little enough to hold.
const PART: usize = 5 * 1_024 * 1_024;

/// How long an object store may be silent in the middle of an answer. How long a file takes in all is for whoever takes
/// it: a device with little bandwidth needs an hour for a large one, and a minute for the 400 KiB that lie between us.
const SILENCE: Duration = Duration::from_mins(1);
/// How long it may take to begin an answer that a device waits for, with whatever is tried again: devices ask again.
const BEGINS_WITHIN: Duration = Duration::from_secs(10);

/// What a put that was killed left behind is of nobody after this time: no upload takes a day.
const LEFT_BEHIND: Duration = Duration::from_hours(24);

/// Where the files are that we hold.
#[derive(Clone)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    /// What goes before the name of each.
    prefix: Place,
    /// The folder, when it is one.
    folder: Option<PathBuf>,
}

impl Blobs {
    /// The files of a folder, which is made when the first is put.
    ///
    /// # Errors
    /// When the path is none.
    pub fn in_folder(folder: &Path) -> Result<Self, BlobError> {
        let doing = "find the folder of the files";
        let folder = std::path::absolute(folder).map_err(BlobError::of(doing))?;
        let prefix = Place::from_absolute_path(&folder).map_err(BlobError::of(doing))?;
        // What is told to be there must be there after a power cut too.
        let store = Arc::new(LocalFileSystem::new().with_fsync(true));
        Ok(Self { store, prefix, folder: Some(folder) })
    }

    /// The files at an address: `file:///folder` or `s3://bucket/prefix`. `settings` are names and values as the AWS
    /// tools know them (`AWS_ENDPOINT_URL`, `AWS_REGION`, `AWS_ACCESS_KEY_ID` …); others are passed over.
    ///
    /// # Errors
    /// When it is no such address, or the settings do not fit.
    pub fn at(
        address: &str,
        settings: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, BlobError> {
        let doing = "read the address of the files";
        if let Some(folder) = address.strip_prefix("file://") {
            if !folder.starts_with('/') {
                return Err(BlobError::of(doing)("expected file:///folder"));
            }
            return Self::in_folder(Path::new(folder));
        }
        let rest = address.strip_prefix("s3://");
        let rest = rest.ok_or_else(|| BlobError::of(doing)("expected file:// or s3://"))?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // Somebody else may have been faster, which is as good.
            drop(rustls::crypto::ring::default_provider().install_default());
        }
        let patience = ClientOptions::new().with_timeout_disabled().with_read_timeout(SILENCE);
        let mut builder =
            AmazonS3Builder::new().with_bucket_name(bucket).with_client_options(patience);
        for (name, value) in settings {
            if let Ok(key) = name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>() {
                builder = builder.with_config(key, value);
            }
        }
        let store = Arc::new(builder.build().map_err(BlobError::of_store(doing))?);
        let prefix = Place::parse(prefix).map_err(BlobError::of(doing))?;
        Ok(Self { store, prefix, folder: None })
    }

    /// Where a file is: in one of 256 folders, so that none grows too large to list.
    fn place(&self, digest: &Sha3) -> Place {
        let name = digest.to_string();
        let (first, _) = name.split_at(2);
        self.prefix.clone().join(first).join(name.as_str())
    }

    /// How many bytes the file has; `None` when it is not there.
    ///
    /// # Errors
    /// When the place fails.
    pub async fn find(&self, digest: &Sha3) -> Result<Option<u64>, BlobError> {
        let found = self.store.head(&self.place(digest)).await;
        match found.map_err(BlobError::of_store("look for a file that is held")) {
            Ok(found) => Ok(Some(found.size)),
            Err(BlobError::Missing) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads a stretch of the file, which must have that size.
    ///
    /// # Errors
    /// When it is not there, is not of that size, or the place fails.
    pub async fn read(&self, file: Digested, stretch: Range<u64>) -> Result<Reading, BlobError> {
        let range = Some(GetRange::Bounded(stretch.clone()));
        let options = GetOptions { range, ..GetOptions::default() };
        let doing = "open a file that is held";
        let place = self.place(&file.sha3_384);
        let got = timeout(BEGINS_WITHIN, self.store.get_opts(&place, options)).await;
        let got = got.map_err(BlobError::of(doing))?.map_err(BlobError::of_store(doing))?;
        if got.meta.size != file.size.bytes() || got.range != stretch {
            return Err(BlobError::AnotherFile("it has another size"));
        }
        Ok(Reading::of(got))
    }

    /// Puts a file in its place, if it is not there yet. It is there when all of it came and it is that file; whatever
    /// else happens, nothing is.
    ///
    /// # Errors
    /// When the content breaks off or is another, or the place fails.
    pub async fn put<E: Into<Box<dyn Error + Send + Sync>>>(
        &self,
        file: Digested,
        content: impl Stream<Item = Result<Bytes, E>>,
    ) -> Result<(), BlobError> {
        if self.find(&file.sha3_384).await? == Some(file.size.bytes()) {
            return Ok(());
        }
        let doing = "put a file in its place";
        let begun = self.store.put_multipart(&self.place(&file.sha3_384)).await;
        let mut upload = begun.map_err(BlobError::of_store(doing))?;
        match fill(&mut *upload, file, content).await {
            Ok(()) => upload.complete().await.map(drop).map_err(BlobError::of_store(doing)),
            Err(error) => {
                // If this fails too, what is left is nobody's, and is swept up later.
                drop(upload.abort().await);
                Err(error)
            }
        }
    }

    /// Puts a file of this machine in its place, under the digest it was found to have.
    ///
    /// # Errors
    /// When it is another by now, or cannot be read, or the place fails.
    pub async fn put_file(&self, file: Digested, path: &Path) -> Result<(), BlobError> {
        let opened = std::fs::File::open(path).map_err(BlobError::of("read the file"))?;
        self.put(file, Reading::of_file(opened, file.size.bytes())).await
    }

    /// Removes a file, if it is there. Nobody may be told of it any more.
    ///
    /// # Errors
    /// When the place fails.
    pub async fn delete(&self, digest: &Sha3) -> Result<(), BlobError> {
        let deleted = self.store.delete(&self.place(digest)).await;
        match deleted.map_err(BlobError::of_store("delete a file")) {
            Err(BlobError::Missing) => Ok(()),
            done => done,
        }
    }

    /// Removes what puts left in the folder that were killed a day ago or longer. An object store forgets uploads that
    /// were not completed by itself, if it is told to. It blocks.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn sweep(&self, now: Instant) -> Result<u64, BlobError> {
        let Some(folder) = &self.folder else { return Ok(0) };
        let mut n_swept = 0;
        let mut work = || {
            for shelf in entries(folder)? {
                for file in entries(&shelf)? {
                    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                    if name.contains('#') && is_old(&file, now) {
                        std::fs::remove_file(&file)?;
                        n_swept += 1;
                    }
                }
            }
            Ok::<_, io::Error>(())
        };
        work().map_err(BlobError::of("sweep up what uploads left behind"))?;
        Ok(n_swept)
    }
}

/// What is in a folder; nothing when it is none.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match std::fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| entry.map(|entry| entry.path())).collect(),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(Vec::new()),
            _ => Err(error),
        },
    }
}

fn is_old(file: &Path, now: Instant) -> bool {
    let modified = std::fs::metadata(file).and_then(|about| about.modified());
    let modified = modified.ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let micros = modified.and_then(|since| i64::try_from(since.as_micros()).ok());
    let modified = micros.and_then(|micros| Instant::from_microseconds(micros).ok());
    modified.is_some_and(|modified| now.since(modified) >= LEFT_BEHIND)
}

/// Uploads the content in parts, and holds it against what it should be.
async fn fill<E: Into<Box<dyn Error + Send + Sync>>>(
    upload: &mut dyn MultipartUpload,
    file: Digested,
    content: impl Stream<Item = Result<Bytes, E>>,
) -> Result<(), BlobError> {
    let doing = "put a part of a file";
    let mut content = std::pin::pin!(content);
    let mut digesting = Digesting::default();
    let mut part = BytesMut::new();
    while let Some(bytes) = content.next().await {
        let bytes = bytes.map_err(BlobError::of("read what is to be put"))?;
        digesting.add(&bytes);
        if digesting.size_bytes() > file.size.bytes() {
            return Err(BlobError::AnotherFile("it is larger"));
        }
        part.extend_from_slice(&bytes);
        if part.len() >= PART {
            let full = upload.put_part(part.split().freeze().into());
            full.await.map_err(BlobError::of_store(doing))?;
        }
    }
    if digesting.finish() != Some(file) {
        return Err(BlobError::AnotherFile("it has another digest or size"));
    }
    if !part.is_empty() {
        let last = upload.put_part(part.freeze().into());
        last.await.map_err(BlobError::of_store(doing))?;
    }
    Ok(())
}

impl fmt::Debug for Blobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blobs").field("folder", &self.folder).finish_non_exhaustive()
    }
}
