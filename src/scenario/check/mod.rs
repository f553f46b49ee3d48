//! The checks that no schema can state: what only several values together can break. They read the document with its places, after
//! `document::schema` and before `resolve`, so that all errors of a file come in one go. Of the plan they know the names of measures alone.
//!
//! | file | checks |
//! |---|---|
//! | `rules` | dates, people, terms, economy, targets, worlds |
//! | `load` | the part `[load]` |
//! | `suite` | the part `[suite]` |
//! | `sensitivity` | the part `[suite.sensitivity]` |
//! | `unit_range` | ranges of sensitivity |

pub(in crate::scenario) mod load;
pub(in crate::scenario) mod rules;
mod sensitivity;
pub(in crate::scenario) mod suite;
pub(in crate::scenario) mod unit_range;
