//! What a device says of itself: its kind, what it has installed, which cohort it follows, what it may be shown.
//!
//! Values only. Nothing here is ever logged or kept: who a device is stays with the device.

mod cohort;
#[allow(clippy::module_inception, reason = "the room and its main noun share the domain's word")]
mod device;
mod installed;
mod set_name;
mod viewer;

pub use cohort::Cohort;
pub use cohort::CohortSecrets;
pub use cohort::InvalidCohortKey;
pub use device::Device;
pub use installed::Installed;
pub use set_name::SetName;
pub use set_name::Validation;
pub use viewer::Viewer;
