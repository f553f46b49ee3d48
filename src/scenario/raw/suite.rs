//! The `[suite]` part of a scenario as it is written, and how it becomes worlds: every path with every policy.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::economy::path::PathSpec;
use crate::scenario::document::tree::{Node, Tree};
use crate::scenario::plan::suite::{AttributionPlan, Breaks, ReversePlan, SuitePath, SuitePlan, VariancePlan};
use crate::scenario::raw::sensitivity::{Positions, SensitivityFile};
use crate::scenario::raw::world::{EventFile, PolicyFile, WorldFile};

/// Measures that a suite reports unless it names others; the first is the loss.
const OUTCOMES: [&str; 9] = [
    "gross_loss_rate_annual",
    "net_loss_rate_annual",
    "overdue_rate",
    "overdue_30_rate",
    "application_approval_rate",
    "authorisation_approval_rate",
    "captured_yuan",
    "complaint_rate",
    "profit_yuan",
];

/// `[suite]`: every path with every policy, many times over other people with other luck.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct SuiteFile {
    /// Replications of every world.
    #[schemars(range(min = 2, max = 100_000))]
    pub(in crate::scenario) replications: u32,
    /// Measures that are reported; the first is the loss (losses, lateness, approvals, sales, complaints, profit when absent).
    #[serde(default)]
    #[schemars(with = "Vec<String>", length(min = 1, max = 18))]
    outcomes: Option<Vec<String>>,
    /// Paths of the economy.
    #[schemars(length(min = 1, max = 16))]
    pub(in crate::scenario) paths: Vec<SuitePathFile>,
    /// Policies; the first is the one that others are compared with.
    #[schemars(length(min = 1, max = 32))]
    pub(in crate::scenario) policies: Vec<SuitePolicyFile>,
    /// Where the spread is split into common shocks and luck.
    #[serde(default)]
    #[schemars(with = "VarianceFile")]
    variance: Option<VarianceFile>,
    /// Which depth of a downturn breaks a limit.
    #[serde(default)]
    #[schemars(length(max = 16))]
    reverse: Vec<ReverseFile>,
    /// What the answer hangs on: every number of grade L moved alone, and all of them together.
    #[serde(default)]
    #[schemars(with = "SensitivityFile")]
    sensitivity: Option<SensitivityFile>,
    /// Whose change of the loss is taken apart.
    #[serde(default)]
    #[schemars(with = "AttributionFile")]
    attribution: Option<AttributionFile>,
}

/// A path of a suite.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct SuitePathFile {
    /// Name in results: lower-case letters, digits, hyphens.
    #[schemars(regex(pattern = "^[a-z0-9][a-z0-9-]*$"))]
    name: String,
    /// Economy path: the stem of a file under `models/economy/`.
    economy: String,
    /// Weight where expected losses are weighted over the paths (1 when absent).
    #[serde(default)]
    #[schemars(range(min = 0, max = 1_000))]
    weight: Option<u32>,
    /// What changes on this path whatever the policy: laws, for example.
    #[serde(default)]
    #[allow(dead_code, reason = "goes into the worlds")]
    apply: Vec<PolicyFile>,
    /// Dated events.
    #[serde(default)]
    #[allow(dead_code, reason = "goes into the worlds")]
    events: Vec<EventFile>,
}

/// A policy of a suite.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct SuitePolicyFile {
    /// Name in results: lower-case letters, digits, hyphens.
    #[schemars(regex(pattern = "^[a-z0-9][a-z0-9-]*$"))]
    name: String,
    /// What it changes and from when; nothing when absent.
    #[serde(default)]
    #[allow(dead_code, reason = "goes into the worlds")]
    apply: Vec<PolicyFile>,
}

/// Where the spread is split.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct VarianceFile {
    /// Name of the path; its worlds run under the first policy.
    path: String,
    /// Lucks for each draw of the common shocks (2 when absent).
    #[serde(default)]
    #[schemars(range(min = 2, max = 100))]
    lucks: Option<u32>,
}

/// Whose change of the loss is taken apart.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AttributionFile {
    /// Name of the path; what is switched off is frozen at the first path.
    path: String,
    /// Policy (the first when absent).
    #[serde(default)]
    policy: Option<String>,
}

/// A reverse stress.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ReverseFile {
    /// Name in results: lower-case letters, digits, hyphens.
    #[schemars(regex(pattern = "^[a-z0-9][a-z0-9-]*$"))]
    name: String,
    /// Measure that has the limit.
    measure: String,
    /// The limit, when values above it break it.
    #[serde(default)]
    #[schemars(range(min = -1e12, max = 1e12))]
    above: Option<f64>,
    /// The limit, when values below it break it.
    #[serde(default)]
    #[schemars(range(min = -1e12, max = 1e12))]
    below: Option<f64>,
    /// Path at depth 0 (the first when absent).
    #[serde(default)]
    base: Option<String>,
    /// Path at depth 1.
    severe: String,
    /// Policy (the first when absent).
    #[serde(default)]
    policy: Option<String>,
    /// Replications at each depth (those of the suite when absent).
    #[serde(default)]
    #[schemars(range(min = 2, max = 100_000))]
    replications: Option<u32>,
    /// Width of the last bracket of the depth (0.02 when absent).
    #[serde(default)]
    #[schemars(range(min = 0.002, max = 0.5))]
    precision: Option<f64>,
}

