//! `DIR.checkpoint/`: the checkpoints of a run, a directory for each day at which one was made. The lock of `DIR` is held while a run
//! writes here. The area carries our mark; what else is put there is never removed.
//!
//! States that nobody will go on from are given up all at once, by a file that says so; then they are removed one by one. Whoever is
//! killed over that leaves an area without states, not one with some of them.

use super::super::scratch::{MARK, claim, is_begun_mark, is_marked};
use super::super::{ResultsError, target};
use super::file::sync_directory;
use super::saved::{self, SavedState, StateKey};
use std::fs;
use std::path::{Path, PathBuf};

/// Checkpoints that stay: the last and the one before, in case the last is damaged.
const GENERATIONS: usize = 2;

/// File in an area whose states are given up.
const GIVEN_UP: &str = ".yuefu-given-up";

/// The checkpoints of a run.
#[derive(Clone, Debug)]
pub(crate) struct CheckpointArea {
    directory: PathBuf,
}

/// What lies in an area.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// States with a readable manifest, the last day first.
    pub states: Vec<SavedState>,
    /// What is wrong with the others, manifests that were never written apart.
    pub damaged: Vec<String>,
}

impl CheckpointArea {
    /// The area beside a results directory, whether it is there or not.
    pub(crate) fn beside(target: &Path) -> CheckpointArea {
        CheckpointArea { directory: target::beside(target, "checkpoint") }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.directory
    }

    /// It is not there, or it is ours.
    ///
    /// # Errors
    /// [`ResultsError::Target`] names what is in the way.
    pub(crate) fn is_free(&self) -> Result<(), ResultsError> {
        let refused = |why: String| Err(ResultsError::Target { path: self.directory.clone(), why });
        let entries = match fs::read_dir(&self.directory) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => {
                return refused(format!(
                    "no checkpoints can be kept there ({error}): move it, or choose another --out"
                ));
            }
            Ok(entries) => entries,
        };
        if is_marked(&self.directory) {
            return Ok(());
        }
        for entry in entries {
            let name = entry.map_err(|e| ResultsError::io(&self.directory, e))?.file_name();
            if !is_begun_mark(&self.directory, &name) {
                let name = name.display();
                return refused(format!(
                    "it is not Yuefu's, {name} lies in it: move {name} away, or choose another --out"
                ));
            }
        }
        Ok(())
    }

    /// Makes the place of the state after so many days, and the area with the first of them. What a kill left there is overwritten.
    ///
    /// # Errors
    /// [`ResultsError::Target`] when something is in the way; from the file system.
    pub(crate) fn begin(&self, days_done: usize) -> Result<(), ResultsError> {
        self.is_free()?;
        fs::create_dir_all(&self.directory).map_err(|e| ResultsError::io(&self.directory, e))?;
        claim(&self.directory)?;
        if self.is_given_up() {
            self.clear()?;
        }
        let place = self.day(days_done);
        fs::create_dir_all(&place).map_err(|e| ResultsError::io(&place, e))?;
        sync_directory(&self.directory)
    }

    /// Where the state after so many days lies.
    pub(crate) fn day(&self, days_done: usize) -> PathBuf {
        self.directory.join(format!("day-{days_done:05}"))
    }

    /// Days at which something was begun, the last first.
    fn days(&self) -> Result<Vec<usize>, ResultsError> {
        if !is_marked(&self.directory) {
            return Ok(Vec::new());
        }
        let mut days = Vec::new();
        for entry in fs::read_dir(&self.directory).map_err(|e| ResultsError::io(&self.directory, e))? {
            let entry = entry.map_err(|e| ResultsError::io(&self.directory, e))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let day =
                name.strip_prefix("day-").filter(|digits| digits.len() == 5).and_then(|day| day.parse::<usize>().ok());
            days.extend(day.filter(|_| entry.file_type().is_ok_and(|kind| kind.is_dir())));
        }
        days.sort_unstable();
        days.reverse();
        Ok(days)
    }

    /// What lies there.
    ///
    /// # Errors
    /// From the file system.
    pub(crate) fn found(&self) -> Result<Found, ResultsError> {
        let mut found = Found::default();
        if self.is_given_up() {
            return Ok(found);
        }
        for day in self.days()? {
            let directory = self.day(day);
            if !saved::is_finished(&directory) {
                continue;
            }
            match SavedState::open(&directory) {
                Ok(state) => found.states.push(state),
                Err(error) => found.damaged.push(error.to_string()),
            }
        }
        Ok(found)
    }

    /// Removes what a new state after `days_done` days has replaced: all but the last states that are whole.
    ///
    /// # Errors
    /// From the file system.
    pub(crate) fn prune(&self, days_done: usize) -> Result<(), ResultsError> {
        let mut kept = 0;
        for day in self.days()? {
            let directory = self.day(day);
            // Of later days there is nothing: a state that was gone back from is damaged.
            let is_kept = day <= days_done && kept < GENERATIONS && saved::is_finished(&directory);
            kept += usize::from(is_kept);
            if !is_kept {
                saved::remove(&directory)?;
            }
        }
        Ok(())
    }

    /// Removes everything that is ours: the run is whole.
    ///
    /// # Errors
    /// From the file system.
    pub(crate) fn remove(&self) -> Result<(), ResultsError> {
        if !is_marked(&self.directory) {
            return Ok(());
        }
        let path = self.directory.join(GIVEN_UP);
        fs::write(&path, "").map_err(|e| ResultsError::io(&path, e))?;
        // No state may be gone from the disk before this file is on it.
        sync_directory(&self.directory)?;
        self.clear()?;
        self.leave_if_empty();
        Ok(())
    }

    /// Its states are given up: they are being removed, or were when a process was killed.
    fn is_given_up(&self) -> bool {
        is_marked(&self.directory) && self.directory.join(GIVEN_UP).is_file()
    }

    /// Removes states that are given up, and last the file that says so.
    fn clear(&self) -> Result<(), ResultsError> {
        self.days()?.into_iter().try_for_each(|day| saved::remove(&self.day(day)))?;
        sync_directory(&self.directory)?;
        let path = self.directory.join(GIVEN_UP);
        fs::remove_file(&path).map_err(|e| ResultsError::io(&path, e))
    }

    /// Removes the area when nothing but our mark is in it. With anything else the mark stays, so that a later run knows the area as ours.
    pub(crate) fn leave_if_empty(&self) {
        let is_mark = |entry: std::io::Result<fs::DirEntry>| {
            entry.is_ok_and(|entry| is_begun_mark(&self.directory, &entry.file_name()))
        };
        if fs::read_dir(&self.directory).is_ok_and(|mut entries| entries.all(is_mark)) {
            // What cannot be removed is no state, and the next run takes it for its own.
            let _ = fs::remove_file(self.directory.join(MARK));
            let _ = fs::remove_dir(&self.directory);
        }
    }
}

/// Why a state may not be gone on from, in words.
pub(crate) fn unlike(state: &SavedState, key: &StateKey) -> Option<String> {
    let found = state.key();
    if found.rows != key.rows {
        let by = state.written_by();
        return Some(format!(
            "it has rows of version {}, this program those of {}; yuefu {by} wrote it and can go on from it",
            found.rows, key.rows
        ));
    }
    if found.scenario != key.scenario {
        let name = &state.facts().name;
        return Some(format!("it is of another scenario, or of {name} with other values"));
    }
    (found.program != key.program).then(|| format!("yuefu {} wrote it, not this one", state.written_by()))
}
