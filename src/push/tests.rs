//! File systems that are damaged in every place: read, refused, and never more than that.

use crate::push::squashfs::Squashfs;
use backhand::FilesystemCompressor;
use backhand::FilesystemWriter;
use backhand::NodeHeader;
use backhand::compression::Compressor;
use std::io::Cursor;
use std::io::Write;

const YAML: &[u8] = b"name: lumen\nversion: '1'\n";

/// A small snap with many files, so that its directories and inodes fill blocks.
fn packed(with: Compressor, yaml: &[u8]) -> Vec<u8> {
    let mut writer = FilesystemWriter::default();
    writer.set_compressor(FilesystemCompressor::new(with, None).expect("a packing"));
    writer.set_block_size(4_096);
    let header = NodeHeader::default();
    writer.push_dir_all("meta/gui", header).expect("a folder");
    for number in 0..300 {
        let path = format!("meta/{number:03}-a-file-with-a-rather-long-name");
        writer.push_file(Cursor::new(vec![b'x'; number]), path, header).expect("a file");
    }
    let file = Cursor::new(yaml.to_vec());
    writer.push_file(file, "meta/snap.yaml", header).expect("a file");
    let mut out = Cursor::new(Vec::new());
    writer.write(&mut out).expect("a file system");
    out.into_inner()
}

fn read(image: &[u8]) -> Option<Vec<u8>> {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(image).expect("it is written");
    Squashfs::open(file).and_then(|image| image.read(&["meta", "snap.yaml"], 10_000)).ok()
}

#[test]
fn a_file_of_any_size_is_read_whatever_it_is_packed_with() {
    for with in [Compressor::Gzip, Compressor::Xz, Compressor::Zstd] {
        for size in [1, 26, 4_095, 4_096, 4_097, 8_192, 9_999, 10_000] {
            let yaml: Vec<u8> = YAML.iter().copied().cycle().take(size).collect();
            assert!(read(&packed(with, &yaml)) == Some(yaml), "{with:?} {size}");
        }
        assert_eq!(read(&packed(with, &[b' '; 10_001])), None);
    }
}

#[test]
fn what_is_damaged_is_refused_or_read_and_nothing_worse() {
    let mut state = 1_u64;
    let mut next = |bound: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("31 bits") % bound
    };
    for with in [Compressor::Gzip, Compressor::Xz, Compressor::Zstd] {
        let good = packed(with, YAML);
        for length in (0..good.len()).step_by(good.len() / 40) {
            drop(read(&good[..length]));
        }
        for round in 0..400 {
            let mut bad = good.clone();
            // Now the first block, now the tables behind the data, now anything.
            let bound = if round % 2 == 0 { 96 } else { bad.len() };
            for _ in 0..=next(4) {
                let place = next(bound);
                bad[place] = u8::try_from(next(256)).expect("a byte");
            }
            drop(read(&bad));
        }
    }
}
