//! Takes the place of the owner of a private PostgreSQL when it goes.

use std::error::Error;
use std::path::Path;
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::RecvTimeoutError;
use std::sync::mpsc::Sender;
use std::thread;
use std::thread::JoinHandle;
use std::time::Duration;

use crate::postgres::error::PrivateError;
use crate::postgres::private::Options;
use crate::postgres::private::Private;

/// How often we look whether the owner is gone: for that long nobody has a database.
const LOOK: Duration = Duration::from_millis(500);

/// Who uses a private PostgreSQL that another process owns, and owns it when that process is gone. Of several heirs
/// one comes first; the others go on waiting.
#[derive(Debug)]
pub struct Heir {
    /// Never written to: the thread ends when this end is gone.
    hold: Option<Sender<()>>,
    thread: Option<JoinHandle<Result<(), PrivateError>>>,
}

impl Heir {
    /// Begins to wait for the server on `dir`.
    ///
    /// # Errors
    /// When there is no room for a thread.
    pub fn of(dir: &Path, options: &Options) -> Result<Self, PrivateError> {
        let (hold, owner) = mpsc::channel();
        let (of, options) = (dir.to_owned(), options.clone());
        let thread = thread::Builder::new()
            .name("postgres-heir".to_owned())
            .spawn(move || wait(&of, &options, &owner))
            .map_err(PrivateError::io("start a thread for", dir))?;
        Ok(Self { hold: Some(hold), thread: Some(thread) })
    }

    /// Waits no longer; a server that was inherited is stopped. Blocks until it is gone.
    pub fn stop(mut self) -> Result<(), PrivateError> {
        self.end()
    }

    fn end(&mut self) -> Result<(), PrivateError> {
        drop(self.hold.take());
        let thread = self.thread.take();
        thread.map_or(Ok(()), |thread| thread.join().expect("waiting does not panic"))
    }
}

impl Drop for Heir {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            tracing::warn!(%error, "cannot stop the private PostgreSQL");
        }
    }
}

fn wait(dir: &Path, options: &Options, owner: &Receiver<()>) -> Result<(), PrivateError> {
    while let Err(RecvTimeoutError::Timeout) = owner.recv_timeout(LOOK) {
        match Private::start(dir, options) {
            Ok(private) => {
                tracing::info!("took over the private PostgreSQL of a process that is gone");
                // It ends when the other end is gone, which is how we are told.
                while owner.recv().is_ok() {}
                return private.stop();
            }
            Err(PrivateError::InUse { .. }) => {}
            Err(error) => {
                let error: &dyn Error = &error;
                tracing::warn!(error, "cannot take over the private PostgreSQL");
            }
        }
    }
    Ok(())
}
