//! A small analysis over the engine, from a scenario with its models to the record.

use super::*;
use crate::results::suite::Sensitivity;
use crate::scenario::{Overrides, read_scenario};
use std::path::Path;

const SCENARIO: &str = r#"name = "small"
title = "Some assumptions of a small world"
product = "douyin-monthly-pay"
users = 300
cell_users = 150
warmup_months = 0
months = 1
start = 2027-01-01
seed = 5

[suite]
replications = 2
outcomes = ["captured_yuan", "application_approval_rate"]
paths = [{ name = "base", economy = "base" }]
policies = [{ name = "present" }]

[suite.sensitivity]
span = 0.5
replications = 2
trajectories = 3
users = 250
ranges = { "product.collections.hardship_dpd" = [1.0, 1.2], "product.collections.writeoff_dpd" = [150, 200] }
only = [
    "behaviour.buy.demand_per_month",
    "product.origination.pd_cutoff",
    "product.collections.sale_after_days",
    "product.collections.hardship_dpd",
    "product.collections.writeoff_dpd",
    "economy.base.rise_months",
]
"#;

fn scenario() -> Scenario {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("small.toml");
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("models").display().to_string();
    std::fs::write(&path, format!("models = {models:?}\n{SCENARIO}")).expect("a file");
    read_scenario(&path, &Overrides::default()).unwrap_or_else(|errors| panic!("{errors}"))
}

#[track_caller]
fn of<'a>(s: &'a Sensitivity, key: &str) -> &'a crate::results::suite::ParameterEffect {
    s.parameters.iter().find(|p| p.key == key).unwrap_or_else(|| panic!("{key} in {:#?}", s.unmoved))
}

#[test]
fn the_assumptions_that_matter_are_named_and_the_others_told() {
    let scenario = scenario();
    let (kept, stopped) = (area(), area());
    let record = whole(&scenario, 2, &kept.area);
    let s = record.sensitivity.as_ref().expect("an analysis");
    assert_eq!((s.users, s.replications, s.trajectories, s.given_up), (250, 2, 3, 0));
    // A flat path rises in any number of months to where it is; what is sold after a year is not reached in a month.
    let reason = |key: &str| s.unmoved.iter().find(|u| u.key == key).map(|u| u.reason.as_str());
    assert_eq!(reason("economy.base.rise_months"), Some("no world changes between 1 and 2"));
    assert_eq!(reason("behaviour.repay.forget"), Some("left out by the scenario"));
    let demand = of(s, "behaviour.buy.demand_per_month");
    let [low, high] = [demand.effects[0].low, demand.effects[0].high].map(|end| end.expect("it goes there").value);
    assert!(low < 0.0 && high > 0.0, "more wishes, more sold: {demand:?}");
    assert!((demand.effects[0].swing() - (high - low)).abs() < 1e-9);
    let elementary = demand.effects[0].elementary.clone().expect("three trajectories");
    assert!(elementary.mean > 0.0 && (elementary.mean - elementary.size.value).abs() < 1e-9, "{elementary:?}");
    let cutoff = &of(s, "product.origination.pd_cutoff").effects[1];
    assert!(cutoff.low.is_some_and(|e| e.value < 0.0) && cutoff.high.is_some_and(|e| e.value > 0.0), "{cutoff:?}");
    // Claims are sold long after the end: that number changes the rules and nothing that is observed.
    let sale = of(s, "product.collections.sale_after_days");
    assert!(sale.effects.iter().all(|e| e.swing() == 0.0), "{sale:?}");
    assert!(sale.effects[0].elementary.as_ref().is_some_and(|e| e.size.value == 0.0 && e.deviation.value == 0.0));
    // Who gets in and what they want: both lead, by either way of looking, and what does nothing is not among the first.
    let leading = ["behaviour.buy.demand_per_month", "product.origination.pd_cutoff"];
    assert!(s.parameters[..2].iter().all(|p| leading.contains(&p.key.as_str())), "{:?}", s.parameters);
    assert!(s.by_swing(0)[..2].iter().all(|p| leading.contains(&p.key.as_str())));
    assert_eq!((s.parameters[0].named_share, sale.named_share), (Some(1.0), Some(0.0)));
    // Help offered later and write-off earlier break a rule together; such ways are drawn anew, and it is said.
    assert!(s.redrawn > 0 && s.broken_rules.iter().all(|rule| rule.contains("hardship_dpd")), "{:?}", s.broken_rules);

    // Interrupted and gone on with, on one worker and from the resolved text alone.
    let resolved = crate::scenario::from_resolved_toml(&scenario.resolved_toml).unwrap_or_else(|e| panic!("{e}"));
    let cancel = AtomicBool::new(false);
    let plug = Plug { days: AtomicUsize::new(0), most: 400, cancel: &cancel };
    let outcome = run(&resolved, &manner(2, &plug, &cancel), &stopped.area);
    assert!(matches!(outcome, Err(SuiteError::Interrupted)));
    assert!(stopped.kept() > 2, "{} kept", stopped.kept());
    let second = whole(&resolved, 1, &stopped.area);
    assert_eq!(suite_hash(&second), suite_hash(&record));
    assert_eq!(second.sensitivity, record.sensitivity);
    // Everything is kept: nothing runs a second time.
    let cancel = AtomicBool::new(false);
    let counter = Plug { days: AtomicUsize::new(0), most: usize::MAX, cancel: &cancel };
    let third = run(&scenario, &manner(2, &counter, &cancel), &kept.area).expect("not interrupted");
    assert_eq!(counter.days.load(Ordering::Relaxed), 0);
    assert_eq!(third.sensitivity, record.sensitivity);
}
