//! What an owner that died left behind: processes, and files that name processes.
//!
//! Only called by who holds the lock of the folder, so whatever still runs there is an orphan.
//! Where there is no /proc nothing is found, and PostgreSQL's own checks have the last word.

use std::fs;
use std::io;
use std::path::Path;

use rustix::process::Pid;

use crate::postgres::error::PrivateError;
use crate::postgres::guard::WAYS_TO_STOP;
use crate::postgres::guard::wait_until;
use crate::postgres::server::PidFile;

/// Stops the servers that run on this data directory, which must be canonical, and removes a
/// `postmaster.pid` whose number has meanwhile gone to somebody else.
pub(super) fn clear(data: &Path) -> Result<(), PrivateError> {
    // `postgres --single` writes its number as a negative one: that is no postmaster.
    let pid = PidFile::read(data).map(|file| file.pid).filter(|pid| pid.is_positive());
    let postmaster = pid.and_then(Pid::from_raw);
    for (signal, patience) in WAYS_TO_STOP {
        let running = running_on(data);
        let Some(&first) = running.first() else { break };
        let postmaster = postmaster.filter(|pid| running.contains(pid));
        // SIGINT means "stop" to a postmaster only; sessions without one must just go.
        if signal == rustix::process::Signal::INT && postmaster.is_none() {
            continue;
        }
        tracing::warn!(
            pid = first.as_raw_nonzero().get(),
            ?signal,
            "stopping what an earlier PostgreSQL left running"
        );
        for pid in postmaster.map_or(running, |pid| vec![pid]) {
            // It may just have ended by itself, or be another's: the next look tells.
            rustix::process::kill_process(pid, signal).ok();
        }
        wait_until(patience, || running_on(data).is_empty());
    }
    if let Some(&first) = running_on(data).first() {
        let pid = first.as_raw_nonzero().get();
        return Err(PrivateError::Leftover { data: data.to_owned(), pid });
    }
    // A dead number is PostgreSQL's business: it also looks for shared memory still in use.
    if postmaster.is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok()) {
        let path = data.join("postmaster.pid");
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(PrivateError::io("remove", &path)(error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The processes of PostgreSQL on a data directory: each of them works inside it.
fn running_on(data: &Path) -> Vec<Pid> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let is_ours = |process: &Path| {
        fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd == data)
            && fs::read_to_string(process.join("comm")).is_ok_and(|name| name.trim() == "postgres")
    };
    entries
        .filter_map(|entry| Pid::from_raw(entry.file_name().to_str()?.parse().ok()?))
        .filter(|pid| is_ours(&Path::new("/proc").join(pid.as_raw_nonzero().to_string())))
        .collect()
}
