//! Several parts taken together: whether they belong to one another, and what is still missing.

use super::{Part, Shard, input_file, stated, worlds};
use crate::results::check::as_written;
use crate::results::ownership::kind_of;
use crate::results::reading::text;
use crate::results::scratch::is_marked;
use crate::results::work_area::{KeptFiles, WORK, is_work_area, kept_files};
use crate::results::{Kind, Lock, ResultsError, target};
use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Why parts cannot be merged. Each names the directory or file that is to blame.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PartError {
    /// It is damaged, cannot be read, or is still being made.
    #[error("{0}")]
    Directory(#[from] ResultsError),
    /// It is something else.
    #[error("{}: {why}", path.display())]
    NoPart {
        /// What was named.
        path: PathBuf,
        /// What it is, and what to do.
        why: String,
    },
    /// It does not belong to the others.
    #[error("{}: {what}", path.display())]
    Foreign {
        /// The file that says so.
        path: PathBuf,
        /// How it differs from which other, and what to do.
        what: String,
    },
    /// The same shard twice.
    #[error("{} and {} both hold {shard}: leave one of them out", first.display(), second.display())]
    Doubled {
        /// One.
        first: PathBuf,
        /// The other.
        second: PathBuf,
        /// Which.
        shard: Shard,
    },
    /// Only what unfinished shards kept.
    #[error(
        "no part is named: what an unfinished shard kept does not say which scenario it is of; name one finished part at least"
    )]
    NoScenario,
}

/// Parts that belong together.
#[derive(Debug)]
pub(crate) struct Parts {
    /// What they say of the whole; of the lowest shard, so that their order makes no difference.
    pub first: Part,
    /// The input of the whole.
    pub input: String,
    /// How many there are.
    pub count: usize,
    /// Shards that are not among them.
    pub missing: Vec<Shard>,
    /// Their worlds by key, and those that unfinished shards kept.
    pub kept: KeptFiles,
    /// Work areas of unfinished shards, with the number of worlds in them.
    pub unfinished: Vec<(PathBuf, usize)>,
    /// What killed commands left and was not read.
    pub left_out: Vec<PathBuf>,
    /// Nobody else writes to the work areas meanwhile.
    _locks: Vec<Lock>,
}

/// Takes parts together, in any order. `program` is the sum of this executable: worlds of another one may be otherwise.
///
/// # Errors
/// [`PartError`]; nothing was changed.
pub(crate) fn gather(paths: &[PathBuf], program: &str) -> Result<Parts, PartError> {
    let mut parts: Vec<(PathBuf, Part)> = Vec::new();
    let (mut unfinished, mut left_out, mut locks) = (Vec::new(), Vec::new(), Vec::new());
    let mut areas = KeptFiles::new();
    for path in paths {
        if is_work_area(path) {
            once(path, unfinished.iter().map(|(path, _)| path))?;
            locks.extend(unless_read_only(Lock::take(&target::normalised(&path.with_extension(""))?))?);
            let kept = kept_files(path)?;
            unfinished.push((path.clone(), kept.len()));
            areas.extend(kept);
        } else if is_marked(path) {
            left_out.push(path.clone());
        } else {
            parts.push((path.clone(), whole(path)?));
        }
    }
    // In whatever order they are named, the lowest shard speaks for the whole.
    parts.sort_by_key(|(_, part)| part.shard);
    let Some((first_path, first)) = parts.first().cloned() else { return Err(PartError::NoScenario) };
    for (path, part) in &parts {
        of_this_program(path, part, program)?;
        same_whole((&first_path, &first), (path, part))?;
    }
    let twice = parts.iter().zip(parts.iter().skip(1)).find(|(a, b)| a.1.shard == b.1.shard);
    if let Some(((first, _), (second, part))) = twice {
        return Err(PartError::Doubled { first: first.clone(), second: second.clone(), shard: part.shard });
    }
    let mut kept = areas;
    for (path, _) in &parts {
        kept.extend(worlds(path)?);
    }
    let there: BTreeSet<Shard> = parts.iter().map(|(_, part)| part.shard).collect();
    let all = (1..=first.shard.of).map(|number| Shard { number, of: first.shard.of });
    Ok(Parts {
        input: text(&first_path, input_file(first.of))?,
        count: parts.len(),
        missing: all.filter(|shard| !there.contains(shard)).collect(),
        first,
        kept,
        unfinished,
        left_out,
        _locks: locks,
    })
}

/// Refuses a work area that is named a second time.
fn once<'a>(path: &Path, mut before: impl Iterator<Item = &'a PathBuf>) -> Result<(), PartError> {
    let real = fs::canonicalize(path).ok();
    if let Some(other) = before.find(|other| real.is_some() && fs::canonicalize(other).ok() == real) {
        let why = if other == path { "it is named twice".to_string() } else { format!("it is {}", other.display()) };
        return Err(PartError::NoPart { path: path.to_path_buf(), why: format!("{why}: leave one of them out") });
    }
    Ok(())
}

