//! A packed block, unpacked within a bound.

use lzma_rust2::XzReader;
use ruzstd::decoding::StreamingDecoder;
use std::io;
use std::io::Read;

/// The most memory that a dictionary of xz may take, in KiB: a block has at most 1 MiB, so a larger one serves nothing.
const XZ_KIB: u32 = 16 * 1_024;
/// The same for the window of zstd.
const ZSTD_WINDOW: u64 = 8 * 1_024 * 1_024;

/// How the blocks of a file system are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    /// With zlib.
    Gzip,
    /// With xz.
    Xz,
    /// With zstd.
    Zstd,
    /// In another way, which has this name.
    Other(&'static str),
}

impl Packing {
    /// The packing of that number, if there is any.
    pub(super) fn of_number(number: u16) -> Option<Self> {
        Some(match number {
            1 => Self::Gzip,
            2 => Self::Other("lzma"),
            3 => Self::Other("lzo"),
            4 => Self::Xz,
            5 => Self::Other("lz4"),
            6 => Self::Zstd,
            _ => return None,
        })
    }
}

/// Unpacks a block, which may have at most so many bytes then. `None` when it is damaged or larger.
pub(super) fn unpacked(packed: &[u8], packing: Packing, at_most: usize) -> Option<Vec<u8>> {
    match packing {
        Packing::Gzip => read(flate2::read::ZlibDecoder::new(packed), at_most),
        Packing::Xz => read(XzReader::new_mem_limit(packed, false, XZ_KIB), at_most),
        Packing::Zstd => {
            let decoder = StreamingDecoder::new_with_max_window_size(packed, ZSTD_WINDOW);
            read(decoder.ok()?, at_most)
        }
        Packing::Other(_) => None,
    }
}

fn read(reader: impl Read, at_most: usize) -> Option<Vec<u8>> {
    let mut unpacked = Vec::new();
    let read: io::Result<usize> = reader.take(at_most as u64 + 1).read_to_end(&mut unpacked);
    (read.is_ok() && unpacked.len() <= at_most).then_some(unpacked)
}
