//! `yuefu ltv`: how well scores tell good from bad accounts, and the scorecard that targets by lifetime value.
//!
//! | file | holds |
//! |---|---|
//! | `ltv.json` | everything, with definitions |
//! | `scores.csv` | discrimination of each score, with and without behaviour data |
//! | `stability.csv` | stability indices against the first world |
//! | `deciles.csv` | users that were not trained on, by decile of the scorecard: value, defaults, lift |
//! | `scenario.toml` | the resolved input |
//! | `ltv-targeting.toml` | the policy: weights, cuts and factors |
//! | `report.html` | the answer, for a browser |

use super::load::Estimate;
use super::table::line;
use super::{Origin, ResultsError, json};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// How well a score tells bad from good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ScoreQuality {
    /// Whose score: `origination` or `value model` or `default model`.
    pub score: String,
    /// What it looks at.
    pub looks_at: String,
    /// What it is to tell.
    pub outcome: String,
    /// Accounts with the outcome.
    pub with: u32,
    /// Accounts without.
    pub without: u32,
    /// Area under the curve, DeLong's interval.
    pub auc: Estimate,
    /// Gain over the same score without behaviour data, on the same accounts; `None` for that one itself.
    pub gain: Option<Estimate>,
}

/// How far a population has moved under a score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Stability {
    /// Whose score.
    pub score: String,
    /// What it looks at.
    pub looks_at: String,
    /// World against the first one.
    pub world: String,
    /// Accounts of the first world and of the other.
    pub accounts: (u32, u32),
    /// Population stability index.
    pub index: f64,
}

/// A decile of the users that were not trained on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Decile {
    /// 1 is the lowest score.
    pub decile: u32,
    /// Users.
    pub users: u32,
    /// Mean value in the twelve months after, yuan.
    pub value_yuan: f64,
    /// Share that reached 91 days past due.
    pub default_share: f64,
    /// Mean value over the mean of all.
    pub lift: f64,
}

/// The whole answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ScoringRecord {
    /// Scenario.
    pub name: String,
    /// In words.
    pub title: String,
    /// World that the model was trained in.
    pub world: String,
    /// Users of a world, seed.
    pub users: u32,
    /// Seed.
    pub seed: u64,
    /// Accounts trained on, and tested on.
    pub accounts: (u32, u32),
    /// What `valuable` means: a value above this, yuan, the upper third of the users trained on.
    pub valuable_above_yuan: f64,
    /// Discrimination.
    pub scores: Vec<ScoreQuality>,
    /// Stability.
    pub stability: Vec<Stability>,
    /// Deciles.
    pub deciles: Vec<Decile>,
    /// Lift of the top decile with its bootstrap interval over users; `None` of too few.
    pub top_lift: Option<Estimate>,
    /// Names of the features.
    pub features: Vec<String>,
    /// Points of a unit of each.
    pub weights: Vec<f64>,
    /// Where the second to tenth decile begin.
    pub cuts: Vec<f64>,
    /// Factor on raises by decile.
    pub raise: Vec<f64>,
    /// Where it comes from.
    #[serde(default)]
    pub origin: Origin,
}

impl ScoringRecord {
    /// The text of `ltv.json`.
    pub(crate) fn json(&self) -> String {
        json::text(&Whole { answer: self, definitions: DEFINITIONS.into_iter().collect() })
    }
}

/// `ltv.json`: the answer, and what stands behind its numbers.
#[derive(Serialize)]
struct Whole<'a> {
    #[serde(flatten)]
    answer: &'a ScoringRecord,
    definitions: BTreeMap<&'a str, &'a str>,
}

/// What stands behind the numbers.
pub(crate) const DEFINITIONS: [(&str, &str); 6] = [
    (
        "AUC",
        "Chance that an account with the outcome scores above one without, ties half; 95 % interval after DeLong, DeLong and Clarke-Pearson (1988).",
    ),
    (
        "origination score",
        "Estimated PD at the application; outcomes within twelve months of opening, accounts opened twelve months or more before the end of the run.",
    ),
    (
        "model",
        "Logistic regression over what the account shows on the evening before its first statement after six counted months; accounts open for 90 days or more and not over 30 days late. Trained on seven users of ten, tested on the others. What is tested is the scorecard of whole points that a policy uses.",
    ),
    (
        "value",
        "Interest while not in default, commission, share of tips; less the price of money, service and principal written off, in the twelve months after. Valuable: the upper third of the users trained on.",
    ),
    (
        "PSI",
        "Population stability index over the deciles of the first world; 0.1 is small, 0.25 large. Origination: accounts opened in the counted months. Models: accounts observed.",
    ),
    (
        "lift",
        "Mean value of a decile over the mean value of all, users not trained on; interval by bootstrap over users.",
    ),
];

