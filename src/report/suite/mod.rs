//! The report of a stress suite: how bad it can get and how sure that is, what a policy changes, what breaks a limit.

mod charts;
mod fans;
mod frontier;
mod heat;
mod matrix;
mod page;
mod risk;
mod sensitivity;
mod story;
mod tables;
mod workbook;
mod workbook_sensitivity;

pub(crate) use sensitivity::answer as sensitivity_answer;
pub(crate) use workbook::write_workbook;

use super::charts::Chart;
use super::numbers::{fixed, grouped, shown};
use super::palette::series;
use super::plot::{Key, Mark};
use super::{ReportError, fonts, publish};
use crate::measure::{Unit, unit};
use crate::results::load::Estimate;
use crate::results::suite::{Distribution, KeptWorld, SuiteRecord};
use std::path::{Path, PathBuf};

/// What charts and tables draw from.
struct SuiteView<'a> {
    record: &'a SuiteRecord,
    /// Below every chart's title: clock, size, seed.
    subtitle: String,
}

/// Writes `suite.xlsx`, `report.html` and `charts/` of a suite into its directory, which must exist. Returns the path of the page.
///
/// # Errors
/// When the directory cannot be written to.
pub(crate) fn render_record(record: &SuiteRecord, dir: &Path) -> Result<PathBuf, ReportError> {
    write_workbook(record, dir)?;
    fonts::register_fonts();
    let view = SuiteView::new(record);
    let charts = view.charts();
    publish(dir, &charts, |pictures| page::html(&view, &charts, pictures))
}

impl<'a> SuiteView<'a> {
    fn new(record: &'a SuiteRecord) -> SuiteView<'a> {
        let p = &record.provenance;
        let subtitle = format!(
            "virtual clock · {} replications of {} users over {} months · seed {}",
            record.replications,
            grouped(p.users.into()),
            p.months,
            p.seed
        );
        SuiteView { record, subtitle }
    }

    fn charts(&self) -> Vec<Chart> {
        let mut all = vec![charts::losses(self)];
        all.extend(heat::losses(self));
        all.extend(fans::all(self));
        all.extend(frontier::frontier(self));
        all.extend(heat::policies(self));
        all.extend(charts::reverse(self));
        all.extend(sensitivity::charts(self));
        all.extend(risk::charts(self));
        all
    }

    /// The measure that is the loss.
    fn loss(&self) -> &str {
        self.record.outcomes.first().map_or("", String::as_str)
    }

    fn distribution(&self, path: &str, policy: &str, measure: &str) -> Option<&Distribution> {
        let all = self.record.distributions.iter();
        let found = all.filter(|o| o.path == path && o.policy == policy).find(|o| o.measure == measure);
        found.and_then(|o| o.distribution.as_ref())
    }

    /// The worlds of one path and policy by replication.
    fn worlds<'b>(&'b self, path: &'b str, policy: &'b str) -> impl Iterator<Item = &'b KeptWorld> {
        self.record.worlds.iter().filter(move |w| w.part == "suite" && w.path == path && w.policy == policy)
    }

    /// Every path with every policy, in order.
    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let policies = &self.record.policies;
        self.record.paths.iter().flat_map(move |path| policies.iter().map(move |p| (path.as_str(), p.as_str())))
    }
}

fn policy_keys(view: &SuiteView<'_>) -> Vec<Key> {
    let policies = view.record.policies.iter().enumerate();
    policies.map(|(i, name)| Key::new(name.as_str(), series(i), Mark::Square)).collect()
}

/// A difference of values in its unit, with its sign; shares in percentage points.
fn difference(measure: &str, value: f64) -> String {
    let text = match unit(measure) {
        Unit::Share => format!("{} pp", fixed(value * 100.0, 2)),
        _ => shown(measure, value),
    };
    // What rounds to nothing has no sign.
    let nothing = !text.chars().any(|c| c.is_ascii_digit() && c != '0');
    if value > 0.0 && !nothing { format!("+{text}") } else { text }
}

/// A value with its interval.
fn within(measure: &str, e: Estimate) -> String {
    format!("{} ({} to {})", shown(measure, e.value), shown(measure, e.low), shown(measure, e.high))
}

#[cfg(test)]
mod tests;
