//! Scores and lifetime value: how well the lender's scores tell good from bad accounts, with and without what it sees of behaviour in
//! the app, and a scorecard trained on simulated months 1 to 6 that says whose limits to raise.
//!
//! ```text
//! a run, observed ([`observer`])  →  what each account showed and what came of it
//!        │ split by user
//!        ├── seven of ten: logistic regression (linfa), made a scorecard of whole points ([`model`])
//!        └── the others:   AUC, deciles, lift ([`discrimination`])
//! scorecard → policy file → `product.limits.targeting` → the monthly review (`credit::targeting`)
//! ```

pub(crate) mod discrimination;
pub(crate) mod model;
pub(crate) mod observer;

use crate::base::time::Day;
use crate::credit::score_logit_milli;
use crate::credit::targeting::{DECILES, FEATURE_NAMES, FEATURES, Targeting};
use crate::credit::terms::Origination;
use crate::experiment::suite::statistics::{bootstrap, resample};
use crate::experiment::{Manner, run as run_scenario};
use crate::population::{cell_count, run_calendar};
use crate::results::Origin;
use crate::results::load::Estimate;
use crate::results::scoring::{Decile, ScoreQuality, ScoringRecord, Stability};
use crate::scenario::Scenario;
use crate::sim::Stopped;
use discrimination::{Auc, auc, stability};
use model::{Look, ModelError, is_trained_on, train};
use observer::{OBSERVED_MONTHS, OUTCOME_DAYS, Observer, Trace, within_a_year};

/// Counted months that a run needs: those observed, twelve of outcome, and the days to the last bill day.
pub(crate) const MONTHS_NEEDED: u16 = OBSERVED_MONTHS + 13;

/// Share of the users trained on whose value counts as valuable.
const VALUABLE: f64 = 1.0 / 3.0;

