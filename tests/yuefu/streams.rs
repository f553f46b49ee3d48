//! Closed, full and broken standard streams: no panic, no signal, and the exit code that is right.

use crate::jobs::{JOBS, Job, wrong_of};
use crate::usage::COMMANDS;
use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

/// What stands at a standard stream.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stream {
    /// A file that takes everything.
    Good,
    /// A device that is full.
    Full,
    /// A pipe whose reader has gone.
    Broken,
    /// Nothing.
    Closed,
}

fn at(stream: Stream) -> Stdio {
    match stream {
        Stream::Good | Stream::Closed => Stdio::null(),
        Stream::Full => File::options().write(true).open("/dev/full").expect("a device").into(),
        // The reader is dropped at once.
        Stream::Broken => std::io::pipe().expect("a pipe").1.into(),
    }
}

/// The exit code, or 128 and more for a signal.
fn exit_code(home: &Path, arguments: &[String], out: Stream, err: Stream) -> i32 {
    let mut script = "exec \"$@\"".to_string();
    for (stream, closing) in [(out, " >&-"), (err, " 2>&-")] {
        if stream == Stream::Closed {
            script += closing;
        }
    }
    // The shell becomes the program; it is there to close what the standard library cannot.
    let status = Command::new("sh")
        .args(["-c", &script, "sh", env!("CARGO_BIN_EXE_yuefu")])
        .args(arguments)
        .current_dir(home)
        .stdin(Stdio::null())
        .stdout(at(out))
        .stderr(at(err))
        .status()
        .expect("a shell");
    status.code().unwrap_or(128)
}

#[test]
fn every_command_has_a_job() {
    let first = |typed: &'static str| typed.split(' ').next().unwrap_or_default();
    let jobs: BTreeSet<&str> = JOBS.iter().map(|job| first(job.typed)).collect();
    assert_eq!(COMMANDS.iter().find(|command| !jobs.contains(**command)), None);
}

/// All jobs under one kind of streams, each kind in a folder of its own.
fn all_jobs(out: Stream, err: Stream) {
    let home = tempfile::tempdir().expect("a directory");
    let tried = |job: &Job| {
        let arguments = job.arguments();
        let code = exit_code(home.path(), &arguments, out, err);
        let right = if out == Stream::Full && !job.says.is_empty() { &[3][..] } else { job.codes };
        (!right.contains(&code)).then(|| format!("yuefu {}: {code} instead of {right:?}", job.typed))
    };
    let wrong = [wrong_of(false, &tried), wrong_of(true, &tried)].concat();
    assert!(wrong.is_empty(), "standard output {out:?}, standard error {err:?}:\n{}", wrong.join("\n"));
}

#[test]
fn a_full_standard_output_is_work_that_could_not_be_finished() {
    all_jobs(Stream::Full, Stream::Good);
}

#[test]
fn a_reader_that_went_away_changes_no_exit_code() {
    all_jobs(Stream::Broken, Stream::Broken);
}

#[test]
fn closed_streams_change_no_exit_code() {
    all_jobs(Stream::Closed, Stream::Closed);
}

#[test]
fn a_full_standard_error_changes_no_exit_code() {
    all_jobs(Stream::Good, Stream::Full);
}

/// All at once is the worst: what cannot be said cannot be said of anything.
#[test]
fn nothing_panics_where_everything_is_full() {
    let home = tempfile::tempdir().expect("a directory");
    for (typed, code) in [("help", 3), ("check quick", 3), ("check nowhere", 2), ("list keys", 3), ("quoted", 2)] {
        let arguments: Vec<String> = typed.split(' ').map(ToString::to_string).collect();
        assert_eq!(exit_code(home.path(), &arguments, Stream::Full, Stream::Full), code, "{typed}");
    }
}
