//! `yuefu stress`: a small suite, whole, killed and resumed.

use crate::program::yuefu;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const SUITE: &str = "scenarios/stress-suite.toml";
const SMALL: [&str; 8] = ["--users", "500", "--months", "3", "--replications", "4", "--set", "warmup_months=1"];

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

fn suite(out: &Path, more: &[&str]) -> Value {
    let all = [&["stress", SUITE, "--json", "--out", text(out)], &SMALL[..], more].concat();
    serde_json::from_str(&yuefu(&all).well()).expect("--json prints JSON and nothing else")
}

#[test]
fn a_suite_leaves_a_whole_directory_and_its_report_is_drawn_again() {
    let home = tempfile::tempdir().expect("a directory");
    let out = home.path().join("suite");
    let said = yuefu(&[&["stress", SUITE, "--out", text(&out)], &SMALL[..]].concat()).well();
    for words in ["severe tighter", "tighter less present on severe", "hash", "report.html", "virtual clock"] {
        assert!(said.contains(words), "{said}\nlacks {words}");
    }
    assert!(!said.contains("P95"), "four replications do not carry it: {said}");
    for file in ["suite.json", "worlds.csv", "monthly.csv", "distributions.csv", "comparisons.csv", "report.html"] {
        assert!(out.join(file).is_file(), "{file}");
    }
    assert!(std::fs::read_dir(home.path()).expect("there").count() == 1);
    let page = yuefu(&["report", text(&out)]).well();
    assert!(Path::new(page.trim()).is_file(), "{page}");
    assert!(out.join("suite.xlsx").is_file());
    assert!(yuefu(&["verify", text(&out)]).well().starts_with("same hash: "));
    let worlds = std::fs::read_to_string(out.join("worlds.csv")).expect("there");
    assert_eq!(worlds.lines().count(), 1 + 4 * 4 * 2);
    std::fs::write(out.join("worlds.csv"), worlds.replacen(",1000,", ",999,", 1)).expect("written");
    yuefu(&["report", text(&out)]).refused(2, "monthly.csv");
}

/// Killed without a word, as by a power cut, and once more by Ctrl-C.
#[cfg(unix)]
#[test]
fn a_suite_goes_on_where_it_was_stopped() {
    let home = tempfile::tempdir().expect("a directory");
    let expected = suite(&home.path().join("whole"), &["--workers", "2"])["hash"].clone();
    let out = home.path().join("stopped");
    // A file that is being written has another ending.
    let finished = |entry: &std::io::Result<std::fs::DirEntry>| {
        entry.as_ref().is_ok_and(|entry| entry.path().extension().is_some_and(|ending| ending == "json"))
    };
    let kept = || std::fs::read_dir(home.path().join("stopped.work")).into_iter().flatten().filter(finished).count();
    for (signal, until, code) in [("-KILL", 2, None), ("-INT", 4, Some(130))] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_yuefu"))
            .args([&["stress", SUITE, "--workers", "1", "--out", text(&out)], &SMALL[..]].concat())
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program was built with the tests");
        while kept() < until && child.try_wait().expect("it can be asked").is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        let killed = Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill is there");
        let output = child.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), code, "{signal} with {} kept: {said}", kept());
        assert!(killed.success());
        assert!(kept() >= until && !out.exists(), "{} worlds are kept", kept());
    }
    assert_eq!(suite(&out, &["--workers", "3"])["hash"], expected);
    assert!(!home.path().join("stopped.work").exists());
}

#[test]
fn what_cannot_be_a_suite_is_refused() {
    let home = tempfile::tempdir().expect("a directory");
    let out = home.path().join("suite");
    yuefu(&["stress", "scenarios/quick.toml", "--out", text(&out)]).refused(2, "no part `[suite]`");
    yuefu(&["stress", SUITE, "--replications", "1", "--out", text(&out)]).refused(2, "`suite.replications` is below 2");
    std::fs::create_dir(&out).expect("made");
    std::fs::write(out.join("letter.txt"), "keep me").expect("written");
    yuefu(&["stress", SUITE, "--out", text(&out)]).refused(2, "it is not a results directory");
    assert!(out.join("letter.txt").exists() && !home.path().join("suite.work").exists());
}

/// A few assumptions of a small world: named in the summary, reported in tables and page, the same when run again.
#[test]
fn assumptions_are_moved_and_reported() {
    let home = tempfile::tempdir().expect("a directory");
    let out = home.path().join("sensitivity");
    let only = "suite.sensitivity.only=[\"behaviour.buy.demand_per_month\", \"behaviour.funnel.click\", \"seasons\"]";
    let small = ["--users", "150", "--months", "1", "--set", "warmup_months=0", "--set", only];
    let few = ["--set", "suite.sensitivity.trajectories=2", "--set", "suite.sensitivity.replications=2"];
    let said =
        yuefu(&[&["stress", "scenarios/sensitivity.toml", "--out", text(&out)], &small[..], &few].concat()).well();
    assert!(said.contains("hangs most on") && said.contains("behaviour."), "{said}");
    let table = std::fs::read_to_string(out.join("sensitivity.csv")).expect("there");
    assert!(table.contains("behaviour.buy.demand_per_month,") && table.contains("left out by the scenario"), "{table}");
    let page = std::fs::read_to_string(out.join("report.html")).expect("there");
    assert!(page.contains("Every assumption") && page.contains("id=\"tornado\""));
    assert!(yuefu(&["verify", text(&out)]).well().starts_with("same hash: "));
}

#[test]
fn coverage_counts_the_intervals_that_hold() {
    let home = tempfile::tempdir().expect("a directory");
    let out = home.path().join("coverage");
    let small = ["--users", "100", "--months", "1", "--set", "warmup_months=0", "--set", "suite.replications=2"];
    let size = ["--seeds", "3", "--long-run", "6", "--out", text(&out)];
    let said = yuefu(&[&["coverage", "scenarios/coverage.toml"], &small[..], &size].concat()).well();
    assert!(said.contains("of 3 intervals") && said.contains("too few to judge"), "{said}");
    assert!(said.contains("captured_yuan on base: tighter less present"), "{said}");
    let rows = std::fs::read_to_string(out.join("coverage.csv")).expect("there");
    assert!(
        rows.lines().count() > 3 && out.join("coverage.json").is_file() && !home.path().join("coverage.work").exists()
    );
    let quick = yuefu(&["coverage", "scenarios/quick.toml", "--out", text(&home.path().join("other"))]);
    quick.refused(2, "no part `[suite]`");
}
