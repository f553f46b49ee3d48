//! The search against made-up services of known capacity: found, bracketed, and never blamed for the generator.

use super::*;
use crate::base::money::Ppm;
use crate::base::random::{Purpose as Draws, RunKey, Stream};
use crate::experiment::scalability;

const MS: u64 = 1_000_000;

const PLAN: CapacityPlan = CapacityPlan {
    quantile: 0.99,
    below_ns: 5 * MS,
    error_rate: Ppm(1_000),
    approval_band: Ppm(20_000),
    start_rate: 1_000.0,
    growth: 2.0,
    precision: 0.04,
    probe_ms: 3_000,
    repeats: 3,
    confirm_ms: 20_000,
};

/// A service that carries `capacity` requests a second: latency is that of one queue, and past capacity it is the backlog.
fn service(capacity: f64, rate: f64, wall_ms: u64) -> Probe {
    let busy = rate / capacity;
    // 4.6 mean times of a queue whose server takes 1 / capacity, at p99; ends at the objective just below capacity.
    let backlog_ms = (busy - 1.0).max(0.0) * wall_ms as f64;
    let latency_ms = 0.2 / (1.0 - busy).max(1e-2) + backlog_ms;
    let shed = if busy > 1.2 { 1.0 - 1.2 / busy } else { 0.0 };
    Probe {
        rate,
        offered_per_s: rate,
        decided_per_s: rate.min(capacity),
        counted_s: wall_ms as f64 / 1e3 - 2.0,
        backlog_growth_per_s: Some((rate * (1.0 - shed) - capacity).max(0.0)),
        p50_ns: Some((latency_ms * 0.3 * 1e6) as u64),
        latency_ns: Some((latency_ms * 1e6) as u64),
        samples: (rate * wall_ms as f64 / 1e3) as u64,
        error_share: Some(shed),
        approval_rate: Some(0.7),
        approval_of_days: Some(0.7),
        virtual_approval_of_days: Some(0.7),
        ledger_balanced: true,
        late_seconds: 0,
        invalid: Vec::new(),
        figures: WorldFigures { service_ns_mean: rate, ..WorldFigures::default() },
    }
}

/// The rate at which the latency of [`service`] reaches the objective.
const fn carried_by(capacity: f64) -> f64 {
    capacity * (1.0 - 0.2 / 5.0)
}

/// The search, whose run must be that of the probe that stands for the answer, or the last one when nothing was carried.
fn searched(plan: &CapacityPlan, mut service: impl FnMut(f64, u64) -> Probe) -> Capacity {
    let Found { capacity, run } = search(plan, 0.05, &mut |rate, wall_ms| {
        Ok::<_, ()>(Probed { probe: service(rate, wall_ms), run: (rate, wall_ms) })
    })
    .expect("no probe failed to run");
    let stands =
        |tried: &&Tried| capacity.rate.is_none_or(|rate| tried.probe.rate == rate && tried.verdict == Verdict::Carried);
    let standing = capacity.probes.iter().rev().find(stands).expect("a probe was made");
    assert_eq!(run, Some((standing.probe.rate, standing.wall_ms)));
    capacity
}

fn count(found: &Capacity, purpose: Purpose) -> usize {
    found.probes.iter().filter(|tried| tried.purpose == purpose).count()
}

#[test]
fn a_planted_capacity_is_found_within_the_precision() {
    for planted in [1_300.0, 10_000.0, 87_654.0, 400.0] {
        let found = searched(&PLAN, |rate, ms| service(planted, rate, ms));
        let (rate, broken) = (found.rate.expect("carried"), found.broken_rate.expect("it breaks"));
        let truth = carried_by(planted);
        assert!(rate <= truth && truth <= broken, "{rate} {truth} {broken}");
        assert!((broken - rate) / rate < 0.05, "{rate} {broken}");
        assert_eq!((found.at_least, found.confirmed), (false, Some(true)));
        assert!((found.active_customers.expect("customers") - rate / 0.05).abs() < 1e-6);
        assert!(found.limited_by.contains("not below 5 ms"), "{}", found.limited_by);
        assert!(found.probes.len() < 25, "{}", found.probes.len());
        // Both ends were asked as often as the plan says.
        for end in [rate, broken] {
            assert!(found.probes.iter().filter(|tried| tried.probe.rate == end).count() >= 3, "{found:?}");
        }
    }
}

