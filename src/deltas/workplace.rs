//! A folder to work in that goes when we go.

use std::fs::File;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use tempfile::TempDir;

/// What the folders are called at the beginning.
const PREFIX: &str = "snapwise-deltas-";
/// The file that is locked as long as somebody works there.
const LOCK: &str = "lock";

/// A folder to work in. It is removed when this is dropped; where its owner was killed, by [`sweep`].
pub(super) struct Workplace {
    folder: TempDir,
    _lock: File,
}

impl Workplace {
    /// A new folder in that folder. It blocks, for a moment.
    pub(super) fn new(within: &Path) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(within)?;
        let unlocked = folder.path().join("unlocked");
        let lock = File::create(&unlocked)?;
        lock.lock()?;
        // Only now it can be found, so nobody takes it for one that was left.
        std::fs::rename(unlocked, folder.path().join(LOCK))?;
        Ok(Self { folder, _lock: lock })
    }

    /// The path of a file in it.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// Removes the folders in that folder whose owners were killed; gives how many those were. It blocks.
pub(super) fn sweep(within: &Path) -> io::Result<u64> {
    let mut n_swept = 0;
    for entry in std::fs::read_dir(within)? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        // Those of others cannot be opened, and are theirs to remove.
        let Ok(lock) = File::open(entry.path().join(LOCK)) else { continue };
        if lock.try_lock().is_ok() {
            std::fs::remove_dir_all(entry.path())?;
            n_swept += 1;
        }
    }
    Ok(n_swept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_removed_and_what_is_used_is_not() {
        let within = tempfile::tempdir().unwrap();
        let used = Workplace::new(within.path()).unwrap();
        std::fs::write(used.file("source"), b"x").unwrap();
        let left = within.path().join("snapwise-deltas-left");
        std::fs::create_dir(&left).unwrap();
        for file in [LOCK, "source"] {
            std::fs::write(left.join(file), b"x").unwrap();
        }
        let other = within.path().join("other");
        std::fs::write(&other, b"x").unwrap();
        assert_eq!(sweep(within.path()).unwrap(), 1);
        assert!(!left.exists() && used.file("source").exists() && other.exists());
        drop(used);
        assert_eq!(std::fs::read_dir(within.path()).unwrap().count(), 1);
    }
}
