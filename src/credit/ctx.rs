//! What goes with whatever the engine does on a day.

use crate::credit::today::Today;
use crate::credit::totals::Tally;

/// The day as it is and the tally in which the day is counted. Goes first, as one parameter; what only reads the day takes
/// [`Today`] alone.
#[derive(Debug)]
pub struct Ctx<'a> {
    /// The day, its terms and controls.
    pub today: &'a Today<'a>,
    /// What is counted.
    pub tally: &'a mut Tally,
}
