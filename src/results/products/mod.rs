//! The directory of a comparison of products.
//!
//! | file | holds | in the hash |
//! |---|---|---|
//! | `products.json` | the hash and everything below it: rows, stress, questions, loans above the cap, worlds | the worlds |
//! | `sums.json` | the sum of that file, byte by byte | – |
//! | `rows.csv` | published beside simulated, a row a fact and product | no, follows from worlds and models |
//! | `stress.csv`, `questions.csv` | normal times against the stress; what each question changes | no, follow from the worlds |
//! | `prices.csv`, `refused_loans.csv` | the price list of each product; loans that the price cap refused | no |
//! | `worlds.csv` | a row a world and replication: hash of its last state and every measure as two sums | – (they stand in `products.json` too) |
//! | `assumptions.csv` | every number of grade L that fills a gap | no |
//! | `scenarios/PRODUCT.toml` | the resolved input of each product; `yuefu run` on it runs its worlds alone | no (their sums are kept) |
//! | `scenarios/PRODUCT.question-N.toml` | the same under the N-th question | no (their sums are kept) |
//! | `timing.json` | machine and wall time | no |
//!
//! Reading checks the sum of `products.json` and the hash of the worlds in it.

mod input;
mod kept;
mod reading;
mod writing;

pub(crate) use input::{ComparisonInput, ProductInput};
pub(crate) use kept::{KeptPeople, PeopleWorld};
pub(crate) use reading::{is_products, read};
pub(crate) use writing::{products_hash, write_into};

use super::load::Estimate;
use super::suite::KeptWorld;
use super::{Origin, Timing};
use crate::scenario::{PublishedFact, WeakNumber};
use serde::{Deserialize, Serialize};

/// Names of the counts that are kept of a world beside its measures, in order.
pub(crate) const COUNTS: [&str; 24] = [
    "captured_0_fen",
    "captured_1_fen",
    "captured_2_fen",
    "captured_3_fen",
    "captured_count",
    "cards_fen",
    "tips_fen",
    "limits_fen",
    "accounts",
    "accounts_with_balance",
    "balance_fen",
    "balance_151_fen",
    "limits_from_9500",
    "wishes",
    "wishes_dropped",
    "declined_limit",
    "declined_cap",
    "interest_fen",
    "fees_fen",
    "penalty_fen",
    "commission_fen",
    "tip_income_fen",
    "holders_end",
    "users_end",
];

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// The simulated value lies in the published band.
    Within,
    /// It does not.
    Outside,
    /// Published in words; what the simulation holds or gives stands beside them.
    InWords,
    /// No figure is published.
    NoFigure,
}

impl Verdict {
    /// Its name in tables.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Verdict::Within => "within",
            Verdict::Outside => "OUTSIDE",
            Verdict::InWords => "in words",
            Verdict::NoFigure => "no figure",
        }
    }
}

/// One fact or measure of one product: published beside simulated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    /// `profile` (the products' table) or `measures` (targets of calibration).
    pub table: String,
    /// `users`, `operations`, `competition` or `risk`.
    pub group: String,
    /// Key.
    pub key: String,
    /// What it is, in words.
    pub title: String,
    /// As it is published; empty when it is not.
    pub published: String,
    /// Accepted band.
    pub band: Option<(f64, f64)>,
    /// Grade of what is published; empty without.
    pub grade: String,
    /// Where it comes from.
    pub source: String,
    /// The simulated value, in the unit of the fact.
    pub value: Option<f64>,
    /// Its 95 % interval over replications, when there are some.
    pub interval: Option<(f64, f64)>,
    /// The simulated value or text as people read it.
    pub shown: String,
    /// What became of it.
    pub verdict: Verdict,
    /// Why nothing is published, or why the simulation does not reach it.
    pub reason: String,
}

