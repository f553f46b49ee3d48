//! A results directory while it is being made, of either clock: a scratch directory beside the target until the last file is in,
//! then put in its place.
//!
//! | lies there | `yuefu …` | `--force` | `--keep` |
//! |---|---|---|---|
//! | nothing, or an empty directory | written | written | written |
//! | a result of the same kind, as it was written | replaced | replaced | gets a number |
//! | a result of another kind, as it was written | refused | replaced | gets a number |
//! | anything else: a file, foreign files, a changed result | refused | gets a number | gets a number |
//!
//! Nothing is ever removed that the manifest does not prove to be ours, and another process's directory is refused whatever
//! is asked for. Refusals come before any work. What came into a former result while the work was done is kept under a number.

use super::manifest::{Kind, Manifest};
use super::ownership::{Standing, aside, judge, retire};
use super::scratch::{self, FORMER, PARTIAL, Scratch};
use super::target::MadeParents;
use super::{Lock, Origin, ResultsError, RunRecord, target, writing};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// What becomes of a former result at the target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Former {
    /// One of the same kind is replaced, anything else refuses the new one.
    #[default]
    Replace,
    /// Any result of ours is replaced; what is not ours gets a number.
    Force,
    /// It gets a number.
    Keep,
}

/// A directory under construction. Dropped without [`RunDirectory::commit`], it is removed again, so an interrupted run leaves
/// nothing.
#[derive(Debug)]
pub(crate) struct RunDirectory {
    target: PathBuf,
    kind: Kind,
    former: Former,
    origin: Option<Origin>,
    // Dropped before the lock is given back.
    scratch: Scratch,
    _lock: Lock,
    // Dropped last: the lock lies in them.
    _parents: MadeParents,
}

impl RunDirectory {
    /// Starts a directory of a kind. What killed runs left of theirs is cleared.
    ///
    /// # Errors
    /// [`ResultsError::Target`], [`ResultsError::Occupied`] or [`ResultsError::Busy`] when it cannot be had; nothing was done then.
    pub(crate) fn create(out: &Path, kind: Kind, former: Former) -> Result<RunDirectory, ResultsError> {
        let parents = MadeParents::above(out);
        let target = target::normalised(out)?;
        // Whatever keeps a lock and a scratch directory from being made beside it keeps the results from being put there.
        let refused = |error: ResultsError| match error {
            ResultsError::Io { source, .. } => ResultsError::Target {
                path: out.to_path_buf(),
                why: format!("nothing can be written beside it: {source}"),
            },
            error => error,
        };
        let lock = Lock::take(&target).map_err(refused)?;
        let (Some(parent), Some(name)) = (target.parent(), target.file_name()) else {
            return Err(ResultsError::Target { path: target, why: "it has no name".to_string() });
        };
        clear_what_was_left(parent, name, &target)?;
        let occupied = |why: String| Err(ResultsError::Occupied { path: out.to_path_buf(), why });
        match judge(&target)? {
            _ if former != Former::Replace => {}
            Standing::Free => {}
            Standing::Ours { kind: there, .. } if there == kind => {}
            Standing::Ours { kind: there, .. } => return occupied(format!("it holds {there}, not {kind}")),
            Standing::NotOurs { why } => return occupied(why),
        }
        let scratch = Scratch::make(parent, name).map_err(refused)?;
        Ok(RunDirectory { scratch, target, kind, former, origin: None, _lock: lock, _parents: parents })
    }

    /// Where files go until the commit.
    pub(crate) fn path(&self) -> &Path {
        self.scratch.path()
    }

    /// Where it will be: absolute, links followed.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Writes all files of a record of the virtual clock. (For the wall clock: [`super::load::write_into`],
    /// for a suite: [`super::suite::write_into`].)
    ///
    /// # Errors
    /// From the file system.
    pub(crate) fn write(&self, record: &RunRecord) -> Result<(), ResultsError> {
        writing::write_all(self.path(), record)
    }

    /// Says where the result comes from: the manifest names it for every file.
    pub(crate) fn set_origin(&mut self, origin: Origin) {
        self.origin = Some(origin);
    }

    /// Puts the directory in its place. Returns where a former content was moved to, when it had to be kept.
    ///
    /// # Errors
    /// From the file system; what was there stays.
    pub(crate) fn commit(self) -> Result<Option<PathBuf>, ResultsError> {
        let (fresh, target) = (self.scratch.path(), self.target.as_path());
        Manifest::write_of(fresh, self.kind, self.origin.clone())?;
        self.scratch.unmark()?;
        // Once more: a run of hours leaves much time to put something there.
        let kept = match judge(target)? {
            Standing::Free => {
                // Not there, or empty: elsewhere than on Unix a rename needs the name free.
                let _ = fs::remove_dir(target);
                fs::rename(fresh, target).map_err(|e| ResultsError::io(fresh, e))?;
                None
            }
            Standing::Ours { kind, .. } if self.replaces(kind) => {
                let former = swap(fresh, target)?;
                retire(&former, target)?
            }
            _ => {
                let to = aside(target, target)?;
                if let Err(error) = fs::rename(fresh, target) {
                    fs::rename(&to, target).map_err(|e| ResultsError::io(&to, e))?;
                    return Err(ResultsError::io(fresh, error));
                }
                Some(to)
            }
        };
        self.scratch.keep();
        Ok(kept)
    }

    fn replaces(&self, kind: Kind) -> bool {
        match self.former {
            Former::Replace => kind == self.kind,
            Former::Force => true,
            Former::Keep => false,
        }
    }
}

/// Puts a fresh directory in the place of a former one, in one step where the system can; returns where the former one is then.
fn swap(fresh: &Path, target: &Path) -> Result<PathBuf, ResultsError> {
    if exchange(fresh, target) {
        return Ok(fresh.to_path_buf());
    }
    let former = target.with_file_name(scratch::random_name(target.file_name().unwrap_or_default(), FORMER));
    fs::rename(target, &former).map_err(|e| ResultsError::io(target, e))?;
    if let Err(error) = fs::rename(fresh, target) {
        fs::rename(&former, target).map_err(|e| ResultsError::io(&former, e))?;
        return Err(ResultsError::io(fresh, error));
    }
    Ok(former)
}

#[cfg(target_os = "linux")]
fn exchange(a: &Path, b: &Path) -> bool {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn exchange(_a: &Path, _b: &Path) -> bool {
    false
}

/// Clears what killed runs to this target left: what carries our mark, and former results that are whole. A former result whose
/// successor never came is put back. Everything else stays and is in nobody's way, since names are random.
fn clear_what_was_left(parent: &Path, name: &OsStr, target: &Path) -> Result<(), ResultsError> {
    for entry in fs::read_dir(parent).map_err(|e| ResultsError::io(parent, e))? {
        let entry = entry.map_err(|e| ResultsError::io(parent, e))?;
        let (found, path) = (entry.file_name(), entry.path());
        let was_former = scratch::is_random_name(&found, name, FORMER);
        if !was_former && !scratch::is_random_name(&found, name, PARTIAL) {
            continue;
        }
        if scratch::is_marked(&path) {
            scratch::clear(&path)?;
            continue;
        }
        match judge(&path)? {
            Standing::Ours { .. } if was_former && fs::symlink_metadata(target).is_err() => {
                fs::rename(&path, target).map_err(|e| ResultsError::io(&path, e))?;
            }
            Standing::Ours { .. } | Standing::Free => drop(retire(&path, target)?),
            Standing::NotOurs { .. } => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
