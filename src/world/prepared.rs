//! Rules with the tables prepared from them, once for every version of the rules.

use crate::agents::environment::DrawTables;
use crate::base::time::CalendarDay;
use crate::credit::{Controls, Prices, Today};
use crate::scenario::Rules;
use crate::world::frame::Frame;

/// Rules with the tables prepared from them.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Terms and levers.
    pub rules: Rules,
    /// Prices of the engine.
    pub prices: Prices,
    /// Draws of the agents.
    pub draws: DrawTables,
}

impl Prepared {
    /// Prepares rules.
    pub fn new(rules: &Rules) -> Prepared {
        Prepared { prices: Prices::new(&rules.terms), draws: DrawTables::new(&rules.levers), rules: rules.clone() }
    }

    /// A day as an engine sees it while these rules are in force.
    #[inline]
    pub fn today<'a>(&'a self, frame: &'a Frame, calendar: &'a CalendarDay, controls: &'a Controls) -> Today<'a> {
        Today {
            calendar,
            run: &frame.calendar,
            terms: &self.rules.terms,
            prices: &self.prices,
            controls,
            key: frame.key,
            #[cfg(test)]
            guard_off: None,
        }
    }
}
