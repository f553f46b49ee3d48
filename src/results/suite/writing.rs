//! Writes the files of a suite directory from its record: `suite.json` and the tables. Statistics are `experiment::suite`'s.

use super::super::json::{self, ProvenanceFile};
use super::super::origin::Named;
use super::super::table::{field, line, month_name};
use super::{SERIES, SuiteRecord, risk_table, suite_hash};
use crate::base::time::Calendar;
use crate::measure::{definition, kept_definitions, segment_key};
use crate::results::ResultsError;
use crate::results::load::Estimate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// First columns of `worlds.csv`; numerator and denominator of every measure follow.
pub(super) const WORLDS: [&str; 7] = ["part", "path", "policy", "luck", "shock", "depth_milli", "state_hash"];
/// First columns of `monthly.csv`; the series follow.
pub(super) const MONTHLY: [&str; 7] = ["part", "path", "policy", "luck", "shock", "depth_milli", "month"];

/// `suite.json`.
#[derive(Serialize, Deserialize)]
pub(super) struct SuiteFile {
    pub hash: String,
    pub provenance: ProvenanceFile,
    pub paths: Vec<String>,
    pub policies: Vec<String>,
    pub outcomes: Vec<String>,
    pub replications: u32,
    pub distributions: Vec<super::OutcomeDistribution>,
    pub variances: Vec<super::OutcomeVariance>,
    pub differences: Vec<super::OutcomeDifference>,
    pub segments: Vec<super::SegmentDifference>,
    pub reverse: Vec<super::ReverseStress>,
    #[serde(default)]
    pub sensitivity: Option<super::Sensitivity>,
    pub early_warning: Vec<super::EarlyWarning>,
    pub attribution: Vec<super::Attribution>,
    /// Unit and definition of each measure that is reported.
    pub definitions: BTreeMap<String, String>,
}

impl SuiteFile {
    /// From the record.
    pub(super) fn of(record: &SuiteRecord) -> SuiteFile {
        let stated = record.outcomes.iter().chain(record.reverse.iter().map(|r| &r.measure)).cloned();
        let sensitive = record.sensitivity.iter().flat_map(|s| &s.measures).cloned();
        let by_segment = record.segments.iter().map(|s| segment_key(&s.measure, &s.segment));
        let definitions = stated.chain(sensitive).chain(by_segment).filter_map(|key| definition(&key));
        SuiteFile {
            hash: suite_hash(record),
            provenance: ProvenanceFile::of(&record.provenance, Vec::new()),
            paths: record.paths.clone(),
            policies: record.policies.clone(),
            outcomes: record.outcomes.clone(),
            replications: record.replications,
            distributions: record.distributions.clone(),
            variances: record.variances.clone(),
            differences: record.differences.clone(),
            segments: record.segments.clone(),
            reverse: record.reverse.clone(),
            sensitivity: record.sensitivity.clone(),
            early_warning: record.risk.early.clone(),
            attribution: record.risk.attributions.clone(),
            definitions: definitions.map(|d| (d.key.to_string(), format!("{}: {}", d.unit.name(), d.says))).collect(),
        }
    }
}

impl SuiteRecord {
    /// The text of `suite.json`.
    pub(crate) fn suite_json(&self) -> String {
        json::text(&SuiteFile::of(self))
    }
}

/// Writes all files of a suite into a directory that exists.
///
/// # Errors
/// From the file system.
pub(crate) fn write_into(dir: &Path, record: &SuiteRecord) -> Result<(), ResultsError> {
    let files: [(&str, String); 14] = [
        ("scenario.toml", record.provenance.resolved_toml.clone()),
        ("timing.json", json::text(&Named::new(&record.provenance.origin, &record.timing))),
        ("worlds.csv", worlds(record)),
        ("monthly.csv", monthly(record)),
        ("distributions.csv", distributions(record)),
        ("variance.csv", variances(record)),
        ("comparisons.csv", comparisons(record)),
        ("segments.csv", segments(record)),
        ("reverse.csv", reverse(record)),
        ("view_sums.csv", risk_table::view_sums(record)),
        ("views.csv", risk_table::views(&record.risk)),
        ("early_warning.csv", risk_table::early(&record.risk)),
        ("attribution.csv", risk_table::attribution(&record.risk)),
        // Last, since a directory with it counts as whole.
        ("suite.json", record.suite_json()),
    ];
    let sensitivity = record.sensitivity.as_ref().map(|s| ("sensitivity.csv", super::sensitivity_table::csv(s)));
    for (name, text) in sensitivity.into_iter().chain(files) {
        let path = dir.join(name);
        fs::write(&path, text).map_err(|e| ResultsError::io(&path, e))?;
    }
    Ok(())
}

/// The columns of `worlds.csv`.
pub(super) fn worlds_header() -> Vec<String> {
    let sums = kept_definitions().flat_map(|d| [format!("{}_numerator", d.key), format!("{}_denominator", d.key)]);
    WORLDS.iter().map(ToString::to_string).chain(sums).collect()
}