/// A service of two threads of which a decision takes 2 µs (more while they are woken for each): they are full at a million.
#[test]
fn where_the_generator_ends_the_search_the_service_is_known_by_its_cpu() {
    let generator = 300_000.0;
    let cost = |rate: f64| 2_000.0 + if rate < 50_000.0 { 3_000.0 } else { 10.0 * libm::sin(rate / 40_000.0) };
    let probe = |rate: f64, ms| {
        let mut probe = service(2_000_000.0, rate, ms);
        probe.figures = WorldFigures { cpu_ns_per_decision: cost(rate), service_threads: 2, ..WorldFigures::default() };
        if rate > generator {
            probe.invalid = vec!["late".to_owned()];
        }
        probe
    };
    let found = searched(&PLAN, probe);
    assert!(found.at_least, "{found:?}");
    let demand = found.record("baseline", &PLAN, None).demand.expect("enough probes");
    let (rate, full) = (found.rate.expect("carried"), demand.full_rate);
    assert!((full.value / 1e6 - 1.0).abs() < 0.01 && full.low < full.value && full.value < full.high, "{demand:?}");
    assert!((demand.busy_share.value - rate / full.value).abs() < 1e-9 && demand.threads == 2, "{demand:?}");
    assert!((demand.cpu_ns_per_decision.value - 2_000.0).abs() < 11.0, "low rates are left out: {demand:?}");
    // Where people live on the service's threads, nobody tells their CPU apart.
    let shared = searched(&PLAN, |rate, ms| service(10_000.0, rate, ms));
    assert_eq!(shared.demand(), None);
}

#[test]
fn probes_say_what_they_were_for_and_how_long() {
    let found = searched(&PLAN, |rate, ms| service(10_000.0, rate, ms));
    let purposes: Vec<&str> = found.probes.iter().map(|tried| tried.purpose.name()).collect();
    assert_eq!(purposes[..6], ["grow", "grow", "grow", "grow", "grow", "boundary"], "{purposes:?}");
    assert!(count(&found, Purpose::Bisecting) >= 3 && purposes.last() == Some(&"confirm"), "{purposes:?}");
    for tried in &found.probes {
        assert_eq!(tried.wall_ms, if tried.purpose == Purpose::Confirm { 20_000 } else { 3_000 });
    }
    let record = found.record("baseline", &PLAN, None);
    assert_eq!((record.probes.len(), record.carried_rate), (purposes.len(), found.rate));
    let failed = &record.probes[4];
    assert!(
        failed.verdict == ProbeVerdict::Broken
            && failed.rate == 16_000.0
            && failed.phase == "grow"
            && failed.seconds == 3.0
    );
    assert_eq!(failed.reasons.len(), 3, "{:?}", failed.reasons);
    assert!(failed.reasons[0].starts_with("p99 was 1.82 s, not below 5 ms"), "{:?}", failed.reasons);
    assert_eq!(failed.reasons[1], "25 % of the requests got no decision; 0.1 % is borne");
    assert_eq!(
        failed.reasons[2],
        "the service falls behind: 10000/s decided of 16000/s offered, a backlog that grows by 2000/s"
    );
    assert_eq!(record.probes[0].reasons, Vec::<String>::new());
    assert!(record.objective.starts_with("p99 below 5 ms, at most 0.1 % of the requests"), "{}", record.objective);
}

