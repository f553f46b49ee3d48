//! `yuefu verify` finds any changed byte of any published file, of every kind of directory.

use crate::capacity::rough_search;
use crate::program::yuefu;
use serde_json::Value;
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

/// Every document says where it comes from: clock, seed, input, program, and the command that makes it again.
fn documents_name_their_origin(dir: &Path, all: &[PathBuf]) {
    for file in all {
        let name = file.strip_prefix(dir).expect("in it").to_string_lossy();
        if name.ends_with(".json") {
            let json: Value = serde_json::from_str(&fs::read_to_string(file).expect("there")).expect("JSON");
            let places = ["/origin", "/provenance/origin", "/about/origin"];
            let origin =
                places.iter().find_map(|place| json.pointer(place)).unwrap_or_else(|| panic!("{name}: {json}"));
            assert_eq!(origin["clock"], "virtual", "{name}");
            assert!(origin["seed"].is_u64() && origin["versions"]["yuefu"].is_string(), "{name}: {origin}");
            let said = |key: &str| origin[key].as_str().unwrap_or_default().to_string();
            assert!(said("command").starts_with("yuefu ") && !said("command").contains("--out"), "{name}: {origin}");
            assert!(!said("scenario").is_empty() && !said("models").is_empty(), "{name}: {origin}");
        } else if name == "report.html" {
            let page = fs::read_to_string(file).expect("there");
            for words in ["Made again by", "<code>yuefu ", "virtual", "Models read from"] {
                assert!(page.contains(words), "the page lacks {words}");
            }
        }
    }
}

