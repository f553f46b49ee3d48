//! Reading and checking input. The only serde of inputs lives here, and nothing here knows how anything is run.
//!
//! Files know each other in one direction: `problem` and `files` nobody; `document` only `problem`; `plan` only what the crate has below
//! scenarios; `raw` these three; `check` all four; on top `resolve`, `read`, and the two that read a scenario several times,
//! `comparison` and `variation`. A type of a file and what it resolves to have homes of their own (`raw::suite`, `plan::suite`), so
//! that nobody who runs a plan depends on how it is written.
//!
//! ```text
//! scenarios/x.toml ─┐  read      files, in their order; calibrated values, `set`, policies and `--set` laid over
//! models/**        ─┤  document  every value knows its file, line and column; schema: all errors of shape in one go
//!                   │  raw       what may be written, file by file
//!                   │  check     what only several values together can break
//!                   └─ resolve   units become integers: plan::Scenario
//! ```

pub(crate) mod catalogue;
mod check;
mod comparison;
mod document;
mod files;
mod laws;
mod plan;
mod policies;
mod problem;
mod published;
mod raw;
mod read;
mod resolve;
mod variation;

#[cfg(test)]
mod tests;

pub(crate) use comparison::read_comparison;
pub(crate) use document::value::from_text;
pub(crate) use files::{Carried, carried, carry, scenario_name};
pub(crate) use plan::comparison::{ComparedProduct, Comparison, PublishedFact, Question, WeakNumber};
pub use plan::load::Durability;
pub(crate) use plan::load::{
    Arrivals, CapacityPlan, LoadPlan, Objective, ObjectiveMetric, Placement, Retry, Shape, UserLoop,
};
pub(crate) use plan::people::{MerchantModel, Persona, PopulationModel};
pub(crate) use plan::rules::Rules;
pub use plan::scenario::Scenario;
pub(crate) use plan::scenario::Target;
pub(crate) use plan::sensitivity::SensitivityPlan;
pub(crate) use plan::suite::{Breaks, Factor, ReversePlan, SuitePlan};
pub(crate) use plan::suite_worlds::SuiteWorld;
pub(crate) use plan::world::{Appetite, Event, EventKind, Season, WorldSpec};
pub(crate) use problem::ScenarioErrors;
pub(crate) use raw::schemas;
pub(crate) use read::{Origin, from_resolved_toml, origin};
pub use read::{Overrides, read_scenario};
pub(crate) use variation::{Parameter, Variations};

/// What only tests of other modules set up by hand.
#[cfg(test)]
pub(crate) use plan::{
    load::Stall,
    scenario::ProductProfile,
    suite::{AttributionPlan, SuitePath, VariancePlan},
};
#[cfg(test)]
pub(crate) use read::read_product;
