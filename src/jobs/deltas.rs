//! The job `deltas`: makes the deltas that are missing.

use crate::deltas;
use crate::deltas::DeltaError;
use crate::deltas::Report as Built;
use crate::deltas::Workbench;
use crate::jobs::Hopeless;
use crate::jobs::Job;
use crate::jobs::Report;
use crate::jobs::Run;
use crate::snap::SnapName;
use serde::Deserialize;
use serde::Serialize;
use serde_json::json;

/// Makes deltas towards what channels give out, of the files that are held.
#[derive(Debug)]
pub struct Deltas {
    /// What it works with.
    pub bench: Workbench,
}

/// Of which snaps deltas are made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfSnaps {
    /// Of these; of all when there are none.
    #[serde(default)]
    pub names: Vec<SnapName>,
}

impl Job for Deltas {
    const KIND: &'static str = "deltas";
    const STAGES: &'static [&'static str] = &["building"];
    type Args = OfSnaps;

    async fn run(&self, of: OfSnaps, run: &Run) -> anyhow::Result<Report> {
        run.stage("building");
        let progress = |done, total| run.progress(done, total);
        let built = deltas::build(&self.bench, &of.names, Some(run.lease()), &progress).await;
        let report = built.map_err(|error| match error {
            // It will not be installed in a minute.
            DeltaError::NoProgram => anyhow::Error::new(Hopeless(error.to_string())),
            error => error.into(),
        })?;
        let Built { n_made, n_dropped, n_failed } = report;
        let told = json!({ "made": n_made, "dropped": n_dropped, "failed": n_failed });
        Ok(Report::succeeded(told))
    }
}
