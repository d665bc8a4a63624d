//! One file out of a squashfs, and nothing else of it.
//!
//! The format is that of squashfs 4.0. Only what lies on the way to the file is read: a few blocks of inodes, two
//! directories, the blocks of the file. Each of them has a bound, so that no file system, however it was made, takes
//! more than a few megabytes or a moment. What does not hold together is refused.

use crate::push::refusal::PushRefusal;
use crate::push::unpacked::Packing;
use crate::push::unpacked::unpacked;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// How a squashfs begins.
const MAGIC: &[u8] = b"hsqs";
/// Bytes of the first block, which tells where the tables are.
const SUPERBLOCK: usize = 96;
/// The most bytes of a block of metadata, unpacked and packed.
const METADATA: usize = 8_192;
/// The most bytes of a directory. The two on the way have some tens of entries; one of 1 MiB has tens of thousands.
const DIRECTORY: usize = 1_024 * 1_024;
/// Bytes of what every inode begins with.
const INODE: usize = 16;
/// Marks a file without a fragment.
const NO_FRAGMENT: u32 = u32::MAX;
/// Entries of fragments in a block of metadata.
const FRAGMENTS: u64 = 512;

/// What went wrong: with the file system, or with reading it.
#[derive(Debug)]
pub(super) enum Unread {
    /// The file system is not as it should be.
    Refused(PushRefusal),
    /// The machine failed.
    Failed(io::Error),
}

impl From<io::Error> for Unread {
    /// A file that ends where more should come is damaged; anything else is a failure.
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            damaged("it is truncated")
        } else {
            Self::Failed(error)
        }
    }
}

fn damaged(why: &'static str) -> Unread {
    Unread::Refused(PushRefusal::NotASnap(why))
}

type Found<T> = Result<T, Unread>;

/// An open file system.
pub(super) struct Squashfs {
    file: File,
    length: u64,
    block_size: usize,
    packing: Packing,
    root: u64,
    inodes: u64,
    directories: u64,
    fragments: u64,
    n_fragments: u32,
}

/// A place in a table of metadata: where its block begins, and how far behind that in what is unpacked.
#[derive(Clone, Copy)]
struct Place {
    block: u64,
    offset: usize,
}

/// An inode on the way.
enum Inode {
    Directory { listing: Place, length: usize },
    File { begin: u64, size: u64, fragment: u32, offset: u32, blocks: Cursor },
}

impl Squashfs {
    /// Reads the first block.
    pub(super) fn open(file: File) -> Found<Self> {
        let length = file.metadata()?.len();
        let mut first = [0; SUPERBLOCK];
        if length < SUPERBLOCK as u64 {
            return Err(damaged("it is too short to be a squashfs"));
        }
        file.read_exact_at(&mut first, 0)?;
        let mut fields = Fields(&first);
        if fields.take(4)? != MAGIC {
            return Err(damaged("it is no squashfs"));
        }
        let (_n_inodes, _made_at) = (fields.u32()?, fields.u32()?);
        let (block_size, n_fragments) = (fields.u32()?, fields.u32()?);
        let (packing, log) = (fields.u16()?, fields.u16()?);
        let (_flags, _n_ids) = (fields.u16()?, fields.u16()?);
        if (fields.u16()?, fields.u16()?) != (4, 0) {
            return Err(damaged("it is a squashfs of another version than 4.0"));
        }
        let (root, used) = (fields.u64()?, fields.u64()?);
        let (_ids, _attributes) = (fields.u64()?, fields.u64()?);
        let (inodes, directories, fragments) = (fields.u64()?, fields.u64()?, fields.u64()?);
        if !(12..=20).contains(&log) || block_size != 1 << log {
            return Err(damaged("its blocks have no valid size"));
        }
        if used > length {
            return Err(damaged("it is truncated"));
        }
        let packing = Packing::of_number(packing);
        let packing = packing.ok_or_else(|| damaged("it is packed in an unknown way"))?;
        let block_size = block_size as usize;
        Ok(Self {
            file,
            length: used,
            block_size,
            packing,
            root,
            inodes,
            directories,
            fragments,
            n_fragments,
        })
    }

    /// How its blocks are packed.
    pub(super) fn packing(&self) -> Packing {
        self.packing
    }

    /// The content of a file, which may have at most so many bytes.
    pub(super) fn read(&self, path: &[&str], at_most: usize) -> Found<Vec<u8>> {
        let mut inode = self.inode(place(self.root))?;
        for name in path {
            let Inode::Directory { listing, length } = inode else {
                return Err(damaged("a part of the way to meta/snap.yaml is no directory"));
            };
            inode = self.inode(self.find(listing, length, name)?)?;
        }
        match inode {
            Inode::File { size, .. } if size > at_most as u64 => {
                Err(damaged("its meta/snap.yaml is over 256 KiB"))
            }
            Inode::File { begin, size, fragment, offset, blocks } => {
                let size = usize::try_from(size).expect("it is bounded");
                self.content(begin, size, (fragment, offset), blocks)
            }
            Inode::Directory { .. } => Err(damaged("its meta/snap.yaml is no file")),
        }
    }

