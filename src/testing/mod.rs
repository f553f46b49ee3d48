//! What tests share. Compiled for tests only.

mod tidy;
