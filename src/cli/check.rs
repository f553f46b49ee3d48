//! `yuefu check`: reads scenarios with all their models and shows every error with its place, or "ok".

use std::path::PathBuf;

use crate::scenario::{Overrides, read_scenario};

/// Checks each scenario file and prints "ok" for it on standard output, or all its errors on standard error. Returns
/// whether every one is valid.
pub(crate) fn run(paths: &[PathBuf]) -> bool {
    let mut valid = true;
    for path in paths {
        match read_scenario(path, &Overrides::default()) {
            Ok(_) => println!("{}: ok", path.display()),
            Err(errors) => {
                eprintln!("{errors} in {}", path.display());
                valid = false;
            }
        }
    }
    valid
}
