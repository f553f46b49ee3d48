//! A made-up run, written and read back; damage is refused with its place. Reports borrow it.

use super::*;
use crate::measure::{WorldObservations, fixture};
use std::fs;
use std::path::{Path, PathBuf};

/// Writes a run directory in one go.
///
/// # Errors
/// As [`RunDirectory::create`] and writing say.
pub(crate) fn write(dir: &Path, record: &RunRecord) -> Result<(), ResultsError> {
    let target = RunDirectory::create(dir, Kind::Run, Former::Replace)?;
    target.write(record)?;
    target.commit().map(drop)
}

/// Where a made-up result comes from.
pub(crate) fn origin(command: &str) -> Origin {
    Origin {
        clock: VIRTUAL_CLOCK.to_string(),
        seed: 20_270_101,
        scenario: "scenarios/downturn.toml".to_string(),
        models: "models".to_string(),
        command: command.to_string(),
        versions: [("yuefu".to_string(), "0.1.0".to_string())].into(),
    }
}

/// A record of made-up worlds.
pub(crate) fn record(worlds: Vec<WorldObservations>) -> RunRecord {
    let target = |measure: &str, target: f64, low: f64, high: f64| Target {
        measure: measure.to_string(),
        target,
        low,
        high,
        grade: 'S',
        source: "published profile".to_string(),
        place: String::new(),
    };
    RunRecord {
        provenance: Provenance {
            name: "downturn".to_string(),
            title: "Severe downturn against normal times".to_string(),
            product_title: "Douyin Monthly Pay (抖音月付)".to_string(),
            users: fixture::USERS as u32,
            months: fixture::MONTHS,
            warmup_months: fixture::WARMUP,
            seed: 20_270_101,
            replication: 0,
            start: fixture::start(),
            funders: ["Platform", "Consumer finance A", "City bank B", "Joint-stock bank C"].map(String::from).to_vec(),
            targets: vec![
                target("purchases_per_month", 4.7, 4.6, 4.8),
                target("overdue_rate", 0.042, 0.040, 0.044),
                target("complaint_rate", 0.0007, 0.0006, 0.0008),
                target("mean_limit_yuan", 7_500.0, 6_500.0, 8_500.0),
            ],
            resolved_toml: "name = \"downturn\"\n".to_string(),
            origin: origin("yuefu run scenarios/downturn.toml"),
        },
        worlds,
        timing: Timing {
            users: 100_000,
            events: 420_000_000,
            wall_seconds: 28.4,
            events_per_second: 15_300_000.0,
            workers: 2,
            peak_rss_bytes: 118_000_000,
            ..Timing::default()
        },
    }
}

/// Two worlds: normal times and a severe downturn.
pub(crate) fn two_worlds() -> RunRecord {
    record(vec![fixture::world("baseline", 0.0), fixture::world("severe, deep", 1.0)])
}

fn written() -> (tempfile::TempDir, PathBuf) {
    let home = tempfile::tempdir().expect("a directory");
    let dir = home.path().join("run");
    write(&dir, &two_worlds()).expect("written");
    (home, dir)
}

#[test]
fn a_run_comes_back_whole() {
    let (_home, dir) = written();
    let (record, back) = (two_worlds(), read(&dir).expect("read"));
    assert_eq!(back.provenance, record.provenance);
    assert_eq!(back.timing, record.timing);
    assert_eq!(record_hash(&back), record_hash(&record));
    assert_eq!(result_json(&back), fs::read_to_string(dir.join("result.json")).expect("a result"));
    for (a, b) in back.worlds.iter().zip(&record.worlds) {
        assert_eq!((&a.journal, &a.closing_balances_fen), (&b.journal, &b.closing_balances_fen));
        assert_eq!(a.months[7].flows, b.months[7].flows);
        assert_eq!(a.months[23].stocks, b.months[23].stocks);
    }
}

