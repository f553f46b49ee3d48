//! Whose a directory is: what we can prove to have written may be replaced, everything else is left alone.
//!
//! The proof is the manifest: every file in the directory is in it, unchanged. Directories of versions before the manifest are
//! known by the files of their kind, all of them and none beside.

use super::manifest::{self, Kind, MANIFEST, Manifest, is_renewable, walk};
use super::scratch::is_marked;
use super::{ResultsError, target};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// What lies at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nothing, or an empty directory.
    Free,
    /// A result of ours and nothing beside it: these files, and these directories (with `/`).
    Ours {
        /// What it holds.
        kind: Kind,
        /// Everything in it.
        content: Vec<String>,
    },
    /// Something that we cannot prove to have written.
    NotOurs {
        /// Why, in words.
        why: String,
    },
}

/// Names that are listed in a refusal.
const NAMED_MAX: usize = 3;

/// What lies at a path.
///
/// # Errors
/// When it cannot be read.
pub(super) fn judge(dir: &Path) -> Result<Standing, ResultsError> {
    let not_ours = |why: String| Ok(Standing::NotOurs { why });
    match fs::symlink_metadata(dir) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Standing::Free),
        Err(error) => return Err(ResultsError::io(dir, error)),
        Ok(found) if !found.is_dir() => return not_ours("a file of this name is there".to_string()),
        Ok(_) => {}
    }
    let content = walk(dir)?;
    if content.is_empty() {
        return Ok(Standing::Free);
    }
    let manifest = match Manifest::read(dir) {
        Ok(manifest) => manifest,
        Err(ResultsError::Manifest { .. }) => return not_ours(format!("its {MANIFEST} was changed")),
        Err(error) => return Err(error),
    };
    let Some(manifest) = manifest else { return Ok(without_manifest(dir, content)) };
    let mut foreign = manifest.foreign(dir)?;
    foreign.retain(|name| !in_scratch_of_a_report(dir, name));
    if !foreign.is_empty() {
        return not_ours(format!("it holds what Yuefu did not write: {}", listed(&foreign)));
    }
    let changed = manifest.changes(dir)?.into_iter().filter(|c| c.difference == manifest::Difference::Changed);
    let changed: Vec<String> = changed.map(|change| change.file).collect();
    if changed.is_empty() {
        Ok(Standing::Ours { kind: manifest.kind, content })
    } else {
        not_ours(format!("it was changed since it was written: {}", listed(&changed)))
    }
}

/// What a killed `yuefu report` left inside a results directory.
fn in_scratch_of_a_report(dir: &Path, name: &str) -> bool {
    let first = name.split('/').next().unwrap_or(name);
    is_scratch_of_a_report(OsStr::new(first)) && is_marked(&dir.join(first))
}

/// Name of the scratch of a report.
pub(crate) const REPORT_SCRATCH: &str = ".yuefu-report";

fn is_scratch_of_a_report(name: &OsStr) -> bool {
    super::scratch::is_random_name(name, OsStr::new(REPORT_SCRATCH), super::scratch::PARTIAL)
}

/// Clears what killed reports left inside a directory. Its lock must be held.
///
/// # Errors
/// From the file system.
pub(crate) fn clear_report_scratch(dir: &Path) -> Result<(), ResultsError> {
    for entry in fs::read_dir(dir).map_err(|e| ResultsError::io(dir, e))? {
        let entry = entry.map_err(|e| ResultsError::io(dir, e))?;
        if is_scratch_of_a_report(&entry.file_name()) && is_marked(&entry.path()) {
            super::scratch::clear(&entry.path())?;
        }
    }
    Ok(())
}

fn listed(names: &[String]) -> String {
    let mut text = names.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > NAMED_MAX {
        text.push_str(&format!(" and {} more", names.len() - NAMED_MAX));
    }
    text
}

