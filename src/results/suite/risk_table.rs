//! Tables of what a suite says of risk.
//!
//! | file | holds |
//! |---|---|
//! | `view_sums.csv` | a row a world of the suite: every cell of the views as numerator and denominator; in the hash |
//! | `views.csv` | every cell by path and policy: mean over replications with its interval |
//! | `early_warning.csv` | by path and indicator: lead over the loss and correlation at that lead |
//! | `attribution.csv` | the change of the loss on a path, part by part |

use super::super::load::Estimate;
use super::super::table::{Row, TableFile, field, line};
use super::risk::{RiskViews, ViewEstimate};
use super::views::{CellName, VIEWS, layout};
use super::{KeptWorld, SuiteRecord};
use crate::results::{Provenance, ResultsError};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

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

/// Reads the cells of the worlds and the estimates back.
pub(super) fn read(
    dir: &Path,
    provenance: &Provenance,
    worlds: &mut [KeptWorld],
) -> Result<(Vec<CellName>, Vec<ViewEstimate>), ResultsError> {
    let layout = layout(provenance.warmup_months, provenance.months);
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
