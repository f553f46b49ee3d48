//! The standard streams. Nothing else in the program writes to them: a print that cannot be written must not end the program.
//!
//! An answer that nobody reads on (`yuefu … | head`) is given all the same, so the exit code does not depend on who listens. An answer
//! that cannot be written (a full disk) is work that could not be finished. What is said beside the answer may get lost.

use crate::cli::{Exit, Failure};
use crate::results::json_text;
use std::fmt::Display;
use std::io::{ErrorKind, IsTerminal, Write};

/// Writes an answer to standard output, to its last byte.
///
/// # Errors
/// When it cannot be written, but for a reader that went away.
pub(crate) fn answer(text: &str) -> Result<Exit, Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::Failed(anyhow::Error::new(error).context("cannot write to standard output")))
        }
        _ => Ok(Exit::Ok),
    }
}

/// Writes one line of answer.
///
/// # Errors
/// As [`answer`].
pub(crate) fn say(line: impl Display) -> Result<Exit, Failure> {
    answer(&format!("{line}\n"))
}

/// Writes a document of JSON as the answer.
///
/// # Errors
/// As [`answer`].
pub(crate) fn document(json: &impl serde::Serialize) -> Result<Exit, Failure> {
    answer(&json_text(json))
}

/// Says something beside the answer, on standard error. The work does not depend on whether anybody reads it.
pub(crate) fn note(line: impl Display) {
    let text = format!("{line}\n");
    let mut err = std::io::stderr().lock();
    let _ = err.write_all(text.as_bytes());
}

/// True when somebody may be looking at standard error.
pub(crate) fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}

/// A stream that is written to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stream {
    /// Standard output.
    Answers,
    /// Standard error.
    Notes,
}

impl Stream {
    /// True when what goes there may be coloured: somebody is looking, and asked for no plain text (<https://no-color.org>).
    pub(crate) fn has_colours(self) -> bool {
        let watched = match self {
            Stream::Answers => std::io::stdout().is_terminal(),
            Stream::Notes => is_watched(),
        };
        watched && wants_colours(std::env::var_os("NO_COLOR").as_deref(), std::env::var_os("TERM").as_deref())
    }
}

fn wants_colours(no_color: Option<&std::ffi::OsStr>, term: Option<&std::ffi::OsStr>) -> bool {
    no_color.is_none_or(std::ffi::OsStr::is_empty) && term.is_none_or(|term| term != "dumb")
}

#[cfg(test)]
mod tests {
    use super::wants_colours;
    use std::ffi::OsStr;

    #[test]
    fn who_asks_for_plain_text_gets_it() {
        let some = |text| Some(OsStr::new(text));
        assert!(wants_colours(None, None) && wants_colours(some(""), some("xterm")));
        assert!(!wants_colours(some("1"), None) && !wants_colours(None, some("dumb")));
    }
}
