//! Why a report cannot be made.

use crate::results::ResultsError;
use std::path::PathBuf;

/// Why a report cannot be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReportError {
    /// The run directory cannot be read.
    #[error(transparent)]
    Results(#[from] ResultsError),
    /// A coverage experiment has no page.
    #[error("a coverage experiment has no page: coverage.json and coverage.csv hold all of it")]
    NoPage,
    /// A part has no page.
    #[error("a part has no page: `yuefu merge` makes the whole of it and the others, with its report")]
    NoPageOfAPart,
    /// The file system said no.
    #[error("{}: {source}", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
    /// A chart cannot be drawn.
    #[error("a chart cannot be drawn: {0}")]
    Drawing(String),
    /// The workbook cannot be made.
    #[error("the workbook cannot be made: {0}")]
    Workbook(String),
}
