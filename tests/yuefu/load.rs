//! `yuefu load`, and what is left of a durable service when it is killed.

use crate::program::{yuefu, yuefu_in};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

#[test]
fn a_load_run_leaves_a_directory_that_can_be_drawn_again() {
    let home = tempfile::tempdir().expect("a directory");
    let out = home.path().join("run");
    let to = out.to_str().expect("a text");
    let said = yuefu(&["load", "scenarios/load-quick.toml", "--out", to]);
    assert!([0, 1, 99].contains(&said.code), "{} {}", said.out, said.err);
    assert!(said.out.contains("report.html"), "{}", said.out);
    for file in ["summary.json", "timeseries.csv", "run.hlog", "junit.xml", "scenario.toml", "report.html", "all.hgrm"]
    {
        assert!(out.join(file).is_file(), "{file}");
    }
    let summary: Value =
        serde_json::from_slice(&std::fs::read(out.join("summary.json")).expect("a file")).expect("JSON");
    assert!(summary["verdict"].is_string() || summary["verdict"].is_object(), "{summary}");
    // Every document says clock, seed, input, program and how it is made again.
    let command = "yuefu load scenarios/load-quick.toml";
    assert_eq!((&summary["origin"]["command"], &summary["origin"]["seed"]), (&command.into(), &20_270_101.into()));
    for file in ["summary.json", "run.hlog", "totals.hlog", "all.hgrm", "junit.xml", "report.html", "manifest.json"] {
        let text = std::fs::read_to_string(out.join(file)).expect("a file");
        for words in [command, "wall clock", "scenarios/load-quick.toml", "20270101", env!("CARGO_PKG_VERSION")] {
            assert!(text.contains(words), "{file} does not say {words}");
        }
    }
    let verified = yuefu(&["verify", to]).well();
    assert!(verified.contains("recomputed: all files") && verified.contains("as they were written"), "{verified}");
    std::fs::remove_file(out.join("report.html")).expect("it was there");
    yuefu(&["report", to]).well();
    assert!(out.join("report.html").is_file());
}

/// Integers outside strings that a double does not hold.
fn inexact_integers(json: &str) -> Vec<String> {
    let mut found = Vec::new();
    let (mut quoted, mut escaped, mut number) = (false, false, String::new());
    for c in json.chars() {
        if !quoted && (c.is_ascii_digit() || "+-.eE".contains(c)) {
            number.push(c);
            continue;
        }
        if number.parse::<i128>().is_ok_and(|value| value.unsigned_abs() > 1 << 53) {
            found.push(number.clone());
        }
        number.clear();
        (quoted, escaped) = (quoted != (c == '"' && !escaped), quoted && c == '\\' && !escaped);
    }
    found
}

