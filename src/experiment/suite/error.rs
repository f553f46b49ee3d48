//! Why a suite did not come to an end.

use crate::results::ResultsError;

/// Why a suite did not come to an end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SuiteError {
    /// The scenario has no suite.
    #[error("this scenario has no part `[suite]`")]
    NoSuite,
    /// Stopped; finished worlds are kept.
    #[error("interrupted")]
    Interrupted,
    /// A world cannot be kept.
    #[error(transparent)]
    Results(#[from] ResultsError),
    /// The resolved text of the scenario is not one that could be varied.
    #[error("the scenario cannot be varied: {0}")]
    Variations(String),
}