#[test]
fn the_hash_is_stable_and_sees_every_part() {
    let base = two_worlds();
    let hash = record_hash(&base);
    assert_eq!(hash, record_hash(&two_worlds()));
    let changes: [fn(&mut RunRecord); 8] = [
        |r| r.provenance.seed += 1,
        |r| r.worlds[1].state_hash.push('0'),
        |r| r.worlds[0].months[3].flows.tips += 1,
        |r| r.worlds[0].months[3].appetite_ppm += 1,
        |r| r.worlds[0].vintages[3].first_30_plus[2] += 1,
        |r| r.worlds[0].cohorts[3].dpd_61_fen += 1,
        |r| r.worlds[1].journal[40].1[5] += 1,
        |r| r.worlds[1].tips_by_host_fen[0] += 1,
    ];
    for (i, change) in changes.iter().enumerate() {
        let mut other = base.clone();
        change(&mut other);
        assert_ne!(record_hash(&other), hash, "change {i}");
    }
    let mut slower = base;
    slower.timing.wall_seconds = 99.0;
    assert_eq!(record_hash(&slower), hash, "timing is outside the hash");
}

#[test]
fn damaged_directories_are_refused_with_the_place() {
    let edit = |name: &str, change: &dyn Fn(String) -> String| {
        let (home, dir) = written();
        let path = dir.join(name);
        fs::write(&path, change(fs::read_to_string(&path).expect("a file"))).expect("written");
        let message = read(&dir).expect_err(name).to_string();
        drop(home);
        message
    };
    type Case<'a> = (&'a str, &'a dyn Fn(String) -> String, &'a str);
    let cases: [Case; 8] = [
        (
            "monthly.csv",
            &|t| t.replacen("balance_days_fen", "balance", 1),
            "line 1: column `balance_days_fen` expected",
        ),
        ("monthly.csv", &|t| t[..t.len() - 9].to_string(), "line 49: the file is cut off"),
        (
            "journal.csv",
            &|t| t.replacen("SalePlatform_", "SalePlatfrom_", 1),
            "line 1: column `SalePlatform_yuan` expected, `SalePlatfrom_yuan` found",
        ),
        ("journal.csv", &|t| t.replacen("2027-01-01", "2027-02-31", 1), "line 2: field 2: `2027-02-31` is not a date"),
        ("trial_balance.csv", &|t| t.replacen(".00", ".01", 1), "is not the closing balance"),
        ("hosts.csv", &|t| t.replacen("baseline,1,", "baseline,1,9", 1), "result.json says"),
        ("declines.csv", &|t| t.replacen("over_limit", "over_the_top", 1), "`over_the_top` is unknown here"),
        ("scenario.toml", &|t| t + "# more\n", "not the scenario that was run"),
    ];
    for (name, change, expected) in cases {
        let message = edit(name, change);
        assert!(message.contains(expected), "{name}: {message}");
    }
    let (_home, dir) = written();
    fs::remove_file(dir.join("vintages.csv")).expect("removed");
    assert!(matches!(read(&dir), Err(ResultsError::Missing { path }) if path.ends_with("vintages.csv")));
}

#[test]
fn only_a_former_run_is_replaced_and_nothing_is_left_half_written() {
    let (home, dir) = written();
    write(&dir, &two_worlds()).expect("a former run gives way");
    assert_eq!(fs::read_dir(home.path()).expect("there").count(), 1, "nothing beside it");

    let other = home.path().join("thesis");
    fs::create_dir(&other).expect("made");
    fs::write(other.join("chapter-1.txt"), "years of work").expect("written");
    assert!(matches!(write(&other, &two_worlds()), Err(ResultsError::Occupied { .. })));
    assert!(other.join("chapter-1.txt").exists());

    let dropped = RunDirectory::create(&home.path().join("next"), Kind::Run, Former::Replace).expect("started");
    dropped.write(&two_worlds()).expect("written");
    drop(dropped);
    let names = fs::read_dir(home.path()).expect("there").map(|entry| entry.expect("an entry").file_name());
    assert!(!names.into_iter().any(|name| name.to_string_lossy().contains("next")));
}
