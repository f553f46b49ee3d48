//! What tests share. Compiled for tests only.

pub mod fixture;
pub mod story;
mod tidy;
