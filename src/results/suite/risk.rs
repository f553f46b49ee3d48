//! What a suite says of risk beyond the loss: the risk views with intervals, early warning, attribution; and their tables.
//!
//! | file | holds |
//! |---|---|
//! | `view_sums.csv` | a row a world of the suite: every cell of the views as numerator and denominator; in the hash |
//! | `views.csv` | every cell by path and policy: mean over replications with its interval |
//! | `early_warning.csv` | by path and indicator: lead over the loss and correlation at that lead |
//! | `attribution.csv` | the change of the loss on a path, part by part |

use super::super::load::Estimate;
use super::super::table::{Row, TableFile, field};
use super::views::{CellName, VIEWS, layout};
use super::{KeptWorld, SuiteRecord};
use crate::results::ResultsError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// The path under which the weighted paths of a suite stand.
pub(crate) const WEIGHTED: &str = "(weighted)";

/// The risk views of a suite.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct RiskViews {
    /// Names of the cells, in the order of [`KeptWorld::views`].
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
    /// Place in [`RiskViews::layout`].
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

macro_rules! line {
    // Writing to a `String` cannot fail; this drops the `Result` that the trait asks for.
    ($out:expr, $($arg:tt)*) => {{ let _ = writeln!($out, $($arg)*); }};
}

/// The worlds that have views.
fn viewed(record: &SuiteRecord) -> impl Iterator<Item = &KeptWorld> {
    record.worlds.iter().filter(|world| !world.views.is_empty())
}

fn sums_header(layout: &[CellName]) -> Vec<String> {
    let name = |c: &CellName| format!("{}/{}/{}", c.view, c.row, c.column);
    let cells = layout.iter().flat_map(|c| [format!("{}/n", name(c)), format!("{}/d", name(c))]);
    ["path", "policy", "luck", "shock"].map(str::to_string).into_iter().chain(cells).collect()
}

/// The text of `view_sums.csv`.
pub(super) fn view_sums(record: &SuiteRecord) -> String {
    let mut out = sums_header(&record.risk.layout).join(",") + "\n";
    for w in viewed(record) {
        let cells: String = w.views.iter().map(|(n, d)| format!(",{n},{d}")).collect();
        line!(out, "{},{},{},{}{cells}", field(&w.path), field(&w.policy), w.luck, w.shock);
    }
    out
}

const VIEWS_HEADER: [&str; 9] =
    ["path", "policy", "view", "row", "column", "replications", "mean", "low_95", "high_95"];

/// The text of `views.csv`.
pub(super) fn views(risk: &RiskViews) -> String {
    let mut out = VIEWS_HEADER.join(",") + "\n";
    for e in &risk.estimates {
        let (c, x) = (&risk.layout[e.cell], e.estimate);
        let (path, policy, row, column) = (field(&e.path), field(&e.policy), field(&c.row), field(&c.column));
        line!(out, "{path},{policy},{},{row},{column},{},{},{},{}", c.view, e.replications, x.value, x.low, x.high);
    }
    out
}

/// The text of `early_warning.csv`.
pub(super) fn early(risk: &RiskViews) -> String {
    let mut out = String::from(
        "path,indicator,direction,loss,replications,lead_months,lead_low_95,lead_high_95,correlation,correlation_low_95,correlation_high_95,correlation_at_once,leads\n",
    );
    for e in &risk.early {
        let (path, lead, r) = (field(&e.path), e.lead_months, e.correlation);
        line!(
            out,
            "{path},{},{},{},{},{},{},{},{},{},{},{},{}",
            e.indicator,
            e.direction,
            e.loss,
            e.replications,
            lead.value,
            lead.low,
            lead.high,
            r.value,
            r.low,
            r.high,
            e.correlation_at_once,
            i32::from(e.leads)
        );
    }
    out
}

/// The text of `attribution.csv`.
pub(super) fn attribution(risk: &RiskViews) -> String {
    let mut out =
        String::from("path,policy,base,measure,factor,replications,effect,low_95,high_95,paired_to_unpaired,share\n");
    for a in &risk.attributions {
        for p in &a.parts {
            let some = |value: Option<f64>| value.map_or_else(String::new, |v| v.to_string());
            let (path, policy, base, x) = (field(&a.path), field(&a.policy), field(&a.base), p.effect);
            line!(
                out,
                "{path},{policy},{base},{},{},{},{},{},{},{},{}",
                a.measure,
                p.factor,
                p.replications,
                x.value,
                x.low,
                x.high,
                some(p.ratio),
                some(p.share)
            );
        }
    }
    out
}

/// Reads the cells of the worlds and the estimates back. `months` are warm-up and counted ones.
pub(super) fn read(
    dir: &Path,
    (warmup, counted): (u16, u16),
    worlds: &mut [KeptWorld],
) -> Result<(Vec<CellName>, Vec<ViewEstimate>), ResultsError> {
    let layout = layout(warmup, counted);
    let table = TableFile::open(dir, "view_sums.csv", &sums_header(&layout))?;
    let mut suite = worlds.iter_mut().filter(|world| world.part == "suite");
    for row in table.rows() {
        let row = row?;
        let (luck, shock): (u32, u32) = (row.int(2)?, row.int(3)?);
        let same = |w: &KeptWorld| (&*w.path, &*w.policy, w.luck, w.shock) == (row.text(0), row.text(1), luck, shock);
        let world = suite.find(|w| same(w));
        let world =
            world.ok_or_else(|| row.error("no world of worlds.csv in its order has these cells".to_string()))?;
        for cell in 0..layout.len() {
            world.views.push((row.int(4 + 2 * cell)?, row.int(5 + 2 * cell)?));
        }
    }
    let estimates = estimates(dir, &layout)?;
    Ok((layout, estimates))
}

fn estimates(dir: &Path, layout: &[CellName]) -> Result<Vec<ViewEstimate>, ResultsError> {
    let positions: BTreeMap<(&str, &str, &str), usize> =
        layout.iter().enumerate().map(|(i, c)| ((c.view, &*c.row, &*c.column), i)).collect();
    let keys = VIEWS.map(|v| v.key);
    let table = TableFile::open(dir, "views.csv", &VIEWS_HEADER)?;
    let estimate = |row: Row<'_>| {
        let view = keys[row.position(2, &keys)?];
        let cell = positions.get(&(view, row.text(3), row.text(4))).copied();
        Ok(ViewEstimate {
            path: row.text(0).to_string(),
            policy: row.text(1).to_string(),
            cell: cell.ok_or_else(|| row.error(format!("view `{view}` has no such cell")))?,
            replications: row.int(5)?,
            estimate: Estimate { value: row.int(6)?, low: row.int(7)?, high: row.int(8)? },
        })
    };
    table.rows().map(|row| row.and_then(estimate)).collect()
}
