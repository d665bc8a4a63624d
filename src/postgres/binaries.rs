//! Where PostgreSQL is installed here.

use std::fs;
use std::iter;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use crate::postgres::error::PrivateError;
use crate::postgres::private::Options;

/// The oldest PostgreSQL that is still maintained for as long as we care, and that we test with.
const MINIMUM: u32 = 15;

/// Where packagers put servers beside the `PATH`: parent, name before the major version, below it.
const FAMILIES: [(&str, &str, &str); 7] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/usr/lib64", "postgresql-", "bin"),
    ("/usr/libexec", "postgresql", ""),
    ("/opt/homebrew/opt", "postgresql@", "bin"),
    ("/usr/local/opt", "postgresql@", "bin"),
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql@", "bin"),
];

/// A folder with `postgres` and `initdb` of one version.
#[derive(Debug)]
pub(super) struct Binaries {
    folder: PathBuf,
    major: u32,
}

impl Binaries {
    /// Finds the binaries: the folder that was named, or the first good one of the `PATH`, or the
    /// newest elsewhere. Data that exists already takes the version that wrote it, and no other.
    pub(super) fn find(options: &Options, data: &Path) -> Result<Binaries, PrivateError> {
        let written_by = written_by(data)?;
        let mut others = Vec::new();
        for folder in folders(options) {
            let Some(found) = Binaries::in_folder(folder) else { continue };
            if written_by.map_or(found.major >= MINIMUM, |major| found.major == major) {
                return Ok(found);
            }
            others.push(format!("{} in {}", found.major, found.folder.display()));
        }
        let others = match others.as_slice() {
            [] => String::new(),
            others => format!(" (found only {})", others.join(", ")),
        };
        Err(match written_by {
            Some(written_by) => {
                PrivateError::OtherVersion { data: data.to_owned(), written_by, others }
            }
            None => PrivateError::NotInstalled { minimum: MINIMUM, older: others },
        })
    }

    pub(super) fn initdb(&self) -> PathBuf {
        self.folder.join("initdb")
    }

    pub(super) fn postgres(&self) -> PathBuf {
        self.folder.join("postgres")
    }

    fn in_folder(folder: PathBuf) -> Option<Binaries> {
        if !folder.join("initdb").is_file() {
            return None;
        }
        let output = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
        let major = major(&String::from_utf8_lossy(&output.stdout))?;
        Some(Binaries { folder, major })
    }
}

/// The major version in `PG_VERSION`, or none where there is no cluster yet.
fn written_by(data: &Path) -> Result<Option<u32>, PrivateError> {
    let path = data.join("PG_VERSION");
    if !path.try_exists().map_err(PrivateError::io("look for", &path))? {
        return Ok(None);
    }
    let text = fs::read_to_string(&path).map_err(PrivateError::io("read", &path))?;
    Ok(text.trim().parse().ok())
}

/// From `postgres (PostgreSQL) 15.18 (Debian 15.18-1)`, or `… 18beta1`, the major version.
fn major(version: &str) -> Option<u32> {
    let number = version.split_once("(PostgreSQL) ")?.1;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn folders(options: &Options) -> Box<dyn Iterator<Item = PathBuf> + '_> {
    if let Some(folder) = &options.bin_dir {
        return Box::new(iter::once(folder.clone()));
    }
    let path = options.path.iter().flat_map(std::env::split_paths);
    let path = path.filter(|folder| folder.is_absolute());
    Box::new(path.chain(FAMILIES.into_iter().flat_map(newest_first)))
}

fn newest_first((parent, before, below): (&str, &str, &str)) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| {
            let name = entry.file_name();
            let major = name.to_str()?.strip_prefix(before)?.parse().ok()?;
            Some((major, entry.path().join(below)))
        })
        .collect();
    found.sort_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, folder)| folder).collect()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn the_major_version_is_read_from_what_the_server_says() {
        assert_eq!(major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(major("postgres: command not found\n"), None);
    }
}
