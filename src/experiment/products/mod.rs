//! Several products on one economy: what is published of each beside what the simulation gives, who loses approvals and
//! who loses money in a downturn, which loans the price cap refuses, and what competition does.
//!
//! Each product has worlds of its own. Its users are its own too (their ages differ by product), drawn from the same
//! population model with the same seed, and meet the same economy. What products do to each other is asked as questions:
//! values that are changed in all of them (prices compared with the cheapest rival, no lines elsewhere, no referral),
//! against the same people with the same luck.
//!
//! Not modelled: one person with accounts at several of the products, so that a balance moves from one world to another.
//! Debt elsewhere is an amount of each user, drawn at the start, and lines elsewhere do not grow or default with the economy.
//! Friends are a fair sample of all users (no graph is stored). Prices of rivals do not react.

mod counts;
mod facts;
mod observer;
mod rows;

pub(crate) use facts::known_facts;

use crate::credit::terms::{TERM_MONTHS, TIERS};
use crate::experiment::Manner;
use crate::experiment::suite::SuiteError;
use crate::experiment::suite::jobs::{self, Days, ShardDone};
use crate::population::run_calendar;
use crate::results::part::Shard;
use crate::results::products::{
    About, ComparisonInput, KeptPeople, PeopleWorld, Price, ProductInput, ProductRecord, ProductsRecord, RefusedLoans,
};
use crate::results::suite::KeptWorld;
use crate::results::{Origin, Timing, WorkArea, text_sum};
use crate::runtime::{Fabric, Threads, into_inner, lock};
use crate::scenario::{ComparedProduct, Comparison, Question, Scenario, ScenarioErrors, WorldSpec, from_resolved_toml};
use crate::sim::{Auditor, Options, Stopped, warm_up};
use observer::CapObserver;
use rows::MAIN;
use std::sync::Mutex;

/// People of one product and replication, with or without a question, and the worlds that they live through.
struct Job<'a> {
    product: usize,
    part: String,
    replication: u32,
    scenario: &'a Scenario,
    worlds: Vec<&'a WorldSpec>,
}

impl Job<'_> {
    /// A hash of everything that determines what is kept of it.
    fn key(&self, program: &str) -> String {
        let scenario = self.scenario.with_luck(self.replication);
        let mut text = format!("yuefu-people-1\n{:?}\n", self.part);
        for spec in &self.worlds {
            text += &format!("{:?} {}\n", spec.name, jobs::key(program, &scenario, spec));
        }
        text_sum(&text)
    }
}

/// Runs a comparison. Worlds that `area` holds already do not run again. The timing is left to the caller.
///
/// # Errors
/// [`SuiteError`]; whatever it is, what is finished is kept in `area`.
pub(crate) fn run(comparison: &Comparison, manner: &Manner<'_>, area: &WorkArea) -> Result<ProductsRecord, SuiteError> {
    let jobs = jobs(comparison);
    let people = complete(&jobs, manner, area)?;
    let of_product = jobs.iter().map(|job| job.product);
    let worlds: Vec<(usize, PeopleWorld)> = of_product
        .zip(people)
        .flat_map(|(product, people)| people.worlds.into_iter().map(move |world| (product, world)))
        .collect();
    let about = about(comparison);
    let products = comparison.products.iter().enumerate();
    let products = products.map(|(position, product)| record(comparison, &about, position, product, &worlds)).collect();
    Ok(ProductsRecord {
        products,
        resolved: comparison.products.iter().map(|p| p.scenario.resolved_toml.clone()).collect(),
        questioned: comparison.products.iter().map(|p| resolved(&p.questioned)).collect(),
        timing: Timing::default(),
        about,
    })
}

/// Runs one shard of a comparison's worlds: each job has a warm-up of its own, and jobs are dealt in turn.
///
/// # Errors
/// As [`run`].
pub(crate) fn run_shard(
    comparison: &Comparison,
    manner: &Manner<'_>,
    area: &WorkArea,
    shard: Shard,
) -> Result<ShardDone, SuiteError> {
    let jobs: Vec<Job<'_>> =
        jobs(comparison).into_iter().enumerate().filter_map(|(at, job)| shard.holds(at).then_some(job)).collect();
    let people = complete(&jobs, manner, area)?;
    Ok(ShardDone { warm_ups: people.len(), keys: people.into_iter().map(|people| people.key).collect() })
}

