//! Terms that change in the middle of a run, under audit: every shipped policy, and generated changes of billing, pricing and
//! authorisation keys of any product on any day.
//!
//! One number again: `YUEFU_TERMS_SEED=7 cargo test terms_that_change`. More: `YUEFU_TERMS_COUNT=200` with it, which begins at the seed.
//! `.ci/campaign terms` does so.

use super::tests::findings;
use crate::base::random::{Purpose, RunKey, Stream};
use crate::scenario::{Overrides, Scenario, ScenarioErrors, catalogue, read_scenario};
use std::path::Path;

/// Numbers of an ordinary test run.
const COUNT: u64 = 8;

/// Keys with values to draw from. Where a product cannot have one the draw is made again.
const CHOICES: &[(&str, &[&str])] = &[
    ("product.billing.due_after_days", &["1", "3", "7", "12", "20"]),
    ("product.billing.due_extra_days", &["[]", "[1]", "[0, 4]", "[0, 2, 5]", "[3, 1, 0]"]),
    ("product.billing.grace_days", &["0", "1", "5", "10"]),
    ("product.billing.minimum", &["0.02", "0.3", "1.0"]),
    ("product.billing.minimum_floor_yuan", &["0", "50", "1000"]),
    ("product.authorisation.scene_allowed", &["[true, false, true, false]", "[false, true, true, true]"]),
    ("product.authorisation.velocity_count_max", &["1", "3"]),
    ("product.authorisation.velocity_amount_yuan", &["200", "2000"]),
    ("product.authorisation.pattern_stop", &["0.0", "1.0"]),
    ("product.authorisation.monitoring_detection", &["0.0", "1.0"]),
    ("product.authorisation.false_alarm", &["0.0", "0.05"]),
    ("product.authorisation.hold_days", &["5", "9", "30"]),
    ("product.authorisation.refund_days", &["0", "3", "30", "90"]),
    (
        "product.pricing.tier_annual",
        &["[0.1, 0.11, 0.12, 0.13, 0.14]", "[0.24, 0.24, 0.24, 0.24, 0.24]", "[0.0, 0.05, 0.1, 0.15, 0.2]"],
    ),
    ("product.pricing.instalments", &["\"irr\"", "\"flat_fee\""]),
    (
        "product.pricing.flat_fee",
        &["[0.01, 0.02, 0.03, 0.04]", "[0.04, 0.071, 0.102, 0.134]", "[0.05, 0.09, 0.13, 0.16]"],
    ),
    ("product.pricing.flat_fee_by_tier", &["[0.4, 0.6, 0.8, 1.0, 1.2]", "[1.0, 1.0, 1.0, 1.0, 1.0]"]),
    ("product.pricing.terms_offered", &["[true, false, false, false]", "[true, true, true, true]"]),
    ("product.pricing.penalty_daily", &["0.0", "0.0002", "0.0006"]),
    ("product.pricing.interest_from_day_one", &["true", "false"]),
    ("product.pricing.cap_annual", &["0.12", "0.2", "0.24", "0.36"]),
    ("product.pricing.risk_based", &["true", "false"]),
    ("product.pricing.coupon", &["0.0", "0.5", "1.0"]),
];

/// A small scenario of a product with lines of policies.
fn scenario(product: &str, seed: u64, policies: &str) -> Result<Scenario, ScenarioErrors> {
    let text = format!(
        "name = \"changes\"\ntitle = \"Terms that change\"\nproduct = {product:?}\nusers = 300\ncell_users = 150\n\
         warmup_months = 4\nmonths = 5\nstart = 2027-01-01\nseed = {seed}\nmodels = {:?}\n\
         [[worlds]]\nname = \"changed\"\neconomy = \"severe\"\n{policies}",
        Path::new(env!("CARGO_MANIFEST_DIR")).join("models").display().to_string()
    );
    let home = tempfile::tempdir().expect("a directory");
    let file = home.path().join("changes.toml");
    std::fs::write(&file, text).expect("written");
    read_scenario(&file, &Overrides::default())
}