fn worlds(record: &SuiteRecord) -> String {
    let mut out = worlds_header().join(",") + "\n";
    for w in &record.worlds {
        let sums: String = w.measures.iter().map(|(n, d)| format!(",{n},{d}")).collect();
        line!(out, "{},{}{sums}", key(w), w.state_hash);
    }
    out
}

fn key(w: &super::KeptWorld) -> String {
    let (part, path, policy) = (field(&w.part), field(&w.path), field(&w.policy));
    format!("{part},{path},{policy},{},{},{}", w.luck, w.shock, w.depth_milli)
}

fn monthly(record: &SuiteRecord) -> String {
    let p = &record.provenance;
    let calendar = Calendar::new(p.start, p.months);
    let mut out = MONTHLY.iter().chain(&SERIES).copied().collect::<Vec<_>>().join(",") + "\n";
    for w in &record.worlds {
        for (number, month) in w.months.iter().enumerate() {
            let day = calendar.months(number as u16, number as u16 + 1).first().map_or(p.start, |d| d.day);
            let values: String = month.iter().map(|v| format!(",{v}")).collect();
            line!(out, "{},{}{values}", key(w), month_name(day));
        }
    }
    out
}

/// `value,low,high`, or three empty fields.
fn three(estimate: Option<Estimate>) -> String {
    estimate.map_or_else(|| ",,".to_string(), |e| format!("{},{},{}", e.value, e.low, e.high))
}

fn distributions(record: &SuiteRecord) -> String {
    let mut out = String::from("path,policy,measure,replications,statistic,value,low_95,high_95\n");
    for o in &record.distributions {
        let Some(d) = &o.distribution else { continue };
        let mut row = |statistic: &str, estimate: Option<Estimate>| {
            let (path, policy, values) = (field(&o.path), field(&o.policy), three(estimate));
            line!(out, "{path},{policy},{},{},{statistic},{values}", o.measure, d.replications);
        };
        let alone = |value: f64| Some(Estimate { value, low: f64::NAN, high: f64::NAN });
        row("mean", Some(d.mean));
        row("sd", alone(d.deviation));
        row("least", alone(d.least));
        row("most", alone(d.most));
        d.quantiles.iter().for_each(|q| row(&format!("p{}", (q.share * 100.0).round()), q.estimate));
        d.shortfalls.iter().for_each(|s| row(&format!("es{}", (s.share * 100.0).round()), s.estimate));
    }
    // Statistics without an interval leave its fields empty.
    out.replace(",NaN", ",")
}

fn variances(record: &SuiteRecord) -> String {
    let mut out = String::from(
        "path,policy,measure,shocks,lucks,systematic_variance,idiosyncratic_variance,systematic_share,low_95,high_95\n",
    );
    for o in &record.variances {
        let Some(s) = &o.split else { continue };
        let (path, policy, share) = (field(&o.path), field(&o.policy), three(Some(s.systematic_share)));
        let (b, w) = (s.systematic_variance, s.idiosyncratic_variance);
        line!(out, "{path},{policy},{},{},{},{b},{w},{share}", o.measure, s.shocks, s.lucks);
    }
    out
}

/// The last columns of a table of paired differences, and their values.
const PAIRED: &str =
    "replications,first_policy,difference,low_95,high_95,unpaired_half_width,paired_to_unpaired,p,p_holm";

fn paired(p: &super::PairedDifference) -> String {
    let (difference, ratio) = (three(Some(p.difference)), p.ratio.map_or_else(String::new, |r| r.to_string()));
    let holm = p.p_holm.map_or_else(String::new, |p| p.to_string());
    format!("{},{},{difference},{},{ratio},{},{holm}", p.replications, p.base, p.unpaired_half, p.p)
}

fn comparisons(record: &SuiteRecord) -> String {
    let mut out = format!("path,policy,measure,{PAIRED}\n");
    for (o, p) in record.differences.iter().filter_map(|o| Some((o, o.paired.as_ref()?))) {
        line!(out, "{},{},{},{}", field(&o.path), field(&o.policy), o.measure, paired(p));
    }
    out
}

fn segments(record: &SuiteRecord) -> String {
    let mut out = format!("path,policy,segment,measure,{PAIRED}\n");
    for (o, p) in record.segments.iter().filter_map(|o| Some((o, o.paired.as_ref()?))) {
        line!(out, "{},{},{},{},{}", field(&o.path), field(&o.policy), o.segment, o.measure, paired(p));
    }
    out
}

fn reverse(record: &SuiteRecord) -> String {
    let mut out = String::from(
        "name,measure,breaks,limit,depth,mean,low_95,high_95,broken,crossing,crossing_low_95,crossing_high_95\n",
    );
    for r in &record.reverse {
        let crossing = r.crossing.map_or_else(
            || ",,".to_string(),
            |c| format!("{},{},{}", c.depth, c.low, c.high.map_or_else(String::new, |h| h.to_string())),
        );
        for p in &r.points {
            let (name, response) = (field(&r.name), three(Some(p.response)));
            line!(
                out,
                "{name},{},{},{},{},{response},{},{crossing}",
                r.measure,
                r.breaks,
                r.limit,
                p.depth,
                i32::from(p.broken)
            );
        }
    }
    out
}
