//! The directory that a shard leaves: some of the worlds of a suite, a coverage experiment or a comparison of products, which
//! `yuefu merge` takes in.
//!
//! | file | holds |
//! |---|---|
//! | `part.json` | of what it is a part, which shard of how many, the program, the sum of the input, how many worlds, the origin |
//! | `scenario.toml` | the resolved input of a suite or of a coverage experiment |
//! | `comparison.json` | the input of a comparison: the products' resolved scenarios, published facts, assumptions, questions |
//! | `worlds/KEY.json` | a finished world each (of a comparison: the worlds of some people), as the work area keeps it |
//! | `timing.json` | machine and wall time |
//!
//! It has no hash of its own: the manifest has the sum of every file, and each world's file has its own, too.

mod parts;
mod shard;

pub(crate) use parts::{PartError, Parts, apart, gather};
pub(crate) use shard::Shard;

use super::origin::Named;
use super::reading::json;
use super::work_area::{KeptFiles, kept_files};
use super::{Kind, Origin, ResultsError, Timing, WorkArea};
use crate::results::json::{checksum, text as json_text};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::Path;

const PART: &str = "part.json";
const WORLDS: &str = "worlds";

/// What a part says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    /// What it is a part of: a suite, a coverage experiment or a comparison.
    pub of: Kind,
    /// Name of the scenario.
    pub name: String,
    /// Which shard.
    pub shard: Shard,
    /// Seeds of a coverage experiment; `None` elsewhere.
    pub seeds: Option<u32>,
    /// Replications behind its long-run values.
    pub long_run: Option<u32>,
    /// Files in `worlds/`.
    pub worlds: usize,
    /// BLAKE3 of the input, hex.
    pub input_blake3: String,
    /// BLAKE3 of the executable that made it, hex.
    pub program_blake3: String,
    /// The command that makes the whole without shards.
    pub whole_command: String,
    /// Where it comes from.
    pub origin: Origin,
}

impl Part {
    /// The origin of the whole that it is a part of.
    pub(crate) fn origin_of_the_whole(&self) -> Origin {
        Origin { command: self.whole_command.clone(), ..self.origin.clone() }
    }

    /// The text of `part.json`.
    pub(crate) fn json(&self) -> String {
        json_text(self)
    }
}

/// Name of the file that holds the input of a kind.
fn input_file(of: Kind) -> &'static str {
    if of == Kind::Comparison { "comparison.json" } else { "scenario.toml" }
}

/// The sum of an input.
pub(crate) fn input_sum(input: &str) -> String {
    checksum(input)
}

/// Writes a part into a directory that exists; its worlds, by key, are copied from where they were kept.
///
/// # Errors
/// From the file system.
pub(crate) fn write_into(
    dir: &Path,
    part: &Part,
    input: &str,
    timing: &Timing,
    area: &WorkArea,
    keys: &[String],
) -> Result<(), ResultsError> {
    // A shard of few worlds may have none; an empty directory is in no manifest.
    if !keys.is_empty() {
        let worlds = dir.join(WORLDS);
        fs::create_dir_all(&worlds).map_err(|e| ResultsError::io(&worlds, e))?;
        area.copy_to(&worlds, keys)?;
    }
    let files = [
        (input_file(part.of), input.to_string()),
        ("timing.json", json_text(&Named::new(&part.origin, timing))),
        (PART, part.json()),
    ];
    for (name, text) in files {
        let path = dir.join(name);
        fs::write(&path, text).map_err(|e| ResultsError::io(&path, e))?;
    }
    Ok(())
}

/// What a part directory says of itself, if it is one and can be read. Nothing of it is compared with its manifest.
pub(crate) fn stated(dir: &Path) -> Option<Part> {
    json(dir, PART).ok()
}

/// The worlds of a part directory, by key.
///
/// # Errors
/// From the file system.
pub(crate) fn worlds(dir: &Path) -> Result<KeptFiles, ResultsError> {
    let worlds = dir.join(WORLDS);
    if worlds.is_dir() { kept_files(&worlds) } else { Ok(KeptFiles::new()) }
}

#[cfg(test)]
mod tests;