/// Both outcomes by days past due.
const OUTCOMES: [&str; 2] = ["31 days past due", "91 days past due"];

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ScoringError {
    /// The run is too short.
    #[error("lifetime value needs {MONTHS_NEEDED} counted months, this scenario has {0}")]
    TooShort(u16),
    /// Stopped.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// The model cannot be trained.
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// Runs the first world of a scenario, trains and tests in it, and sets the last world (of a suite: the last path under the
/// first policy) beside it for stability.
///
/// # Errors
/// [`ScoringError`].
pub(crate) fn run(scenario: &Scenario, manner: &Manner<'_>) -> Result<ScoringRecord, ScoringError> {
    if scenario.months < MONTHS_NEEDED {
        return Err(ScoringError::TooShort(scenario.months));
    }
    let mut scenario = scenario.clone();
    // Of a suite, the last path under the first policy, since a policy would move the population too.
    let policies = scenario.suite.as_ref().map_or(1, |plan| plan.policies.len());
    let last = scenario.worlds.len() - policies;
    let kept = if last == 0 { vec![0] } else { vec![0, last] };
    scenario.worlds = kept.into_iter().map(|world| scenario.worlds[world].clone()).collect();
    // Only suites are counted by segment; here nobody asks for that.
    scenario.suite = None;
    let calendar = run_calendar(&scenario);
    let after = scenario.warmup_months + OBSERVED_MONTHS;
    let first_after = calendar.months(after, after + 1)[0].day;
    let bill_days = &scenario.base.terms.billing.bill_days;
    let mut observer =
        Observer::new(scenario.start, first_after, bill_days, scenario.worlds.len(), cell_count(&scenario) as usize);
    run_scenario(&scenario, &Manner { auditor: Some(&observer), ..*manner })?;
    let worlds: Vec<Vec<Trace>> = (0..scenario.worlds.len()).map(|world| observer.take_world(world)).collect();
    let end = calendar.days().last().map_or(scenario.start, |day| day.day);
    answer(&scenario, &worlds, end)
}

/// An account that was observed.
struct Observed {
    user: u32,
    features: [i32; FEATURES],
    value_fen: i64,
    defaults: bool,
}

fn observed(traces: &[Trace]) -> Vec<Observed> {
    let one = |(user, trace): (usize, &Trace)| {
        Some(Observed {
            user: user as u32,
            features: trace.features?,
            value_fen: trace.value_fen(),
            defaults: trace.observed.zip(trace.first_91).is_some_and(|(from, first)| within_a_year(from, first)),
        })
    };
    traces.iter().enumerate().filter_map(one).collect()
}

fn answer(scenario: &Scenario, worlds: &[Vec<Trace>], end: Day) -> Result<ScoringRecord, ScoringError> {
    let accounts = observed(&worlds[0]);
    let (seen, unseen): (Vec<&Observed>, Vec<&Observed>) = accounts.iter().partition(|a| is_trained_on(a.user));
    let mut values: Vec<i64> = seen.iter().map(|a| a.value_fen).collect();
    values.sort_unstable();
    let above = values.get(((1.0 - VALUABLE) * values.len() as f64) as usize).copied().unwrap_or(0);
    let valuable = |a: &&Observed| a.value_fen > above;
    let rows: Vec<[i32; FEATURES]> = seen.iter().map(|a| a.features).collect();
    let labels: [Vec<bool>; 2] = [seen.iter().map(valuable).collect(), seen.iter().map(|a| a.defaults).collect()];
    let truth: [Vec<bool>; 2] = [unseen.iter().map(valuable).collect(), unseen.iter().map(|a| a.defaults).collect()];
    let mut scores = origination_scores(&scenario.base.terms.origination, &worlds[0], end);
    let mut cards = Vec::new();
    for (which, name, outcome) in [(0, "value model", "valuable"), (1, "default model", "91 days past due")] {
        let mut alone: Option<Auc> = None;
        for look in [Look::CreditFile, Look::Everything] {
            let card = train(&rows, &labels[which], look)?;
            let found =
                auc(&unseen.iter().map(|a| card.score(&a.features) as f64).collect::<Vec<f64>>(), &truth[which]);
            let asked = Asked { score: name, looks_at: look_words(look), outcome };
            scores.extend(found.as_ref().map(|found| quality(&asked, found, alone.as_ref())));
            alone = found;
            cards.push((name, look, card));
        }
    }
    let card = cards[1].2.clone();
    let deciles = deciles(&card, &unseen);
    let milli = |values: &[i32]| values.iter().map(|v| f64::from(*v) / 1e3).collect::<Vec<f64>>();
    Ok(ScoringRecord {
        name: scenario.name.clone(),
        title: scenario.title.clone(),
        world: scenario.worlds[0].name.clone(),
        users: scenario.users,
        seed: scenario.seed,
        accounts: (seen.len() as u32, unseen.len() as u32),
        valuable_above_yuan: above as f64 / 100.0,
        scores,
        stability: stabilities(scenario, worlds, &cards),
        top_lift: top_lift(&card, &unseen, scenario.seed),
        deciles,
        features: FEATURE_NAMES.map(str::to_string).to_vec(),
        weights: milli(&card.weights_milli),
        cuts: milli(&card.cuts_milli),
        raise: card.raise.iter().map(|ppm| f64::from(ppm.0) / 1e6).collect(),
        origin: Origin::default(),
    })
}

const fn look_words(look: Look) -> &'static str {
    match look {
        Look::Everything => "credit file and behaviour",
        Look::CreditFile => "credit file",
    }
}

/// A score and what it is to tell apart, in words.
struct Asked<'a> {
    score: &'a str,
    looks_at: &'a str,
    outcome: &'a str,
}

fn quality(asked: &Asked<'_>, found: &Auc, without: Option<&Auc>) -> ScoreQuality {
    ScoreQuality {
        score: asked.score.to_string(),
        looks_at: asked.looks_at.to_string(),
        outcome: asked.outcome.to_string(),
        with: found.bad() as u32,
        without: found.good() as u32,
        auc: found.estimate(),
        gain: without.map(|without| found.less(without)),
    }
}

