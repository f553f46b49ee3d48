//! `yuefu check` and `yuefu schema`.

use crate::program::{yuefu, yuefu_in};
use serde_json::Value;

#[test]
fn the_scenarios_of_the_repository_are_good() {
    let scenarios = [
        "baseline",
        "downturn",
        "mild-downturn",
        "quick",
        "evening-peak",
        "due-day-storm",
        "star-stream",
        "load-quick",
    ]
    .map(|name| format!("scenarios/{name}.toml"));
    let mut arguments = vec!["check"];
    arguments.extend(scenarios.iter().map(String::as_str));
    let out = yuefu(&arguments).well();
    for scenario in &scenarios {
        assert!(out.lines().any(|line| line == format!("{scenario}: ok")), "{out}");
    }
}

#[test]
fn all_errors_come_at_once_with_their_places() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let models = concat!(env!("CARGO_MANIFEST_DIR"), "/models");
    let good = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/quick.toml")).expect("there");
    let users = good.lines().find(|line| line.starts_with("users")).expect("a key");
    let bad = format!("models = {models:?}\nreplicatoin = 3\n{}", good.replace(users, "users = \"many\""));
    let line_of_users = 1 + bad.lines().position(|line| line.starts_with("users")).expect("a key");
    std::fs::write(directory.path().join("bad.toml"), bad).expect("written");
    let said = yuefu_in(directory.path(), &["check", "bad.toml"]);
    for part in ["bad.toml:2:1", "did you mean `replication`?", &format!("bad.toml:{line_of_users}:"), "2 errors"] {
        assert!(said.err.contains(part), "{}\nlacks {part}", said.err);
    }
    said.refused(2, "unknown key `replicatoin`");
    yuefu(&["check", "no/such/scenario.toml"]).refused(2, "no/such/scenario.toml");
    yuefu(&["check"]).refused(2, "<SCENARIO>");
}

/// Douyin publishes 0.05 % a day, 18.25 % a year, and asks 19.2 % and more of tiers 1 to 4. A surcharge is never below.
#[test]
fn what_is_odd_is_told_and_no_error() {
    let said = yuefu(&["check", "scenarios/quick.toml"]);
    let odd = "warning: scenarios/quick.toml: product: the published late interest of 18.25 % a year is below the contract \
               rate of tier 1, 2, 3, 4";
    assert_eq!((said.code, said.out.as_str()), (0, "scenarios/quick.toml: ok\n"), "{}", said.err);
    assert!(said.err.contains(odd), "{}", said.err);
    let document: Value =
        serde_json::from_str(&yuefu(&["check", "--json", "scenarios/quick.toml"]).well()).expect("JSON");
    assert_eq!(document["scenarios"][0]["warnings"].as_array().map(Vec::len), Some(1), "{document}");
    let law = yuefu(&["check", "scenarios/law-2027.toml"]);
    assert!(
        law.err.contains("law `small-loan-4-lpr` from 2027-12-31: the price list, up to 23.4 %, is cut to 12 %"),
        "{}",
        law.err
    );
}

#[test]
fn the_schema_describes_scenarios() {
    let schema: Value = serde_json::from_str(&yuefu(&["schema"]).well()).expect("JSON");
    for key in ["users", "months", "seed", "worlds"] {
        assert!(schema["properties"][key].is_object(), "{key}");
    }
    assert_eq!(schema["additionalProperties"], false, "typos are errors in editors too");
}

#[cfg(unix)]
#[test]
fn a_pipe_is_read_once_and_a_device_without_end_is_refused() {
    use std::process::{Command, Stdio};
    let mut cat = Command::new("cat")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/quick.toml"))
        .stdout(Stdio::piped())
        .spawn()
        .expect("cat is there");
    let pipe = cat.stdout.take().expect("a pipe");
    let checked = Command::new(env!("CARGO_BIN_EXE_yuefu")).args(["check", "/dev/stdin"]).stdin(pipe).output();
    let checked = checked.expect("the program was built with the tests");
    cat.wait().expect("it ends");
    assert_eq!(String::from_utf8_lossy(&checked.stdout), "/dev/stdin: ok\n", "{checked:?}");
    yuefu(&["check", "/dev/zero"]).refused(2, "it is longer than 64 MiB");
}

#[test]
fn the_line_that_is_not_utf_8_is_named() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(directory.path().join("ltv-2.toml"), b"name = \"a\"\n# \xff\n").expect("written");
    let said = yuefu_in(directory.path(), &["check", "ltv-2.toml"]);
    assert!(!said.err.contains("did you mean"), "{}", said.err);
    said.refused(2, "line 2 is not UTF-8");
}
