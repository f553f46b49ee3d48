//! Made-up load runs, written and read back; other tests borrow them.

use super::*;

use crate::base::random::{Purpose, RunKey, Stream};
use crate::base::time::{Day, SimTime};
use crate::measure::latency::{
    CloseRecord, Collector, CreditOutcome, Ending, Exchange, IntervalRecord, JournalRecord, LostBusiness, Mark,
    OPERATIONS, Observed, Operation, Recorder, SecondFacts, ThreadUse, histogram_ns,
};
use crate::results::{Former, Kind, ResultsError, RunDirectory};
use std::fs;

/// What a made-up run is like.
#[derive(Clone, Copy)]
pub(crate) struct Made {
    /// Seconds.
    pub seconds: u64,
    /// Luck.
    pub seed: u64,
    /// Factor on every latency.
    pub slower: f64,
    /// Requests a second outside the spike.
    pub rate: u64,
    /// Correlation of neighbouring seconds' mean log latency, 0 to 1.
    pub memory: f64,
    /// Day closes, a stall, a spike and a backlog.
    pub eventful: bool,
}

impl Default for Made {
    fn default() -> Made {
        Made { seconds: 120, seed: 1, slower: 1.0, rate: 2_400, memory: 0.6, eventful: true }
    }
}

const MIX: [(Operation, u64, f64); 8] = [
    (Operation::Apply, 6, 2.2),
    (Operation::Authorise, 290, 1.0),
    (Operation::Capture, 230, 0.8),
    (Operation::Card, 30, 1.1),
    (Operation::Tip, 300, 0.9),
    (Operation::Repay, 120, 1.2),
    (Operation::Refund, 14, 1.0),
    (Operation::Service, 10, 1.5),
];

fn normal(luck: &mut Stream) -> f64 {
    (0..12).map(|_| luck.unit()).sum::<f64>() - 6.0
}

fn second(thread: &mut Recorder, luck: &mut Stream, made: &Made, at: u64, drift: f64) {
    let spike = made.eventful && (45..60).contains(&at);
    let close = made.eventful && (at % 60) / 3 == 10;
    let stall = made.eventful && at == 80;
    let requests = if spike { made.rate * 5 / 2 } else { made.rate };
    for (operation, share, weight) in MIX {
        for n in 0..requests * share / 1_000 {
            thread.offered(operation, 2_000 + (luck.unit() * 40_000.0) as u64);
            thread.sent(operation, false);
            if spike && luck.unit() < 0.02 {
                thread.ended(operation, [Ending::Shed, Ending::Late, Ending::Abandoned][n as usize % 3]);
                continue;
            }
            if luck.unit() < 0.000_3 {
                continue;
            }
            thread.admitted(operation);
            let mut ms = 0.45 * weight * libm::exp(0.45 * normal(luck) + drift) * made.slower;
            if luck.unit() < 0.012 {
                ms *= 6.0;
            }
            if close || spike {
                ms *= 2.5;
            }
            if stall && luck.unit() < 0.2 {
                ms += 200.0 * luck.unit();
            }
            let approved = luck.unit() < if spike { 0.90 } else { 0.93 };
            thread.decided(operation, approved, (ms * 1e6) as u64, (2_500.0 * weight * (1.0 + luck.unit())) as u64);
        }
    }
    if close {
        (0..40).for_each(|_| thread.worked(Operation::CloseOfDay, (40e6 * (1.0 + luck.unit())) as u64, 900_000));
    }
}

/// A made-up run: its record, and the seconds as a log gets them.
pub(crate) fn made(made: Made) -> (LoadRecord, Vec<IntervalRecord>) {
    let exchange = Exchange::new(2);
    let (mut thread, mut collector) = (Recorder::new(&exchange), Collector::new(&exchange, 1, 0));
    let mut luck = RunKey::new(made.seed, 0).stream(0, Purpose::World);
    let from = SimTime::at(Day::from_ymd(2026, 11, 11).expect("a date"), 72_000);
    let (mut drift, mut log) = (0.0, Vec::new());
    for at in 0..made.seconds {
        drift = made.memory * drift + 0.08 * normal(&mut luck) * (1.0 - made.memory * made.memory).sqrt();
        second(&mut thread, &mut luck, &made, at, drift);
        thread.second_over(at);
        assert_eq!(collector.ready(), Some(at));
        let busy = if made.eventful && (45..60).contains(&at) { 0.93 } else { 0.55 };
        let facts = SecondFacts {
            at_ms: at * 1_000,
            simulated: SimTime(from.0 + at as u32 * 60),
            cpu_share: vec![busy * 0.8 + 0.05 * luck.unit(), busy + 0.04 * luck.unit(), 0.12 + 0.02 * luck.unit()],
            rss_bytes: 412_000_000 + (luck.unit() * 3e6) as u64,
        };
        let (_, sum) = collector.finish(facts).expect("a second is open");
        log.push(sum.clone());
    }
    let (total, mut seconds) = collector.into_parts();
    if made.eventful {
        // The spike's queue, built up and worked off.
        seconds.iter_mut().zip(0_u64..).for_each(|(s, at)| match at {
            45..60 => s.backlog += (at - 44) * 240,
            60..66 => s.backlog += (66 - at) * 500,
            _ => {}
        });
    }
    let record = LoadRecord {
        provenance: provenance(made.seed),
        observations: observations(&made, from, total, seconds),
        objectives: objectives(),
        capacity: Vec::new(),
        machine: Machine { cpu: "a processor".to_string(), cores: 2, memory_bytes: 8 << 30, os: "an OS".to_string() },
        versions: [("yuefu".to_string(), "0.1.0".to_string())].into(),
    };
    (record, log)
}

