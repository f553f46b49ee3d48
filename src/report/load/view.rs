//! What the charts and tables of a load run draw from.

use super::windows::Windows;
use crate::report::numbers::{fixed, grouped};
use crate::results::load::{LoadRecord, Verdict};

/// What the charts draw from.
pub(super) struct LoadView<'a> {
    pub record: &'a LoadRecord,
    pub windows: Windows,
    /// Below every chart's title: clock, how it was loaded, on what.
    pub subtitle: String,
}

pub(super) fn subtitle(record: &LoadRecord) -> String {
    let placement = record.provenance.plan.placement.split(':').next().unwrap_or_default();
    let invalid = if record.verdict() == Verdict::Invalid { "INVALID · " } else { "" };
    format!(
        "{invalid}wall clock: measured, not reproducible · world {} · {} user actors · {} s · {placement} · {}",
        record.observations.world,
        grouped(record.observations.users.into()),
        fixed(record.observations.measured_seconds, 0),
        record.provenance.plan.durability.split(':').next().unwrap_or_default(),
    )
}
