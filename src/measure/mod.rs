//! What was observed, as integers, and the measures of the product computed from it. It reads counters of engine and people and
//! knows neither how they came about nor how they are written.
//!
//! | file | what |
//! |---|---|
//! | `observations` | what is observed of a world, month by month |
//! | `measures`, `sums` | each measure as a ratio of two sums |
//! | `monthly` | series by month |
//! | `earnings` | what postings earn |
//! | `segments`, `kept` | measures by segment of users; all that a suite keeps |
//! | `latency` | what a load run observes: histograms, counts by operation, by second |

mod earnings;
#[cfg(test)]
pub(crate) mod fixture;
mod kept;
pub(crate) mod latency;
mod measures;
mod monthly;
mod observations;
mod segments;
mod sums;

/// The words in which counters are named, for those who write and draw them and know nothing else of engine and agents.
pub(crate) mod words {
    pub(crate) use crate::agents::totals::{AgentFlows, AgentStocks, GROUP_NAMES, PEOPLE_BANDS};
    pub(crate) use crate::agents::traits::Cause;
    pub(crate) use crate::agents::traits::segment::NAMES as SEGMENTS;
    pub(crate) use crate::credit::chart::{Account, Posting};
    pub(crate) use crate::credit::command::{Decline, Refusal, Scene};
    pub(crate) use crate::credit::totals::{
        COMMAND_NAMES, CreditFlows, CreditStocks, ECL_SCENARIOS, GROUPS, RiskStocks, STAGES,
    };
}

pub(crate) use earnings::drawing_margin;
pub(crate) use kept::{definition, kept_definitions, kept_sums, unit};
pub(crate) use measures::{DEFINITIONS, Definition, Measure, Measures, Unit, measures, pool, t_975};
pub(crate) use monthly::{WRITTEN_OFF_BORNE, WRITTEN_OFF_COVERED};
pub(crate) use observations::{Cohort, MonthObservations, Vintage, WorldObservations};
pub(crate) use segments::{SEGMENT_MEASURES, segment_key};
