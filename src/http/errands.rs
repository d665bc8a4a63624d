//! Work that outlives the request that asked for it, but should not outlive its process half done.

use tokio::sync::watch;

/// Counts the errands under way.
#[derive(Debug, Clone, Default)]
pub(super) struct Errands(watch::Sender<usize>);

impl Errands {
    /// An errand has begun; it lasts until the value goes.
    pub(super) fn begin(&self) -> Errand {
        self.0.send_modify(|n| *n += 1);
        Errand(self.0.clone())
    }

    /// Ends when no errand is under way.
    pub(super) async fn done(&self) {
        let none = self.0.subscribe().wait_for(|n| *n == 0).await.map(|_| ());
        none.expect("the sender is here");
    }
}

/// An errand under way.
#[derive(Debug)]
pub(super) struct Errand(watch::Sender<usize>);

impl Drop for Errand {
    fn drop(&mut self) {
        self.0.send_modify(|n| *n -= 1);
    }
}
