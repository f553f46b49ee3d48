//! `yuefu verify` finds any changed byte of any published file, of every kind of directory.

use crate::program::yuefu;
use std::fs;
use std::path::{Path, PathBuf};

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

fn files(dir: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("there") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files(&path, into) } else { into.push(path) }
    }
}

/// Flips a byte of each file in turn: verify names it. Then removes each.
fn every_byte_counts(arguments: &[&str], least: usize) {
    let home = tempfile::tempdir().expect("a directory");
    let dir = home.path().join("d");
    let made = yuefu(&[arguments, &["--out", text(&dir)]].concat());
    assert!([0, 1, 99].contains(&made.code), "{}", made.err);
    let whole = yuefu(&["verify", text(&dir)]);
    assert_eq!((whole.code, whole.err.as_str()), (0, ""), "{}", whole.out);
    assert!(whole.out.contains("as they were written"), "{}", whole.out);
    let mut all = Vec::new();
    files(&dir, &mut all);
    assert!(all.len() >= least, "{all:?}");
    for (number, file) in all.iter().enumerate() {
        let name = file.strip_prefix(&dir).expect("in it").to_string_lossy().replace('\\', "/");
        let bytes = fs::read(file).expect("read");
        assert!(!bytes.is_empty(), "{name}");
        let mut changed = bytes.clone();
        changed[number * 7_919 % bytes.len()] ^= 1;
        fs::write(file, changed).expect("written");
        yuefu(&["verify", text(&dir)]).refused(2, &name);
        fs::write(file, &bytes).expect("written");
        if name != "manifest.json" {
            fs::remove_file(file).expect("removed");
            yuefu(&["verify", text(&dir)]).refused(2, &name);
            fs::write(file, &bytes).expect("written");
        }
    }
    // What is drawn again is entered; what people add is named and does no harm.
    if dir.join("report.html").is_file() {
        fs::write(dir.join("report.html"), "changed").expect("written");
        yuefu(&["verify", text(&dir)]).refused(2, "`yuefu report` draws it again");
        yuefu(&["report", text(&dir)]).well();
    }
    fs::write(dir.join("notes.txt"), "mine").expect("written");
    let again = yuefu(&["verify", text(&dir)]).well();
    assert!(again.contains("notes.txt"), "{again}");
}

#[test]
fn of_a_run() {
    every_byte_counts(
        &["run", "scenarios/quick.toml", "--users", "100", "--months", "1", "--set", "warmup_months=0"],
        40,
    );
}

#[test]
fn of_a_suite() {
    let suite = ["stress", "scenarios/stress-suite.toml", "--users", "100", "--months", "1"];
    every_byte_counts(&[&suite[..], &["--replications", "2", "--set", "warmup_months=0"]].concat(), 20);
}

#[test]
fn of_a_comparison() {
    let few = ["compare-products", "--users", "100", "--months", "1", "--replications", "1"];
    every_byte_counts(&[&few[..], &["--set", "warmup_months=0"]].concat(), 15);
}

#[test]
fn of_a_coverage_experiment() {
    let few = ["coverage", "scenarios/coverage.toml", "--users", "100", "--months", "1", "--seeds", "3"];
    let size = ["--long-run", "6", "--set", "suite.replications=2", "--set", "warmup_months=0"];
    every_byte_counts(&[&few[..], &size].concat(), 4);
}

#[test]
fn of_a_scorecard() {
    every_byte_counts(&["ltv", "scenarios/ltv.toml", "--users", "2000"], 7);
}

#[test]
fn of_a_load_run() {
    every_byte_counts(&["load", "scenarios/load-quick.toml", "-c", "300", "-r", "300", "-d", "2s", "-w", "0s"], 12);
}

/// A forger who writes the manifest, too: the tables and numbers of a run and of a suite do not come out when it is run again.
#[test]
fn numbers_that_a_repetition_does_not_give_are_named() {
    let home = tempfile::tempdir().expect("a directory");
    let small = ["--users", "100", "--months", "1", "--set", "warmup_months=0", "--out"];
    let (run, suite) = (home.path().join("run"), home.path().join("suite"));
    yuefu(&[&["run", "scenarios/quick.toml"], &small[..], &[text(&run)]].concat()).well();
    let few = ["stress", "scenarios/stress-suite.toml", "--replications", "2"];
    yuefu(&[&few[..], &small, &[text(&suite)]].concat()).well();
    for (dir, name) in [(&run, "funnel.csv"), (&run, "result.json"), (&suite, "distributions.csv")] {
        let file = dir.join(name);
        let honest = fs::read_to_string(&file).expect("there");
        // Another digit at the end of the last number.
        let at = honest.rfind(|c: char| c.is_ascii_digit()).expect("a number");
        let other = if honest.as_bytes()[at] == b'1' { "2" } else { "1" };
        let mut forged = honest.clone();
        forged.replace_range(at..=at, other);
        fs::write(&file, &forged).expect("written");
        let manifest = fs::read_to_string(dir.join("manifest.json")).expect("there");
        fs::remove_file(dir.join("manifest.json")).expect("removed");
        let said = yuefu(&["verify", text(dir)]);
        assert_eq!(said.code, 1, "{name}: {} {}", said.out, said.err);
        assert!(said.out.contains(&format!("running again writes {name} otherwise")), "{}", said.out);
        fs::write(&file, &honest).expect("written");
        fs::write(dir.join("manifest.json"), manifest).expect("written");
        yuefu(&["verify", text(dir)]).well();
    }
}