    /// Bytes of the file, which must be within what the first block says is used.
    fn bytes(&self, begin: u64, length: usize) -> Found<Vec<u8>> {
        let end = begin.checked_add(length as u64).filter(|end| *end <= self.length);
        if end.is_none() {
            return Err(damaged("a part of it lies beyond its end"));
        }
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, begin)?;
        Ok(bytes)
    }

    /// A block of metadata, and where the next begins.
    fn metadata(&self, begin: u64) -> Found<(Vec<u8>, u64)> {
        let header = Fields(&self.bytes(begin, 2)?).u16()?;
        let (is_packed, length) = (header & 0x8000 == 0, usize::from(header & 0x7fff));
        if length > METADATA {
            return Err(damaged("a block of metadata is too long"));
        }
        let bytes = self.bytes(begin + 2, length)?;
        let next = begin + 2 + length as u64;
        Ok((if is_packed { self.unpack(&bytes, METADATA)? } else { bytes }, next))
    }

    fn unpack(&self, packed: &[u8], at_most: usize) -> Found<Vec<u8>> {
        unpacked(packed, self.packing, at_most)
            .ok_or_else(|| damaged("a block cannot be unpacked, or is too large"))
    }

    /// Metadata from a place of a table on.
    fn cursor(&self, table: u64, place: Place) -> Found<Cursor> {
        let begin = table.checked_add(place.block);
        let begin = begin.ok_or_else(|| damaged("a part of it lies beyond its end"))?;
        let (mut block, next) = self.metadata(begin)?;
        if place.offset > block.len() {
            return Err(damaged("an entry lies beyond its block"));
        }
        Ok(Cursor { rest: block.split_off(place.offset), next })
    }

    /// Reads so many bytes of metadata, over the borders of blocks.
    fn take(&self, cursor: &mut Cursor, length: usize) -> Found<Vec<u8>> {
        while cursor.rest.len() < length {
            let (block, next) = self.metadata(cursor.next)?;
            if block.is_empty() {
                return Err(damaged("a block of metadata is empty"));
            }
            cursor.rest.extend_from_slice(&block);
            cursor.next = next;
        }
        let rest = cursor.rest.split_off(length);
        Ok(std::mem::replace(&mut cursor.rest, rest))
    }

    fn inode(&self, place: Place) -> Found<Inode> {
        let mut cursor = self.cursor(self.inodes, place)?;
        let kind = Fields(&self.take(&mut cursor, INODE)?).u16()?;
        let mut fields = |length| self.take(&mut cursor, length);
        match kind {
            1 => {
                let fields = fields(16)?;
                let mut fields = Fields(&fields);
                let (block, _links) = (fields.u32()?, fields.u32()?);
                let (length, offset) = (fields.u16()?, fields.u16()?);
                directory(block, u32::from(length), offset)
            }
            8 => {
                let fields = fields(24)?;
                let mut fields = Fields(&fields);
                let (_links, length, block) = (fields.u32()?, fields.u32()?, fields.u32()?);
                let (_parent, _n_index) = (fields.u32()?, fields.u16()?);
                directory(block, length, fields.u16()?)
            }
            2 => {
                let fields = fields(16)?;
                let mut fields = Fields(&fields);
                let (begin, fragment) = (u64::from(fields.u32()?), fields.u32()?);
                let (offset, size) = (fields.u32()?, u64::from(fields.u32()?));
                Ok(Inode::File { begin, size, fragment, offset, blocks: cursor })
            }
            9 => {
                let fields = fields(40)?;
                let mut fields = Fields(&fields);
                let (begin, size, _sparse) = (fields.u64()?, fields.u64()?, fields.u64()?);
                let (_links, fragment, offset) = (fields.u32()?, fields.u32()?, fields.u32()?);
                Ok(Inode::File { begin, size, fragment, offset, blocks: cursor })
            }
            _ => Err(damaged("a part of the way to meta/snap.yaml is neither file nor directory")),
        }
    }

    /// The inode of an entry of a directory.
    fn find(&self, listing: Place, length: usize, name: &str) -> Found<Place> {
        let missing = || damaged("it has no meta/snap.yaml");
        let mut cursor = self.cursor(self.directories, listing)?;
        let mut left = length;
        let mut take = |length: usize| {
            left = left.checked_sub(length).ok_or_else(missing)?;
            self.take(&mut cursor, length)
        };
        loop {
            let header = take(12)?;
            let mut header = Fields(&header);
            let (n_entries, block) = (header.u32()?, u64::from(header.u32()?));
            if n_entries > 255 {
                return Err(damaged("a directory does not hold together"));
            }
            for _ in 0..=n_entries {
                let entry = take(8)?;
                let mut entry = Fields(&entry);
                let (offset, _number) = (entry.u16()?, entry.u16()?);
                let (_kind, length) = (entry.u16()?, entry.u16()?);
                if take(usize::from(length) + 1)? == name.as_bytes() {
                    return Ok(Place { block, offset: offset.into() });
                }
            }
        }
    }

    fn content(
        &self,
        begin: u64,
        size: usize,
        (fragment, offset): (u32, u32),
        mut blocks: Cursor,
    ) -> Found<Vec<u8>> {
        let whole = size / self.block_size;
        let n_blocks = if fragment == NO_FRAGMENT { size.div_ceil(self.block_size) } else { whole };
        let mut content = Vec::with_capacity(size);
        let mut at = begin;
        for _ in 0..n_blocks {
            let expected = self.block_size.min(size - content.len());
            let entry = Fields(&self.take(&mut blocks, 4)?).u32()?;
            let (length, block) = self.block(at, entry, expected)?;
            if block.len() != expected {
                return Err(damaged("a block of meta/snap.yaml has another size than it should"));
            }
            content.extend_from_slice(&block);
            at += length;
        }
        let rest = size - content.len();
        if rest > 0 {
            let fragment = self.fragment(fragment)?;
            let from = offset as usize;
            let tail = from.checked_add(rest).and_then(|to| fragment.get(from..to));
            let beyond = "a part of meta/snap.yaml lies beyond its block";
            content.extend_from_slice(tail.ok_or_else(|| damaged(beyond))?);
        }
        Ok(content)
    }

    /// A block of data, unpacked, and how many bytes of the file it takes. One without bytes is all zeros.
    fn block(&self, begin: u64, entry: u32, expected: usize) -> Found<(u64, Vec<u8>)> {
        let (is_packed, length) = (entry & (1 << 24) == 0, entry & 0x00ff_ffff);
        if length == 0 {
            return Ok((0, vec![0; expected]));
        }
        if length as usize > self.block_size {
            return Err(damaged("a block is too long"));
        }
        let bytes = self.bytes(begin, length as usize)?;
        let block = if is_packed { self.unpack(&bytes, self.block_size)? } else { bytes };
        Ok((u64::from(length), block))
    }

    /// A block that holds the ends of several files.
    fn fragment(&self, number: u32) -> Found<Vec<u8>> {
        if number >= self.n_fragments {
            return Err(damaged("a fragment is not there"));
        }
        let (table, within) = (u64::from(number) / FRAGMENTS, u64::from(number) % FRAGMENTS);
        let pointer = self.fragments.checked_add(table * 8);
        let pointer = pointer.ok_or_else(|| damaged("a part of it lies beyond its end"))?;
        let block = Fields(&self.bytes(pointer, 8)?).u64()?;
        let offset = usize::try_from(within * 16).expect("it is small");
        let mut cursor = self.cursor(0, Place { block, offset })?;
        let entry = self.take(&mut cursor, 16)?;
        let mut entry = Fields(&entry);
        let (begin, length) = (entry.u64()?, entry.u32()?);
        Ok(self.block(begin, length, 0)?.1)
    }
}

