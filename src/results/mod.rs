//! The run directory.

pub mod export;
