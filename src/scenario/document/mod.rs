//! What stands in a file before anybody asks what it means: values with their places, one laid over another, their schema.

pub(in crate::scenario) mod changes;
mod faults;
pub(in crate::scenario) mod overlay;
pub(in crate::scenario) mod schema;
pub(in crate::scenario) mod tree;
pub(in crate::scenario) mod value;
#[macro_use]
pub(in crate::scenario) mod units;
