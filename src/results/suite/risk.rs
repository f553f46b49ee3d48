//! What a suite says of risk beyond the loss: the risk views with intervals, early warning, attribution.

use super::super::load::Estimate;
use super::views::CellName;
use serde::{Deserialize, Serialize};

/// The path under which the weighted paths of a suite stand.
pub(crate) const WEIGHTED: &str = "(weighted)";

/// The risk views of a suite.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct RiskViews {
    /// Names of the cells, in the order of [`super::KeptWorld::views`].
    pub layout: Vec<CellName>,
    /// Every cell that has a value, by path and policy.
    pub estimates: Vec<ViewEstimate>,
    /// Indicators and their lead over the loss.
    pub early: Vec<EarlyWarning>,
    /// Changes of the loss, part by part.
    pub attributions: Vec<Attribution>,
}

/// A cell of a view on one path under one policy.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ViewEstimate {
    /// Economy path, or [`WEIGHTED`].
    pub path: String,
    /// Policy.
    pub policy: String,
    /// Index in [`RiskViews::layout`].
    pub cell: usize,
    /// Replications in which it has a value.
    pub replications: u32,
    /// Mean over them, t interval.
    pub estimate: Estimate,
}

/// How far an indicator led a measure of the loss on one path: both as differences from the first path in the same replication,
/// so that growth, season and luck, which are common to both paths, fall out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct EarlyWarning {
    /// Economy path.
    pub path: String,
    /// The indicator.
    pub indicator: String,
    /// `rises` or `falls` before the loss rises.
    pub direction: String,
    /// What it leads: `write-offs` or `overdue 90+`.
    pub loss: String,
    /// Replications.
    pub replications: u32,
    /// Months by which the indicator is moved for the highest mean correlation; its interval by bootstrap over replications.
    pub lead_months: Estimate,
    /// Correlation at that lead, Fisher's z, t interval over replications.
    pub correlation: Estimate,
    /// Correlation without a lead.
    pub correlation_at_once: f64,
    /// The interval of the lead lies above zero and that of the correlation on the side of the direction.
    pub leads: bool,
}

/// One part of a change of the loss.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct AttributionPart {
    /// What was switched off, or `all` or `interaction`.
    pub factor: String,
    /// Pairs of replications.
    pub replications: u32,
    /// The loss with everything less the loss without the factor; paired t interval.
    pub effect: Estimate,
    /// Width of the paired over the unpaired interval; `None` when nothing varies.
    pub ratio: Option<f64>,
    /// Part of the whole change; `None` when there is no change.
    pub share: Option<f64>,
}

/// Where the change of a measure between two worlds comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Attribution {
    /// Path with everything.
    pub path: String,
    /// Policy with everything.
    pub policy: String,
    /// Path that things are frozen at.
    pub base: String,
    /// The measure.
    pub measure: String,
    /// `all` first, then each factor, `interaction` last.
    pub parts: Vec<AttributionPart>,
}
