//! Scenarios that are right, and some hundred that are not.

mod broken_cases;
mod broken_files;
mod broken_load_cases;
mod broken_model_cases;
mod changes;
pub(in crate::scenario) mod fixture;
mod keys;
mod laws;
mod other_values;
mod reach;
mod reading;
mod suite;