fn provenance(seed: u64) -> LoadProvenance {
    LoadProvenance {
        name: "evening-peak".to_string(),
        title: "The evening of Double 11 <live>".to_string(),
        product_title: "Monthly pay".to_string(),
        users: 100_000,
        seed,
        replication: 0,
        plan: PlanWords {
            shape: "behaviour: people act as they would, 60 simulated seconds a second".to_string(),
            arrivals: "Poisson".to_string(),
            users: "partly open: visits arrive as they come, steps inside a visit wait".to_string(),
            placement: "separate: 1 generator and 1 service threads".to_string(),
            durability: "group(max_us = 500, max_records = 1024)".to_string(),
            limits: "queue of a cell 256, deadline 1000 ms, 2 retries from 50 ms on, patience 3000 ms".to_string(),
            hand_over: "2026-11-11T20:00:00, speed 60".to_string(),
            stalls: "200 ms at 80 s".to_string(),
        },
        started_unix_ms: 1_760_000_000_250,
        resolved_toml: "resolved = 1\n".to_string(),
        origin: crate::results::tests::origin("yuefu load evening-peak"),
    }
}

fn observations(
    made: &Made,
    from: SimTime,
    total: IntervalRecord,
    seconds: Vec<crate::measure::latency::SecondRecord>,
) -> LoadObservations {
    let mut commit_ns = histogram_ns();
    (0..5_000).for_each(|i| commit_ns.saturating_record(300_000 + i * 90));
    let mark = |at_ms, for_ms, what: &str| Mark { at_ms, for_ms, what: what.to_string() };
    let close = |at_ms, n: u16| CloseRecord {
        day: from.day().plus(n),
        at_ms,
        total_ns: 2_400_000_000,
        longest_slice_ns: 910_000,
        slices: 3_200,
        approved: 8_000 + i64::from(n),
        decided: 9_000,
    };
    LoadObservations {
        invalid: Vec::new(),
        world: "baseline".to_string(),
        from,
        until: SimTime(from.0 + made.seconds as u32 * 60),
        users: 100_000,
        cells: 50,
        counterparty_actors: 1_400,
        started_unix_ms: 1_760_000_000_250,
        measured_seconds: made.seconds as f64,
        warmup_seconds: 10.0,
        total,
        seconds,
        marks: if made.eventful {
            vec![mark(45_000, 15_000, "spike"), mark(80_000, 200, "stall put in")]
        } else {
            Vec::new()
        },
        closes: if made.eventful { vec![close(30_000, 0), close(90_000, 1)] } else { Vec::new() },
        threads: [("generator-0", 62.0, 0.21), ("service-0", 71.5, 0.0), ("journal", 15.2, 0.0)]
            .map(|(name, cpu_seconds, idle_spin_share)| ThreadUse {
                name: name.to_string(),
                cpu_seconds,
                idle_spin_share,
            })
            .to_vec(),
        queue_limit: 256,
        queue_max: 211,
        lost: LostBusiness {
            drawings: 1_204,
            amount_fen: 14_448_000,
            approvals: Some(1_119.7),
            margin_fen: Some(86_700.0),
            margin_fen_per_ms: Some(12.4),
        },
        journal: Some(JournalRecord {
            policy: "group(max_us = 500, max_records = 1024)".to_string(),
            records: 300_000,
            commits: 5_000,
            bytes: 48_000_000,
            commit_ns,
            snapshots: 2,
        }),
        rss_before_bytes: 230_000_000,
        rss_actors_bytes: 410_000_000,
        credit: CreditOutcome {
            accounts: 41_200,
            principal_fen: 9_812_345_600,
            overdue_30_share: Some(0.0243),
            virtual_approval_rate: Some(0.9312),
            wall_approval_rate: Some(0.9275),
            end_principal_fen: 9_934_000_000,
            end_overdue_30_share: Some(0.0247),
        },
        ledger_balanced: true,
        state_hash: "5f".repeat(32),
    }
}