/// The origination score of every opened account with and without its behaviour term, and that term alone.
fn origination_looks(terms: &Origination) -> [(&'static str, Origination); 3] {
    let without = Origination { score_behaviour_milli: 0, ..terms.clone() };
    let alone = Origination { score_bureau_milli: 0, score_debt_milli: 0, ..terms.clone() };
    [("credit file", without), ("credit file and behaviour", terms.clone()), ("behaviour", alone)]
}

fn origination_scores(terms: &Origination, traces: &[Trace], end: Day) -> Vec<ScoreQuality> {
    let followed =
        |t: &&Trace| t.application.is_some() && t.opened.is_some_and(|opened| end.since(opened) >= OUTCOME_DAYS);
    let followed: Vec<&Trace> = traces.iter().filter(followed).collect();
    let firsts: [fn(&Trace) -> Option<Day>; 2] = [|t| t.first_31, |t| t.first_91];
    let mut all = Vec::new();
    for (outcome, first) in OUTCOMES.iter().zip(firsts) {
        let is_bad = |t: &&Trace| t.opened.zip(first(t)).is_some_and(|(opened, first)| within_a_year(opened, first));
        let bad: Vec<bool> = followed.iter().map(is_bad).collect();
        let mut credit_file: Option<Auc> = None;
        for (looks_at, terms) in origination_looks(terms) {
            let score = |t: &&Trace| t.application.map_or(0.0, |a| f64::from(score_logit_milli(&terms, &a)));
            let found = auc(&followed.iter().map(score).collect::<Vec<f64>>(), &bad);
            let asked = Asked { score: "origination score", looks_at, outcome };
            all.extend(found.as_ref().map(|f| quality(&asked, f, credit_file.as_ref())));
            credit_file = credit_file.or(found);
        }
    }
    all
}

/// Stability of every score between the first world and the last.
fn stabilities(scenario: &Scenario, worlds: &[Vec<Trace>], cards: &[(&str, Look, Targeting)]) -> Vec<Stability> {
    let [first, .., last] = worlds else { return Vec::new() };
    let world = &scenario.worlds[worlds.len() - 1].name;
    let mut all = Vec::new();
    let mut put = |score: &str, looks_at: &str, before: &[f64], now: &[f64]| {
        let found = stability(before, now).map(|index| Stability {
            score: score.to_string(),
            looks_at: looks_at.to_string(),
            world: world.clone(),
            accounts: (before.len() as u32, now.len() as u32),
            index,
        });
        all.extend(found);
    };
    let opened = |traces: &[Trace], terms: &Origination| -> Vec<f64> {
        let counted = traces.iter().filter(|t| t.opened >= Some(scenario.start));
        counted.filter_map(|t| t.application).map(|a| f64::from(score_logit_milli(terms, &a))).collect()
    };
    for (looks_at, terms) in origination_looks(&scenario.base.terms.origination) {
        put("origination score", looks_at, &opened(first, &terms), &opened(last, &terms));
    }
    for (name, look, card) in cards {
        let scores = |traces: &[Trace]| -> Vec<f64> {
            traces.iter().filter_map(|t| t.features).map(|f| card.score(&f) as f64).collect()
        };
        put(name, look_words(*look), &scores(first), &scores(last));
    }
    all
}

fn mean_value(accounts: impl Iterator<Item = i64>) -> f64 {
    let (sum, n) = accounts.fold((0_i128, 0_u32), |(sum, n), fen| (sum + i128::from(fen), n + 1));
    if n == 0 { 0.0 } else { sum as f64 / f64::from(n) / 100.0 }
}

fn deciles(card: &Targeting, unseen: &[&Observed]) -> Vec<Decile> {
    let all = mean_value(unseen.iter().map(|a| a.value_fen));
    let one = |decile: usize| {
        let inside = || unseen.iter().filter(move |a| card.decile(card.score(&a.features)) == decile);
        let users = inside().count();
        let value_yuan = mean_value(inside().map(|a| a.value_fen));
        Decile {
            decile: decile as u32 + 1,
            users: users as u32,
            value_yuan,
            default_share: inside().filter(|a| a.defaults).count() as f64 / users.max(1) as f64,
            lift: if all == 0.0 { 0.0 } else { value_yuan / all },
        }
    };
    (0..DECILES).map(one).collect()
}

/// Mean value of the top decile over that of all, with its interval over users.
fn top_lift(card: &Targeting, unseen: &[&Observed], seed: u64) -> Option<Estimate> {
    let rows: Vec<(f64, bool)> =
        unseen.iter().map(|a| (a.value_fen as f64, card.decile(card.score(&a.features)) == DECILES - 1)).collect();
    let lift = |counts: &[u32]| -> Option<f64> {
        let (mut all, mut n, mut top, mut m) = (0.0, 0.0, 0.0, 0.0);
        for ((value, is_top), count) in rows.iter().zip(counts).map(|(row, count)| (row, f64::from(*count))) {
            all += value * count;
            n += count;
            if *is_top {
                top += value * count;
                m += count;
            }
        }
        (m > 0.0 && all > 0.0).then(|| (top / m) / (all / n))
    };
    let value = lift(&vec![1; rows.len()])?;
    let mut counts = vec![0; rows.len()];
    let interval = bootstrap(seed, |stream| {
        resample(stream, &mut counts);
        lift(&counts)
    })?;
    Some(interval.of(value))
}

#[cfg(test)]
mod tests;
