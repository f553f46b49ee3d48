//! `yuefu run` and `yuefu verify` on the small scenario.

use crate::program::yuefu;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const QUICK: &str = "scenarios/quick.toml";

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

/// Of the files in a directory, not in those below it.
fn bytes_in(dir: &Path) -> u64 {
    let files = std::fs::read_dir(dir).expect("there").map(|entry| entry.expect("an entry").metadata().expect("there"));
    files.filter(|file| file.is_file()).map(|file| file.len()).sum()
}

fn result(arguments: &[&str], out: &Path) -> Value {
    let mut all = vec!["run", QUICK, "--json", "--out", text(out)];
    all.extend(arguments);
    serde_json::from_str(&yuefu(&all).well()).expect("--json prints JSON and nothing else")
}

#[test]
fn the_result_is_the_reference_on_any_number_of_workers() {
    let home = tempfile::tempdir().expect("a directory");
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/results/reference/quick.hash");
    let reference = std::fs::read_to_string(file).expect("the reference is committed");
    for workers in ["1", "2", "7"] {
        let result = result(&["--workers", workers], &home.path().join(workers));
        assert_eq!(
            result["hash"],
            reference.trim(),
            "{workers} workers; when results are meant to change, write the new hash to {file}"
        );
    }
}

#[test]
fn a_run_leaves_a_whole_directory_that_verifies() {
    let home = tempfile::tempdir().expect("a directory");
    let dir = home.path().join("run");
    let said = yuefu(&["run", QUICK, "--users", "500", "--seed", "5", "--out", text(&dir)]).well();
    for word in ["baseline", "severe", "overdue", "profit", "report.html", "virtual clock"] {
        assert!(said.contains(word), "{said}\nlacks {word}");
    }
    for file in [
        "scenario.toml",
        "result.json",
        "timing.json",
        "monthly.csv",
        "vintages.csv",
        "transitions.csv",
        "declines.csv",
        "funnel.csv",
        "trial_balance.csv",
        "journal.csv",
        "report.html",
        "run.xlsx",
    ] {
        assert!(dir.join(file).is_file(), "{file}");
    }
    assert_eq!(std::fs::read_dir(home.path()).expect("there").count(), 1, "nothing beside it");
    let bytes: u64 = [dir.clone(), dir.join("charts")].iter().map(|part| bytes_in(part)).sum();
    assert!(bytes < 4_000_000, "{bytes} bytes of two worlds");
    let timing: Value =
        serde_json::from_str(&std::fs::read_to_string(dir.join("timing.json")).expect("there")).expect("JSON");
    for key in ["users", "events", "wall_seconds", "events_per_second", "workers"] {
        assert!(timing[key].as_f64().is_some_and(|v| v > 0.0), "{key}: {timing}");
    }
    assert!(timing["machine"]["cores"].as_u64().is_some_and(|n| n > 0));
    assert!(yuefu(&["verify", text(&dir)]).well().starts_with("same hash: "));
    for format in ["hledger", "beancount"] {
        yuefu(&["export", text(&dir), "--format", format]).well();
    }
    // The first page knows what a later one does: how long, how much memory, on what.
    let first = std::fs::read_to_string(dir.join("report.html")).expect("there");
    for nothing in [">0.0 s", "<td>0 MB", ", 0 cores"] {
        assert!(!first.contains(nothing), "{nothing}");
    }
    let page = yuefu(&["report", text(&dir)]).well();
    assert!(Path::new(page.trim()).is_file(), "{page}");
    assert_eq!(first, std::fs::read_to_string(dir.join("report.html")).expect("there"), "drawn again the same");

    let monthly = std::fs::read_to_string(dir.join("monthly.csv")).expect("there");
    std::fs::write(dir.join("monthly.csv"), monthly.replacen(",31,", ",30,", 1)).expect("written");
    yuefu(&["verify", text(&dir)]).refused(2, "the directory was changed");
}

#[test]
fn the_seed_matters_and_the_policy_does_not_change_the_people() {
    let home = tempfile::tempdir().expect("a directory");
    let few = ["--users", "500"];
    let one = result(&few, &home.path().join("1"));
    let other = result(&[&few[..], &["--seed", "6"]].concat(), &home.path().join("2"));
    assert_ne!(one["hash"], other["hash"]);
    let dearer = result(&[&few[..], &["--set", "product.limits.raise_factor=1.1"]].concat(), &home.path().join("3"));
    assert_ne!(one["hash"], dearer["hash"]);
    let share = |result: &Value| result["worlds"][0]["measures"]["age_18_35_share"].clone();
    assert_eq!(share(&one), share(&dearer), "same people under another policy");
    assert_ne!(share(&one), share(&other));
}

#[test]
fn wrong_input_is_refused_before_anything_is_written() {
    let home = tempfile::tempdir().expect("a directory");
    let out = home.path().join("run");
    let run = |more: &[&str]| yuefu(&[&["run", QUICK, "--out", text(&out)], more].concat());
    run(&["--set", "product.limits.raise_facto=1.3"]).refused(2, "did you mean `product.limits.raise_factor`?");
    run(&["--set", "nonsense"]).refused(2, "write KEY=VALUE");
    run(&["--workers", "0"]).refused(2, "--workers");
    run(&["--users", "0"]).refused(2, "users");
    yuefu(&["run", "no/such.toml"]).refused(2, "no/such.toml");
    assert!(!out.exists());
    std::fs::create_dir(&out).expect("made");
    std::fs::write(out.join("letter.txt"), "keep me").expect("written");
    run(&[]).refused(2, "it is not a results directory");
    assert!(out.join("letter.txt").exists());
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_nothing_and_exits_with_130() {
    let home = tempfile::tempdir().expect("a directory");
    let out = home.path().join("run");
    let child = Command::new(env!("CARGO_BIN_EXE_yuefu"))
        .args(["run", "scenarios/downturn.toml", "--out", text(&out)])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program was built with the tests");
    // The handler is there before the first day; the directory shows that the program is past its arguments.
    while std::fs::read_dir(home.path()).expect("there").count() == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(300));
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill is there");
    assert!(killed.success());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(130), 0));
    assert!(String::from_utf8_lossy(&output.stderr).contains("interrupted; nothing was written"));
    assert_eq!(std::fs::read_dir(home.path()).expect("there").count(), 0, "nothing is left");
}