/// A lock, or none where nothing can be written: what is there is whole, whoever else may write there.
fn unless_read_only(lock: Result<Lock, ResultsError>) -> Result<Option<Lock>, ResultsError> {
    match lock {
        Err(ResultsError::Io { source, .. })
            if matches!(source.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) =>
        {
            Ok(None)
        }
        lock => lock.map(Some),
    }
}

fn of_this_program(path: &Path, part: &Part, program: &str) -> Result<(), PartError> {
    if part.program_blake3 == program {
        return Ok(());
    }
    let what = format!(
        "another program made it ({}), and its worlds may be otherwise: merge it with the program that made it, or run its shard again \
         with this one",
        part.origin
            .in_words()
            .into_iter()
            .find(|(name, _)| *name == "Program")
            .map_or_else(String::new, |(_, said)| said)
    );
    Err(PartError::Foreign { path: path.join(super::PART), what })
}

/// A part as it was written, nothing added.
fn whole(path: &Path) -> Result<Part, PartError> {
    let no_part = |why: String| Err(PartError::NoPart { path: path.to_path_buf(), why });
    if !path.is_dir() {
        let there = fs::symlink_metadata(path).is_ok();
        return no_part(
            if there { "it is no directory, so no part" } else { "there is no such directory" }.to_string(),
        );
    }
    match kind_of(path)? {
        Some(Kind::Part) => {}
        Some(other) => return no_part(format!("it holds {other}, not a part: parts are what --shard leaves")),
        None => return no_part("it is not a results directory: parts are what --shard leaves".to_string()),
    }
    let checked = as_written(path)?;
    if let Some(foreign) = checked.foreign.first() {
        return no_part(format!("{foreign} in it was not written by Yuefu: move it away, or run the shard again"));
    }
    let Some(part) = stated(path) else {
        return no_part(format!("this program cannot read its {}: run the shard again", super::PART));
    };
    Ok(part)
}

/// Two parts are of one whole.
fn same_whole(first: (&Path, &Part), other: (&Path, &Part)) -> Result<(), PartError> {
    let ((first_path, a), (path, b)) = (first, other);
    let foreign = |file: &str, what: String| {
        let what = format!("{what} than {}: merge parts of one whole", first_path.display());
        Err(PartError::Foreign { path: path.join(file), what })
    };
    if a.of != b.of {
        return foreign(super::PART, format!("it is a part of {}, of another kind", b.of));
    }
    if a.shard.of != b.shard.of {
        return foreign(super::PART, format!("it is {}, another division", b.shard));
    }
    if (a.seeds, a.long_run) != (b.seeds, b.long_run) {
        return foreign(super::PART, "it has another --seeds or --long-run".to_string());
    }
    if a.input_blake3 != b.input_blake3 {
        return foreign(input_file(b.of), "it is a part of another scenario (its input differs)".to_string());
    }
    Ok(())
}

/// Refuses parts that the whole would take the place of, and the work area that is the whole's own.
///
/// # Errors
/// [`PartError::NoPart`] names it.
pub(crate) fn apart(paths: &[PathBuf], out: &Path) -> Result<(), PartError> {
    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let there = fs::canonicalize(out).ok();
    let own_area = fs::canonicalize(parent).ok().zip(out.file_name()).map(|(parent, name)| {
        let target = there.clone().unwrap_or_else(|| parent.join(name));
        target::beside(&target, WORK)
    });
    for path in paths {
        let Ok(real) = fs::canonicalize(path) else { continue };
        let no_part = |why: &str| Err(PartError::NoPart { path: path.clone(), why: why.to_string() });
        if there.as_ref().is_some_and(|there| real.starts_with(there)) {
            return no_part("the whole would take its place: choose another --out");
        }
        if own_area.as_ref() == Some(&real) {
            return no_part("it is kept for this very --out, and is taken without being named: leave it out");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_nothing_can_be_written_no_lock_is_wanted() {
        let said = |kind: ErrorKind| ResultsError::Io { path: PathBuf::from(".a.yuefu-lock"), source: kind.into() };
        for kind in [ErrorKind::PermissionDenied, ErrorKind::ReadOnlyFilesystem] {
            assert!(unless_read_only(Err(said(kind))).is_ok_and(|lock| lock.is_none()));
        }
        assert!(unless_read_only(Err(said(ErrorKind::StorageFull))).is_err());
        let busy = ResultsError::Busy { path: PathBuf::from("a"), holder: "process 1".to_string() };
        assert!(unless_read_only(Err(busy)).is_err(), "somebody writes there");
        let home = tempfile::tempdir().expect("a directory");
        assert!(unless_read_only(Lock::take(&home.path().join("a"))).is_ok_and(|lock| lock.is_some()));
    }
}