/// Capacity that wanders by 3% from probe to probe, and one probe in twelve spoiled by something else on the machine.
fn noisy(seed: u64, planted: f64) -> impl FnMut(f64, u64) -> Probe {
    let mut draws: Stream = RunKey::new(seed, 0).stream(0, Draws::Resample);
    move |rate, ms| {
        let now = planted * (1.0 + 0.06 * (draws.unit() - 0.5));
        let mut probe = service(now, rate, ms);
        // A stray stall is short: it drowns in the longer run.
        if draws.unit() < 1.0 / 12.0 && ms < 10_000 {
            probe.latency_ns = Some(30 * MS);
        }
        probe
    }
}

#[test]
fn three_noisy_searches_agree_within_ten_percent() {
    for group in 0..10 {
        let rates: Vec<f64> =
            (0..3).map(|i| searched(&PLAN, noisy(3 * group + i, 50_000.0)).rate.expect("carried")).collect();
        let (least, most) = (rates.iter().copied().fold(f64::MAX, f64::min), rates.iter().copied().fold(0.0, f64::max));
        assert!((most - least) / least < 0.10, "group {group}: {rates:?}");
        assert!(least > 0.88 * carried_by(50_000.0) && most < 1.05 * carried_by(50_000.0), "{rates:?}");
    }
}

#[test]
fn one_stray_failure_does_not_cut_the_search_short() {
    // The second growing probe and the first bisecting one fail for no reason of load.
    let mut made = 0;
    let found = searched(&PLAN, |rate, ms| {
        made += 1;
        let mut probe = service(10_000.0, rate, ms);
        if made == 2 || made == 8 {
            probe.latency_ns = Some(80 * MS);
        }
        probe
    });
    let rate = found.rate.expect("carried");
    assert!(rate <= carried_by(10_000.0) && rate > 0.95 * carried_by(10_000.0), "{rate} {:?}", found.probes);
    // With one probe a rate, nobody is overruled.
    let hasty = CapacityPlan { repeats: 1, ..PLAN };
    let mut made = 0;
    let cut = searched(&hasty, |rate, ms| {
        made += 1;
        Probe { latency_ns: Some(if made == 2 { 80 * MS } else { MS }), ..service(10_000.0, rate, ms) }
    });
    assert!(cut.rate.expect("carried") < 2_000.0, "{cut:?}");
}

#[test]
fn a_hole_in_the_middle_counts_as_the_boundary() {
    // Not monotone: 3,000 to 5,000 a second fail every time, above it all is well again to 10,000.
    let found = searched(&PLAN, |rate, ms| service(if (3e3..5e3).contains(&rate) { 2_900.0 } else { 1e4 }, rate, ms));
    let rate = found.rate.expect("carried");
    assert!(rate < 3_000.0 && rate > 2_850.0, "{rate}");
}

#[test]
fn a_service_that_never_fails_gives_a_lower_bound() {
    let found = searched(&PLAN, |rate, ms| service(f64::INFINITY, rate, ms));
    assert!(found.at_least && found.broken_rate.is_none() && found.rate > Some(1e9));
    assert_eq!(found.limited_by, "nothing that the probes reached");
    assert_eq!(count(&found, Purpose::Growing), GROWING_MAX);
}

#[test]
fn a_saturated_generator_is_no_evidence_about_the_service() {
    let limit = 12_345.0;
    let found = searched(&PLAN, |rate, ms| {
        let mut probe = service(50_000.0, rate, ms);
        if rate > limit {
            probe.invalid = vec!["the generator's thread was busy all the time".to_owned()];
            probe.latency_ns = Some(900 * MS);
        }
        probe
    });
    let rate = found.rate.expect("carried");
    assert!(found.at_least && found.broken_rate.is_none() && rate <= limit && rate > 0.95 * limit, "{found:?}");
    assert_eq!(found.limited_by, "the generator's thread was busy all the time");
    assert!(found.throughput().iter().all(|point| point.load <= limit));
    // A generator that does not offer what was asked for is found out without its saying so.
    let shy = searched(&PLAN, |rate, ms| Probe { offered_per_s: rate.min(limit), ..service(50_000.0, rate, ms) });
    assert!(shy.at_least && shy.rate.expect("carried") < limit * 1.07, "{shy:?}");
    assert!(shy.limited_by.contains("were asked for"), "{}", shy.limited_by);
}