impl SuiteFile {
    /// The plan; `spec` gives the parameters of an economy path. The rules have checked all names.
    pub(in crate::scenario) fn plan<E>(&self, spec: impl Fn(&str) -> Result<PathSpec, E>) -> Result<SuitePlan, E> {
        let path = |name: &String| self.paths.iter().position(|p| p.name == *name).unwrap_or(0);
        let policy = |name: &String| self.policies.iter().position(|p| p.name == *name).unwrap_or(0);
        let reverse = |r: &ReverseFile| ReversePlan {
            name: r.name.clone(),
            measure: r.measure.clone(),
            breaks: if r.above.is_some() { Breaks::Above } else { Breaks::Below },
            limit: r.above.or(r.below).unwrap_or(0.0),
            base: r.base.as_ref().map_or(0, path),
            severe: path(&r.severe),
            policy: r.policy.as_ref().map_or(0, policy),
            replications: r.replications.unwrap_or(self.replications),
            precision: r.precision.unwrap_or(0.02),
        };
        let paths = self.paths.iter().map(|p| {
            let weight = p.weight.unwrap_or(1);
            Ok(SuitePath { name: p.name.clone(), economy: spec(&p.economy)?, weight })
        });
        let variance = self.variance.as_ref();
        let outcomes = self.outcomes.clone().unwrap_or_else(|| OUTCOMES.map(str::to_owned).to_vec());
        let sensitivity = self.sensitivity.as_ref();
        Ok(SuitePlan {
            replications: self.replications,
            paths: paths.collect::<Result<_, E>>()?,
            policies: self.policies.iter().map(|p| p.name.clone()).collect(),
            sensitivity: sensitivity
                .map(|s| s.plan(&Positions { path: &path, policy: &policy }, &outcomes, self.replications)),
            outcomes,
            variance: variance.map(|v| VariancePlan { path: path(&v.path), lucks: v.lucks.unwrap_or(2) }),
            reverse: self.reverse.iter().map(reverse).collect(),
            attribution: self
                .attribution
                .as_ref()
                .map(|a| AttributionPlan { path: path(&a.path), policy: a.policy.as_ref().map_or(0, policy) }),
        })
    }

    /// True when the worlds are those that this suite makes.
    pub(in crate::scenario) fn makes(&self, worlds: &[WorldFile]) -> bool {
        let names = self.paths.iter().flat_map(|a| self.policies.iter().map(move |b| (a, b)));
        let names: Vec<_> = names.map(|(a, b)| (format!("{}-{}", a.name, b.name), &a.economy)).collect();
        names.len() == worlds.len() && names.iter().zip(worlds).all(|(a, w)| a.0 == w.name && *a.1 == w.economy)
    }
}

/// Makes the worlds of a document from its `[suite]`: each path with each policy, named `path-policy`. What has gone into
/// the worlds is taken out of the suite, so that every value has one home.
pub(in crate::scenario) fn expand(root: &mut Node) {
    let Some(suite) = root.child("suite").cloned() else { return };
    let items = |key: &str| suite.child(key).map_or_else(Vec::new, |list| list.items().to_vec());
    let (paths, policies) = (items("paths"), items("policies"));
    let mut worlds = Vec::with_capacity(paths.len() * policies.len());
    for path in &paths {
        for policy in &policies {
            worlds.push(world(path, policy));
        }
    }
    root.insert("worlds", suite.span, Node { span: suite.span, value: Tree::Array(worlds) });
    for (list, len) in [("paths", paths.len()), ("policies", policies.len())] {
        for index in 0..len {
            if let Some(Node { value: Tree::Table(table), .. }) = root.at_mut(&format!("suite.{list}.{index}")) {
                table.remove("apply");
                table.remove("events");
            }
        }
    }
}

fn world(path: &Node, policy: &Node) -> Node {
    let name = |node: &Node| node.child("name").and_then(Node::text).unwrap_or_default().to_owned();
    let span = path.child("name").map_or(path.span, |node| node.span);
    let mut world = Node::table(path.span);
    world.insert("name", span, Node::leaf(span, format!("{}-{}", name(path), name(policy))));
    if let (Some(node), Some(span)) = (path.child("economy"), path.key_span("economy")) {
        world.insert("economy", span, node.clone());
    }
    let applied: Vec<Node> =
        [path, policy].into_iter().flat_map(|node| node.child("apply").map_or(&[][..], Node::items)).cloned().collect();
    if !applied.is_empty() {
        world.insert("policies", span, Node { span: path.span, value: Tree::Array(applied) });
    }
    if let (Some(node), Some(span)) = (path.child("events"), path.key_span("events")) {
        world.insert("events", span, node.clone());
    }
    world
}
