//! The days of a scenario's run.

use crate::base::time::{Calendar, Day};
use crate::scenario::Scenario;

/// First day of the run: the first day of the first month of warm-up.
pub(super) fn run_start(scenario: &Scenario) -> Day {
    scenario.start.month_start(-i32::from(scenario.warmup_months))
}

/// All days of the run, warm-up first.
pub(crate) fn run_calendar(scenario: &Scenario) -> Calendar {
    Calendar::new(run_start(scenario), scenario.warmup_months + scenario.months)
}
