//! The charts: each a drawing with the sentence that it shows and the definition of what is drawn.

mod books;
mod chart;
mod lateness;
mod lending;
mod people;

pub(super) use chart::Chart;
pub(super) use lending::lowest;

use super::view::View;

/// All charts in the order of the page.
pub(super) fn all(view: &View<'_>) -> Vec<Chart> {
    vec![
        people::economy(view),
        lending::approvals(view),
        lending::funnel(view),
        lending::mean_limit(view),
        lending::distributions(view),
        lateness::overdue_and_unemployment(view),
        lateness::buckets(view),
        lateness::vintages(view),
        lateness::roll_rates(view),
        lateness::causes(view),
        lateness::repayment(view),
        books::losses(view),
        books::waterfall(view),
        books::funding(view),
        people::tips(view),
    ]
}
