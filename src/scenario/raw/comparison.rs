//! `[comparison]` of a scenario, and the published facts of a product, `models/facts/*.toml`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::scenario::document::schema::Checker;
use crate::scenario::raw::target::Grade;

/// `[comparison]`: the products that `yuefu compare-products` runs on the economies of the scenario.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct ComparisonFile {
    /// Products: stems of files under `models/products/`.
    #[schemars(length(min = 2, max = 12))]
    pub(in crate::scenario) products: Vec<String>,
    /// Name of the world that is the stress; the first world is normal times.
    pub(in crate::scenario) stress: String,
    /// Replications of every world: other people with other luck.
    #[schemars(range(min = 1, max = 1000))]
    pub(in crate::scenario) replications: u32,
    /// What if: values that are changed in all products, against the same people with the same luck.
    #[serde(default)]
    #[schemars(length(max = 8))]
    pub(in crate::scenario) questions: Vec<QuestionFile>,
}

/// A question of a comparison.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct QuestionFile {
    /// Name in results: lower-case letters, digits, hyphens.
    #[schemars(regex(pattern = "^[a-z0-9][a-z0-9-]*$"))]
    pub(in crate::scenario) name: String,
    /// The question in words.
    pub(in crate::scenario) title: String,
    /// Model values that are changed.
    pub(in crate::scenario) set: BTreeMap<String, Value>,
}

/// A row of `models/facts/*.toml`: a published fact, or why there is none.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct FactFile {
    /// The fact as it is published.
    #[serde(default)]
    pub(in crate::scenario) published: Option<String>,
    /// Least value that agrees with it, in the unit of the fact.
    #[serde(default)]
    #[schemars(with = "f64")]
    pub(in crate::scenario) low: Option<f64>,
    /// Largest value that agrees with it.
    #[serde(default)]
    #[schemars(with = "f64")]
    pub(in crate::scenario) high: Option<f64>,
    /// Grade.
    #[serde(default)]
    #[schemars(with = "Grade")]
    pub(in crate::scenario) grade: Option<Grade>,
    /// Where it comes from.
    #[serde(default)]
    pub(in crate::scenario) source: Option<String>,
    /// Why there is nothing to compare, or why the simulation does not reach it.
    #[serde(default)]
    pub(in crate::scenario) gap: Option<String>,
}

impl FactFile {
    /// The checker of a file of facts.
    pub(in crate::scenario) fn checker() -> &'static Checker {
        static CHECKER: OnceLock<Checker> = OnceLock::new();
        CHECKER.get_or_init(Checker::of::<BTreeMap<String, FactFile>>)
    }
}
