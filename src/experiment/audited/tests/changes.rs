//! Terms that change in the middle of a run, under audit: every shipped policy, and generated changes of billing, pricing and
//! authorisation keys of any product on any day of the counted months.
//!
//! One number again: `YUEFU_TERMS_SEED=7 cargo test terms_that_change`. More: `YUEFU_TERMS_COUNT=200` with it, which begins at the seed.
//! `.ci/campaign terms` does so.

use super::tests::findings;
use crate::base::random::{Purpose, RunKey, Stream};
use crate::base::time::Day;
use crate::scenario::{Overrides, Scenario, ScenarioErrors, catalogue, read_scenario};
use std::collections::BTreeSet;
use std::path::Path;

/// Numbers of an ordinary test run.
const COUNT: u64 = 8;

/// Groups of keys whose changes are drawn.
const GROUPS: [&str; 3] = ["product.billing.", "product.authorisation.", "product.pricing."];

/// Goes with every change: a product's own range would refuse most of the rates.
const RANGE: &str = "product.pricing.annual_range";

/// A cap that no product's price list is within, and what has to come with it.
const LOW_CAP: (&str, &str) = ("product.pricing.cap_annual", "0.12");
const BELOW_IT: [(&str, &str); 2] =
    [("product.pricing.tier_annual", "[0.08, 0.09, 0.1, 0.11, 0.12]"), ("product.pricing.penalty_daily", "0.0003")];

/// Counted months, from January on.
const MONTHS: u16 = 5;

/// So many numbers meet everything there is to draw.
const DRAWN: u64 = 200;

/// Keys with values to draw from. Where a product cannot have one the draw is made again.
const CHOICES: &[(&str, &[&str])] = &[
    ("product.billing.due_after_days", &["1", "3", "7", "12", "20"]),
    ("product.billing.due_extra_days", &["[]", "[1]", "[0, 4]", "[0, 2, 5]", "[3, 1, 0]"]),
    ("product.billing.grace_days", &["0", "1", "5", "10"]),
    ("product.billing.minimum", &["0.02", "0.3", "1.0"]),
    ("product.billing.minimum_floor_yuan", &["0", "50", "1000"]),
    ("product.billing.debit_rounds", &["[\"07:00\", \"16:00\", \"19:00\"]"]),
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
    ("product.pricing.instalments", &["\"irr\"", "\"flat_fee\"", "\"equal_principal\""]),
    (
        "product.pricing.flat_fee",
        &["[0.01, 0.02, 0.03, 0.04]", "[0.04, 0.071, 0.102, 0.134]", "[0.05, 0.09, 0.13, 0.16]"],
    ),
    ("product.pricing.flat_fee_by_tier", &["[0.4, 0.6, 0.8, 1.0, 1.2]", "[1.0, 1.0, 1.0, 1.0, 1.0]"]),
    ("product.pricing.terms_offered", &["[true, false, false, false]", "[true, true, true, true]"]),
    ("product.pricing.penalty_daily", &["0.0", "0.0002", "0.0006"]),
    ("product.pricing.late_interest", &["\"surcharge\"", "\"published\""]),
    ("product.pricing.late_surcharge", &["0.0", "0.3", "0.5"]),
    ("product.pricing.first_period", &["\"days\"", "\"next_cycle\""]),
    ("product.pricing.refund_free_before_first_bill", &["true", "false"]),
    ("product.pricing.interest_from_day_one", &["true", "false"]),
    ("product.pricing.cap_annual", &["0.12", "0.2", "0.24", "0.36"]),
    ("product.pricing.cap_binds_open", &["true", "false"]),
    ("product.pricing.risk_based", &["true", "false"]),
    ("product.pricing.coupon", &["0.0", "0.5", "1.0"]),
];