fn pick<'a, T: ?Sized>(draws: &mut Stream, from: &[&'a T]) -> &'a T {
    from[draws.below(from.len() as u32) as usize]
}

/// One to three keys that change on a day of the first three months, and perhaps one more later.
fn policies(draws: &mut Stream) -> String {
    let mut text = String::new();
    for (first, months) in [(1, 3), (4, 1)].into_iter().take(1 + draws.below(2) as usize) {
        let mut keys: Vec<&(&str, &[&str])> = CHOICES.iter().collect();
        let set: Vec<String> = (0..=draws.below(3))
            .map(|_| {
                let (key, values) = keys.remove(draws.below(keys.len() as u32) as usize);
                format!("\"{key}\" = {}", pick(draws, values))
            })
            .collect();
        let (month, day) = (first + draws.below(months), 1 + draws.below(28));
        // The product's own range would refuse most of the rates.
        let range = "\"product.pricing.annual_range\" = [0.0, 0.24]";
        text +=
            &format!("[[worlds.policies]]\nfrom = 2027-{month:02}-{day:02}\nset = {{ {range}, {} }}\n", set.join(", "));
    }
    text
}

/// The scenario of a number, with the text of its policies.
fn generated(number: u64) -> (Scenario, String) {
    let mut draws = RunKey::new(number, 0).user(0).stream(Purpose::World);
    let products: Vec<String> = catalogue::models("products", None).into_iter().map(|row| row[0].clone()).collect();
    for _ in 0..200 {
        let product = &products[draws.below(products.len() as u32) as usize];
        let policies = policies(&mut draws);
        if let Ok(scenario) = scenario(product, number, &policies) {
            return (scenario, format!("{product}\n{policies}"));
        }
    }
    panic!("{number}: no product takes any of these changes")
}

#[test]
fn terms_that_change_leave_the_auditor_silent() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let first = number("YUEFU_TERMS_SEED");
    let count = number("YUEFU_TERMS_COUNT").unwrap_or(if first.is_some() { 1 } else { COUNT });
    let mut failed = Vec::new();
    for number in first.unwrap_or(0)..first.unwrap_or(0) + count {
        let (scenario, said) = generated(number);
        let findings = findings(&scenario);
        assert!(findings.requests > 1_000, "{number}: {findings}");
        if !findings.is_clean() {
            let again = format!("again: YUEFU_TERMS_SEED={number} cargo test terms_that_change");
            failed.push(format!("{number}: {said}{findings}\n{again}"));
        }
    }
    assert!(failed.is_empty(), "the auditor complains of {} of {count}\n{}", failed.len(), failed.join("\n"));
}

/// Keys whose change in mid-cycle once set the auditor against the engine, each alone.
#[test]
fn changes_in_mid_cycle_leave_the_auditor_silent() {
    for set in [
        "\"product.billing.due_after_days\" = 3",
        "\"product.billing.grace_days\" = 0",
        "\"product.pricing.interest_from_day_one\" = true",
        "\"product.pricing.penalty_daily\" = 0.0003",
    ] {
        let line = format!("policies = [{{ from = 2027-02-14, set = {{ {set} }} }}]\n");
        let findings = findings(&scenario("douyin-monthly-pay", 1, &line).unwrap_or_else(|errors| panic!("{errors}")));
        assert!(findings.is_clean(), "{set}: {findings}");
    }
}

#[test]
fn every_shipped_policy_leaves_the_auditor_silent() {
    let mut failed = Vec::new();
    for policy in catalogue::models("policies", None).into_iter().map(|row| row[0].clone()) {
        // In mid-cycle of every bill group.
        let line = format!("policies = [{{ name = {policy:?}, from = 2027-02-08 }}]\n");
        let scenario = scenario("douyin-monthly-pay", 1, &line).unwrap_or_else(|errors| panic!("{policy}: {errors}"));
        let findings = findings(&scenario);
        if !findings.is_clean() {
            failed.push(format!("{policy}: {findings}"));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
