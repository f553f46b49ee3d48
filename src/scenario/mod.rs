//! Reading and checking input. The only serde of inputs lives here, and nothing here knows how anything is run.
//!
//! ```text
//! scenarios/x.toml ─┐  read      files, in their order; calibrated values, `set`, policies and `--set` laid over
//! models/**        ─┤  document  every value knows its file, line and column; schema: all errors of shape in one go
//!                   │  raw       what may be written, file by file
//!                   │  check     what only several values together can break
//!                   └─ resolve   units become integers: plan::Scenario
//! ```

mod check;
mod comparison;
mod document;
mod plan;
mod problem;
mod published;
mod raw;
mod read;
mod resolve;
mod variation;

#[cfg(test)]
mod tests;

pub(crate) use comparison::{ComparedProduct, Comparison, PublishedFact, Question, WeakNumber, read_comparison};
pub(crate) use document::schema::json_schema;
pub use plan::Scenario;
pub use plan::load::Durability;
pub(crate) use plan::load::{
    Arrivals, CapacityPlan, LoadPlan, Objective, ObjectiveMetric, Placement, Retry, Shape, Stall, UserLoop,
};
pub(crate) use plan::sensitivity::{Assumption, SensitivityPlan};
pub(crate) use plan::suite::{AttributionPlan, Breaks, Factor, ReversePlan, SuitePath, SuitePlan, VariancePlan};
pub(crate) use plan::{
    Appetite, Event, EventKind, HostModel, MerchantModel, Persona, PopulationModel, ProductProfile, Rules, Season,
    Target, WorldSpec,
};
pub(crate) use problem::{Located, ScenarioErrors};
pub(crate) use raw::suite::SUITE_MEASURES;
pub use read::{Overrides, read_scenario};
pub(crate) use read::{from_resolved_toml, read_product};
pub(crate) use variation::{FixedAssumption, Parameter, Variations};
