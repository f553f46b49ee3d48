//! A run directory while it is being made, of either clock: `DIR.partial` until the last file is in, then renamed.

use super::{ResultsError, RunRecord, writing};
use std::fs;
use std::path::{Path, PathBuf};

/// `DIR.partial` under construction. Dropped without [`RunDirectory::commit`], it is removed again, so an interrupted
/// run leaves nothing.
#[derive(Debug)]
pub(crate) struct RunDirectory {
    target: PathBuf,
    partial: PathBuf,
    committed: bool,
}

impl RunDirectory {
    /// Starts a directory. A left-over `DIR.partial` of a killed run is cleared.
    ///
    /// # Errors
    /// [`ResultsError::Occupied`] when the target exists and is neither empty nor a run directory.
    pub(crate) fn create(target: &Path) -> Result<RunDirectory, ResultsError> {
        if !replaceable(target)? {
            return Err(ResultsError::Occupied { path: target.to_path_buf() });
        }
        let partial = beside(target, "partial");
        if partial.exists() {
            fs::remove_dir_all(&partial).map_err(|e| ResultsError::io(&partial, e))?;
        }
        fs::create_dir_all(&partial).map_err(|e| ResultsError::io(&partial, e))?;
        Ok(RunDirectory { target: target.to_path_buf(), partial, committed: false })
    }

    /// Where files go until the commit.
    pub(crate) fn path(&self) -> &Path {
        &self.partial
    }

    /// Writes all files of a record of the virtual clock. (For the wall clock: [`super::load::write_into`],
    /// for a suite: [`super::suite::write_into`].)
    ///
    /// # Errors
    /// From the file system.
    pub(crate) fn write(&self, record: &RunRecord) -> Result<(), ResultsError> {
        writing::write_all(&self.partial, record)
    }

    /// Writes `timing.json` again: only when the report is drawn is it known how long all of it took.
    ///
    /// # Errors
    /// From the file system.
    pub(crate) fn write_timing(&self, record: &RunRecord) -> Result<(), ResultsError> {
        writing::write_timing(&self.partial, record)
    }

    /// Renames `DIR.partial` to `DIR`; a former run there gives way.
    ///
    /// # Errors
    /// From the file system; the former run stays when the rename fails.
    pub(crate) fn commit(mut self) -> Result<(), ResultsError> {
        let former = beside(&self.target, "former");
        let had_former = self.target.exists();
        if had_former {
            fs::rename(&self.target, &former).map_err(|e| ResultsError::io(&self.target, e))?;
        }
        if let Err(error) = fs::rename(&self.partial, &self.target) {
            if had_former {
                fs::rename(&former, &self.target).map_err(|e| ResultsError::io(&former, e))?;
            }
            return Err(ResultsError::io(&self.partial, error));
        }
        self.committed = true;
        if had_former {
            fs::remove_dir_all(&former).map_err(|e| ResultsError::io(&former, e))?;
        }
        Ok(())
    }
}

impl Drop for RunDirectory {
    fn drop(&mut self) {
        if !self.committed {
            // Nobody is left to tell; the next run clears it.
            let _ = fs::remove_dir_all(&self.partial);
        }
    }
}

fn beside(target: &Path, ending: &str) -> PathBuf {
    let mut name = target.as_os_str().to_os_string();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

/// Absent, empty, or a former run.
fn replaceable(target: &Path) -> Result<bool, ResultsError> {
    if !target.exists() {
        return Ok(true);
    }
    if !target.is_dir() {
        return Ok(false);
    }
    let virtual_run = target.join("result.json").is_file() && target.join("provenance.json").is_file();
    let coverage = target.join("coverage.json").is_file() && target.join("coverage.csv").is_file();
    if virtual_run
        || coverage
        || super::load::is_load_run(target)
        || super::suite::is_suite(target)
        || super::products::is_products(target)
        || super::scoring::is_scoring(target)
    {
        return Ok(true);
    }
    let mut entries = fs::read_dir(target).map_err(|e| ResultsError::io(target, e))?;
    Ok(entries.next().is_none())
}
