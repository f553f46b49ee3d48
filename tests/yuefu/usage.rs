//! Help, version and wrong commands.

use crate::program::{yuefu, yuefu_in};
use serde_json::Value;
use std::process::{Command, Stdio};

/// Every command of the program.
pub(crate) const COMMANDS: [&str; 22] = [
    "run",
    "branch",
    "stress",
    "coverage",
    "compare-products",
    "merge",
    "verify",
    "calibrate",
    "check",
    "schema",
    "init",
    "list",
    "report",
    "quote",
    "export",
    "load",
    "capacity",
    "ltv",
    "compare",
    "recover",
    "completions",
    "man",
];

#[test]
fn help_names_every_command_and_the_exit_codes() {
    let help = yuefu(&["--help"]).well();
    for word in COMMANDS.into_iter().chain(["Exit codes:", "99", "130"]) {
        assert!(help.contains(word), "{help}\nlacks {word}");
    }
    for command in COMMANDS {
        let help = yuefu(&[command, "--help"]).well();
        assert!(help.contains("Example") && help.contains(&format!("  yuefu {command}")), "{help}");
    }
    for short in ["-h", "help"] {
        assert_eq!(yuefu(&[short]).well(), help);
    }
    let examples = help.find("Examples:\n").expect("examples");
    assert!(examples < help.find("Usage:").expect("a usage"), "examples come first");
    assert_eq!(help.lines().filter(|line| line.starts_with("  yuefu ")).count(), 3, "{help}");
}

/// A command that is not in the list is in no test of this file.
#[test]
fn every_command_of_the_help_is_tested_and_stands_in_the_readme() {
    let help = yuefu(&["--help"]).well();
    let (_, groups) = help.split_once("Usage:").expect("a usage");
    let (groups, _) = groups.split_once("\nOptions:").expect("options");
    let names = groups.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let mut there: Vec<&str> = names.filter(|name| *name != "help").collect();
    let mut known = COMMANDS.to_vec();
    there.sort_unstable();
    known.sort_unstable();
    assert_eq!(there, known);
    let readme = include_str!("../../README.md");
    let shown = |command: &str| readme.lines().any(|line| line.starts_with(&format!("    yuefu {command} ")));
    assert_eq!(COMMANDS.into_iter().find(|command| !shown(command)), None, "not in the README");
}

/// Counts in words are written by hand; they are those of the shipped files.
#[test]
fn the_readme_and_the_titles_count_policies_and_products() {
    const WORDS: [&str; 30] = [
        "no",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
        "twenty",
        "twenty-one",
        "twenty-two",
        "twenty-three",
        "twenty-four",
        "twenty-five",
        "twenty-six",
        "twenty-seven",
        "twenty-eight",
        "twenty-nine",
    ];
    let policies = include_str!("../../scenarios/policies.toml");
    // One of them is the present.
    let laws = WORDS[policies.matches("[[suite.policies]]").count() - 1];
    let products = include_str!("../../scenarios/products.toml");
    let list = products.lines().find_map(|line| line.strip_prefix("products = ")).expect("a list");
    let compared = WORDS[list.split(',').count()];
    let readme = include_str!("../../README.md");
    for (text, counted) in [
        (readme, format!("what {laws} policies and laws change")),
        (policies, format!("What helps: {laws} policies and laws")),
        (readme, format!("{compared} products on one economy, normal times and stress")),
        (readme, format!("| {compared} products on one economy")),
    ] {
        assert!(text.contains(&counted), "`{counted}` is not there");
    }
}

/// As on a terminal of a hundred columns, where the width is not told, and in a log.
#[test]
fn no_line_of_help_is_wider_than_a_hundred_columns() {
    for command in COMMANDS {
        let help = yuefu(&["help", command]).well();
        assert_eq!(help.lines().find(|line| line.chars().count() > 100), None, "{command}");
        let examples = help.lines().filter(|line| line.starts_with(&format!("  yuefu {command} "))).count();
        let plain = help.lines().filter(|line| *line == format!("  yuefu {command}")).count();
        assert!(examples + plain >= 2, "{help}");
    }
}

