//! The rules in force on a day.

use crate::agents::levers::Levers;
use crate::credit::terms::Terms;

/// Terms of the product and knobs of behaviour in force together.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// Terms.
    pub terms: Terms,
    /// Knobs.
    pub levers: Levers,
}
