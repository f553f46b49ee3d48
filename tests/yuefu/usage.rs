//! Help, version and wrong commands.

use crate::program::yuefu;

const COMMANDS: [&str; 18] = [
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
    assert!(yuefu(&["--version"]).well().starts_with("yuefu "));
}

#[test]
fn wrong_commands_exit_with_2() {
    yuefu(&["quoted"]).refused(2, "unrecognized subcommand");
    yuefu(&["quote", "--ammount", "3"]).refused(2, "--amount");
    assert_eq!(yuefu(&[]).code, 2);
    yuefu(&["report", "no/such/run"]).refused(2, "not a whole run directory");
}
