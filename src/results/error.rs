//! Why a results directory cannot be written or read.

use std::path::{Path, PathBuf};

/// Why a run directory cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ResultsError {
    /// The file system said no.
    #[error("{}: {source}", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
    /// A file that every run directory has is not there.
    #[error("{}: no such file, so this is not a whole run directory", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// A table has something wrong at a line.
    #[error("{}, line {line}: {what}", path.display())]
    Table {
        /// The file.
        path: PathBuf,
        /// Line, from 1 (the header).
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// A JSON file has something wrong.
    #[error("{}: {what}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The target holds what a new result may not replace.
    #[error(
        "{}: {why}; nothing was touched: choose another --out, number what is there with --keep, or put the new result in its \
         place with --force (what is not Yuefu's gets a number then)",
        path.display()
    )]
    Occupied {
        /// The target.
        path: PathBuf,
        /// What it holds.
        why: String,
    },
    /// No directory can be put there.
    #[error("{}: {why}", path.display())]
    Target {
        /// The target as it was typed.
        path: PathBuf,
        /// Why, and what to do.
        why: String,
    },
    /// Another process writes there.
    #[error("{}: {holder} writes there; wait for it or choose another --out", path.display())]
    Busy {
        /// The target.
        path: PathBuf,
        /// Process, machine, since when.
        holder: String,
    },
    /// Published files are not as they were written.
    #[error("{}: the directory was changed: {}", path.display(), changes.join(", "))]
    Changes {
        /// The directory.
        path: PathBuf,
        /// Each file and how it differs.
        changes: Vec<String>,
    },
    /// The list of files was changed.
    #[error("{}: the list of files is not the one that was written: the directory was changed", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
    },
    /// The tables do not give the hash that `result.json` states.
    #[error("{}: the tables hash to {found}, result.json says {stated}: the directory was changed", path.display())]
    Hash {
        /// The directory.
        path: PathBuf,
        /// Hash in `result.json`.
        stated: String,
        /// Hash of what was read.
        found: String,
    },
    /// A file of a load run is not the one that was written.
    #[error("{}: its checksum differs from the one in summary.json: the file was changed", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A saved state cannot be gone on from.
    #[error("{}: {why}", path.display())]
    Checkpoint {
        /// The file, or the directory of the state.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// `scenario.toml` is not the one that was run.
    #[error("{}: not the scenario that was run (its checksum differs)", path.display())]
    Scenario {
        /// The file.
        path: PathBuf,
    },
}

impl ResultsError {
    /// The target was refused before anything was done: the user can ask differently.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(
            self,
            ResultsError::Occupied { .. }
                | ResultsError::Target { .. }
                | ResultsError::Busy { .. }
                | ResultsError::Checkpoint { .. }
        )
    }

    pub(super) fn io(path: &Path, source: std::io::Error) -> ResultsError {
        let path = path.to_path_buf();
        if source.kind() == std::io::ErrorKind::NotFound {
            ResultsError::Missing { path }
        } else {
            ResultsError::Io { path, source }
        }
    }
}
