//! How the virtual clock would go on from a hand-over: the approval rate of drawings, by the number of requests answered since.
//!
//! Under load at a rate, a world lives through its days as fast as they are asked for, so that two probes of different length
//! or rate see different days. What a service should have approved is therefore told by the requests, not by another probe.

use super::{Cells, HandOver, Options, Run, Silent};
use crate::base::time::CalendarDay;
use crate::clock::fabric::Fabric;
use crate::scenario::Scenario;
use crate::world::World;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

/// Sums since the hand-over, at the end of a day.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Point {
    requests: f64,
    approved: f64,
    decided: f64,
}

impl Point {
    /// Between two ends of days requests come in the day's mean mix.
    fn at(self, next: Point, requests: f64) -> Point {
        let day = next.requests - self.requests;
        let part = if day > 0.0 { (requests - self.requests) / day } else { 0.0 };
        let between = |a: f64, b: f64| a + part * (b - a);
        Point {
            requests,
            approved: between(self.approved, next.approved),
            decided: between(self.decided, next.decided),
        }
    }
}

/// A world that goes on from a hand-over on the virtual clock, as far as somebody asks.
pub struct Course<'a> {
    from: &'a HandOver,
    scenario: &'a Scenario,
    fabric: &'a dyn Fabric,
    worlds: [World; 1],
    cells: Cells,
    days: Vec<CalendarDay>,
    points: Vec<Point>,
}

impl<'a> Course<'a> {
    /// At the hand-over. The world is copied; `scenario` is the one that it came from.
    pub fn new(from: &'a HandOver, scenario: &'a Scenario, fabric: &'a dyn Fabric) -> Course<'a> {
        let days = from.frame.calendar.days();
        let place = days.iter().position(|day| day.day == from.next.day).unwrap_or(days.len());
        Course {
            from,
            scenario,
            fabric,
            worlds: [from.world.clone()],
            cells: from.cells.iter().cloned().map(Mutex::new).collect(),
            days: days[place..].to_vec(),
            points: vec![Point::default()],
        }
    }

    /// Where it began.
    pub const fn from(&self) -> &'a HandOver {
        self.from
    }

    /// Approved over decided drawings among the requests from number `first` to number `last` after the hand-over. `None`
    /// when nobody draws among them, or the calendar ends before.
    pub fn approval_rate(&mut self, first: f64, last: f64) -> Option<f64> {
        while self.last().requests < last {
            self.next_day()?;
        }
        let (a, b) = (self.at(first), self.at(last));
        let decided = b.decided - a.decided;
        (decided > 0.0).then(|| (b.approved - a.approved) / decided)
    }

    fn last(&self) -> Point {
        self.points.last().copied().unwrap_or_default()
    }

    fn at(&self, requests: f64) -> Point {
        let place = self.points.partition_point(|point| point.requests < requests).clamp(1, self.points.len() - 1);
        self.points[place - 1].at(self.points[place], requests)
    }

    /// Runs one more day; `None` when there is none.
    fn next_day(&mut self) -> Option<()> {
        let today = *self.days.get(self.points.len() - 1)?;
        let cancel = AtomicBool::new(false);
        let options = Options { progress: &Silent, cancel: &cancel, auditor: None };
        let world = &self.worlds[0];
        let mut run = Run::new(self.from.frame.clone(), self.fabric, &options, world.hosts(), 1);
        run.capital_paid = true;
        let before = drawings(world);
        let cells = std::slice::from_ref(&self.cells);
        run.days(&mut self.worlds, cells, &[today], self.scenario).ok()?;
        let after = drawings(&self.worlds[0]);
        let last = self.last();
        self.points.push(Point {
            requests: last.requests + run.commands.iter().sum::<i64>() as f64,
            approved: last.approved + (after[0] - before[0]) as f64,
            decided: last.decided + (after[1] - before[1]) as f64,
        });
        Some(())
    }
}

/// Drawings approved and decided in all months so far.
fn drawings(world: &World) -> [i64; 2] {
    let months = world.months.iter().chain(std::iter::once(&world.running));
    months.fold([0, 0], |[approved, decided], month| {
        let declined: i64 = month.flows.drawings_declined.iter().sum();
        let now = month.flows.drawings_approved;
        [approved + now, decided + now + declined]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::fabric::Threads;
    use crate::clock::virtual_time::{hand_over, run};
    use crate::testing::fixture;

    /// A world that stops in its last month but one and goes on has approved what the whole run has.
    #[test]
    fn the_course_is_that_of_the_run() {
        let mut scenario = fixture::scenario(600);
        (scenario.warmup_months, scenario.months, scenario.cell_users) = (2, 3, 200);
        scenario.warmup_economy.months.truncate(2);
        let cancel = AtomicBool::new(false);
        let options = Options { progress: &Silent, cancel: &cancel, auditor: None };
        let fabric = Threads::new(2);
        let whole = run(&scenario, &fabric, &options).expect("not interrupted");
        let name = scenario.worlds[0].name.clone();
        let until = whole.worlds[0].months[1].first_day;
        let from = hand_over(&scenario, &name, until, &fabric, &options).expect("not interrupted");
        let mut course = Course::new(&from, &scenario, &fabric);
        let months = &whole.worlds[0].months[1..];
        let requests: i64 = months.iter().flat_map(|month| month.flows.commands).sum();
        let approved: i64 = months.iter().map(|month| month.flows.drawings_approved).sum();
        let declined: i64 = months.iter().flat_map(|month| month.flows.drawings_declined).sum();
        let rate = course.approval_rate(0.0, requests as f64).expect("people draw");
        assert!((rate - approved as f64 / (approved + declined) as f64).abs() < 1e-9, "{rate}");
        assert_eq!(course.approval_rate(0.0, requests as f64 + 1.0), None, "the calendar ends");
        // Two halves make the whole, and no drawing lies in a stretch of no length.
        let half = requests as f64 / 2.0;
        let (a, b) = (course.approval_rate(0.0, half), course.approval_rate(half, requests as f64));
        let (a, b) = (a.expect("people draw"), b.expect("people draw"));
        assert!(a.min(b) <= rate && rate <= a.max(b) && a != b, "{a} {rate} {b}");
        assert_eq!(course.approval_rate(half, half), None);
    }
}
