//! A made-up suite, written and read back; its work area of kept worlds; damage is refused. Reports borrow it.

use super::*;
use crate::measure::fixture;
use crate::results::{Former, Kind, ResultsError, RunDirectory, WorkArea};
use std::fs;

fn kept(part: &str, path: &str, policy: &str, number: u32, depth: f64) -> KeptWorld {
    let mut world = KeptWorld {
        key: format!("{part}-{path}-{policy}-{number}"),
        part: part.to_string(),
        path: path.to_string(),
        policy: policy.to_string(),
        luck: number,
        shock: number,
        depth_milli: 1_000,
        state_hash: String::new(),
        measures: Vec::new(),
        months: Vec::new(),
        views: Vec::new(),
    };
    world.observe(&fixture::world(&format!("{path}{number}"), depth + 0.02 * f64::from(number)));
    world
}

/// Two paths, two policies, thirty replications of made-up worlds. Nothing here is a result.
pub(crate) fn record() -> SuiteRecord {
    let names = |of: [&str; 2]| of.map(str::to_string).to_vec();
    let (paths, policies) = (names(["base", "severe"]), names(["present", "tighter, \"new\""]));
    let outcomes = ["gross_loss_rate_annual", "overdue_rate", "application_approval_rate", "profit_yuan"];
    let mut worlds = Vec::new();
    for number in 0..30 {
        for (p, path) in paths.iter().enumerate() {
            for (q, policy) in policies.iter().enumerate() {
                worlds.push(kept("suite", path, policy, number, p as f64 * (0.8 - 0.2 * q as f64)));
            }
        }
    }
    let e = |value: f64| Estimate { value, low: value - 0.1 * value.abs(), high: value + 0.1 * value.abs() };
    let some = |share| TailEstimate { share, estimate: Some(e(0.07)) };
    let distribution = Distribution {
        replications: 30,
        mean: e(0.05),
        deviation: 0.01,
        least: 0.03,
        most: 0.09,
        quantiles: vec![some(0.5), some(0.8), TailEstimate { share: 0.95, estimate: None }],
        shortfalls: vec![some(0.8), TailEstimate { share: 0.99, estimate: None }],
    };
    let mut distributions = Vec::new();
    let mut differences = Vec::new();
    for path in &paths {
        for measure in outcomes {
            for policy in &policies {
                distributions.push(OutcomeDistribution {
                    path: path.clone(),
                    policy: policy.clone(),
                    measure: measure.to_string(),
                    distribution: Some(distribution.clone()),
                });
            }
            let paired = PairedDifference {
                replications: 30,
                base: 0.05,
                difference: e(-0.004),
                unpaired_half: 0.01,
                ratio: Some(0.21),
                p: 0.0001,
                p_holm: Some(0.0008),
            };
            differences.push(OutcomeDifference {
                path: path.clone(),
                policy: policies[1].clone(),
                measure: measure.to_string(),
                paired: Some(paired),
            });
        }
    }
    let by_segment = |segment: &str, value: f64| SegmentDifference {
        path: "severe".to_string(),
        policy: policies[1].clone(),
        segment: segment.to_string(),
        measure: "overdue_rate".to_string(),
        paired: Some(PairedDifference {
            replications: 30,
            base: 0.06,
            difference: e(value),
            unpaired_half: 0.02,
            ratio: Some(0.17),
            p: 0.01,
            p_holm: Some(if value < 0.0 { 0.02 } else { 0.2 }),
        }),
    };
    let segments = vec![by_segment("age_18_24", -0.011), by_segment("tipper", 0.003)];
    let point = |depth: f64| ReversePoint { depth, response: e(0.05 + 0.04 * depth), broken: depth > 1.25 };
    SuiteRecord {
        provenance: crate::results::tests::record(Vec::new()).provenance,
        paths,
        policies,
        outcomes: outcomes.map(str::to_string).to_vec(),
        replications: 30,
        worlds,
        distributions,
        variances: vec![OutcomeVariance {
            path: "severe".to_string(),
            policy: "present".to_string(),
            measure: outcomes[0].to_string(),
            split: Some(VarianceSplit {
                shocks: 30,
                lucks: 2,
                systematic_variance: 3e-5,
                idiosyncratic_variance: 1e-5,
                systematic_share: Estimate { value: 0.75, low: 0.6, high: 0.85 },
            }),
        }],
        differences,
        segments,
        reverse: vec![ReverseStress {
            name: "loss-limit".to_string(),
            measure: outcomes[0].to_string(),
            breaks: "above".to_string(),
            limit: 0.1,
            base: "base".to_string(),
            severe: "severe".to_string(),
            policy: "present".to_string(),
            replications: 30,
            points: (0..7).map(|i| point(f64::from(i) * 0.5)).collect(),
            crossing: Some(Crossing { depth: 1.25, low: 1.1, high: None }),
            monotone: true,
            never_share: 0.01,
            says: "broken from k = 1.25".to_string(),
        }],
        sensitivity: Some(sensitivity(outcomes[0])),
        risk: risk(),
        timing: crate::results::tests::record(Vec::new()).timing,
    }
}