fn objectives() -> Vec<ObjectiveOutcome> {
    let outcome = |text: &str, standing, value, samples, bound, unit| ObjectiveOutcome {
        text: text.to_string(),
        standing,
        observed: Observed { value, samples },
        bound,
        unit,
        judged: 1,
        broken: u64::from(standing == Standing::Broken),
        unknown: 0,
        first_broken_at_ms: (standing == Standing::Broken).then_some(45_000),
    };
    vec![
        outcome("p99 < \"8ms\" (all requests)", Standing::Holds, Some(4.6e6), 330_000, 8e6, "ns"),
        outcome("error_rate < 0.1% (all requests)", Standing::Broken, Some(0.0061), 340_000, 0.001, "share"),
        outcome("p99.9 < \"20ms\" (apply)", Standing::NotKnown, None, 2_600, 20e6, "ns"),
    ]
}

/// Made-up figures of a world whose service takes so much CPU for a decision.
fn figures(cpu_ns_per_decision: f64) -> WorldFigures {
    let of = |operation: &str, share, service_ns_mean| OperationFigures {
        operation: operation.to_string(),
        share,
        service_ns_mean,
    };
    WorldFigures {
        approval_rate: Some(0.93),
        service_ns_mean: cpu_ns_per_decision * 0.3,
        cpu_ns_per_decision,
        service_threads: 1,
        operations: vec![
            of("authorise", 0.625, cpu_ns_per_decision * 0.24),
            of("repay", 0.375, cpu_ns_per_decision * 0.4),
        ],
        closes_per_million: 12.5,
        closing_share: 0.02,
        account_rate: 0.0375,
        live_accounts: 41_200,
        overdue_30_share: Some(0.025),
        statements_per_thousand: 21.0,
    }
}

/// Two made-up searches.
pub(crate) fn searches() -> Vec<CapacityRecord> {
    let search = |world: &str, top: f64, customers: f64| {
        let law = |n: f64| n / (1.0 + 0.000_000_2 * n + libm::pow(n / top / 1.35, 3.0) * 0.5);
        let rates = [0.25, 0.4, 0.64, 1.02, 1.64, 1.33, 1.17, 1.1, 1.02, 1.06, 1.04];
        let phases =
            ["grow", "grow", "grow", "grow", "grow", "bisect", "bisect", "bisect", "boundary", "boundary", "confirm"];
        let probes = rates.iter().zip(phases).map(|(share, phase)| {
            let rate = share * top;
            let load = law(rate) / top;
            let quantile_ns = (1.1e6 / (1.16 - load.min(1.14))) * if *share > 1.05 { 2.6 } else { 1.0 };
            let carried = quantile_ns < 5e6 && *share < 1.08;
            ProbeRecord {
                phase: phase.to_string(),
                rate,
                offered_rate: rate * 0.998,
                decided_rate: law(rate) * 0.99,
                p50_ns: Some((quantile_ns / 4.0) as u64),
                quantile_ns: Some(quantile_ns as u64),
                error_share: Some(if carried { 0.0002 } else { 0.03 }),
                approval_rate: Some(0.93),
                approval_of_days: Some(0.934),
                virtual_approval_of_days: Some(0.931),
                seconds: if phase == "confirm" { 60.0 } else { 15.0 },
                late_seconds: u32::from(phase == "boundary"),
                verdict: if carried { ProbeVerdict::Carried } else { ProbeVerdict::Broken },
                reasons: if carried { Vec::new() } else { vec!["p99 above 5 ms".to_string()] },
            }
        });
        let probes: Vec<_> = probes.collect();
        let curve = (1..=40).map(|i| {
            let rate = f64::from(i) * top * 2.2 / 40.0;
            let width = 0.02 + 0.25 * (rate / top - 1.64).max(0.0);
            let value = law(rate);
            let decided_rate = Estimate { value, low: value * (1.0 - width), high: value * (1.0 + width) };
            LawPoint { offered_rate: rate, decided_rate }
        });
        let estimate = |value: f64| Estimate { value, low: value * 0.8, high: value * 1.2 };
        CapacityRecord {
            world: world.to_string(),
            objective: "p99 below 5 ms, errors below 0.1%, approval within 0.5 points, books in balance".to_string(),
            quantile: 0.99,
            below_ns: 5_000_000,
            carried_rate: Some(top * 1.04),
            broken_rate: Some(top * 1.1),
            at_least: false,
            figures: Some(figures(4e8 / top)),
            demand: None,
            active_customers: Some(customers),
            confirmed: Some(true),
            law: Some(ScalabilityLaw {
                lambda: estimate(1.0),
                sigma: estimate(2e-7),
                kappa: estimate(1e-12),
                curve: curve.collect(),
                extrapolated_from: top * 1.64,
            }),
            limited_by: "the service thread: 97% of a core".to_string(),
            probes,
        }
    };
    vec![search("baseline", 150_000.0, 4_100_000.0), search("severe downturn", 118_000.0, 3_600_000.0)]
}

