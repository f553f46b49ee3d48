//! What tests share. Compiled for tests only.

pub mod fixture;
mod tidy;