/// A small scenario of a product with lines of policies.
fn scenario(product: &str, seed: u64, policies: &str) -> Result<Scenario, ScenarioErrors> {
    let text = format!(
        "name = \"changes\"\ntitle = \"Terms that change\"\nproduct = {product:?}\nusers = 300\ncell_users = 150\n\
         warmup_months = 4\nmonths = {MONTHS}\nstart = 2027-01-01\nseed = {seed}\nmodels = {:?}\n\
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

/// A change of terms: its first day, and keys with their values.
type Change = (Day, Vec<(&'static str, &'static str)>);

/// One to three keys that change on a day, and perhaps some more on a later one.
fn changes(draws: &mut Stream) -> Vec<Change> {
    let first = Day::from_ymd(2027, 1, 1).expect("a date");
    let last = Day::from_ymd(2027, MONTHS as i8 + 1, 1).expect("a date");
    let mut days: Vec<Day> =
        (0..=draws.below(2)).map(|_| first.plus(draws.below(last.since(first) as u32) as u16)).collect();
    days.sort_unstable();
    days.dedup();
    let keys_of = |draws: &mut Stream| {
        let mut keys: Vec<&(&str, &[&str])> = CHOICES.iter().collect();
        let count = 1 + draws.below(3);
        let drawn = |_| {
            let (key, values) = keys.remove(draws.below(keys.len() as u32) as usize);
            (*key, pick(draws, values))
        };
        (0..count).map(drawn).collect()
    };
    days.into_iter().map(|day| (day, keys_of(draws))).collect()
}

/// The changes as a world's policies.
fn policies(changes: &[Change]) -> String {
    let lines = |(day, keys): &Change| {
        let (highest, with) = if keys.contains(&LOW_CAP) { ("0.12", &BELOW_IT[..]) } else { ("0.24", &[][..]) };
        let with = with.iter().filter(|(key, _)| keys.iter().all(|(drawn, _)| drawn != key));
        let set: String = keys.iter().chain(with).map(|(key, value)| format!(", \"{key}\" = {value}")).collect();
        format!("[[worlds.policies]]\nfrom = {day}\nset = {{ \"{RANGE}\" = [0.0, {highest}]{set} }}\n")
    };
    changes.iter().map(lines).collect()
}

/// What a number draws.
struct Generated {
    product: String,
    changes: Vec<Change>,
    scenario: Scenario,
}

fn generated(number: u64) -> Generated {
    let mut draws = RunKey::new(number, 0).user(0).stream(Purpose::World);
    let products: Vec<String> = catalogue::models("products", None).into_iter().map(|row| row[0].clone()).collect();
    for _ in 0..200 {
        let product = products[draws.below(products.len() as u32) as usize].clone();
        let changes = changes(&mut draws);
        if let Ok(scenario) = scenario(&product, number, &policies(&changes)) {
            return Generated { product, changes, scenario };
        }
    }
    panic!("{number}: no product takes any of these changes")
}

#[test]
fn changes_are_drawn_of_all_keys_of_the_three_groups() {
    let in_groups = |key: &str| GROUPS.iter().any(|group| key.starts_with(group)) && key != RANGE;
    let keys = catalogue::keys();
    // The third column says when a change reaches what is open, or that there can be none.
    let changeable: BTreeSet<&str> =
        keys.iter().filter(|row| row[2] != "refused" && in_groups(&row[0])).map(|row| row[0].as_str()).collect();
    let drawn: BTreeSet<&str> = CHOICES.iter().map(|(key, _)| *key).collect();
    assert_eq!(drawn, changeable);
}

#[test]
fn every_value_product_and_day_of_a_month_is_met() {
    let (mut values, mut products, mut days) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for Generated { product, changes, .. } in (0..DRAWN).map(generated) {
        products.insert(product);
        for (day, set) in changes {
            days.insert(day.ymd());
            values.extend(set);
        }
    }
    let missing: Vec<_> = CHOICES
        .iter()
        .flat_map(|(key, of)| of.iter().map(|value| (*key, *value)))
        .filter(|choice| !values.contains(choice))
        .collect();
    assert!(missing.is_empty(), "never taken: {missing:?}");
    assert_eq!(products.len(), catalogue::models("products", None).len());
    let different = |of: fn(&(i16, i8, i8)) -> i8| days.iter().map(of).collect::<BTreeSet<_>>().len();
    assert_eq!((different(|day| day.1), different(|day| day.2)), (usize::from(MONTHS), 31));
}

#[test]
fn terms_that_change_leave_the_auditor_silent() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let first = number("YUEFU_TERMS_SEED");
    let count = number("YUEFU_TERMS_COUNT").unwrap_or(if first.is_some() { 1 } else { COUNT });
    let mut failed = Vec::new();
    for number in first.unwrap_or(0)..first.unwrap_or(0) + count {
        let Generated { product, changes, scenario } = generated(number);
        let findings = findings(&scenario);
        assert!(findings.requests > 1_000, "{number}: {findings}");
        if !findings.is_clean() {
            let again = format!("again: YUEFU_TERMS_SEED={number} cargo test terms_that_change");
            failed.push(format!("{number}: {product}\n{}{findings}\n{again}", policies(&changes)));
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
