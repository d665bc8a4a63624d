//! Files in a document: downloads with their deltas, components, verity data.

use crate::exchange::forms::address;
use crate::exchange::forms::known;
use crate::exchange::forms::list;
use crate::exchange::numbers;
use crate::snap::Architecture;
use crate::snap::Delta;
use crate::snap::Download;
use crate::snap::FileSize;
use crate::snap::Instant;
use crate::snap::Integrity;
use crate::snap::Label;
use crate::snap::Prose;
use crate::snap::Resource;
use crate::snap::ResourceType;
use crate::snap::Revision;
use crate::snap::Sha3;
use crate::snap::Source;
use crate::snap::Version;
use serde::Deserialize;
use serde::Serialize;

/// A file and nothing more.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", expecting = "an object")]
pub(super) struct FileForm {
    #[serde(alias = "sha3_384", rename = "sha3-384")]
    sha3_384: Sha3,
    #[serde(with = "numbers::size")]
    size: FileSize,
    #[serde(rename = "url", with = "address")]
    source: Source,
}

impl From<FileForm> for Download {
    fn from(form: FileForm) -> Self {
        Self { source: form.source, size: form.size, sha3_384: form.sha3_384 }
    }
}

impl From<&Download> for FileForm {
    fn from(file: &Download) -> Self {
        Self { source: file.source.clone(), size: file.size, sha3_384: file.sha3_384 }
    }
}

/// The file of a revision, and the deltas towards it.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", expecting = "an object")]
pub(super) struct DownloadForm {
    #[serde(default, deserialize_with = "list")]
    pub(super) deltas: Vec<DeltaForm>,
    #[serde(alias = "sha3_384", rename = "sha3-384")]
    sha3_384: Sha3,
    #[serde(with = "numbers::size")]
    size: FileSize,
    #[serde(rename = "url", with = "address")]
    source: Source,
}

impl DownloadForm {
    pub(super) fn of<'a>(file: &Download, deltas: impl Iterator<Item = &'a Delta>) -> Self {
        let FileForm { sha3_384, size, source } = file.into();
        Self { deltas: deltas.map(Into::into).collect(), sha3_384, size, source }
    }

    /// The file alone.
    pub(super) fn file(&self) -> Download {
        Download { source: self.source.clone(), size: self.size, sha3_384: self.sha3_384 }
    }
}

/// A delta (contract section 7).
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", expecting = "an object")]
pub(super) struct DeltaForm {
    format: Label,
    #[serde(alias = "sha3_384", rename = "sha3-384")]
    sha3_384: Sha3,
    #[serde(with = "numbers::size")]
    size: FileSize,
    #[serde(with = "numbers::revision")]
    pub(super) source: Revision,
    #[serde(with = "numbers::revision")]
    pub(super) target: Revision,
    #[serde(with = "address")]
    url: Source,
}

impl From<DeltaForm> for Delta {
    fn from(form: DeltaForm) -> Self {
        let download = Download { source: form.url, size: form.size, sha3_384: form.sha3_384 };
        Self { format: form.format, source: form.source, target: form.target, download }
    }
}

impl From<&Delta> for DeltaForm {
    fn from(delta: &Delta) -> Self {
        Self {
            format: delta.format.clone(),
            sha3_384: delta.download.sha3_384,
            size: delta.download.size,
            source: delta.source,
            target: delta.target,
            url: delta.download.source.clone(),
        }
    }
}

/// A component (contract 3.4).
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", expecting = "an object")]
pub(super) struct ResourceForm {
    #[serde(default, deserialize_with = "list")]
    architectures: Vec<Architecture>,
    #[serde(default, alias = "created_at", deserialize_with = "known")]
    created_at: Option<Instant>,
    #[serde(default, deserialize_with = "known")]
    description: Option<Prose>,
    download: FileForm,
    name: Label,
    #[serde(with = "numbers::revision")]
    revision: Revision,
    #[serde(rename = "type")]
    kind: ResourceType,
    #[serde(default, deserialize_with = "known")]
    version: Option<Version>,
}

impl From<ResourceForm> for Resource {
    fn from(form: ResourceForm) -> Self {
        let mut architectures = in_order(form.architectures);
        if architectures.is_empty() {
            architectures.push(Architecture::ALL);
        }
        Self {
            name: form.name,
            kind: form.kind,
            revision: form.revision,
            version: form.version,
            architectures,
            created_at: form.created_at,
            description: form.description.unwrap_or_else(nothing),
            download: form.download.into(),
        }
    }
}

impl From<&Resource> for ResourceForm {
    fn from(resource: &Resource) -> Self {
        Self {
            architectures: resource.architectures.clone(),
            created_at: resource.created_at,
            description: Some(resource.description.clone()),
            download: (&resource.download).into(),
            name: resource.name.clone(),
            revision: resource.revision,
            kind: resource.kind.clone(),
            version: resource.version.clone(),
        }
    }
}

/// Verity data (contract 3.4).
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", expecting = "an object")]
pub(super) struct IntegrityForm {
    #[serde(alias = "data_block_size", deserialize_with = "numbers::whole")]
    data_block_size: u32,
    digest: Label,
    download: FileForm,
    #[serde(alias = "hash_algorithm")]
    hash_algorithm: Label,
    #[serde(alias = "hash_block_size", deserialize_with = "numbers::whole")]
    hash_block_size: u32,
    salt: Label,
    #[serde(rename = "type")]
    kind: Label,
    #[serde(with = "numbers::decimal")]
    version: u32,
}

impl From<IntegrityForm> for Integrity {
    fn from(form: IntegrityForm) -> Self {
        Self {
            kind: form.kind,
            version: form.version,
            hash_algorithm: form.hash_algorithm,
            data_block_size: form.data_block_size,
            hash_block_size: form.hash_block_size,
            digest: form.digest,
            salt: form.salt,
            download: form.download.into(),
        }
    }
}

impl From<&Integrity> for IntegrityForm {
    fn from(integrity: &Integrity) -> Self {
        Self {
            data_block_size: integrity.data_block_size,
            digest: integrity.digest.clone(),
            download: (&integrity.download).into(),
            hash_algorithm: integrity.hash_algorithm.clone(),
            hash_block_size: integrity.hash_block_size,
            salt: integrity.salt.clone(),
            kind: integrity.kind.clone(),
            version: integrity.version,
        }
    }
}

/// The architectures in order, each once, `all` alone.
pub(super) fn in_order(mut architectures: Vec<Architecture>) -> Vec<Architecture> {
    if architectures.contains(&Architecture::ALL) {
        return vec![Architecture::ALL];
    }
    architectures.sort_unstable();
    architectures.dedup();
    architectures
}

/// The empty text.
pub(super) fn nothing() -> Prose {
    "".parse().expect("an empty text is a text")
}