/// Every column of every table of a directory stands in `yuefu list columns`; words in capitals stand for anything there.
fn columns_are_listed(dir: &Path, all: &[PathBuf]) {
    let manifest = fs::read_to_string(dir.join("manifest.json")).expect("there");
    let kind = serde_json::from_str::<Value>(&manifest).expect("JSON")["kind"].clone();
    let listed: Vec<Value> = serde_json::from_str(&yuefu(&["list", "columns", "--json"]).well()).expect("JSON");
    let tables: Vec<&PathBuf> = all.iter().filter(|file| file.extension().is_some_and(|e| e == "csv")).collect();
    assert!(!tables.is_empty(), "{all:?}");
    for file in tables {
        let name = file.file_name().expect("a name").to_string_lossy().to_string();
        let own = listed.iter().filter(|c| c["directory"] == kind && c["file"] == name.as_str());
        let own: Vec<&str> = own.map(|c| c["column"].as_str().expect("a name")).collect();
        let words = ["PART", "SEGMENT", "VIEW/ROW/COLUMN", "THREAD"];
        let fits = |entry: &str, column: &str| match words.iter().find_map(|word| entry.split_once(word)) {
            Some((before, after)) => column.starts_with(before) && column.ends_with(after),
            None => entry == column,
        };
        let text = fs::read_to_string(file).expect("a table");
        for column in text.lines().next().expect("a header").split(',') {
            assert!(own.iter().any(|entry| fits(entry, column)), "{kind} {name}: `{column}` is not listed");
        }
        for entry in &own {
            let header = text.lines().next().expect("a header");
            assert!(
                header.split(',').any(|column| fits(entry, column)),
                "{kind} {name}: nothing is written as `{entry}`"
            );
        }
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
    columns_are_listed(&dir, &all);
    if !dir.join("summary.json").is_file() {
        documents_name_their_origin(&dir, &all);
    }
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

#[test]
fn of_a_capacity_search() {
    every_byte_counts(&rough_search(&["capacity", "scenarios/load-quick.toml"]), 12);
}

/// Another digit at the end of a number of a file, and everything that seals it sealed again.
fn forge(dir: &Path, name: &str, marker: &str) {
    let sum = |text: &str| blake3::hash(text.as_bytes()).to_hex().to_string();
    let path = dir.join(name);
    let honest = fs::read_to_string(&path).expect("there");
    // The last digit of the file, or of the number after the marker.
    let at = match honest.find(marker).filter(|_| !marker.is_empty()) {
        Some(found) => {
            let number = found + marker.len();
            let length = honest[number..].find(|c: char| !c.is_ascii_digit() && !"-.e".contains(c)).expect("it ends");
            number + length - 1
        }
        None => honest.rfind(|c: char| c.is_ascii_digit()).expect("a number"),
    };
    let mut forged = honest.clone();
    forged.replace_range(at..=at, if honest.as_bytes()[at] == b'1' { "2" } else { "1" });
    fs::write(&path, &forged).expect("written");
    let mut sealed = vec![(sum(&honest), sum(&forged))];
    if let Ok(sums) = fs::read_to_string(dir.join("sums.json")) {
        let renewed = sums.replace(&sealed[0].0, &sealed[0].1);
        fs::write(dir.join("sums.json"), &renewed).expect("written");
        sealed.push((sum(&sums), sum(&renewed)));
    }
    let manifest = dir.join("manifest.json");
    let mut text = fs::read_to_string(&manifest).expect("there");
    let stated = serde_json::from_str::<Value>(&text).expect("JSON")["sum"].as_str().expect("a sum").to_string();
    sealed.iter().for_each(|(old, new)| text = text.replace(old, new));
    let bare = text.replace(&stated, "");
    fs::write(&manifest, text.replace(&stated, &sum(&bare))).expect("written");
}

/// Made once for each forgery: a forger who renews every sum is found by running again.
fn forgeries_are_named(arguments: &[&str], files: &[(&str, &str)]) {
    let home = tempfile::tempdir().expect("a directory");
    let dir = home.path().join("d");
    let made = yuefu(&[arguments, &["--out", text(&dir)]].concat());
    assert!([0, 1].contains(&made.code), "{}", made.err);
    let honest = yuefu(&["verify", text(&dir)]).well();
    assert!(honest.starts_with("same hash: "), "{honest}");
    for (name, marker) in files {
        let kept: Vec<_> =
            [*name, "manifest.json", "sums.json"].iter().map(|f| (f.to_string(), fs::read(dir.join(f)).ok())).collect();
        forge(&dir, name, marker);
        let said = yuefu(&["verify", text(&dir)]);
        assert_eq!(said.code, 1, "{name}: {} {}", said.out, said.err);
        assert!(said.out.contains("otherwise") && said.out.contains(name), "{name}: {}", said.out);
        assert!(said.out.contains("as they were written"), "every sum was renewed: {}", said.out);
        for (file, bytes) in kept {
            bytes.into_iter().for_each(|bytes| fs::write(dir.join(&file), bytes).expect("written"));
        }
    }
}

#[test]
fn forged_numbers_of_a_comparison_are_named() {
    let few = ["compare-products", "--users", "100", "--months", "1", "--replications", "2"];
    forgeries_are_named(
        &[&few[..], &["--set", "warmup_months=0"]].concat(),
        &[("stress.csv", ""), ("prices.csv", ""), ("products.json", "\"irr_annual\": ")],
    );
}

#[test]
fn forged_numbers_of_a_coverage_experiment_are_named() {
    let few = ["coverage", "scenarios/coverage.toml", "--users", "100", "--months", "1", "--seeds", "3"];
    let size = ["--long-run", "6", "--set", "suite.replications=2", "--set", "warmup_months=0"];
    forgeries_are_named(
        &[&few[..], &size].concat(),
        &[("coverage.csv", ""), ("coverage.json", "\"width_to_long_run\": ")],
    );
}

#[test]
fn forged_numbers_of_a_scorecard_are_named() {
    forgeries_are_named(
        &["ltv", "scenarios/ltv.toml", "--users", "2000"],
        &[("deciles.csv", ""), ("ltv.json", "\"lift\": ")],
    );
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