/// Writes a made-up run to a directory.
pub(crate) fn write_made(dir: &std::path::Path, record: &LoadRecord, seconds: &[IntervalRecord]) {
    let directory = RunDirectory::create(dir, Kind::Load, Former::Force).expect("a directory");
    let mut log = RunLog::create(directory.path(), &record.provenance.origin).expect("a log");
    let started_unix_ms = record.provenance.started_unix_ms;
    for (second, at) in seconds.iter().zip(0..) {
        log.second(started_unix_ms, at * 1_000, second).expect("a line");
    }
    log.finish(started_unix_ms).expect("flushed");
    write_into(directory.path(), record).expect("written");
    directory.commit().expect("renamed");
}

#[test]
fn a_load_run_comes_back_whole_and_replaces_a_former_one() {
    let home = tempfile::tempdir().expect("a directory");
    let dir = home.path().join("run");
    let (mut record, seconds) = made(Made { seconds: 70, rate: 600, ..Made::default() });
    record.capacity = searches();
    write_made(&dir, &record, &seconds);
    write_made(&dir, &record, &seconds);
    let back = read(&dir).expect("read");
    // Every field has a Debug form; histograms compare by content below, since theirs is their whole memory.
    let shown = |r: &LoadRecord| {
        let mut plain = r.clone();
        plain.observations.total = IntervalRecord::default();
        plain.observations.journal = None;
        format!("{plain:?}")
    };
    assert_eq!(shown(&back), shown(&record));
    let (a, b) = (&back.observations, &record.observations);
    for operation in Operation::ALL {
        let (x, y) = (a.total.of(operation), b.total.of(operation));
        assert_eq!((&x.latency_ns, &x.service_ns, x.counts), (&y.latency_ns, &y.service_ns, y.counts));
    }
    assert_eq!(a.total.lag_ns, b.total.lag_ns);
    let commits = |o: &LoadObservations| o.journal.as_ref().map(|j| j.commit_ns.clone());
    assert_eq!(commits(a), commits(b));
    // Both logs count from the start of the measured time.
    for name in ["run.hlog", "totals.hlog"] {
        let log = std::fs::read_to_string(dir.join(name)).expect("a log");
        let start = log.lines().find(|line| line.starts_with("#[StartTime: ")).expect("a start");
        assert!(start.starts_with("#[StartTime: 1760000000.250 "), "{name}: {start}");
        assert!(log.contains("#[BaseTime: 1760000000.250 "), "{name}");
    }
    // The log added over its seconds is the total.
    let mut sum = IntervalRecord::default();
    for line in read_log(&dir, "run.hlog").expect("a log") {
        let operation = Operation::from_name(&line.tag).expect("an operation");
        sum.of_mut(operation).latency_ns.add(&line.histogram).expect("the same bounds");
    }
    assert_eq!(sum.all_latency_ns(), b.total.all_latency_ns());
}

#[test]
fn damage_is_named() {
    let home = tempfile::tempdir().expect("a directory");
    let (record, seconds) = made(Made { seconds: 4, rate: 200, eventful: false, ..Made::default() });
    let check = |file: &str, change: &dyn Fn(String) -> Option<String>, wanted: &str| {
        let dir = home.path().join("run");
        write_made(&dir, &record, &seconds);
        let path = dir.join(file);
        match change(fs::read_to_string(&path).expect("a file")) {
            Some(text) => fs::write(&path, text).expect("written"),
            None => fs::remove_file(&path).expect("removed"),
        }
        let error = read(&dir).expect_err("damaged").to_string();
        assert!(error.contains(file) && error.contains(wanted), "{error}");
    };
    check("timeseries.csv", &|t| Some(t.replacen(",1,", ",2,", 1)), "was changed");
    check("run.hlog", &|_| None, "no such file");
    check("summary.json", &|t| Some(t.replace("\"offered\"", "\"offred\"")), "missing field `offered`");
    check("summary.json", &|t| Some(t.replace("2026-11-11T20:00:00\"", "yesterday\"")), "`yesterday` is not a moment");
    // A damaged log is found by itself, too.
    let dir = home.path().join("run");
    write_made(&dir, &record, &seconds);
    let text = fs::read_to_string(dir.join("run.hlog")).expect("a log");
    fs::write(dir.join("run.hlog"), text.replacen("HIST", "HISt", 1)).expect("written");
    let error = read_log(&dir, "run.hlog").expect_err("damaged");
    assert!(matches!(error, ResultsError::Table { line: 12, .. }), "{error}");
}

