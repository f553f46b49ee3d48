//! Rules with the tables prepared from them, once for every version of the rules.

use crate::agents::environment::DrawTables;
use crate::credit::Prices;
use crate::scenario::Rules;

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
}
