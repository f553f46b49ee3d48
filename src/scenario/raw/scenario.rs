//! Raw input: what a scenario file may hold, and the one document ([`RootFile`]) that a scenario and its models make
//! together. The only serde of inputs.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::scenario::document::schema::Checker;
use crate::scenario::document::units::Date;
use crate::scenario::raw::behaviour::BehaviourFile;
use crate::scenario::raw::comparison::ComparisonFile;
use crate::scenario::raw::economy::{AppetiteFile, EconomyFile, SeasonFile};
use crate::scenario::raw::law::LawFile;
use crate::scenario::raw::load::LoadFile;
use crate::scenario::raw::people::{HostsFile, MerchantsFile, PersonaFile, PopulationFile};
use crate::scenario::raw::product::{PartnerFile, ProductFile};
use crate::scenario::raw::suite::SuiteFile;
use crate::scenario::raw::target::TargetFile;
use crate::scenario::raw::world::WorldFile;

/// A Yuefu scenario: which product, which people, how long, and the worlds to compare.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Yuefu scenario")]
#[allow(dead_code, reason = "only its schema is used; the values are read from the merged document")]
pub(in crate::scenario) struct ScenarioFile {
    /// Short name, used for the run directory: lower-case letters, digits, hyphens.
    #[schemars(regex(pattern = "^[a-z0-9][a-z0-9-]*$"))]
    name: String,
    /// One line for reports.
    title: String,
    /// Product: the stem of a file under `models/products/`.
    product: String,
    /// Directory of the models, relative to this file (`../models` when absent).
    #[serde(default)]
    models: Option<String>,
    /// Whether `models/calibrated/` is merged over the product and its behaviour (true when absent).
    #[serde(default)]
    calibrated: Option<bool>,
    /// Users of the world.
    #[schemars(range(min = 100, max = 10_000_000))]
    users: u32,
    /// Users of a cell (2,000 when absent).
    #[serde(default)]
    #[schemars(range(min = 100, max = 10_000))]
    cell_users: Option<u32>,
    /// Months before anything is counted; run once for all worlds.
    #[schemars(range(max = 120))]
    warmup_months: u16,
    /// Months that are counted.
    #[schemars(range(min = 1, max = 240))]
    months: u16,
    /// First day of the first counted month.
    start: Date,
    /// Seed of all randomness.
    #[schemars(range(max = 9_223_372_036_854_775_807_u64))]
    seed: u64,
    /// Replication under the seed (0 when absent).
    #[serde(default)]
    #[schemars(range(max = 1_000_000))]
    replication: Option<u32>,
    /// Model values that this scenario changes: `"product.limits.raise_factor" = 1.5`.
    #[serde(default)]
    set: BTreeMap<String, Value>,
    /// The worlds: same people, same luck; the first is the one that others are compared with. A scenario with a suite has
    /// those that the suite makes.
    #[serde(default)]
    #[schemars(length(min = 1, max = 16))]
    worlds: Vec<WorldFile>,
    /// Every path with every policy, many times: what `yuefu stress` runs.
    #[serde(default)]
    #[schemars(with = "SuiteFile")]
    suite: Option<SuiteFile>,
    /// How the wall clock takes a world over and loads it.
    #[serde(default)]
    #[schemars(with = "LoadFile")]
    load: Option<LoadFile>,
    /// Several products on the economies of this scenario: what `yuefu compare-products` runs.
    #[serde(default)]
    #[schemars(with = "ComparisonFile")]
    comparison: Option<ComparisonFile>,
}

/// A scenario together with all its models: every number that a run uses.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct RootFile {
    /// Version of the form of a resolved file.
    #[schemars(range(min = 1, max = 1))]
    #[allow(dead_code, reason = "the schema checks it")]
    resolved: u8,
    /// Short name.
    #[schemars(regex(pattern = "^[a-z0-9][a-z0-9-]*$"))]
    pub(in crate::scenario) name: String,
    /// One line for reports.
    pub(in crate::scenario) title: String,
    /// Users of the world.
    #[schemars(range(min = 100, max = 10_000_000))]
    pub(in crate::scenario) users: u32,
    /// Users of a cell.
    #[schemars(range(min = 100, max = 10_000))]
    pub(in crate::scenario) cell_users: u32,
    /// Months before anything is counted.
    #[schemars(range(max = 120))]
    pub(in crate::scenario) warmup_months: u16,
    /// Months that are counted.
    #[schemars(range(min = 1, max = 240))]
    pub(in crate::scenario) months: u16,
    /// First day of the first counted month.
    pub(in crate::scenario) start: Date,
    /// Seed.
    #[schemars(range(max = 9_223_372_036_854_775_807_u64))]
    pub(in crate::scenario) seed: u64,
    /// Replication under the seed.
    #[schemars(range(max = 1_000_000))]
    pub(in crate::scenario) replication: u32,
    /// The worlds.
    #[schemars(length(min = 1, max = 256))]
    pub(in crate::scenario) worlds: Vec<WorldFile>,
    /// The product.
    pub(in crate::scenario) product: ProductFile,
    /// How people behave.
    #[allow(dead_code, reason = "rules are read from the document, once for each policy")]
    behaviour: BehaviourFile,
    /// Funding partners by name.
    #[allow(dead_code, reason = "rules are read from the document, once for each policy")]
    partners: BTreeMap<String, PartnerFile>,
    /// Who the users are.
    pub(in crate::scenario) population: PopulationFile,
    /// Personas by name.
    pub(in crate::scenario) personas: BTreeMap<String, PersonaFile>,
    /// Hosts.
    pub(in crate::scenario) hosts: HostsFile,
    /// Merchants.
    pub(in crate::scenario) merchants: MerchantsFile,
    /// Economy paths by name.
    pub(in crate::scenario) economy: BTreeMap<String, EconomyFile>,
    /// Seasons by name.
    pub(in crate::scenario) seasons: BTreeMap<String, SeasonFile>,
    /// Risk appetite.
    pub(in crate::scenario) appetite: AppetiteFile,
    /// Laws on the price of loans by name.
    #[allow(dead_code, reason = "read from the document, by type of lender")]
    laws: BTreeMap<String, LawFile>,
    /// Calibration targets by measure.
    pub(in crate::scenario) targets: BTreeMap<String, TargetFile>,
    /// How the wall clock takes a world over and loads it.
    #[serde(default)]
    #[schemars(with = "LoadFile")]
    pub(in crate::scenario) load: Option<LoadFile>,
    /// What a stress suite runs.
    #[serde(default)]
    #[schemars(with = "SuiteFile")]
    pub(in crate::scenario) suite: Option<SuiteFile>,
}

impl ScenarioFile {
    /// The checker of scenario files.
    pub(in crate::scenario) fn checker() -> &'static Checker {
        static CHECKER: OnceLock<Checker> = OnceLock::new();
        CHECKER.get_or_init(Checker::of::<ScenarioFile>)
    }
}

impl RootFile {
    /// The checker of a scenario with its models.
    pub(in crate::scenario) fn checker() -> &'static Checker {
        static CHECKER: OnceLock<Checker> = OnceLock::new();
        CHECKER.get_or_init(Checker::of::<RootFile>)
    }
}