#[test]
fn the_summary_leaves_out_what_few_samples_do_not_carry() {
    let home = tempfile::tempdir().expect("a directory");
    let dir = home.path().join("run");
    let (record, seconds) = made(Made { seconds: 10, rate: 1_000, eventful: false, ..Made::default() });
    write_made(&dir, &record, &seconds);
    let text = fs::read_to_string(dir.join("summary.json")).expect("a file");
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert!(text.starts_with("{\n  \"verdict\": {\n    \"answer\": \"broken\""), "the answer first");
    let all = &json["operations"]["all"]["latency"];
    assert!(all["p99_ns"].is_u64() && all["p99_99_ns"].is_null(), "{all}");
    let apply = &json["operations"]["apply"]["latency"];
    assert!(apply["p50_ns"].is_u64() && apply["p99_ns"].is_null() && apply["max_ns"].is_u64(), "{apply}");
    let rows = fs::read_to_string(dir.join("timeseries.csv")).expect("a file");
    assert_eq!(rows.lines().count(), 1 + 10 * (1 + OPERATIONS), "a second has a row an operation, and one of all");
    assert!(rows.lines().next().is_some_and(|h| h.ends_with("rss_bytes,cpu_generator-0,cpu_service-0,cpu_journal")));
}

#[test]
fn objectives_are_test_cases() {
    let (mut record, _) = made(Made { seconds: 1, rate: 100, eventful: false, ..Made::default() });
    record.observations.invalid = vec!["generator lagged: p99 900 µs > 200 µs".to_string().into()];
    let text = junit::text(&record);
    assert!(text.contains("<testsuites tests=\"5\" failures=\"2\" errors=\"0\" skipped=\"1\""), "{text}");
    assert!(text.contains("name=\"p99 &lt; &quot;8ms&quot; (all requests)\" time=\"1.000\"/>"), "{text}");
    assert!(text.contains("<failure message=\"generator lagged: p99 900 µs &gt; 200 µs\"/>"), "{text}");
    assert_eq!(record.verdict(), Verdict::Invalid);
}

#[test]
fn a_distribution_reads_as_the_tools_print_it() {
    let mut histogram = histogram_ns();
    [1_000_000, 2_000_000, 3_000_000, 40_000_000].iter().for_each(|&v| histogram.saturating_record(v));
    let text = percentiles::distribution(&histogram, &crate::results::tests::origin("yuefu load quick"));
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("       Value     Percentile TotalCount 1/(1-Percentile)"));
    assert_eq!(lines.nth(1), Some("       1.000 0.000000000000          1           1.00"));
    assert!(text.contains("      40.010 1.000000000000          4\n#[Mean    ="), "{text}");
    assert!(
        text.contains("Total count    =            4]") && text.contains("SubBuckets     =         2048]"),
        "{text}"
    );
}

/// Leaves made-up load runs in `results/`, for looking at and for the check against another implementation.
#[test]
#[ignore = "writes into the tree, for people's eyes"]
fn leaves_load_fixtures_to_look_at() {
    let results = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("results");
    let (record, seconds) = made(Made::default());
    write_made(&results.join("load-fixture"), &record, &seconds);
    let mut searched = record.clone();
    searched.capacity = searches();
    write_made(&results.join("capacity-fixture"), &searched, &seconds);
    let (mut invalid, seconds) = made(Made { seed: 2, slower: 1.2, ..Made::default() });
    invalid.observations.invalid =
        vec!["the generator lagged: p99 of its lateness was 1.9 ms, the most is 0.2 ms".to_string().into()];
    write_made(&results.join("invalid-fixture"), &invalid, &seconds);
    for name in ["load-fixture", "capacity-fixture", "invalid-fixture"] {
        crate::report::render(&results.join(name)).expect("drawn");
    }
}
