//! The JSON files of a run directory. The serde types live here and are translated from the plain ones.

pub(super) use super::integers::text;
use super::origin::Origin;
use super::record::Provenance;
use super::table::parse_day;
use crate::measure::Measures;
use crate::scenario::Target;
pub(super) use crate::scenario::from_text;
use serde::{Deserialize, Serialize, Serializer};

/// `provenance.json`.
#[derive(Serialize, Deserialize)]
pub(super) struct ProvenanceFile {
    name: String,
    title: String,
    product_title: String,
    users: u32,
    months: u16,
    warmup_months: u16,
    seed: u64,
    replication: u32,
    start: String,
    funders: Vec<String>,
    /// blake3 of `scenario.toml`.
    pub scenario_blake3: String,
    /// The worlds in order.
    pub worlds: Vec<WorldFile>,
    targets: Vec<TargetFile>,
    /// Where it comes from.
    #[serde(default)]
    origin: Origin,
}

/// A world in `provenance.json`.
#[derive(Serialize, Deserialize)]
pub(super) struct WorldFile {
    /// Name.
    pub name: String,
    /// blake3 of its last state.
    pub state_hash: String,
}

#[derive(Serialize, Deserialize)]
struct TargetFile {
    measure: String,
    target: f64,
    low: f64,
    high: f64,
    grade: char,
    source: String,
}

impl ProvenanceFile {
    /// From the plain type.
    pub(super) fn of(p: &Provenance, worlds: Vec<WorldFile>) -> ProvenanceFile {
        let target = |t: &Target| TargetFile {
            measure: t.measure.clone(),
            target: t.target,
            low: t.low,
            high: t.high,
            grade: t.grade,
            source: t.source.clone(),
        };
        ProvenanceFile {
            name: p.name.clone(),
            title: p.title.clone(),
            product_title: p.product_title.clone(),
            users: p.users,
            months: p.months,
            warmup_months: p.warmup_months,
            seed: p.seed,
            replication: p.replication,
            start: p.start.to_string(),
            funders: p.funders.clone(),
            scenario_blake3: checksum(&p.resolved_toml),
            worlds,
            targets: p.targets.iter().map(target).collect(),
            origin: p.origin.clone(),
        }
    }

    /// blake3 of the resolved input, hex.
    pub(super) fn scenario_sum(&self) -> &str {
        &self.scenario_blake3
    }

    /// Back to the plain type; `Err` says what is wrong.
    pub(super) fn into_plain(self, resolved_toml: String) -> Result<Provenance, String> {
        let start = parse_day(&self.start).ok_or_else(|| format!("start: `{}` is not a date", self.start))?;
        let target = |t: TargetFile| Target {
            measure: t.measure,
            target: t.target,
            low: t.low,
            high: t.high,
            grade: t.grade,
            source: t.source,
            place: String::new(),
        };
        Ok(Provenance {
            name: self.name,
            title: self.title,
            product_title: self.product_title,
            users: self.users,
            months: self.months,
            warmup_months: self.warmup_months,
            seed: self.seed,
            replication: self.replication,
            start,
            funders: self.funders,
            targets: self.targets.into_iter().map(target).collect(),
            resolved_toml,
            origin: self.origin,
        })
    }
}

/// blake3 of a text, hex.
pub(crate) fn checksum(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

struct MeasureMap<'a>(&'a Measures);

impl Serialize for MeasureMap<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|m| (m.definition.key, m.value())))
    }
}

#[derive(Serialize)]
struct ResultWorld<'a> {
    name: &'a str,
    measures: MeasureMap<'a>,
}

#[derive(Serialize)]
struct ResultFile<'a> {
    hash: &'a str,
    origin: &'a Origin,
    worlds: Vec<ResultWorld<'a>>,
}

/// The part of `result.json` that is read back; the measures are computed from the tables again.
#[derive(Deserialize)]
pub(super) struct StatedHash {
    /// The hash.
    pub hash: String,
}

/// The text of `result.json`.
pub(super) fn result_text(hash: &str, origin: &Origin, worlds: &[(&str, Measures)]) -> String {
    let worlds = worlds.iter().map(|(name, m)| ResultWorld { name, measures: MeasureMap(m) }).collect();
    text(&ResultFile { hash, origin, worlds })
}
