//! Runs the program and holds on to what it said.

use std::path::Path;
use std::process::{Command, Output};

/// What a run of the program left.
#[derive(Debug)]
pub(crate) struct Said {
    /// Exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// Runs `yuefu` in the directory of the sources.
pub(crate) fn yuefu(arguments: &[&str]) -> Said {
    yuefu_in(Path::new(env!("CARGO_MANIFEST_DIR")), arguments)
}

/// Runs `yuefu` in a directory.
pub(crate) fn yuefu_in(directory: &Path, arguments: &[&str]) -> Said {
    let output =
        Command::new(env!("CARGO_BIN_EXE_yuefu")).args(arguments).current_dir(directory).env_remove("COLUMNS").output();
    said(output.expect("the program was built with the tests"))
}

/// Runs `yuefu` in a directory with a text on its standard input.
pub(crate) fn yuefu_reading(directory: &Path, arguments: &[&str], text: &str) -> Said {
    let input = directory.join("standard-input");
    std::fs::write(&input, text).expect("written");
    let output = Command::new(env!("CARGO_BIN_EXE_yuefu"))
        .args(arguments)
        .current_dir(directory)
        .env_remove("COLUMNS")
        .stdin(std::fs::File::open(&input).expect("there"))
        .output();
    said(output.expect("the program was built with the tests"))
}

fn said(output: Output) -> Said {
    Said {
        code: output.status.code().expect("no signal ended it"),
        out: String::from_utf8(output.stdout).expect("standard output is text"),
        err: String::from_utf8(output.stderr).expect("standard error is text"),
    }
}

impl Said {
    /// The first line on standard error.
    pub(crate) fn first_line(&self) -> String {
        self.err.lines().next().unwrap_or_default().to_owned()
    }

    /// It went well and said nothing beside its answer, but where scenario and models were read from, that the shipped product asks
    /// less of the late than of those who revolve, and what the law of 2027 does to its prices.
    #[track_caller]
    pub(crate) fn well(self) -> String {
        let odd = ["is below the contract rate of tier", "law `small-loan-4-lpr` from 2027-12-31"];
        let known = |line: &str| line.starts_with("scenario: ") || odd.iter().any(|what| line.contains(what));
        let beside: Vec<&str> = self.err.lines().filter(|line| !known(line)).collect();
        assert_eq!((self.code, beside.join("\n").as_str()), (0, ""), "{}", self.out);
        self.out
    }

    /// It refused with this exit code, said why, and printed no answer.
    #[track_caller]
    pub(crate) fn refused(self, code: i32, why: &str) {
        assert_eq!((self.code, self.out.as_str()), (code, ""), "{}", self.err);
        assert!(self.err.contains(why), "{}\nshould say: {why}", self.err);
        assert!(self.err.starts_with("error"), "{}", self.err);
    }
}
