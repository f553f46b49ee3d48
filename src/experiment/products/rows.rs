//! Rows of the answer: published beside simulated, normal times against the stress, what the questions change.

use super::counts::named;
use super::facts::{FACTS, Fact, Of, People, Seen};
use crate::base::grouping::grouped;
use crate::experiment::suite::paired;
use crate::measure::{DEFINITIONS, Definition, Unit, t_975};
use crate::results::load::Estimate;
use crate::results::products::{About, Price, QuestionRow, Row, StressRow, Verdict};
use crate::results::suite::KeptWorld;
use crate::scenario::{ComparedProduct, PublishedFact};

/// Part of the worlds that are as things are.
pub(super) const MAIN: &str = "main";

/// Profit a year over the mean balance: the one number of this module that is no measure of the product.
const PROFIT_SHARE: &str = "profit_share_annual";

/// Users who hold an account at the end, share of all users.
const HOLDERS: &str = "holders_share";

/// Measures that the stress reports.
const STRESSED: [&str; 9] = [
    "application_approval_rate",
    "authorisation_approval_rate",
    "overdue_rate",
    "overdue_30_rate",
    "gross_loss_rate_annual",
    "captured_yuan",
    "profit_yuan",
    PROFIT_SHARE,
    HOLDERS,
];

/// Measures that a question reports.
const ASKED: [&str; 7] = [
    "captured_yuan",
    "purchases_per_month",
    "application_approval_rate",
    "overdue_rate",
    "default_stacked_debt_share",
    PROFIT_SHARE,
    HOLDERS,
];

/// A product with its worlds.
pub(super) struct View<'a> {
    /// What is compared.
    pub about: &'a About,
    /// The product.
    pub product: &'a ComparedProduct,
    /// Its price list.
    pub prices: &'a [Price],
    /// Its worlds with their counts, replications in order.
    pub worlds: Vec<(&'a KeptWorld, &'a [i128])>,
}

impl<'a> View<'a> {
    /// The replications of a world of a part.
    fn of(&self, part: &str, path: &str) -> Vec<(&'a KeptWorld, &'a [i128])> {
        self.worlds.iter().filter(|(world, _)| world.part == part && world.path == path).copied().collect()
    }

    fn base(&self) -> Vec<(&'a KeptWorld, &'a [i128])> {
        self.of(MAIN, &self.about.base)
    }

    fn fact(&self, key: &str) -> Option<&'a PublishedFact> {
        self.product.facts.iter().find(|fact| fact.key == key)
    }
}

/// All rows of a product: the table of products first, then the measures that are targets of any of them.
pub(super) fn all(view: &View<'_>, measures: &[&'static str]) -> Vec<Row> {
    let people = People::of(&view.product.scenario);
    let mut rows: Vec<Row> = FACTS.iter().map(|fact| fact_row(view, &people, fact)).collect();
    let definitions = DEFINITIONS.iter().filter(|d| measures.contains(&d.key));
    rows.extend(definitions.map(|definition| measure_row(view, definition)));
    rows
}

fn fact_row(view: &View<'_>, people: &People, fact: &Fact) -> Row {
    let base = view.base();
    let pooled = added(base.iter().map(|(_, counts)| *counts));
    let (scenario, prices) = (&view.product.scenario, view.prices);
    let seen = |counts| Seen { scenario, prices, people, counts };
    let mut row = blank(view, fact.key);
    (row.table, row.group, row.title) = ("profile".to_string(), fact.group.to_string(), fact.title.to_string());
    match fact.of {
        Of::Words(words) => {
            row.shown = words(&seen(&pooled));
            row.verdict = if row.published.is_empty() { Verdict::NoFigure } else { Verdict::InWords };
        }
        Of::Share(value) | Of::Yuan(value) => {
            row.value = value(&seen(&pooled));
            let each: Vec<f64> = base.iter().filter_map(|(_, counts)| value(&seen(counts))).collect();
            row.interval = row.value.and_then(|centre| interval(centre, &each));
            let unit = if matches!(fact.of, Of::Share(_)) { Unit::Share } else { Unit::Yuan };
            row.shown = shown(unit, row.value);
            judge(&mut row);
        }
    }
    reason(&mut row);
    row
}

fn measure_row(view: &View<'_>, definition: &Definition) -> Row {
    let base = view.base();
    let mut row = blank(view, definition.key);
    (row.table, row.group) = ("measures".to_string(), group(definition.key).to_string());
    row.title = definition.says.replace('`', "");
    row.value = pooled(definition.key, &base);
    row.interval = row.value.and_then(|centre| interval(centre, &values(definition.key, &base)));
    row.shown = shown(definition.unit, row.value);
    let targets = &view.product.scenario.targets;
    if let Some(target) = targets.iter().find(|target| target.measure == definition.key) {
        row.published = shown(definition.unit, Some(target.target));
        row.band = Some((target.low, target.high));
        (row.grade, row.source) = (target.grade.to_string(), target.source.clone());
    }
    judge(&mut row);
    reason(&mut row);
    row
}

/// In which part of the table a measure stands.
fn group(key: &str) -> &'static str {
    match key {
        "age_18_35_share" | "purchases_per_month" | "ticket_300_1500_share" => "users",
        "mean_limit_yuan" | "limit_3000_10000_share" | "instant_decision_share" | "balance_weighted_apr" => {
            "operations"
        }
        _ => "risk",
    }
}

fn blank(view: &View<'_>, key: &str) -> Row {
    let fact = view.fact(key);
    Row {
        table: String::new(),
        group: String::new(),
        key: key.to_string(),
        title: String::new(),
        published: fact.map_or_else(String::new, |f| f.published.clone()),
        band: fact.and_then(|f| f.band),
        grade: fact.map_or_else(String::new, |f| f.grade.to_string().trim().to_string()),
        source: fact.map_or_else(String::new, |f| f.source.clone()),
        value: None,
        interval: None,
        shown: String::new(),
        verdict: Verdict::NoFigure,
        reason: fact.map_or_else(String::new, |f| f.gap.clone()),
    }
}