/// The place that a reference names: the block, then 16 bits of how far behind it.
fn place(reference: u64) -> Place {
    Place { block: reference >> 16, offset: (reference & 0xffff) as usize }
}

/// A directory. Its length counts three bytes for two entries that are not written down.
fn directory(block: u32, length: u32, offset: u16) -> Found<Inode> {
    let length = length.saturating_sub(3) as usize;
    if length > DIRECTORY {
        return Err(damaged("a directory is over 1 MiB"));
    }
    let listing = Place { block: block.into(), offset: offset.into() };
    Ok(Inode::Directory { listing, length })
}

/// Metadata that is read on: what is unpacked, and where the next block begins.
struct Cursor {
    rest: Vec<u8>,
    next: u64,
}

/// Fields of a record, in order, the least byte first.
struct Fields<'b>(&'b [u8]);

impl<'b> Fields<'b> {
    fn take(&mut self, length: usize) -> Found<&'b [u8]> {
        let (taken, rest) =
            self.0.split_at_checked(length).ok_or_else(|| damaged("a record is too short"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Found<[u8; N]> {
        Ok(self.take(N)?.try_into().expect("as many were taken"))
    }

    fn u16(&mut self) -> Found<u16> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    fn u32(&mut self) -> Found<u32> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn u64(&mut self) -> Found<u64> {
        Ok(u64::from_le_bytes(self.array()?))
    }
}
