//! `yuefu report DIR`: draws the report of a run again, from its directory alone.

use crate::report;
use anyhow::Context;
use std::path::{Path, PathBuf};

/// Renders `report.html` and `charts/` in `dir`; returns the path of the page.
///
/// # Errors
/// When `dir` is not a whole run directory (says which file and line), or cannot be written to.
pub(crate) fn run(dir: &Path) -> anyhow::Result<PathBuf> {
    report::render(dir).with_context(|| format!("no report of {}", dir.display()))
}