/// The worlds of all jobs, in that order: those that are kept already, and the others after they have run.
fn complete(jobs: &[Job<'_>], manner: &Manner<'_>, area: &WorkArea) -> Result<Vec<KeptPeople>, SuiteError> {
    let keys: Vec<String> = jobs.iter().map(|job| job.key(area.program())).collect();
    let mut people: Vec<Option<KeptPeople>> = keys.iter().map(|key| area.get(key)).collect();
    let open: Vec<usize> = (0..jobs.len()).filter(|&position| people[position].is_none()).collect();
    let days = days(open.iter().map(|&position| &jobs[position]), manner);
    let done: Mutex<Vec<(usize, KeptPeople)>> = Mutex::new(Vec::new());
    let failed: Mutex<Option<SuiteError>> = Mutex::new(None);
    Threads::new(manner.workers).superstep(open.len(), &|_, number| {
        let position = open[number];
        if lock(&failed).is_some() {
            return;
        }
        let Ok(worlds) = run_job(&jobs[position], manner, &days) else { return };
        let finished = KeptPeople { key: keys[position].clone(), worlds };
        match area.put(&finished) {
            Ok(()) => lock(&done).push((position, finished)),
            Err(error) => *lock(&failed) = Some(error.into()),
        }
    });
    if let Some(error) = into_inner(failed) {
        return Err(error);
    }
    for (position, finished) in into_inner(done) {
        people[position] = Some(finished);
    }
    people.into_iter().collect::<Option<Vec<_>>>().ok_or(SuiteError::Interrupted)
}

fn resolved(scenarios: &[Scenario]) -> Vec<String> {
    scenarios.iter().map(|scenario| scenario.resolved_toml.clone()).collect()
}

/// The comparison of an input: what was read from the models then, not what they say now.
///
/// # Errors
/// When a scenario in it is none that this program takes.
pub(crate) fn asked(input: &ComparisonInput) -> Result<Comparison, ScenarioErrors> {
    let mut products = Vec::with_capacity(input.products.len());
    for product in &input.products {
        let mut questioned = Vec::with_capacity(product.questioned.len());
        for text in &product.questioned {
            let mut scenario = from_resolved_toml(text)?;
            scenario.worlds.truncate(1);
            questioned.push(scenario);
        }
        products.push(ComparedProduct {
            scenario: from_resolved_toml(&product.resolved)?,
            questioned,
            facts: product.facts.clone(),
            assumptions: product.assumptions.clone(),
        });
    }
    let worlds = products.first().map_or(&[][..], |product| product.scenario.worlds.as_slice());
    let questions = input.questions.iter().cloned();
    Ok(Comparison {
        stress: worlds.iter().position(|world| world.name == input.stress).unwrap_or(0),
        replications: input.replications,
        questions: questions.map(|(name, title)| Question { name, title }).collect(),
        products,
    })
}

/// The input of a comparison, as [`asked`] reads it.
pub(crate) fn input(comparison: &Comparison) -> ComparisonInput {
    let About { stress, questions, replications, .. } = about(comparison);
    let product = |product: &ComparedProduct| ProductInput {
        resolved: product.scenario.resolved_toml.clone(),
        questioned: resolved(&product.questioned),
        facts: product.facts.clone(),
        assumptions: product.assumptions.clone(),
    };
    ComparisonInput { replications, stress, questions, products: comparison.products.iter().map(product).collect() }
}

fn jobs(comparison: &Comparison) -> Vec<Job<'_>> {
    let mut jobs = Vec::new();
    for replication in 0..comparison.replications {
        for (product, of) in comparison.products.iter().enumerate() {
            let worlds = [0, comparison.stress].into_iter().filter_map(|position| of.scenario.worlds.get(position));
            let (part, worlds) = (MAIN.to_string(), worlds.collect());
            jobs.push(Job { product, part, replication, scenario: &of.scenario, worlds });
            for (question, scenario) in comparison.questions.iter().zip(&of.questioned) {
                let worlds = scenario.worlds.iter().take(1).collect();
                jobs.push(Job { product, part: question.name.clone(), replication, scenario, worlds });
            }
        }
    }
    jobs
}

fn days<'a, 'j>(jobs: impl Iterator<Item = &'j Job<'j>>, manner: &'a Manner<'_>) -> Days<'a> {
    let of = |job: &Job<'_>| {
        let s = job.scenario;
        let calendar = run_calendar(s);
        let counted = calendar.months(s.warmup_months, s.warmup_months + s.months).len();
        calendar.months(0, s.warmup_months).len() + counted * job.worlds.len()
    };
    Days::new(manner.progress, jobs.map(of).sum())
}

