//! Threads that answer, each with its own share of the connections.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::thread;
use std::thread::JoinHandle;
use tokio::runtime::Builder;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// Threads with a runtime each. A connection stays on the thread it was given to: nothing of it crosses processors,
/// and no thread is woken for the work of another. Dropping them ends the threads and what they still serve.
#[derive(Debug)]
pub(super) struct Workers(Vec<Worker>);

#[derive(Debug)]
struct Worker {
    handle: Handle,
    n_connections: Arc<AtomicUsize>,
    /// Ends the thread when it is dropped.
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Workers {
    /// So many threads.
    ///
    /// # Errors
    /// When the system has no room for one of them.
    pub(super) fn start(n: usize) -> io::Result<Self> {
        (0..n.max(1)).map(Worker::start).collect::<io::Result<_>>().map(Self)
    }

    /// The thread and runtime of the caller alone.
    pub(super) fn here() -> Self {
        let handle = Handle::current();
        Self(vec![Worker { handle, n_connections: Arc::default(), stop: None, thread: None }])
    }

    /// Serves a connection on the thread that has the fewest.
    pub(super) fn serve(&self, connection: impl Future<Output = ()> + Send + 'static) {
        let load = |worker: &&Worker| worker.n_connections.load(Ordering::Relaxed);
        let worker = self.0.iter().min_by_key(load).expect("there is one at least");
        worker.n_connections.fetch_add(1, Ordering::Relaxed);
        let served = Served(Arc::clone(&worker.n_connections));
        worker.handle.spawn(async move {
            connection.await;
            drop(served);
        });
    }
}

impl Worker {
    fn start(number: usize) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = thread::Builder::new().name(format!("answer-{number}")).spawn(move || {
            // An error says that the sender is gone, which is how it is told.
            drop(runtime.block_on(stopped));
        })?;
        Ok(Self { handle, n_connections: Arc::default(), stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has said so already.
            drop(thread.join());
        }
    }
}

/// Leaves the count of connections when it goes, however the connection ends.
struct Served(Arc<AtomicUsize>);

impl Drop for Served {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