/// A made-up coverage experiment. Nothing here is a result.
pub(crate) fn made_coverage() -> CoverageRecord {
    let e = Estimate { value: 0.05, low: 0.04, high: 0.06 };
    let covered = Covered {
        measure: "overdue_rate".to_string(),
        path: "base".to_string(),
        policy: "tighter, \"new\"".to_string(),
        against: Some("present".to_string()),
        long_run: e,
        intervals: 1,
        held: 1,
        below: 0,
        above: 0,
        share: Estimate { value: 1.0, low: 0.025, high: 1.0 },
        width_to_long_run: 20.0,
        seeds: vec![SeedInterval { number: 0, seed: 7, estimate: e }],
    };
    CoverageRecord {
        scenario: "coverage".to_string(),
        seed: 1,
        users: 500,
        months: 6,
        replications: 10,
        seeds: 1,
        long_run_replications: 40,
        covered: vec![covered],
        origin: crate::results::tests::origin("yuefu coverage scenarios/coverage.toml"),
    }
}

#[test]
fn a_coverage_experiment_comes_back() {
    let home = tempfile::tempdir().expect("a directory");
    let record = made_coverage();
    record.write_into(home.path(), "seed = 1\n").expect("written");
    assert_eq!(read_coverage(home.path()).expect("whole"), record);
}

/// Two assumptions that move the loss and one that was not moved. Nothing here is a result.
fn sensitivity(measure: &str) -> Sensitivity {
    let e = |value: f64| Estimate { value, low: value - 0.002, high: value + 0.002 };
    let parameter = |key: &str, size: f64, named: f64| ParameterEffect {
        key: key.to_string(),
        source: "assumption, with a \"word\"".to_string(),
        value: "0.05".to_string(),
        low: "0.04".to_string(),
        high: "0.06".to_string(),
        cut: None,
        named_share: Some(named),
        effects: vec![MeasureEffect {
            measure: measure.to_string(),
            low: Some(e(-size)),
            high: (named > 0.5).then(|| e(size)),
            elementary: Some(ElementaryEffect { trajectories: 6, mean: size, size: e(size), deviation: e(0.5 * size) }),
        }],
    };
    Sensitivity {
        path: "severe".to_string(),
        policy: "present".to_string(),
        users: 1_000,
        span: 0.2,
        replications: 3,
        trajectories: 6,
        redrawn: 1,
        given_up: 0,
        broken_rules: vec!["`a` (2) is above `b` (1)".to_string()],
        measures: vec![measure.to_string()],
        stated: vec![Some(e(0.05))],
        parameters: vec![
            parameter("behaviour.repay.forget", 0.02, 1.0),
            parameter("behaviour.repay.emergency", 0.008, 0.4),
        ],
        unmoved: vec![UnmovedParameter {
            key: "product.billing.allocation".to_string(),
            source: "assumption".to_string(),
            value: "[\"penalty\", \"interest\"]".to_string(),
            reason: "a choice, not a number".to_string(),
        }],
    }
}

/// Made-up risk views: some cells, an indicator that leads and one that does not, an attribution.
fn risk() -> RiskViews {
    let layout = views::layout(fixture::WARMUP, fixture::MONTHS);
    let e = |value: f64| Estimate { value, low: value - 0.1 * value.abs(), high: value + 0.1 * value.abs() };
    let estimates = |path: &'static str, depth: f64| {
        let cells = views::cells(&fixture::world(path, depth)).into_iter().enumerate();
        cells.filter(|(_, cell)| cell.denominator != 0).map(move |(cell, sums)| ViewEstimate {
            path: path.to_string(),
            policy: "present".to_string(),
            cell,
            replications: 30,
            estimate: e(sums.numerator as f64 / sums.denominator as f64),
        })
    };
    let warning = |indicator: &str, lead: f64| EarlyWarning {
        path: "severe".to_string(),
        indicator: indicator.to_string(),
        direction: "rises".to_string(),
        loss: "write-offs".to_string(),
        replications: 30,
        lead_months: Estimate { value: lead, low: lead - 1.0, high: lead + 1.0 },
        correlation: e(0.8),
        correlation_at_once: 0.4,
        leads: lead > 1.0,
    };
    let part = |factor: &str, effect: f64| AttributionPart {
        factor: factor.to_string(),
        replications: 30,
        effect: e(effect),
        ratio: Some(0.3),
        share: Some(effect / 0.04),
    };
    let effects = [
        ("all", 0.04),
        ("job_loss", 0.03),
        ("income", 0.01),
        ("behaviour", 0.008),
        ("policy", -0.004),
        ("interaction", -0.004),
    ];
    RiskViews {
        layout,
        estimates: estimates("base", 0.0).chain(estimates("severe", 1.0)).collect(),
        early: vec![warning("unemployment", 6.0), warning("complaints", 0.0)],
        attributions: vec![Attribution {
            path: "severe".to_string(),
            policy: "present".to_string(),
            base: "base".to_string(),
            measure: "gross_loss_rate_annual".to_string(),
            parts: effects.map(|(factor, effect)| part(factor, effect)).to_vec(),
        }],
    }
}

