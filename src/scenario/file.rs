//! Raw input: what a scenario file may hold, and the one document ([`RootFile`]) that a scenario and its models make
//! together. The only serde of inputs.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::behaviour_file::BehaviourFile;
use super::comparison::ComparisonFile;
use super::load_file::LoadFile;
use super::product_file::{PartnerFile, ProductFile};
use super::suite_file::SuiteFile;
use super::units::{Date, Factor, Share};
use super::world_file::{
    AppetiteFile, EconomyFile, HostsFile, MerchantsFile, PersonaFile, PopulationFile, SeasonFile, TargetFile,
};

/// A Yuefu scenario: which product, which people, how long, and the worlds to compare.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Yuefu scenario")]
#[allow(dead_code, reason = "only its schema is used; the values are read from the merged document")]
pub(super) struct ScenarioFile {
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
pub(super) struct RootFile {
    /// Version of the form of a resolved file.
    #[schemars(range(min = 1, max = 1))]
    #[allow(dead_code, reason = "the schema checks it")]
    resolved: u8,
    /// Short name.
    #[schemars(regex(pattern = "^[a-z0-9][a-z0-9-]*$"))]
    pub(super) name: String,
    /// One line for reports.
    pub(super) title: String,
    /// Users of the world.
    #[schemars(range(min = 100, max = 10_000_000))]
    pub(super) users: u32,
    /// Users of a cell.
    #[schemars(range(min = 100, max = 10_000))]
    pub(super) cell_users: u32,
    /// Months before anything is counted.
    #[schemars(range(max = 120))]
    pub(super) warmup_months: u16,
    /// Months that are counted.
    #[schemars(range(min = 1, max = 240))]
    pub(super) months: u16,
    /// First day of the first counted month.
    pub(super) start: Date,
    /// Seed.
    pub(super) seed: u64,
    /// Replication under the seed.
    #[schemars(range(max = 1_000_000))]
    pub(super) replication: u32,
    /// The worlds.
    #[schemars(length(min = 1, max = 256))]
    pub(super) worlds: Vec<WorldFile>,
    /// The product.
    pub(super) product: ProductFile,
    /// How people behave.
    #[allow(dead_code, reason = "rules are read from the document, once for each policy")]
    behaviour: BehaviourFile,
    /// Funding partners by name.
    #[allow(dead_code, reason = "rules are read from the document, once for each policy")]
    partners: BTreeMap<String, PartnerFile>,
    /// Who the users are.
    pub(super) population: PopulationFile,
    /// Personas by name.
    pub(super) personas: BTreeMap<String, PersonaFile>,
    /// Hosts.
    pub(super) hosts: HostsFile,
    /// Merchants.
    pub(super) merchants: MerchantsFile,
    /// Economy paths by name.
    pub(super) economy: BTreeMap<String, EconomyFile>,
    /// Seasons by name.
    pub(super) seasons: BTreeMap<String, SeasonFile>,
    /// Risk appetite.
    pub(super) appetite: AppetiteFile,
    /// Calibration targets by measure.
    pub(super) targets: BTreeMap<String, TargetFile>,
    /// How the wall clock takes a world over and loads it.
    #[serde(default)]
    #[schemars(with = "LoadFile")]
    pub(super) load: Option<LoadFile>,
    /// What a stress suite runs.
    #[serde(default)]
    #[schemars(with = "SuiteFile")]
    pub(super) suite: Option<SuiteFile>,
}

/// A world.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WorldFile {
    /// Name in results: lower-case letters, digits, hyphens.
    #[schemars(regex(pattern = "^[a-z0-9][a-z0-9-]*$"))]
    pub(super) name: String,
    /// Economy path: the stem of a file under `models/economy/`.
    pub(super) economy: String,
    /// Policies with the date from which they hold.
    #[serde(default)]
    #[allow(dead_code, reason = "read from the document")]
    policies: Vec<PolicyFile>,
    /// Dated events.
    #[serde(default)]
    pub(super) events: Vec<EventFile>,
}

/// A policy from a date on: a file under `models/policies/`, values of its own, or both.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyFile {
    /// Stem of a file under `models/policies/`.
    #[serde(default)]
    #[allow(dead_code, reason = "a label; the reader has taken the file's values over")]
    name: Option<String>,
    /// First day on which it holds.
    #[allow(dead_code, reason = "read from the tree")]
    from: Date,
    /// Values that it changes (keys of product, behaviour and partners).
    #[serde(default)]
    #[allow(dead_code, reason = "read from the tree")]
    set: BTreeMap<String, Value>,
}

/// What an event does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum EventKindFile {
    /// Demand and watching are multiplied (`demand`, `watch`).
    Festival,
    /// Raises and interest-free coupons are on offer (`raise_share`, `coupon`).
    Campaign,
    /// Wages are multiplied (`income`).
    IncomeShock,
    /// A partner lends nothing (`partner`).
    PartnerWithdrawal,
}

/// A dated event.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EventFile {
    /// What it does.
    pub(super) kind: EventKindFile,
    /// First day.
    pub(super) from: Date,
    /// First day on which it is over.
    pub(super) until: Date,
    /// Festival: factor on purchases.
    #[serde(default)]
    #[schemars(range(max = 10))]
    pub(super) demand: Option<Factor>,
    /// Festival: factor on watching.
    #[serde(default)]
    #[schemars(range(max = 10))]
    pub(super) watch: Option<Factor>,
    /// Campaign: share of open accounts that get the raise.
    #[serde(default)]
    pub(super) raise_share: Option<Share>,
    /// Campaign: share of instalment interest that coupons waive.
    #[serde(default)]
    pub(super) coupon: Option<Share>,
    /// Income shock: factor on wages.
    #[serde(default)]
    #[schemars(range(max = 2))]
    pub(super) income: Option<Factor>,
    /// Withdrawal: name of the partner.
    #[serde(default)]
    pub(super) partner: Option<String>,
}