/// A machine whose other guests spoil every third probe: what is left of them decides.
#[test]
fn a_generator_that_gives_way_now_and_then_is_asked_again() {
    let limit = 12_345.0;
    for seed in 0..12 {
        let mut draws: Stream = RunKey::new(seed, 0).stream(0, Draws::Resample);
        let found = searched(&PLAN, |rate, ms| {
            let mut probe = service(50_000.0, rate, ms);
            if rate > limit || draws.unit() < 1.0 / 3.0 {
                probe.invalid = vec!["late".to_owned()];
            }
            probe
        });
        let rate = found.rate.expect("carried");
        assert!(found.at_least && rate <= limit && rate > 0.9 * limit, "seed {seed}: {rate} of {limit}");
        assert_eq!(found.confirmed, Some(true), "seed {seed}");
    }
}

#[test]
fn approvals_that_leave_the_band_are_the_boundary() {
    // Quick answers, but more and more of them no.
    let found = searched(&PLAN, |rate, ms| Probe {
        approval_of_days: Some(if rate > 6_000.0 { 0.66 } else { 0.70 }),
        ..service(1e6, rate, ms)
    });
    let rate = found.rate.expect("carried");
    assert!(rate <= 6_000.0 && rate > 5_700.0, "{rate}");
    assert_eq!(
        found.limited_by,
        "approval rate of closed days was 66 %, 4 % away from the 70 % on the virtual clock; 2 % is allowed"
    );
}

#[test]
fn an_unbalanced_ledger_is_the_boundary_under_any_generator() {
    for invalid in [Vec::new(), vec!["saturated".to_owned()]] {
        let found = searched(&PLAN, |rate, ms| Probe {
            ledger_balanced: rate < 3_000.0,
            invalid: if rate < 3_000.0 { Vec::new() } else { invalid.clone() },
            ..service(1e6, rate, ms)
        });
        assert!(found.rate.is_some_and(|rate| rate < 3_000.0 && rate > 2_850.0) && !found.at_least, "{found:?}");
        assert_eq!(found.limited_by, "the ledger does not balance");
    }
}

#[test]
fn a_service_that_carries_nothing_says_so() {
    let found = searched(&PLAN, |rate, ms| Probe { ledger_balanced: false, ..service(1e6, rate, ms) });
    assert_eq!((found.rate, found.confirmed, found.active_customers, found.at_least), (None, None, None, false));
    assert!(found.broken_rate.expect("it broke") < 1.0);
    assert_eq!((found.limited_by.as_str(), found.figures), ("the ledger does not balance", None));
}

#[test]
fn too_few_samples_are_no_boundary() {
    let found = searched(&PLAN, |rate, ms| {
        let probe = service(50_000.0, rate, ms);
        Probe { latency_ns: probe.latency_ns.filter(|_| rate > 3_000.0), ..probe }
    });
    assert_eq!(
        found.probes[0].verdict,
        Verdict::TooFew(vec!["3000 latencies are too few to know p99: a longer probe knows it".to_owned()])
    );
    assert!(found.rate.expect("carried") > 0.95 * carried_by(50_000.0), "{found:?}");
    let never = searched(&PLAN, |rate, ms| Probe { latency_ns: None, ..service(f64::INFINITY, rate, ms) });
    assert_eq!((never.rate, never.broken_rate), (None, None));
    assert!(never.limited_by.contains("latencies are too few to know p99"), "{}", never.limited_by);
}

/// The start is too much, and what is less is too little to judge: going on downwards would only cost time.
#[test]
fn shrinking_ends_where_samples_get_too_few() {
    let found = searched(&PLAN, |rate, ms| {
        let probe = service(700.0, rate, ms);
        Probe { latency_ns: probe.latency_ns.filter(|_| rate > 600.0), ..probe }
    });
    assert_eq!((found.rate, found.broken_rate), (None, Some(1_000.0)));
    assert!(found.probes.len() <= 4 && found.limited_by.contains("not below 5 ms"), "{found:?}");
}

