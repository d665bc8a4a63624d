//! Snap files, made for a test.

use backhand::FilesystemCompressor;
use backhand::FilesystemWriter;
use backhand::NodeHeader;
use backhand::compression::Compressor;
use std::io::Cursor;

/// A file system that holds these files.
pub(super) fn packed(files: &[(&str, &[u8])], with: Compressor) -> Vec<u8> {
    let mut writer = FilesystemWriter::default();
    writer.set_compressor(FilesystemCompressor::new(with, None).unwrap());
    let header = NodeHeader { permissions: 0o755, ..NodeHeader::default() };
    for (path, content) in files {
        if let Some((folder, _)) = path.rsplit_once('/') {
            writer.push_dir_all(folder, header).unwrap();
        }
        writer.push_file(Cursor::new(content.to_vec()), path, header).unwrap();
    }
    let mut out = Cursor::new(Vec::new());
    writer.write(&mut out).unwrap();
    out.into_inner()
}

/// A snap of that description with some content, which makes it a file of its own.
pub(super) fn snap(yaml: &str, content: &[u8]) -> Vec<u8> {
    packed(&[("meta/snap.yaml", yaml.as_bytes()), ("content", content)], Compressor::Zstd)
}

/// An everyday snap of that name and version.
pub(super) fn everyday(name: &str, version: &str) -> Vec<u8> {
    let yaml = format!(
        "name: {name}\nversion: {version}\nsummary: In a line\ndescription: |\n  At length.\narchitectures: [amd64]\n"
    );
    snap(&yaml, &noise(200_000, version.len() as u64 + u64::from(version.as_bytes()[0])))
}

/// Bytes that nothing compresses, the same for the same seed.
pub(super) fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..length).map(|_| next()).collect()
}
