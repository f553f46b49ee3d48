//! Why two worlds' capacities differ: the parts of the difference add up, and no reason is made up.

use super::*;

fn operation(name: &str, share: f64, service_ns_mean: f64) -> OperationFigures {
    OperationFigures { operation: name.to_owned(), share, service_ns_mean }
}

fn searched(world: &str, rate: f64, cpu_ns_per_decision: f64, operations: Vec<OperationFigures>) -> CapacityRecord {
    let figures = WorldFigures {
        approval_rate: Some(0.9),
        service_ns_mean: operations.iter().map(|of| of.share * of.service_ns_mean).sum(),
        cpu_ns_per_decision,
        operations,
        account_rate: 0.001,
        ..WorldFigures::default()
    };
    CapacityRecord {
        world: world.to_owned(),
        carried_rate: Some(rate),
        active_customers: Some(rate / 0.001),
        figures: Some(figures),
        limited_by: "p99 was 8 ms, not below 5 ms".to_owned(),
        ..CapacityRecord::default()
    }
}

fn usual() -> CapacityRecord {
    searched(
        "baseline",
        100_000.0,
        3_000.0,
        vec![operation("authorise", 0.6, 1_000.0), operation("repay", 0.4, 2_000.0)],
    )
}

#[test]
fn a_change_of_service_time_is_split_without_a_rest() {
    let (from, to) = (
        [operation("authorise", 0.6, 1_000.0), operation("repay", 0.4, 2_000.0)],
        [operation("authorise", 0.5, 1_100.0), operation("repay", 0.3, 2_000.0), operation("service", 0.2, 5_000.0)],
    );
    let time = service_time(&from, &to);
    assert!((time.from_ns - 1_400.0).abs() < 1e-9 && (time.to_ns - 2_150.0).abs() < 1e-9, "{time:?}");
    assert!((time.mix_ns + time.operations_ns - 750.0).abs() < 1e-9, "{time:?}");
    // Only the time of authorising changed, by 100 ns at a mean share of 0.55.
    assert!((time.operations_ns - 55.0).abs() < 1e-9, "{time:?}");
}

#[test]
fn a_dearer_mix_is_named_as_the_reason() {
    let severe = searched(
        "severe",
        80_000.0,
        3_750.0,
        vec![operation("authorise", 0.1, 1_000.0), operation("repay", 0.9, 2_050.0)],
    );
    let difference = WorldDifference::of(&usual(), &severe);
    assert!(difference.told_apart && !difference.lower_bound);
    assert!((difference.rate_change.expect("both") + 0.2).abs() < 1e-12);
    expect_test::expect!["a decision costs the service's threads 3750 ns of CPU, against 3000 ns, which alone makes −20.0 % (mostly +512 ns the mix of operations, +205 ns messages, queues and the close of days, +32 ns the same operations taking another time), repay being 90.0 % of the decisions against 40.0 %; of drawings 90.0 % are approved against 90.0 %, of principal – is 30 or more days past due against –, and a thousand requests bring 0.0 statements against 0.0; in customers −20.0 %; a live account asks for 3.60 requests in that hour, against 3.60"]
    .assert_eq(&difference.reason);
}

#[test]
fn slower_operations_and_cheaper_ones_are_told_from_the_mix() {
    let slow = vec![operation("authorise", 0.6, 1_500.0), operation("repay", 0.4, 3_000.0)];
    let slower = WorldDifference::of(&usual(), &searched("severe", 80_000.0, 3_750.0, slow));
    assert!(slower.reason.contains("mostly +700 ns the same operations"), "{}", slower.reason);
    // The other way round, the largest saving is the reason, not the largest number.
    let quick = vec![operation("authorise", 0.6, 500.0), operation("repay", 0.4, 1_000.0)];
    let quicker = WorldDifference::of(&usual(), &searched("mild", 125_000.0, 2_400.0, quick));
    assert!(quicker.reason.contains("alone makes +25.0 % (mostly −700 ns the same operations"), "{}", quicker.reason);
}

#[test]
fn no_reason_is_given_for_no_difference_or_an_unknown_one() {
    let operations = || usual().figures.expect("some").operations;
    let near = WorldDifference::of(&usual(), &searched("severe", 95_000.0, 3_200.0, operations()));
    assert!(!near.told_apart && near.reason.starts_with("none in rate"), "{}", near.reason);
    // The cost went down and so did the rate: not the reason.
    let odd = WorldDifference::of(&usual(), &searched("severe", 70_000.0, 2_500.0, operations()));
    assert!(odd.told_apart && odd.reason.contains("does not explain it"), "{}", odd.reason);
    let mut bound = searched("severe", 50_000.0, 6_000.0, operations());
    (bound.at_least, bound.limited_by) = (true, "the generator was late".to_owned());
    let unknown = WorldDifference::of(&usual(), &bound);
    assert!(!unknown.told_apart && unknown.lower_bound, "{unknown:?}");
    assert!(unknown.reason.contains("lower bound") && unknown.reason.contains("the generator was late"));
    // What a decision costs is known all the same, and where the probes tell it apart, so is what that means.
    let demand = |ns: f64, full: f64| {
        let estimate = |value: f64| Estimate { value, low: value * 0.98, high: value * 1.02 };
        Some(ServiceDemand { full_rate: estimate(full), cpu_ns_per_decision: estimate(ns), ..ServiceDemand::default() })
    };
    let at = |ns, full, of: &CapacityRecord| CapacityRecord { demand: demand(ns, full), ..of.clone() };
    let dearer = WorldDifference::of(&at(3_000.0, 300_000.0, &usual()), &at(6_000.0, 150_000.0, &bound)).reason;
    assert!(dearer.contains("6000 ns (5880 to 6120) against 3000 ns"), "{dearer}");
    assert!(dearer.contains("differs by −50.0 %") && dearer.contains("mostly"), "{dearer}");
    let same = WorldDifference::of(&at(3_000.0, 300_000.0, &usual()), &at(3_030.0, 297_000.0, &bound)).reason;
    assert!(same.contains("as much in both"), "{same}");
    let nothing = CapacityRecord { carried_rate: None, figures: None, ..bound };
    let none = WorldDifference::of(&usual(), &nothing);
    assert_eq!((none.rate_change, none.told_apart), (None, false));
    assert!(none.reason.starts_with("severe carries no rate"), "{}", none.reason);
}

#[test]
fn the_first_world_is_the_measure_of_all_others() {
    let worlds =
        [usual(), searched("mild", 90_000.0, 3_300.0, Vec::new()), searched("severe", 1.0, 3_300.0, Vec::new())];
    let all = WorldDifference::all(&worlds);
    assert_eq!(
        all.iter().map(|of| (of.world.as_str(), of.against.as_str())).collect::<Vec<_>>(),
        [("mild", "baseline"), ("severe", "baseline")]
    );
    assert!(WorldDifference::all(&worlds[..1]).is_empty() && WorldDifference::all(&[]).is_empty());
}