#[test]
fn the_version_names_commit_and_target() {
    let version = yuefu(&["--version"]).well();
    let (number, built_of) = version.trim_end().split_once(" (").expect("what it was built of");
    assert_eq!(number, concat!("yuefu ", env!("CARGO_PKG_VERSION")));
    let (commit, target) = built_of.trim_end_matches(')').rsplit_once(", ").expect("a target");
    assert!(!commit.is_empty() && target.contains(std::env::consts::ARCH), "{version}");
    let home = tempfile::tempdir().expect("a directory");
    let small = ["run", "quick", "--users", "100", "--months", "1", "--set", "warmup_months=1", "--out", "o"];
    yuefu_in(home.path(), &small).well();
    let read = |file: &str| std::fs::read_to_string(home.path().join("o").join(file)).expect("there");
    let said = version.trim_end().trim_start_matches("yuefu ");
    assert!(read("manifest.json").contains(&format!("\"program\": \"{said}\"")), "{}", read("manifest.json"));
    assert!(read("timing.json").contains(&format!("\"commit\": \"{commit}\"")), "{}", read("timing.json"));
}

/// Runs a program with a text on its standard input, if it is there; whether it was content.
fn accepts(program: &[&str], text: &str) -> Option<bool> {
    let mut child = Command::new(program[0])
        .args(&program[1..])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    std::io::Write::write_all(&mut child.stdin.take().expect("a pipe"), text.as_bytes()).expect("it reads");
    Some(child.wait().expect("it ends").success())
}

#[test]
fn shells_read_their_completions() {
    let parsers: [(&str, &[&str]); 5] = [
        ("bash", &["bash", "-n"]),
        ("zsh", &["zsh", "-n"]),
        ("fish", &["fish", "--no-execute"]),
        ("elvish", &["elvish", "-compileonly"]),
        ("powershell", &["pwsh", "-NoProfile", "-Command", "-"]),
    ];
    for (shell, parser) in parsers {
        let script = yuefu(&["completions", shell]).well();
        for command in COMMANDS {
            assert!(script.contains(command), "{shell} knows no {command}");
        }
        assert_ne!(accepts(parser, &script), Some(false), "{shell}");
    }
    assert_eq!(accepts(&["bash", "-n"], "if then"), Some(false), "bash is there and says no");
    yuefu(&["completions", "csh"]).refused(2, "bash");
}

#[test]
fn the_manual_has_a_page_for_every_command() {
    let page = yuefu(&["man"]).well();
    let home = tempfile::tempdir().expect("a directory");
    yuefu_in(home.path(), &["man", "--out", "man1"]).well();
    for command in COMMANDS {
        let escaped = command.replace('-', "\\-");
        assert!(page.contains(&format!("yuefu\\-{escaped}(1)")), "{page}\nlacks {command}");
        let own = std::fs::read_to_string(home.path().join(format!("man1/yuefu-{command}.1"))).expect("a page");
        assert!(own.contains(".SH NOTES") && own.contains(&format!("yuefu {command}").replace('-', "\\-")), "{own}");
    }
    assert_eq!(std::fs::read_to_string(home.path().join("man1/yuefu.1")).expect("a page"), page);
}

#[test]
fn wrong_commands_exit_with_2() {
    yuefu(&["quoted"]).refused(2, "unrecognized subcommand");
    yuefu(&["quote", "--ammount", "3"]).refused(2, "--amount");
    assert_eq!(yuefu(&[]).code, 2);
    yuefu(&["report", "no/such/run"]).refused(2, "not a whole run directory");
}

/// One document, and the exit code that there is without it.
fn document(home: &std::path::Path, arguments: &[&str], code: i32) -> Value {
    let said = yuefu_in(home, arguments);
    assert_eq!(said.code, code, "{} {}", said.out, said.err);
    serde_json::from_str(&said.out).expect("one JSON document")
}

