//! What is said of a request or a file that names a lender whom a cell does not have.

use crate::base::ids::Lender;

/// A lender that a cell has no engine for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no lender {}: the cell has {lenders}, numbered from 0", lender.0)]
pub struct NoLender {
    /// Who was asked for.
    pub lender: Lender,
    /// Lenders that there are.
    pub lenders: usize,
}