fn judge(row: &mut Row) {
    row.verdict = match (row.band, row.value) {
        // A rate of basis points and a share of counts are exact; the last digit of a double is not the product's.
        (Some((low, high)), Some(v)) if (low - 1e-9..=high + 1e-9).contains(&v) => Verdict::Within,
        (Some(_), _) => Verdict::Outside,
        (None, _) if row.published.is_empty() => Verdict::NoFigure,
        (None, _) => Verdict::InWords,
    };
}

/// Whatever is no answer says why.
fn reason(row: &mut Row) {
    if !row.reason.is_empty() {
        return;
    }
    row.reason = match row.verdict {
        Verdict::NoFigure => "no figure published; the assumptions of grade L decide".to_string(),
        Verdict::Outside => "the free parameters of the product do not reach it; to be calibrated".to_string(),
        Verdict::Within | Verdict::InWords => String::new(),
    };
}

fn added<'a>(counts: impl Iterator<Item = &'a [i128]>) -> Vec<i128> {
    let mut sum = vec![0; crate::results::products::COUNTS.len()];
    for world in counts {
        sum.iter_mut().zip(world).for_each(|(a, b)| *a += b);
    }
    sum
}

/// A t interval of the replications' spread about the pooled value.
fn interval(centre: f64, each: &[f64]) -> Option<(f64, f64)> {
    let n = each.len();
    if n < 2 {
        return None;
    }
    let mean = each.iter().sum::<f64>() / n as f64;
    let variance = each.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n - 1) as f64;
    let half = t_975(n - 1) * (variance / n as f64).sqrt();
    Some((centre - half, centre + half))
}

/// The two sums whose ratio is a value of the answer, in one world. Over several worlds both add: one estimator for every table,
/// so that a product's value in normal times is the same number wherever it stands.
fn sums(key: &str, (world, counts): (&KeptWorld, &[i128])) -> Option<(i128, i128)> {
    let of = |key: &str| world.measures.get(DEFINITIONS.iter().position(|d| d.key == key)?).copied();
    match key {
        HOLDERS => Some((named(counts, "holders_end"), named(counts, "users_end"))),
        PROFIT_SHARE => Some((of("profit_yuan")?.0 * 365, of("gross_loss_rate_annual")?.1)),
        measure => of(measure),
    }
}

/// The value of two sums.
fn value(key: &str, (numerator, denominator): (i128, i128)) -> Option<f64> {
    match DEFINITIONS.iter().find(|d| d.key == key) {
        Some(definition) => definition.value(numerator, denominator),
        None => (denominator != 0).then(|| numerator as f64 / denominator as f64),
    }
}

/// A value over all replications of a world.
fn pooled(key: &str, worlds: &[(&KeptWorld, &[i128])]) -> Option<f64> {
    let all = worlds.iter().filter_map(|world| sums(key, *world));
    value(key, all.fold((0, 0), |sum, (n, d)| (sum.0 + n, sum.1 + d)))
}

fn values(key: &str, worlds: &[(&KeptWorld, &[i128])]) -> Vec<f64> {
    worlds.iter().filter_map(|world| value(key, sums(key, *world)?)).collect()
}

/// A measure in two worlds of the same people with the same luck: both pooled values, and their difference with the t interval of
/// the replications' own differences about it.
fn compared(
    key: &str,
    before: &[(&KeptWorld, &[i128])],
    after: &[(&KeptWorld, &[i128])],
) -> Option<(f64, f64, Option<Estimate>)> {
    let (from, to) = (pooled(key, before)?, pooled(key, after)?);
    let paired = paired::difference(&values(key, before), &values(key, after));
    let difference = paired.map(|paired| {
        let (value, half) = (to - from, (paired.difference.high - paired.difference.low) / 2.0);
        Estimate { value, low: value - half, high: value + half }
    });
    Some((from, to, difference))
}

/// Normal times against the stress.
pub(super) fn stress(view: &View<'_>) -> Vec<StressRow> {
    let (normal, stressed) = (view.base(), view.of(MAIN, &view.about.stress));
    let row = |measure: &&str| {
        let (base, stress, difference) = compared(measure, &normal, &stressed)?;
        Some(StressRow { measure: (*measure).to_string(), base, stress, difference })
    };
    STRESSED.iter().filter_map(row).collect()
}

/// What each question changes.
pub(super) fn questions(view: &View<'_>) -> Vec<QuestionRow> {
    let normal = view.base();
    let mut rows = Vec::new();
    for (question, _) in &view.about.questions {
        let changed = view.of(question, &view.about.base);
        rows.extend(ASKED.iter().filter_map(|measure| {
            let (base, asked, difference) = compared(measure, &normal, &changed)?;
            let (question, measure) = (question.clone(), (*measure).to_string());
            Some(QuestionRow { question, measure, base, asked, difference })
        }));
    }
    rows
}

/// A value as people read it, amounts in whole yuan with thousands apart.
pub(super) fn shown(unit: Unit, value: Option<f64>) -> String {
    let Some(v) = value else { return "–".to_string() };
    match unit {
        Unit::Share => format!("{:.2} %", 100.0 * v),
        Unit::PerMille => format!("{:.2} ‰", 1000.0 * v),
        Unit::Yuan => format!("{} yuan", grouped(v.round() as i128)),
        Unit::Accounts => grouped(v.round() as i128),
        Unit::PerMonth | Unit::TimesPerYear => format!("{v:.2}"),
    }
}