#[test]
fn documents_say_what_the_words_say() {
    let home = tempfile::tempdir().expect("a directory");
    let home = home.path();
    std::fs::write(home.join("bad.toml"), "name = \"bad\"\nusres = 3\n").expect("written");
    let checked = document(home, &["check", "--json", "quick", "bad.toml"], 2);
    assert_eq!((&checked["valid"], &checked["scenarios"][0]["valid"]), (&false.into(), &true.into()));
    let problems = checked["scenarios"][1]["problems"].as_array().expect("a list");
    let typo = problems.iter().find(|p| p["message"] == "unknown key `usres`").expect("the typo");
    assert_eq!((&typo["file"], &typo["line"], &typo["column"]), (&"bad.toml".into(), &2.into(), &1.into()));
    assert_eq!(typo["hint"], "did you mean `users`?");
    let many: String = (0..200).map(|n| format!("unknown_{n} = 1\n")).collect();
    std::fs::write(home.join("many.toml"), many).expect("written");
    let many = document(home, &["check", "--json", "many.toml"], 2);
    assert!(many["scenarios"][0]["problems"].as_array().is_some_and(|all| all.len() > 200), "all, not the first fifty");

    let small = ["--users", "100", "--months", "1", "--set", "warmup_months=1"];
    yuefu_in(home, &[&["run", "quick", "--out", "run"], &small[..]].concat()).well();
    let verified = document(home, &["verify", "run", "--json", "--audit"], 0);
    assert_eq!((&verified["same"], &verified["kind"]), (&true.into(), &"run".into()), "{verified:#}");
    assert_eq!(verified["again"]["hash_stated"], verified["again"]["hash_found"]);
    assert!(verified["again"]["audit"]["requests"].as_u64().is_some_and(|requests| requests > 0));
    std::fs::write(home.join("run/funnel.csv"), "no funnel\n").expect("written");
    std::fs::write(home.join("run/notes"), "").expect("written");
    let verified = document(home, &["verify", "run", "--json"], 2);
    assert_eq!((&verified["same"], &verified["again"]), (&false.into(), &Value::Null));
    assert_eq!(verified["files_changed"], serde_json::json!(["funnel.csv (changed)"]));
    assert_eq!(verified["kind"], "run", "it is one, though changed");
    std::fs::remove_file(home.join("run/manifest.json")).expect("removed");
    let verified = document(home, &["verify", "run", "--json"], 1);
    assert_eq!(verified["again"]["files_different"], serde_json::json!(["funnel.csv"]));
    let nothing = document(home, &["verify", "nowhere", "--json"], 2);
    assert!(nothing["kind"].is_null() && nothing["error"].is_string());

    let calibrated = document(home, &[&["calibrate", "--check", "--json", "--seeds", "1"], &small[..]].concat(), 1);
    let targets = calibrated["targets"].as_array().expect("a list");
    let met = targets.iter().filter(|target| target["met"] == true).count();
    assert_eq!((&calibrated["met"], &calibrated["targets_met"]), (&false.into(), &met.into()));
    assert!(targets.iter().all(|target| target["accepted"][0].is_number() && target["source"].is_string()));
}

#[allow(dead_code, reason = "the build script's own functions, called here on repositories of a test")]
#[path = "../../build.rs"]
mod build;

#[test]
fn a_release_knows_its_commit_and_whether_it_was_changed() {
    let home = tempfile::tempdir().expect("a directory");
    let home = home.path();
    assert_eq!(build::commit_of(home), "unknown", "as in a source archive");
    if Command::new("git").arg("--version").output().is_err() {
        // Then no release knows its commit, and there is no repository to show.
        return;
    }
    std::fs::write(home.join("Cargo.toml"), "[package]\n").expect("written");
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"];
        let done = Command::new("git").arg("-C").arg(home).args(identity).args(arguments).output().expect("git");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).expect("text").trim().to_string()
    };
    git(&["init", "--quiet"]);
    assert_eq!(build::commit_of(home), "unknown", "no commit yet");
    git(&["add", "."]);
    git(&["commit", "--quiet", "-m", "one", "--date", "2026-11-30T12:00:00Z"]);
    let stated = format!("{} {}", git(&["rev-parse", "--short=8", "HEAD"]), git(&["show", "-s", "--format=%cs"]));
    assert_eq!(build::commit_of(home), stated);
    std::fs::write(home.join("notes"), "not part of the program").expect("written");
    assert_eq!(build::commit_of(home), stated);
    std::fs::write(home.join("Cargo.toml"), "[package]\nname = \"other\"\n").expect("written");
    assert_eq!(build::commit_of(home), format!("{stated}, changed"));
    assert!(build::watched(home).iter().any(|path| path.ends_with("HEAD")), "made anew for another commit");
}
