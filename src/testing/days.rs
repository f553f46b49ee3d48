//! The days of an engine under test, opened one after the other: what the world would tell the engine of each.

use crate::base::random::RunKey;
use crate::base::time::{Calendar, CalendarDay, Day};
use crate::credit::terms::Terms;
use crate::credit::{Controls, Guard, Prices, Today};

/// Terms, controls and calendar, with one day open.
#[derive(Clone)]
pub(crate) struct Days {
    /// Controls of the day.
    pub controls: Controls,
    terms: Terms,
    prices: Prices,
    calendar: Calendar,
    /// Index of the open day in the calendar.
    index: usize,
    guard_off: Option<Guard>,
}

impl Days {
    /// So many months from 2027-01-01 on, which is open.
    pub(crate) fn new(terms: Terms, months: u16, guard_off: Option<Guard>) -> Days {
        let start = Day::from_ymd(2027, 1, 1).unwrap_or_else(|| unreachable!("a date"));
        let (controls, calendar) = (Controls::default(), Calendar::new(start, months));
        Days { controls, prices: Prices::new(&terms), terms, calendar, index: 0, guard_off }
    }

    /// The open day as the engine sees it.
    pub(crate) fn today(&self) -> Today<'_> {
        Today {
            calendar: self.calendar_day(),
            run: &self.calendar,
            terms: &self.terms,
            prices: &self.prices,
            controls: &self.controls,
            key: RunKey::new(7, 0),
            guard_off: self.guard_off,
        }
    }

    /// The open day in the calendar.
    pub(crate) fn calendar_day(&self) -> &CalendarDay {
        &self.calendar.days()[self.index]
    }

    /// Days of the calendar that are not over yet.
    pub(crate) fn left(&self) -> usize {
        self.calendar.days().len() - self.index
    }

    /// The open day is over.
    pub(crate) fn next(&mut self) {
        self.index += 1;
    }

    /// Terms in force.
    pub(crate) fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Other terms from here on.
    pub(crate) fn set_terms(&mut self, terms: Terms) {
        self.prices = Prices::new(&terms);
        self.terms = terms;
    }
}