#[test]
fn every_row_of_the_assumptions_has_every_column() {
    let home = tempfile::tempdir().expect("a directory");
    write_into(home.path(), &record()).expect("written");
    let text = fs::read_to_string(home.path().join("sensitivity.csv")).expect("there");
    // Commas inside quotes are text.
    let columns = |line: &str| line.split('"').step_by(2).map(|part| part.matches(',').count()).sum::<usize>();
    assert_eq!(text.lines().count(), 4);
    assert!(text.lines().all(|line| columns(line) == 20), "{text}");
    assert!(text.contains("not moved: a choice, not a number"), "{text}");
}

#[test]
fn a_suite_comes_back_whole_and_replaces_its_former_one() {
    let home = tempfile::tempdir().expect("a directory");
    let target = home.path().join("suite");
    let record = record();
    for _ in 0..2 {
        let directory = RunDirectory::create(&target, Kind::Suite, Former::Replace).expect("free, or a former suite");
        write_into(directory.path(), &record).expect("written");
        directory.commit().expect("renamed");
    }
    assert!(is_suite(&target));
    let again = read(&target).expect("whole");
    let plain = |r: &SuiteRecord| {
        let mut r = r.clone();
        r.worlds.iter_mut().for_each(|w| w.key.clear());
        format!("{r:?}")
    };
    assert_eq!(plain(&again), plain(&record));
    assert!(record.suite_json().contains("\"gross_loss_rate_annual\": \"ratio"), "definitions are given");
    let csv = fs::read_to_string(target.join("distributions.csv")).expect("there");
    assert!(csv.contains("severe,present,overdue_rate,30,p95,,,\n") && !csv.contains("NaN"), "{csv}");
    let csv = fs::read_to_string(target.join("segments.csv")).expect("there");
    assert!(csv.contains("severe,\"tighter, \"\"new\"\"\",age_18_24,overdue_rate,30,0.06,-0.011,"), "{csv}");
    assert!(record.suite_json().contains("\"overdue_rate@tipper\": \"ratio"), "definitions are given by segment too");
}

#[test]
fn a_changed_table_is_refused() {
    let home = tempfile::tempdir().expect("a directory");
    write_into(home.path(), &record()).expect("written");
    let file = home.path().join("worlds.csv");
    let text = fs::read_to_string(&file).expect("there");
    let position = text.rfind(",0\n").or_else(|| text.rfind('1')).expect("a digit");
    let mut changed = text.clone();
    changed.replace_range(position..=position, "7");
    fs::write(&file, changed).expect("written");
    assert!(read(home.path()).is_err());
    fs::write(&file, text).expect("written");
    assert!(read(home.path()).is_ok());
    let months = home.path().join("monthly.csv");
    let text = fs::read_to_string(&months).expect("there");
    fs::write(&months, text.replacen("suite,base", "suite,bse", 1)).expect("written");
    assert!(matches!(read(home.path()), Err(ResultsError::Table { line: 2, .. })));
}

#[test]
fn a_finished_world_is_kept_and_a_damaged_one_is_not_there() {
    let home = tempfile::tempdir().expect("a directory");
    let area = WorkArea::beside(&home.path().join("suite"), "test").expect("made");
    let world = kept("suite", "severe", "present", 3, 1.0);
    assert_eq!(area.get::<KeptWorld>(&world.key), None);
    area.put(&world).expect("kept");
    assert_eq!(area.get(&world.key), Some(world.clone()));
    assert!(world.value("gross_loss_rate_annual").is_some_and(|v| v > 0.0));
    assert_eq!(world.value("no_such_measure"), None);
    let path = home.path().join(format!("suite.work/{}.json", world.key));
    let text = fs::read_to_string(&path).expect("there");
    for damaged in [&text[..text.len() / 2], &text.replacen("severe", "sevare", 1), "", "x\n{}"] {
        fs::write(&path, damaged).expect("written");
        assert_eq!(area.get::<KeptWorld>(&world.key), None);
    }
    fs::rename(&path, home.path().join("suite.work/other.json")).expect("renamed");
    assert_eq!(area.get::<KeptWorld>("other"), None, "a file under another name is not that world");
    area.clone().remove().expect("removed");
    let left = |name: &str| home.path().join("suite.work").join(name).exists();
    assert!(left("other.json") && !left("written.txt"), "what is not on the list is somebody else's");
    fs::remove_file(home.path().join("suite.work/other.json")).expect("removed");
    area.remove().expect("removed");
    assert!(!home.path().join("suite.work").exists());
}
