//! A small run, watched: what is kept is what the engine did, and the answer hangs together.

use super::*;
use crate::base::time::Day;
use crate::sim::options::Silent;
use crate::testing::fixture;
use std::sync::atomic::AtomicBool;

fn trace(value_scale: i32, user: u32, defaults: bool) -> Trace {
    let mut trace = Trace::default();
    (trace.opened, trace.observed) = (Some(Day(9_000)), Some(Day(9_400)));
    let mut features = [0; FEATURES];
    features[0] = (user % 100) as i32 * value_scale;
    trace.features = Some(features);
    trace.first_91 = defaults.then_some(Day(9_500));
    trace
}

#[test]
fn an_outcome_counts_for_a_year_and_not_before() {
    let within = |day: u16| within_a_year(Day(100), Day(day));
    assert!(within(101) && within(465) && !within(100) && !within(466) && !within(99));
    let all = observed(&[trace(1, 0, true), Trace::default(), trace(1, 2, false)]);
    let labelled: Vec<(u32, bool)> = all.iter().map(|a| (a.user, a.defaults)).collect();
    assert_eq!(labelled, [(0, true), (2, false)]);
}

#[test]
fn deciles_of_a_scorecard_add_up_and_its_top_has_the_lift() {
    let mut card = Targeting::OFF;
    card.weights_milli[0] = 1_000;
    card.cuts_milli = std::array::from_fn(|i| 10_000 * (i as i32 + 1));
    let accounts: Vec<Observed> = (0..1_000)
        .map(|user| Observed {
            user,
            features: trace(1, user, false).features.expect("set"),
            value_fen: i64::from(user % 100) * 100,
            defaults: user % 100 < 10,
        })
        .collect();
    let unseen: Vec<&Observed> = accounts.iter().collect();
    let rows = deciles(&card, &unseen);
    assert_eq!(rows.iter().map(|d| d.users).sum::<u32>(), 1_000);
    assert_eq!((rows[0].default_share, rows[9].default_share), (1.0, 0.0));
    assert!((rows[9].value_yuan - 94.5).abs() < 1e-9 && (rows[9].lift - 94.5 / 49.5).abs() < 1e-9);
    let lift = top_lift(&card, &unseen, 1).expect("a lift");
    assert!((lift.value - rows[9].lift).abs() < 1e-9 && lift.low > 1.7 && lift.high < 2.1, "{lift:?}");
}

#[test]
fn a_run_that_is_too_short_says_so() {
    let cancel = AtomicBool::new(false);
    let manner = Manner { workers: 1, progress: &Silent, cancel: &cancel, auditor: None, warm: None };
    assert!(matches!(run(&fixture::scenario(100), &manner), Err(ScoringError::TooShort(12))));
}

/// The engine itself says who was late and how many accounts were opened.
#[test]
fn the_watch_sees_what_the_engine_counts() {
    let mut scenario = fixture::scenario(400);
    (scenario.warmup_months, scenario.months, scenario.cell_users) = (1, 8, 200);
    scenario.warmup_economy.months.truncate(1);
    let calendar = run_calendar(&scenario);
    let bill_days = &scenario.base.terms.billing.bill_days;
    let mut observer = Observer::new(scenario.start, calendar.months(7, 8)[0].day, bill_days, 2, 2);
    let cancel = AtomicBool::new(false);
    let manner = Manner { workers: 2, progress: &Silent, cancel: &cancel, auditor: Some(&observer), warm: None };
    let record = run_scenario(&scenario, &manner).expect("not interrupted");
    for (position, world) in record.worlds.iter().enumerate() {
        let traces = observer.take_world(position);
        assert_eq!(traces.len(), 400);
        let opened: i64 = world.vintages.iter().map(|v| v.opened).sum();
        let seen = traces.iter().filter(|t| t.opened.is_some()).count() as i64;
        assert!(
            seen <= opened && seen * 100 >= opened * 97,
            "{seen} of {opened}: only who comes back is counted twice"
        );
        assert!(traces.iter().all(|t| t.opened.is_none() || t.application.is_some()));
        let late: i64 = world.vintages.iter().flat_map(|v| &v.first_30_plus).sum();
        let seen = traces.iter().filter(|t| t.first_31.is_some()).count() as i64;
        assert!(seen <= late && seen * 2 >= late, "{seen} people in {late} spells");
        let shown: Vec<&Trace> = traces.iter().filter(|t| t.features.is_some()).collect();
        assert!(!shown.is_empty() && shown.iter().any(|t| t.value_fen() > 0));
        assert!(shown.iter().all(|t| t.observed >= Some(calendar.months(6, 7)[0].day)));
    }
}