fn run_job(job: &Job<'_>, manner: &Manner<'_>, days: &Days<'_>) -> Result<Vec<PeopleWorld>, Stopped> {
    let scenario = job.scenario.with_luck(job.replication);
    let fabric = Threads::new(1);
    let warm = warm_up(&scenario, &fabric, &Options { progress: days, cancel: manner.cancel, auditor: None }, None)?;
    let mut done = Vec::with_capacity(job.worlds.len());
    for spec in &job.worlds {
        // Only the worlds as they are are read for refused loans; a question changes prices at most a little.
        let observer = CapObserver::default();
        let auditor = (job.part == MAIN).then_some(&observer as &dyn Auditor);
        let options = Options { progress: days, cancel: manner.cancel, auditor };
        let observed = warm.run_world(&scenario, spec, &fabric, &options)?;
        let mut kept = KeptWorld {
            key: String::new(),
            part: job.part.clone(),
            path: spec.name.clone(),
            policy: scenario.product.clone(),
            luck: job.replication,
            shock: 0,
            depth_milli: 1_000,
            state_hash: String::new(),
            measures: Vec::new(),
            months: Vec::new(),
            views: Vec::new(),
        };
        kept.observe(&observed);
        let counts = counts::of(&observed);
        let refused = observer.refused_loans(&spec.name, &scenario.base.terms);
        done.push(PeopleWorld { kept, counts, refused });
    }
    Ok(done)
}

fn about(comparison: &Comparison) -> About {
    let first = &comparison.products[0].scenario;
    let world = |position: usize| first.worlds.get(position).map_or_else(String::new, |w| w.name.clone());
    About {
        name: first.name.clone(),
        title: first.title.clone(),
        users: first.users,
        months: first.months,
        warmup_months: first.warmup_months,
        start: first.start.to_string(),
        seed: first.seed,
        replications: comparison.replications,
        base: world(0),
        stress: world(comparison.stress),
        questions: comparison.questions.iter().map(|q| (q.name.clone(), q.title.clone())).collect(),
        origin: Origin::default(),
    }
}

fn record(
    comparison: &Comparison,
    about: &About,
    position: usize,
    product: &ComparedProduct,
    worlds: &[(usize, PeopleWorld)],
) -> ProductRecord {
    let own: Vec<&PeopleWorld> =
        worlds.iter().filter(|(product, _)| *product == position).map(|(_, world)| world).collect();
    let scenario = &product.scenario;
    let prices = prices(scenario);
    let view = rows::View {
        about,
        product,
        prices: &prices,
        worlds: own.iter().map(|done| (&done.kept, done.counts.as_slice())).collect(),
    };
    ProductRecord {
        key: scenario.product.clone(),
        title: scenario.product_title.clone(),
        scenario_blake3: text_sum(&scenario.resolved_toml),
        questioned_blake3: product.questioned.iter().map(|asked| text_sum(&asked.resolved_toml)).collect(),
        facts: product.facts.clone(),
        cap_annual: f64::from(scenario.base.terms.pricing.cap_annual.0) / 10_000.0,
        legal_risks: scenario.profile.legal_risks.clone(),
        rows: rows::all(&view, &measures_told(comparison)),
        stress: rows::stress(&view),
        questions: rows::questions(&view),
        refused_loans: pooled(own.iter().flat_map(|done| &done.refused)),
        assumptions: product.assumptions.clone(),
        worlds: own.iter().map(|done| done.kept.clone()).collect(),
        counts: own.iter().map(|done| done.counts.clone()).collect(),
        prices,
    }
}

/// Every measure that is a target of any of the products, in the order of the definitions.
fn measures_told(comparison: &Comparison) -> Vec<&'static str> {
    let is_target =
        |key: &str| comparison.products.iter().any(|p| p.scenario.targets.iter().any(|target| target.measure == key));
    crate::measure::DEFINITIONS.iter().map(|d| d.key).filter(|key| is_target(key)).collect()
}

/// What the terms ask for every tier and term on offer.
fn prices(scenario: &Scenario) -> Vec<Price> {
    let terms = &scenario.base.terms;
    let cap = f64::from(terms.pricing.cap_annual.0) / 10_000.0;
    let offered = TERM_MONTHS.into_iter().zip(terms.pricing.terms_offered).filter(|(_, offered)| *offered);
    let offered: Vec<u8> = offered.map(|(months, _)| months).collect();
    let price = |tier: usize, months: u8| {
        let observer::LoanPrice { flat_fee, irr_annual } = observer::price(terms, tier, months)?;
        // A level schedule rounds in the borrower's favour; a part of a basis point is no breach.
        Some(Price { tier, months, flat_fee, irr_annual, within_cap: irr_annual <= cap + 1e-6 })
    };
    (0..TIERS).flat_map(|tier| offered.iter().filter_map(move |months| price(tier, *months))).collect()
}

/// Refused loans of all replications together.
fn pooled<'a>(loans: impl Iterator<Item = &'a RefusedLoans>) -> Vec<RefusedLoans> {
    let mut all: Vec<RefusedLoans> = Vec::new();
    for loan in loans {
        let same = |l: &&mut RefusedLoans| {
            (&l.world, l.tier, l.months, l.checkout) == (&loan.world, loan.tier, loan.months, loan.checkout)
        };
        match all.iter_mut().find(same) {
            Some(sum) => {
                sum.count += loan.count;
                sum.amount_yuan += loan.amount_yuan;
            }
            None => all.push(loan.clone()),
        }
    }
    all
}

#[cfg(test)]
mod tests;