/// Files that every directory of a kind has, and others that it may have.
const FILES: [(Kind, &[&str], &[&str]); 6] = [
    (
        Kind::Run,
        &[
            "result.json",
            "provenance.json",
            "scenario.toml",
            "timing.json",
            "monthly.csv",
            "journal.csv",
            "trial_balance.csv",
        ],
        &[
            "declines.csv",
            "transitions.csv",
            "postings.csv",
            "funnel.csv",
            "vintages.csv",
            "cohorts.csv",
            "hosts.csv",
            "groups.csv",
            "ecl.csv",
        ],
    ),
    (
        Kind::Suite,
        &["suite.json", "worlds.csv", "monthly.csv", "scenario.toml", "timing.json", "distributions.csv"],
        &[
            "variance.csv",
            "comparisons.csv",
            "segments.csv",
            "reverse.csv",
            "sensitivity.csv",
            "view_sums.csv",
            "views.csv",
            "early_warning.csv",
            "attribution.csv",
        ],
    ),
    (
        Kind::Comparison,
        &["products.json", "sums.json", "rows.csv", "worlds.csv", "timing.json"],
        &["stress.csv", "questions.csv", "prices.csv", "refused_loans.csv", "assumptions.csv"],
    ),
    (Kind::Coverage, &["coverage.json", "coverage.csv", "scenario.toml"], &[]),
    (Kind::Scoring, &["ltv.json", "ltv-targeting.toml", "scores.csv", "deciles.csv"], &["stability.csv"]),
    (Kind::Load, &["summary.json", "timeseries.csv", "run.hlog", "totals.hlog", "scenario.toml", "junit.xml"], &[]),
];

/// The kind of a directory without a manifest, when it has every file of it.
fn kind_of_an_earlier_version(dir: &Path) -> Option<Kind> {
    let has_all = |(_, needed, _): &&(Kind, &[&str], &[&str])| needed.iter().all(|name| dir.join(name).is_file());
    FILES.iter().find(has_all).map(|(kind, ..)| *kind)
}

fn without_manifest(dir: &Path, content: Vec<String>) -> Standing {
    let Some(kind) = kind_of_an_earlier_version(dir) else {
        let why = format!("it is not a results directory; it holds {}", listed(&content));
        return Standing::NotOurs { why };
    };
    let foreign: Vec<String> = content.iter().filter(|name| !belongs(kind, name)).cloned().collect();
    let why = if foreign.is_empty() {
        format!("it holds {kind} without {MANIFEST}, so nothing shows that it is as it was written")
    } else {
        format!("it holds what Yuefu did not write: {}", listed(&foreign))
    };
    Standing::NotOurs { why }
}

fn belongs(kind: Kind, name: &str) -> bool {
    let known = FILES.iter().filter(|(of, ..)| *of == kind).flat_map(|(_, needed, more)| needed.iter().chain(*more));
    is_renewable(name)
        || name == "charts/"
        || known.copied().any(|known| known == name)
        || match kind {
            Kind::Load => name.ends_with(".hgrm") && !name.contains('/'),
            Kind::Comparison => name == "scenarios/" || name.starts_with("scenarios/") && name.ends_with(".toml"),
            _ => false,
        }
}

/// What a results directory holds: what its manifest says, or what its files show.
///
/// # Errors
/// When its manifest was changed or cannot be read.
pub(crate) fn kind_of(dir: &Path) -> Result<Option<Kind>, ResultsError> {
    Ok(Manifest::read(dir)?.map(|manifest| manifest.kind).or_else(|| kind_of_an_earlier_version(dir)))
}

/// Removes a former result, file by file. What came into it meanwhile stays, under a number; returns where.
///
/// # Errors
/// From the file system.
pub(super) fn retire(former: &Path, target: &Path) -> Result<Option<PathBuf>, ResultsError> {
    match judge(former)? {
        Standing::Free => {}
        Standing::NotOurs { .. } => return aside(former, target).map(Some),
        Standing::Ours { content, .. } => {
            // The manifest goes last: what a crash leaves is still known as ours.
            let (last, first): (Vec<&String>, Vec<&String>) = content.iter().partition(|name| *name == MANIFEST);
            let (directories, files): (Vec<&String>, Vec<&String>) = first.into_iter().partition(|n| n.ends_with('/'));
            let remove = |name: &String| {
                let path = former.join(name);
                fs::remove_file(&path).map_err(|e| ResultsError::io(&path, e))
            };
            files.into_iter().try_for_each(remove)?;
            // Inner ones first. One that is not empty holds something new.
            directories.into_iter().rev().for_each(|name| drop(fs::remove_dir(former.join(name))));
            last.into_iter().try_for_each(remove)?;
        }
    }
    match fs::remove_dir(former) {
        Ok(()) => Ok(None),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(_) => aside(former, target).map(Some),
    }
}

/// Moves what lies at a path to the next free number of a target.
///
/// # Errors
/// From the file system.
pub(super) fn aside(from: &Path, target: &Path) -> Result<PathBuf, ResultsError> {
    let to = target::numbered(target);
    fs::rename(from, &to).map_err(|e| ResultsError::io(from, e))?;
    Ok(to)
}
