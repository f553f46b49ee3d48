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

pub use comparison::{ComparedProduct, Comparison, PublishedFact, Question, WeakNumber, read_comparison};
pub use document::schema::json_schema;
pub use plan::load::{
    Arrivals, CapacityPlan, Durability, LoadPlan, Objective, ObjectiveMetric, Placement, Retry, Shape, Stall, UserLoop,
};
pub use plan::sensitivity::{Assumption, SensitivityPlan};
pub use plan::suite::{AttributionPlan, Breaks, Factor, ReversePlan, SuitePath, SuitePlan, VariancePlan};
pub use plan::{
    Appetite, Event, EventKind, HostModel, MerchantModel, Persona, PopulationModel, ProductProfile, Rules, Scenario,
    Season, Target, WorldSpec,
};
pub use problem::{Located, ScenarioErrors};
pub use raw::suite::SUITE_MEASURES;
pub use read::{Overrides, from_resolved_toml, read_product, read_scenario};
pub use variation::{FixedAssumption, Parameter, Variations};
