//! The risk views of a suite: charts, tables and sentences. All under the first policy unless said otherwise.

mod dots;
mod lines;
mod section;
mod sentences;
mod tables;

pub(super) use sentences::sentences;
pub(super) use tables::{attribution, early, views};

use super::view::SuiteView;
use crate::report::charts::Chart;
use crate::results::load::Estimate;

/// All charts of the risk views, those first that explain the loss.
pub(super) fn charts(view: &SuiteView<'_>) -> Vec<Chart> {
    let all = [
        dots::attribution(view),
        dots::early(view),
        lines::vintages(view),
        dots::rolls(view),
        dots::expected_loss(view),
        dots::overborrowing(view),
        dots::loss_split(view),
        lines::headroom(view),
        lines::capital(view),
        dots::causes(view),
    ];
    all.into_iter().flatten().collect()
}

impl SuiteView<'_> {
    /// A cell of a view on a path under the first policy.
    fn cell(&self, path: &str, view: &str, row: &str, column: &str) -> Option<Estimate> {
        let risk = &self.record.risk;
        let policy = self.record.policies.first()?;
        let of_world = risk.estimates.iter().filter(|e| e.path == path && e.policy == *policy);
        let found = of_world
            .map(|e| (&risk.layout[e.cell], e.estimate))
            .find(|(name, _)| name.view == view && name.row == row && name.column == column);
        found.map(|(_, estimate)| estimate)
    }

    /// Rows of a view in order, without repetition, and its columns.
    fn shape(&self, view: &str) -> (Vec<&str>, Vec<&str>) {
        let (mut rows, mut columns): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
        for name in self.record.risk.layout.iter().filter(|name| name.view == view) {
            if !rows.contains(&name.row.as_str()) {
                rows.push(&name.row);
            }
            if !columns.contains(&name.column.as_str()) {
                columns.push(&name.column);
            }
        }
        (rows, columns)
    }
}
