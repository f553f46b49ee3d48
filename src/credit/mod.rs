//! The credit engine.

pub mod chart;
pub mod command;
pub mod pricing;
pub mod terms;
pub mod totals;
