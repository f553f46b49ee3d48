//! A directory of warm-ups that are kept, a state each, under a name that follows from what it is of. Several processes may use one
//! directory: who writes a state holds its lock, and a state is there when its manifest is.

use super::super::scratch::{claim, is_marked};
use super::super::{Lock, ResultsError};
use super::saved::{SavedState, StateKey, is_finished, remove};
use std::fs;
use std::path::{Path, PathBuf};

/// A directory of warm-ups.
#[derive(Clone, Debug)]
pub(crate) struct WarmArea {
    directory: PathBuf,
}

/// A kept warm-up, as a list shows it.
#[derive(Debug)]
pub(crate) struct WarmEntry {
    /// Name of its directory.
    pub name: String,
    /// What it is.
    pub standing: WarmStanding,
}

/// What a kept warm-up is.
#[derive(Debug)]
pub(crate) enum WarmStanding {
    /// Every file is the one that was written.
    Whole(Box<SavedState>),
    /// What is wrong with it.
    Damaged(ResultsError),
    /// It is being written, or was when its process ended. The next who wants it makes it anew.
    Unfinished {
        /// What is there of it.
        bytes: u64,
    },
}

impl WarmArea {
    /// The directory at a path, made if nothing is there.
    ///
    /// # Errors
    /// [`ResultsError::Target`] when something is there that is not ours.
    pub(crate) fn make(path: &Path) -> Result<WarmArea, ResultsError> {
        let refused = |why: String| ResultsError::Target { path: path.to_path_buf(), why };
        fs::create_dir_all(path).map_err(|error| refused(format!("no warm-ups can be kept there: {error}")))?;
        if !claim(path)? {
            return Err(refused("it is no directory of warm-ups: name another, or one that is empty".to_string()));
        }
        Ok(WarmArea { directory: path.to_path_buf() })
    }

    /// The directory at a path, if it is one of warm-ups.
    pub(crate) fn there(path: &Path) -> Option<WarmArea> {
        is_marked(path).then(|| WarmArea { directory: path.to_path_buf() })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.directory
    }

    /// Where the state of a key lies.
    pub(crate) fn directory_of(&self, key: &StateKey) -> PathBuf {
        let StateKey { scenario, rows, program } = key;
        let text = format!("{scenario} {rows} {}", program.as_deref().unwrap_or_default());
        self.directory.join(format!("warm-{}", &blake3::hash(text.as_bytes()).to_hex()[..16]))
    }

    /// The state of a key, if it is there.
    ///
    /// # Errors
    /// What is wrong with its manifest.
    pub(crate) fn get(&self, key: &StateKey) -> Result<Option<SavedState>, ResultsError> {
        let place = self.directory_of(key);
        if !is_finished(&place) {
            return Ok(None);
        }
        let state = SavedState::open(&place)?;
        let why = super::unlike(&state, key);
        why.map_or(Ok(Some(state)), |why| Err(ResultsError::Checkpoint { path: place, why }))
    }

    /// The right to write the state of a key, while what is returned lives; `None` when another process writes it now, or has written it since
    /// this one looked. A state that this one has found damaged is written anew. What is left of a former one is gone then.
    ///
    /// # Errors
    /// From the file system.
    pub(crate) fn begin(&self, key: &StateKey, is_damaged: bool) -> Result<Option<Lock>, ResultsError> {
        let place = self.directory_of(key);
        let lock = match Lock::take(&place) {
            Ok(lock) => lock,
            Err(ResultsError::Busy { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        if !is_damaged && matches!(self.get(key), Ok(Some(_))) {
            return Ok(None);
        }
        if place.is_dir() {
            remove(&place)?;
        }
        fs::create_dir_all(&place).map_err(|e| ResultsError::io(&place, e))?;
        Ok(Some(lock))
    }

    /// All that is there, each file read and checked.
    ///
    /// # Errors
    /// From the file system.
    pub(crate) fn list(&self) -> Result<Vec<WarmEntry>, ResultsError> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(&self.directory).map_err(|e| ResultsError::io(&self.directory, e))? {
            let entry = entry.map_err(|e| ResultsError::io(&self.directory, e))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if !name.starts_with("warm-") || !entry.path().is_dir() {
                continue;
            }
            let standing = if is_finished(&entry.path()) {
                let state = SavedState::open(&entry.path()).and_then(|state| state.check().map(|()| state));
                state.map_or_else(WarmStanding::Damaged, |state| WarmStanding::Whole(Box::new(state)))
            } else {
                WarmStanding::Unfinished { bytes: bytes_in(&entry.path()) }
            };
            entries.push(WarmEntry { name, standing });
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }
}

/// Bytes of the files of a directory that can be seen: another process may write there.
fn bytes_in(directory: &Path) -> u64 {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.metadata().ok()).map(|file| file.len()).sum()
}
