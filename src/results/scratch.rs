//! A directory that is being made: a random name beside its target, or inside a results directory, and a mark of ownership. Only
//! what carries the mark is ever removed without looking into it.

use super::ResultsError;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};

/// File in a directory of ours that says so.
pub(super) const MARK: &str = ".yuefu-mark";

const MARK_TEXT: &str =
    "This directory belongs to yuefu while it works. What is in it was not finished and may be removed.\n";

/// Ending of the name of a directory that is being made.
pub(super) const PARTIAL: &str = "partial";
/// Ending of the name of a former result between two renames.
pub(super) const FORMER: &str = "former";

/// A directory that is being made; removed when it is dropped.
#[derive(Debug)]
pub(crate) struct Scratch {
    path: PathBuf,
    kept: bool,
}

impl Scratch {
    /// Makes an empty one for a target of this name.
    ///
    /// # Errors
    /// From the file system.
    pub(crate) fn make(parent: &Path, name: &OsStr) -> Result<Scratch, ResultsError> {
        let path = parent.join(random_name(name, PARTIAL));
        fs::create_dir(&path).map_err(|e| ResultsError::io(&path, e))?;
        let scratch = Scratch { path, kept: false };
        mark(&scratch.path)?;
        Ok(scratch)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the mark away: from now on its manifest says whose it is.
    pub(super) fn unmark(&self) -> Result<(), ResultsError> {
        let path = self.path.join(MARK);
        fs::remove_file(&path).map_err(|e| ResultsError::io(&path, e))
    }

    /// It has become something else; dropping leaves it.
    pub(super) fn keep(mut self) -> PathBuf {
        self.kept = true;
        std::mem::take(&mut self.path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if !self.kept {
            // Nobody is left to report to; the next run clears it.
            let _ = clear(&self.path);
        }
    }
}

/// Removes a directory that is being made; the mark goes last, so that one that is half removed is still known as ours.
pub(super) fn clear(dir: &Path) -> Result<(), ResultsError> {
    let io = |e| ResultsError::io(dir, e);
    for entry in fs::read_dir(dir).map_err(io)? {
        let entry = entry.map_err(io)?;
        if entry.file_type().map_err(io)?.is_dir() {
            fs::remove_dir_all(entry.path()).map_err(io)?;
        } else if entry.file_name() != MARK {
            fs::remove_file(entry.path()).map_err(io)?;
        }
    }
    fs::remove_dir_all(dir).map_err(io)
}

/// Marks a directory as ours.
pub(super) fn mark(dir: &Path) -> Result<(), ResultsError> {
    let path = dir.join(MARK);
    fs::write(&path, MARK_TEXT).map_err(|e| ResultsError::io(&path, e))
}

/// Marks a directory in which nothing lies, or no more than a mark that was not finished. False when something else lies there.
///
/// # Errors
/// From the file system.
pub(super) fn claim(dir: &Path) -> Result<bool, ResultsError> {
    if is_marked(dir) {
        return Ok(true);
    }
    for entry in fs::read_dir(dir).map_err(|e| ResultsError::io(dir, e))? {
        if !is_begun_mark(dir, &entry.map_err(|e| ResultsError::io(dir, e))?.file_name()) {
            return Ok(false);
        }
    }
    mark(dir)?;
    Ok(true)
}

/// True of a file in a directory that a process was killed over, or is just now, while it left our mark.
pub(super) fn is_begun_mark(dir: &Path, name: &OsStr) -> bool {
    name == MARK && fs::read_to_string(dir.join(MARK)).is_ok_and(|text| MARK_TEXT.starts_with(&text))
}

/// True of a directory that carries our mark.
pub(super) fn is_marked(dir: &Path) -> bool {
    fs::read_to_string(dir.join(MARK)).is_ok_and(|text| text == MARK_TEXT)
}

/// `NAME.0123456789abcdef.ENDING`, with digits that nobody else has.
pub(super) fn random_name(name: &OsStr, ending: &str) -> OsString {
    let mut all = name.to_os_string();
    // The standard library's hashers are seeded by the operating system.
    all.push(format!(".{:016x}.{ending}", RandomState::new().hash_one(std::process::id())));
    all
}

/// True of a name that [`random_name`] gives.
pub(super) fn is_random_name(found: &OsStr, name: &OsStr, ending: &str) -> bool {
    let rest = found.as_encoded_bytes().strip_prefix(name.as_encoded_bytes()).and_then(|rest| rest.strip_prefix(b"."));
    let digits = rest.and_then(|rest| rest.strip_suffix(ending.as_bytes())?.strip_suffix(b"."));
    digits.is_some_and(|digits| digits.len() == 16 && digits.iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_random_and_known_again() {
        let name = OsStr::new("run.partial");
        let (one, two) = (random_name(name, PARTIAL), random_name(name, PARTIAL));
        assert_ne!(one, two);
        assert!(is_random_name(&one, name, PARTIAL) && !is_random_name(&one, name, FORMER));
        assert!(!is_random_name(&one, OsStr::new("run"), PARTIAL));
        for other in ["run.partial", "run.x.partial", "run.0123456789abcdeg.partial", "run"] {
            assert!(!is_random_name(OsStr::new(other), OsStr::new("run"), PARTIAL), "{other}");
        }
    }

    #[test]
    fn a_mark_that_was_not_finished_is_ours_and_nothing_else_is() {
        let home = tempfile::tempdir().expect("a directory");
        for begun in ["", &MARK_TEXT[..20], MARK_TEXT] {
            fs::write(home.path().join(MARK), begun).expect("written");
            assert!(claim(home.path()).expect("read") && is_marked(home.path()), "{begun}");
        }
        fs::write(home.path().join(MARK), "my own").expect("written");
        assert!(!claim(home.path()).expect("read"));
        fs::write(home.path().join(MARK), "").expect("written");
        fs::write(home.path().join("notes"), "").expect("written");
        assert!(!claim(home.path()).expect("read") && !is_marked(home.path()));
    }

    #[test]
    fn it_is_marked_and_goes_when_dropped() {
        let home = tempfile::tempdir().expect("a directory");
        let scratch = Scratch::make(home.path(), OsStr::new("run")).expect("made");
        assert!(is_marked(scratch.path()) && !is_marked(home.path()));
        drop(scratch);
        assert_eq!(fs::read_dir(home.path()).expect("there").count(), 0);
    }
}
