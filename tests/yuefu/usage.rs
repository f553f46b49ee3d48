//! Help, version and wrong commands.

use crate::program::{yuefu, yuefu_in};
use std::process::{Command, Stdio};

/// Every command of the program.
pub(crate) const COMMANDS: [&str; 20] = [
    "run",
    "stress",
    "coverage",
    "compare-products",
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
