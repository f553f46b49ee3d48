//! Whether a results directory is as it was written, and as a repetition gives it.

use super::manifest::{Kind, Manifest, walk};
use super::ownership::kind_of;
use super::{ResultsError, load, products, scoring};
use std::fs;
use std::path::Path;

/// What a check of a directory's files found, when all of them are as they were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Checked {
    /// What it holds.
    pub kind: Kind,
    /// Files that were compared with the manifest; `None` of a directory of a version that wrote none.
    pub files: Option<usize>,
    /// What lies there and was not written by us.
    pub foreign: Vec<String>,
}

/// Compares every published file with the manifest, byte by byte, and reads those that hold a record.
///
/// # Errors
/// [`ResultsError::Changes`] names every file that differs; others when it is no results directory or does not hold together.
pub(crate) fn as_written(dir: &Path) -> Result<Checked, ResultsError> {
    let Some(kind) = kind_of(dir)? else {
        let why = if dir.exists() { "it is not a results directory" } else { "there is no such directory" };
        return Err(ResultsError::Target { path: dir.to_path_buf(), why: why.to_string() });
    };
    let (mut files, mut foreign) = (None, Vec::new());
    if let Some(manifest) = Manifest::read(dir)? {
        let changes = manifest.changes(dir)?;
        if !changes.is_empty() {
            let changes = changes.iter().map(ToString::to_string).collect();
            return Err(ResultsError::Changes { path: dir.to_path_buf(), changes });
        }
        files = Some(manifest.files.len());
        foreign = manifest.foreign(dir)?;
    }
    match kind {
        Kind::Load => drop(load::read(dir)?),
        Kind::Comparison => drop(products::read(dir)?),
        Kind::Scoring => drop(scoring::read(dir)?),
        // Read by whoever repeats them; a coverage experiment is not read back, and a
        // part by who merges it.
        Kind::Run | Kind::Suite | Kind::Coverage | Kind::Part => {}
    }
    Ok(Checked { kind, files, foreign })
}

/// Names of the files that a repetition writes otherwise than they stand in a directory. `write` writes the repetition's files.
///
/// # Errors
/// From the file system.
pub(crate) fn unlike(
    dir: &Path,
    write: impl FnOnce(&Path) -> Result<(), ResultsError>,
) -> Result<Vec<String>, ResultsError> {
    let again = tempfile::tempdir().map_err(|e| ResultsError::io(dir, e))?;
    write(again.path())?;
    let mut different = Vec::new();
    for file in walk(again.path())? {
        // How long it took is no result.
        if file.ends_with('/') || file == "timing.json" {
            continue;
        }
        let path = again.path().join(&file);
        let fresh = fs::read(&path).map_err(|e| ResultsError::io(&path, e))?;
        if fs::read(dir.join(&file)).ok() != Some(fresh) {
            different.push(file);
        }
    }
    Ok(different)
}