/// A measure in normal times and under stress.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct StressRow {
    /// Measure.
    pub measure: String,
    /// In normal times, over all replications (ratio of sums).
    pub base: f64,
    /// Under stress.
    pub stress: f64,
    /// Stress less normal, with the interval of the differences by replication.
    pub difference: Option<Estimate>,
}

/// What a question changes in one measure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct QuestionRow {
    /// Name of the question.
    pub question: String,
    /// Measure.
    pub measure: String,
    /// As things are.
    pub base: f64,
    /// Under the question.
    pub asked: f64,
    /// Under the question less as things are.
    pub difference: Option<Estimate>,
}

/// A price on the list of a product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Price {
    /// Risk tier, 0 the safest.
    pub tier: usize,
    /// Months of the loan.
    pub months: u8,
    /// Flat fee of the whole term, as a share; `None` where a rate prices the loan.
    pub flat_fee: Option<f64>,
    /// IRR a year, nominal.
    pub irr_annual: f64,
    /// It keeps the price cap, so that it is lent.
    pub within_cap: bool,
}

/// Loans that the price cap refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RefusedLoans {
    /// World.
    pub world: String,
    /// Risk tier of the borrower.
    pub tier: usize,
    /// Months.
    pub months: u8,
    /// At the checkout, else on the bill.
    pub checkout: bool,
    /// Number.
    pub count: u64,
    /// Amount asked for, yuan.
    pub amount_yuan: f64,
    /// IRR a year that they would have had.
    pub irr_annual: f64,
}

/// A product of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ProductRecord {
    /// File stem.
    pub key: String,
    /// Name in words.
    pub title: String,
    /// Checksum of the resolved input (blake3).
    pub scenario_blake3: String,
    /// … and of the input under each question.
    #[serde(default)]
    pub questioned_blake3: Vec<String>,
    /// What is published of it beside the targets.
    #[serde(default)]
    pub facts: Vec<PublishedFact>,
    /// Price cap of the product a year.
    pub cap_annual: f64,
    /// What the law has against parts of it.
    pub legal_risks: Vec<String>,
    /// Published beside simulated.
    pub rows: Vec<Row>,
    /// Normal times against the stress.
    pub stress: Vec<StressRow>,
    /// What the questions change.
    pub questions: Vec<QuestionRow>,
    /// The price list.
    pub prices: Vec<Price>,
    /// Loans that the price cap refused, all replications together.
    pub refused_loans: Vec<RefusedLoans>,
    /// What fills the gaps.
    pub assumptions: Vec<WeakNumber>,
    /// Every world: `part` is `main` or the name of a question, `path` the world, `policy` the product.
    pub worlds: Vec<KeptWorld>,
    /// Counts of each world, in the order of [`COUNTS`].
    pub counts: Vec<Vec<i128>>,
}

/// A whole comparison.
#[derive(Clone, Debug)]
pub(crate) struct ProductsRecord {
    /// What it is.
    pub about: About,
    /// Products in order.
    pub products: Vec<ProductRecord>,
    /// Resolved input by product, in order.
    pub resolved: Vec<String>,
    /// … and by product under each question.
    pub questioned: Vec<Vec<String>>,
    /// How long it took and on what.
    pub timing: Timing,
}

/// What was compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct About {
    /// Name of the scenario.
    pub name: String,
    /// One line for reports.
    pub title: String,
    /// Users of each world.
    pub users: u32,
    /// Counted months.
    pub months: u16,
    /// Months of warm-up.
    pub warmup_months: u16,
    /// First counted day.
    pub start: String,
    /// Seed.
    pub seed: u64,
    /// Replications of every world.
    pub replications: u32,
    /// World of normal times.
    pub base: String,
    /// World of the stress.
    pub stress: String,
    /// Questions: name and words.
    pub questions: Vec<(String, String)>,
    /// Where it comes from.
    #[serde(default)]
    pub origin: Origin,
}

#[cfg(test)]
pub(crate) mod tests;
