//! What only several values together can break.

pub(in crate::scenario) mod load;
pub(in crate::scenario) mod rules;
pub(in crate::scenario) mod suite;
pub(in crate::scenario) mod unit_range;