/// JavaScript reads every number as a double and changes larger integers without a word. The largest seed that there is goes through
/// every writer of results, comes back from them, and stands in them as text.
#[test]
fn no_json_holds_an_integer_that_its_readers_change() {
    assert_eq!(
        inexact_integers(r#"{"a": 9007199254740993, "b\"": "9007199254740993", "c": 1.5e300}"#),
        ["9007199254740993"]
    );
    let home = tempfile::tempdir().expect("a directory");
    let seed = "9223372036854775807";
    let small = ["--users", "300", "--months", "1"];
    let suite = ["--replications", "2", "--set", "warmup_months=1"];
    let commands: [(&str, Vec<&str>); 3] = [
        ("run", [&["run", "scenarios/quick.toml"], &small[..]].concat()),
        ("stress", [&["stress", "scenarios/stress-suite.toml"], &small[..], &suite[..]].concat()),
        ("load", vec!["load", "scenarios/load-quick.toml", "-r", "300", "-d", "1s", "-w", "0s"]),
    ];
    for (name, command) in commands {
        let out = home.path().join(name);
        let to = out.to_str().expect("a text");
        let said = yuefu(&[&command[..], &["--seed", seed, "--out", to, "--json"]].concat());
        assert!([0, 1, 99].contains(&said.code), "{name}: {}", said.err);
        assert_eq!(inexact_integers(&said.out), Vec::<String>::new(), "{name} --json");
        yuefu(&["report", to]).well();
        let entries = std::fs::read_dir(&out).expect("made").map(|entry| entry.expect("an entry").path());
        let mut told = 0;
        for file in entries.filter(|path| path.extension().is_some_and(|ending| ending == "json")) {
            let text = std::fs::read_to_string(&file).expect("a text");
            assert_eq!(inexact_integers(&text), Vec::<String>::new(), "{}", file.display());
            told += usize::from(text.contains(&format!("\"seed\": \"{seed}\"")));
        }
        assert!(told >= 2, "{name}: {told} files with the seed as text");
        if name == "run" {
            assert!(yuefu(&["verify", to]).well().contains("same hash"));
        }
    }
}

#[test]
fn wrong_load_parts_are_explained() {
    let wrong = |set: &str, why: &str| yuefu(&["load", "scenarios/load-quick.toml", "--set", set]).refused(2, why);
    wrong("load.shape=spikes", "spike");
    wrong("load.rate=5", "means nothing to the shape `behaviour`");
    wrong("load.shape=ramp", "shape `ramp` needs `from`");
    wrong("load.at=2031-01-01T00:00", "lies outside the run");
    wrong("load.at=2027-01-05", "a moment");
    wrong("load.at=2027-01-05T25:00", "is no moment");
    wrong("load.world=severe", "no world `severe`");
    wrong("load.duration=5", "a length of time");
    wrong("load.duration=10ms", "out of range");
    wrong("load.deadline=10s", "beyond the patience");
    wrong("load.objectives=['p99 < 5']", "no length of time");
    wrong("load.objectives=['speed < 5ms']", "nothing that is measured");
    wrong("load.queue_limit=0", "below 1");
    wrong("load.placement=apart", "separate");
    wrong("load.capacity.objective=error_rate < 1%", "a latency of all requests");
    wrong("load.capacity.growth=1", "below 1.05");
    wrong("load.queu_limit=5", "queue_limit");
    yuefu(&["load", "scenarios/quick.toml"]).refused(2, "no part [load]");
    yuefu(&["load", "scenarios/quick.toml", "-r", "5"]).refused(2, "no part `[load]`");
}

/// Kills in a test; a campaign does more.
const KILLS: u64 = 12;

/// Kills a durable service at moments that a counter spreads over its life; each time what users were recovered must be there.
/// More of them: `.ci/campaign kills SEED COUNT`.
#[test]
fn a_killed_service_has_all_that_its_users_were_told() {
    let mut answered = 0;
    for kill in 0..KILLS {
        let home = tempfile::tempdir().expect("a directory");
        let (journal, acks) = (home.path().join("journal"), home.path().join("acks.bin"));
        let text = |path: &Path| path.to_str().expect("a text").to_string();
        let mut service = Command::new(env!("CARGO_BIN_EXE_yuefu"))
            .args(["load", "scenarios/load-quick.toml", "-r", "4000", "-d", "20s", "-w", "0s"])
            .args(["--set", "load.durability=group", "--set", "load.snapshot_days=2"])
            .args(["--journal", &text(&journal), "--acks", &text(&acks), "--out", &text(&home.path().join("run"))])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program was built with the tests");
        // Wait until it answers, then for some moment of its life.
        for _ in 0..600 {
            if std::fs::metadata(&acks).is_ok_and(|file| file.len() > 0) {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        std::thread::sleep(Duration::from_millis(kill * 7_919 % 1_000));
        service.kill().expect("it runs");
        service.wait().expect("it was there");
        let said =
            yuefu_in(home.path(), &["recover", &text(&journal), "--acks", &text(&acks), "--from-start", "--json"]);
        assert_eq!(said.code, 0, "kill {kill}: {} {}", said.out, said.err);
        let recovered: Value = serde_json::from_str(&said.out).expect("JSON");
        assert_eq!(recovered["acks"]["lost"], 0, "{recovered}");
        assert_eq!(recovered["acks"]["twice"], 0, "{recovered}");
        assert_eq!(recovered["state_hash"], recovered["from_start"]["state_hash"], "{recovered}");
        answered += recovered["acks"]["answers"].as_u64().expect("a number");
    }
    assert!(answered > 100, "{answered} answers before all kills");
}

#[test]
fn what_only_a_durable_service_has_is_refused_without_it() {
    let home = tempfile::tempdir().expect("a directory");
    for option in ["--journal", "--acks"] {
        let said = yuefu_in(home.path(), &["load", "load-quick", "-c", "200", option, "there"]);
        assert_eq!(
            std::fs::read_dir(home.path())
                .expect("there")
                .filter_map(Result::ok)
                .filter(|e| e.file_name() != "results")
                .count(),
            0
        );
        said.refused(2, &format!("there: {option} is of a durable service"));
    }
}
