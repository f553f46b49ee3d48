//! How the virtual clock goes on from a hand-over: the drawings of each day, approved and decided.
//!
//! Under load at a rate a world lives through its days as fast as they are asked for, so that two probes of different length or
//! rate see different days. What a service should have approved therefore follows from the days, not from another probe.

use crate::base::time::{CalendarDay, Day};
use crate::runtime::Fabric;
use crate::scenario::Scenario;
use crate::sim::hand_over::HandOver;
use crate::sim::options::{Options, Silent};
use crate::sim::superstep::{Cells, Run};
use crate::world::World;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

/// A world that goes on from a hand-over on the virtual clock, as far as somebody asks.
pub(crate) struct Course<'a> {
    from: &'a HandOver,
    scenario: &'a Scenario,
    fabric: &'a dyn Fabric,
    worlds: [World; 1],
    cells: Cells,
    days: Vec<CalendarDay>,
    /// Drawings approved and decided, by day.
    drawings: Vec<[i64; 2]>,
}

impl<'a> Course<'a> {
    /// At the hand-over. The world is copied; `scenario` is the one that it came from.
    pub(crate) fn new(from: &'a HandOver, scenario: &'a Scenario, fabric: &'a dyn Fabric) -> Course<'a> {
        let days = from.frame.calendar.days();
        let index = days.iter().position(|day| day.day == from.next.day).unwrap_or(days.len());
        Course {
            from,
            scenario,
            fabric,
            worlds: [from.world.clone()],
            cells: from.cells.iter().cloned().map(Mutex::new).collect(),
            days: days[index..].to_vec(),
            drawings: Vec::new(),
        }
    }

    /// Where it began.
    pub(crate) const fn from(&self) -> &'a HandOver {
        self.from
    }

    /// Drawings approved and decided on a day after the hand-over; `None` when the calendar has no such day.
    pub(crate) fn drawings(&mut self, day: Day) -> Option<[i64; 2]> {
        let index = self.days.iter().position(|one| one.day == day)?;
        while self.drawings.len() <= index {
            let today = self.days[self.drawings.len()];
            let cancel = AtomicBool::new(false);
            let options = Options { progress: &Silent, cancel: &cancel, auditor: None };
            // The month's sums begin anew with its first day.
            let before = if today.day_of_month == 1 { [0, 0] } else { drawings(&self.worlds[0]) };
            let mut run = Run::new(Arc::clone(&self.from.frame), self.fabric, &options, self.worlds[0].hosts(), 1);
            run.capital_paid = true;
            run.days(&mut self.worlds, std::slice::from_ref(&self.cells), &[today], self.scenario).ok()?;
            let after = drawings(&self.worlds[0]);
            self.drawings.push([after[0] - before[0], after[1] - before[1]]);
        }
        Some(self.drawings[index])
    }
}

/// Drawings approved and decided in the running month.
fn drawings(world: &World) -> [i64; 2] {
    let flows = &world.running.flows;
    let declined: i64 = flows.drawings_declined.iter().sum();
    [flows.drawings_approved, flows.drawings_approved + declined]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::Threads;
    use crate::sim::{KeptStates, hand_over, run};
    use crate::testing::fixture;

    /// A world that stops after its first counted month and goes on has approved, month by month, what the whole run has.
    #[test]
    fn the_course_is_that_of_the_run() {
        let mut scenario = fixture::scenario(600);
        (scenario.warmup_months, scenario.months, scenario.cell_users) = (2, 3, 200);
        scenario.warmup_economy.months.truncate(2);
        let cancel = AtomicBool::new(false);
        let options = Options { progress: &Silent, cancel: &cancel, auditor: None };
        let fabric = Threads::new(2);
        let whole = run(&scenario, &fabric, &options, KeptStates::default()).expect("not interrupted");
        let months = &whole.worlds[0].months[1..];
        let name = scenario.worlds[0].name.clone();
        let from = hand_over(&scenario, &name, months[0].first_day, &fabric, &options, None).expect("not interrupted");
        let mut course = Course::new(&from, &scenario, &fabric);
        for month in months {
            let days = (0..month.days).map(|number| month.first_day.plus(number));
            let sum = days.map(|day| course.drawings(day).expect("a day of the run"));
            let sum = sum.fold([0, 0], |a, b| [a[0] + b[0], a[1] + b[1]]);
            let declined: i64 = month.flows.drawings_declined.iter().sum();
            assert_eq!(sum, [month.flows.drawings_approved, month.flows.drawings_approved + declined]);
            assert!(sum[0] > 0 && declined > 0, "{sum:?}");
        }
        let last = months[1].first_day.plus(months[1].days);
        assert_eq!(course.drawings(last), None, "the calendar ends");
    }
}
