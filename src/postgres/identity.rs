//! As whom the server runs. PostgreSQL refuses root, so root has to be somebody else.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::fs::lchown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;

use crate::postgres::binaries::Binaries;
use crate::postgres::error::PrivateError;

/// Accounts root becomes, in this order, where no data says whose it is.
const CANDIDATES: [&str; 3] = ["postgres", "nobody", "daemon"];

/// Tells whether somebody may enter the folder ($1) and run the server ($2).
const PROBE: &str = r#"cd "$1" && "$2" --version"#;

/// As whom the programs of PostgreSQL run.
#[derive(Debug)]
pub(super) enum Identity {
    /// As ourselves: an ordinary user.
    Own,
    /// As another account; we are root.
    Account(Account),
    /// As root who believes to be this account, in a user namespace: for folders that nobody else
    /// can enter, such as one below /root. The files stay root's.
    Mapped(Account),
}

/// An account of the password file; `initdb` insists on an entry there.
#[derive(Debug, Clone)]
pub(super) struct Account {
    name: String,
    uid: u32,
    gid: u32,
}

impl Identity {
    /// Root becomes the owner of the data that exists, else the first account that can use the
    /// folder, else itself in a user namespace. Everybody else stays who they are.
    pub(super) fn choose(
        dir: &Path,
        data: &Path,
        binaries: &Binaries,
    ) -> Result<Identity, PrivateError> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Identity::Own);
        }
        let passwd = Path::new("/etc/passwd");
        let text = fs::read_to_string(passwd).map_err(PrivateError::io("read", passwd))?;
        let mut accounts: Vec<Account> = text.lines().filter_map(Account::parse).collect();
        accounts.retain(|account| account.uid != 0);
        let known = |name: &str| accounts.iter().find(|account| account.name == name).cloned();
        let candidates: Vec<Account> = CANDIDATES.into_iter().filter_map(known).collect();
        let mapped = candidates.iter().cloned().map(Identity::Mapped);

        let owner = fs::symlink_metadata(data).ok().map(|metadata| metadata.uid());
        let ways: Vec<Identity> = match owner {
            Some(0) => mapped.collect(),
            Some(uid) => {
                accounts.retain(|account| account.uid == uid);
                accounts.into_iter().map(Identity::Account).collect()
            }
            None => candidates.iter().cloned().map(Identity::Account).chain(mapped).collect(),
        };
        let tried: Vec<&str> = ways.iter().filter_map(Identity::account_name).collect();
        let tried = tried.join(", ");
        let can_use = |way: &Identity| way.can_use(dir, binaries);
        let no_account = || PrivateError::NoAccount { dir: dir.to_owned(), tried };
        ways.into_iter().find(can_use).ok_or_else(no_account)
    }

    /// A command that runs `program` as this identity, and speaks English, for the log is read.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = match self {
            Identity::Own => Command::new(program),
            Identity::Account(account) => {
                let mut command = Command::new(program);
                command.uid(account.uid).gid(account.gid);
                command
            }
            Identity::Mapped(account) => {
                let mut command = Command::new("unshare");
                command.arg("--user").arg(format!("--map-user={}", account.uid));
                command.arg(format!("--map-group={}", account.gid)).arg("--").arg(program);
                command
            }
        };
        command.env("LC_ALL", "C").current_dir("/").stdin(Stdio::null());
        command
    }

    /// Gives a folder that we have just made to this identity.
    pub(super) fn give(&self, folder: &Path) -> Result<(), PrivateError> {
        let Identity::Account(account) = self else { return Ok(()) };
        lchown(folder, Some(account.uid), Some(account.gid))
            .map_err(PrivateError::io("change the owner of", folder))
    }

    /// Whether this is an account that is not ours.
    pub(super) fn is_other(&self) -> bool {
        matches!(self, Identity::Account(_))
    }

    fn can_use(&self, dir: &Path, binaries: &Binaries) -> bool {
        let mut probe = self.command(Path::new("/bin/sh"));
        probe.args(["-c", PROBE, "probe"]).arg(dir).arg(binaries.postgres());
        probe.output().is_ok_and(|output| output.status.success())
    }

    fn account_name(&self) -> Option<&str> {
        match self {
            Identity::Account(account) => Some(&account.name),
            Identity::Own | Identity::Mapped(_) => None,
        }
    }
}

impl Account {
    /// A line of the password file: `name:password:uid:gid:…`.
    fn parse(line: &str) -> Option<Account> {
        let mut parts = line.split(':');
        let name = parts.next()?.to_owned();
        let uid = parts.nth(1)?.parse().ok()?;
        let gid = parts.next()?.parse().ok()?;
        Some(Account { name, uid, gid })
    }
}
