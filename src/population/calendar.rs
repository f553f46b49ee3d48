//! The days of a scenario's run.

use crate::base::time::{Calendar, Day};
use crate::scenario::Scenario;

/// First day of the run: the first day of the first month of warm-up.
pub(super) fn run_start(scenario: &Scenario) -> Day {
    // From the counted start, back month by month: months differ in length.
    let (year, month, _) = scenario.start.ymd();
    let months = i32::from(year) * 12 + i32::from(month) - 1 - i32::from(scenario.warmup_months);
    let (year, month) = (months.div_euclid(12) as i16, months.rem_euclid(12) as i8 + 1);
    Day::from_ymd(year, month, 1).unwrap_or(Day(1))
}

/// All days of the run, warm-up first.
pub(crate) fn run_calendar(scenario: &Scenario) -> Calendar {
    Calendar::new(run_start(scenario), scenario.warmup_months + scenario.months)
}