#[test]
fn a_longer_run_that_fails_moves_the_rate_back() {
    // What short probes carry for a while is 8% more than what holds.
    let steady = carried_by(10_000.0) * 0.92;
    let found = searched(&PLAN, |rate, ms| {
        let mut probe = service(10_000.0, rate, ms);
        if ms > 10_000 && rate > steady {
            probe.latency_ns = Some(9 * MS);
        }
        probe
    });
    let (rate, broken) = (found.rate.expect("carried"), found.broken_rate.expect("broken"));
    assert!(rate <= steady && broken > steady && rate > 0.95 * steady, "{rate} {broken} {steady}");
    assert!((rate / broken - 0.96).abs() < 1e-9 && found.confirmed == Some(true));
    assert!(found.limited_by.contains("9 ms"), "{}", found.limited_by);
    // Far below what short probes carry: steps grow on the way down, and the way up ends within a step of what holds.
    let far = searched(&PLAN, |rate, ms| {
        let mut probe = service(10_000.0, rate, ms);
        if ms > 10_000 && rate > 0.6 * steady {
            probe.latency_ns = Some(9 * MS);
        }
        probe
    });
    let rate = far.rate.expect("carried");
    assert!(far.confirmed == Some(true) && rate <= 0.6 * steady && rate > 0.57 * steady, "{rate} {steady}");
    // One that never holds: a few times, then it is said.
    let never = searched(&PLAN, |rate, ms| Probe { ledger_balanced: ms < 10_000, ..service(10_000.0, rate, ms) });
    assert_eq!((never.confirmed, count(&never, Purpose::Confirm)), (Some(false), 12));
    assert_eq!(never.limited_by, "in a longer run: the ledger does not balance");
    assert!(never.rate < never.broken_rate);
}

#[test]
fn a_longer_run_that_measured_its_generator_is_made_again() {
    let search = |spoiled: usize| {
        let mut made = 0;
        searched(&PLAN, |rate, ms| {
            made += usize::from(ms > 10_000);
            let invalid = if ms > 10_000 && made <= spoiled { vec!["lag".to_owned()] } else { Vec::new() };
            Probe { invalid, ..service(10_000.0, rate, ms) }
        })
    };
    let (clean, once, always) = (search(0), search(1), search(usize::MAX));
    assert_eq!((once.rate, once.confirmed, count(&once, Purpose::Confirm)), (clean.rate, Some(true), 2));
    assert_eq!((always.rate, always.confirmed, count(&always, Purpose::Confirm)), (clean.rate, None, 12));
    assert_eq!(always.limited_by, "the longer run says nothing: lag");
    assert!(!always.at_least, "short probes found where the service ends");
    // Three times at one rate, then lower; what holds there is a lower bound, whatever short probes say of higher rates.
    let lower = search(4);
    let (rate, found) = (lower.rate.expect("carried"), clean.rate.expect("carried"));
    assert_eq!((lower.confirmed, lower.at_least, count(&lower, Purpose::Confirm)), (Some(true), true, 5));
    assert!((rate - found * (1.0 - PLAN.precision)).abs() < 1e-9, "{rate} {found}");
    assert_eq!(lower.limited_by, "the longer run says nothing of a higher rate: lag");
    // After a larger step down it goes half-way up again.
    let far = search(7);
    let rate = far.rate.expect("carried");
    let steps = (1.0 - PLAN.precision) * (1.0 - PLAN.precision);
    assert!(
        far.confirmed == Some(true) && far.at_least && rate >= found * steps * 0.9 && rate < found,
        "{rate} {found}"
    );
}

#[test]
fn an_error_of_a_probe_ends_the_search() {
    let mut made = 0;
    let ended = search(&PLAN, 1.0, &mut |rate, ms| {
        made += 1;
        if made == 3 { Err("the world is gone") } else { Ok(Probed { probe: service(1e6, rate, ms), run: () }) }
    });
    assert_eq!((ended.err(), made), (Some("the world is gone"), 3));
}