/// Writes all files but the page.
///
/// # Errors
/// From the file system.
pub(crate) fn write_into(dir: &Path, record: &ScoringRecord, resolved_toml: &str) -> Result<(), ResultsError> {
    let files: [(&str, String); 6] = [
        ("scenario.toml", resolved_toml.to_string()),
        ("scores.csv", scores(record)),
        ("stability.csv", stability(record)),
        ("deciles.csv", deciles(record)),
        ("ltv-targeting.toml", policy(record)),
        ("ltv.json", record.json()),
    ];
    for (name, text) in files {
        let path = dir.join(name);
        fs::write(&path, text).map_err(|e| ResultsError::io(&path, e))?;
    }
    Ok(())
}

/// Reads the answer back.
///
/// # Errors
/// When `ltv.json` is missing or holds something else.
pub(crate) fn read(dir: &Path) -> Result<ScoringRecord, ResultsError> {
    super::reading::json(dir, "ltv.json")
}

/// True of a directory that `yuefu ltv` wrote.
pub(crate) fn is_scoring(dir: &Path) -> bool {
    dir.join("ltv.json").is_file() && dir.join("ltv-targeting.toml").is_file()
}

fn scores(record: &ScoringRecord) -> String {
    let mut out =
        String::from("score,looks_at,outcome,with,without,auc,low_95,high_95,gain,gain_low_95,gain_high_95\n");
    for s in &record.scores {
        let gain = s.gain.map_or_else(|| ",,".to_string(), |g| format!("{},{},{}", g.value, g.low, g.high));
        let a = s.auc;
        let counts = format!("{},{}", s.with, s.without);
        line!(out, "{},{},{},{counts},{},{},{},{gain}", s.score, s.looks_at, s.outcome, a.value, a.low, a.high);
    }
    out
}

fn stability(record: &ScoringRecord) -> String {
    let mut out = String::from("score,looks_at,world,accounts_first,accounts,psi\n");
    for s in &record.stability {
        let world = super::table::field(&s.world);
        line!(out, "{},{},{world},{},{},{}", s.score, s.looks_at, s.accounts.0, s.accounts.1, s.index);
    }
    out
}

fn deciles(record: &ScoringRecord) -> String {
    let mut out = String::from("decile,users,value_yuan,default_share,lift\n");
    for d in &record.deciles {
        line!(out, "{},{},{},{},{}", d.decile, d.users, d.value_yuan, d.default_share, d.lift);
    }
    out
}

/// The policy file.
fn policy(record: &ScoringRecord) -> String {
    let list = |values: &[f64], decimals: usize| -> String {
        values.iter().map(|value| format!("{value:.decimals$}")).collect::<Vec<String>>().join(", ")
    };
    let source = format!(
        "trained by `yuefu ltv` on {} users of {} (seed {}), tested on {} others",
        record.accounts.0, record.name, record.seed, record.accounts.1
    );
    format!(
        "title = \"Raises by lifetime value: none for the lowest deciles, half as much again for the highest\"\n\n[set]\n\
         # {}\n\
         \"product.limits.targeting.weights\" = {{ value = [{}], grade = \"L\", source = \"{source}\" }}\n\
         \"product.limits.targeting.cuts\" = {{ value = [{}], grade = \"L\", source = \"deciles of the users trained on\" }}\n\
         \"product.limits.targeting.raise\" = {{ value = [{}], grade = \"L\", source = \"policy\" }}\n",
        record.features.join(", "),
        list(&record.weights, 3),
        list(&record.cuts, 3),
        list(&record.raise, 2),
    )
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A made-up answer. Nothing here is a result.
    pub(crate) fn record() -> ScoringRecord {
        let e = |value: f64| Estimate { value, low: value - 0.01, high: value + 0.01 };
        let quality = |looks_at: &str, gain: Option<Estimate>| ScoreQuality {
            score: "value model".to_string(),
            looks_at: looks_at.to_string(),
            outcome: "valuable".to_string(),
            with: 300,
            without: 600,
            auc: e(0.7),
            gain,
        };
        ScoringRecord {
            name: "ltv".to_string(),
            title: "A scorecard".to_string(),
            world: "baseline".to_string(),
            users: 2_000,
            seed: 1,
            accounts: (700, 300),
            valuable_above_yuan: 12.0,
            scores: vec![quality("credit file", None), quality("credit file and behaviour", Some(e(0.05)))],
            stability: vec![Stability {
                score: "value model".to_string(),
                looks_at: "credit file".to_string(),
                world: "severe".to_string(),
                accounts: (900, 800),
                index: 0.12,
            }],
            deciles: vec![Decile { decile: 1, users: 30, value_yuan: 4.0, default_share: 0.1, lift: 0.4 }],
            top_lift: Some(e(2.5)),
            features: vec!["tips".to_string()],
            weights: vec![1.5],
            cuts: vec![0.0],
            raise: vec![0.0, 1.5],
            origin: crate::results::tests::origin("yuefu ltv scenarios/ltv.toml"),
        }
    }

    #[test]
    fn a_scorecard_comes_back() {
        let home = tempfile::tempdir().expect("a directory");
        write_into(home.path(), &record(), "seed = 1\n").expect("written");
        assert!(is_scoring(home.path()));
        assert_eq!(read(home.path()).expect("whole"), record());
    }
}
