//! The run directory: written once, read back whole, hashed.
//!
//! | file | holds | in the hash |
//! |---|---|---|
//! | `scenario.toml` | the resolved input; running it again gives the same result | no (its own sum is kept) |
//! | `provenance.json` | what was run, the worlds with the hash of their last state, calibration targets | yes, but titles and targets |
//! | `result.json` | the hash and the measures of each world | – |
//! | `monthly.csv` | every counter by world and month | yes |
//! | `declines.csv`, `transitions.csv`, `postings.csv` | the long counters of the month | yes |
//! | `vintages.csv`, `cohorts.csv`, `hosts.csv` | what is not by month | yes |
//! | `journal.csv`, `trial_balance.csv` | the books | yes |
//! | `groups.csv`, `ecl.csv` | the book by groups of people, expected loss by scenario and stage, month-ends | no |
//! | `funnel.csv` | a view of `monthly.csv` for people | no |
//! | `run.xlsx` | measures, months, vintages, groups, expected loss, definitions and origin, for spreadsheets | no |
//! | `timing.json` | machine, wall time, rates: differs from run to run | no |
//! | `manifest.json` | every file with its length and hash ([`manifest`]) | – |
//!
//! Reading fills a [`RunRecord`] from the directory alone and compares the hash, so a damaged or edited directory is
//! refused. This module and `scenario::file` are the only homes of serde.

mod check;
pub(crate) mod checkpoint;
mod columns;
mod dictionary;
mod directory;
mod error;
pub(crate) mod export;
mod hash;
mod integers;
mod json;
pub(crate) mod load;
mod lock;
mod manifest;
mod origin;
mod ownership;
pub(crate) mod part;
pub(crate) mod products;
pub(crate) mod program;
mod reading;
mod record;
pub(crate) mod risk;
pub(crate) mod scoring;
mod scratch;
pub(crate) mod suite;
mod table;
mod target;
mod timing;
mod work_area;
mod writing;

pub(crate) use crate::scenario::Target;
pub(crate) use check::{as_written, unlike};
pub(crate) use dictionary::{Column, columns};
pub(crate) use directory::{Former, RunDirectory};
pub(crate) use error::ResultsError;
pub(crate) use hash::record_hash;
pub(crate) use integers::text as json_text;
pub(crate) use json::checksum as text_sum;
pub(crate) use lock::Lock;
pub(crate) use manifest::{Kind, origin_of, renew};
pub(crate) use origin::{Origin, VIRTUAL_CLOCK};
pub(crate) use ownership::{REPORT_SCRATCH, clear_report_scratch, kind_of};
pub(crate) use reading::{input, read};
pub(crate) use record::{Provenance, RunRecord};
pub(crate) use scratch::Scratch;
pub(crate) use target::{beside, numbered, same_place, warm_ups_apart};
pub(crate) use timing::{Machine, Phase, Timing};
pub(crate) use work_area::{Kept, KeptFiles, WorkArea};
pub(crate) use writing::{result_json, write_all as write_run};

#[cfg(test)]
pub(crate) mod tests;