#[test]
fn a_service_without_any_boundary_ends_too() {
    // Luck alone decides: the search must not run for ever, whatever it says.
    for seed in 0..20 {
        let mut draws = RunKey::new(seed, 0).stream(0, Draws::Resample);
        let found = searched(&CapacityPlan { precision: 0.0, ..PLAN }, |rate, ms| Probe {
            latency_ns: Some(if draws.unit() < 0.5 { MS } else { 9 * MS }),
            ..service(1e9, rate, ms)
        });
        assert!(found.probes.len() <= PROBES_MAX + 4, "{}", found.probes.len());
    }
}

#[test]
fn the_law_goes_through_the_probes_of_a_search() {
    let law = scalability::Law { lambda: 1.0, sigma: 1e-5, kappa: 1e-10 };
    let found = searched(&CapacityPlan { growth: 1.5, ..PLAN }, |rate, ms| Probe {
        decided_per_s: law.throughput(rate),
        error_share: Some(0.0),
        ..service(60_000.0, rate, ms)
    });
    let fitted = scalability::fit(&found.throughput(), 1).expect("enough probes");
    assert!((fitted.law.sigma - 1e-5).abs() < 1e-8 && (fitted.law.kappa - 1e-10).abs() < 1e-13, "{fitted:?}");
    let record = found.record("baseline", &PLAN, Some(fitted.record()));
    assert_eq!(record.law.expect("a law").extrapolated_from, fitted.load_max);
}

/// Latency may look well while work piles up, since only what was answered has one.
#[test]
fn a_service_that_falls_behind_is_broken_however_quick_its_answers() {
    let carries = 8_000.0;
    let found = searched(&PLAN, |rate, ms| Probe {
        decided_per_s: rate.min(carries),
        backlog_growth_per_s: Some((rate - carries).max(0.0)),
        ..service(1e6, rate, ms)
    });
    let rate = found.rate.expect("carried");
    // A hundredth of the load may pile up in a probe, and what is under way within 5 ms.
    assert!(rate > 0.95 * carries && rate < 1.02 * carries, "{rate}");
    assert!(found.limited_by.starts_with("the service falls behind: 8000/s decided of "), "{}", found.limited_by);
    // Who cannot see the backlog does not judge it.
    let blind = searched(&PLAN, |rate, ms| Probe { backlog_growth_per_s: None, ..service(1e4, rate, ms) });
    assert!(blind.rate.expect("carried") > 0.95 * carried_by(1e4));
}

/// More load lives through more days, and their approval rate is another: no fault of the service. Where nobody knows what it
/// should be, it is no clause.
#[test]
fn approvals_are_measured_by_what_the_same_days_deserve() {
    for known in [true, false] {
        let found = searched(&PLAN, |rate, ms| {
            let deserved = 0.6 + rate * ms as f64 / 1e9;
            let virtual_approval_of_days = known.then_some(deserved);
            Probe { approval_of_days: Some(deserved + 0.01), virtual_approval_of_days, ..service(10_000.0, rate, ms) }
        });
        assert!(found.rate.expect("carried") > 0.95 * carried_by(10_000.0), "{found:?}");
        assert_eq!(found.confirmed, Some(true));
    }
}

#[test]
fn customers_and_figures_are_those_of_the_probe_that_stands_for_the_answer() {
    // Half as many requests again follow from those that people start.
    let found = searched(&PLAN, |rate, ms| Probe { offered_per_s: 1.5 * rate, ..service(10_000.0, rate, ms) });
    let rate = found.rate.expect("carried");
    assert!((found.active_customers.expect("some") - 1.5 * rate / 0.05).abs() < 1e-6);
    assert_eq!(found.figures.as_ref().map(|figures| figures.service_ns_mean), Some(rate));
    let record = found.record("baseline", &PLAN, None);
    assert_eq!((record.figures, record.at_least), (found.figures, false));
}
